//! Whose words may cause something (G5). Text that a model hands on is worth nothing by itself: it counts when it stands in
//! what the person freshly said, and whatever else it would do is asked about first, in words that show all of it.
//!
//! Pure: what was said and what was read come in, a verdict goes out. No prompt takes part in it.

use std::cell::Cell;

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use xswarm_core::{capability::EffectClass, provenance::Sources};

use super::links;

/// How long a text may be that a model hands on, in characters.
const MOST: usize = 1_000;

/// So many words, at most, may stand between two that are said to belong together.
const BETWEEN: usize = 8;

/// From so many words on, what stands in quotation marks is somebody's text rather than a name.
const QUOTED: usize = 5;

/// Heads of mails, and what stands before what was passed on, each at the beginning of a line.
const HEADS: &[&str] = &["from:", "subject:", "fw:", "fwd:", "von:", "betreff:", "wg:", "objet :", "objet:", "tr:"];

/// Words before a colon after which somebody else speaks: "look what Bob sent me: …".
const REPORTS: &[&str] = &[
    "writes",
    "wrote",
    "written",
    "says",
    "said",
    "sent",
    "sends",
    "texted",
    "texts",
    "told",
    "tells",
    "asks",
    "asked",
    "mailed",
    "emailed",
    "messaged",
    "posted",
    "replied",
    "forwarded",
    "reads",
    "read",
    "got",
    "received",
    "mean",
    "means",
    "schreibt",
    "schrieb",
    "sagt",
    "sagte",
    "schickte",
    "fragt",
    "écrit",
    "dit",
];

/// Words that turn a wish into its opposite.
const REFUSALS: &[&str] = &[
    "not", "never", "no", "none", "nobody", "nothing", "nowhere", "neither", "nor", "without", "cannot", "nicht",
    "nie", "niemals", "kein", "keine", "keinen", "keiner", "ne", "pas", "jamais", "sans",
];

/// Words that name nothing, and that a model leaves out or puts in.
const EMPTY: &[&str] = &["a", "an", "the", "my", "our", "your", "his", "her", "their", "to", "of", "with", "and"];

/// Text from a model that ought to be the person's own. It can only be read through [`Claim`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Spoken(String);

impl JsonSchema for Spoken {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Spoken".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MOST })
    }
}

/// What the person said lately themselves, and when.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnWords {
    said: Vec<(Vec<String>, DateTime<Utc>)>,
}

impl OwnWords {
    /// Of these messages, the latest first. What they quote is left out.
    pub(crate) fn of<'a>(messages: impl IntoIterator<Item = (&'a str, DateTime<Utc>)>) -> Self {
        Self { said: messages.into_iter().map(|(message, at)| (words(&fresh(message).0), at)).collect() }
    }

    /// When the words were said: they stand, in this order, in one of the messages. A few other words may stand between
    /// them.
    pub(crate) fn said_at(&self, text: &str) -> Option<DateTime<Utc>> {
        let wanted: Vec<_> = words(text).into_iter().filter(|word| !EMPTY.contains(&word.as_str())).collect();
        let found = self.said.iter().find(|(said, _)| !wanted.is_empty() && stand_in(&wanted, said));
        found.map(|(_, at)| *at)
    }

    /// Whether they were said at all.
    pub(crate) fn contain(&self, text: &str) -> bool {
        self.said_at(text).is_some()
    }
}

/// Whether something in the words turns a wish into its opposite. "Don't you think?" asks, and does not.
pub(crate) fn refuses(text: &str) -> bool {
    let text = text.to_lowercase().replace('’', "'");
    let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || c == '\'')).collect();
    let asks = |next: Option<&&str>| {
        next.is_some_and(|next| matches!(*next, "you" | "it" | "we" | "they" | "he" | "she" | "i" | "that" | "there"))
    };
    words.iter().enumerate().any(|(at, word)| {
        let contracted = word.ends_with("n't") || matches!(*word, "dont" | "wont" | "didnt" | "doesnt");
        // "I must not forget" wishes for it twice.
        let forgets = words.iter().skip(at + 1).take(2).any(|next| matches!(*next, "forget" | "miss"));
        (REFUSALS.contains(word) || contracted && !asks(words.get(at + 1))) && !forgets
    })
}

/// Whether the words stand in what was said, in order and near each other.
fn stand_in(wanted: &[String], said: &[String]) -> bool {
    // Every place at which the words so far may end; before the first, anywhere.
    let mut ends: Option<Vec<usize>> = None;
    for word in wanted {
        let places = said.iter().enumerate().filter(|(_, other)| *other == word).map(|(at, _)| at);
        let near = |at: &usize| match &ends {
            None => true,
            Some(ends) => ends.iter().any(|end| end < at && at - end <= BETWEEN + 1),
        };
        let next: Vec<usize> = places.filter(near).collect();
        if next.is_empty() {
            return false;
        }
        ends = Some(next);
    }
    true
}

/// Where what was pasted of a mail begins.
const PASTED: &[&str] = &["---------- forwarded message", "-----original message", "begin forwarded message"];

/// What a person wrote anew in a message, and whether they quoted something besides: lines that begin with ">", what is
/// fenced in, what follows the head of a mail or "she wrote:", and what stands in quotation marks and is longer than a name.
pub(crate) fn fresh(text: &str) -> (String, bool) {
    let (mut lines, mut quoted, mut fenced) = (Vec::new(), false, false);
    for line in text.lines() {
        let start = line.trim_start().to_lowercase();
        if PASTED.iter().chain(HEADS).any(|head| start.starts_with(head)) {
            quoted = true;
            break;
        }
        if let Some(before) = before_a_report(line) {
            quoted = true;
            lines.push(before);
            break;
        }
        let fence = start.starts_with("```") || start.starts_with("~~~");
        fenced ^= fence;
        if fence || fenced || start.starts_with('>') {
            quoted = true;
        } else {
            lines.push(line);
        }
    }
    let (text, marked) = without_quotations(&lines.join("\n"));
    (text, quoted || marked)
}

/// What stands before the words of somebody else, when a line ends or goes on with them after a colon.
fn before_a_report(line: &str) -> Option<&str> {
    line.match_indices(':').find_map(|(at, _)| {
        let (before, after) = line.split_at_checked(at)?;
        let clause = before.rsplit(['.', '!', '?', ';']).next().unwrap_or(before).to_lowercase();
        let spoken = after.chars().nth(1).is_none_or(char::is_whitespace);
        let reported = clause.split(|c: char| !c.is_alphanumeric()).any(|word| REPORTS.contains(&word));
        (spoken && reported).then_some(before)
    })
}

/// The text without long quotations, and whether there were any.
fn without_quotations(text: &str) -> (String, bool) {
    let (mut kept, mut rest, mut found) = (String::with_capacity(text.len()), text, false);
    while let Some((at, open)) = opening(rest) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let inside = from.get(open.len_utf8()..).unwrap_or_default();
        let ends = closing(open).unwrap_or(&[]);
        let closes = |at: usize| {
            // An apostrophe within a word closes nothing.
            let next = inside.get(at..).and_then(|rest| rest.chars().nth(1));
            !matches!(open, '\'' | '‘' | '‚') || !next.is_some_and(char::is_alphanumeric)
        };
        let end = inside.char_indices().find(|(at, c)| ends.contains(c) && closes(*at));
        // A quotation without end goes on to the end of the message.
        let ends_at = end.map_or(inside.len(), |(at, close)| at + close.len_utf8());
        let (quotation, after) = inside.split_at_checked(ends_at).unwrap_or((inside, ""));
        if quotation.split_whitespace().count() >= QUOTED {
            found = true;
            kept.push(' ');
        } else {
            kept.push(open);
            kept.push_str(quotation);
        }
        rest = after;
    }
    kept.push_str(rest);
    (kept, found)
}

/// Where the next quotation begins, and by which mark.
fn opening(text: &str) -> Option<(usize, char)> {
    let mut before = None;
    text.char_indices().find(|(_, c)| {
        let follows_a_word = before.replace(*c).is_some_and(char::is_alphanumeric);
        closing(*c).is_some() && !(matches!(c, '\'' | '‘') && follows_a_word)
    })
}

/// What ends a quotation that begins with this mark.
const fn closing(open: char) -> Option<&'static [char]> {
    match open {
        '"' => Some(&['"']),
        '“' | '”' => Some(&['”', '“', '"']),
        '„' => Some(&['“', '”', '"']),
        '«' => Some(&['»']),
        '»' => Some(&['«']),
        '‹' => Some(&['›']),
        '‘' | '‚' => Some(&['’', '‘']),
        '\'' => Some(&['\'']),
        _ => None,
    }
}

/// What a model claims that the person said, against what they did say.
pub(crate) struct Claim<'a> {
    own: &'a OwnWords,
    strayed: Cell<bool>,
    kept: Cell<bool>,
}

impl<'a> Claim<'a> {
    /// Against these words.
    pub(crate) fn against(own: &'a OwnWords) -> Self {
        Self { own, strayed: Cell::new(false), kept: Cell::new(false) }
    }

    /// The text, fit to be shown. That it was not the person's own is remembered; then no link in it can be followed.
    pub(crate) fn text(&self, spoken: &Spoken) -> String {
        let text = shown(&spoken.0);
        if self.is_own(spoken) {
            self.kept.set(true);
            text
        } else {
            self.strayed.set(true);
            links::dead(&text, true)
        }
    }

    /// The same of several.
    pub(crate) fn texts(&self, spoken: &[Spoken]) -> Vec<String> {
        spoken.iter().map(|one| self.text(one)).collect()
    }

    /// When the person said the text; absent when they did not.
    pub(crate) fn said_at(&self, spoken: &Spoken) -> Option<DateTime<Utc>> {
        self.own.said_at(&spoken.0)
    }

    /// Whether the text is the person's own.
    pub(crate) fn is_own(&self, spoken: &Spoken) -> bool {
        self.own.contain(&spoken.0)
    }

    /// Whether all that was read so far was the person's own, and there was something: what names nothing, such as
    /// "undo", is nobody's wish as far as words can tell.
    pub(crate) fn holds(&self) -> bool {
        self.kept.get() && !self.strayed.get()
    }
}

/// Text without what changes how other text looks, on one line, no longer than it may be.
pub(crate) fn shown(text: &str) -> String {
    let visible = |c: char| if c.is_whitespace() { Some(' ') } else { (!is_hidden(c)).then_some(c) };
    let text: String = text.chars().filter_map(visible).take(MOST).collect();
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Controls, marks of direction, and what takes no room: Unicode TR36 §2.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Words and numbers in lower case; "3pm" is two.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for c in text.chars().filter(|c| !is_hidden(*c)) {
        let kind = if c.is_numeric() { Some(false) } else { c.is_alphabetic().then_some(true) };
        match (kind, words.last_mut()) {
            (Some(_), Some(word)) if kind == last => word.extend(c.to_lowercase()),
            (Some(_), Some(_) | None) => words.push(c.to_lowercase().collect()),
            (None, _) => {}
        }
        // An apostrophe holds a word together.
        if kind.is_some() || !matches!(c, '\'' | '’') {
            last = kind;
        }
    }
    words
}

/// What stands between a model's request and its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may happen.
    Act,
    /// The person is asked first, and shown exactly what would happen.
    Ask,
}

/// Decides about an effect of this class. `own`: every word of it is the person's own. `seen`: the sources of all that the
/// model has read in this turn.
pub(crate) fn verdict(effect: EffectClass, own: bool, seen: &Sources) -> Verdict {
    if own && seen.is_own() && !effect.always_asks() { Verdict::Act } else { Verdict::Ask }
}

#[cfg(test)]
mod tests;
