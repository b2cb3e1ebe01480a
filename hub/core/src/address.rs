//! Where somebody is reached or writes from: a telephone number or a mail address. The `@` tells which.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    mail::MailAddress,
    phone::Phone,
    schema::{self, PartialSchema, RefOr, Schema, ToSchema},
};

/// A telephone number or a mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    /// A telephone number.
    Phone(Phone),
    /// A mail address.
    Mail(MailAddress),
}

/// The text was neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a telephone number (such as +14155550100) nor a mail address (such as anna@example.com)")]
pub struct NotAnAddress(pub String);

impl PartialSchema for Address {
    fn schema() -> RefOr<Schema> {
        schema::text("address", "+14155550123")
    }
}

impl ToSchema for Address {}

impl Address {
    /// The address as it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Mail(mail) => mail.as_str(),
        }
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read =
            if text.contains('@') { text.parse().ok().map(Self::Mail) } else { text.parse().ok().map(Self::Phone) };
        read.ok_or_else(|| NotAnAddress(text.to_owned()))
    }
}

impl TryFrom<String> for Address {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.as_str().to_owned()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_at_sign_tells_which() {
        assert!(matches!("+14155550100".parse(), Ok(Address::Phone(_))));
        assert!(matches!("Anna@Example.com".parse(), Ok(Address::Mail(mail)) if mail.as_str() == "anna@example.com"));
        for bad in ["", "415", "@", "+1@"] {
            assert_eq!(bad.parse::<Address>(), Err(NotAnAddress(bad.to_owned())));
        }
    }
}
