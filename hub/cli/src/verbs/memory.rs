//! `xswarm memory`: what the Boss remembers of the person who asks.

use serde::Deserialize;
use serde_json::json;
use xswarm_core::{
    memory::{Memory, SearchHit, Summary, SummaryAuthor},
    message::Direction,
    provenance::Source,
};

use crate::{
    arguments::{MemoryArguments, MemoryVerb},
    client::{Client, Request},
    failure::{Exit, Failure},
    household::Scene,
    ids::{Found, choices, find, shortened},
    screen::Screen,
    table::{Table, pairs},
};

use super::{answer, confirmed};

#[derive(Deserialize)]
struct All {
    memories: Vec<Memory>,
}

#[derive(Deserialize)]
struct One {
    memory: Memory,
}

#[derive(Deserialize)]
struct Hits {
    hits: Vec<SearchHit>,
}

#[derive(Deserialize)]
struct Summaries {
    summaries: Vec<Summary>,
}

pub(super) async fn memory(hub: &Client, options: MemoryArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match options.verb.unwrap_or(MemoryVerb::List) {
        MemoryVerb::List => list(hub, screen).await,
        MemoryVerb::Show { id } => show(hub, &id, screen).await,
        MemoryVerb::Add { text } => {
            let text = said(&text, "Say what to remember.", "xswarm memory add \"Anna is allergic to nuts\"")?;
            let request = Request::post("/api/memory").json(&json!({ "text": text }))?;
            let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
            let One { memory } = document.read()?;
            screen.line(&format!("Remembered: {}", memory.text))?;
            Ok(Exit::Done)
        }
        MemoryVerb::Forget { id, yes } => forget(hub, &id, yes, screen).await,
        MemoryVerb::Search { words, limit } => {
            let words = said(&words, "Say what to look for.", "xswarm memory search boiler invoice")?;
            search(hub, &words, limit, screen).await
        }
        MemoryVerb::Export => {
            let document = hub.send(Request::get("/api/memory/export")).await?;
            screen.line(document.text())?;
            Ok(Exit::Done)
        }
        MemoryVerb::Summaries => summaries(hub, screen).await,
        MemoryVerb::Correct { id, text, delete } => correct(hub, &id, &text.join(" "), delete, screen).await,
    }
}

/// The words as one text. Blanks are no words.
fn said(words: &[String], missing: &str, example: &str) -> Result<String, Failure> {
    let text = words.join(" ");
    if text.trim().is_empty() {
        return Err(Failure::usage(missing, format!("For example: {example}")));
    }
    Ok(text)
}

async fn list(hub: &Client, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let Some(document) = answer(hub, Request::get("/api/memory"), screen).await? else { return Ok(Exit::Done) };
    let All { memories } = document.read()?;
    if memories.is_empty() {
        screen.line("Nothing is remembered. Tell something: `xswarm memory add \"Anna is allergic to nuts\"`.")?;
        return Ok(Exit::Done);
    }
    let view = Scene::fetch(hub, None).await?.view;
    let ids = shortened(&memories.iter().map(|one| one.id.to_string()).collect::<Vec<_>>());
    let mut table = Table::new(&["ID", "TOLD", "WHAT"]);
    for (id, one) in ids.iter().zip(&memories) {
        table.row([id.into(), view.moment(one.created_at).into(), one.text.as_str().into()]);
    }
    table.write(screen)?;
    Ok(Exit::Done)
}

async fn show(hub: &Client, wanted: &str, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let path = format!("/api/memory/{}", chosen(hub, wanted).await?.id);
    let Some(document) = answer(hub, Request::get(path), screen).await? else { return Ok(Exit::Done) };
    let One { memory } = document.read()?;
    let view = Scene::fetch(hub, None).await?.view;
    let message = memory.message_id.map_or_else(|| "–".to_owned(), |id| id.to_string());
    pairs(
        screen,
        [
            ("id", memory.id.to_string().into()),
            ("what", memory.text.into()),
            ("told", view.in_full(memory.created_at).into()),
            ("message", message.into()),
        ],
    )?;
    Ok(Exit::Done)
}

async fn forget(hub: &Client, wanted: &str, yes: bool, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let memory = chosen(hub, wanted).await?;
    if !yes && !confirmed(&format!("Forget \"{}\" for good?", memory.text), screen)? {
        screen.line("Nothing was changed.")?;
        return Ok(Exit::Failed);
    }
    if answer(hub, Request::delete(format!("/api/memory/{}", memory.id)), screen).await?.is_some() {
        screen.line("Forgotten for good. Messages that speak of it stay until they are old enough to be deleted.")?;
    }
    Ok(Exit::Done)
}

async fn search(hub: &Client, words: &str, limit: u32, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let request = Request::get("/api/memory/search").query("q", Some(words)).query("limit", Some(limit));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
    let Hits { hits } = document.read()?;
    if hits.is_empty() {
        screen.line("Nothing was found.")?;
        return Ok(Exit::Done);
    }
    let view = Scene::fetch(hub, None).await?.view;
    let mut table = Table::new(&["WHEN", "WHERE", "WHOSE", "WORDS"]);
    for hit in &hits {
        let place = hit.channel.map_or("memory", |channel| channel.as_str());
        let whose = match (hit.direction, hit.source) {
            (Some(Direction::Outbound), _) => "the Boss's",
            (Some(Direction::Inbound) | None, Source::Own) => "yours",
            (Some(Direction::Inbound) | None, other) => other.as_str(),
        };
        table.row([view.moment(hit.at).into(), place.into(), whose.into(), hit.snippet.as_str().into()]);
    }
    table.write(screen)?;
    Ok(Exit::Done)
}

async fn summaries(hub: &Client, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let Some(document) = answer(hub, Request::get("/api/summaries"), screen).await? else { return Ok(Exit::Done) };
    let Summaries { summaries } = document.read()?;
    if summaries.is_empty() {
        screen.line("There are no summaries: the conversation is not yet long enough to need any.")?;
        return Ok(Exit::Done);
    }
    let view = Scene::fetch(hub, None).await?.view;
    let ids = shortened(&summaries.iter().map(|one| one.id.to_string()).collect::<Vec<_>>());
    for (id, one) in ids.iter().zip(&summaries) {
        let by = match one.made_by {
            SummaryAuthor::Model => "",
            SummaryAuthor::Person => " (corrected by you)",
        };
        screen.line(&format!("{id}  {} – {}{by}", view.moment(one.from_at), view.moment(one.until_at)))?;
        for line in one.text.lines() {
            screen.line(&format!("    {line}"))?;
        }
    }
    Ok(Exit::Done)
}

async fn correct(
    hub: &Client,
    wanted: &str,
    text: &str,
    delete: bool,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let Summaries { summaries } = hub.get("/api/summaries").await?;
    let ids: Vec<String> = summaries.iter().map(|one| one.id.to_string()).collect();
    let id = unique(wanted, &ids, |id| vec![id.clone()], "summary", "`xswarm memory summaries` shows them.")?;
    let path = format!("/api/summaries/{id}");
    let request = if delete { Request::delete(path) } else { Request::put(path).json(&json!({ "text": text }))? };
    if answer(hub, request, screen).await?.is_some() {
        screen.line(if delete { "Deleted the summary." } else { "Corrected the summary." })?;
    }
    Ok(Exit::Done)
}

/// The memory that is meant by a beginning of its id.
async fn chosen(hub: &Client, wanted: &str) -> anyhow::Result<Memory> {
    let All { memories } = hub.get("/api/memory").await?;
    let names = |one: &Memory| vec![one.id.to_string()];
    Ok(unique(wanted, &memories, names, "memory", "`xswarm memory list` shows them.")?)
}

fn unique<T: Clone>(
    wanted: &str,
    things: &[T],
    names: impl Fn(&T) -> Vec<String>,
    what: &str,
    next: &str,
) -> Result<T, Failure> {
    match find(wanted, things, names) {
        Found::One(one) => Ok(one),
        Found::None => Err(Failure::failed(format!("there is no {what} `{wanted}`"), next)),
        Found::Several(several) => {
            Err(Failure::failed(format!("`{wanted}` may be {}", choices(&several)), "Write more of the id."))
        }
    }
}
