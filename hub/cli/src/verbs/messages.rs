//! `xswarm messages`: the ledger, with what became of each message and what to do about those that are stuck.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::{self, Read, Write},
    path::Path,
};

use serde::Deserialize;
use uuid::Uuid;
use xswarm_core::{
    admin::NewCall,
    attachment::Attachment,
    contact::Contact,
    id::{AttachmentId, MessageId},
    message::{Channel, Direction, Message, MessageStatus},
};

use crate::{
    arguments::{MessageVerb, MessagesArguments},
    client::{Client, ClientError, Document, Request},
    failure::{Exit, Failure},
    household::{Household, Scene, on_behalf_of, user_id},
    ids::{Found, choices, find, shortened},
    screen::{Screen, Tone, harmless, one_line},
    table::{Cell, Table, pairs},
};

use super::{answer, status::counted};

/// A little more than the largest text that the hub takes, so that it is the hub that says no.
const TEXT_BYTES: u64 = 128 << 10;

/// Among how many messages a beginning of an id is looked for.
const SEARCHED: u32 = 1_000;

#[derive(Deserialize)]
struct Messages {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Attachments {
    attachments: Vec<Attachment>,
}

#[derive(Deserialize)]
struct OneMessage {
    message: Message,
}

pub(super) async fn messages(
    hub: &Client,
    options: MessagesArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    match options.verb {
        None => list(hub, &options, screen).await?,
        Some(MessageVerb::Show { id }) => show(hub, &id, screen).await?,
        Some(MessageVerb::Call { to, message, user }) => call(hub, to, message, user.as_deref(), screen).await?,
        Some(MessageVerb::Attachment { id, output }) => attachment(hub, id, &output, screen).await?,
        Some(MessageVerb::Resend { id }) => resend(hub, &id, screen).await?,
    }
    Ok(Exit::Done)
}

async fn list(hub: &Client, options: &MessagesArguments, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let user = user_id(hub, options.user.as_deref()).await?;
    let path = if user.is_some() { "/api/messages/history" } else { "/api/messages" };
    let request = Request::get(path)
        .query("user_id", user)
        .query("status", options.status)
        .query("channel", options.channel)
        .query("limit", Some(options.limit));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Messages { messages } = document.read()?;
    if messages.is_empty() {
        return Ok(screen.line("There are no such messages.")?);
    }
    let Scene { household, view } = Scene::fetch(hub, user).await?;
    let known = known(hub, &household, &messages).await;
    let ids = shortened(&messages.iter().map(|message| message.id.to_string()).collect::<Vec<_>>());
    let when = view.heading("WHEN");
    let mut table = Table::new(&["ID", &when, "BY", "WHO", "STATUS", "TEXT"]);
    // The hub gives the newest first; people read on at the bottom.
    for (message, id) in messages.iter().zip(ids).rev() {
        table.row([
            Cell::toned(id, Tone::Faint),
            view.moment(message.created_at).into(),
            message.channel.as_str().into(),
            who(message, &household, &known).into(),
            state(message.status),
            Cell::from(&message.content),
        ]);
    }
    table.write(screen)?;
    advise(&messages, screen)
}

#[derive(Deserialize)]
struct Contacts {
    contacts: Vec<Contact>,
}

/// The names of those whose number or address is somebody's contact. Not knowing them is no reason to show nothing.
async fn known(hub: &Client, household: &Household, messages: &[Message]) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    if messages.iter().all(|message| message.user_id.is_some()) {
        return known;
    }
    for user in &household.users {
        let request = Request::get("/api/contacts").query("user_id", Some(user.id));
        let Ok(document) = hub.send(request).await else { continue };
        let Ok(Contacts { contacts }) = document.read() else { continue };
        for Contact { details, .. } in contacts {
            let addresses = details.phones.iter().map(ToString::to_string).chain(details.mails);
            known.extend(addresses.map(|address| (address, details.name.clone())));
        }
    }
    known
}

/// Who said it to whom, seen from the hub.
fn who(message: &Message, household: &Household, known: &BTreeMap<String, String>) -> String {
    let other = match message.direction {
        Direction::Inbound => message.sender.as_deref(),
        Direction::Outbound => message.recipient.as_deref(),
    };
    let person = household.users.iter().find(|user| Some(user.id) == message.user_id);
    let is_theirs = |address: &str| {
        person.is_some_and(|user| {
            user.phone.as_ref().is_some_and(|phone| phone.as_str() == address) || user.email.as_deref() == Some(address)
        })
    };
    // What goes to somebody else on a person's behalf goes to somebody else.
    let name = match (message.user_id, other) {
        (Some(_), None) => household.name_of(message.user_id),
        (Some(_), Some(address)) if message.direction == Direction::Inbound || is_theirs(address) => {
            household.name_of(message.user_id)
        }
        (_, Some(address)) => {
            known.get(address).map_or_else(|| address.to_owned(), |name| format!("{} (contact)", one_line(name)))
        }
        (None, None) => "a stranger".to_owned(),
    };
    match message.direction {
        Direction::Inbound => format!("from {name}"),
        Direction::Outbound => format!("to {name}"),
    }
}

fn state(status: MessageStatus) -> Cell {
    let tone = match status {
        MessageStatus::Pending | MessageStatus::Sending => Tone::Warning,
        MessageStatus::Processed | MessageStatus::Sent => Tone::Plain,
        MessageStatus::Delivered => Tone::Good,
        MessageStatus::Failed | MessageStatus::Unknown => Tone::Bad,
    };
    Cell::toned(status.as_str(), tone)
}

/// The next step for messages that are stuck.
fn advise(messages: &[Message], screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let count = |status| messages.iter().filter(|message| message.status == status).count() as u64;
    let they = |count: u64| if count == 1 { "it" } else { "they" };
    let unknown = count(MessageStatus::Unknown);
    if unknown > 0 {
        let (count, they) = (counted(unknown, "message"), they(unknown));
        let text =
            format!("{count} unknown: nobody can tell whether {they} went out; sent again, {they} may arrive twice.");
        screen.toned(Tone::Bad, &text)?;
    }
    let failed = count(MessageStatus::Failed);
    if failed > 0 {
        let text = format!("{} failed: {} did not arrive.", counted(failed, "message"), they(failed));
        screen.toned(Tone::Bad, &text)?;
    }
    if unknown + failed > 0 {
        screen.line("See why with `xswarm messages show ID`; send one again with `xswarm messages resend ID`.")?;
    }
    Ok(())
}

async fn show(hub: &Client, id: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let id = whole_id(hub, id).await?;
    let Some(document) = answer(hub, Request::get(format!("/api/messages/{id}")), screen).await? else {
        return Ok(());
    };
    write_one(hub, &document, screen).await
}

async fn call(
    hub: &Client,
    to: String,
    message: String,
    user: Option<&str>,
    screen: &mut Screen<'_>,
) -> anyhow::Result<()> {
    let message = if message == "-" { io::read_to_string(io::stdin().lock().take(TEXT_BYTES))? } else { message };
    let user_id = on_behalf_of(hub, user).await?;
    let call = NewCall { to, message, user_id, client_id: Some(Uuid::now_v7().to_string()) };
    let Some(document) = answer(hub, Request::post("/api/messages/voice").json(&call)?, screen).await? else {
        return Ok(());
    };
    let OneMessage { message } = document.read()?;
    let to = harmless(message.recipient.as_deref().unwrap_or_default());
    screen.line(&format!("{to} will be called; see `xswarm messages show {}`.", message.id))?;
    Ok(())
}

async fn attachment(hub: &Client, id: AttachmentId, output: &Path, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let content = hub.download(&format!("/api/attachments/{id}")).await?;
    if output == Path::new("-") {
        io::stdout().write_all(&content)?;
        return Ok(());
    }
    let written =
        OpenOptions::new().write(true).create_new(true).open(output).and_then(|mut file| file.write_all(&content));
    if let Err(error) = written {
        let what = format!("{} cannot be written: {error}", output.display());
        return Err(Failure::failed(what, "Name a file that is not there yet, with -o FILE.").into());
    }
    let (bytes, name) = (counted(content.len() as u64, "byte"), output.display().to_string());
    screen.line(&format!("{bytes} saved as {}. Somebody else made this file: open it with care.", harmless(&name)))?;
    Ok(())
}

async fn resend(hub: &Client, id: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let id = whole_id(hub, id).await?;
    let request = Request::post(format!("/api/messages/{id}/resend"));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let OneMessage { message } = document.read()?;
    let to = message.recipient.as_deref().unwrap_or("its recipient");
    screen.line(&format!("It will be sent again to {to}. `xswarm messages show {id}` says how far it got."))?;
    Ok(())
}

async fn write_one(hub: &Client, document: &Document, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let OneMessage { message } = document.read()?;
    let Scene { household, view } = Scene::fetch(hub, message.user_id).await?;
    let known = known(hub, &household, std::slice::from_ref(&message)).await;
    let mut facts = vec![
        ("id", message.id.to_string().into()),
        ("when", view.in_full(message.created_at).into()),
        ("direction", format!("{}, {}", message.direction, who(&message, &household, &known)).into()),
        ("by", message.channel.as_str().into()),
        ("status", state(message.status)),
    ];
    let mut fact = |name, value: Option<String>| facts.extend(value.map(|value| (name, value.into())));
    fact("number", message.recipient.clone().filter(|_| message.direction == Direction::Outbound));
    fact("number", message.sender.clone().filter(|_| message.direction == Direction::Inbound));
    fact("handled", message.processed_at.map(|at| view.in_full(at)));
    fact("error", message.error_code.map(|code| code.to_string()));
    fact("cause", message.error_message.clone());
    fact("provider's id", message.provider_id.clone());
    fact("answers", message.in_reply_to.map(|id| id.to_string()));
    pairs(screen, facts)?;
    screen.line("")?;
    screen.line(&harmless(&message.content))?;
    if message.channel == Channel::Email {
        files(hub, message.id, screen).await?;
    }
    match message.status {
        MessageStatus::Unknown | MessageStatus::Failed => {
            screen.line("")?;
            screen.line(&format!("Send it again with `xswarm messages resend {}`.", message.id))?;
        }
        MessageStatus::Pending
        | MessageStatus::Processed
        | MessageStatus::Sending
        | MessageStatus::Sent
        | MessageStatus::Delivered => {}
    }
    Ok(())
}

/// The files that came with a mail.
async fn files(hub: &Client, message: MessageId, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Attachments { attachments } = hub.get(&format!("/api/messages/{message}/attachments")).await?;
    if attachments.is_empty() {
        return Ok(());
    }
    screen.line("")?;
    let mut table = Table::new(&["FILE", "KIND", "BYTES", "ID"]);
    for file in &attachments {
        let id = file.not_kept.as_ref().map_or_else(|| file.id.to_string(), |reason| format!("not kept: {reason}"));
        table.row([
            Cell::from(&harmless(&file.name)),
            file.looks_like.as_deref().unwrap_or(&file.media_type).into(),
            file.bytes.to_string().into(),
            Cell::toned(id, Tone::Faint),
        ]);
    }
    table.write(screen)?;
    screen.line("Save one with `xswarm messages attachment ID -o FILE`.")?;
    Ok(())
}

/// The id that begins with `wanted`, looked for among the latest messages.
async fn whole_id(hub: &Client, wanted: &str) -> anyhow::Result<String> {
    if wanted.trim().parse::<MessageId>().is_ok() {
        return Ok(wanted.trim().to_owned());
    }
    let ids = latest_ids(hub).await?;
    match find(wanted, &ids, |id| vec![id.clone()]) {
        Found::One(id) => Ok(id),
        Found::None => Err(Failure::failed(
            format!("no id of the latest {} begins with `{wanted}`", counted(ids.len() as u64, "message")),
            "See `xswarm messages`; an older message is found by its whole id.",
        )
        .into()),
        Found::Several(several) => {
            Err(Failure::failed(format!("`{wanted}` may be {}", choices(&several)), "Write more of the id.").into())
        }
    }
}

async fn latest_ids(hub: &Client) -> Result<Vec<String>, ClientError> {
    let request = Request::get("/api/messages").query("limit", Some(SEARCHED));
    let Messages { messages } = hub.send(request).await?.read()?;
    Ok(messages.iter().map(|message| message.id.to_string()).collect())
}
