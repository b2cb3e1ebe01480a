//! Persons: reading what an admin typed about them, and adding them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    address::Address,
    admin::{NewUser, UserChange},
    device::{CODE_LETTERS, SECRET_LETTERS},
    event::Event,
    id::UserId,
    phone::Phone,
    user::{Role, User},
};
use xswarm_store::{StoreError, Tx};

use crate::{error::Error, random};

/// A person as an admin described them. National numbers are read in the country of `home`.
pub(crate) fn new_user(new: &NewUser, zone: Tz, home: Option<&Phone>, now: DateTime<Utc>) -> Result<User, Error> {
    Ok(User {
        id: UserId::new(now),
        name: named(&new.name)?,
        email: new.email.as_deref().map(mail_address).transpose()?.flatten(),
        phone: new.phone.as_deref().map(|text| telephone(text, home)).transpose()?.flatten(),
        timezone: zone,
        preferences: serde_json::json!({}),
        boss_phone: new.boss_phone.as_deref().map(|text| telephone(text, home)).transpose()?.flatten(),
        boss_email: None,
        can_provision_numbers: false,
        role: new.role.unwrap_or(Role::Member),
        created_at: now,
        updated_at: now,
    })
}

/// `before` with what the admin changed.
pub(crate) fn changed(
    before: &User,
    change: UserChange,
    home: Option<&Phone>,
    now: DateTime<Utc>,
) -> Result<User, Error> {
    let mut user = before.clone();
    if let Some(name) = change.name {
        user.name = named(&name)?;
    }
    if let Some(email) = change.email {
        user.email = mail_address(&email)?;
    }
    if let Some(phone) = change.phone {
        user.phone = telephone(&phone, home)?;
    }
    if let Some(phone) = change.boss_phone {
        user.boss_phone = telephone(&phone, home)?;
    }
    user.timezone = change.timezone.unwrap_or(user.timezone);
    user.role = change.role.unwrap_or(user.role);
    user.updated_at = now;
    Ok(user)
}

/// Adds a person. A pairing code of their number or mail address is used up by that.
pub(crate) fn add(tx: &Tx<'_>, user: &User, now: DateTime<Utc>) -> Result<(), Error> {
    told_if_taken(tx.user_insert(user))?;
    known_now(tx, user)?;
    Ok(tx.event_append(&Event::UserCreated { user: user.id }, Some(user.id), now)?)
}

/// Forgets the pairing codes of what are now a person's own addresses.
pub(crate) fn known_now(tx: &Tx<'_>, user: &User) -> Result<(), Error> {
    if let Some(phone) = &user.phone {
        tx.pairing_delete(&Address::Phone(phone.clone()))?;
    }
    if let Some(Ok(mail)) = user.email.as_deref().map(str::parse) {
        tx.pairing_delete(&Address::Mail(mail))?;
    }
    Ok(())
}

/// Says in plain words that a number or address is somebody else's.
pub(crate) fn told_if_taken(result: Result<(), StoreError>) -> Result<(), Error> {
    result.map_err(|error| {
        if matches!(error, StoreError::Exists(_)) {
            Error::conflict("this telephone number or mail address belongs to somebody already").with_source(error)
        } else {
            error.into()
        }
    })
}

/// A telephone number in any common notation; `None` for an empty text. National notation is read in the country of
/// `home`; without one only international notation is understood.
pub(crate) fn telephone(text: &str, home: Option<&Phone>) -> Result<Option<Phone>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    // In international form the number says its country itself; told another one besides, the library takes the first
    // digits for that country's trunk prefix.
    let national = home.filter(|_| !text.trim_start_matches(['(', ' ']).starts_with('+'));
    let country = national.and_then(|home| phonenumber::parse(None, home.as_str()).ok()?.country().id());
    let hint = "write it in international form, such as +14155550100";
    let number = phonenumber::parse(country, text)
        .map_err(|error| Error::invalid(format!("`{text}` is not a telephone number: {hint}")).with_source(error))?;
    let canonical = number.format().mode(phonenumber::Mode::E164).to_string();
    let phone = canonical
        .parse()
        .map_err(|error| Error::invalid(format!("`{text}` is not a telephone number: {hint}")).with_source(error))?;
    Ok(Some(phone))
}

/// Whether whoever reaches this number pays more for it than for the way there.
pub(crate) fn is_premium(phone: &Phone) -> bool {
    let number = phonenumber::parse(None, phone.as_str());
    number.is_ok_and(|number| number.number_type(&phonenumber::metadata::DATABASE) == phonenumber::Type::PremiumRate)
}

/// A mail address in lower case; `None` for an empty text.
pub(crate) fn mail_address(text: &str) -> Result<Option<String>, Error> {
    let text = text.trim();
    let well_formed = text
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
    if text.is_empty() {
        Ok(None)
    } else if well_formed && !text.contains(char::is_whitespace) {
        Ok(Some(text.to_lowercase()))
    } else {
        Err(Error::invalid(format!("`{text}` is not a mail address")))
    }
}

/// A name of a sensible length.
pub(crate) fn named(text: &str) -> Result<String, Error> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("a name has 1 to 100 characters"));
    }
    Ok(name.to_owned())
}

/// A new API key: 256 random bits.
pub(crate) fn random_key() -> Result<String, Error> {
    Ok(format!("xsw_{}", random_text(43)?))
}

/// The secret part of a feed's address: 256 random bits and a little more.
pub(crate) fn feed_token() -> Result<String, Error> {
    random_text(43)
}

/// What a paired device shows: 256 random bits and a little more.
pub(crate) fn device_token() -> Result<String, Error> {
    Ok(format!("xsd_{}", random_text(43)?))
}

/// The secret part of a code to pair a device by.
pub(crate) fn device_secret() -> Result<String, Error> {
    letters(SECRET_LETTERS)
}

/// A new pairing code: six characters that are not mistaken for each other when read aloud.
pub(crate) fn pairing_code() -> Result<String, Error> {
    letters(6)
}

/// So many characters that are not mistaken for each other when read aloud.
pub(crate) fn letters(count: usize) -> Result<String, Error> {
    random_from(CODE_LETTERS, count)
}

fn random_text(length: usize) -> Result<String, Error> {
    random_from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", length)
}

fn random_from(letters: &[u8], length: usize) -> Result<String, Error> {
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    // Bytes beyond the last whole multiple of the alphabet would favour its first letters.
    let fair = 256 - 256 % letters.len();
    while text.len() < length {
        random::fill(&mut bytes)?;
        let chosen = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        for letter in chosen.filter_map(|byte| letters.get(byte % letters.len())).take(length - text.len()) {
            text.push(char::from(*letter));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn telephones_are_read_in_common_notations() {
        let home: Phone = "+14155550100".parse().unwrap();
        for (text, expected) in [
            ("+1 (415) 555-2671", "+14155552671"),
            ("(415) 555-2671", "+14155552671"),
            ("415.555.2671", "+14155552671"),
            ("+49 30 901820", "+4930901820"),
            ("011 49 30 901820", "+4930901820"),
        ] {
            assert_eq!(telephone(text, Some(&home)).unwrap().unwrap().as_str(), expected, "{text}");
        }
        assert_eq!(telephone("", None).unwrap(), None);
        assert_eq!(telephone("call me", Some(&home)).unwrap_err().kind, Kind::Invalid);
        assert_eq!(telephone("415 555 2671", None).unwrap_err().kind, Kind::Invalid);
    }

    #[test]
    fn premium_numbers_are_known_by_the_numbering_plan() {
        for (number, premium) in
            [("+19005551234", true), ("+499001123456", true), ("+14155552671", false), ("+4915123456789", false)]
        {
            assert_eq!(is_premium(&number.parse().unwrap()), premium, "{number}");
        }
    }

    #[test]
    fn a_number_in_international_form_is_the_same_wherever_the_boss_lives() {
        for home in [None, Some("+14155550100"), Some("+4930901820"), Some("+442071838750"), Some("+390612345678")] {
            let home: Option<Phone> = home.map(|home| home.parse().unwrap());
            for (text, expected) in [
                ("+4915123456789", "+4915123456789"),
                ("+49 176 12345678", "+4917612345678"),
                ("(+44) 1632 960961", "+441632960961"),
                ("+8613912345678", "+8613912345678"),
                ("+390612345678", "+390612345678"),
                ("+14155552671", "+14155552671"),
                ("+33 1 23 45 67 89", "+33123456789"),
            ] {
                let read = telephone(text, home.as_ref()).unwrap().unwrap();
                assert_eq!(read.as_str(), expected, "{text}, home {home:?}");
            }
        }
    }

    #[test]
    fn keys_and_codes_are_random_and_of_their_length() {
        let (one, two) = (random_key().unwrap(), random_key().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), 47);
        let code = pairing_code().unwrap();
        assert_eq!(code.len(), 6);
        assert!(!code.contains(['0', 'O', '1', 'I', 'L']));
    }
}
