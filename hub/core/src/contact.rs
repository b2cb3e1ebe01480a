//! Contacts: people that a person knows, and how they are reached.
//!
//! Each person of the household has contacts of their own. A sender who is a contact is *known*, which is less than
//! being a person of the household: the admin reads their name, and what they write has no effect.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{ContactId, UserId},
    phone::Phone,
    provenance::Source,
    text_enum,
};

/// Contacts of one person.
pub const CONTACTS_MOST: u64 = 20_000;

text_enum! {
    /// Where a contact came from.
    pub enum ContactSource {
        /// The person told the Boss.
        Boss = "boss",
        /// A program made it, with a key of the person's, or the command line.
        Program = "program",
        /// It stood in a vCard.
        Import = "import",
    }
}

impl ContactSource {
    /// Whose words a contact is made of.
    pub const fn whose(self) -> Source {
        match self {
            Self::Boss => Source::Own,
            Self::Program | Self::Import => Source::Imported,
        }
    }
}

/// A contact (table `contacts`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// The row.
    pub id: ContactId,
    /// Whose contact it is.
    pub user_id: UserId,
    /// Who it is.
    #[serde(flatten)]
    pub details: ContactDetails,
    /// Where it came from.
    pub source: ContactSource,
    /// `UID` of its vCard (RFC 6350 §6.7.6), when it came from one. Unique among a person's.
    pub uid: Option<String>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Who somebody is and how they are reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactDetails {
    /// The name in full. Two may have the same.
    pub name: String,
    /// What else they are called.
    #[serde(default)]
    pub nicknames: Vec<String>,
    /// Telephone numbers, the preferred first. Two contacts may share one, as a family does.
    #[serde(default)]
    pub phones: Vec<Phone>,
    /// Mail addresses, in lower case, the preferred first.
    #[serde(default)]
    pub mails: Vec<String>,
    /// What they are to the person: "wife", "dentist".
    #[serde(default)]
    pub relation: Option<String>,
    /// Anything else.
    #[serde(default)]
    pub notes: Option<String>,
}

impl ContactDetails {
    /// How well this is who is called so: `None` when it is not; the less the better.
    ///
    /// 0: the name in full. 1: a nickname, or the relation ("my wife"). 2: part of the name, each word whole ("John").
    pub fn called(&self, said: &str) -> Option<u8> {
        let wanted = words(said);
        if wanted.is_empty() {
            return None;
        }
        let name = words(&self.name);
        if wanted == name {
            return Some(0);
        }
        let other = self.nicknames.iter().chain(&self.relation);
        if other.map(|text| relation(&words(text))).any(|text| text == relation(&wanted)) {
            return Some(1);
        }
        wanted.iter().all(|word| name.contains(word)).then_some(2)
    }
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| !matches!(*word, "my" | "our" | "the" | "s")).map(str::to_owned).collect()
}

/// Words for the same relation made one.
fn relation(said: &[String]) -> String {
    match said.join(" ").as_str() {
        "mum" | "mother" | "mommy" | "mummy" | "mama" => "mom".to_owned(),
        "father" | "daddy" | "papa" => "dad".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_by_name_nickname_and_relation() {
        let details = ContactDetails {
            name: "Anna Maria Miller".into(),
            nicknames: vec!["Annie".into()],
            relation: Some("mother".into()),
            ..ContactDetails::default()
        };
        for (said, expected) in [
            ("Anna Maria Miller", Some(0)),
            ("anna maria miller", Some(0)),
            ("Annie", Some(1)),
            ("my mom", Some(1)),
            ("Mum", Some(1)),
            ("Anna", Some(2)),
            ("Anna Miller", Some(2)),
            ("Ann", None),
            ("Miller Smith", None),
            ("", None),
            ("my", None),
        ] {
            assert_eq!(details.called(said), expected, "{said}");
        }
    }
}
