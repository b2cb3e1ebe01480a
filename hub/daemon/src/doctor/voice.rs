//! Whether calls can be answered: what listens and speaks, and why it does not.

use xswarm_core::admin::{Check, CheckOutcome, EngineState, Readiness};
use xswarm_voice::{Checked, EngineError, Program, Wyoming};

use super::check;
#[cfg(feature = "moshi")]
use crate::voice::Engines;
use crate::{config::VoiceEngine, http::App};

/// Every check of the voice engines.
pub(super) async fn checks(app: &App) -> Vec<Check> {
    let engines = app.calls.engines();
    engines.look().await;
    let state = engines.state();
    if state.engines.is_empty() {
        let fix = "choose one as `engine` in [voice] of hub.toml: \"moshi\" (Kyutai's models on this machine) or \"wyoming\" (any \
                   servers of that protocol)";
        return vec![check(
            "voice",
            CheckOutcome::Skipped,
            "it is off: whoever calls is asked to write, and rooms are not answered",
            Some(fix),
        )];
    }
    let mut checks = vec![next(engines.first().map(|engine| engine.name()), &state.engines)];
    for (kind, engine) in engines.kinds().zip(&state.engines) {
        match kind {
            VoiceEngine::Moshi => {
                checks.push(moshi(engine));
                #[cfg(feature = "moshi")]
                checks.extend(models(engines));
            }
            VoiceEngine::Wyoming => {
                if let Some(servers) = engines.wyoming() {
                    checks.extend(wyoming(servers).await);
                }
            }
            VoiceEngine::Scripted => {
                let cause = "a twin that hears a script and speaks in tones: for trying a line, not for talking";
                let fix = "choose \"moshi\" or \"wyoming\" as `engine` in [voice] of hub.toml";
                checks.push(check("voice scripted", CheckOutcome::Warning, cause, Some(fix)));
            }
        }
    }
    // Without a number the voices are for rooms.
    if app.ours.phone.is_some() {
        checks.extend(reached(app.about.listeners.public_url.as_deref()));
    }
    checks
}

/// Whether calls can come in at all.
fn reached(public_url: Option<&str>) -> Option<Check> {
    let fix = Some("set up a tunnel: `xswarm setup`");
    match public_url {
        None => {
            let cause = "no public_url: Twilio has nowhere to bring calls";
            Some(check("voice line", CheckOutcome::Failed, cause, fix))
        }
        Some(url) if !url.starts_with("https://") => {
            let cause =
                "public_url begins with http: Twilio brings the sound of calls by wss only, so it must be https";
            Some(check("voice line", CheckOutcome::Failed, cause, fix))
        }
        Some(_) => None,
    }
}

/// What takes the next call.
fn next(taker: Option<&str>, all: &[EngineState]) -> Check {
    let wanted = all.first().map_or("", |engine| &engine.name);
    match taker {
        Some(taker) if taker == wanted => check("voice", CheckOutcome::Ok, format!("{taker} takes calls"), None),
        Some(taker) => {
            let cause = format!("{taker} takes calls, for {wanted} cannot");
            check("voice", CheckOutcome::Warning, cause, Some("see what is said of it below"))
        }
        None => {
            let fix = Some("see what is said of them below; until then whoever calls is asked to write");
            check("voice", CheckOutcome::Failed, "no engine can take calls", fix)
        }
    }
}

fn moshi(engine: &EngineState) -> Check {
    let name = "voice moshi";
    match engine.readiness {
        Readiness::Ready => check(name, CheckOutcome::Ok, "its models are loaded", None),
        Readiness::Loading => {
            check(name, CheckOutcome::Skipped, "its models are being loaded", Some("look again in a minute"))
        }
        Readiness::Away => {
            let fix = "it is tried again by itself, after an hour at most; at once with `xswarm model pull` or `xswarm reload`";
            let why = engine.why.clone().unwrap_or_default();
            check(name, CheckOutcome::Failed, why, cfg!(feature = "moshi").then_some(fix))
        }
    }
}

/// What of the models is on this machine.
#[cfg(feature = "moshi")]
fn models(engines: &Engines) -> Vec<Check> {
    use xswarm_voice::catalogue::{Installed, Model};

    let one = |model: Model| {
        let (name, fix) = (format!("voice model {}", model.name()), format!("`xswarm model pull {}`", model.name()));
        match model.installed(engines.models_dir()) {
            Installed::Whole { bytes } => {
                check(&name, CheckOutcome::Ok, format!("all of its files are there, {} MB", bytes / 1_000_000), None)
            }
            Installed::Partly { wrong, .. } => check(&name, CheckOutcome::Failed, wrong, Some(&fix)),
            Installed::Not => check(&name, CheckOutcome::Failed, "it is not on this machine", Some(&fix)),
        }
    };
    engines.models().into_iter().map(one).collect()
}

/// Whether the servers are there, and suit.
async fn wyoming(servers: &Wyoming) -> Vec<Check> {
    let Checked { stt, tts } = servers.check().await;
    let one = |name: &str, key: &str, found: Result<Program, EngineError>| match found {
        Ok(program) => {
            let version = program.version.map(|version| format!(" {version}")).unwrap_or_default();
            check(name, CheckOutcome::Ok, format!("{}{version} is there, and suits", program.name), None)
        }
        Err(error) => {
            let why = match error {
                EngineError::Unavailable(why) => why,
                EngineError::AtCapacity { .. } | EngineError::Died(_) | EngineError::Behind { .. } => error.to_string(),
            };
            let fix = format!("start the server, or correct {key}, language and voice in [voice] of hub.toml");
            check(name, CheckOutcome::Failed, why, Some(&fix))
        }
    };
    vec![one("voice listening", "stt_url", stt), one("voice speaking", "tts_url", tts)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(name: &str, readiness: Readiness) -> EngineState {
        let why = (readiness == Readiness::Away).then(|| "there is no GPU 0".to_owned());
        EngineState { name: name.to_owned(), readiness, why }
    }

    #[test]
    fn it_is_told_who_takes_calls_and_for_whom() {
        let all = [engine("moshi", Readiness::Away), engine("wyoming", Readiness::Ready)];
        let told = |taker| {
            let check = next(taker, &all);
            (check.outcome, check.cause)
        };
        assert_eq!(told(Some("moshi")), (CheckOutcome::Ok, "moshi takes calls".to_owned()));
        let instead = "wyoming takes calls, for moshi cannot".to_owned();
        assert_eq!(told(Some("wyoming")), (CheckOutcome::Warning, instead));
        assert_eq!(told(None), (CheckOutcome::Failed, "no engine can take calls".to_owned()));
    }

    #[test]
    fn an_engine_that_is_away_says_why() {
        let check = moshi(&engine("moshi", Readiness::Away));
        assert_eq!((check.outcome, check.cause.as_str()), (CheckOutcome::Failed, "there is no GPU 0"));
        assert_eq!(moshi(&engine("moshi", Readiness::Loading)).outcome, CheckOutcome::Skipped);
        assert_eq!(moshi(&engine("moshi", Readiness::Ready)).outcome, CheckOutcome::Ok);
    }
}
