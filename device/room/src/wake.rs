//! What the device listens to: the phrases of the configuration, each with what was learnt about it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use xswarm_wake::{
    Detector, Head, HeadError, Sensitivity,
    speech::Voice,
    training::{Course, train},
};

use crate::config::Config;

/// The phrase that silences a timer, and is nothing else.
pub const STOP: &str = "stop";

/// What everybody has: for these phrases nothing need be learnt first.
const COMES_WITH: [(&str, &[u8]); 2] = [
    ("hey boss", include_bytes!("../../wake/heads/hey-boss.head")),
    (STOP, include_bytes!("../../wake/heads/stop.head")),
];

/// Hears the configured phrases; nothing where none is configured.
pub fn detector(config: &Config) -> Result<Option<Detector>> {
    let heads_dir = config.heads_dir();
    let sensitivity = |phrase: &str| {
        let wake = &config.wake;
        Sensitivity::new(if phrase == STOP { wake.stop_sensitivity } else { wake.sensitivity }).unwrap_or_default()
    };
    let heads = config.wake.phrases.iter().map(|phrase| Ok((head(&heads_dir, phrase)?, sensitivity(phrase))));
    let heads = heads.collect::<Result<Vec<_>>>()?;
    if heads.is_empty() {
        return Ok(None);
    }
    Ok(Some(Detector::new(heads)?))
}

/// What was learnt about a phrase: on this device, else what it came with.
fn head(heads_dir: &Path, phrase: &str) -> Result<Head> {
    let path = head_path(heads_dir, phrase);
    let brought = COMES_WITH.iter().find(|(known, _)| *known == phrase).map(|(_, head)| *head);
    if path.exists() {
        let bytes = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        match Head::from_bytes(&bytes) {
            // An update must not leave the room deaf.
            Err(error @ HeadError::Version { .. }) if brought.is_some() => {
                log::warn!("{}: {error}; until then the one that this program brings is used", path.display());
            }
            read => return read.with_context(|| path.display().to_string()),
        }
    }
    let Some(brought) = brought else {
        bail!("nothing was learnt about \"{phrase}\" yet: xswarm-room train \"{phrase}\"");
    };
    Ok(Head::from_bytes(brought)?)
}

fn head_path(heads_dir: &Path, phrase: &str) -> PathBuf {
    heads_dir.join(format!("{}.head", phrase.split_whitespace().collect::<Vec<_>>().join("-")))
}

/// Learns a phrase from synthetic voices. Where it lies then. One that is not installed is an error that says what brings it.
pub fn learn(config: &Config, phrase: &str, effort: f32, report: &(dyn Fn(String) + Sync)) -> Result<PathBuf> {
    let head = train(phrase, &Course { voices: Voice::training(), effort, seed: 1, cache: None }, report)?;
    let path = head_path(&config.heads_dir(), head.phrase());
    crate::files::write(&path, &head.to_bytes()).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_phrases_are_there_and_others_are_learnt_first() {
        let directory = tempfile::tempdir().unwrap();
        for (phrase, _) in COMES_WITH {
            assert_eq!(head(directory.path(), phrase).unwrap().phrase(), phrase);
        }
        let words = head(directory.path(), "hey computer").unwrap_err().to_string();
        assert!(words.contains("xswarm-room train \"hey computer\""), "{words}");
        fs::write(directory.path().join("hey-computer.head"), "x").unwrap();
        let words = format!("{:#}", head(directory.path(), "hey computer").unwrap_err());
        assert!(words.contains("hey-computer.head"), "{words}");
        let (phrase, brought) = COMES_WITH[0];
        let mut older = brought.to_vec();
        older[b"xswarm-wake\0".len()] = 1;
        fs::write(head_path(directory.path(), phrase), older).unwrap();
        assert_eq!(head(directory.path(), phrase).unwrap().phrase(), phrase, "the one that it brings");
    }

    #[test]
    fn without_phrases_nothing_listens() {
        let config = Config::from_toml("[wake]\nphrases = []\n").unwrap();
        assert!(detector(&config).unwrap().is_none());
    }
}
