//! Projects, tasks and agents.

use super::{sentence::Sentence, slots, types::Command};
use crate::lexer::phrases::any;

/// A command about work, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    project(sentence).or_else(|| task(sentence)).or_else(|| agents(sentence))
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
