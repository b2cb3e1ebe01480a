//! PINs: what shows on a telephone that a caller is who their number says, since a caller's number can be forged.
//!
//! Here is which PINs may be chosen and for how long entering one is locked after failures. How one is kept and compared is
//! the daemon's business.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The fewest digits of a PIN.
pub const DIGITS_LEAST: usize = 4;

/// The most.
pub const DIGITS_MOST: usize = 8;

/// So many wrong PINs one after the other lock the entry.
pub const TRIES: u32 = 3;

/// For how long entering is locked when it was locked `before` times since the right PIN was last entered.
pub fn lock_after(before: u32) -> Duration {
    match before {
        0 => Duration::minutes(15),
        1 => Duration::hours(1),
        2 => Duration::hours(4),
        _ => Duration::hours(24),
    }
}

/// Digits that somebody typed. They are shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Typed(String);

impl Typed {
    /// Digits in the order in which they were typed.
    pub fn new(digits: String) -> Self {
        Self(digits)
    }

    /// The digits, to compare them.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

/// A PIN that may be chosen.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(String);

impl Pin {
    /// Its digits, to keep what proves them.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// Why digits may not be chosen as a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// It has other characters, or too few or too many.
    #[error("a PIN has {DIGITS_LEAST} to {DIGITS_MOST} digits and nothing else")]
    Shape,
    /// It is a run of digits, such as 1234 or 9876.
    #[error("digits in a row are the first thing anybody tries; choose another PIN")]
    Run,
    /// It repeats itself, such as 0000 or 1212.
    #[error("digits that repeat are the first thing anybody tries; choose another PIN")]
    Repeats,
    /// It looks like a year or a date.
    #[error("that looks like a year or a date, which others may know; choose another PIN")]
    Date,
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        if !(DIGITS_LEAST..=DIGITS_MOST).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PinError::Shape);
        }
        let digits: Vec<u8> = text.bytes().map(|byte| byte - b'0').collect();
        let steps_by = |step: u8| digits.windows(2).all(|two| matches!(two, [a, b] if (a + step) % 10 == *b));
        if steps_by(1) || steps_by(9) {
            return Err(PinError::Run);
        }
        let repeats_after = |length: usize| digits.iter().zip(digits.iter().skip(length)).all(|(a, b)| a == b);
        if (1..=digits.len().div_ceil(2)).any(repeats_after) {
            return Err(PinError::Repeats);
        }
        if is_date(text) {
            return Err(PinError::Date);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whether digits may be a year of somebody's life, or a day with its year.
fn is_date(digits: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    let year = |text: &str| (1900..2050).contains(&number(text));
    let day = |text: &str| {
        let (first, second) = text.split_at(2);
        let (first, second) = (number(first), number(second));
        let fits = |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
        fits(first, second) || fits(second, first)
    };
    match digits.len() {
        4 => year(digits),
        6 => day(&digits[..4]) || day(&digits[2..]),
        8 => year(&digits[4..]) && day(&digits[..4]) || year(&digits[..4]) && day(&digits[4..]),
        _ => false,
    }
}

/// `PUT /api/users/{id}/pin`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPin {
    /// 4 to 8 digits.
    #[schema(pattern = "^[0-9]{4,8}$", write_only)]
    pub pin: String,
}

impl fmt::Debug for NewPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPin(…)")
    }
}

/// What is told of a person's PIN: never the PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PinState {
    /// When it was set; absent when there is none.
    pub set_at: Option<DateTime<Utc>>,
    /// Until when none is taken on calls, after too many wrong ones.
    pub locked_until: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_would_try_first_is_refused() {
        for (pin, why) in [
            ("123", PinError::Shape),
            ("123456789", PinError::Shape),
            ("47a1", PinError::Shape),
            ("٤٧١١", PinError::Shape),
            ("", PinError::Shape),
            ("1234", PinError::Run),
            ("98765", PinError::Run),
            ("7890", PinError::Run),
            ("0000", PinError::Repeats),
            ("1212", PinError::Repeats),
            ("472472", PinError::Repeats),
            ("47147", PinError::Repeats),
            ("1984", PinError::Date),
            ("2011", PinError::Date),
            ("240373", PinError::Date),
            ("24121984", PinError::Date),
            ("19841224", PinError::Date),
        ] {
            assert_eq!(pin.parse::<Pin>(), Err(why), "{pin}");
        }
        for pin in ["4711", "2580", "90210", "731946", "8264937", "97318264"] {
            assert!(pin.parse::<Pin>().is_ok(), "{pin}");
        }
    }

    #[test]
    fn no_digits_are_shown() {
        let shown =
            format!("{:?} {:?} {:?}", "4711".parse::<Pin>(), Typed::new("4711".into()), NewPin { pin: "4711".into() });
        assert!(!shown.contains("47"), "{shown}");
    }

    #[test]
    fn each_lock_is_longer_than_the_one_before_up_to_a_day() {
        let locks: Vec<_> = (0..5).map(lock_after).collect();
        assert!(locks.is_sorted() && locks[0] == Duration::minutes(15) && locks[4] == Duration::hours(24));
    }
}
