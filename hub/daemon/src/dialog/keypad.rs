//! A PIN that is typed on a telephone's keys: when it is listened for, when it is finished, and when it is given up.
//!
//! Keys count only while a PIN was asked for; `#` ends it, `*` begins it again, and who types nothing is asked once more.
//! Digits that are spoken are no PIN: whoever stands near hears them, and they would stand in the record of the call.

use xswarm_core::pin::{DIGITS_LEAST, DIGITS_MOST, Typed};

/// For so long nobody may press a key before they are asked once more.
const WAIT_MS: u64 = 12_000;

/// So many spoken digits are a PIN: it has at least as many, and hardly anything else that is said then does.
const SPOKEN: usize = 4;

/// What a key came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pressed {
    /// No PIN was asked for.
    NotAsked,
    /// More is to come.
    More,
    /// This was typed.
    Pin(Typed),
    /// What was typed cannot be a PIN; it may be typed again.
    NoPin,
    /// So is this, and it was not the first time.
    GivenUp,
}

/// What became of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// Nothing is to be done.
    On,
    /// They are to be asked once more.
    AskAgain,
    /// Nobody types any more.
    GivenUp,
}

/// The keys while a PIN is asked for.
#[derive(Debug, Default)]
pub(super) struct Keypad {
    entry: Option<Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    digits: String,
    /// Since when a key could have been pressed and was not; not while it is still being asked.
    since_ms: Option<u64>,
    asked_again: bool,
}

impl Keypad {
    /// A PIN is asked for: from now on keys are its digits.
    pub(super) fn open(&mut self) {
        self.entry = Some(Entry::default());
    }

    /// It is not wanted any more. Whether it was.
    pub(super) fn close(&mut self) -> bool {
        self.entry.take().is_some()
    }

    /// Whether a PIN is asked for.
    pub(super) fn is_open(&self) -> bool {
        self.entry.is_some()
    }

    /// All that was to be said was heard: from now on they are waited for.
    pub(super) fn said(&mut self, now_ms: u64) {
        if let Some(entry) = &mut self.entry {
            entry.since_ms = Some(now_ms);
        }
    }

    /// Takes a key.
    pub(super) fn press(&mut self, key: char, now_ms: u64) -> Pressed {
        let Some(entry) = &mut self.entry else { return Pressed::NotAsked };
        entry.since_ms = Some(now_ms);
        match key {
            '#' => {
                let digits = std::mem::take(&mut entry.digits);
                if (DIGITS_LEAST..=DIGITS_MOST).contains(&digits.len()) {
                    self.entry = None;
                    return Pressed::Pin(Typed::new(digits));
                }
                if self.once_more() { Pressed::NoPin } else { Pressed::GivenUp }
            }
            '0'..='9' => {
                // One digit too many is remembered, so that what is too long is no PIN by chance.
                if entry.digits.len() <= DIGITS_MOST {
                    entry.digits.push(key);
                }
                Pressed::More
            }
            _ => {
                entry.digits.clear();
                Pressed::More
            }
        }
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now_ms: u64) -> Waited {
        let late = |entry: &Entry| entry.since_ms.is_some_and(|since| now_ms >= since + WAIT_MS);
        if !self.entry.as_ref().is_some_and(late) {
            return Waited::On;
        }
        if self.once_more() { Waited::AskAgain } else { Waited::GivenUp }
    }

    /// Lets them begin again, once. Whether they may.
    fn once_more(&mut self) -> bool {
        match self.entry.take() {
            Some(Entry { asked_again: false, .. }) => {
                self.entry = Some(Entry { asked_again: true, ..Entry::default() });
                true
            }
            Some(Entry { asked_again: true, .. }) | None => false,
        }
    }
}

/// What may stand around digits that are spoken.
const AROUND: [&str; 9] = ["and", "then", "my", "pin", "code", "is", "it", "s", "the"];

/// Whether somebody speaks digits instead of typing them: as many as a PIN has, or nothing but digits.
pub(super) fn speaks_digits(text: &str) -> bool {
    let digits = |word: &str| match word {
        "zero" | "oh" | "o" | "nought" | "one" | "two" | "three" | "four" | "five" | "six" | "seven" | "eight"
        | "nine" | "double" => 1,
        "ten" | "eleven" | "twelve" | "thirteen" | "fourteen" | "fifteen" | "sixteen" | "seventeen" | "eighteen"
        | "nineteen" | "twenty" | "thirty" | "forty" | "fifty" | "sixty" | "seventy" | "eighty" | "ninety"
        | "hundred" | "thousand" | "triple" | "treble" => 2,
        _ => word.chars().filter(char::is_ascii_digit).count(),
    };
    let words = || text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase);
    let all: usize = words().map(|word| digits(&word)).sum();
    let nothing_else = words().all(|word| digits(&word) > 0 || AROUND.contains(&word.as_str()));
    all >= SPOKEN || (all > 0 && nothing_else)
}

/// Whether somebody says what their PIN is.
pub(super) fn speaks_pin(text: &str) -> bool {
    let is_named = text
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| ["pin", "pincode", "passcode", "pins"].iter().any(|name| word.eq_ignore_ascii_case(name)));
    is_named && speaks_digits(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(digits: &str) -> Pressed {
        Pressed::Pin(Typed::new(digits.to_owned()))
    }

    /// Presses keys; what the last one came to.
    fn press(keypad: &mut Keypad, keys: &str) -> Pressed {
        keys.chars().fold(Pressed::NotAsked, |_, key| keypad.press(key, 0))
    }

    #[test]
    fn a_pin_ends_with_the_hash_key_and_the_star_begins_it_again() {
        let mut keypad = Keypad::default();
        assert_eq!(press(&mut keypad, "4711#"), Pressed::NotAsked, "nobody asked");
        keypad.open();
        assert_eq!(press(&mut keypad, "12*4711"), Pressed::More);
        assert_eq!(keypad.press('#', 0), typed("4711"));
        assert_eq!(press(&mut keypad, "4711#"), Pressed::NotAsked, "what is typed once more is nobody's");
    }

    #[test]
    fn what_can_be_no_pin_is_asked_for_once_more() {
        for wrong in ["#", "471#", "471147114#", "4711471147114711#"] {
            let mut keypad = Keypad::default();
            keypad.open();
            assert_eq!(press(&mut keypad, wrong), Pressed::NoPin, "{wrong}");
            assert_eq!(press(&mut keypad, wrong), Pressed::GivenUp, "{wrong}");
            assert!(!keypad.is_open());
        }
    }

    #[test]
    fn who_types_nothing_is_asked_once_more_and_then_left_alone() {
        let mut keypad = Keypad::default();
        keypad.open();
        assert_eq!(keypad.tick(100_000), Waited::On, "it is still being asked");
        keypad.said(1_000);
        assert_eq!(keypad.tick(1_000 + WAIT_MS - 1), Waited::On);
        keypad.press('4', 2_000);
        assert_eq!(keypad.tick(1_000 + WAIT_MS), Waited::On, "somebody types");
        assert_eq!(keypad.tick(2_000 + WAIT_MS), Waited::AskAgain);
        keypad.said(20_000);
        assert_eq!(press(&mut keypad, "4711"), Pressed::More);
        keypad.said(20_000);
        assert_eq!(keypad.tick(20_000 + WAIT_MS), Waited::GivenUp, "without the hash key it is not finished");
        assert_eq!(keypad.press('#', 40_000), Pressed::NotAsked, "too late");
    }

    #[test]
    fn spoken_digits_are_told_from_other_words() {
        for text in ["four seven one one", "It's 4711", "my PIN is forty-seven eleven", "4 7 1 1", "oh eight one five"]
        {
            assert!(speaks_digits(text), "{text}");
        }
        for text in ["never mind", "no", "remind me at 4", "one moment", "what PIN", "I have none"] {
            assert!(!speaks_digits(text), "{text}");
        }
    }
}
