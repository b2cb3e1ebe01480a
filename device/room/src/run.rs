//! The device as a whole: threads for sound, lights, buttons and the disk, tasks for the link and the control socket, all of
//! them ended together.

use std::{
    iter,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
};

use anyhow::{Context as _, Result, anyhow};
use async_channel::{Receiver, Sender};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use xswarm_audio::backend::{Backend, Sound};

use crate::{
    buttons::{GpioButton, watch_keys},
    clock,
    config::{ButtonsConfig, ButtonsKind, Config, local_hub},
    control,
    engine::{Engine, Kept, Outlets, Parts, ToKeep},
    exchange::{Command, Status, WAITING_FOR_HUB, WAITING_FOR_ROOM},
    files,
    link::{Link, Way},
    pairing::Pairing,
    shine::{configured, shine},
    timers::Timers,
    wake,
};

/// What is kept besides the pairing.
const KEPT: &str = "device.json";

/// Runs the device until SIGTERM or SIGINT, or until the file that it hears is at its end.
pub fn run(config: &Config) -> Result<()> {
    let pairing = Pairing::load(&config.room.state_dir)?.ok_or_else(|| {
        anyhow!(
            "this device is not paired yet: on the hub run `xswarm device pair ROOM --for WHO`, then here \
             `xswarm-room pair ADDRESS CODE`"
        )
    })?;
    let local = match config.hub.url.as_str() {
        "" => None,
        url => Some(local_hub(url)?),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(hold(config, Way { pairing, local, state_dir: config.room.state_dir.clone() }))
}

async fn hold(config: &Config, way: Way) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let socket = config.room.control_socket_path();
    let listener = control::listen(&socket).with_context(|| format!("the control socket {}", socket.display()))?;
    let (room, commands) = async_channel::bounded(WAITING_FOR_ROOM);
    let (to_hub, hub) = async_channel::bounded(WAITING_FOR_HUB);
    let (looks, looked) = mpsc::sync_channel(8);
    let (kept, keeping) = mpsc::channel();
    let stopping = Arc::new(AtomicBool::new(false));
    let name = way.pairing.name.clone();
    let parts = parts(config, name)?;
    let outlets = Outlets { hub: to_hub, looks, kept };

    let buttons = watch(&config.buttons, &room, &stopping)?;
    let open = configured(&config.lights);
    let lights = named("lights", move || shine(open, &looked))?;
    let path = config.room.state_dir.join(KEPT);
    let disk = named("disk", move || keep(&path, &keeping))?;
    let (ended, sound_ended) = oneshot::channel();
    let backend = config.sound.clone();
    let sound = named("sound", move || {
        // Whoever waits for it has gone where this fails, and the device with it.
        let _gone = ended.send(play(backend, parts, outlets, &commands));
    })?;

    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(Link { way, room: room.clone(), hub }.run(stop.clone()));
    tasks.spawn(control::serve(listener, room.clone(), stop.clone()));
    log::info!("listening");
    let result = tokio::select! {
        _signal = terminate.recv() => Ok(()),
        _signal = interrupt.recv() => Ok(()),
        result = sound_ended => result.map_err(|_gone| anyhow!("the thread of sound ended without a word")).flatten(),
    };
    log::info!("stopping");
    stopping.store(true, Ordering::Relaxed);
    stop.cancel();
    // Nobody can command any more: the thread of sound ends, and with it whoever it feeds.
    room.close();
    while tasks.join_next().await.is_some() {}
    for thread in [Some(sound), Some(lights), Some(disk), buttons].into_iter().flatten() {
        thread.join().map_err(|_panic| anyhow!("a thread of the device ended badly"))?;
    }
    // Left behind it would only be in the way.
    let _gone = std::fs::remove_file(&socket);
    result
}

fn parts(config: &Config, name: String) -> Result<Parts> {
    let kept = kept(&config.room.state_dir);
    let timers = Timers::restored(kept.timers.clone(), clock::now(), 0, config.room.ringing_ms);
    Ok(Parts {
        times: config.room.times(),
        front_end: config.front_end.clone(),
        detector: wake::detector(config)?,
        phrases: config.wake.phrases.clone(),
        name,
        kept,
        timers,
    })
}

/// The thread of sound.
fn play(backend: Backend, parts: Parts, outlets: Outlets, commands: &Receiver<Command>) -> Result<()> {
    let mut sound = Sound::new(backend)?;
    let mut engine = Engine::new(parts, outlets)?;
    while engine.turn(&mut sound, commands) {}
    Ok(())
}

fn named(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    Ok(thread::Builder::new().name(name.to_owned()).spawn(work)?)
}

/// Watches the buttons that there are. A terminal cannot be told to stop; its thread ends with the program.
fn watch(config: &ButtonsConfig, room: &Sender<Command>, stopping: &Arc<AtomicBool>) -> Result<Option<JoinHandle<()>>> {
    let room = room.clone();
    let asked = move |request| {
        // The device stops.
        let _stops = room.send_blocking(Command::Asked { request, answer: None });
    };
    match config.kind {
        ButtonsKind::None => Ok(None),
        ButtonsKind::Keys => {
            named("keys", move || watch_keys(std::io::stdin().lock(), asked))?;
            Ok(None)
        }
        ButtonsKind::Gpio => {
            let (button, stopping) = (GpioButton::open(config.pin)?, Arc::clone(stopping));
            let watched = move || {
                if let Err(error) = button.watch(&stopping, asked) {
                    log::error!("the button does nothing any more: {error}; start the device again");
                }
            };
            Ok(Some(named("button", watched)?))
        }
    }
}

/// What was kept. A device that cannot read it hears nobody until somebody says so: it may have been muted.
fn kept(state_dir: &Path) -> Kept {
    let path = state_dir.join(KEPT);
    let read = files::read(&path).map_err(anyhow::Error::from);
    match read.and_then(|text| Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)) {
        Ok(kept) => kept.unwrap_or_default(),
        Err(error) => {
            log::warn!(
                "{} cannot be used ({error}): volume and timers are forgotten, and the device is muted, as it may have been: \
                 xswarm-room unmute",
                path.display()
            );
            Kept { is_muted: true, ..Kept::default() }
        }
    }
}

/// Keeps what comes, the newest of it, until nothing can come any more; whoever waits for that is told then.
fn keep(path: &Path, keeping: &mpsc::Receiver<ToKeep>) {
    let mut unkept: Option<String> = None;
    while let Ok(first) = keeping.recv() {
        let (mut newest, mut waiting) = (None, Vec::new());
        for next in iter::once(first).chain(keeping.try_iter()) {
            match next {
                ToKeep::State(kept) => newest = Some(kept),
                ToKeep::Then(status, answer) => waiting.push((status, answer)),
            }
        }
        if let Some(kept) = newest {
            let written = files::write(path, &serde_json::to_vec(&kept).unwrap_or_default());
            let error = written.err().map(|error| format!("{}: {error}", path.display()));
            if let Some(error) = error.as_ref().filter(|_| unkept.is_none()) {
                log::error!("{error}; mute, volume and timers do not outlast a restart: make the place writable");
            }
            unkept = error;
        }
        for (status, answer) in waiting {
            // Whoever asked may be gone.
            let _gone = answer.send(Status { unkept: unkept.clone(), ..status });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_kept_and_found_again() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(kept(directory.path()), Kept::default());
        let (sender, keeping) = mpsc::channel();
        for volume in 0..10 {
            sender.send(ToKeep::State(Kept { volume, is_muted: true, ..Kept::default() })).unwrap();
        }
        drop(sender);
        keep(&directory.path().join(KEPT), &keeping);
        assert_eq!(kept(directory.path()), Kept { volume: 9, is_muted: true, ..Kept::default() });
        std::fs::write(directory.path().join(KEPT), "{").unwrap();
        assert!(kept(directory.path()).is_muted, "as it may have been");
        std::fs::write(directory.path().join(KEPT), "{\"volume\": 9, \"of_a_later_version\": 1}").unwrap();
        assert_eq!(kept(directory.path()), Kept { volume: 9, ..Kept::default() });
    }
}
