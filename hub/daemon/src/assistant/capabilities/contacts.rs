//! Capabilities of contacts.

use schemars::JsonSchema;
use serde::Deserialize;
use xswarm_core::capability::{Category, EffectClass};
use xswarm_language::command::{Command, ContactCommand, Understood};

use super::{
    super::{
        capability::{Definition, Heard, Refusal},
        contacts,
        trust::Spoken,
        turn::{Decision, Turn},
    },
    Nothing,
};
use crate::error::Error;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewContact {
    /// Their name.
    name: Spoken,
    /// Telephone numbers as the person gave them.
    #[serde(default)]
    phones: Vec<Spoken>,
    /// Mail addresses as the person gave them.
    #[serde(default)]
    mails: Vec<Spoken>,
    /// What they are to the person, such as "sister".
    relation: Option<Spoken>,
}

/// Adds a contact.
pub(super) struct AddContact;

impl Definition for AddContact {
    const NAME: &'static str = "add_contact";
    const CATEGORY: Category = Category::Integration;
    const DESCRIPTION: &'static str = "Adds a contact, or what is new about one.";
    const EXAMPLES: &'static [&'static str] = &["Add a contact: Anna Berg, +49 151 23456789, my sister"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = NewContact;

    fn command(arguments: NewContact, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::Contact(ContactCommand::Add {
            name: heard.perhaps(Some(&arguments.name)),
            phones: heard.claim.texts(&arguments.phones),
            mails: heard.claim.texts(&arguments.mails),
            relation: heard.perhaps(arguments.relation.as_ref()),
            more: Vec::new(),
        }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::Contact(about @ ContactCommand::Add { .. }) = &understood.command else { return None };
        Some(contacts::about(turn, about))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    /// Whose.
    name: Spoken,
}

/// Tells what is known of a contact.
pub(super) struct ShowContact;

impl Definition for ShowContact {
    const NAME: &'static str = "show_contact";
    const CATEGORY: Category = Category::Integration;
    const DESCRIPTION: &'static str = "Tells what is known of a contact.";
    const EXAMPLES: &'static [&'static str] = &["What is Anna's number?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::Contact(ContactCommand::Ask { name: heard.text(&arguments.name) }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::Contact(about @ ContactCommand::Ask { .. }) = &understood.command else { return None };
        Some(contacts::about(turn, about))
    }
}

/// Deletes a contact.
pub(super) struct DeleteContact;

impl Definition for DeleteContact {
    const NAME: &'static str = "delete_contact";
    const CATEGORY: Category = Category::Integration;
    const DESCRIPTION: &'static str = "Deletes a contact.";
    const EXAMPLES: &'static [&'static str] = &["Delete the contact Anna Berg"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::Contact(ContactCommand::Delete { name: heard.text(&arguments.name) }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::Contact(about @ ContactCommand::Delete { .. }) = &understood.command else { return None };
        Some(contacts::about(turn, about))
    }
}

/// Lists contacts.
pub(super) struct ListContacts;

impl Definition for ListContacts {
    const NAME: &'static str = "list_contacts";
    const CATEGORY: Category = Category::Integration;
    const DESCRIPTION: &'static str = "Tells which contacts there are.";
    const EXAMPLES: &'static [&'static str] = &["List my contacts"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Nothing;

    fn command(_: Nothing, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::Contact(ContactCommand::List))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::Contact(about @ ContactCommand::List) = &understood.command else { return None };
        Some(contacts::about(turn, about))
    }
}
