//! The hub: everything that talks to the world, and the composition root.
//!
//! Inside, calls only go down:
//! `main → hub → {http, jobs} → channels → assistant → {calendar, reminders, outbox, people} → store`.
//! What would be a call upward is a job row, written in the same transaction as the change that makes it necessary.

mod about;
mod announcement;
mod assistant;
mod authority;
mod blobs;
mod calendar;
mod channels;
mod clock;
mod config;
mod confirmation;
mod contacts;
mod conventions;
mod database_key;
mod dialog;
mod digest;
mod doctor;
mod error;
mod exchange;
mod http;
mod hub;
mod icalendar;
mod invitations;
mod jobs;
mod letters;
mod lists;
mod llm;
mod mail;
mod memory;
mod outbox;
mod people;
mod pins;
mod post;
mod preferences;
mod random;
mod recordings;
mod reminders;
mod retention;
mod sendgrid;
mod smtp;
mod system;
mod twilio;
mod voice;
mod web;
mod wording;

use std::{io::Write, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Notify,
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, Secrets, config_path},
    error::{Error, Result},
    hub::Start,
    system::HandedSockets,
};

/// The Boss AI hub. It serves until SIGTERM or SIGINT; SIGHUP makes it read its configuration again.
#[derive(Parser)]
#[command(
    version,
    after_help = "Examples:\n  xswarm-hub --state-dir ./var\n  xswarm-hub --config /etc/xswarm/hub.toml\n  \
    xswarm-hub check-config --config hub.toml\n\nTalk to it with `xswarm chat`."
)]
struct Arguments {
    /// The configuration file. Without it /etc/xswarm/hub.toml, if there is one; else the defaults.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Where everything the hub remembers lies; beats the configuration.
    #[arg(long, value_name = "DIR", global = true)]
    state_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Reads the configuration, says what is wrong with it, and starts nothing.
    CheckConfig,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Some(Task::CheckConfig) => check_config(&arguments),
        None => serve(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With stderr gone there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "xswarm-hub: {}", error.chain());
            ExitCode::FAILURE
        }
    }
}

fn load(arguments: &Arguments, handed: &Arc<HandedSockets>) -> Result<Start> {
    let config_path = config_path(arguments.config.as_deref());
    let config = Config::load(config_path.as_deref(), arguments.state_dir.as_deref())?;
    Ok(Start { config, config_path, secrets: Secrets::of_this_process(), handed: Arc::clone(handed) })
}

fn check_config(arguments: &Arguments) -> Result<()> {
    let start = load(arguments, &Arc::default())?;
    let source = start.config_path.map_or_else(|| "the defaults".to_owned(), |path| path.display().to_string());
    // A closed stdout is the caller's choice.
    let _ = writeln!(std::io::stdout(), "{source}: in order");
    Ok(())
}

fn serve(arguments: &Arguments) -> Result<()> {
    system::keep_to_ourselves();
    let handed = Arc::new(HandedSockets::take()?);
    let start = load(arguments, &handed)?;
    system::start_logging()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("hub")
        .build()
        .map_err(|error| Error::internal("the runtime cannot start").with_source(error))?;
    runtime.block_on(run(arguments, start))
}

async fn run(arguments: &Arguments, mut start: Start) -> Result<()> {
    let mut signals = Signals::new()?;
    loop {
        let (round, reload) = (CancellationToken::new(), Arc::new(Notify::new()));
        let handed = Arc::clone(&start.handed);
        let mut hub = std::pin::pin!(hub::run(start, round.clone(), Arc::clone(&reload)));
        let mut next = None;
        loop {
            let asked = tokio::select! {
                ended = &mut hub => break ended?,
                signal = signals.next() => signal,
                () = reload.notified() => Asked::Reload,
            };
            next = match asked {
                Asked::Stop => None,
                // With a mistake in the file the hub goes on with the configuration it has.
                Asked::Reload => match load(arguments, &handed) {
                    Ok(next) => Some(next),
                    Err(error) => {
                        log::error!("the configuration has a mistake and is not used: {}", error.chain());
                        continue;
                    }
                },
            };
            if next.is_some() {
                log::info!("starting again with the configuration as it is now");
                system::reloading();
            }
            round.cancel();
        }
        match next {
            Some(again) => start = again,
            None => return Ok(()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Stop,
    Reload,
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        let listen =
            |kind| signal(kind).map_err(|error| Error::internal("signals cannot be listened for").with_source(error));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.hangup.recv() => Asked::Reload,
        }
    }
}
