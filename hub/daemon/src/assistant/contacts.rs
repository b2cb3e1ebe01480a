//! Contacts by conversation, and who the people in a sentence are.

use std::collections::BTreeMap;

use chrono::Utc;
use xswarm_core::{
    contact::{Contact, ContactDetails, ContactSource},
    id::ContactId,
    phone::Phone,
    provenance::Sources,
};
use xswarm_language::command::ContactCommand;

use super::{
    effect::Effect,
    question::Question,
    turn::{Decision, Turn},
};
use crate::{
    contacts::{self, Change, Typed},
    error::{Error, Kind},
};

/// How many are shown to choose from.
const CHOICES: usize = 9;

/// How many are listed.
const LISTED: usize = 40;

/// Does what was asked about contacts.
pub(super) fn about(turn: &Turn<'_>, command: &ContactCommand) -> Result<Decision, Error> {
    match command {
        ContactCommand::Add { name: None, .. } => {
            Ok(Decision::say("Who is it? For example: \"add a contact: Anna Miller, +49 151 23456789, my sister\"."))
        }
        ContactCommand::Add { name: Some(name), phones, mails, relation, more } => {
            let notes = (!more.is_empty()).then(|| more.join(", "));
            let typed = Typed {
                name: name.clone(),
                phones: phones.clone(),
                mails: mails.clone(),
                relation: relation.clone(),
                notes,
                nicknames: Vec::new(),
            };
            add(turn, typed)
        }
        ContactCommand::Ask { name } => ask(turn, name),
        ContactCommand::List => list(turn),
        ContactCommand::Delete { name } => delete(turn, name),
    }
}

/// Those who are called so, as well as anybody is.
pub(super) fn called(turn: &Turn<'_>, name: &str) -> Result<Vec<Contact>, Error> {
    let mut found: Vec<(u8, Contact)> = Vec::new();
    for contact in turn.rows.contacts(turn.user.id)? {
        if let Some(how) = contact.details.called(name) {
            found.push((how, contact));
        }
    }
    let best = found.iter().map(|(how, _)| *how).min();
    Ok(found.into_iter().filter(|(how, _)| Some(*how) == best).map(|(_, contact)| contact).collect())
}

/// "Anna Miller, your sister, +49…, anna@example.com".
fn described(details: &ContactDetails) -> String {
    let mut words = vec![details.name.clone()];
    words.extend(details.relation.iter().map(|relation| format!("your {relation}")));
    words.extend(details.phones.iter().map(Phone::to_string));
    words.extend(details.mails.iter().cloned());
    words.join(", ")
}

fn add(turn: &Turn<'_>, typed: Typed) -> Result<Decision, Error> {
    // Numbers without a country are those of the person's own.
    let details = match typed.checked(turn.user.phone.as_ref()) {
        Ok(details) => details,
        Err(error) if error.kind == Kind::Invalid => {
            return Ok(Decision::say(format!("That does not work: {}. Nothing was changed.", error.context)));
        }
        Err(error) => return Err(error),
    };
    let same = |one: &&Contact| one.details.name.to_lowercase() == details.name.to_lowercase();
    let all = turn.rows.contacts(turn.user.id)?;
    if let Some(before) = all.iter().find(same) {
        let after = merged(before, &details, turn.now);
        if after.details == before.details {
            let words = format!("I know that already: {}. Nothing was changed.", described(&before.details));
            return Ok(Decision { sources: Sources::of(before.source.whose()), ..Decision::say(words) });
        }
        let done = format!("Added to what I know: {}.", described(&after.details));
        let change = Change::Update { before: Box::new(before.clone()), after: Box::new(after) };
        return Ok(Decision::act(vec![Effect::Contact { change }], done));
    }
    if let Err(full) = contacts::room(turn.rows.contact_count(turn.user.id)?, 1) {
        return Ok(Decision::say(format!("No room: {}. Nothing was changed.", full.context)));
    }
    let done = format!("Contact added: {}.", described(&details));
    let contact = Box::new(contacts::new(turn.user.id, details, ContactSource::Boss, turn.now));
    Ok(Decision::act(vec![Effect::Contact { change: Change::Create { contact } }], done))
}

/// A contact with what is also known.
fn merged(before: &Contact, more: &ContactDetails, now: chrono::DateTime<Utc>) -> Contact {
    Contact { details: contacts::merged(&before.details, more), updated_at: now, ..before.clone() }
}

fn nobody(name: &str) -> Decision {
    Decision::say(format!("Nobody among your contacts is called {name}. Nothing was changed."))
}

fn ask(turn: &Turn<'_>, name: &str) -> Result<Decision, Error> {
    let found = called(turn, name)?;
    if found.is_empty() {
        return Ok(nobody(name));
    }
    let lines: Vec<String> = found.iter().take(CHOICES).map(|one| described(&one.details)).collect();
    Ok(Decision { sources: sources(&found), ..Decision::say(lines.join("\n")) })
}

/// Who is called so, if anybody is.
pub(super) fn introduced(turn: &Turn<'_>, name: &str) -> Result<Option<Decision>, Error> {
    if called(turn, name)?.is_empty() { Ok(None) } else { ask(turn, name).map(Some) }
}

/// Whose words stand in what is known of contacts.
fn sources(contacts: &[Contact]) -> Sources {
    contacts.iter().map(|contact| contact.source.whose()).collect()
}

fn list(turn: &Turn<'_>) -> Result<Decision, Error> {
    let all = turn.rows.contacts(turn.user.id)?;
    if all.is_empty() {
        return Ok(Decision::say(
            "You have no contacts yet. Say, for example, \"add a contact: Anna, +49 151 23456789\".",
        ));
    }
    let mut lines: Vec<String> = all.iter().take(LISTED).map(|one| format!("– {}", described(&one.details))).collect();
    if all.len() > LISTED {
        lines.push(format!("… and {} more.", all.len() - LISTED));
    }
    Ok(Decision { sources: sources(&all), ..Decision::say(format!("Your contacts:\n{}", lines.join("\n"))) })
}

fn delete(turn: &Turn<'_>, name: &str) -> Result<Decision, Error> {
    let found = called(turn, name)?;
    match found.as_slice() {
        [] => Ok(nobody(name)),
        [one] => {
            let words = format!("Delete the contact {}? (yes or no)", described(&one.details));
            let done = format!("Deleted: {}. Say \"undo\" to take it back.", one.details.name);
            let effects = vec![Effect::Contact { change: Change::Delete { contact: Box::new(one.clone()) } }];
            Ok(Decision::ask(words, Question::Confirm { effects, done, sources: Sources::own() }))
        }
        several => {
            let names: Vec<String> = several.iter().take(CHOICES).map(|one| one.details.name.clone()).collect();
            let words = format!(
                "Several are called so: {}. Please say the name in full. Nothing was changed.",
                names.join(", ")
            );
            Ok(Decision { sources: sources(several), ..Decision::say(words) })
        }
    }
}

/// What taking a change back did.
pub(super) fn undone(inverse: &Change) -> String {
    match inverse {
        Change::Create { contact } => format!("{} is a contact again", contact.details.name),
        Change::Update { after, .. } => format!("I know of {} what I knew before", after.details.name),
        Change::Delete { contact } => format!("{} is no longer a contact", contact.details.name),
    }
}

/// Who takes part.
pub(super) enum People {
    /// Everybody who is known.
    Known(Known),
    /// One name may be several people.
    Ask(Decision),
}

/// Finds the contacts that the names in a sentence stand for. A name that nobody has stays a name.
pub(super) fn people(turn: &Turn<'_>, names: &[String]) -> Result<People, Error> {
    let (mut known, mut hints, mut told) = (BTreeMap::new(), Vec::new(), Sources::own());
    for name in names {
        let found = called(turn, name)?;
        let mut full: Vec<String> = contacts::once(found.iter().map(|one| one.details.name.clone()).collect());
        match found.as_slice() {
            [] => {}
            [one] => {
                if one.details.name.to_lowercase() != name.to_lowercase() {
                    hints.push(format!("{name} is {}", one.details.name));
                    told.join(&sources(&found));
                }
                known.insert(name.clone(), one.id);
            }
            // Two of the very same name: nothing that could be said would tell them apart.
            _ if full.len() == 1 => {}
            _ => {
                full.truncate(CHOICES);
                let lines: Vec<String> = full.iter().enumerate().map(|(n, one)| format!("{}. {one}", n + 1)).collect();
                let question = Question::WhichContact {
                    name: name.clone(),
                    choices: full,
                    text: turn.said.text.clone(),
                    answers: turn.said.answers.clone(),
                    said_at: turn.said.at.with_timezone(&Utc),
                };
                let asked = Decision::ask(format!("Which {name}?\n{}", lines.join("\n")), question);
                return Ok(People::Ask(Decision { sources: sources(&found), ..asked }));
            }
        }
    }
    let hint = if hints.is_empty() { String::new() } else { format!(" ({}.)", hints.join("; ")) };
    Ok(People::Known(Known { who: known, hint, told }))
}

/// Who is who among those who take part.
pub(super) struct Known {
    /// Which contact each name stands for.
    who: BTreeMap<String, ContactId>,
    /// What to add to a confirmation.
    hint: String,
    /// Whose words the hint holds.
    told: Sources,
}

impl Known {
    /// A booking with its people named.
    pub(super) fn named_in(self, mut decision: Decision) -> Decision {
        let booked = decision
            .effects
            .iter()
            .find_map(|effect| if let Effect::Book { appointment, .. } = effect { Some(appointment.id) } else { None });
        if let Some(appointment) = booked.filter(|_| !self.who.is_empty()) {
            decision.effects.push(Effect::NamePeople { appointment, people: self.who });
            decision.reply.push_str(&self.hint);
            decision.sources.join(&self.told);
        }
        decision
    }
}

/// The choice that somebody named instead of counting: "Smith" among "John Smith" and "John Miller".
pub(super) fn chosen(choices: &[String], said: &str) -> Option<String> {
    let called = |name: &&String| {
        let details = ContactDetails { name: (*name).clone(), ..ContactDetails::default() };
        details.called(said).is_some()
    };
    let mut fitting = choices.iter().filter(called);
    fitting.next().filter(|_| fitting.next().is_none()).cloned()
}

/// The sentence with a name made plain: "with John" becomes "with John Smith".
pub(super) fn made_plain(text: &str, name: &str, full: &str) -> String {
    let lower = text.to_lowercase();
    let wanted = name.to_lowercase();
    let whole = |at: usize| {
        let before = lower.get(..at).and_then(|head| head.chars().next_back()).is_none_or(|c| !c.is_alphanumeric());
        let after =
            lower.get(at + wanted.len()..).and_then(|tail| tail.chars().next()).is_none_or(|c| !c.is_alphanumeric());
        before && after
    };
    // Where lower case has another length than the text, places cannot be told; the sentence then stays as it is.
    let found = lower.match_indices(&wanted).map(|(at, _)| at).find(|at| whole(*at));
    match found.map(|at| (text.get(..at), text.get(at + wanted.len()..))) {
        Some((Some(head), Some(tail))) if lower.len() == text.len() => {
            // "with my wife" becomes "with Anna", not "with my Anna".
            let head = head.strip_suffix("my ").unwrap_or(head);
            format!("{head}{full}{tail}")
        }
        _ => format!("{text} with {full}"),
    }
}
