//! vCards (RFC 6350; version 3.0 of RFC 2426 is read and written too): contacts in and out.
//!
//! What the Boss keeps of a card is its name, nicknames, numbers, mail addresses, note, and what it wrote itself about
//! the relation. Pictures, postal addresses and the rest are left out, and the one who imports is told so.

use std::collections::BTreeMap;

use calcard::{
    Entry, Parser,
    vcard::{VCard, VCardEntry, VCardProperty, VCardValue, VCardVersion},
};
use xswarm_core::{
    contact::{Contact, ContactDetails},
    phone::Phone,
};

use super::Typed;

/// The largest file, in bytes.
pub(crate) const FILE_BYTES: usize = 5 << 20;

/// Where the relation is kept: no property of the standard says what somebody is to the owner of the card.
const RELATION: &str = "X-XSWARM-RELATION";

/// The longest text of a property that is kept, in characters.
const TEXT_CHARACTERS: usize = 4_000;

/// A card as read.
#[derive(Debug)]
pub(crate) struct Card {
    /// `UID`.
    pub(crate) uid: Option<String>,
    /// What is kept of it.
    pub(crate) details: ContactDetails,
}

/// What was in a file.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Cards that can be used.
    pub(crate) cards: Vec<Card>,
    /// Cards that were left out: which, and why.
    pub(crate) skipped: Vec<(String, String)>,
    /// What was left out of others: of which, and what.
    pub(crate) notes: Vec<(String, String)>,
}

/// Reads a file of cards. National numbers are read in the country of `home`.
pub(crate) fn read(bytes: &[u8], home: Option<&Phone>) -> Read {
    let mut found = Read::default();
    let text = if let Ok(text) = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
        text.to_owned()
    } else {
        let note = "the file is not UTF-8, whatever it says; it was read as Latin-1";
        found.notes.push((String::new(), note.to_owned()));
        bytes.iter().copied().map(char::from).collect()
    };
    let mut parser = Parser::new(&text);
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    let (mut number, mut broken) = (0_usize, 0_usize);
    loop {
        let entry = parser.entry();
        if let Entry::VCard(card) = entry {
            number += 1;
            match one(&card, home, &mut left_out, &mut found.notes) {
                Ok(card) => found.cards.push(card),
                Err(why) => found.skipped.push((format!("card {number}"), why)),
            }
        } else if matches!(entry, Entry::Eof) {
            break;
        } else {
            broken += 1;
        }
    }
    for (name, count) in left_out {
        found.notes.push((name, format!("is not kept ({count} times)")));
    }
    if broken > 0 {
        found.skipped.push((String::new(), format!("{broken} lines or objects are no vCards")));
    }
    found
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever property there may ever be, it is told and not kept")]
fn one(
    card: &VCard,
    home: Option<&Phone>,
    left_out: &mut BTreeMap<String, usize>,
    notes: &mut Vec<(String, String)>,
) -> Result<Card, String> {
    let mut typed = Typed::default();
    let (mut structured, mut uid) = (None, None);
    for entry in &card.entries {
        let texts = || texts(entry);
        match &entry.name {
            VCardProperty::Fn if typed.name.is_empty() => typed.name = texts().join(" "),
            VCardProperty::N => {
                // Family; given; … reads better the other way round.
                let parts = texts();
                structured = Some(parts.iter().take(2).rev().cloned().collect::<Vec<_>>().join(" "));
            }
            VCardProperty::Nickname => typed.nicknames.extend(texts()),
            VCardProperty::Tel => typed.phones.extend(texts().into_iter().map(|text| without("tel:", &text))),
            VCardProperty::Email => typed.mails.extend(texts().into_iter().map(|text| without("mailto:", &text))),
            VCardProperty::Note => typed.notes = Some(texts().join(", ")),
            VCardProperty::Uid => uid = texts().into_iter().next(),
            VCardProperty::Other(name) if name.eq_ignore_ascii_case(RELATION) => {
                typed.relation = texts().into_iter().next();
            }
            VCardProperty::Begin
            | VCardProperty::End
            | VCardProperty::Version
            | VCardProperty::Prodid
            | VCardProperty::Rev
            | VCardProperty::Kind
            | VCardProperty::Fn => {}
            other => *left_out.entry(other.as_str().chars().take(40).collect()).or_default() += 1,
        }
    }
    if typed.name.trim().is_empty() {
        typed.name = structured.unwrap_or_default();
    }
    let name: String = typed.name.chars().take(40).collect();
    if name.trim().is_empty() {
        return Err("it has no name".to_owned());
    }
    // One number that cannot be read is no reason to lose the person.
    typed.phones.retain(|text| keeps(crate::people::telephone(text, home).is_ok(), &name, "a number", notes));
    typed.mails.retain(|text| keeps(crate::people::mail_address(text).is_ok(), &name, "a mail address", notes));
    typed.nicknames.retain(|text| !text.trim().is_empty());
    let details = typed.checked(home).map_err(|error| error.context)?;
    Ok(Card { uid: uid.filter(|uid| uid.len() <= 200), details })
}

fn keeps(good: bool, name: &str, what: &str, notes: &mut Vec<(String, String)>) -> bool {
    if !good {
        notes.push((name.to_owned(), format!("{what} cannot be read and was left out")));
    }
    good
}

/// The texts of a property, bounded.
fn texts(entry: &VCardEntry) -> Vec<String> {
    let clean = |text: &str| -> String {
        text.chars()
            .filter(|c| !c.is_control() || *c == '\n')
            .take(TEXT_CHARACTERS)
            .collect::<String>()
            .trim()
            .to_owned()
    };
    let mut texts = Vec::new();
    for value in &entry.values {
        match value {
            VCardValue::Text(text) => texts.push(clean(text)),
            VCardValue::Component(parts) => texts.extend(parts.iter().map(|part| clean(part))),
            VCardValue::Integer(number) => texts.push(number.to_string()),
            VCardValue::Float(_)
            | VCardValue::Boolean(_)
            | VCardValue::PartialDateTime(_)
            | VCardValue::Binary(_)
            | VCardValue::Sex(_)
            | VCardValue::GramGender(_)
            | VCardValue::Kind(_) => {}
        }
    }
    texts.retain(|text| !text.is_empty());
    texts
}

/// Without the scheme of a URI, and its parameters.
fn without(scheme: &str, text: &str) -> String {
    let head = text.get(..scheme.len()).filter(|head| head.eq_ignore_ascii_case(scheme));
    match (head, text.get(scheme.len()..)) {
        (Some(_), Some(rest)) => rest.split([';', '?']).next().unwrap_or_default().to_owned(),
        _ => text.to_owned(),
    }
}

/// The contacts as a file of cards.
pub(crate) fn written(contacts: &[Contact], version: VCardVersion) -> String {
    let mut file = String::new();
    for contact in contacts {
        // Writing to a string does not fail.
        let _ = card(contact).write_to(&mut file, version);
    }
    file
}

fn card(contact: &Contact) -> VCard {
    let ContactDetails { name, nicknames, phones, mails, relation, notes } = &contact.details;
    let property = |property: VCardProperty, text: &str| VCardEntry::new(property).with_value(text.to_owned());
    let (given, family) = name.rsplit_once(' ').unwrap_or((name, ""));
    let parts = [family, given, "", "", ""].map(|part| VCardValue::Text(part.to_owned())).to_vec();
    let uid = contact.uid.clone().unwrap_or_else(|| format!("urn:uuid:{}", contact.id));
    let mut entries = vec![
        property(VCardProperty::Uid, &uid),
        property(VCardProperty::Fn, name),
        VCardEntry::new(VCardProperty::N).with_values(parts),
    ];
    if !nicknames.is_empty() {
        let values = nicknames.iter().cloned().map(VCardValue::Text).collect();
        entries.push(VCardEntry::new(VCardProperty::Nickname).with_values(values));
    }
    entries.extend(phones.iter().map(|phone| property(VCardProperty::Tel, phone.as_str())));
    entries.extend(mails.iter().map(|mail| property(VCardProperty::Email, mail)));
    entries.extend(relation.iter().map(|text| property(VCardProperty::Other(RELATION.to_owned()), text)));
    entries.extend(notes.iter().map(|text| property(VCardProperty::Note, text)));
    VCard { entries }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use xswarm_core::{contact::ContactSource, id::UserId};

    use super::*;

    fn anna() -> ContactDetails {
        ContactDetails {
            name: "Anna Maria Müller; Dr., \\ \"x\"".into(),
            nicknames: vec!["Annie".into(), "A, B".into()],
            phones: vec!["+4915123456789".parse().unwrap()],
            mails: vec!["anna@example.com".into()],
            relation: Some("sister".into()),
            notes: Some("likes tea,\nnot coffee; ever 🎉".into()),
        }
    }

    #[test]
    fn what_is_written_reads_back_the_same_in_both_versions() {
        let now = DateTime::UNIX_EPOCH;
        let contact = super::super::new(UserId::new(now), anna(), ContactSource::Boss, now);
        for version in [VCardVersion::V3_0, VCardVersion::V4_0] {
            let file = written(std::slice::from_ref(&contact), version);
            let found = read(file.as_bytes(), None);
            assert!(found.notes.is_empty() && found.skipped.is_empty(), "{found:?}");
            assert_eq!(found.cards.len(), 1);
            assert_eq!(found.cards[0].details, anna(), "{file}");
            assert_eq!(found.cards[0].uid, Some(format!("urn:uuid:{}", contact.id)));
        }
    }

    #[test]
    fn what_is_not_kept_and_not_readable_is_told() {
        let file = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Smith;John;;;\r\nTEL;TYPE=CELL:call me\r\n\
            TEL;TYPE=HOME:+1 415 555 2671\r\nPHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\nEND:VCARD\r\n\
            BEGIN:VCARD\r\nVERSION:4.0\r\nTEL;VALUE=uri:tel:+14155552672\r\nEND:VCARD\r\n";
        let found = read(file.as_bytes(), None);
        assert_eq!(found.cards.len(), 1, "{found:?}");
        assert_eq!(found.cards[0].details.name, "John Smith");
        assert_eq!(found.cards[0].details.phones[0].as_str(), "+14155552671");
        assert_eq!(found.skipped, [("card 2".to_owned(), "it has no name".to_owned())]);
        let notes: Vec<String> = found.notes.iter().map(|(of, what)| format!("{of} {what}")).collect();
        assert_eq!(notes, ["John Smith a number cannot be read and was left out", "PHOTO is not kept (1 times)"]);
    }

    #[test]
    fn hostile_files_end_and_give_what_there_is() {
        let latin = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN;CHARSET=UTF-8:J\xf6rg\r\nEND:VCARD\r\n";
        let found = read(latin, None);
        assert_eq!(found.cards[0].details.name, "Jörg");
        assert!(found.notes[0].1.contains("not UTF-8"));
        for file in ["", "\0\0\0", "BEGIN:VCARD", "END:VCARD\r\nBEGIN:VCALENDAR\r\nEND:VCARD", "hello\r\nworld"] {
            assert!(read(file.as_bytes(), None).cards.is_empty(), "{file}");
        }
        let nested = "BEGIN:VCARD\r\n".repeat(20_000);
        assert!(read(nested.as_bytes(), None).cards.len() <= 1);
    }
}
