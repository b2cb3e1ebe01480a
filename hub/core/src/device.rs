//! Devices of rooms: what hears and speaks there for the household. Paired once, then known by a token.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    id::{DeviceId, UserId},
    room::Health,
    schema::ToSchema,
};

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Device {
    /// The row.
    pub id: DeviceId,
    /// Which room it is in, as persons call it.
    pub name: String,
    /// Whom it serves; the first is taken for the speaker. Nobody: it is for guests, who get timers, the time and help.
    pub user_ids: Vec<UserId>,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
    /// When it was paired last; never while its code waits to be used.
    pub paired_at: Option<DateTime<Utc>>,
    /// When it was last connected, to the minute.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// How it is, while it is connected.
    #[serde(default)]
    pub health: Option<Health>,
}

/// `POST /api/devices`: a device is to be paired, or paired anew when one has this name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// Which room it is in: 1 to 40 characters.
    pub name: String,
    /// Whom it serves; the first is taken for the speaker. Nobody: it is for guests, who get timers, the time and help.
    pub user_ids: Vec<UserId>,
}

/// What whoever pairs a device types into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfferedDevice {
    /// The device as it will be.
    pub device: Device,
    /// The code, told this once; good for one pairing.
    pub code: String,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// Where devices elsewhere in the house reach the hub, as `host:port`; nothing when only this machine does.
    pub addresses: Vec<String>,
}

/// `POST /api/devices/pair`, by the device itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PairDevice {
    /// The secret part of the code that it was given: the last two groups.
    pub code: String,
}

/// What a device is told once it is paired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PairedDevice {
    /// The device.
    pub device: Device,
    /// What it shows from now on to be let in; told this once.
    pub token: String,
}

/// What codes are made of: characters that are not mistaken for each other when read aloud.
pub const CODE_LETTERS: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// How many letters of a code name the hub's certificate authority: 59 bits of its digest.
const AUTHORITY_LETTERS: usize = 12;

/// How many letters of a code are secret: 39 random bits, which nobody guesses in ten minutes.
pub const SECRET_LETTERS: usize = 8;

/// What a device is paired by: which hub to trust, and what makes that hub trust the device.
///
/// Written as five groups of four letters. The first three name the authority that vouches for the hub, so that nobody who
/// stands between the two can pass for it; the others are the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    authority: String,
    secret: String,
}

/// A text that is no [`DeviceCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code to pair a device has 20 letters and digits, as `xswarm device pair` shows it")]
pub struct BadDeviceCode;

impl DeviceCode {
    /// The code for this secret on a hub with this authority, whose certificate (DER) is given.
    pub fn new(authority: &[u8], secret: String) -> Self {
        Self { authority: authority_letters(authority), secret }
    }

    /// Whether it is a code of the hub whose authority has this certificate (DER).
    pub fn trusts(&self, authority: &[u8]) -> bool {
        self.authority == authority_letters(authority)
    }

    /// What only the hub and whoever got the code know.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

/// The letters that codes of the hub with this authority begin with (its certificate, DER).
pub fn authority_letters(certificate: &[u8]) -> String {
    let digest = Sha256::digest(certificate);
    let letter = |byte: &u8| CODE_LETTERS.get(usize::from(*byte) % CODE_LETTERS.len()).copied().map(char::from);
    digest.iter().filter_map(letter).take(AUTHORITY_LETTERS).collect()
}

impl fmt::Display for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.authority.chars().chain(self.secret.chars()).enumerate() {
            write!(f, "{}{letter}", if at > 0 && at % 4 == 0 { "-" } else { "" })?;
        }
        Ok(())
    }
}

impl FromStr for DeviceCode {
    type Err = BadDeviceCode;

    /// Reads a code however somebody wrote it down.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letters: String =
            text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
        let is_code = letters.len() == AUTHORITY_LETTERS + SECRET_LETTERS;
        if !is_code || !letters.bytes().all(|letter| CODE_LETTERS.contains(&letter)) {
            return Err(BadDeviceCode);
        }
        let (authority, secret) = letters.split_at(AUTHORITY_LETTERS);
        Ok(Self { authority: authority.to_owned(), secret: secret.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_was_written_down_and_names_one_authority() {
        let code = DeviceCode::new(b"ours", "ABCD2345".to_owned());
        let shown = code.to_string();
        assert_eq!((shown.len(), shown.matches('-').count()), (24, 4));
        for written in [shown.clone(), shown.to_lowercase().replace('-', " "), shown.replace('-', "")] {
            assert_eq!(written.parse(), Ok(code.clone()), "{written}");
        }
        assert!(code.trusts(b"ours") && !code.trusts(b"theirs"));
        assert_eq!(code.secret(), "ABCD2345");
    }

    #[test]
    fn what_is_no_code_says_what_one_looks_like() {
        for text in ["", "ABCD-EFGH-JKMN-PQRS-TUV", "ABCD-EFGH-JKMN-PQRS-TUV0", "ÄBCD-EFGH-JKMN-PQRS-TUVW"] {
            assert_eq!(text.parse::<DeviceCode>(), Err(BadDeviceCode), "{text}");
        }
    }
}
