//! `xswarm calls`: who called when and how it went; what was said on one, how long each step took, and how it sounded.

mod picture;

use std::{fs::OpenOptions, io::Write as _, path::Path};

use serde::Deserialize;
use xswarm_core::{
    call::{Call, CallEnd, CallState, CallTurn},
    id::CallId,
    message::Direction,
    phone::Phone,
    user::User,
};

use crate::{
    arguments::CallsArguments,
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Household, Scene},
    ids::{Found, choices, find, shortened},
    screen::{Screen, Tone, one_line},
    table::{Cell, Table},
};

use super::answer;

#[derive(Deserialize)]
struct Calls {
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct OneCall {
    call: Call,
    turns: Vec<CallTurn>,
    is_recorded: bool,
}

#[derive(Deserialize)]
struct Deleted {
    deleted: bool,
}

pub(super) async fn calls(hub: &Client, options: CallsArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let user = match &options.user {
        Some(wanted) => Some(Household::fetch(hub).await?.find(wanted)?.id),
        None => None,
    };
    let all = Request::get("/api/calls").query("user_id", user).query("limit", Some(options.limit));
    if let Some(wanted) = &options.id {
        let Calls { calls } = hub.send(all).await?.read()?;
        let id = chosen(&calls, wanted)?;
        if let Some(file) = &options.recording {
            save(hub, id, file, screen).await?;
            return Ok(Exit::Done);
        }
        if options.delete_recording {
            delete(hub, id, screen).await?;
            return Ok(Exit::Done);
        }
        let Some(document) = answer(hub, Request::get(format!("/api/calls/{id}")), screen).await? else {
            return Ok(Exit::Done);
        };
        show(hub, &document.read()?, screen).await?;
        return Ok(Exit::Done);
    }
    let Some(document) = answer(hub, all, screen).await? else { return Ok(Exit::Done) };
    let Calls { calls } = document.read()?;
    if calls.is_empty() {
        screen.line("Nobody has called, and nobody was called.")?;
        return Ok(Exit::Done);
    }
    let Scene { household, view } = Scene::fetch(hub, user).await?;
    let ids = shortened(&calls.iter().map(|call| call.id.to_string()).collect::<Vec<_>>());
    let mut table = Table::new(&["ID", &view.heading("WHEN"), "WHO", "LENGTH", "END"]);
    for (call, id) in calls.iter().zip(ids) {
        table.row([
            Cell::toned(id, Tone::Faint),
            view.moment(call.created_at).into(),
            who(call, &household).into(),
            length(call).into(),
            ending(call),
        ]);
    }
    table.write(screen)?;
    screen.line("What was said: `xswarm calls ID`.")?;
    Ok(Exit::Done)
}

async fn show(hub: &Client, one: &OneCall, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Scene { household, view } = Scene::fetch(hub, one.call.user_id).await?;
    let OneCall { call, turns, is_recorded } = one;
    let engine = call.engine.as_deref().map_or_else(String::new, |engine| format!(", by {engine}"));
    screen.line(&format!("{}, {}{engine}, {}", who(call, &household), view.moment(call.created_at), length(call)))?;
    for turn in turns {
        // What the Boss called to say answers nobody.
        if !turn.said.is_empty() {
            screen.line(&format!("{} {}", screen.paint(Tone::Strong, "they"), one_line(&turn.said)))?;
        }
        let cut = if turn.interrupted { " … (interrupted)" } else { "" };
        let heard = if turn.heard.is_empty() { "(not heard)".to_owned() } else { one_line(&turn.heard) };
        screen.line(&format!("{} {heard}{cut}", screen.paint(Tone::Strong, "Boss")))?;
        let since = |what: &str, at: Option<u64>| {
            let (from, at) = turn.speech_ended_ms.zip(at)?;
            Some(format!("{what} {} ms", at.saturating_sub(from)))
        };
        let steps = [
            since("end of turn", turn.turn_ended_ms),
            since("answer", turn.answered_ms),
            since("first sound", turn.first_audio_ms),
        ];
        let steps: Vec<_> = steps.into_iter().flatten().collect();
        if !steps.is_empty() {
            screen.line(&screen.paint(Tone::Faint, &format!("     after speech: {}", steps.join(", "))))?;
        }
    }
    for line in picture::lines(turns) {
        screen.line(&line)?;
    }
    if *is_recorded {
        screen.line("It was recorded: `--recording FILE` saves the sound, `--delete-recording` deletes it.")?;
    }
    Ok(())
}

async fn save(hub: &Client, id: CallId, file: &Path, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let sound = hub.download(&format!("/api/calls/{id}/recording")).await?;
    if file == Path::new("-") {
        std::io::stdout().write_all(&sound)?;
        return Ok(());
    }
    let written = OpenOptions::new().write(true).create_new(true).open(file).and_then(|mut to| to.write_all(&sound));
    if let Err(error) = written {
        let what = format!("{} cannot be written: {error}", file.display());
        return Err(Failure::failed(what, "Name a file that is not there yet.").into());
    }
    screen.line(&format!("Saved as {}: left the caller, right the Boss.", file.display()))?;
    Ok(())
}

async fn delete(hub: &Client, id: CallId, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let request = Request::delete(format!("/api/calls/{id}/recording"));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Deleted { deleted } = document.read()?;
    screen.line(if deleted { "The recording is deleted." } else { "There is no recording of that call." })?;
    Ok(())
}

fn who(call: &Call, household: &Household) -> String {
    let number = || call.phone.clone().unwrap_or_else(|| "withheld".to_owned());
    // A call of ours may be made for one person and to another.
    let is_theirs = |user: &&User| user.phone.as_ref().map(Phone::as_str) == call.phone.as_deref();
    match call.direction {
        Direction::Inbound => {
            let name = call.user_id.map_or_else(number, |user| household.name_of(Some(user)));
            call.room.as_ref().map_or_else(|| name.clone(), |room| format!("{name} in the room {room}"))
        }
        Direction::Outbound => {
            let person = household.users.iter().find(is_theirs);
            format!("to {}", person.map_or_else(number, |user| user.name.clone()))
        }
    }
}

fn length(call: &Call) -> String {
    match (call.connected_at, call.ended_at) {
        (Some(from), Some(to)) => {
            let seconds = (to - from).num_seconds();
            format!("{}:{:02}", seconds / 60, seconds % 60)
        }
        (None, _) | (_, None) => String::new(),
    }
}

fn ending(call: &Call) -> Cell {
    match (call.state, call.ended_because) {
        (CallState::Ended, Some(end)) => {
            let tone = match end {
                CallEnd::Finished | CallEnd::HungUp | CallEnd::Voicemail => Tone::Plain,
                CallEnd::Silence
                | CallEnd::TooLong
                | CallEnd::Loop
                | CallEnd::AtCapacity
                | CallEnd::NotAnswered
                | CallEnd::Refused
                | CallEnd::HubStopped => Tone::Warning,
                CallEnd::EngineFailed | CallEnd::BadProtocol => Tone::Bad,
            };
            Cell::toned(end.as_str().replace('_', " "), tone)
        }
        (state, _) => Cell::toned(state.as_str(), Tone::Strong),
    }
}

/// The one that is meant by an id or a unique beginning.
fn chosen(all: &[Call], wanted: &str) -> Result<CallId, Failure> {
    let ids: Vec<CallId> = all.iter().map(|one| one.id).collect();
    match find(wanted, &ids, |id| vec![id.to_string()]) {
        Found::One(id) => Ok(id),
        Found::None => Err(Failure::failed(format!("there is no call `{wanted}`"), "`xswarm calls` shows them.")),
        Found::Several(several) => {
            Err(Failure::failed(format!("`{wanted}` may be {}", choices(&several)), "Write more of the id."))
        }
    }
}
