//! Telephone numbers in E.164 form, as providers send and expect them.
//!
//! Only the syntax of ITU-T E.164 is judged here. Numbers typed by people ("(415) 555-0100") are read at the edge
//! with a numbering-plan library and arrive here already in this form.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::schema::{self, PartialSchema, RefOr, Schema, ToSchema};

/// A number such as `+14155550100`: a plus and 7 to 15 digits, the first not zero.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// The text was not in E.164 form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a telephone number in international form (such as +14155550100)")]
pub struct NotAPhone(pub String);

impl PartialSchema for Phone {
    fn schema() -> RefOr<Schema> {
        schema::pattern("^\\+[0-9]+$", "+14155550123")
    }
}

impl ToSchema for Phone {}

impl Phone {
    /// The number with its plus.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Only the last two digits, for logs and lists that others may see.
    pub fn masked(&self) -> String {
        let tail: String = self.0.chars().skip(self.0.len().saturating_sub(2)).collect();
        format!("+…{tail}")
    }
}

impl FromStr for Phone {
    type Err = NotAPhone;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let well_formed = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if well_formed { Ok(Self(text.to_owned())) } else { Err(NotAPhone(text.to_owned())) }
    }
}

impl TryFrom<String> for Phone {
    type Error = NotAPhone;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_e164_is_a_phone() {
        for good in ["+14155550100", "+4930901820", "+8613800138000"] {
            assert_eq!(good.parse::<Phone>().unwrap().as_str(), good);
        }
        for bad in
            ["", "+", "14155550100", "+0415555010", "+141555", "+1 415 555 01", "+1234567890123456", "sip:+14155550100"]
        {
            assert_eq!(bad.parse::<Phone>(), Err(NotAPhone(bad.to_owned())));
        }
    }

    #[test]
    fn a_masked_number_shows_two_digits() {
        assert_eq!("+14155550123".parse::<Phone>().unwrap().masked(), "+…23");
    }
}
