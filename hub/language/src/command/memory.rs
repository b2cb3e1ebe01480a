//! What the Boss is to remember, to forget, and to say of what it was told; and searching what was written.
//!
//! Facts only: "remember to call mom" is a reminder, "forget it" calls off, "do you remember when …" of a day is the
//! calendar's. What is remembered stays as it was said, from the first word of the fact to the last.

use super::{
    appointment::{NOUNS, foreign},
    sentence::Sentence,
    types::Command,
};
use crate::lexer::phrases::{Phrases, any};

const REMEMBER: &Phrases = any!(
    "remember that|please remember that|remember this|always remember that|don't forget that|dont forget that|\
    do not forget that|never forget that|note that|make a note that|take note that|take a note that|\
    keep in mind that|bear in mind that|keep in mind|bear in mind|remember|don't forget|dont forget|do not forget|\
    never forget|note|make a note|take a note|for the record|for your information|fyi|memorize that|memorise that|\
    memorize|memorise|keep a note that|remember the fact that|commit to memory that"
);
/// These open a fact whatever follows them.
const SURELY: &Phrases = any!(
    "keep in mind that|bear in mind that|note that|take note that|make a note that|take a note that|memorize that|\
    memorise that|keep a note that|remember the fact that|commit to memory that|for the record|for your information|fyi"
);
/// What follows is something to do, or something to look up.
const NOT_FACTS: &Phrases = any!(
    "to|me|when|what|where|who|why|how|if|whether|about|of|it|for|us|everything|anything|something|on|at|in|by|i have to|\
    i need to|i must|i should|i want to|i've to|i've got to|i gotta|we have to|we need to|we must|we should"
);
/// A fact says that something is so.
const VERBS: &Phrases = any!(
    "is|are|was|were|isn't|aren't|wasn't|am|i'm|he's|she's|it's|we're|they're|you're|that's|there's|has|have|had|hasn't|\
    haven't|hates|hate|likes|like|loves|love|prefers|prefer|wants|needs|lives|live|works|work|doesn't|don't|can't|cannot|\
    can|can't|won't|drinks|drink|eats|eat|drives|takes|take|uses|use|costs|belongs|means|speaks|owns|keeps|keep|parked|\
    park|lent|gave|put|owes|owe|hid|left|moved|goes|go|stands|starts|begins|opens|closes|comes|calls|plays|sleeps|wears|\
    studies|knows|got|gets|never|always|only|will|bought|sold|paid|borrowed|changed|born|was born|allergic|mustn't|must|\
    sits|lies|lie|stores|store|stored|turned|turns|reads|expires|fits|contains|runs"
);
const FORGET: &Phrases = any!(
    "forget that|forget what i told you about|forget what i said about|forget everything about|forget all about|\
    forget everything i told you about|forget what you know about|forget everything you know about|\
    forget the fact that|forget|stop remembering that|stop remembering|no longer remember that|\
    delete what you know about|delete the memory that|delete the memory about|delete the memory of|\
    delete from your memory|erase from your memory|remove from your memory|delete your memory of|erase your memory of|\
    you can forget that|you can forget|you may forget that|you may forget|you should forget that|you should forget|\
    delete everything you know about|erase everything you know about|erase what you know about"
);
/// What is forgotten elsewhere, or not at all.
const NOT_FORGOTTEN: &Phrases = any!(
    "reminder|reminders|alarm|alarms|timer|timers|appointment|appointments|meeting|meetings|event|events|calendar|\
    contact|contacts|list|lists|the whole thing|task|tasks|project"
);
const LAST: &Phrases = any!(
    "forget that|forget what i just told you|forget what i told you|forget what i just said|forget what i said|\
    forget the last thing i told you|forget the last memory|forget the last thing|forget that memory|forget this memory|\
    delete that memory|delete the last memory|forget this fact|forget that fact|forget what you just learned|\
    forget what you learned"
);
const SHOW_ALL: &Phrases = any!(
    "what do you remember|what do you know|what do you know about me|what do you remember about me|what have i told you|\
    what did i tell you|what did i tell you to remember|what have i told you to remember|what do you have in memory|\
    what's in your memory|what is in your memory|what is in your memories|show your memory|show me your memory|\
    show my memories|show me my memories|show memories|list memories|list my memories|list your memories|my memories|\
    show me what you remember|tell me what you remember|tell me what you know about me|show me what you know about me|\
    what all do you remember|what can you remember|what facts do you know|everything you remember|\
    tell me everything you remember|tell me everything you know about me|what have you remembered|\
    what did i ask you to remember|what did i ask you to keep in mind|what should you remember|memories|\
    what do you know of me|what do you still remember|who am i"
);
const SHOW: &Phrases = any!(
    "what do you know about|what do you remember about|what do you know of|what do you remember of|\
    what did i tell you about|what have i told you about|what did i say about|what did i tell you regarding|\
    what did i ask you to remember about|what do you have on|tell me what you know about|tell me what you remember about|\
    show me what you know about|show me what you remember about|tell me everything you know about|\
    remind me what i told you about|remind me what i said about|do you remember what i told you about|\
    do you remember what i said about|do you know what i told you about|do you remember anything about|\
    do you know anything about|do you still know|do you still remember|what all do you know about"
);
/// "Do you remember my locker code": the words behind it are the thing.
const RECALL: &Phrases = any!("do you remember|can you remember|can you recall|do you recall|you remember");
const SEARCH: &Phrases = any!(
    "search my messages for|search the messages for|search messages for|search our messages for|\
    search all messages for|search all my messages for|search in my messages for|search through my messages for|\
    search our conversation for|search the conversation for|search our conversations for|search my conversations for|\
    search our chat for|search my texts for|search my mails for|search my mail for|search my emails for|\
    search my email for|search the log for|search the history for|search our history for|search my history for|\
    search my memory for|search your memory for|search my memories for|look through my messages for|\
    look in my messages for|look through our messages for|go through my messages for|search everything for|\
    find messages about|find the message about|find the messages about|find a message about|find my message about|\
    find my messages about|find the message with|find messages with|find messages containing|\
    find all messages about|find all my messages about|find the message where i wrote about|\
    find the message that mentions|find messages that mention|find messages mentioning|find the text about|\
    find the message i wrote about|find the message where|show me messages about|show messages about|\
    show me the message about|show me the messages about|show me all messages about|show the message about|\
    show the messages about|which messages mention|which message mentions|which messages are about|\
    when did i write about|when did i write you about|when did i text you about|when did i mention|\
    when did i talk about|when did i say something about|when did i tell you about|when did we talk about|\
    when did we write about|when did i last mention|when did i last write about|when did we last talk about|\
    when did you mention|when did you tell me about|where did i write about|where did i mention|\
    search for messages about|search for messages with|search for the message about|look for the message about|\
    look for messages about|look up the message about|search what i wrote about|search for what i wrote about"
);

/// Weaker openings: what follows must be a word or two that nothing else keeps.
const SEARCH_ANY: &Phrases = any!("search for|find|look for|look up");
const FORGET_ALL: &Phrases = any!(
    "forget everything|forget all|forget it all|forget everything you know|forget everything i told you|\
    forget everything you know about me|forget all you know about me|forget all you know|forget all i told you|\
    forget everything you remember|delete everything you know about me|erase everything you know about me|\
    delete everything you know|erase everything you know|erase your memory|delete your memory|clear your memory|\
    delete all memories|delete all my memories|erase all my memories|clear my memories|wipe your memory"
);

/// A command about memory whose words mean something else to the rest of the grammar: "forget that" alone, and questions
/// that open like those for help.
pub(super) fn first(sentence: &Sentence<'_, '_>) -> Option<Command> {
    last(sentence).or_else(|| forget_all(sentence)).or_else(|| show(sentence))
}

/// Any other command about memory.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    search(sentence).or_else(|| forget(sentence)).or_else(|| remember(sentence))
}

/// From this token to the end of the text, as it was written, without quotation marks around it.
fn said<'t>(sentence: &Sentence<'t, '_>, at: usize) -> &'t str {
    let at = (at..sentence.end).find(|i| sentence.is_word(*i) || !is_punctuation(sentence, *i)).unwrap_or(sentence.end);
    let text = sentence.written(at..sentence.end).trim();
    let quoted = text.strip_prefix(['"', '“', '„']).and_then(|text| text.strip_suffix(['"', '”', '“']));
    quoted.unwrap_or(text).trim()
}

fn is_punctuation(sentence: &Sentence<'_, '_>, at: usize) -> bool {
    sentence.token(at).is_some_and(|token| [':', ',', '-', '–', '.'].iter().any(|symbol| token.is_symbol(*symbol)))
}

/// The thing that a question or an order is about.
fn thing(sentence: &Sentence<'_, '_>, at: usize) -> Option<String> {
    let text = said(sentence, at).trim_end_matches(['?', '!', '.', ' ']);
    text.contains(char::is_alphanumeric).then(|| text.to_owned())
}

/// "Remember that Anna is allergic to nuts", "don't forget my locker code is 4711", "note: the key is under the mat".
fn remember(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(REMEMBER)?;
    // "Can you remember that …?" is politeness; any other question is one.
    let that = sentence.word(at - 1) == "that";
    if sentence.asks() && !that && sentence.opens(any!("do not forget")).is_none() {
        return None;
    }
    // A day or time ahead is the calendar's and the reminders', but for what is said to be so.
    let dated = sentence.has_time() && !(that || sentence.opens(SURELY) == Some(at));
    let own =
        that && sentence.any_at(at, any!("i have|i've|we have|we've|i need|i'm|i am|there's|there is|i")).is_some();
    if dated || own && sentence.has_time() {
        return None;
    }
    let colon = sentence.token(at).is_some_and(|token| token.is_symbol(':'));
    let sure = sentence.opens(SURELY) == Some(at) || colon;
    let fact = at + usize::from(is_punctuation(sentence, at));
    // "For the record" opens a fact too, with or without a comma.
    if sentence.any_at(fact, NOT_FACTS).is_some() && !colon || fact >= sentence.end {
        return None;
    }
    let verb = (fact + 1..sentence.end).any(|i| sentence.any_at(i, VERBS).is_some())
        || sentence.any_at(fact, any!("i'm|he's|she's|it's|we're|they're|you're|there's|i|we")).is_some();
    let text = said(sentence, fact);
    let wordy = text.split_whitespace().count() >= 2;
    // "Note to self", "remember the milk" say nothing that is so.
    if !wordy || !(verb || sure || that) {
        return None;
    }
    Some(Command::Remember { text: text.to_owned() })
}

/// "Forget that", "forget what I just told you": whatever was told last.
fn last(sentence: &Sentence<'_, '_>) -> Option<Command> {
    sentence.is_one_of(LAST).then_some(Command::Forget { what: None })
}

/// "Forget everything": all that was told.
fn forget_all(sentence: &Sentence<'_, '_>) -> Option<Command> {
    sentence.is_one_of(FORGET_ALL).then_some(Command::ForgetAll)
}

/// "Forget that Anna is allergic to nuts", "forget what I told you about Anna".
fn forget(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(FORGET)?;
    if at >= sentence.end || sentence.has(NOT_FORGOTTEN) {
        return None;
    }
    let plain =
        sentence.opens(any!("forget|you can forget|you may forget|you should forget|stop remembering")) == Some(at);
    // "Forget about it", "forget to …", "forget me" are no memories; nor is "forget the dentist on Friday".
    let other = sentence
        .any_at(
            at,
            any!("about it|about that|about this|to|me|it|you|this|i|the last|him|her|them|everything|all|nothing|anything|yesterday|today|tomorrow|what"),
        )
        .is_some();
    if plain && (other || sentence.has_time()) {
        return None;
    }
    let at = at + usize::from(plain && sentence.word(at) == "about");
    Some(Command::Forget { what: Some(thing(sentence, at)?) })
}

/// "What do you know about Anna", "what do you remember", "do you remember my locker code".
fn show(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let whole = sentence.whole();
    if sentence.is_one_of(SHOW_ALL) || whole.is_one_of(SHOW_ALL) {
        return Some(Command::ShowMemory { about: None });
    }
    let capabilities = any!("you|your abilities|yourself|this|that|it|what you can do");
    for one in [sentence, &whole] {
        if let Some(at) = one.opens(SHOW)
            && at < one.end
        {
            return if one.any_at(at, capabilities) == Some(one.end - at) {
                None
            } else {
                Some(Command::ShowMemory { about: Some(thing(one, at)?) })
            };
        }
    }
    let at = whole.opens(RECALL)?;
    let told = whole.any_at(at, any!("that")).is_some();
    if told && whole.opens(any!("can you")).is_some() {
        return None;
    }
    let question = any!("when|who|why|how|to|if|me|you|it|us|what time|where we|the time|the last time|our");
    if at >= whole.end || whole.any_at(at, question).is_some() || sentence.has_time() {
        return None;
    }
    // "Do you remember that Anna is allergic?"
    let at = if told && at + 1 < whole.end { at + 1 } else { at };
    let at = at + whole.any_at(at, any!("what's|what is|what are|where is|where's|where are|what")).unwrap_or(0);
    Some(Command::ShowMemory { about: Some(thing(&whole, at)?) })
}

/// "Search my messages for invoice", "find the message about the boiler", "when did I write about the boiler".
fn search(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let whole = sentence.whole();
    if let Some((one, at)) = [sentence, &whole].into_iter().find_map(|one| Some((one, one.opens(SEARCH)?))) {
        return Some(Command::SearchMessages { words: thing(one, at).unwrap_or_default() });
    }
    // "Search my messages for": for what is missing, and to be asked.
    if whole.is_one_of(SEARCH_OPEN) {
        return Some(Command::SearchMessages { words: String::new() });
    }
    let at = sentence.opens(SEARCH_ANY)?;
    let words = thing(sentence, at)?;
    let few = words.split_whitespace().count() <= 2 && !sentence.asks();
    let other = NOT_SEARCHED.has(sentence.word(at)) || sentence.has(NOUNS) || sentence.has(NOT_FORGOTTEN);
    if !few || other || sentence.has_time() || foreign(sentence) && !sentence.has(any!("wifi|password|pin|code")) {
        return None;
    }
    Some(Command::SearchMessages { words })
}

/// What is looked for elsewhere: in the world, or in the calendar.
const NOT_SEARCHED: &Phrases = any!(
    "a|an|the|my|me|me a|some|any|out|time|times|it|that|this|them|new|free|good|cheap|best|nearby|what|where|who|how|when|if"
);

/// The opening of a search alone.
const SEARCH_OPEN: &Phrases = any!(
    "search my messages for|search my messages|search messages for|search messages|search our messages for|\
    search our conversation for|search my mails for|search my mail for|search my texts for|search for|search|find"
);
