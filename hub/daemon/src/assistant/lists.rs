//! Lists by conversation: what is on them, putting on, taking off, checking off, clearing.

use xswarm_core::{
    list::{self, List, ListItem},
    provenance::{Source, Sources},
};
use xswarm_language::command::{ListCommand, Which};

use super::{
    effect::Effect,
    question::Question,
    reminders::answers,
    turn::{Decision, Turn},
};
use crate::{
    error::Error,
    lists::{self, Change, same},
};

/// How many items one message may name.
const ITEMS_AT_ONCE: usize = 50;

/// Does what was asked about lists.
pub(super) fn about(turn: &Turn<'_>, command: &ListCommand) -> Result<Decision, Error> {
    match command {
        ListCommand::Add { list, items } => add(turn, list.as_deref(), items),
        ListCommand::Show { list } => show(turn, list.as_deref()),
        ListCommand::Overview => overview(turn),
        ListCommand::Remove { list, items } => take(turn, list.as_deref(), items, Taking::Off),
        ListCommand::CheckOff { list, items } => take(turn, list.as_deref(), items, Taking::Done),
        ListCommand::Clear { list } => clear(turn, list.as_deref()),
        ListCommand::Create { name, shared } => create(turn, name.as_deref(), *shared),
        ListCommand::Delete { list } => delete(turn, list.as_deref()),
    }
}

/// How something leaves the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taking {
    Off,
    Done,
}

/// A list that is meant.
enum Meant {
    /// It exists.
    There(List),
    /// It does not, but would be called so.
    Missing(String),
    /// The name cannot be one.
    Impossible,
}

/// What a list is called in a sentence.
pub(super) fn called(name: &str) -> String {
    format!("the {name} list")
}

/// The list that is meant; without a name the only one, else the shopping list.
fn meant(turn: &Turn<'_>, said: Option<&str>) -> Result<Meant, Error> {
    let mut all = turn.rows.lists(turn.user.id)?;
    let name = match said {
        Some(said) => match list::name(said) {
            Some(name) => name,
            None => return Ok(Meant::Impossible),
        },
        None if all.len() == 1 => return Ok(all.pop().map_or(Meant::Impossible, Meant::There)),
        None => list::SHOPPING.to_owned(),
    };
    let found = all.into_iter().find(|one| same(&one.name, &name));
    Ok(found.map_or(Meant::Missing(name), Meant::There))
}

fn change(turn: &Turn<'_>, name: &str, change: Change) -> Effect {
    Effect::List { by: turn.user.id, name: name.to_owned(), change }
}

fn impossible() -> Decision {
    let most = list::NAME_CHARACTERS;
    Decision::say(format!("A list needs a name of at most {most} characters. Nothing was changed."))
}

fn none_called(name: &str) -> Decision {
    Decision::say(format!("There is no list called {name}. Nothing was changed."))
}

/// "milk, eggs and bread".
fn joined(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn add(turn: &Turn<'_>, said: Option<&str>, items: &[String]) -> Result<Decision, Error> {
    if items.is_empty() {
        return Ok(Decision::say("What shall I put on it? For example: add milk to the shopping list."));
    }
    let texts: Option<Vec<String>> = items.iter().map(|text| list::item_text(text)).collect();
    let Some(texts) = texts.filter(|texts| texts.len() <= ITEMS_AT_ONCE) else {
        return Ok(Decision::say(format!(
            "That is too much for a list: at most {ITEMS_AT_ONCE} things at once, each of at most {} characters. \
             Nothing was changed.",
            list::ITEM_CHARACTERS
        )));
    };
    let (list, made) = match meant(turn, said)? {
        Meant::There(list) => (list, false),
        Meant::Missing(name) => {
            let owner = (name != list::SHOPPING).then_some(turn.user.id);
            (lists::new_list(&name, owner, turn.now), true)
        }
        Meant::Impossible => return Ok(impossible()),
    };
    let (new, known) = match lists::new_items(turn.rows, list.id, &texts, Some(turn.user.id), turn.now) {
        Ok(found) => found,
        Err(full) if full.kind == crate::error::Kind::Conflict => {
            return Ok(Decision::say(format!("No room: {}. Nothing was changed.", full.context)));
        }
        Err(error) => return Err(error),
    };
    let already = match known.as_slice() {
        [] => String::new(),
        [one] => format!("{one} is already on it"),
        several => format!("{} are already on it", joined(several)),
    };
    if new.is_empty() {
        let on = if known.len() == 1 { "is" } else { "are" };
        return Ok(Decision::say(format!(
            "{} {on} already on {}. Nothing was changed.",
            joined(&known),
            called(&list.name)
        )));
    }
    let added = joined(&new.iter().map(|item| item.text.clone()).collect::<Vec<_>>());
    let rest = if already.is_empty() { String::new() } else { format!(" ({already}.)") };
    let done = format!("Added to {}: {added}.{rest}", called(&list.name));
    if !made {
        return Ok(Decision::act(vec![change(turn, &list.name, Change::Add { list: list.id, items: new })], done));
    }
    if turn.rows.lists(turn.user.id)?.len() >= list::LISTS_MOST {
        return Ok(Decision::say(format!("There are {} lists, the most there may be.", list::LISTS_MOST)));
    }
    let usual = [list::SHOPPING, list::TO_DO].contains(&list.name.as_str());
    let name = list.name.clone();
    let effect = change(turn, &name, Change::Create { list: Box::new(list), items: new });
    if usual {
        return Ok(Decision::act(vec![effect], done));
    }
    let words = format!("There is no list called {name}. Shall I make it, with {added} on it? (yes or no)");
    Ok(Decision::ask(words, Question::Confirm { effects: vec![effect], done, sources: Sources::own() }))
}

fn open(items: &[ListItem]) -> Vec<&ListItem> {
    items.iter().filter(|item| item.done_at.is_none()).collect()
}

fn show(turn: &Turn<'_>, said: Option<&str>) -> Result<Decision, Error> {
    let list = match meant(turn, said)? {
        Meant::There(list) => list,
        Meant::Missing(name) if [list::SHOPPING, list::TO_DO].contains(&name.as_str()) => {
            return Ok(Decision::say(format!("Nothing is on {}.", called(&name))));
        }
        Meant::Missing(name) => return Ok(none_called(&name)),
        Meant::Impossible => return Ok(impossible()),
    };
    let items = turn.rows.list_items(list.id)?;
    let open = open(&items);
    let done = items.len() - open.len();
    let done = if done == 0 { String::new() } else { format!(" ({done} checked off)") };
    let lines: Vec<String> = open.iter().map(|item| format!("– {}", item.text)).collect();
    let words = if lines.is_empty() {
        format!("Nothing is on {}{done}.", called(&list.name))
    } else {
        format!("On {}{done}:\n{}", called(&list.name), lines.join("\n"))
    };
    Ok(Decision { sources: whose(&list), ..Decision::say(words) })
}

/// Whose words stand on a list, and in its name: on one of everybody's anybody may have written.
fn whose(list: &List) -> Sources {
    Sources::of(if list.user_id.is_none() { Source::Member } else { Source::Own })
}

fn overview(turn: &Turn<'_>) -> Result<Decision, Error> {
    let (mut lines, mut sources) = (Vec::new(), Sources::own());
    for list in turn.rows.lists(turn.user.id)? {
        // Every household has a shopping list, and its name says nothing.
        if list.name != list::SHOPPING {
            sources.join(&whose(&list));
        }
        let count = open(&turn.rows.list_items(list.id)?).len();
        let whose = if list.user_id.is_none() { ", the household's" } else { "" };
        lines.push(format!("– {} ({count}{whose})", list.name));
    }
    let words = if lines.is_empty() {
        "There are no lists yet. Say, for example, \"add milk to the shopping list\".".to_owned()
    } else {
        format!("Lists:\n{}", lines.join("\n"))
    };
    Ok(Decision { sources, ..Decision::say(words) })
}

/// The items that `text` names: the very same, else those that have all its words.
fn named<'i>(items: &'i [ListItem], text: &str) -> Vec<&'i ListItem> {
    let open = open(items);
    if let Some(exact) = open.iter().find(|item| same(&item.text, text)) {
        return vec![exact];
    }
    let words = |text: &str| text.to_lowercase().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let wanted = words(text);
    open.into_iter().filter(|item| wanted.iter().all(|word| words(&item.text).contains(word))).collect()
}

fn take(turn: &Turn<'_>, said: Option<&str>, texts: &[String], taking: Taking) -> Result<Decision, Error> {
    let lists = match said {
        None => turn.rows.lists(turn.user.id)?,
        Some(_) => match meant(turn, said)? {
            Meant::There(list) => vec![list],
            Meant::Missing(name) => return Ok(none_called(&name)),
            Meant::Impossible => return Ok(impossible()),
        },
    };
    let mut changes: Vec<(List, Vec<ListItem>)> = Vec::new();
    let (mut missing, mut sources) = (Vec::new(), Sources::own());
    'texts: for text in texts.iter().take(ITEMS_AT_ONCE) {
        for list in &lists {
            let items = turn.rows.list_items(list.id)?;
            match named(&items, text).as_slice() {
                [] => {}
                [one] => {
                    // Whoever named it in full is told nothing new.
                    if !same(&one.text, text) {
                        sources.join(&whose(list));
                    }
                    match changes.iter_mut().find(|(known, _)| known.id == list.id) {
                        Some((_, items)) if items.iter().any(|item| item.id == one.id) => {}
                        Some((_, items)) => items.push((*one).clone()),
                        None => changes.push((list.clone(), vec![(*one).clone()])),
                    }
                    continue 'texts;
                }
                several => {
                    let names: Vec<String> = several.iter().map(|item| item.text.clone()).collect();
                    let words =
                        format!("Which do you mean: {}? Please say it in full. Nothing was changed.", names.join(", "));
                    return Ok(Decision { sources: whose(list), ..Decision::say(words) });
                }
            }
        }
        missing.push(text.clone());
    }
    let missing = if missing.is_empty() { String::new() } else { format!(" I don't find {}.", joined(&missing)) };
    if changes.is_empty() {
        if let (None, Taking::Done, [one]) = (said, taking, texts) {
            // A reminder can be checked off too.
            let decision = answers::acknowledge(turn, &Which { title: Some(one.clone()), ..Which::default() }, true)?;
            if !decision.effects.is_empty() {
                return Ok(decision);
            }
        }
        let place = said.and_then(list::name).map_or_else(|| "any list".to_owned(), |name| called(&name));
        return Ok(Decision::say(format!("{} On {place} nothing was changed.", missing.trim_start())));
    }
    let (mut effects, mut lines) = (Vec::new(), Vec::new());
    for (list, items) in changes {
        let names = joined(&items.iter().map(|item| item.text.clone()).collect::<Vec<_>>());
        let left_open = open(&turn.rows.list_items(list.id)?).len() - items.len();
        let left = if left_open == 0 { "nothing is left on it".to_owned() } else { format!("{left_open} left") };
        let (verb, one) = match taking {
            Taking::Off if left_open == 0 && items.len() > 1 => {
                (format!("Taken off {}", called(&list.name)), Change::Clear { list: list.id, items })
            }
            Taking::Off => (format!("Taken off {}", called(&list.name)), Change::Remove { list: list.id, items }),
            Taking::Done => (format!("Checked off {}", called(&list.name)), Change::CheckOff { list: list.id, items }),
        };
        effects.push(change(turn, &list.name, one));
        lines.push(format!("{verb}: {names} ({left})."));
    }
    Ok(Decision { sources, ..Decision::act(effects, format!("{}{missing}", lines.join(" "))) })
}

fn clear(turn: &Turn<'_>, said: Option<&str>) -> Result<Decision, Error> {
    let list = match meant(turn, said)? {
        Meant::There(list) => list,
        Meant::Missing(name) => return Ok(none_called(&name)),
        Meant::Impossible => return Ok(impossible()),
    };
    let items = turn.rows.list_items(list.id)?;
    if items.is_empty() {
        return Ok(Decision::say(format!("Nothing is on {}. Nothing was changed.", called(&list.name))));
    }
    let done = items.len() - open(&items).len();
    let there = match (items.len() - done, done) {
        (there, 0) => format!("{} on it", counted(there)),
        (0, done) => format!("nothing on it but {} checked off", counted(done)),
        (there, done) => format!("{} on it and {} checked off", counted(there), counted(done)),
    };
    let words = format!("Clear {} ({there})? (yes or no)", called(&list.name));
    let done = format!("Cleared {}. Say \"undo\" to take it back.", called(&list.name));
    let effects = vec![change(turn, &list.name, Change::Clear { list: list.id, items })];
    Ok(Decision::ask(words, Question::Confirm { effects, done, sources: Sources::own() }))
}

fn delete(turn: &Turn<'_>, said: Option<&str>) -> Result<Decision, Error> {
    let list = match meant(turn, said)? {
        Meant::There(list) => list,
        Meant::Missing(name) => return Ok(none_called(&name)),
        Meant::Impossible => return Ok(impossible()),
    };
    let items = turn.rows.list_items(list.id)?;
    let words = format!("Delete {} ({} on it)? (yes or no)", called(&list.name), counted(items.len()));
    let done = format!("Deleted {}. Say \"undo\" to take it back.", called(&list.name));
    let name = list.name.clone();
    let effects = vec![change(turn, &name, Change::Delete { list: Box::new(list), items })];
    Ok(Decision::ask(words, Question::Confirm { effects, done, sources: Sources::own() }))
}

/// "2 things".
fn counted(count: usize) -> String {
    if count == 1 { "1 thing".to_owned() } else { format!("{count} things") }
}

fn create(turn: &Turn<'_>, said: Option<&str>, shared: bool) -> Result<Decision, Error> {
    let Some(name) = said.and_then(list::name) else { return Ok(impossible()) };
    let all = turn.rows.lists(turn.user.id)?;
    if all.iter().any(|list| same(&list.name, &name)) {
        return Ok(Decision::say(format!("There is a list called {name} already. Nothing was changed.")));
    }
    if all.len() >= list::LISTS_MOST {
        return Ok(Decision::say(format!("There are {} lists, the most there may be.", list::LISTS_MOST)));
    }
    let owner = (!shared && name != list::SHOPPING).then_some(turn.user.id);
    let whose = if owner.is_none() { "the whole household's" } else { "yours alone" };
    let made = Change::Create { list: Box::new(lists::new_list(&name, owner, turn.now)), items: Vec::new() };
    Ok(Decision::act(vec![change(turn, &name, made)], format!("Made {}. It is {whose}.", called(&name))))
}

/// What taking a change back did.
pub(super) fn undone(inverse: &Change) -> String {
    let names = |items: &[ListItem]| joined(&items.iter().map(|item| item.text.clone()).collect::<Vec<_>>());
    match inverse {
        Change::Create { list, .. } => format!("{} is there again", called(&list.name)),
        Change::Delete { list, .. } => format!("{} is gone", called(&list.name)),
        Change::Add { items, .. } => format!("{} on the list again", names(items)),
        Change::Remove { items, .. } | Change::Clear { items, .. } => format!("{} off the list again", names(items)),
        Change::CheckOff { items, .. } => format!("{} checked off again", names(items)),
        Change::Reopen { items, .. } => format!("{} no longer checked off", names(items)),
    }
}
