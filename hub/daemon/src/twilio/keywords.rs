//! The words by which a person stops and restarts texts to them.
//!
//! Source: Twilio, "Twilio support for opt-out keywords (SMS STOP filtering)" and "Advanced Opt-Out". Twilio acts on these
//! words by itself, before we see the message: after a STOP word it takes no further text to that person (error 21610),
//! after a START word it does again. So the rule is to mirror what Twilio did, not to interpret:
//!
//! - When Twilio says what it did (`OptOutType`), that counts, whatever the text is.
//! - Otherwise a message counts only if one of the words is all of it; case, surrounding space and punctuation aside.
//!   "Stop the timer" and "cancel my 3 pm" are conversation.
//! - **CANCEL and END alone are opt-outs**, although people might mean an appointment: Twilio has blocked the number by
//!   then, and an answer would not get through.
//! - YES and START alone opt in only someone who had opted out; otherwise "yes" is an answer. The caller knows which.

use super::callback::{InboundSms, OptOutType};

const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: [&str; 3] = ["START", "UNSTOP", "YES"];
const HELP: [&str; 2] = ["HELP", "INFO"];

/// What a whole message asks for by a reserved word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    /// No further texts.
    Stop,
    /// Texts again, if they had been stopped.
    Start,
    /// What is this?
    Help,
}

impl Keyword {
    /// The keyword that `text` consists of.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let word = text.trim_matches(|c: char| !c.is_alphanumeric());
        let is_one_of = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        if is_one_of(&STOP) {
            Some(Self::Stop)
        } else if is_one_of(&START) {
            Some(Self::Start)
        } else if is_one_of(&HELP) {
            Some(Self::Help)
        } else {
            None
        }
    }
}

impl InboundSms {
    /// The keyword that this text is, as Twilio saw it or else by its words.
    pub(crate) fn keyword(&self) -> Option<Keyword> {
        match self.opt_out {
            Some(OptOutType::Stop) => Some(Keyword::Stop),
            Some(OptOutType::Start) => Some(Keyword::Start),
            Some(OptOutType::Help) => Some(Keyword::Help),
            None => Keyword::of(&self.body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::form::Form;

    #[test]
    fn only_a_whole_message_is_a_keyword() {
        let cases = [
            ("STOP", Some(Keyword::Stop)),
            ("stop", Some(Keyword::Stop)),
            (" Stop. \n", Some(Keyword::Stop)),
            ("\"STOP!\"", Some(Keyword::Stop)),
            ("StopAll", Some(Keyword::Stop)),
            ("unsubscribe", Some(Keyword::Stop)),
            ("Cancel", Some(Keyword::Stop)),
            ("end", Some(Keyword::Stop)),
            ("quit", Some(Keyword::Stop)),
            ("revoke", Some(Keyword::Stop)),
            ("optout", Some(Keyword::Stop)),
            ("start", Some(Keyword::Start)),
            ("UNSTOP", Some(Keyword::Start)),
            ("Yes!", Some(Keyword::Start)),
            ("Help?", Some(Keyword::Help)),
            ("info", Some(Keyword::Help)),
            ("stop the timer", None),
            ("cancel my 3pm", None),
            ("yes please", None),
            ("S T O P", None),
            ("stopp", None),
            ("", None),
            ("...", None),
            ("😀", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Keyword::of(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_twilio_did_counts_more_than_the_words() {
        let read = |body: &str| {
            InboundSms::read(&Form::parse(format!("MessageSid=SM1&From=1&To=2&{body}").as_bytes()).unwrap()).unwrap()
        };
        assert_eq!(read("Body=Arrete&OptOutType=STOP").keyword(), Some(Keyword::Stop));
        assert_eq!(read("Body=yes&OptOutType=HELP").keyword(), Some(Keyword::Help));
        assert_eq!(read("Body=stop").keyword(), Some(Keyword::Stop));
        assert_eq!(read("Body=hello").keyword(), None);
    }
}
