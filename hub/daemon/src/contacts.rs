//! Contacts: reading what a person said or typed about somebody, and keeping it.
//!
//! vCards are read and written in [`vcard`].

pub(crate) mod vcard;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use xswarm_core::{
    contact::{CONTACTS_MOST, Contact, ContactDetails, ContactSource},
    event::Event,
    exchange::{ImportReport, Remark},
    id::{AppointmentId, ContactId, UserId},
    phone::Phone,
};
use xswarm_store::{StoreError, Tx};

use crate::{error::Error, people};

/// Numbers, addresses and nicknames of one contact, each.
const EACH_MOST: usize = 20;

/// The longest note, in characters.
const NOTE_CHARACTERS: usize = 4_000;

/// A change of one contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    /// Somebody becomes a contact.
    Create {
        /// All that is known.
        contact: Box<Contact>,
    },
    /// More or other things are known of a contact.
    Update {
        /// As it was read.
        before: Box<Contact>,
        /// As it shall be.
        after: Box<Contact>,
    },
    /// A contact is deleted.
    Delete {
        /// As it was read.
        contact: Box<Contact>,
    },
}

impl Change {
    /// Does it. What is gone stays gone.
    pub(crate) fn apply(&self, tx: &Tx<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
        match self {
            Self::Create { contact } => {
                // Undoing may find the card taken in anew meanwhile.
                let uid = contact.uid.clone().filter(|_| !taken(tx, contact).unwrap_or(true));
                tx.contact_insert(&Contact { uid, ..Contact::clone(contact) })?;
                tx.event_append(&Event::ContactCreated { contact: contact.id }, Some(contact.user_id), now)
            }
            Self::Update { after, .. } if tx.contact(after.id)?.is_some() => {
                tx.contact_update(after)?;
                tx.event_append(&Event::ContactChanged { contact: after.id }, Some(after.user_id), now)
            }
            Self::Update { .. } => Ok(()),
            Self::Delete { contact } => {
                tx.contact_delete(contact.id)?;
                tx.event_append(&Event::ContactDeleted { contact: contact.id }, Some(contact.user_id), now)
            }
        }
    }

    /// The change that takes this one back.
    pub(crate) fn inverse(&self) -> Self {
        match self.clone() {
            Self::Create { contact } => Self::Delete { contact },
            Self::Update { before, after } => Self::Update { before: after, after: before },
            Self::Delete { contact } => Self::Create { contact },
        }
    }
}

/// Whether another of the person's contacts has this `uid`.
fn taken(tx: &Tx<'_>, contact: &Contact) -> Result<bool, StoreError> {
    Ok(tx.contacts(contact.user_id)?.iter().any(|one| one.id != contact.id && one.uid == contact.uid))
}

/// Notes which contacts the names in an appointment stand for. A contact that is gone is no longer noted.
pub(crate) fn name_people(
    tx: &Tx<'_>,
    appointment: AppointmentId,
    people: &BTreeMap<String, ContactId>,
) -> Result<(), StoreError> {
    for (name, id) in people {
        if tx.contact(*id)?.is_some() {
            tx.appointment_contact_set(appointment, name, *id)?;
        }
    }
    Ok(())
}

/// What is known with what is also known; where only one thing can be, what was known stays.
pub(crate) fn merged(before: &ContactDetails, more: &ContactDetails) -> ContactDetails {
    let both = |one: &[String], other: &[String]| once(one.iter().chain(other).cloned().collect());
    ContactDetails {
        name: before.name.clone(),
        nicknames: both(&before.nicknames, &more.nicknames),
        phones: once(before.phones.iter().chain(&more.phones).cloned().collect()),
        mails: both(&before.mails, &more.mails),
        relation: before.relation.clone().or_else(|| more.relation.clone()),
        notes: before.notes.clone().or_else(|| more.notes.clone()),
    }
}

/// Takes in the cards of a file: known by `UID`, else by name; what is known already is not changed by what is less.
pub(crate) fn take_in(tx: &Tx<'_>, user: UserId, read: vcard::Read, now: DateTime<Utc>) -> Result<ImportReport, Error> {
    let mut known = tx.contacts(user)?;
    let mut report =
        ImportReport { notes: remarks(read.notes), skipped: remarks(read.skipped), ..ImportReport::default() };
    room(u64::try_from(known.len()).unwrap_or(u64::MAX), 0)?;
    for card in read.cards {
        let by_uid = known.iter().position(|one| one.uid.is_some() && one.uid == card.uid);
        let same_name = |one: &Contact| one.details.name.to_lowercase() == card.details.name.to_lowercase();
        // Two cards with ids of their own are two people, whatever they are called.
        let at =
            by_uid.or_else(|| known.iter().position(|one| same_name(one) && (one.uid.is_none() || card.uid.is_none())));
        let Some(before) = at.and_then(|at| known.get_mut(at)) else {
            room(u64::try_from(known.len()).unwrap_or(u64::MAX), 1)?;
            let contact = Contact { uid: card.uid, ..new(user, card.details, ContactSource::Import, now) };
            tx.contact_insert(&contact)?;
            known.push(contact);
            report.imported += 1;
            continue;
        };
        let name = if by_uid.is_some() { card.details.name.clone() } else { before.details.name.clone() };
        let details = ContactDetails { name, ..merged(&before.details, &card.details) };
        let after = Contact { details, uid: before.uid.clone().or(card.uid), updated_at: now, ..before.clone() };
        if after.details == before.details && after.uid == before.uid {
            report.unchanged += 1;
            continue;
        }
        tx.contact_update(&after)?;
        *before = after;
        report.updated += 1;
    }
    let contacts = u64::try_from(report.imported + report.updated).unwrap_or(u64::MAX);
    if contacts > 0 {
        tx.event_append(&Event::ContactsImported { contacts }, Some(user), now)?;
    }
    Ok(report)
}

fn remarks(all: Vec<(String, String)>) -> Vec<Remark> {
    all.into_iter().map(|(uid, reason)| Remark { uid, reason }).collect()
}

/// A new contact.
pub(crate) fn new(user: UserId, details: ContactDetails, source: ContactSource, now: DateTime<Utc>) -> Contact {
    Contact { id: ContactId::new(now), user_id: user, details, source, uid: None, created_at: now, updated_at: now }
}

/// A person has room for so many more contacts, or is told that there is none.
pub(crate) fn room(have: u64, more: u64) -> Result<(), Error> {
    if have.saturating_add(more) <= CONTACTS_MOST {
        return Ok(());
    }
    Err(Error::conflict(format!("a person may have {CONTACTS_MOST} contacts; there are {have} already")))
}

/// What somebody typed about a contact, checked: numbers in any common notation, read in the country of `home`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    /// The name in full.
    pub(crate) name: String,
    /// What else they are called.
    #[serde(default)]
    pub(crate) nicknames: Vec<String>,
    /// Telephone numbers.
    #[serde(default)]
    pub(crate) phones: Vec<String>,
    /// Mail addresses.
    #[serde(default)]
    pub(crate) mails: Vec<String>,
    /// What they are to the person.
    #[serde(default)]
    pub(crate) relation: Option<String>,
    /// Anything else.
    #[serde(default)]
    pub(crate) notes: Option<String>,
}

impl Typed {
    /// The same in the form that is kept.
    pub(crate) fn checked(self, home: Option<&Phone>) -> Result<ContactDetails, Error> {
        let mut phones = Vec::new();
        for text in &self.phones {
            phones.extend(people::telephone(text, home)?);
        }
        let mut mails = Vec::new();
        for text in &self.mails {
            mails.extend(people::mail_address(text)?);
        }
        let nicknames = self.nicknames.iter().map(|text| people::named(text)).collect::<Result<Vec<_>, _>>()?;
        let short = |text: Option<String>, what: &str, most: usize| match text.map(|text| text.trim().to_owned()) {
            Some(text) if text.chars().count() > most => {
                Err(Error::invalid(format!("a {what} has at most {most} characters")))
            }
            text => Ok(text.filter(|text| !text.is_empty())),
        };
        let details = ContactDetails {
            name: people::named(&self.name)?,
            nicknames: once(nicknames),
            phones: once(phones),
            mails: once(mails),
            relation: short(self.relation, "relation", 100)?,
            notes: short(self.notes, "note", NOTE_CHARACTERS)?,
        };
        if [details.phones.len(), details.mails.len(), details.nicknames.len()].iter().any(|count| *count > EACH_MOST) {
            return Err(Error::invalid(format!(
                "a contact has at most {EACH_MOST} numbers, addresses and nicknames each"
            )));
        }
        Ok(details)
    }
}

/// Each once, in order.
pub(crate) fn once<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut kept = Vec::with_capacity(all.len());
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn typed(name: &str, phone: &str, mail: &str) -> Typed {
        Typed { name: name.into(), phones: vec![phone.into()], mails: vec![mail.into()], ..Typed::default() }
    }

    #[test]
    fn what_is_typed_is_checked_and_made_one() {
        let home: Phone = "+14155550100".parse().unwrap();
        let details = typed(" Anna ", "(415) 555-2671", "Anna@Example.com").checked(Some(&home)).unwrap();
        assert_eq!((details.name.as_str(), details.phones[0].as_str()), ("Anna", "+14155552671"));
        assert_eq!(details.mails, ["anna@example.com"]);
        for wrong in [typed("", "", ""), typed("A", "call me", ""), typed("A", "", "not a mail")] {
            assert_eq!(wrong.checked(Some(&home)).unwrap_err().kind, Kind::Invalid);
        }
        let many = Typed { nicknames: (0..21).map(|n| n.to_string()).collect(), ..typed("A", "", "") };
        assert_eq!(many.checked(None).unwrap_err().kind, Kind::Invalid);
    }
}
