//! Words that mean something to a conversation as such: that somebody listens, that somebody goes.

/// What people say while they listen to somebody else, and do not mean to be heard.
const LISTENING: [&str; 20] = [
    "uh-huh", "uh", "huh", "uhuh", "mhm", "mm", "mmm", "mm-hmm", "hm", "hmm", "ah", "aha", "oh", "okay", "ok", "yeah",
    "right", "sure", "er", "um",
];

/// What a goodbye is made of, and at least one of these.
const GOING: [&str; 6] = ["bye", "goodbye", "bye-bye", "farewell", "ciao", "cheerio"];

/// What may stand around it.
const AROUND_GOING: [&str; 22] = [
    "ok", "okay", "thanks", "thank", "you", "very", "much", "that's", "that", "is", "all", "good", "for", "now",
    "then", "see", "later", "boss", "have", "a", "nice", "day",
];

/// Whole sentences that end a call.
const HANGING_UP: [&str; 5] = ["hang up", "please hang up", "end the call", "you can hang up", "you can hang up now"];

/// What somebody says who takes a call and waits for what comes.
const GREETING: [&str; 16] = [
    "hello", "hi", "hey", "hallo", "yes", "yep", "yeah", "speaking", "who", "is", "this", "there", "it", "who's",
    "good", "morning",
];

/// Whether these words only take a call.
pub(super) fn only_greets(text: &str) -> bool {
    words(text).all(|word| GREETING.contains(&word.as_str()))
}

/// Whether these words only show that somebody listens.
pub(super) fn only_listens(text: &str) -> bool {
    words(text).all(|word| LISTENING.contains(&word.as_str()))
}

/// Whether these words end a conversation, and say nothing else.
pub(super) fn is_farewell(text: &str) -> bool {
    let all: Vec<String> = words(text).collect();
    HANGING_UP.contains(&all.join(" ").as_str())
        || all.iter().any(|word| GOING.contains(&word.as_str()))
            && all.iter().all(|word| GOING.contains(&word.as_str()) || AROUND_GOING.contains(&word.as_str()))
}

/// Whether these words ask not to be recorded, and for nothing else.
pub(super) fn declines_recording(text: &str) -> bool {
    const ANY: [&str; 16] = [
        "please", "this", "that", "me", "us", "the", "call", "it", "i", "want", "to", "be", "not", "boss", "thanks",
        "now",
    ];
    let all: Vec<String> = words(text).collect();
    let said = |words: &[&str]| all.iter().any(|word| words.contains(&word.as_str()));
    let known = ["don't", "do", "stop", "no", "without", "record", "recording", "recorded"];
    said(&["record", "recording", "recorded"])
        && said(&["don't", "not", "stop", "no", "without"])
        && all.iter().all(|word| known.contains(&word.as_str()) || ANY.contains(&word.as_str()))
}

/// The words of a text, in lower case and without what surrounds them.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    let trimmed = |word: &str| word.trim_matches(|one: char| !one.is_alphanumeric()).to_lowercase();
    text.split_whitespace().map(trimmed).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_is_told_from_speaking() {
        for text in ["uh-huh", "Mm-hmm.", "Okay, yeah", "", "um"] {
            assert!(only_listens(text), "{text}");
        }
        for text in ["yes", "no", "stop", "okay stop", "what's on my calendar"] {
            assert!(!only_listens(text), "{text}");
        }
    }

    #[test]
    fn declining_a_recording_is_told_from_other_talk_of_records() {
        for text in [
            "Don't record.",
            "please do not record this call",
            "stop recording me",
            "No recording, please",
            "I don't want to be recorded",
        ] {
            assert!(declines_recording(text), "{text}");
        }
        for text in
            ["record this", "remind me not to record the show", "add no recording tape to the shopping list", "stop"]
        {
            assert!(!declines_recording(text), "{text}");
        }
    }

    #[test]
    fn a_farewell_says_nothing_else() {
        for text in ["Bye.", "okay, thank you, goodbye", "that's all, bye", "hang up", "Bye-bye!"] {
            assert!(is_farewell(text), "{text}");
        }
        for text in ["remind me to say goodbye to Anna", "thanks", "buy milk", "okay", "that's all"] {
            assert!(!is_farewell(text), "{text}");
        }
    }
}
