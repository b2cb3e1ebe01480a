//! Projects, tasks, agents, messages and mail.

use super::{
    sentence::Sentence,
    slots,
    types::{ChannelWord, Command},
};
use crate::lexer::phrases::{Phrases, any};

/// A command about work or messages, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    project(sentence)
        .or_else(|| task(sentence))
        .or_else(|| agents(sentence))
        .or_else(|| mail(sentence))
        .or_else(|| message(sentence))
}

fn name_in(sentence: &Sentence<'_, '_>) -> Option<String> {
    let mut sentence = sentence.clone();
    if let Some(quoted) = sentence.take_quoted() {
        return Some(quoted);
    }
    let noun = sentence.find(any!("project|projects"))?;
    // "project Atlas", "the Atlas project"
    let after = noun.end + sentence.any_at(noun.end, any!("called|named|titled|:|for")).unwrap_or(0);
    let mut end = after;
    while end < sentence.end
        && sentence.is_word(end)
        && !matches!(
            sentence.word(end),
            "going"
                | "doing"
                | "coming"
                | "on"
                | "status"
                | "is"
                | "at"
                | "with"
                | "for"
                | "to"
                | "look"
                | "looking"
                | "progressing"
                | "along"
                | "stand"
                | "are"
                | "do"
                | "i"
                | "there"
                | "have"
                | "we"
                | "now"
        )
    {
        end += 1;
    }
    if end > after {
        return slots::title(sentence.written(after..end));
    }
    let mut start = noun.start;
    while start > sentence.start
        && sentence.is_word(start - 1)
        && !matches!(
            sentence.word(start - 1),
            "the"
                | "my"
                | "our"
                | "a"
                | "new"
                | "of"
                | "is"
                | "for"
                | "to"
                | "on"
                | "in"
                | "this"
                | "that"
                | "all"
                | "me"
                | "create"
                | "start"
                | "add"
                | "what"
                | "which"
                | "show"
                | "list"
                | "status"
                | "current"
                | "active"
                | "make"
                | "any"
                | "every"
                | "open"
        )
    {
        start -= 1;
    }
    if start < noun.start { slots::title(sentence.written(start..noun.start)) } else { None }
}

fn project(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let tasks = sentence.has(any!("task|tasks|todo|todos"));
    let noun = sentence.find(any!("project|projects"))?;
    if tasks || sentence.has(any!("meeting|calendar|appointment|remind|deadline|due|email|call")) {
        return None;
    }
    if sentence.opens(any!("create|start|make|new|add|set up|begin|open")).is_some() && noun.start <= sentence.start + 5
    {
        return Some(Command::CreateProject { name: name_in(sentence) });
    }
    let plural = sentence.word(noun.start) == "projects";
    if sentence
        .opens(any!(
            "list|show|show me|what|which|what's|are there|how many|tell me about|do i have|how are|projects|\
                my projects|give me|status|how's|how is|what is|whats|project|tell me|update me on|where|\
                any news|any progress|progress|report|the status|is|are"
        ))
        .is_some()
    {
        if plural {
            return Some(Command::ListProjects);
        }
        let status = sentence.has(any!(
            "status|going|doing|progress|progressing|how's|how is|stand|update|state|coming along|news|report|done|\
                finished|look"
        ));
        if status || sentence.opens(any!("show|project")).is_some() {
            return Some(Command::ProjectStatus { name: name_in(sentence) });
        }
    }
    None
}

fn task(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.clone();
    let noun = sentence.find(any!("task|tasks"))?;
    if sentence.has(any!("list of groceries|shopping")) {
        return None;
    }
    if let Some(at) = sentence.opens(any!("add|create|make|new|put|open|file|i need a|give the agents"))
        && noun.start <= at + 4
    {
        let quoted = sentence.take_quoted();
        let due = sentence.take_when(false);
        let project = task_project(&mut sentence);
        let range = sentence.start..at;
        sentence.mark(range);
        while let Some(range) = sentence.find_unread(any!(
            "a new task|a task|new task|task|called|named|titled|to the|\
            to do"
        )) {
            sentence.mark(range);
        }
        let title = quoted.or_else(|| slots::title(&sentence.rest()));
        return Some(Command::CreateTask { title, project, due });
    }
    if sentence
        .opens(any!(
            "list|show|show me|what|which|what's|are there|how many|do i have|tasks|my tasks|open tasks|give me|\
                tell me|read|whats|how are"
        ))
        .is_some()
    {
        return Some(Command::ListTasks { project: task_project(&mut sentence) });
    }
    None
}

/// "to project Atlas", "in Atlas", "for the Atlas project": taken.
fn task_project(sentence: &mut Sentence<'_, '_>) -> Option<String> {
    if sentence.has(any!("project")) {
        let name = name_in(sentence)?;
        let noun = sentence.find(any!("project"))?;
        let words = name.split(' ').count();
        let before = noun
            .start
            .checked_sub(words)
            .filter(|at| slots::title(sentence.written(*at..noun.start)).as_deref() == Some(name.as_str()));
        let range = match before {
            Some(at) => at..noun.end,
            None => noun.start..noun.end + words,
        };
        let start = range.start;
        let mut from = start;
        while from > sentence.start
            && matches!(sentence.word(from - 1), "the" | "to" | "in" | "for" | "of" | "my" | "on")
        {
            from -= 1;
        }
        sentence.mark(from..range.end);
        return Some(name);
    }
    let noun = sentence.find(any!("task|tasks"))?;
    let preposition =
        (noun.end..sentence.end).find(|i| matches!(sentence.word(*i), "to" | "in" | "for" | "of" | "on"))?;
    let start = preposition + 1 + usize::from(matches!(sentence.word(preposition + 1), "the" | "my"));
    let end = (start..sentence.end).find(|i| !sentence.is_word(*i)).unwrap_or(sentence.end);
    // Without a colon "to fix the login" is the task, not the project.
    let closed =
        sentence.token(end).is_some_and(|token| token.is_symbol(':') || token.is_symbol('-')) || end == sentence.end;
    let capital = sentence.written(start..end).starts_with(char::is_uppercase);
    if end == start || end > start + 3 || !closed || !(capital || sentence.token(end).is_some()) {
        return None;
    }
    let name = slots::title(sentence.written(start..end))?;
    sentence.mark(preposition..end);
    Some(name)
}

fn agents(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let noun = sentence.find(any!("agent|agents"))?;
    if sentence.has(any!("travel agent|travel|estate|insurance|free agent|call|email|contact|speak|talk to|human")) {
        return None;
    }
    let asks = sentence
        .opens(any!(
            "what|what's|how|how's|status|show|show me|list|are|is|which|agent|agents|who|tell me|give me|whats|\
                check|the agents"
        ))
        .is_some();
    if !asks {
        return None;
    }
    let name_at = noun.end;
    let name = (sentence.word(noun.start) == "agent"
        && sentence.is_word(name_at)
        && !matches!(sentence.word(name_at), "status" | "is" | "doing" | "working" | "busy" | "are" | "report"))
    .then(|| slots::title(sentence.written(name_at..name_at + 1)))
    .flatten();
    Some(Command::AgentsStatus { name })
}

/// Names up to the word that begins the message.
fn recipients(sentence: &Sentence<'_, '_>, at: usize, ends: &Phrases) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    let mut start = at;
    let mut end = at;
    while end < sentence.end {
        let stop = sentence.any_at(end, ends).is_some() || !sentence.is_word(end) || sentence.in_time(end);
        let separator =
            matches!(sentence.word(end), "and" | "&") || sentence.token(end).is_some_and(|token| token.is_symbol(','));
        if separator || stop {
            if end > start {
                names.extend(
                    slots::title(sentence.written(start..end))
                        .map(|name| name.split(' ').map(slots::capitalised).collect::<Vec<_>>().join(" ")),
                );
            }
            start = end + 1;
        }
        if stop && !separator || end - at >= 6 {
            break;
        }
        end += 1;
    }
    if end >= sentence.end && end > start {
        names.extend(
            slots::title(sentence.written(start..end))
                .map(|name| name.split(' ').map(slots::capitalised).collect::<Vec<_>>().join(" ")),
        );
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

fn message(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(any!(
        "text message|text to|send a text to|send a text message to|send text to|send a message to|send message to|\
            send an sms to|send sms to|sms to|message to|text|sms|message|tell|send a note to|let|send word to|\
            write to|drop a line to"
    ));
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
            "that|i|i'm|i'll|i'd|i've|we're|we'll|we've|they're|he's|she's|that's|there's|im|to|we|you|about|saying|\
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
