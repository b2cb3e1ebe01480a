//! `xswarm status`: what the hub is doing and whether texting works.

use xswarm_core::admin::{Counts, Listeners, LlmState, MailState, Readiness, SmsState, Status, VoiceState};

use crate::{
    client::{Client, Request},
    failure::Exit,
    household::Household,
    screen::{Screen, Tone},
    table::{Cell, pairs},
    when::{View, length},
};

use super::answer;

pub(super) async fn status(hub: &Client, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let Some(document) = answer(hub, Request::get("/api/status"), screen).await? else { return Ok(Exit::Done) };
    let status: Status = document.read()?;
    let household = Household::fetch(hub).await?;
    let zone = household.admin().map_or(chrono_tz::UTC, |admin| admin.timezone);
    let view = View { now: status.now, zone };
    let up = format!(
        "{}, up for {}, since {} {zone}",
        status.version,
        length(status.now - status.started_at),
        view.moment(status.started_at)
    );
    let config = status.config_path.as_deref().unwrap_or("none, defaults");
    let counts = &status.counts;
    pairs(
        screen,
        [
            ("hub", up.into()),
            ("texting", texting(&status.sms, &status.listeners)),
            ("mail", mail(&status.mail)),
            ("model", model(&status.llm)),
            ("voice", voice(&status.voice)),
            ("persons", counts.users.to_string().into()),
            ("calendar", calendar(counts).into()),
            ("jobs", jobs(counts)),
            ("messages", messages(counts)),
            ("listeners", listeners(&status.listeners).into()),
            ("state", status.state_dir.as_str().into()),
            ("settings", config.into()),
        ],
    )?;
    Ok(Exit::Done)
}

fn model(llm: &LlmState) -> Cell {
    match (&llm.provider, &llm.model) {
        (Some(_), _) if !llm.missing.is_empty() => {
            let missing = llm.missing.join(", ");
            Cell::toned(format!("not set up; missing: {missing}. Run `xswarm setup`"), Tone::Warning)
        }
        (Some(provider), Some(model)) => Cell::toned(format!("{model} of {provider}"), Tone::Good),
        (None | Some(_), _) => "off".into(),
    }
}

fn voice(voice: &VoiceState) -> Cell {
    let Some(wanted) = voice.engines.first() else { return "off".into() };
    match voice.engines.iter().find(|engine| engine.readiness == Readiness::Ready) {
        Some(taker) if taker == wanted => Cell::toned(format!("{} takes calls", taker.name), Tone::Good),
        Some(taker) => {
            let words = match wanted.readiness {
                Readiness::Loading => "is being loaded",
                Readiness::Away | Readiness::Ready => "cannot. Run `xswarm doctor`",
            };
            Cell::toned(format!("{} takes calls, for {} {words}", taker.name, wanted.name), Tone::Warning)
        }
        None if wanted.readiness == Readiness::Loading => {
            Cell::toned(format!("{} is being loaded; nobody takes calls", wanted.name), Tone::Warning)
        }
        None => Cell::toned("no engine can take calls. Run `xswarm doctor`", Tone::Bad),
    }
}

fn texting(sms: &SmsState, listeners: &Listeners) -> Cell {
    if !sms.configured {
        let missing = sms.missing.join(", ");
        return Cell::toned(format!("not set up; missing: {missing}. Run `xswarm setup`"), Tone::Warning);
    }
    let number = sms.phone_number.as_ref().map(|number| format!(" at {number}")).unwrap_or_default();
    match listeners.public_url {
        Some(_) => Cell::toned(format!("on{number}"), Tone::Good),
        None => Cell::toned(
            format!("on{number}, but texts are fetched only every few minutes: no public address. Run `xswarm setup`"),
            Tone::Warning,
        ),
    }
}

fn mail(mail: &MailState) -> Cell {
    match (&mail.provider, &mail.address) {
        (Some(provider), Some(address)) => Cell::toned(format!("on, from {address} through {provider}"), Tone::Good),
        (Some(_), None) | (None, _) if !mail.missing.is_empty() => {
            Cell::toned(format!("not set up; missing: {}. Run `xswarm setup`", mail.missing.join(", ")), Tone::Warning)
        }
        (Some(_), None) | (None, _) => "off".into(),
    }
}

fn calendar(counts: &Counts) -> String {
    format!("{}, {} to come", counted(counts.appointments, "appointment"), counted(counts.reminders, "reminder"))
}

fn jobs(counts: &Counts) -> Cell {
    match counts.jobs_dead {
        0 => format!("{} open", counts.jobs).into(),
        dead => {
            Cell::toned(format!("{} open, {dead} given up. See `xswarm jobs --state dead`", counts.jobs), Tone::Bad)
        }
    }
}

fn messages(counts: &Counts) -> Cell {
    match counts.messages_unknown {
        0 => "the fate of every message is known".into(),
        unknown => Cell::toned(
            format!("{} of unknown fate. See `xswarm messages --status unknown`", counted(unknown, "message")),
            Tone::Bad,
        ),
    }
}

fn listeners(listeners: &Listeners) -> String {
    let url = listeners.public_url.as_ref().map(|url| format!(" ({url})")).unwrap_or_default();
    let Listeners { public, lan, secure, voice, supervisor, admin, .. } = listeners;
    format!("public {public}{url}, lan {lan}, secure {secure}, voice {voice}, supervisor {supervisor}, admin {admin}")
}

/// "3 reminders".
pub(super) fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_counted_in_plain_words() {
        assert_eq!(counted(0, "message"), "0 messages");
        assert_eq!(counted(1, "message"), "1 message");
        let counts = Counts { appointments: 1, reminders: 2, ..Counts::default() };
        assert_eq!(calendar(&counts), "1 appointment, 2 reminders to come");
    }
}
