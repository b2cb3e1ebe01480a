//! `xswarm list`: the shopping, what is to do, what to pack.

use serde::Deserialize;
use serde_json::json;
use xswarm_core::list::{List, ListItem};

use crate::{
    arguments::{ListVerb, ListsArguments},
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Scene, user_id},
    ids::{Found, choices, find},
    screen::Screen,
    table::Table,
};

use super::{answer, confirmed};

#[derive(Debug, Clone, Deserialize)]
struct Kept {
    list: List,
    items: Vec<ListItem>,
}

#[derive(Deserialize)]
struct All {
    lists: Vec<Kept>,
}

#[derive(Deserialize)]
struct Added {
    items: Vec<ListItem>,
    already: Vec<String>,
}

pub(super) async fn list(hub: &Client, options: ListsArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let user = user_id(hub, options.user.as_deref()).await?;
    let all = Request::get("/api/lists").query("user_id", user);
    let verb = options.verb.or_else(|| options.name.map(|list| ListVerb::Show { list, all: false }));
    let Some(verb) = verb else {
        let Some(document) = answer(hub, all, screen).await? else { return Ok(Exit::Done) };
        return overview(hub, document.read()?, screen).await;
    };
    if let ListVerb::Create { name, shared } = &verb {
        let body = json!({ "name": name, "shared": shared, "user_id": user });
        let Some(document) = answer(hub, Request::post("/api/lists").json(&body)?, screen).await? else {
            return Ok(Exit::Done);
        };
        let made: Kept = document.read()?;
        screen.line(&format!("Made the list {}.", made.list.name))?;
        return Ok(Exit::Done);
    }
    let All { lists } = hub.send(all).await?.read()?;
    match verb {
        ListVerb::Show { list, all } => {
            let kept = chosen(&lists, &list)?;
            let path = format!("/api/lists/{}", kept.list.id);
            let Some(document) = answer(hub, Request::get(path), screen).await? else { return Ok(Exit::Done) };
            show(&document.read()?, all, screen)
        }
        ListVerb::Add { list, items } => {
            let path = format!("/api/lists/{}/items", chosen(&lists, &list)?.list.id);
            let request = Request::post(path).json(&json!({ "texts": items }))?;
            let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
            let added: Added = document.read()?;
            for item in &added.items {
                screen.line(&format!("Added {}.", item.text))?;
            }
            for text in &added.already {
                screen.line(&format!("{text} is on it already."))?;
            }
            Ok(Exit::Done)
        }
        ListVerb::Check { list, items } => {
            each(hub, chosen(&lists, &list)?, &items, Request::put, Some(&json!({ "done": true })), screen).await
        }
        ListVerb::Remove { list, items } => {
            each(hub, chosen(&lists, &list)?, &items, Request::delete, None, screen).await
        }
        ListVerb::Create { .. } => Ok(Exit::Done),
        ListVerb::Delete { list, yes } => {
            let kept = chosen(&lists, &list)?;
            let question = format!("Delete the list {} with {} on it?", kept.list.name, kept.items.len());
            if !yes && !confirmed(&question, screen)? {
                screen.line("Nothing was changed.")?;
                return Ok(Exit::Failed);
            }
            let request = Request::delete(format!("/api/lists/{}", kept.list.id));
            if answer(hub, request, screen).await?.is_some() {
                screen.line(&format!("Deleted the list {}.", kept.list.name))?;
            }
            Ok(Exit::Done)
        }
    }
}

async fn overview(hub: &Client, all: All, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    if all.lists.is_empty() {
        screen.line("There are no lists. Make one: `xswarm list create shopping`.")?;
        return Ok(Exit::Done);
    }
    let Scene { household, .. } = Scene::fetch(hub, None).await?;
    let mut table = Table::new(&["LIST", "OPEN", "DONE", "WHOSE"]);
    for Kept { list, items } in &all.lists {
        let done = items.iter().filter(|item| item.done_at.is_some()).count();
        let whose = list.user_id.map_or_else(|| "everybody's".to_owned(), |user| household.name_of(Some(user)));
        table.row([
            list.name.as_str().into(),
            (items.len() - done).to_string().into(),
            done.to_string().into(),
            whose.into(),
        ]);
    }
    table.write(screen)?;
    Ok(Exit::Done)
}

fn show(kept: &Kept, all: bool, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let shown: Vec<&ListItem> = kept.items.iter().filter(|item| all || item.done_at.is_none()).collect();
    if shown.is_empty() {
        screen.line("Nothing is on it.")?;
    }
    for item in shown {
        let mark = if item.done_at.is_some() { "x" } else { " " };
        screen.line(&format!("[{mark}] {}", item.text))?;
    }
    Ok(Exit::Done)
}

/// The list that is meant by a name or a unique beginning.
fn chosen<'l>(lists: &'l [Kept], wanted: &str) -> Result<&'l Kept, Failure> {
    let positions: Vec<usize> = (0..lists.len()).collect();
    let names = |position: &usize| {
        lists.get(*position).map(|kept| vec![kept.list.id.to_string(), kept.list.name.clone()]).unwrap_or_default()
    };
    let unknown = || Failure::failed(format!("there is no list called `{wanted}`"), "`xswarm list` shows them.");
    match find(wanted, &positions, names) {
        Found::One(position) => lists.get(position).ok_or_else(unknown),
        Found::None => Err(unknown()),
        Found::Several(several) => {
            Err(Failure::failed(format!("`{wanted}` may be {}", choices(&several)), "Write more of the name."))
        }
    }
}

/// Asks the same for each of these items; all are found before the first is asked for.
async fn each(
    hub: &Client,
    kept: &Kept,
    wanted: &[String],
    request: fn(String) -> Request,
    body: Option<&serde_json::Value>,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let mut found = Vec::new();
    for text in wanted {
        found.push(item(&kept.items, text)?);
    }
    for item in found {
        let mut request = request(format!("/api/lists/{}/items/{}", kept.list.id, item.id));
        if let Some(body) = body {
            request = request.json(body)?;
        }
        if answer(hub, request, screen).await?.is_some() {
            let verb = if body.is_some() { "Checked off" } else { "Taken off" };
            screen.line(&format!("{verb}: {}", item.text))?;
        }
    }
    Ok(Exit::Done)
}

fn item<'l>(items: &'l [ListItem], wanted: &str) -> Result<&'l ListItem, Failure> {
    let positions: Vec<usize> = (0..items.len()).collect();
    let names = |position: &usize| items.get(*position).map(|item| vec![item.text.clone()]).unwrap_or_default();
    let unknown = || Failure::failed(format!("`{wanted}` is not on this list"), "`xswarm list show` shows it.");
    match find(wanted, &positions, names) {
        Found::One(position) => items.get(position).ok_or_else(unknown),
        Found::None => Err(unknown()),
        Found::Several(several) => {
            Err(Failure::failed(format!("`{wanted}` may be {}", choices(&several)), "Write more of it."))
        }
    }
}
