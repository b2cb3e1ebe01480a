//! `xswarm receipts`: what was changed, who asked for it and how, and taking it back.

use chrono::{Days, NaiveDate};
use serde::Deserialize;
use xswarm_core::receipt::{AskedBy, ReceiptRow};

use crate::{
    arguments::{ReceiptVerb, ReceiptsArguments, Since},
    client::{Client, Request},
    failure::Exit,
    household::{Household, Scene},
    screen::{Screen, Tone, harmless},
    table::{Cell, Table},
    when::View,
};

use super::answer;

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
            let request = Request::post(format!("/api/receipts/{}/undo", id.trim()));
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
        .query("from", options.since.map(|since| first_day(since, &view)))
        .query("limit", Some(options.limit));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Receipts { receipts } = document.read()?;
    if receipts.is_empty() {
        return Ok(screen.line("Nothing was changed.")?);
    }
    let when = view.heading("WHEN");
    let mut table = Table::new(&[&when, "FOR", "BY", "WHAT", "ID"]);
    for receipt in &receipts {
        let undone = if receipt.undone_at.is_some() { " (taken back)" } else { "" };
        let tone = if receipt.undone_at.is_some() { Tone::Faint } else { Tone::Plain };
        table.row([
            view.moment(receipt.created_at).into(),
            household.name_of(Some(receipt.user_id)).into(),
            way(receipt).into(),
            Cell::toned(format!("{}{undone}", harmless(&receipt.words)), tone),
            Cell::toned(receipt.id.to_string(), Tone::Faint),
        ]);
    }
    table.write(screen)?;
    screen.line("Take one back with `xswarm receipts undo ID`.")?;
    Ok(())
}

fn first_day(since: Since, view: &View) -> NaiveDate {
    match since {
        Since::Today => view.today(),
        Since::Week => view.today().checked_sub_days(Days::new(7)).unwrap_or(NaiveDate::MIN),
        Since::Day(day) => day,
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
