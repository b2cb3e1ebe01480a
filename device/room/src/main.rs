//! `xswarm-room`: reads what was typed, and does it.

use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use anyhow::Result;
use clap::Parser as _;
use xswarm_core::{device::DeviceCode, room::SoundHealth};
use xswarm_room::{
    arguments::{Arguments, Task},
    config::{self, Config},
    control,
    exchange::{HubState, Request, Status},
    pairing::{self, Address, Pairing},
    run::run,
    state::Shown,
    trial, wake,
};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    env_logger::Builder::new().parse_filters(&config::log_filter()).init();
    match perform(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With stderr gone there is nobody left to tell.
            let _ = writeln!(io::stderr(), "xswarm-room: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(Arguments { config, task }: Arguments) -> Result<()> {
    let config = Config::load(config.as_deref())?;
    let ask = |request| control::ask(&config.room.control_socket_path(), request);
    match task {
        Task::Run => run(&config),
        Task::Pair { address, code, find } => pair(&config.room.state_dir, address.zip(code), find),
        Task::Train { phrase, effort } => {
            let path = wake::learn(&config, &phrase, effort, &|line| {
                let _ = writeln!(io::stderr(), "{line}");
            })?;
            say(&format!("{} was written; name the phrase in `phrases` in [wake] to be woken by it", path.display()))
        }
        Task::Mute => kept(&ask(Request::Mute)?),
        Task::Unmute => kept(&ask(Request::Unmute)?),
        Task::Volume { percent } => kept(&ask(Request::Volume { percent })?),
        Task::Stop => say(&words(&ask(Request::Stop)?)),
        Task::Press => press(ask),
        Task::Status { json: false } => say(&words(&ask(Request::Status)?)),
        Task::Status { json: true } => say(&serde_json::to_string_pretty(&ask(Request::Status)?)?),
        Task::Devices => say(&trial::listed(&config.sound)?),
        Task::Test => trial::test(config.sound, &mut |line| say(line)),
    }
}

fn pair(state_dir: &Path, named: Option<(Address, DeviceCode)>, find: Option<DeviceCode>) -> Result<()> {
    Pairing::can_be_kept(state_dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let pairing = runtime.block_on(async {
        match (named, find) {
            (Some((address, code)), _) => pairing::pair(&address, &code).await.map_err(anyhow::Error::from),
            (None, Some(code)) => Ok(pairing::find(&code).await?),
            (None, None) => anyhow::bail!("name the hub's address and the code"),
        }
    })?;
    pairing.keep(state_dir)?;
    say(&format!(
        "this is \"{}\" now, of the hub at {}. Start it: xswarm-room run. If it runs already it goes on as that by itself, but \
         for one that is connected as something else: start that one again",
        pairing.name, pairing.address
    ))
}

/// Says how a device is now, and fails where it will not stay so.
fn kept(status: &Status) -> Result<()> {
    say(&words(status))?;
    match &status.unkept {
        Some(why) => anyhow::bail!("done, but it does not outlast a restart ({why}): make that place writable"),
        None => Ok(()),
    }
}

/// Does what the wake word does, unless nobody would be listened to.
fn press(ask: impl Fn(Request) -> Result<Status>) -> Result<()> {
    let before = ask(Request::Status)?;
    let after = ask(Request::Press)?;
    let is_idle = |shown| matches!(shown, Shown::Idle | Shown::Offline | Shown::Muted | Shown::Error);
    let why = match (&after.sound, after.hub) {
        _ if !is_idle(before.doing) => None,
        _ if after.is_muted => Some("it is muted: xswarm-room unmute".to_owned()),
        (SoundHealth::Lost { why }, _) => Some(format!("it has no sound: {why}")),
        (_, HubState::Away) => Some("the hub is away".to_owned()),
        (_, HubState::Refused) => Some("the hub does not know this device".to_owned()),
        (SoundHealth::Running | SoundHealth::Silent, HubState::Reached) => None,
    };
    match why {
        Some(why) => anyhow::bail!("nobody is listened to: {why}"),
        None => say(&words(&after)),
    }
}

/// How a device is, for a person.
fn words(status: &Status) -> String {
    let Status { name, hub, doing, is_muted, volume, sound, phrases, timers, unkept } = status;
    let hub = match hub {
        HubState::Reached => "the hub is reached",
        HubState::Away => "the hub is away",
        HubState::Refused => "the hub does not know this device: pair it again (xswarm-room pair ADDRESS CODE)",
    };
    let doing = match doing {
        Shown::Idle | Shown::Offline | Shown::Muted | Shown::Error => "nothing happens",
        Shown::Listening => "it listens to somebody",
        Shown::Thinking => "an answer is awaited",
        Shown::Speaking => "it speaks",
        Shown::Ringing => "a timer rings",
    };
    let ears = match (is_muted, phrases.is_empty()) {
        (true, _) => "muted".to_owned(),
        (false, true) => "listens to its button only".to_owned(),
        (false, false) => format!("listens to \"{}\"", phrases.join("\", \"")),
    };
    let sound = match sound {
        SoundHealth::Running => String::new(),
        SoundHealth::Lost { why } => format!("\nsound is away, and looked for: {why}"),
        SoundHealth::Silent => "\nthe microphones give nothing at all: are they switched off?".to_owned(),
    };
    let timers = if *timers == 0 { String::new() } else { format!("; timers that wait: {timers}") };
    let unkept = unkept.as_ref().map(|why| format!("\nmute, volume and timers would not outlast a restart: {why}"));
    format!("{name}: {hub}; {doing}; {ears}; volume {volume}{timers}{sound}{}", unkept.unwrap_or_default())
}

fn say(line: &str) -> Result<()> {
    match writeln!(io::stdout(), "{line}") {
        // Whoever read has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
