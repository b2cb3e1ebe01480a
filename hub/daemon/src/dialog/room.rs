//! Conversations in a room. They begin with the phrase that the room was woken by, for whoever says something else did not
//! mean the Boss; nobody is greeted, and they end without a word.

use xswarm_core::call::CallEnd;

use super::{Dialog, Output, Voice, words::words};

/// How long nobody says anything until it is over. The room itself is mostly quicker.
const OVER_AFTER_MS: u64 = 10_000;

/// So many words may stand before the phrase: the room sends what was heard just before it, too.
const BEFORE_MOST: usize = 2;

/// How recognisers write what sounds like a phrase. Whatever is merely like it is left out on purpose: "hey buzz".
const HOMOPHONES: [(&str, &str); 4] = [("hay", "hey"), ("hei", "hey"), ("hej", "hey"), ("bosse", "boss")];

/// What makes a conversation one in a room.
#[derive(Debug, Clone)]
pub(crate) struct InRoom {
    phrase: Option<String>,
    is_meant: bool,
}

/// Whom words were meant for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// Somebody else.
    Another,
    /// The Boss, with these words after the phrase; there may be none.
    Boss(String),
}

impl InRoom {
    /// After this phrase, or a button.
    pub(crate) fn woken_by(phrase: Option<String>) -> Self {
        Self { is_meant: phrase.is_none(), phrase }
    }

    /// Takes what was said. Once it was for the Boss, so is the rest.
    fn takes(&mut self, text: &str) -> Meant {
        let rest = self.phrase.as_deref().and_then(|phrase| after(phrase, text));
        if !self.is_meant && rest.is_none() {
            return Meant::Another;
        }
        self.is_meant = true;
        Meant::Boss(rest.unwrap_or(text).to_owned())
    }
}

/// What follows a phrase with which a text begins.
fn after<'t>(phrase: &str, text: &'t str) -> Option<&'t str> {
    let wanted: String = words(phrase).map(|word| spelled(&word)).collect();
    let starts = word_starts(text);
    (0..=BEFORE_MOST).find_map(|skipped| {
        let mut said = String::new();
        for (at, word) in starts.iter().enumerate().skip(skipped) {
            said.extend(words(word.1).map(|word| spelled(&word)));
            if said == wanted {
                return Some(starts.get(at + 1).map_or("", |next| text.get(next.0..).unwrap_or_default()));
            }
            if said.len() > wanted.len() {
                break;
            }
        }
        None
    })
}

/// The words of a text and where each begins.
fn word_starts(text: &str) -> Vec<(usize, &str)> {
    // Each word is a part of the text, so the distance is its place.
    text.split_whitespace().map(|word| (word.as_ptr().addr() - text.as_ptr().addr(), word)).collect()
}

/// A word as it sounds rather than as it is spelled.
fn spelled(word: &str) -> String {
    let word = HOMOPHONES.iter().find(|(written, _)| *written == word).map_or(word, |(_, meant)| *meant);
    let mut plain = String::with_capacity(word.len());
    for letter in word.chars() {
        if !plain.ends_with(letter) {
            plain.push(letter);
        }
    }
    plain
}

impl Dialog {
    /// What somebody said in a room is for the Boss, and what of it; `None` when nothing follows from it. Elsewhere everything
    /// is.
    pub(super) fn meant(&mut self, text: &str, out: &mut Vec<Output>) -> Option<String> {
        let Some(room) = &mut self.manner.room else { return Some(text.to_owned()) };
        match room.takes(text) {
            Meant::Boss(words) if words.is_empty() => None,
            Meant::Boss(words) => Some(words),
            Meant::Another => {
                out.push(Output::NotMeant);
                self.end(CallEnd::Finished, out);
                None
            }
        }
    }

    /// Nobody has said anything in a room for so long, and no answer is owed. Whether it is one.
    pub(super) fn room_quiet(&mut self, quiet_ms: u64, out: &mut Vec<Output>) -> bool {
        let Some(room) = &self.manner.room else { return false };
        if quiet_ms >= OVER_AFTER_MS {
            if !room.is_meant {
                out.push(Output::NotMeant);
            }
            self.end(CallEnd::Finished, out);
        }
        true
    }

    /// The phrase was heard again: whatever is being said, or thought about, is not wanted any more.
    pub(super) fn woken(&mut self, phrase: String, now_ms: u64, out: &mut Vec<Output>) {
        if let Some(room) = &mut self.manner.room {
            // A button says no phrase, and nobody presses it who does not mean the Boss.
            room.is_meant |= phrase.is_empty();
            room.phrase = Some(phrase).filter(|phrase| !phrase.is_empty()).or(room.phrase.take());
        }
        self.quiet_since_ms = now_ms;
        if self.ending.is_some() {
            return;
        }
        if self.voice != Voice::Silent {
            self.voice = Voice::Silent;
            out.push(Output::Clear);
        }
        if std::mem::take(&mut self.awaited) > 0 {
            out.push(Output::CancelAnswer);
        }
    }
}

#[cfg(test)]
mod tests {
    use xswarm_voice::Heard;

    use super::*;
    use crate::dialog::{Answer, Input, Manner, Other};

    #[test]
    fn what_follows_the_phrase_is_meant_for_the_boss() {
        for (text, words) in [
            ("Hey boss, what's on my calendar today?", "what's on my calendar today?"),
            ("hey boss", ""),
            ("Hay Boss! Set a timer", "Set a timer"),
            ("heyboss stop", "stop"),
            ("and then hey boss what time is it", "what time is it"),
            ("Hey, bos. What time is it", "What time is it"),
        ] {
            assert_eq!(
                InRoom::woken_by(Some("hey boss".to_owned())).takes(text),
                Meant::Boss(words.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_only_sounds_like_it_is_not() {
        for text in [
            "hey buzz what time is it",
            "hey boston is nice",
            "okay boss",
            "hey bus driver",
            "the boss",
            "hey, bossy boots",
            "and so he said hey boss",
            "what time is it",
        ] {
            assert_eq!(InRoom::woken_by(Some("hey boss".to_owned())).takes(text), Meant::Another, "{text}");
        }
    }

    #[test]
    fn once_it_was_for_the_boss_the_rest_is_too() {
        let mut room = InRoom::woken_by(Some("hey boss".to_owned()));
        room.takes("hey boss");
        assert_eq!(room.takes("what time is it"), Meant::Boss("what time is it".to_owned()));
        assert_eq!(room.takes("hey boss and tomorrow?"), Meant::Boss("and tomorrow?".to_owned()));
        let mut button = InRoom::woken_by(None);
        assert_eq!(button.takes("what time is it"), Meant::Boss("what time is it".to_owned()));
    }

    fn begun() -> Dialog {
        let room = Some(InRoom::woken_by(Some("hey boss".to_owned())));
        let (dialog, first) = Dialog::begin(Manner {
            greeting: None,
            longest_ms: 600_000,
            turns_most: 50,
            other: Other::Person,
            is_recorded: false,
            errand: None,
            room,
        });
        assert_eq!(first, [], "nobody is greeted");
        dialog
    }

    fn heard(text: &str) -> Input {
        Input::Heard(Heard::Final { text: text.to_owned() })
    }

    fn answer(text: &str) -> Input {
        Input::Answer(Answer { text: text.to_owned(), ..Answer::default() })
    }

    #[test]
    fn who_did_not_mean_the_boss_is_not_answered() {
        let mut dialog = begun();
        let over = [Output::NotMeant, Output::End(CallEnd::Finished)];
        assert_eq!(dialog.on(heard("hey buzz, come here"), 2_000), over);
        assert_eq!(dialog.on(heard("hey boss"), 3_000), []);
        let mut silent = begun();
        assert_eq!(silent.on(Input::Tick, 9_999), []);
        assert_eq!(silent.on(Input::Tick, 10_000), over);
    }

    #[test]
    fn what_is_asked_after_the_phrase_is_answered_and_the_end_is_quiet() {
        let mut dialog = begun();
        assert_eq!(dialog.on(heard("Hey boss."), 1_000), [], "more is to come");
        assert_eq!(dialog.on(heard("What's on today?"), 3_000), [Output::Ask("What's on today?".to_owned())]);
        assert_eq!(dialog.on(answer("Nothing."), 3_100), [Output::Say("Nothing.".to_owned())]);
        assert_eq!(dialog.on(Input::Said, 5_000), []);
        assert_eq!(dialog.on(heard("And tomorrow?"), 7_000), [Output::Ask("And tomorrow?".to_owned())], "no phrase");
        assert_eq!(dialog.on(Input::Tick, 9_300), [Output::Say("One moment.".to_owned())]);
        dialog.on(answer("Nothing."), 9_400);
        dialog.on(Input::Said, 11_000);
        assert_eq!(dialog.on(Input::Tick, 20_999), []);
        assert_eq!(dialog.on(Input::Tick, 21_000), [Output::End(CallEnd::Finished)]);
    }

    #[test]
    fn the_phrase_stops_the_boss_whatever_it_is_about() {
        let mut dialog = begun();
        dialog.on(heard("hey boss what's on today"), 1_000);
        assert_eq!(dialog.on(Input::Woken("hey boss".to_owned()), 1_500), [Output::CancelAnswer]);
        dialog.on(heard("hey boss what's on today"), 3_000);
        dialog.on(answer("A great deal."), 3_100);
        assert_eq!(dialog.on(Input::Woken("hey boss".to_owned()), 3_500), [Output::Clear]);
        assert_eq!(dialog.on(heard("hey boss thanks"), 4_500), [Output::Ask("thanks".to_owned())]);
    }
}
