//! Words for others: mails and text messages to write, and the mail that came.

use std::ops::Range;

use super::{
    reminder,
    sentence::Sentence,
    slots,
    types::{ChannelWord, Command},
};
use crate::lexer::phrases::{Phrases, any};

/// A command about mails or messages, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    mail(sentence).or_else(|| received(sentence)).or_else(|| message(sentence))
}

/// Names up to the word that begins the message.
fn recipients(sentence: &Sentence<'_, '_>, at: usize, ends: &Phrases) -> (Vec<String>, usize) {
    let name = |range: Range<usize>| {
        let words = slots::title(sentence.written(range))?;
        Some(words.split(' ').map(slots::capitalised).collect::<Vec<_>>().join(" "))
    };
    let mut names = Vec::new();
    let mut start = at;
    let mut end = at;
    while end < sentence.end {
        let stop = sentence.any_at(end, ends).is_some() || !sentence.is_word(end) || sentence.in_time(end);
        let separator =
            matches!(sentence.word(end), "and" | "&") || sentence.token(end).is_some_and(|token| token.is_symbol(','));
        if separator || stop {
            names.extend(name(start..end));
            start = end + 1;
        }
        if stop && !separator || end - at >= 6 {
            break;
        }
        end += 1;
    }
    if end >= sentence.end {
        names.extend(name(start..end));
    }
    names.retain(|name| !matches!(name.to_lowercase().as_str(), "a" | "an" | "the" | ""));
    (names, end)
}

fn body(sentence: &Sentence<'_, '_>, at: usize) -> Option<String> {
    if let Some(quoted) = sentence.clone().take_quoted() {
        return Some(quoted);
    }
    let mut at = at;
    loop {
        let skipped = sentence
            .any_at(
                at,
                any!(
                    "that says|saying that|saying|that|to say that|to say|telling them|telling him|telling her|\
                    and say that|and say|and tell him|and tell her|and tell them|with the message|with the text|\
                    with|which says"
                ),
            )
            .unwrap_or(0)
            + usize::from(
                sentence
                    .token(at)
                    .is_some_and(|token| token.is_symbol(':') || token.is_symbol(',') || token.is_symbol('-')),
            );
        if skipped == 0 {
            break;
        }
        at += skipped.max(1);
    }
    let words = sentence.written(at..sentence.end).trim();
    (!words.is_empty()).then(|| slots::capitalised(words))
}

fn mail(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(any!(
        "email to|e - mail to|send an email to|send email to|send a mail to|send mail to|send an e - mail to|\
            write an email to|write email to|write a mail to|compose an email to|compose email to|\
            draft an email to|send out an email to|send a new email to|compose a mail to|email|send an email|\
            send email|mail|write an email|compose an email|send a mail|send the email to|start an email to|\
            create an email to|shoot an email to|reply to"
    ));
    let Some(to_at) = at else {
        // "send John an email about …"
        let send = sentence.opens(any!("send|write|shoot"))?;
        let noun = sentence
            .find(any!("an email|a mail|an e - mail|email"))
            .filter(|noun| noun.start > send && noun.start <= send + 3)?;
        let (to, _) = recipients(sentence, send, any!("an|a|email"));
        return Some(finish_mail(sentence, to, noun.end));
    };
    if sentence.asks() || to_at == sentence.end && sentence.opens(any!("mail|email")).is_some() {
        return None;
    }
    if sentence.any_at(to_at, any!("address|addresses|me|from|inbox|account|list")).is_some() {
        return None;
    }
    let (to, end) = recipients(
        sentence,
        to_at,
        any!(
            "about|regarding|re|that|saying|to|with|asking|telling|and say|and tell|and ask|on|for|in|the|concerning|if|\
            and let|now"
        ),
    );
    if to.is_empty() && sentence.opens(any!("email|mail|reply to")).is_some() {
        return None;
    }
    Some(finish_mail(sentence, to, end))
}

/// A mail to write that no rule of the grammar recognised: to whom and what about must be asked.
pub(super) fn guessed(sentence: &Sentence<'_, '_>) -> Command {
    let to_at = sentence.find(any!("to")).map(|to| to.end);
    let to = to_at
        .map(|at| recipients(sentence, at, any!("about|regarding|that|saying|on|for|and|the|a|my|with")))
        .map(|(to, _)| to);
    Command::SendMail { to: to.unwrap_or_default(), subject: None, text: None }
}

fn finish_mail(sentence: &Sentence<'_, '_>, to: Vec<String>, at: usize) -> Command {
    let about = sentence.any_at(at, any!("about|regarding|re|concerning|with the subject|with subject|on"));
    let says = (at..sentence.end)
        .find(|i| sentence.any_at(*i, any!("saying|that says|telling|and say|and tell|to say")).is_some())
        .or_else(|| (at..sentence.end).find(|i| sentence.token(*i).is_some_and(|token| token.is_symbol(':'))));
    let subject = about.and_then(|count| slots::title(sentence.written(at + count..says.unwrap_or(sentence.end))));
    let text = match (says, about) {
        (Some(says), _) => body(sentence, says),
        (None, Some(_)) => None,
        (None, None) => body(sentence, at),
    };
    Command::SendMail { to, subject, text }
}

/// Mail that came: "any new emails", "read me the mail from Anna", "what's in my inbox".
fn received(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let noun = sentence.has(any!("email|emails|e - mail|e - mails|mail|mails|inbox"));
    let asks = sentence.asks()
        || sentence
            .opens(any!(
                "check|read|show|list|open|any|find|search|look|see|tell me|do i have|have i|get|pull up|display|\
                    notify me|let me know|update|refresh|is there|are there|did|has|go through|summarize|scan|new|my|\
                    go to|view|give me|access|fetch|alert me"
            ))
            .is_some();
    let received = sentence.has(any!(
        "inbox|from|new|unread|latest|recent|last|received|receive|got|get|come|came|arrive|arrived|arrives|reply|\
            replied|replies|sent me|about|regarding|emails|mails|today|yesterday|any|check|read|open|subject|sender"
    ));
    let other = sentence.has(any!(
        "address|addresses|contact|contacts|send|write|compose|draft|forward|list mail|mailing|checks|checkbook|card|\
            postal|post office|add|create|start"
    ));
    (noun && asks && received && !other).then_some(Command::ReadMail)
}

fn message(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(any!(
        "text message|text to|send a text to|send a text message to|send text to|send a message to|send message to|\
            send an sms to|send sms to|sms to|message to|text|sms|message|tell|send a note to|let|send word to|\
            write to|drop a line to"
    ));
    let at = at.or_else(|| {
        let name = reminder::reminds_somebody(sentence).then_some(sentence.start + 1)?;
        Some(name + usize::from(matches!(sentence.word(name), "my" | "our" | "the")))
    });
    let channel = if sentence.has(any!("text|sms|text message")) { Some(ChannelWord::Sms) } else { None };
    let Some(at) = at else {
        let send = sentence.opens(any!("send|shoot|drop"))?;
        let noun = sentence
            .find(any!("a text|a message|an sms|a text message|a note"))
            .filter(|noun| noun.start > send && noun.start <= send + 3)?;
        let (to, _) = recipients(sentence, send, any!("an|a"));
        return (!to.is_empty()).then(|| Command::SendMessage { to, text: body(sentence, noun.end), channel });
    };
    if sentence.asks()
        || at == sentence.end
        || sentence.any_at(at, any!("me|us|you|the time|the date|a|alexa|the story|about|board|size|font")).is_some()
    {
        return None;
    }
    let (to, end) = recipients(
        sentence,
        at,
        any!(
            "that|of|i|i'm|i'll|i'd|i've|we're|we'll|we've|they're|he's|she's|that's|there's|im|to|we|you|about|saying|\
            know|he|she|they|the|my|when|if|hi|hello|where|what|happy|on|now|please|it's|it|what's|with"
        ),
    );
    if to.is_empty() {
        return None;
    }
    let weak = sentence.opens(any!("let|tell|message|text|write to")).is_some();
    if sentence.opens(any!("let")).is_some() && sentence.word(end) != "know" {
        return None;
    }
    if weak && end == sentence.end && sentence.opens(any!("tell|let")).is_some() {
        return None;
    }
    let end = end + usize::from(sentence.word(end) == "know");
    Some(Command::SendMessage { to, text: body(sentence, end), channel })
}
