//! The words of a turn that thought. What changed is worded by the box from what was committed; what a model says stands
//! beside it, without anything that sounds like a deed, and without links that could be followed.

use super::super::{links, trust};

/// What ends an answer after which nothing is different.
const NOTHING: &str = "Nothing was changed.";
const NOTHING_ELSE: &str = "Nothing else was changed.";

/// Deeds, as a model would claim them.
const DEEDS: &[&str] = &[
    "added",
    "arranged",
    "asked",
    "booked",
    "called",
    "canceled",
    "cancelled",
    "changed",
    "cleared",
    "completed",
    "confirmed",
    "created",
    "deleted",
    "done",
    "dropped",
    "e-mailed",
    "emailed",
    "fixed",
    "forgotten",
    "forwarded",
    "informed",
    "invited",
    "mailed",
    "made",
    "messaged",
    "moved",
    "noted",
    "notified",
    "ordered",
    "paid",
    "paused",
    "planned",
    "postponed",
    "put",
    "recorded",
    "remembered",
    "reminded",
    "removed",
    "reserved",
    "reset",
    "resumed",
    "rescheduled",
    "saved",
    "scheduled",
    "sent",
    "set",
    "shared",
    "snoozed",
    "sorted",
    "started",
    "stopped",
    "stored",
    "submitted",
    "switched",
    "texted",
    "told",
    "transferred",
    "turned",
    "undone",
    "updated",
];

/// Promises, as a model would make them: "I'll remind you".
const PROMISES: &[&str] = &[
    "add",
    "arrange",
    "ask",
    "book",
    "call",
    "cancel",
    "change",
    "check",
    "contact",
    "create",
    "delete",
    "email",
    "forward",
    "inform",
    "invite",
    "keep",
    "let",
    "mail",
    "make",
    "message",
    "move",
    "notify",
    "order",
    "pay",
    "ping",
    "put",
    "remember",
    "remind",
    "remove",
    "reschedule",
    "reserve",
    "save",
    "schedule",
    "send",
    "set",
    "take",
    "tell",
    "text",
    "update",
    "wake",
];

/// What deeds are done to.
const THINGS: &[&str] = &[
    "alarm",
    "appointment",
    "calendar",
    "contact",
    "email",
    "event",
    "everything",
    "invitation",
    "invite",
    "it",
    "list",
    "mail",
    "meeting",
    "message",
    "note",
    "payment",
    "reminder",
    "request",
    "reservation",
    "that",
    "this",
    "timer",
    "they",
    "booking",
    "order",
    "text",
    "transfer",
    "call",
];

/// Sentences that claim a deed by themselves.
const WHOLE: &[&str] =
    &["all set", "consider it done", "taken care of", "got it handled", "good to go", "mission accomplished"];

/// Verbs that ask for a deed.
const REQUESTS: &[&str] = &[
    "add",
    "arrange",
    "book",
    "buy",
    "call",
    "cancel",
    "change",
    "clear",
    "create",
    "delete",
    "email",
    "forget",
    "forward",
    "invite",
    "mail",
    "make",
    "message",
    "move",
    "note",
    "notify",
    "order",
    "pay",
    "plan",
    "postpone",
    "put",
    "remember",
    "remind",
    "remove",
    "reschedule",
    "reserve",
    "save",
    "schedule",
    "send",
    "set",
    "share",
    "start",
    "stop",
    "switch",
    "tell",
    "text",
    "transfer",
    "turn",
    "update",
    "wake",
    "write",
];

/// What may stand before the verb of a request.
const POLITE: &[&str] = &[
    "please", "can", "could", "would", "will", "you", "kindly", "hey", "boss", "ok", "okay", "i", "want", "need",
    "like", "id", "to", "lets", "just", "also", "and", "then", "now", "so", "let", "us", "go", "ahead",
];

/// What the box keeps: said to stand, lie or go somewhere, it sounds like a deed.
const KEPT: &[&str] = &[
    "agenda",
    "alarm",
    "alarms",
    "appointment",
    "appointments",
    "booking",
    "calendar",
    "diary",
    "invitation",
    "invite",
    "list",
    "lists",
    "meeting",
    "meetings",
    "message",
    "note",
    "reminder",
    "reminders",
    "schedule",
    "text",
    "timer",
    "timers",
];

/// How it is said to stand there.
const STANDS: &[&str] = &["is", "are", "it's", "that's", "goes", "go", "sits", "stands", "been"];

/// Turns of speech that sound like a deed in themselves.
const SOUNDS_DONE: &[&str] = &[
    "all in place",
    "got it",
    "handled",
    "is off",
    "knows about",
    "knows now",
    "know now",
    "let in on",
    "locked in",
    "on its way",
    "on the books",
    "will do",
    "in the bag",
    "no problem",
    "leave it to me",
];

/// How a sentence begins that tells what there is.
const REPORTS: &[&str] =
    &["you have", "you've", "there is", "there are", "there's", "your next", "the next", "on your"];

/// Words that stand in nearly every English sentence of some length.
const ENGLISH: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "do", "for", "from", "has", "have", "i", "if", "in",
    "is", "it", "my", "no", "not", "of", "on", "or", "she", "that", "the", "they", "this", "to", "was", "we", "what",
    "with", "you", "your",
];

/// The answer: what changed, and what the model has to say besides.
///
/// `asked`: the person asked for something to be done. `tainted`: the model had read what others wrote.
pub(super) fn answer(done: &[String], said: &str, asked: bool, tainted: bool) -> String {
    let said = readable(said, tainted);
    let (claims, rest): (Vec<_>, Vec<_>) = sentences(&said).into_iter().partition(|sentence| claims_a_deed(sentence));
    let mut parts: Vec<String> = Vec::new();
    if !done.is_empty() {
        parts.push(done_lines(done));
    }
    let rest = rest.concat().trim().to_owned();
    if !rest.is_empty() {
        parts.push(rest.clone());
    }
    let sounds = sentences(&rest).iter().any(|sentence| sounds_done(sentence)) || is_foreign(&rest);
    if !done.is_empty() && sounds {
        parts.push(NOTHING_ELSE.to_owned());
    }
    if done.is_empty() && (asked || sounds || !claims.is_empty()) {
        if parts.is_empty() {
            parts.push("I did not get that done.".to_owned());
        }
        parts.push(NOTHING.to_owned());
    }
    if parts.is_empty() {
        parts.push("I have no answer to that.".to_owned());
    }
    parts.join(if done.is_empty() { " " } else { "\n" })
}

/// What is said when thinking came to no end; `why` is a sentence of ours.
pub(super) fn broken_off(done: &[String], why: &str) -> String {
    if done.is_empty() {
        return format!("{why} {NOTHING}");
    }
    format!("{}\n{why} {NOTHING_ELSE}", done_lines(done))
}

/// What changed, a line each.
pub(super) fn done_lines(done: &[String]) -> String {
    done.iter().map(|words| format!("{}.", words.trim_end_matches('.'))).collect::<Vec<_>>().join("\n")
}

/// Whether somebody who only talks leaves a deed to be believed. `asked`: one was asked for; if none was, it must be of
/// something that the box keeps, for people who chat tell of their own deeds too.
pub(in crate::assistant) fn leaves_a_deed_to_be_believed(said: &str, asked: bool) -> bool {
    sentences(said).iter().any(|sentence| {
        let kept = words(sentence).iter().any(|word| KEPT.contains(&word.as_str()));
        claims_a_deed(sentence) && (asked || kept) || asked && sounds_done(sentence)
    })
}

/// Whether a sentence asks for something to be done.
pub(in crate::assistant) fn asks_for_a_deed(text: &str) -> bool {
    sentences(text).iter().any(|sentence| {
        let words = words(sentence);
        let words: Vec<String> = words.iter().map(|word| word.replace('\'', "")).collect();
        let Some(at) = words.iter().position(|word| !POLITE.contains(&word.as_str())) else { return false };
        let next = words.get(at + 1).map_or("", String::as_str);
        words.get(at).is_some_and(|verb| match verb.as_str() {
            // "Tell me about Rome", "write a haiku", "make me laugh": words are all that is wanted.
            "tell" | "write" | "make" if matches!(next, "me" | "us" | "a" | "an" | "some") => false,
            verb => REQUESTS.contains(&verb),
        })
    })
}

/// Whether a sentence that claims no deed in so many words leaves one to be believed.
fn sounds_done(sentence: &str) -> bool {
    let words = words(sentence);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let joined = words.join(" ");
    // What is there is told, and not what was done about it.
    let tells = REPORTS.iter().any(|phrase| joined.starts_with(phrase));
    if tells || sentence.trim_end().ends_with('?') || words.iter().any(|word| is_no(word)) {
        return false;
    }
    has(KEPT) && has(STANDS) || SOUNDS_DONE.iter().any(|phrase| joined.contains(phrase))
}

/// Whether a text is in another language than the lists here: what it claims cannot be told.
fn is_foreign(text: &str) -> bool {
    let words = words(text);
    words.len() >= 4 && !words.iter().any(|word| ENGLISH.contains(&word.as_str()))
}

fn claims_a_deed(sentence: &str) -> bool {
    let words = words(sentence);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let joined = words.join(" ");
    let has = |list: &[&str], word: &&str| list.contains(word);
    if WHOLE.iter().any(|whole| joined.contains(whole)) || words.first().is_some_and(|first| has(DEEDS, first)) {
        return true;
    }
    // "I've booked", "I have just added": a deed within a few words of the one who did it.
    let within =
        |from: usize, list: &[&str], most: usize| words.iter().skip(from + 1).take(most).any(|word| has(list, word));
    words.iter().enumerate().any(|(at, word)| match *word {
        "i've" | "i" | "we" | "we've" => {
            within(at, DEEDS, 4) && !words.iter().skip(at + 1).take(3).any(|word| is_no(word))
                || words.get(at + 1).is_some_and(|next| matches!(*next, "will" | "shall"))
                    && within(at + 1, PROMISES, 3)
        }
        "i'll" | "we'll" => within(at, PROMISES, 3),
        // "The meeting is now booked", "your reminder has been set".
        "is" | "are" | "was" | "were" | "been" | "it's" | "that's" => {
            let past = matches!(*word, "was" | "were");
            let about = words.iter().take(at + 1).any(|word| {
                // "It was started in 1508": history, and no deed of ours.
                if past && matches!(*word, "it" | "that" | "this" | "they") {
                    return false;
                }
                let thing = word.trim_end_matches("'s");
                THINGS.contains(&thing) || thing.strip_suffix('s').is_some_and(|one| THINGS.contains(&one))
            });
            about && within(at, DEEDS, 3) && !words.iter().skip(at + 1).take(2).any(|word| is_no(word))
        }
        _ => false,
    })
}

fn is_no(word: &str) -> bool {
    matches!(
        word,
        "not" | "never" | "can't" | "cannot" | "couldn't" | "haven't" | "didn't" | "don't" | "no" | "nothing"
    )
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('’', "'")
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '-')))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Sentences with the marks and spaces that follow them.
fn sentences(text: &str) -> Vec<String> {
    let mut sentences = vec![String::new()];
    let mut ended = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let starts = ended && !c.is_whitespace();
        if starts {
            sentences.push(String::new());
            ended = false;
        }
        if let Some(last) = sentences.last_mut() {
            last.push(c);
        }
        let space_follows = chars.peek().is_none_or(|next| next.is_whitespace());
        ended |= c == '\n' || matches!(c, '.' | '!' | '?' | '…' | ';') && space_follows;
    }
    sentences
}

/// Words of a model as they may be shown: no hidden marks, no emphasis, links as text. A link that was read somewhere is
/// shown with its host alone: the rest of it could carry things out.
fn readable(text: &str, tainted: bool) -> String {
    let visible = text.chars().filter(|c| *c == '\n' || !trust::is_hidden(*c));
    links::dead(&visible.collect::<String>().replace("**", "").replace('`', ""), tainted).trim().to_owned()
}

#[cfg(test)]
mod tests;
