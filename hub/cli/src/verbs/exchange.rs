//! `xswarm appointment import` and `export`, `xswarm calendar`, `xswarm invitations`: calendars exchanged with others.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    time::Duration,
};

use serde::Deserialize;
use xswarm_core::{
    exchange::{CreatedFeed, FeedRow, ImportReport, NewFeed, Remark},
    invitation::{InvitationMethod, InvitationState},
};

use crate::{
    arguments::{
        CalendarArguments, CalendarVerb, ExportArguments, ImportArguments, InvitationArguments, InvitationVerb,
        InvitationsArguments,
    },
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Scene, user_id},
    ids::{Found, choices, find, shortened},
    screen::{Screen, Tone, one_line},
    table::{Cell, Table},
};

use super::answer;

/// How long taking in a long file may take.
const IMPORT: Duration = Duration::from_mins(5);

/// How many remarks are shown of each kind.
const SHOWN: usize = 20;

pub(super) async fn import(hub: &Client, options: ImportArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let bytes = read(&options.file)?;
    let user = user_id(hub, options.user.as_deref()).await?;
    let request =
        Request::post("/api/calendar/import").query("user_id", user).body("text/calendar", bytes).within(IMPORT);
    let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
    let report: ImportReport = document.read()?;
    let ImportReport { imported, updated, unchanged, skipped, notes } = report;
    screen.line(&format!("{imported} new, {updated} updated, {unchanged} unchanged, {} left out.", skipped.len()))?;
    remarks("Left out", &skipped, Tone::Bad, screen)?;
    remarks("Taken in otherwise than it stood", &notes, Tone::Faint, screen)?;
    Ok(Exit::Done)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let unreadable = |error: io::Error| {
        let what = format!("the file {} cannot be read ({error})", file.display());
        Failure::failed(what, "Name a calendar file (.ics), or \"-\" for standard input.")
    };
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(unreadable)?;
        return Ok(bytes);
    }
    Ok(fs::read(file).map_err(unreadable)?)
}

fn remarks(heading: &str, remarks: &[Remark], tone: Tone, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    if remarks.is_empty() {
        return Ok(());
    }
    screen.line(&format!("{heading}:"))?;
    for remark in remarks.iter().take(SHOWN) {
        let uid = one_line(&remark.uid);
        let uid = if uid.is_empty() { String::new() } else { format!("{uid}: ") };
        screen.toned(tone, &format!("  {uid}{}", one_line(&remark.reason)))?;
    }
    if remarks.len() > SHOWN {
        screen.line(&format!("  and {} more (--json shows all)", remarks.len() - SHOWN))?;
    }
    Ok(())
}

pub(super) async fn export(hub: &Client, options: ExportArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let user = user_id(hub, options.user.as_deref()).await?;
    let request = Request::get("/api/calendar/export")
        .query("user_id", user)
        .query("from", options.from)
        .query("to", options.to)
        .within(IMPORT);
    let document = hub.send(request).await?;
    match options.output {
        None => screen.raw(document.text().as_bytes())?,
        Some(file) => {
            fs::write(&file, document.text()).map_err(|error| {
                let what = format!("the file {} cannot be written ({error})", file.display());
                Failure::failed(what, "Name another place with --output.")
            })?;
            let events = document.text().matches("BEGIN:VEVENT").count();
            screen.line(&format!("Wrote {events} events to {}.", file.display()))?;
        }
    }
    Ok(Exit::Done)
}

#[derive(Deserialize)]
struct Feeds {
    feeds: Vec<FeedRow>,
}

pub(super) async fn calendar(
    hub: &Client,
    options: CalendarArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    match options.verb.unwrap_or(CalendarVerb::Shares { user: None }) {
        CalendarVerb::Share { name, user } => share(hub, name, user, screen).await?,
        CalendarVerb::Shares { user } => shares(hub, user, screen).await?,
        CalendarVerb::Unshare { feed, user } => unshare(hub, &feed, user, screen).await?,
    }
    Ok(Exit::Done)
}

async fn share(hub: &Client, name: String, user: Option<String>, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let user_id = user_id(hub, user.as_deref()).await?;
    let request = Request::post("/api/calendar/feeds").json(&NewFeed { user_id, name })?;
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let created: CreatedFeed = document.read()?;
    screen.line(&created.url)?;
    screen.line(
        "This address is shown only now; the hub keeps no copy of it. Subscribe to it on the phone or computer; where the \
         box has another name or number on your network, put that in its place.",
    )?;
    Ok(())
}

async fn shares(hub: &Client, user: Option<String>, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let user = user_id(hub, user.as_deref()).await?;
    let request = Request::get("/api/calendar/feeds").query("user_id", user);
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Feeds { feeds } = document.read()?;
    if feeds.is_empty() {
        return Ok(screen.line("There are no shares. `xswarm calendar share NAME` makes one.")?);
    }
    let Scene { view, .. } = Scene::fetch(hub, user).await?;
    let ids = shortened(&feeds.iter().map(|feed| feed.id.to_string()).collect::<Vec<_>>());
    let (made, used) = (view.heading("MADE"), view.heading("READ"));
    let mut table = Table::new(&["ID", &made, &used, "STATE", "FOR"]);
    for (feed, id) in feeds.iter().zip(ids) {
        let state = match feed.revoked_at {
            None => Cell::toned("valid", Tone::Good),
            Some(_) => Cell::toned("revoked", Tone::Faint),
        };
        table.row([
            Cell::toned(id, Tone::Faint),
            view.moment(feed.created_at).into(),
            feed.last_used_at.map_or_else(|| "never".to_owned(), |at| view.moment(at)).into(),
            state,
            Cell::from(&feed.name),
        ]);
    }
    Ok(table.write(screen)?)
}

async fn unshare(hub: &Client, wanted: &str, user: Option<String>, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let user = user_id(hub, user.as_deref()).await?;
    let document = hub.send(Request::get("/api/calendar/feeds").query("user_id", user)).await?;
    let Feeds { feeds } = document.read()?;
    let valid: Vec<FeedRow> = feeds.into_iter().filter(|feed| feed.revoked_at.is_none()).collect();
    let feed = only(
        find(wanted, &valid, |feed| vec![feed.id.to_string(), feed.name.clone()]),
        wanted,
        "share",
        "xswarm calendar shares",
    )?;
    if answer(hub, Request::delete(format!("/api/calendar/feeds/{}", feed.id)), screen).await?.is_some() {
        screen.line(&format!("Revoked {}. Nothing is read there any more.", one_line(&feed.name)))?;
    }
    Ok(())
}

fn only<T>(found: Found<T>, wanted: &str, what: &str, list: &str) -> anyhow::Result<T> {
    match found {
        Found::One(one) => Ok(one),
        Found::None => Err(Failure::failed(format!("there is no {what} `{wanted}`"), format!("See `{list}`.")).into()),
        Found::Several(several) => {
            let words = format!("`{wanted}` may be {}", choices(&several));
            Err(Failure::failed(words, "Write more of the id.").into())
        }
    }
}

#[derive(Deserialize)]
struct Invitations {
    invitations: Vec<Listed>,
}

/// What is shown of an invitation.
#[derive(Debug, Clone, Deserialize)]
struct Listed {
    id: xswarm_core::id::InvitationId,
    about: xswarm_core::invitation::Proposal,
    state: InvitationState,
    created_at: chrono::DateTime<chrono::Utc>,
}

pub(super) async fn invitations(
    hub: &Client,
    options: InvitationsArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    match options.verb {
        None => list(hub, options.user, options.all, screen).await?,
        Some(InvitationVerb::Accept(which)) => decide(hub, which, "accept", screen).await?,
        Some(InvitationVerb::Decline(which)) => decide(hub, which, "decline", screen).await?,
    }
    Ok(Exit::Done)
}

async fn list(hub: &Client, user: Option<String>, all: bool, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let user = user_id(hub, user.as_deref()).await?;
    let request = Request::get("/api/invitations").query("user_id", user).query("all", all.then_some(true));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Invitations { invitations } = document.read()?;
    if invitations.is_empty() {
        return Ok(screen.line("No invitation waits for an answer.")?);
    }
    let Scene { view, .. } = Scene::fetch(hub, user).await?;
    let ids = shortened(&invitations.iter().map(|one| one.id.to_string()).collect::<Vec<_>>());
    let came = view.heading("CAME");
    let mut table = Table::new(&["ID", &came, "STATE", "WHAT", "FROM", "TITLE"]);
    for (one, id) in invitations.iter().zip(ids) {
        let what = match one.about.method {
            InvitationMethod::Publish => "entry",
            InvitationMethod::Request => "invitation",
            InvitationMethod::Cancel => "called off",
        };
        let from = one.about.organizer.as_ref().or(one.about.sender.as_ref());
        table.row([
            Cell::toned(id, Tone::Faint),
            view.moment(one.created_at).into(),
            one.state.to_string().into(),
            what.to_owned().into(),
            from.cloned().unwrap_or_else(|| "–".to_owned()).into(),
            Cell::from(&one.about.title),
        ]);
    }
    Ok(table.write(screen)?)
}

async fn decide(hub: &Client, which: InvitationArguments, verb: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let user = user_id(hub, which.user.as_deref()).await?;
    let document = hub.send(Request::get("/api/invitations").query("user_id", user)).await?;
    let Invitations { invitations } = document.read()?;
    let found = find(&which.invitation, &invitations, |one| vec![one.id.to_string(), one.about.title.clone()]);
    let one = only(found, &which.invitation, "open invitation", "xswarm invitations")?;
    if answer(hub, Request::post(format!("/api/invitations/{}/{verb}", one.id)), screen).await?.is_some() {
        let done = if verb == "accept" { "Accepted" } else { "Declined" };
        screen.line(&format!("{done}: {}. The organizer is not told.", one_line(&one.about.title)))?;
    }
    Ok(())
}
