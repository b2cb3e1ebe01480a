//! Where words come from. Trust belongs to values, not to turns (G5): text that a person did not freshly write or say
//! themselves carries its source with it, and can never cause an effect.
//!
//! Only the marks are here. Who enforces them asks [`Source::is_own`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::text_enum;

text_enum! {
    /// Where words come from.
    #[derive(PartialOrd, Ord)]
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
        /// Written by another person of the household.
        Member = "member",
        /// Taken over from a calendar or an address book that somebody else made.
        Imported = "imported",
        /// Read in the web.
        Web = "web",
        /// Read in the files of a software project.
        Repository = "repository",
        /// Reported by a program that the Boss used.
        Tool = "tool",
        /// Worded by a language model.
        Model = "model",
        /// Said by the person at another time and told again: worth knowing, but no wish of now.
        Recalled = "recalled",
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
            | Self::Automatic
            | Self::Member
            | Self::Imported
            | Self::Web
            | Self::Repository
            | Self::Tool
            | Self::Model
            | Self::Recalled => false,
        }
    }
}

/// From whom and whence everything comes that went into a value. What is made of several values has the sources of all
/// of them, so that no way through a summary, a memory or an answer makes words trusted that were not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sources(BTreeSet<Source>);

impl Sources {
    /// Of the person's own words, and of what the Boss itself knows.
    pub fn own() -> Self {
        Self::default()
    }

    /// Of one source. Own words are not noted: nothing follows from them.
    pub fn of(source: Source) -> Self {
        Self(if source.is_own() { BTreeSet::new() } else { BTreeSet::from([source]) })
    }

    /// Whether nothing that others wrote went into it.
    pub fn is_own(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the sources of something else.
    pub fn join(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// All of them but the person's own words.
    pub fn iter(&self) -> impl Iterator<Item = Source> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Source> for Sources {
    fn from_iter<T: IntoIterator<Item = Source>>(sources: T) -> Self {
        Self(sources.into_iter().filter(|source| !source.is_own()).collect())
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

/// Where a message of ours says whose words it holds besides the person's own, as [`Sources`].
pub const SOURCES: &str = "sources";

/// Whose words a message of ours holds. A mark that cannot be read is taken for the worst.
pub fn told_in(metadata: &serde_json::Value) -> Sources {
    match metadata.get(SOURCES) {
        None => Sources::own(),
        Some(mark) => serde_json::from_value(mark.clone()).unwrap_or_else(|_unreadable| Sources::of(Source::Unknown)),
    }
}

/// Notes in a message's metadata whose words it holds, unless they are the person's own.
pub fn note(metadata: &mut serde_json::Value, sources: &Sources) {
    if let (Some(facts), false) = (metadata.as_object_mut(), sources.is_own()) {
        facts.insert(SOURCES.to_owned(), serde_json::json!(sources));
    }
}

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
    fn what_is_made_of_several_values_has_the_sources_of_all() {
        let mut sources = Sources::of(Source::Own);
        assert!(sources.is_own());
        sources.join(&[Source::Own, Source::Forwarded].into_iter().collect());
        sources.join(&Sources::of(Source::Web));
        assert_eq!(sources.iter().collect::<Vec<_>>(), [Source::Forwarded, Source::Web]);
        let again: Sources = serde_json::from_str(&serde_json::to_string(&sources).unwrap()).unwrap();
        assert_eq!(again, sources);
    }

    #[test]
    fn what_was_told_is_noted_and_read_back() {
        let mut metadata = serde_json::json!({ "purpose": "reminder" });
        note(&mut metadata, &Sources::own());
        assert!(told_in(&metadata).is_own() && metadata.get(SOURCES).is_none());
        let sources = Sources::of(Source::Imported);
        note(&mut metadata, &sources);
        assert_eq!(told_in(&metadata), sources);
        assert_eq!(told_in(&serde_json::json!({ SOURCES: 7 })), Sources::of(Source::Unknown));
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
