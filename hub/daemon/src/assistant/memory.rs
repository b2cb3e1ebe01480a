//! Memory by conversation: remembering, telling what is known, forgetting, searching what was said.
//!
//! Only what the person says in this very message can be remembered, word for word. Forgetting asks first, because it
//! cannot be undone.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    memory::{self as facts, Memory, SearchHit},
    message::{Direction, Message},
    provenance::{Source, Sources},
};
use xswarm_language::command::{Command, understand};

use super::{
    contacts,
    effect::Effect,
    question::Question,
    turn::{Decision, Turn},
};
use crate::{
    error::{Error, Kind},
    memory, wording,
};

/// "Forget that" means what was told no longer ago than this.
const LATELY: Duration = Duration::hours(1);

/// So many memories are told at once.
const TOLD_AT_ONCE: usize = 30;

/// So many memories can be forgotten at once.
const FORGOTTEN_AT_ONCE: usize = 20;

/// So much of what a search finds is told.
const FOUND_AT_ONCE: usize = 5;

/// So many hits are looked through for those worth telling.
const LOOKED_THROUGH: u32 = 40;

/// Words that say nothing about what is meant.
const EMPTY: [&str; 53] = [
    "a",
    "an",
    "the",
    "my",
    "our",
    "your",
    "his",
    "her",
    "their",
    "its",
    "is",
    "are",
    "was",
    "were",
    "am",
    "be",
    "has",
    "have",
    "had",
    "do",
    "does",
    "did",
    "of",
    "to",
    "in",
    "on",
    "at",
    "for",
    "with",
    "about",
    "what",
    "where",
    "who",
    "that",
    "this",
    "it",
    "me",
    "i",
    "you",
    "we",
    "and",
    "or",
    "again",
    "s",
    "us",
    "please",
    "anything",
    "something",
    "any",
    "there",
    "how",
    "which",
    "when",
];

fn day(at: DateTime<Utc>, turn: &Turn<'_>) -> String {
    wording::date(at.with_timezone(&turn.zone()).date_naive())
}

/// What was told at another time is no wish of now: it may have been pasted, or be long past.
fn recalled() -> Sources {
    Sources::of(Source::Recalled)
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Remembers what the person says.
pub(super) fn remember(turn: &Turn<'_>, text: &str) -> Result<Decision, Error> {
    if !on_one_line(&turn.said.text).contains(&on_one_line(text)) {
        return Ok(Decision::say("I only remember what you tell me in your own words. Nothing was changed."));
    }
    let Some(text) = facts::text(text) else {
        let most = facts::MEMORY_CHARACTERS;
        return Ok(Decision::say(format!("I can remember up to {most} characters at once. Nothing was changed.")));
    };
    if let Some(known) = memory::known(turn.rows, turn.user.id, &text)? {
        let told = day(known.created_at, turn);
        return Ok(Decision::say(format!("I know that already, since {told}: {}.", known.text)));
    }
    match memory::room(turn.rows, turn.user.id) {
        Ok(()) => {}
        Err(full) if full.kind == Kind::Conflict => {
            return Ok(Decision::say(format!("No room: {}. Nothing was changed.", full.context)));
        }
        Err(error) => return Err(error),
    }
    let words = format!("I'll remember: {text}.");
    let new = memory::new_memory(turn.user.id, text, Some(turn.said.message), turn.now);
    Ok(Decision::act(vec![Effect::Remember { memory: Box::new(new) }], words))
}

/// What words are about, without those that say nothing.
fn telling(words: &str) -> Vec<String> {
    let plain = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let word = ["'s", "’s"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
        word.to_owned()
    };
    let words = words.split_whitespace().map(plain);
    words.filter(|word| !word.is_empty() && !EMPTY.contains(&word.to_lowercase().as_str())).collect()
}

/// What is remembered about something, newest first; by all of its words, else by any.
fn about(turn: &Turn<'_>, words: &[String]) -> Result<(Vec<Memory>, bool), Error> {
    let found = turn.rows.memories_about(turn.user.id, &words.join(" "))?;
    if !found.is_empty() || words.len() < 2 {
        return Ok((found, true));
    }
    let mut found: Vec<Memory> = Vec::new();
    for word in words {
        for one in turn.rows.memories_about(turn.user.id, word)? {
            if found.iter().all(|known| known.id != one.id) {
                found.push(one);
            }
        }
    }
    Ok((found, false))
}

fn lines(turn: &Turn<'_>, memories: &[Memory]) -> String {
    let line = |one: &Memory| format!("– {} (told on {})", one.text, day(one.created_at, turn));
    let lines: Vec<_> = memories.iter().take(TOLD_AT_ONCE).map(line).collect();
    let more = memories.len().saturating_sub(TOLD_AT_ONCE);
    let more = if more == 0 { String::new() } else { format!("\n… and {more} more: `xswarm memory list`.") };
    format!("{}{more}", lines.join("\n"))
}

/// Tells what is remembered.
pub(super) fn show(turn: &Turn<'_>, asked: Option<&str>) -> Result<Decision, Error> {
    let words = asked.map(telling).unwrap_or_default();
    let Some(asked) = asked.filter(|_| !words.is_empty()) else {
        let mut all = turn.rows.memories(turn.user.id)?;
        all.reverse();
        return Ok(if all.is_empty() {
            Decision::say(
                "You have not told me anything to remember yet. Say, for example, \"remember that Anna is allergic to \
                 nuts\".",
            )
        } else {
            Decision { sources: recalled(), ..Decision::say(format!("You told me:\n{}", lines(turn, &all))) }
        });
    };
    let (found, by_all) = about(turn, &words)?;
    let words = match (found.as_slice(), by_all) {
        ([], _) => format!(
            "You have not told me anything about {asked}. To look through our conversation, say \"search my messages \
             for {}\".",
            words.join(" ")
        ),
        ([one], true) => format!("You told me on {}: {}.", day(one.created_at, turn), one.text),
        (several, true) => format!("You told me:\n{}", lines(turn, several)),
        (several, false) => format!("Not that, but you told me:\n{}", lines(turn, several)),
    };
    let sources = if found.is_empty() { Sources::own() } else { recalled() };
    Ok(Decision { sources, ..Decision::say(words) })
}

/// The answer to a question that nothing else understood: what was told with all of its words in it, or the contact who
/// "my sister" is. Only such questions: what says nothing particular is answered by nothing.
pub(super) fn told_of(turn: &Turn<'_>) -> Result<Option<Decision>, Error> {
    let said = turn.said.text.trim().to_lowercase();
    let asks = ["what", "who", "where", "which", "when", "is ", "are ", "does ", "do ", "has ", "how"];
    if !said.ends_with('?') && !asks.iter().any(|word| said.starts_with(word)) {
        return Ok(None);
    }
    if let Some(name) =
        ["who is my ", "who's my ", "who is our ", "who's our "].iter().find_map(|it| said.strip_prefix(it))
        && let Some(known) = contacts::introduced(turn, name.trim_end_matches(['?', '.', ' ']))?
    {
        return Ok(Some(known));
    }
    let words = telling(&turn.said.text);
    if words.is_empty() {
        return Ok(None);
    }
    let found = turn.rows.memories_about(turn.user.id, &words.join(" "))?;
    let reply = match found.as_slice() {
        [] => return Ok(None),
        [one] => format!("You told me on {}: {}.", day(one.created_at, turn), one.text),
        several => format!("You told me:\n{}", lines(turn, several)),
    };
    Ok(Some(Decision { sources: recalled(), ..Decision::say(reply) }))
}

/// What was told last, when that is not long ago.
pub(super) fn told_lately(turn: &Turn<'_>) -> Result<Option<Memory>, Error> {
    let last = turn.rows.memories(turn.user.id)?.pop();
    Ok(last.filter(|one| one.created_at >= turn.now - LATELY))
}

/// Asks whether something shall be forgotten.
pub(super) fn forget(turn: &Turn<'_>, what: Option<&str>) -> Result<Decision, Error> {
    let user = turn.user.id;
    let found = match what {
        None => told_lately(turn)?.into_iter().collect(),
        Some(what) => match memory::known(turn.rows, user, facts::text(what).as_deref().unwrap_or(what))? {
            Some(exactly) => vec![exactly],
            None => turn.rows.memories_about(user, &telling(what).join(" "))?,
        },
    };
    if found.len() > FORGOTTEN_AT_ONCE {
        return Ok(Decision::say(format!(
            "That would be {} things, too many at once. Say more of what you mean. Nothing was changed.",
            found.len()
        )));
    }
    let words = match found.as_slice() {
        [] => {
            let about = what.map_or_else(|| "that".to_owned(), |what| format!("\"{what}\""));
            return Ok(Decision::say(format!(
                "I remember nothing like {about}. Ask \"what do you remember?\" for all I know. Nothing was changed."
            )));
        }
        [one] => {
            format!("Forget \"{}\" for good, and empty the messages in which we spoke of it? (yes or no)", one.text)
        }
        several => {
            let lines: Vec<_> = several.iter().map(|one| format!("– {}", one.text)).collect();
            format!(
                "Forget these {} for good, and empty the messages in which we spoke of them? (yes or no)\n{}",
                several.len(),
                lines.join("\n")
            )
        }
    };
    Ok(confirmed(turn, &found, words))
}

/// Asks whether all that was told shall be forgotten.
pub(super) fn forget_all(turn: &Turn<'_>) -> Result<Decision, Error> {
    let all = turn.rows.memories(turn.user.id)?;
    if all.is_empty() {
        return Ok(Decision::say("You have not told me anything to remember. Nothing was changed."));
    }
    let things = if all.len() == 1 { "the one thing".to_owned() } else { format!("all {} things", all.len()) };
    let words = format!(
        "Forget {things} you told me to remember, for good? Your calendar, reminders, lists and contacts stay. (yes or no)"
    );
    Ok(confirmed(turn, &all, words))
}

/// The question before memories are forgotten. Only ids: it and its receipt must not keep the words.
fn confirmed(turn: &Turn<'_>, found: &[Memory], words: String) -> Decision {
    let effects = vec![Effect::Forget { user: turn.user.id, memories: found.iter().map(|one| one.id).collect() }];
    let done =
        "Forgotten for good, and with it what I had summed up of our conversation since you told me. The messages in \
                which we spoke of it are empty now."
            .to_owned();
    Decision::ask(words, Question::Confirm { effects, done, sources: recalled() })
}

/// Looks through what was told and said.
pub(super) fn search(turn: &Turn<'_>, words: &str) -> Result<Decision, Error> {
    if words.is_empty() {
        return Ok(Decision::say("For what? Say, for example, \"search my messages for the boiler\"."));
    }
    let wanted = telling(words);
    let wanted = if wanted.is_empty() { words.to_owned() } else { wanted.join(" ") };
    let mut found = Vec::new();
    for hit in turn.rows.search(turn.user.id, &wanted, LOOKED_THROUGH)? {
        if found.len() > FOUND_AT_ONCE {
            break;
        }
        if !of_a_search(turn, &hit)? {
            found.push(hit);
        }
    }
    if found.is_empty() {
        return Ok(Decision::say(format!("I find nothing with \"{wanted}\" in what you told me or in our messages.")));
    }
    let more = if found.len() > FOUND_AT_ONCE { "\nThere is more: say another word of it." } else { "" };
    let lines: Vec<_> = found.iter().take(FOUND_AT_ONCE).map(|hit| line(turn, hit)).collect();
    // What was said at another time is no wish of now, and what I told may have been others' words.
    let sources = found.iter().map(|hit| hit.source).chain([Source::Recalled]).collect();
    Ok(Decision { sources, ..Decision::say(format!("Found, newest first:\n{}{more}", lines.join("\n"))) })
}

/// Whether it is the search itself, an earlier one, or the answer to one: those only repeat what is looked for.
fn of_a_search(turn: &Turn<'_>, hit: &SearchHit) -> Result<bool, Error> {
    let Some(id) = hit.message_id else { return Ok(false) };
    if id == turn.said.message {
        return Ok(true);
    }
    let Some(message) = turn.rows.message(id)? else { return Ok(true) };
    let asked = match (message.direction, message.in_reply_to) {
        (Direction::Inbound, _) => Some(message),
        (Direction::Outbound, Some(asked)) => turn.rows.message(asked)?,
        (Direction::Outbound, None) => None,
    };
    let searches = |message: &Message| {
        matches!(
            understand(&message.content, &turn.context()).command,
            Command::SearchMessages { .. } | Command::ShowMemory { .. }
        )
    };
    Ok(asked.is_some_and(|message| searches(&message)))
}

/// "– Tuesday, 24 November 2026 at 10:00 AM CET, you: the boiler makes noises".
fn line(turn: &Turn<'_>, hit: &SearchHit) -> String {
    let who = match (hit.memory_id, hit.direction, hit.source) {
        (Some(_), _, _) => return format!("– told on {}: {}", day(hit.at, turn), hit.snippet),
        (None, Some(Direction::Outbound), _) => "I",
        (None, _, Source::Own) => "you",
        (None, _, Source::Quoted) => "quoted in your message",
        (None, _, Source::Forwarded) => "passed on by you",
        (None, _, Source::Attachment) => "in a file",
        (None, _, Source::InheritedSubject) => "in a subject",
        (None, _, Source::Boilerplate) => "below your message",
        (None, _, Source::Hidden) => "hidden in a message",
        (None, _, Source::Unknown) => "not by you",
        (None, _, Source::Automatic | Source::Tool | Source::Model) => "by a program",
        (None, _, Source::Member) => "by somebody of the household",
        (None, _, Source::Imported) => "taken over from elsewhere",
        (None, _, Source::Web) => "in the web",
        (None, _, Source::Repository) => "in a project's files",
        (None, _, Source::Recalled) => "you, at another time",
    };
    let snippet = hit.snippet.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("– {}, {who}: {snippet}", wording::moment(hit.at, turn.zone()))
}
