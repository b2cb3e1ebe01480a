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

/// What everybody has.
const HEY_BOSS: &[u8] = include_bytes!("../../wake/heads/hey-boss.head");
const HEY_BOSS_PHRASE: &str = "hey boss";

/// Hears the configured phrases; nothing where none is configured.
pub fn detector(config: &Config) -> Result<Option<Detector>> {
    let heads_dir = config.heads_dir();
    let heads = config.wake.phrases.iter().map(|phrase| head(&heads_dir, phrase)).collect::<Result<Vec<_>>>()?;
    if heads.is_empty() {
        return Ok(None);
    }
    let sensitivity = Sensitivity::new(config.wake.sensitivity).unwrap_or_default();
    Ok(Some(Detector::new(heads, sensitivity)?))
}

/// What was learnt about a phrase: on this device, else what it came with.
fn head(heads_dir: &Path, phrase: &str) -> Result<Head> {
    let path = head_path(heads_dir, phrase);
    if path.exists() {
        let bytes = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        match Head::from_bytes(&bytes) {
            // An update must not leave the room deaf.
            Err(error @ HeadError::Version { .. }) if phrase == HEY_BOSS_PHRASE => {
                log::warn!("{}: {error}; until then the one that this program brings is used", path.display());
            }
            read => return read.with_context(|| path.display().to_string()),
        }
    }
    if phrase == HEY_BOSS_PHRASE {
        return Ok(Head::from_bytes(HEY_BOSS)?);
    }
    bail!("nothing was learnt about \"{phrase}\" yet: xswarm-room train \"{phrase}\"")
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
    fn the_first_phrase_is_there_and_others_are_learnt_first() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(head(directory.path(), HEY_BOSS_PHRASE).unwrap().phrase(), HEY_BOSS_PHRASE);
        let words = head(directory.path(), "hey computer").unwrap_err().to_string();
        assert!(words.contains("xswarm-room train \"hey computer\""), "{words}");
        fs::write(directory.path().join("hey-computer.head"), "x").unwrap();
        let words = format!("{:#}", head(directory.path(), "hey computer").unwrap_err());
        assert!(words.contains("hey-computer.head"), "{words}");
        let mut older = HEY_BOSS.to_vec();
        older[b"xswarm-wake\0".len()] = 1;
        fs::write(directory.path().join("hey-boss.head"), older).unwrap();
        assert_eq!(
            head(directory.path(), HEY_BOSS_PHRASE).unwrap().phrase(),
            HEY_BOSS_PHRASE,
            "the one that it brings"
        );
    }

    #[test]
    fn without_phrases_nothing_listens() {
        let config = Config::from_toml("[wake]\nphrases = []\n").unwrap();
        assert!(detector(&config).unwrap().is_none());
    }
}
