//! The verbs: each asks the hub one thing and shows the answer. A file for each family.
//!
//! A verb decides nothing that the hub decides; with `--json` it prints the hub's answer unchanged.

mod appointment;
mod authority;
mod calls;
mod capabilities;
mod chat;
mod contacts;
mod describe;
mod device;
pub(crate) mod doctor;
mod events;
mod exchange;
mod free;
mod jobs;
mod key;
mod lists;
mod mail;
mod memory;
mod messages;
mod model;
mod pairing;
mod receipts;
mod reminder;
mod said;
mod schedule;
mod spending;
mod status;
mod suggestions;
mod talk;
mod user;
mod watch;

use std::io::{self, BufRead, IsTerminal};

use xswarm_core::admin::Status;

use crate::{
    arguments::{Arguments, Verb},
    client::{Client, ClientError, Document, Request},
    failure::{Exit, Failure},
    locate::Socket,
    screen::Screen,
    setup,
};

/// Does what the command line says.
pub async fn run(arguments: Arguments, socket: &Socket, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let hub = &Client::new(&socket.path);
    match arguments.verb {
        Verb::Ask(ask) => talk::ask(hub, ask, screen).await,
        Verb::Chat(chat) => chat::chat(hub, chat, screen).await,
        Verb::Status => status::status(hub, screen).await,
        Verb::User(verb) => user::user(hub, verb, screen).await,
        Verb::Key(verb) => key::key(hub, verb, screen).await,
        Verb::Device(verb) => device::device(hub, verb, screen).await,
        Verb::Authority(verb) => authority::authority(hub, &verb, screen).await,
        Verb::Pairing(verb) => pairing::pairing(hub, verb, screen).await,
        Verb::Agenda(agenda) => schedule::agenda(hub, agenda, screen).await,
        Verb::Appointment(verb) => appointment::appointment(hub, verb, screen).await,
        Verb::Free(options) => free::free(hub, options, screen).await,
        Verb::Calendar(options) => exchange::calendar(hub, options, screen).await,
        Verb::Invitations(options) => exchange::invitations(hub, options, screen).await,
        Verb::Reminders(reminders) => schedule::reminders(hub, reminders, screen).await,
        Verb::Reminder(verb) => reminder::reminder(hub, verb, screen).await,
        Verb::Contact(options) => contacts::contact(hub, options, screen).await,
        Verb::List(options) => lists::list(hub, options, screen).await,
        Verb::Memory(options) => memory::memory(hub, options, screen).await,
        Verb::Suggestions(options) => suggestions::suggestions(hub, options, screen).await,
        Verb::Messages(messages) => messages::messages(hub, messages, screen).await,
        Verb::Mail(verb) => mail::mail(hub, verb, screen).await,
        Verb::Jobs(jobs) => jobs::jobs(hub, jobs, screen).await,
        Verb::Calls(options) => calls::calls(hub, options, screen).await,
        Verb::Model(verb) => model::model(hub, verb, screen).await,
        Verb::Receipts(options) => receipts::receipts(hub, options, screen).await,
        Verb::Events(events) => events::events(hub, &events, screen).await,
        Verb::Capabilities(options) => capabilities::capabilities(hub, &options, screen).await,
        Verb::Spending(options) => spending::spending(hub, &options, screen).await,
        Verb::Watch(options) => watch::watch(hub, &options, screen).await,
        Verb::Audit(verb) => events::audit(hub, &verb, screen).await,
        Verb::Setup(options) => setup::setup(hub, *options, screen).await,
        Verb::Doctor => doctor::doctor(hub, socket, screen).await,
        Verb::Reload { now } => reload(hub, now, screen).await,
        Verb::Completions(options) => describe::completions(&options, screen),
        Verb::Man(options) => describe::man(&options, screen),
    }
}

/// Sends a request. With `--json` prints the answer as it is and gives nothing.
async fn answer(hub: &Client, request: Request, screen: &mut Screen<'_>) -> anyhow::Result<Option<Document>> {
    let document = hub.send(request).await?;
    if screen.json() {
        screen.line(document.text())?;
        return Ok(None);
    }
    Ok(Some(document))
}

/// Asks for a yes. Without a terminal there is nobody to ask.
fn confirmed(question: &str, screen: &mut Screen<'_>) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(question, "There is no terminal to ask on: say --yes if you are sure.").into());
    }
    screen.prompt(&format!("{question} [y/N] "))?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

async fn reload(hub: &Client, now: bool, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let before: Status = hub.get("/api/status").await?;
    if answer(hub, Request::post(if now { "/api/reload?now=true" } else { "/api/reload" }), screen).await?.is_none() {
        return Ok(Exit::Done);
    }
    match setup::restarted(hub, &before).await {
        Ok(()) => screen.line("The hub has read its configuration again.")?,
        Err(error) => return Err(not_back(&error)),
    }
    Ok(Exit::Done)
}

fn not_back(error: &ClientError) -> anyhow::Error {
    let next = "See its log: `journalctl -u xswarm-hub`, or `xswarm-hub check-config`.";
    Failure::failed(format!("the hub did not come back with the new configuration ({error})"), next).into()
}
