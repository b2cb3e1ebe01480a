//! Lists: the shopping, what is to do, what to pack.
//!
//! A sentence is about a list when it names one ("my shopping list", "the list"), or checks something off. What looks
//! like a list but is the calendar's, the reminders' or somebody else's is left to them.

use std::ops::Range;

use super::{
    sentence::Sentence,
    types::{Command, ListCommand},
};
use crate::lexer::phrases::{Phrases, any};

/// Lists that are kept elsewhere, or are no lists of things.
const OTHERS: &Phrases = any!(
    "reminder|reminders|alarm|alarms|timer|timers|appointment|appointments|meeting|meetings|event|events|calendar|\
    agenda|schedule|task|tasks|project|projects|agent|agents|contact|contacts|mail|mailing|email|emails|play|guest|\
    price|waiting|black|white|music|song|songs|invite|invitation|friend|friends|wish of|address"
);

/// What stands before the name of a list and is no part of it.
const BEFORE: &Phrases = any!(
    "the|my|our|a|an|to|on|onto|off|from|in|into|of|this|that|your|new|shared|family|household|me|called|named|what's|\
    whats|is|are|show|read|clear|delete|create|make|empty|and|for|at|with|private|personal|another|have|got|entire|\
    whole|complete|please|out|up|start|add|put|wipe|erase|reset|open|remove|us|check|see|view|get|display|need|what|\
    which|how|many|all|any"
);

/// Things whose name has an "and" in it.
const PAIRS: &[&str] =
    &["mac and cheese", "half and half", "fish and chips", "peanut butter and jelly", "bed bath and beyond"];

/// A list that the sentence names.
struct Named {
    /// Its name as said; `None` for "the list".
    name: Option<String>,
    /// The tokens of "to my shopping list".
    range: Range<usize>,
}

/// A command about lists, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let named = named(sentence);
    let command = match &named {
        Some(named) => overview(sentence, named)
            .or_else(|| create(sentence, named))
            .or_else(|| add(sentence, named))
            .or_else(|| whole(sentence, named))
            .or_else(|| take(sentence, Some(named)))
            .or_else(|| show(sentence, named)),
        None => take(sentence, None),
    };
    command.map(Command::List)
}

/// "my shopping list", "the list", "my to-do list", "a list called packing".
fn named(sentence: &Sentence<'_, '_>) -> Option<Named> {
    let noun = (sentence.start..sentence.end)
        .rev()
        .find(|i| matches!(sentence.word(*i), "list" | "lists") && !(*i == sentence.start && *i + 1 < sentence.end))?;
    // "A list called packing", "a list for me called packing"
    let after = (noun + 1..noun + 4).find_map(|at| {
        sentence.any_at(at, any!("called|named|titled|with the name|by the name of")).map(|count| at + count)
    });
    if let Some(at) = after {
        let range = at..sentence.end;
        let name = plain(sentence.written(range));
        return (!name.is_empty()).then(|| Named { name: Some(name), range: beginning(sentence, noun)..sentence.end });
    }
    // "to do list", "to-do list", "todo list"
    let to_do = [(3, "to - do"), (2, "to do"), (2, "to dos"), (1, "todo"), (1, "todos")]
        .into_iter()
        .find(|(count, phrase)| noun >= sentence.start + count && sentence.phrase_at(noun - count, phrase).is_some());
    if let Some((count, _)) = to_do {
        let name = Some("to-do".to_owned());
        return Some(Named { name, range: beginning(sentence, noun - count)..noun + 1 });
    }
    let mut start = noun;
    while start > sentence.start
        && noun - start < 3
        && !BEFORE.has(sentence.word(start - 1))
        && word(sentence, start - 1)
    {
        start -= 1;
    }
    if (start..noun).any(|i| OTHERS.has(sentence.word(i))) || sentence.any_at(noun + 1, any!("of")).is_some() {
        return None;
    }
    let name = (start < noun).then(|| sentence.written(start..noun).to_owned());
    Some(Named { name, range: beginning(sentence, start)..noun + 1 })
}

fn word(sentence: &Sentence<'_, '_>, i: usize) -> bool {
    sentence.is_word(i) || sentence.token(i).is_some_and(|token| token.glued && token.is_symbol('-'))
}

/// Where "to my", "off the" begins before the name.
fn beginning(sentence: &Sentence<'_, '_>, mut start: usize) -> usize {
    while start > sentence.start
        && any!("the|my|our|a|an|this|that|new|shared|family|household|private|personal|another")
            .has(sentence.word(start - 1))
    {
        start -= 1;
    }
    while start > sentence.start && any!("to|on|onto|off|from|in|into|of|at").has(sentence.word(start - 1)) {
        start -= 1;
    }
    start
}

/// Without quotation marks and punctuation around it.
fn plain(text: &str) -> String {
    let trimmed = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | ')' | '%' | '+' | '#'));
    trimmed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// "What lists do I have", "show my lists".
fn overview(sentence: &Sentence<'_, '_>, named: &Named) -> Option<ListCommand> {
    let plural = (named.range.clone()).any(|i| sentence.word(i) == "lists");
    let asks = sentence.asks() || sentence.opens(any!("show|list|tell|give|read|display|all|my|the|what")).is_some();
    (plural && named.name.is_none() && asks).then_some(ListCommand::Overview)
}

/// "Create a list called packing", "make a shared packing list".
fn create(sentence: &Sentence<'_, '_>, named: &Named) -> Option<ListCommand> {
    let at = sentence.opens(any!("create|make|start|begin|new|set up|open|add|i need|give"))?;
    // "Add a list called packing" makes one; "add milk to a list called packing" does not.
    let directly = (at..named.range.start).all(|i| any!("me|us|up").has(sentence.word(i)));
    let article = (sentence.start..named.range.end).any(|i| any!("a|an|new|another").has(sentence.word(i)));
    let opens = sentence.opens(any!("open|give|i need|add")).is_none();
    let onto = (named.range.clone()).any(|i| any!("to|on|onto|in|into").has(sentence.word(i)))
        && named.name.as_deref() != Some("to-do");
    if onto || !directly || !(article || opens) || sentence.opens(any!("open|begin")).is_some() && !article {
        return None;
    }
    let shared = sentence.has(any!("shared|family|household|our|for us|for everyone|for everybody|for the family"));
    Some(ListCommand::Create { name: named.name.clone(), shared })
}

/// "Add milk and eggs to the shopping list", "put on my shopping list: milk".
fn add(sentence: &Sentence<'_, '_>, named: &Named) -> Option<ListCommand> {
    let at =
        sentence.opens(any!("add|put|write|include|stick|throw|place|jot down|jot|note down|note|append|get|insert"));
    let before = named.range.start;
    // "Shopping list: milk, eggs"
    let headed = before == sentence.start && sentence.token(named.range.end).is_some_and(|token| token.is_symbol(':'));
    let at = at.or(headed.then_some(before))?;
    let preposition = (named.range.clone()).any(|i| any!("to|on|onto|in|into").has(sentence.word(i)));
    let items =
        if before > at { sentence.written(at..before) } else { sentence.written(named.range.end..sentence.end) };
    let items = split(items, named);
    if items.is_empty() && before > at || sentence.opens(any!("get|put")).is_some() && !preposition {
        return None;
    }
    Some(ListCommand::Add { list: named.name.clone(), items })
}

/// "Clear the shopping list", "delete the packing list", "remove everything from the list".
fn whole(sentence: &Sentence<'_, '_>, named: &Named) -> Option<ListCommand> {
    let list = named.name.clone();
    let between = |at: usize| sentence.written(at..named.range.start).to_lowercase();
    let at = sentence.opens(any!(
        "clear|empty|wipe|erase|reset|clean|delete|remove|get rid of|throw away|trash|take|cross|scratch"
    ))?;
    let between = plain(&between(at));
    let all = [
        "everything",
        "all",
        "all items",
        "all the items",
        "all of the items",
        "every item",
        "out",
        "up",
        "all things",
    ];
    if all.contains(&between.as_str()) {
        return Some(ListCommand::Clear { list });
    }
    if !between.is_empty() {
        return None;
    }
    if sentence.opens(any!("delete|remove|get rid of|throw away|trash")).is_some() {
        return Some(ListCommand::Delete { list });
    }
    sentence.opens(any!("clear|empty|wipe|erase|reset|clean")).map(|_| ListCommand::Clear { list })
}

/// "Take milk off the list", "check off eggs", "mark the milk as bought".
fn take(sentence: &Sentence<'_, '_>, named: Option<&Named>) -> Option<ListCommand> {
    let list = named.and_then(|named| named.name.clone());
    let end = named.map_or(sentence.end, |named| named.range.start);
    let items = |range: Range<usize>| {
        let text = plain(sentence.written(range));
        let items = named.map_or_else(|| split(&text, &NO_LIST), |named| split(&text, named));
        (!items.is_empty()).then_some(items)
    };
    // "check off eggs (on the list)"
    if let Some(at) = sentence.opens(any!("check off|cross off|tick off|cross out|strike off|strike out|mark off")) {
        return Some(ListCommand::CheckOff { list, items: items(at..end)? });
    }
    // "check eggs off (the list)": a time of day is never checked off.
    if let Some(at) = sentence.opens(any!("check|cross|tick|strike|mark")) {
        let last = end.checked_sub(1).filter(|last| *last >= at)?;
        if last > at && any!("off|out").has(sentence.word(last)) {
            return Some(ListCommand::CheckOff { list, items: items(at..last)? });
        }
        let off = named.is_some_and(|named| (named.range.clone()).any(|i| any!("off|from").has(sentence.word(i))));
        if off {
            return Some(ListCommand::CheckOff { list, items: items(at..end)? });
        }
        let done = (at..end).find(|i| {
            sentence.any_at(
                *i,
                any!("as done|as bought|as finished|as complete|as completed|done|bought|finished|completed"),
            ) == Some(end - i)
        });
        let known = named.is_some() || sentence.any_at(at, any!("the")).is_some() && sentence.has(any!("bought"));
        return match done {
            Some(done) if known => Some(ListCommand::CheckOff { list, items: items(at..done)? }),
            Some(_) | None => None,
        };
    }
    let named = named?;
    let at = sentence.opens(any!("take|remove|delete|scratch|drop|erase|get rid of|strike|clear"))?;
    let off = (named.range.clone()).any(|i| any!("off|from|of|on|in").has(sentence.word(i)));
    if !off {
        return None;
    }
    let end = if named.range.start > at && any!("off|out").has(sentence.word(named.range.start - 1)) {
        named.range.start - 1
    } else {
        named.range.start
    };
    Some(ListCommand::Remove { list, items: items(at..end)? })
}

/// Where no list is named.
const NO_LIST: Named = Named { name: None, range: 0..0 };

/// "What's on my shopping list", "read me the to-do list", "my shopping list".
fn show(sentence: &Sentence<'_, '_>, named: &Named) -> Option<ListCommand> {
    let at = sentence.opens(any!(
        "what's on|what is on|whats on|what's in|what is in|whats in|what do i have on|what do we have on|what's left on|\
        what is left on|what else is on|what all is on|show me what's on|show me what is on|tell me what's on|\
        tell me what is on|read me what's on|how many things are on|how many items are on|how long is|anything on|\
        is there anything on|do i have anything on|show me|show|read me|read out|read|tell me|give me|list|open|display|check|see|view|\
        pull up|bring up|look at|what is|what's|whats|go through|do i have anything else on|what things are on|\
        which things are on|what items are on|what else do i need on|what are the things on|what are the items on"
    ));
    let at = at.unwrap_or(sentence.start);
    let only = (at..named.range.start)
        .all(|i| any!("on|in|the|my|our|is|all|of|items|things|everything|what's|me").has(sentence.word(i)));
    let rest = named.range.end == sentence.end
        || (named.range.end..sentence.end).all(|i| {
            any!("now|right|say|look|like|have|contain|today|so|far|currently|include|?").has(sentence.word(i))
        });
    let bare = at == sentence.start && named.name.is_none();
    (only && rest && !bare).then(|| ListCommand::Show { list: named.name.clone() })
}

/// The items of an enumeration. What is to do may hold an "and"; things to buy and to pack are parted by it.
fn split(text: &str, named: &Named) -> Vec<String> {
    let whole = named.name.as_deref() == Some("to-do");
    let mut items = Vec::new();
    for part in text.split([',', ';', '\n', '•']) {
        let lower = part.to_lowercase();
        let pair = PAIRS.iter().any(|pair| lower.contains(pair));
        let parts: Vec<&str> = if whole || pair { vec![part] } else { parted(part) };
        items.extend(parts.into_iter().map(item).filter(|item| !item.is_empty()));
    }
    items
}

/// At "and", "&" and "plus" between words.
fn parted(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    for word in text.split_inclusive(char::is_whitespace) {
        if matches!(word.trim().to_lowercase().as_str(), "and" | "&" | "plus" | "as" | "also") {
            parts.extend(text.get(from..at));
            from = at + word.len();
        }
        at += word.len();
    }
    parts.extend(text.get(from..));
    parts.retain(|part| !matches!(part.trim().to_lowercase().as_str(), "well" | "well as"));
    parts
}

/// One item, without the small words before it.
fn item(text: &str) -> String {
    let text = plain(text);
    let mut words: Vec<&str> = text.split(' ').collect();
    while words.len() > 1
        && words.first().is_some_and(|word| any!("and|some|the|my|more|please").has(&word.to_lowercase()))
    {
        words.remove(0);
    }
    // "a lamp" is a lamp; "a dozen eggs" is not dozen eggs.
    if words.len() == 2 && words.first().is_some_and(|word| any!("a|an").has(&word.to_lowercase())) {
        words.remove(0);
    }
    words.join(" ")
}
