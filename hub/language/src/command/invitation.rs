//! Invitations that others sent: showing them, accepting one, declining one. Only an opening that is about the person's own
//! answer counts; "send Anna an invitation" is none of these.

use std::ops::Range;

use super::{
    sentence::Sentence,
    types::{Command, Which},
};
use crate::lexer::phrases::{Phrases, any};

const NOUN: &Phrases =
    any!("invitation|invitations|invite|invites|invitation's|meeting request|meeting requests|calendar invite");
const ACCEPT: &Phrases = any!("accept|i accept|i'll accept|say yes to|agree to|i agree to|i'll take|yes accept");
const DECLINE: &Phrases = any!(
    "decline|i decline|i'll decline|reject|i reject|refuse|i refuse|turn down|say no to|don't accept|do not accept|\
    no decline"
);
const SHOW: &Phrases = any!(
    "show|list|what|what's|whats|which|any|are there|are there any|do i have|have i|have i got|read|see|check|look at|\
    give me|tell me about|my|open|pending|invitations|invites|how many|who"
);

/// A command about invitations, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let noun = sentence.find(NOUN)?;
    for (openings, accept) in [(ACCEPT, true), (DECLINE, false)] {
        if let Some(at) = sentence.opens(openings)
            && at <= noun.start
        {
            return Some(Command::AnswerInvitation { accept, which: which(sentence, at..noun.start, noun.end) });
        }
    }
    let others = sentence.has(any!("send|sent|write|make|create|compose|invite to|invited"));
    (sentence.opens(SHOW).is_some() && !others).then_some(Command::ListInvitations)
}

/// "Anna's second", and "from Anna to lunch" behind the noun.
fn which(sentence: &Sentence<'_, '_>, before: Range<usize>, after: usize) -> Which {
    let mut which = Which::default();
    let mut names = before.start;
    for at in before.clone() {
        let nth = match sentence.word(at) {
            "first" | "1st" => 1,
            "second" | "2nd" => 2,
            "third" | "3rd" => 3,
            "the" | "my" | "this" | "that" | "an" | "a" => 0,
            "all" => {
                which.all = true;
                0
            }
            _ => continue,
        };
        which.nth = (nth > 0).then_some(nth).or(which.nth);
        names = at + 1;
    }
    which.participants.extend(name(sentence.written(names..before.end)));
    let (mut from, mut person) = (after, false);
    for at in after..=sentence.end {
        let next = match sentence.word(at) {
            "from" | "by" | "of" if at < sentence.end => Some(true),
            "to" | "for" | "about" | "called" | "named" if at < sentence.end => Some(false),
            _ => None,
        };
        if next.is_none() && at < sentence.end {
            continue;
        }
        if let Some(said) = name(sentence.written(from..at)) {
            if person {
                which.participants.push(said);
            } else {
                which.title.get_or_insert(said);
            }
        }
        (from, person) = (at + 1, next.unwrap_or(false));
    }
    which
}

/// A name as it was said, without what only holds the sentence together.
fn name(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['"', '“', '”', '\'', '.', '!', ',']);
    let text = ["'s", "’s"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    let text = ["the ", "my "].iter().find_map(|start| text.strip_prefix(start)).unwrap_or(text).trim();
    (!text.is_empty()).then(|| text.to_owned())
}
