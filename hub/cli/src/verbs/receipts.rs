//! `xswarm receipts`: what was changed, who asked for it and how, and taking it back.

use chrono::NaiveDate;
use serde::Deserialize;
use xswarm_core::{
    id::ReceiptId,
    receipt::{AskedBy, ReceiptRow},
};

use crate::{
    arguments::{ReceiptVerb, ReceiptsArguments},
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Household, Scene},
    ids::{Found, choices, find, shortened},
    screen::{Screen, Tone, harmless},
    table::{Cell, Table},
};

use super::answer;

/// Among how many, the latest, an id is looked for by its beginning.
const SEARCHED: u32 = 1_000;

#[derive(Deserialize)]
struct Receipts {
    receipts: Vec<ReceiptRow>,
}

#[derive(Deserialize)]
struct TakenBack {
    undone: String,
}

pub(super) async fn receipts(
    hub: &Client,
    options: ReceiptsArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    match &options.verb {
        None => list(hub, &options, screen).await?,
        Some(ReceiptVerb::Undo { id }) => {
            let request = Request::post(format!("/api/receipts/{}/undo", chosen(hub, id).await?));
            if let Some(document) = answer(hub, request, screen).await? {
                let TakenBack { undone } = document.read()?;
                screen.line(&format!("Undone: {}.", harmless(&undone)))?;
            }
        }
    }
    Ok(Exit::Done)
}

async fn list(hub: &Client, options: &ReceiptsArguments, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let user = match &options.user {
        Some(wanted) => Some(Household::fetch(hub).await?.find(wanted)?.id),
        None => None,
    };
    let Scene { household, view } = Scene::fetch(hub, user).await?;
    let request = Request::get("/api/receipts")
        .query("user_id", user)
        .query("from", options.since.map(|since| since.first_day(view.today())))
        .query("limit", Some(options.limit));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Receipts { receipts } = document.read()?;
    if receipts.is_empty() {
        return Ok(screen.line("Nothing was changed.")?);
    }
    let when = view.heading("WHEN");
    let ids = shortened(&receipts.iter().map(|receipt| receipt.id.to_string()).collect::<Vec<_>>());
    let mut table = Table::new(&["ID", &when, "FOR", "BY", "WHAT"]);
    for (id, receipt) in ids.iter().zip(&receipts) {
        let undone = if receipt.undone_at.is_some() { " (taken back)" } else { "" };
        let tone = if receipt.undone_at.is_some() { Tone::Faint } else { Tone::Plain };
        table.row([
            Cell::toned(id, Tone::Faint),
            // To the second: what was remembered is not told, and only its time tells one from the other.
            view.second(receipt.created_at).into(),
            household.name_of(Some(receipt.user_id)).into(),
            way(receipt).into(),
            Cell::toned(format!("{}{undone}", harmless(&receipt.words)), tone),
        ]);
    }
    table.write(screen)?;
    screen.line("The newest stands last. Take one back with `xswarm receipts undo ID`.")?;
    Ok(())
}

/// The receipt that is meant by an id or a beginning of it. A whole id need not be among the latest.
async fn chosen(hub: &Client, wanted: &str) -> anyhow::Result<ReceiptId> {
    let wanted = wanted.trim();
    if let Ok(id) = wanted.parse() {
        return Ok(id);
    }
    let all = Request::get("/api/receipts").query("from", Some(NaiveDate::default())).query("limit", Some(SEARCHED));
    let Receipts { receipts } = hub.send(all).await?.read()?;
    let ids: Vec<ReceiptId> = receipts.iter().map(|receipt| receipt.id).collect();
    match find(wanted, &ids, |id| vec![id.to_string()]) {
        Found::One(id) => Ok(id),
        Found::None => {
            let next = "`xswarm receipts --since week` shows them; write an id or its beginning.";
            Err(Failure::failed(format!("there is no receipt `{wanted}`"), next).into())
        }
        Found::Several(several) => {
            let what = format!("`{wanted}` may be {}", choices(&several));
            Err(Failure::failed(what, "Write more of the id.").into())
        }
    }
}

/// "sms", "console (model)", "a program".
fn way(receipt: &ReceiptRow) -> String {
    let channel = receipt.channel.map_or("–", |channel| channel.as_str());
    match receipt.asked_by {
        AskedBy::Words => channel.to_owned(),
        AskedBy::Model => format!("{channel} (model)"),
        AskedBy::Api => "a program".to_owned(),
    }
}
