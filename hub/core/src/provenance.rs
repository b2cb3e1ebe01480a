//! Where words come from. Trust belongs to values, not to turns (G5): text that a person did not freshly write or say
//! themselves carries its source with it, and can never cause an effect.
//!
//! Only the marks are here. Who enforces them asks [`Source::is_own`].

use serde::{Deserialize, Serialize};

use crate::text_enum;

text_enum! {
    /// Where words come from.
    pub enum Source {
        /// Freshly written by the person who sent them. The only source that may ask for anything.
        Own = "own",
        /// Quoted from an earlier message.
        Quoted = "quoted",
        /// Passed on from somebody else.
        Forwarded = "forwarded",
        /// In a file that came with a message.
        Attachment = "attachment",
        /// The subject of an answer or of something passed on: whoever began the thread wrote it.
        InheritedSubject = "inherited_subject",
        /// Salutation, signature and small print: nobody wrote them for this message.
        Boilerplate = "boilerplate",
        /// Not meant to be seen by the reader.
        Hidden = "hidden",
        /// By somebody unknown, or by somebody who could not be told from a forger.
        Unknown = "unknown",
        /// Sent by a program: an automatic answer, a list, a report.
        Automatic = "automatic",
    }
}

impl Source {
    /// Whether words of this source may ask for something.
    pub const fn is_own(self) -> bool {
        match self {
            Self::Own => true,
            Self::Quoted
            | Self::Forwarded
            | Self::Attachment
            | Self::InheritedSubject
            | Self::Boilerplate
            | Self::Hidden
            | Self::Unknown
            | Self::Automatic => false,
        }
    }
}

/// Words that were merely read, with where they came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tainted {
    /// The words.
    pub text: String,
    /// Where they came from.
    pub source: Source,
}

/// Where a message's metadata says what else stood in it, as a list of [`Tainted`].
pub const TAINTED: &str = "tainted";

/// Where a message's metadata says where its own content comes from, unless it is the sender's own words.
pub const PROVENANCE: &str = "provenance";

/// Where the content of a message comes from: what its metadata says, else the sender's own words. A mark that cannot be
/// read is taken for the worst.
pub fn of_content(metadata: &serde_json::Value) -> Source {
    match metadata.get(PROVENANCE) {
        None => Source::Own,
        Some(mark) => mark.as_str().and_then(|text| text.parse().ok()).unwrap_or(Source::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_words_may_ask_for_something() {
        let own: Vec<_> = Source::ALL.iter().filter(|source| source.is_own()).collect();
        assert_eq!(own, [&Source::Own]);
    }

    #[test]
    fn an_unreadable_mark_is_taken_for_the_worst() {
        let of = |metadata| of_content(&metadata);
        assert_eq!(of(serde_json::json!({})), Source::Own);
        assert_eq!(of(serde_json::json!({ PROVENANCE: "quoted" })), Source::Quoted);
        assert_eq!(of(serde_json::json!({ PROVENANCE: "owned" })), Source::Unknown);
        assert_eq!(of(serde_json::json!({ PROVENANCE: 1 })), Source::Unknown);
    }
}
