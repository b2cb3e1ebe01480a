//! `xswarm model`: gets the models that listen and speak on the hub's machine, and shows which are there.
//!
//! This command fetches, not the hub: whoever administers the box sees how far it is and can break it off. The hub is asked
//! where they belong, and told when they have come.

mod place;
mod shown;

use std::path::{Path, PathBuf};

use serde::Serialize;
use xswarm_core::admin::{EngineState, Readiness, Status, VoiceState};
use xswarm_voice::catalogue::{self, Installed, LICENCE, Model, ModelFile, PullError};

use crate::{
    arguments::{ModelPlace, ModelVerb, PullArguments},
    client::{Client, ClientError, Request},
    failure::{Exit, Failure},
    screen::{Screen, Tone},
    table::{Cell, Table},
};

use super::confirmed;
use shown::{Bar, size};

/// What is said where models would be of no use.
const CANNOT_RUN: &str =
    "This hub cannot run them: it was built without them. `make build-gpu` builds one for an NVIDIA GPU.";

/// With `--json`: what was shown in words.
#[derive(Serialize)]
struct Shown {
    directory: String,
    models: Vec<ShownModel>,
}

#[derive(Serialize)]
struct ShownModel {
    name: &'static str,
    /// `whole`, `partly` or `not`.
    here: &'static str,
    bytes_here: u64,
    bytes: u64,
    licence: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<String>,
}

pub(super) async fn model(hub: &Client, verb: ModelVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match verb {
        ModelVerb::Pull(options) => pull(hub, options, screen).await,
        ModelVerb::List(place) => list(hub, place, screen).await,
    }
}

async fn list(hub: &Client, place: ModelPlace, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let (models, runs) = directory(hub, place.directory).await?;
    if screen.json() {
        screen.line(&json(&models, &Model::ALL)?)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["MODEL", "SIZE", "HERE", "FOR"]);
    for model in Model::ALL {
        let here = match model.installed(&models) {
            Installed::Whole { .. } => Cell::toned("yes", Tone::Good),
            Installed::Partly { bytes, .. } => Cell::toned(format!("{} of it", size(bytes)), Tone::Warning),
            Installed::Not => "no".into(),
        };
        table.row([model.name().into(), size(model.bytes()).into(), here, purpose(model).into()]);
    }
    table.write(screen)?;
    screen.line(&format!("They are {LICENCE}."))?;
    screen.line(&format!("They belong in {}; `xswarm model pull` gets them.", models.display()))?;
    if !runs {
        screen.line(CANNOT_RUN)?;
    }
    Ok(Exit::Done)
}

async fn pull(hub: &Client, options: PullArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let told = options.place.directory.is_none();
    let (models, runs) = directory(hub, options.place.directory).await?;
    let further = voices(&options.voices, &options.models)?;
    let mut notice = notice(&options.models, &models);
    if !runs {
        notice = format!("{notice}\n{CANNOT_RUN}");
    }
    if !options.yes {
        screen.line(&notice)?;
        if !confirmed("Get them?", screen)? {
            return Ok(Exit::Failed);
        }
    } else if !screen.json() {
        screen.line(&notice)?;
    }
    place::open_to_the_hub();
    let bar = Bar::new(screen.abilities());
    for model in &options.models {
        let further = if *model == Model::Tts { further.as_slice() } else { &[] };
        let got = catalogue::pull(*model, further, &models, &options.endpoint, |progress| bar.show(*model, progress));
        bar.clear();
        let directory = got.map_err(|error| refused(&error))?;
        place::hand_over(&directory)?;
        if !screen.json() {
            screen.line(&format!("{} is here, whole: {}", model.name(), directory.display()))?;
        }
    }
    if screen.json() {
        screen.line(&json(&models, &options.models)?)?;
        tell(hub, told).await?;
        return Ok(Exit::Done);
    }
    let next = match tell(hub, told).await? {
        Some(voice) => next(&voice),
        None => "The hub loads them when it starts.".to_owned(),
    };
    screen.line(&next)?;
    Ok(Exit::Done)
}

/// Where models belong: as is said, else where the hub looks for them; and whether that hub can run them.
async fn directory(hub: &Client, said: Option<PathBuf>) -> anyhow::Result<(PathBuf, bool)> {
    if let Some(directory) = said {
        return Ok((directory, true));
    }
    let voice = hub.get::<Status>("/api/status").await?.voice;
    Ok((voice.models_dir.into(), voice.runs_models))
}

/// Tells the hub that models have come. One that does not run need not know, if it was not asked where they belong.
async fn tell(hub: &Client, must_run: bool) -> Result<Option<VoiceState>, ClientError> {
    match hub.send(Request::post("/api/voice/retry")).await {
        Ok(document) => document.read().map(Some),
        Err(ClientError::Unreachable { .. }) if !must_run => Ok(None),
        Err(error) => Err(error),
    }
}

/// What is to be done now that models are here.
fn next(voice: &VoiceState) -> String {
    let Some(EngineState { readiness, why, .. }) = voice.engines.iter().find(|engine| engine.name == "moshi") else {
        return "To talk with them, set `engine = \"moshi\"` in [voice] of hub.toml, and run `xswarm reload`."
            .to_owned();
    };
    match (readiness, why) {
        (Readiness::Loading, _) => "The hub loads them now; `xswarm doctor` tells when they are ready.".to_owned(),
        (Readiness::Ready, _) => {
            "The hub goes on with the models that it has loaded; `xswarm reload` makes it load these.".to_owned()
        }
        (Readiness::Away, why) => {
            format!("The hub cannot use them: {}.", why.as_deref().unwrap_or("it does not say why"))
        }
    }
}

fn notice(models: &[Model], directory: &Path) -> String {
    let mut lines: Vec<String> =
        models.iter().map(|model| format!("{} ({}): {}", model.name(), size(model.bytes()), purpose(*model))).collect();
    lines.push(format!("They are {LICENCE}."));
    lines.push(
        "Whoever passes them on, or what they say, must name Kyutai. They are no part of this program.".to_owned(),
    );
    lines.push(format!("They are put into {}.", directory.display()));
    lines.join("\n")
}

/// What a model is for.
fn purpose(model: Model) -> &'static str {
    match model {
        Model::Stt => "speech to text, English and French, half a second behind",
        Model::SttLarge => "speech to text, English, more accurate, 2.5 seconds behind",
        Model::Tts => "text to speech, English and French",
        Model::Moshi => "free conversation",
    }
}

fn voices(names: &[String], models: &[Model]) -> Result<Vec<ModelFile>, Failure> {
    if !names.is_empty() && !models.contains(&Model::Tts) {
        return Err(Failure::usage("voices belong to the model tts", "Say `xswarm model pull tts --voice NAME`."));
    }
    let voice = |name: &String| {
        let next = "They are listed at https://huggingface.co/kyutai/tts-voices; one is vctk/p225_023.wav.";
        catalogue::voice(name).ok_or_else(|| Failure::usage(format!("`{name}` cannot be the name of a voice"), next))
    };
    names.iter().map(voice).collect()
}

fn json(directory: &Path, models: &[Model]) -> serde_json::Result<String> {
    let shown = |model: &Model| {
        let (here, bytes_here, wrong) = match model.installed(directory) {
            Installed::Whole { bytes } => ("whole", bytes, None),
            Installed::Partly { bytes, wrong } => ("partly", bytes, Some(wrong)),
            Installed::Not => ("not", 0, None),
        };
        ShownModel { name: model.name(), here, bytes_here, bytes: model.bytes(), licence: LICENCE, wrong }
    };
    let models = models.iter().map(shown).collect();
    serde_json::to_string(&Shown { directory: directory.display().to_string(), models })
}

fn refused(error: &PullError) -> Failure {
    let next = match &error {
        PullError::NoRoom { .. } => {
            "Free some space, or say where there is some: --directory DIR, and models_dir in [voice.moshi]."
        }
        PullError::Transfer { .. } => {
            "See the Internet connection, then run it again; a mirror is said by --endpoint. A box that is never online gets them \
             from another computer: `xswarm model pull --directory DIR` there, and DIR is copied to models_dir here."
        }
        PullError::Wrong { .. } => "Run it again. If it comes wrong again, the publisher has to be told.",
        PullError::Busy { .. } => "Wait for it, or end it.",
        PullError::Disk { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
            "Run it as the hub's user or as root: `sudo xswarm model pull`."
        }
        PullError::Disk { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            "Free some space, then run it again: it goes on where it broke off."
        }
        PullError::Disk { .. } => "See that the disk can be written.",
    };
    Failure::failed(error.to_string(), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_hub_makes_of_new_models_is_told_with_the_next_step() {
        let told = |readiness, why: Option<&str>| {
            let engine = EngineState { name: "moshi".to_owned(), readiness, why: why.map(str::to_owned) };
            next(&VoiceState { engines: vec![engine], ..VoiceState::default() })
        };
        assert!(next(&VoiceState::default()).contains("engine = \"moshi\""));
        assert!(told(Readiness::Loading, None).contains("xswarm doctor"));
        assert!(told(Readiness::Ready, None).contains("xswarm reload"));
        assert_eq!(told(Readiness::Away, Some("there is no GPU 0")), "The hub cannot use them: there is no GPU 0.");
    }

    #[test]
    fn voices_belong_to_the_model_that_speaks() {
        let names = ["vctk/p225_023.wav".to_owned()];
        assert_eq!(voices(&names, &[Model::Stt, Model::Tts]).unwrap().len(), 1);
        assert!(voices(&names, &[Model::Stt]).is_err());
        assert!(voices(&["../x".to_owned()], &[Model::Tts]).is_err());
        assert_eq!(voices(&[], &[Model::Stt]).unwrap(), []);
    }
}
