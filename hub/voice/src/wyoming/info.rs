//! What a voice server says about itself: `describe` and `info`.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::connection::{Backoff, Connection, Fault, Server, Service};

/// The program behind an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its name, such as `faster-whisper`.
    pub name: String,
    /// Its version, where it tells one.
    pub version: Option<String>,
    /// Whether it gives its answer, or takes its text, piece by piece.
    pub streaming: bool,
    /// Its voices by name; none of a program that listens.
    pub voices: Vec<String>,
    /// The languages of its models or voices, sorted.
    pub languages: Vec<String>,
}

/// As in `info`; what is not used is left out.
#[derive(Debug, Deserialize)]
struct Listed {
    name: String,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    installed: Option<bool>,
    #[serde(default)]
    models: Vec<Offer>,
    #[serde(default)]
    voices: Vec<Offer>,
    #[serde(default)]
    supports_transcript_streaming: bool,
    #[serde(default)]
    supports_synthesize_streaming: bool,
}

#[derive(Debug, Deserialize)]
struct Offer {
    name: String,
    #[serde(default)]
    languages: Vec<String>,
}

impl Server {
    /// What it is; asked once and again after it failed.
    pub(super) async fn program(&self) -> Result<Arc<Program>, Fault> {
        if let Some(program) = self.known() {
            return Ok(program);
        }
        let mut backoff = Backoff::new(self.limits);
        loop {
            match self.describe().await {
                Ok(program) => {
                    let program = Arc::new(program);
                    self.know(Some(Arc::clone(&program)));
                    return Ok(program);
                }
                Err(fault) => backoff.wait(fault).await?,
            }
        }
    }

    /// Asks it what it is, once.
    pub(super) async fn describe(&self) -> Result<Program, Fault> {
        let mut connection = Connection::open(self).await?;
        connection.put("describe", &Map::new(), &[]);
        let info = async {
            loop {
                let event = connection.next().await?;
                if event.kind == "info" {
                    return Ok(event.data);
                }
            }
        };
        let within = self.limits.greeting;
        let info = timeout(within, info).await.map_err(|_late| self.slow(within))??;
        self.of_info(info)
    }

    /// The first program for this service: the one that answers when none is chosen.
    fn of_info(&self, mut info: Map<String, Value>) -> Result<Program, Fault> {
        let (here, there) = match self.service {
            Service::Stt => ("asr", "tts"),
            Service::Tts => ("tts", "asr"),
        };
        let mut listed = |domain: &str| -> Result<Vec<Listed>, Fault> {
            let value = info.remove(domain).unwrap_or_else(|| Value::Array(Vec::new()));
            serde_json::from_value(value).map_err(|error| self.wrong(format_args!("an `info` that is none ({error})")))
        };
        let Some(first) = listed(here)?.into_iter().next() else {
            let other = listed(there)?.into_iter().next().map(|other| format!(" but {}", other.name));
            let (service, key) = (self.service.name(), self.service.key());
            let (address, other) = (&self.address, other.unwrap_or_default());
            return Err(Fault::Wrong(format!(
                "the server at {address} has no {service}{other}; name another one as `{key}` in [voice]"
            )));
        };
        if first.installed == Some(false) {
            return Err(Fault::Wrong(format!("{} has {}, but not installed: install it", self.name(), first.name)));
        }
        let offers = first.models.iter().chain(&first.voices);
        let mut languages: Vec<String> = offers.flat_map(|offer| offer.languages.iter().cloned()).collect();
        languages.sort_unstable();
        languages.dedup();
        Ok(Program {
            name: first.name,
            version: first.version.filter(|version| !version.is_empty()),
            streaming: match self.service {
                Service::Stt => first.supports_transcript_streaming,
                Service::Tts => first.supports_synthesize_streaming,
            },
            voices: first.voices.into_iter().map(|voice| voice.name).collect(),
            languages,
        })
    }
}

impl Program {
    /// Whether it has what the configuration asks for; otherwise what to do.
    pub(super) fn suits(&self, language: Option<&str>, voice: Option<&str>) -> Result<(), String> {
        let some = |all: &[String]| all.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
        if let Some(voice) = voice
            && !self.voices.is_empty()
            && !self.voices.iter().any(|one| one == voice)
        {
            let (name, voices) = (&self.name, some(&self.voices));
            return Err(format!(
                "{name} has no voice `{voice}`; set `voice` in [voice] to one it has, such as {voices}"
            ));
        }
        if let Some(language) = language
            && voice.is_none()
            && !self.languages.is_empty()
            && self.listed(language).is_none()
        {
            let (name, languages) = (&self.name, some(&self.languages));
            return Err(format!(
                "{name} has no `{language}`; set `language` in [voice] to one it has, such as {languages}"
            ));
        }
        Ok(())
    }

    /// A language as this program writes it: one that wants `en` does not know `en-US`.
    pub(super) fn language(&self, wanted: &str) -> String {
        self.listed(wanted).unwrap_or(wanted).to_owned()
    }

    fn listed(&self, wanted: &str) -> Option<&str> {
        let of = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let exact =
            self.languages.iter().find(|one| one.replace('_', "-").eq_ignore_ascii_case(&wanted.replace('_', "-")));
        exact.or_else(|| self.languages.iter().find(|one| of(one) == of(wanted))).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_asked_for_as_the_server_writes_it() {
        let program = |languages: &[&str]| Program {
            name: "ear".to_owned(),
            version: None,
            streaming: false,
            voices: Vec::new(),
            languages: languages.iter().map(|&one| one.to_owned()).collect(),
        };
        assert_eq!(program(&["de", "en"]).language("en-US"), "en");
        assert_eq!(program(&["en_GB", "en_US"]).language("en-us"), "en_US");
        assert_eq!(program(&["en_GB", "en_US"]).language("en"), "en_GB");
        assert_eq!(program(&["de"]).language("en"), "en");
        assert!(program(&["de"]).suits(Some("en"), None).is_err());
        assert!(program(&[]).suits(Some("en"), Some("bob")).is_ok(), "one that lists nothing may have it");
    }
}
