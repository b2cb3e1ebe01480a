//! The keys of a telephone: a PIN, or a single key that stands for words.

/// A PIN that is not finished with `#` is finished after so long without a key.
const PIN_PAUSE_MS: u64 = 4_000;

/// For so long a PIN may be entered after it was asked for.
const PIN_WAIT_MS: u64 = 30_000;

/// Longest PIN.
const PIN_MOST: usize = 12;

/// What a key came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pressed {
    /// More is to come.
    Waits,
    /// This is a PIN.
    Pin(String),
    /// It stands for itself.
    Alone(char),
}

/// What is being entered.
#[derive(Debug, Default)]
pub(super) struct Keypad {
    pin: Option<Entry>,
}

#[derive(Debug)]
struct Entry {
    digits: String,
    until_ms: u64,
}

impl Keypad {
    /// From now on digits are a PIN.
    pub(super) fn expect_pin(&mut self, now_ms: u64) {
        self.pin = Some(Entry { digits: String::new(), until_ms: now_ms + PIN_WAIT_MS });
    }

    /// Takes a key.
    pub(super) fn press(&mut self, key: char, now_ms: u64) -> Pressed {
        let Some(entry) = &mut self.pin else { return Pressed::Alone(key) };
        match key {
            '0'..='9' => {
                entry.digits.push(key);
                entry.until_ms = now_ms + PIN_PAUSE_MS;
                if entry.digits.len() >= PIN_MOST { self.finished() } else { Pressed::Waits }
            }
            '#' => self.finished(),
            // Begins anew.
            _ => {
                entry.digits.clear();
                Pressed::Waits
            }
        }
    }

    /// The PIN that is finished because no key follows.
    pub(super) fn timed_out(&mut self, now_ms: u64) -> Option<String> {
        let entry = self.pin.take_if(|entry| now_ms >= entry.until_ms)?;
        Some(entry.digits).filter(|digits| !digits.is_empty())
    }

    fn finished(&mut self) -> Pressed {
        self.pin.take().map_or(Pressed::Waits, |entry| Pressed::Pin(entry.digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_ends_with_the_hash_key_or_with_a_pause() {
        let mut keypad = Keypad::default();
        assert_eq!(keypad.press('1', 0), Pressed::Alone('1'));
        keypad.expect_pin(0);
        for (at, key) in (0..).zip("12*4711".chars()) {
            assert_eq!(keypad.press(key, at), Pressed::Waits);
        }
        assert_eq!(keypad.press('#', 10), Pressed::Pin("4711".to_owned()));
        assert_eq!(keypad.press('2', 11), Pressed::Alone('2'));
        keypad.expect_pin(100);
        keypad.press('9', 200);
        assert_eq!(keypad.timed_out(4_199), None);
        assert_eq!(keypad.timed_out(4_200), Some("9".to_owned()));
    }

    #[test]
    fn a_pin_that_nobody_enters_is_forgotten() {
        let mut keypad = Keypad::default();
        keypad.expect_pin(0);
        assert_eq!(keypad.timed_out(30_000), None);
        assert_eq!(keypad.press('1', 30_001), Pressed::Alone('1'));
    }
}
