//! The thread of sound: what is heard and what comes from the hub, from buttons and from the command line goes into the state
//! machine, and what that wants is done.
//!
//! It works period by period and asks no clock but that of the sound. While nothing happens it allocates nothing, save what the
//! detector of wake words does. It knows no network, no file and no light: it hands over what is for those.

mod ears;
mod far_end;
mod mouth;

use std::{sync::mpsc, time::Duration};

use async_channel::{Receiver, Sender, TryRecvError};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use xswarm_audio::{
    ConfigError,
    backend::{Heard as Came, Opened, Sound, SoundState},
};
use xswarm_core::room::{Doing, FromRoom, Health, SoundHealth, StopReason, Wake};
use xswarm_wake::Detector;

use self::{ears::Ears, far_end::FarEnd, mouth::Mouth};
use crate::{
    config::FrontEndConfig,
    converter::RateError,
    exchange::{Command, Down, HubState, PRE_ROLL, Request, Sent, Status},
    state::{Input, Output, Room, Shown, Times},
    timers::{KeptTimers, Timers},
    wake::STOP,
};

/// What the lights are to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What the room does.
    pub shown: Shown,
    /// Where the talker is, in whole steps of 10 degrees.
    pub direction: Option<u16>,
}

/// What is kept over a restart. What a later version kept besides is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// A mute stays.
    pub is_muted: bool,
    /// 0 to 100.
    pub volume: u8,
    /// The timers.
    pub timers: KeptTimers,
}

/// What goes to whoever keeps it, in this order: nobody is told of a mute that is not on the disk yet.
#[derive(Debug)]
pub enum ToKeep {
    /// How it is now.
    State(Kept),
    /// What somebody is to be told once that is kept.
    Then(Status, oneshot::Sender<Status>),
}

impl Default for Kept {
    fn default() -> Self {
        Self { is_muted: false, volume: 70, timers: KeptTimers::default() }
    }
}

/// Where it all goes.
#[derive(Debug)]
pub struct Outlets {
    /// To the hub.
    pub hub: Sender<Sent>,
    /// To the lights, whenever they are to change.
    pub looks: mpsc::SyncSender<Look>,
    /// To the disk, whenever that changes.
    pub kept: mpsc::Sender<ToKeep>,
}

/// What an engine is made of.
pub struct Parts {
    /// How long states last.
    pub times: Times,
    /// How what is heard is worked on.
    pub front_end: FrontEndConfig,
    /// What hears wake words, if anything does.
    pub detector: Option<Detector>,
    /// What it listens to.
    pub phrases: Vec<String>,
    /// Which room it is, as far as is known.
    pub name: String,
    /// What was kept.
    pub kept: Kept,
    /// The timers of it.
    pub timers: Timers,
}

/// A sound that cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// The section `[front_end]` does not fit the card.
    #[error("[front_end] does not fit the card: {0}")]
    FrontEnd(#[from] ConfigError),
    /// The loudspeaker does not.
    #[error(transparent)]
    Rate(#[from] RateError),
}

/// The engine.
pub struct Engine {
    room: Room,
    ears: Ears,
    mouth: Mouth,
    far_end: FarEnd,
    timers: Timers,
    own: Own,
    outlets: Outlets,
}

/// What the device is by itself.
struct Own {
    front_end: FrontEndConfig,
    phrases: Vec<String>,
    settings: Settings,
    card: Card,
    told: Option<Look>,
    /// What the last wake word was, until the conversation is open.
    woken_by: Option<Wake>,
}

struct Settings {
    is_muted: bool,
    volume: u8,
    volume_is_set: bool,
}

/// The card, as it is.
struct Card {
    out: Vec<f32>,
    /// What waits in it is to be dropped.
    drops: bool,
    misfit: bool,
    health: SoundHealth,
}

impl Engine {
    /// Everything that will be needed is made here.
    pub fn new(parts: Parts, outlets: Outlets) -> Result<Self, Misfit> {
        let Parts { times, front_end, detector, phrases, name, kept, timers } = parts;
        let settings = Settings { is_muted: kept.is_muted, volume: kept.volume.min(100), volume_is_set: false };
        let health = SoundHealth::Lost { why: "it was not opened yet".to_owned() };
        let card = Card { out: Vec::new(), drops: false, misfit: false, health };
        let mut engine = Self {
            room: Room::new(times),
            ears: Ears::new(detector)?,
            mouth: Mouth::new(crate::PLAYED_HZ)?,
            far_end: FarEnd::new(outlets.hub.clone(), name),
            timers,
            own: Own { front_end, phrases, settings, card, told: None, woken_by: None },
            outlets,
        };
        if kept.is_muted {
            // As it was; nothing needs to be heard of it.
            let _earcon = engine.room.on(Input::Muted(true), 0);
        }
        Ok(engine)
    }

    /// One turn: a period is heard, what came is done, what is to be played is handed over. Whether there will be another: not
    /// at the end of a file, and not once nobody can command any more.
    pub fn turn(&mut self, sound: &mut Sound, commands: &Receiver<Command>) -> bool {
        match sound.listen() {
            Came::Opened(opened) => self.opened(opened),
            Came::Frames { frames, at } => self.hear(frames, at),
            Came::Away => {}
            Came::Ended => return false,
        }
        let now_ms = milliseconds(sound.now());
        self.look_after(sound.state());
        loop {
            match commands.try_recv() {
                Ok(command) => self.command(command, now_ms),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Closed) => return false,
            }
        }
        self.pass(now_ms);
        if std::mem::take(&mut self.own.card.drops) {
            sound.discard();
        }
        if !std::mem::replace(&mut self.own.settings.volume_is_set, true) {
            let volume = f32::from(self.own.settings.volume) / 100.0;
            let has_own = sound.set_volume(volume);
            self.mouth.set_volume(if has_own { 1.0 } else { volume });
        }
        let wanted = sound.wanted().min(self.own.card.out.len());
        let (mouth, ears) = (&mut self.mouth, &mut self.ears);
        if let Some(out) = self.own.card.out.get_mut(..wanted).filter(|out| !out.is_empty()) {
            mouth.fill(out);
            sound.play(out);
            ears.played(out, sound.now());
        }
        self.far_end.reached_marks(self.mouth.reached());
        true
    }

    /// How it is.
    pub fn status(&self) -> Status {
        Status {
            name: self.far_end.name().to_owned(),
            hub: self.far_end.state(),
            doing: self.room.shown(),
            is_muted: self.own.settings.is_muted,
            volume: self.own.settings.volume,
            sound: self.own.card.health.clone(),
            phrases: self.own.phrases.clone(),
            timers: self.timers.waiting(),
            unkept: None,
        }
    }

    fn opened(&mut self, opened: Opened) {
        let card = &mut self.own.card;
        card.out = vec![0.0; opened.speaker_most];
        self.own.settings.volume_is_set = false;
        let config = self.own.front_end.for_card(opened);
        let fitted = self.ears.fit(&config, opened.period * opened.channels).map_err(Misfit::from);
        let fitted = fitted.and_then(|()| Ok(self.mouth.fit(opened.speaker_hz.unwrap_or(crate::PLAYED_HZ))?));
        card.misfit = fitted.is_err();
        let channels = opened.channels;
        log::info!("sound is open: {channels} channels at {} Hz", opened.rate_hz);
        if let Err(error) = fitted {
            log::error!("nothing can be heard: {error}");
            self.is(SoundHealth::Lost { why: error.to_string() });
        }
    }

    /// Takes what the microphones heard.
    fn hear(&mut self, frames: &[f32], at: Duration) {
        let heard = self.ears.hear(frames, at, self.own.settings.is_muted);
        let was_open = self.room.streams();
        if let Some(wake) = heard.wake {
            log::info!("\"{}\" was heard, {:.0} % sure", wake.phrase, 100.0 * wake.score);
            let wake = Wake { phrase: wake.phrase.to_string(), score: wake.score };
            self.woken(Some(wake), milliseconds(at));
        }
        // What was just opened has them already.
        if was_open {
            self.far_end.hears(self.ears.newest(heard.fresh));
        }
    }

    fn woken(&mut self, wake: Option<Wake>, now_ms: u64) {
        if matches!(self.own.card.health, SoundHealth::Lost { .. }) && self.room.shown() == Shown::Idle {
            log::warn!("nobody can be listened to without sound");
            return;
        }
        if wake.as_ref().is_some_and(|wake| wake.phrase == STOP) {
            // While the Boss speaks, what is left of his own voice sounds like this word too often: there the hub ends it for
            // whoever speaks.
            if self.room.shown() == Shown::Ringing {
                self.act(Input::Stop, now_ms);
            }
            return;
        }
        if self.room.streams() {
            // A button says nothing of a phrase, and the hub need only know that what it said was dropped.
            let pressed = || Wake { phrase: String::new(), score: 1.0 };
            self.far_end.woken_again(wake.clone().unwrap_or_else(pressed));
        }
        self.own.woken_by = wake;
        self.act(Input::Woken, now_ms);
    }

    /// Does what somebody wants.
    fn command(&mut self, command: Command, now_ms: u64) {
        match command {
            Command::Hub(down) => self.hub(down, now_ms),
            Command::Asked { request, answer } => {
                self.asked(request, now_ms);
                if let Some(answer) = answer {
                    // Whoever keeps it ends after this thread.
                    let _ended = self.outlets.kept.send(ToKeep::Then(self.status(), answer));
                }
            }
        }
    }

    fn hub(&mut self, down: Down, now_ms: u64) {
        match down {
            Down::Reached { link, name } => {
                self.far_end.reached(link, name);
                self.act(Input::Reached(true), now_ms);
                self.tell_health();
                self.timers.tell_again();
                self.report();
            }
            Down::Away => self.lost(HubState::Away, now_ms),
            Down::Refused => self.lost(HubState::Refused, now_ms),
            Down::Sound { stream, piece } => {
                if self.far_end.goes_on(stream) && self.mouth.say(&piece) {
                    self.far_end.said();
                    self.act(Input::Speaks, now_ms);
                }
            }
            Down::Mark { stream, name } => {
                if self.far_end.goes_on(stream) {
                    self.mouth.mark(name);
                }
            }
            Down::Clear { stream } => {
                if self.far_end.goes_on(stream) {
                    self.act(Input::Cleared, now_ms);
                }
            }
            Down::Doing { stream, doing } => {
                if self.far_end.goes_on(stream) {
                    let input = match doing {
                        Doing::Hearing => Input::Speech,
                        Doing::Thinking => Input::TurnEnded,
                    };
                    self.act(input, now_ms);
                }
            }
            Down::Stop { stream, reason } => self.far_end.ended(stream, reason),
            Down::Timers { ahead_ms, now_ms: hub_now_ms, timers } => {
                let rang = self.timers.any_rings();
                self.timers.told(&timers, hub_now_ms, ahead_ms, now_ms);
                if rang && !self.timers.any_rings() {
                    // Somebody has seen to it elsewhere.
                    self.act(Input::Stop, now_ms);
                }
                self.keep();
            }
        }
    }

    fn lost(&mut self, state: HubState, now_ms: u64) {
        self.far_end.lost(state);
        self.act(Input::Reached(false), now_ms);
    }

    fn asked(&mut self, request: Request, now_ms: u64) {
        match request {
            Request::Press => self.woken(None, now_ms),
            Request::Mute => self.mute(true, now_ms),
            Request::Unmute => self.mute(false, now_ms),
            Request::ToggleMute => self.mute(!self.own.settings.is_muted, now_ms),
            Request::Stop => self.act(Input::Stop, now_ms),
            Request::Volume { percent } => {
                (self.own.settings.volume, self.own.settings.volume_is_set) = (percent.min(100), false);
                self.keep();
            }
            Request::Status => {}
        }
    }

    fn mute(&mut self, is_muted: bool, now_ms: u64) {
        if self.own.settings.is_muted == is_muted {
            return;
        }
        self.own.settings.is_muted = is_muted;
        // Neither is what was said before a mute sent after it, nor what was only half heard.
        self.ears.forget();
        self.act(Input::Muted(is_muted), now_ms);
        self.keep();
        self.tell_health();
    }

    /// What time brings about.
    fn pass(&mut self, now_ms: u64) {
        if self.mouth.is_silent() {
            let (was_said, ended) = self.far_end.silent();
            if was_said {
                self.act(Input::Silent, now_ms);
            }
            match ended {
                Some(StopReason::Finished | StopReason::NotMeant | StopReason::Another) => {
                    self.act(Input::Ended, now_ms);
                }
                Some(StopReason::Failed) => {
                    log::warn!("the hub could not answer: on it, `xswarm doctor` tells why");
                    self.act(Input::Failed, now_ms);
                }
                None => {}
            }
        }
        if self.timers.ring(now_ms) {
            self.act(Input::TimerDue, now_ms);
            self.report();
            self.keep();
        }
        self.act(Input::Tick, now_ms);
        self.show();
    }

    /// Something happened: what the room wants is done.
    fn act(&mut self, input: Input, now_ms: u64) {
        for output in self.room.on(input, now_ms) {
            match output {
                Output::Open => self.far_end.open(self.own.woken_by.take(), self.ears.newest(PRE_ROLL)),
                Output::Close => self.far_end.close(),
                Output::Hush => {
                    self.mouth.hush();
                    self.own.card.drops = true;
                }
                Output::Play(earcon) => self.mouth.sound(earcon),
                Output::Ring => self.mouth.ring(true),
                Output::StopRinging => {
                    self.mouth.ring(false);
                    // By itself it only stops because time passes.
                    if input == Input::Tick {
                        self.timers.rang();
                    } else {
                        self.timers.stopped();
                    }
                    self.report();
                    self.keep();
                }
            }
        }
    }

    /// Tells the hub what became of timers, if it is there.
    fn report(&mut self) {
        if self.far_end.state() == HubState::Reached {
            for report in self.timers.reports() {
                self.far_end.say(report);
            }
        }
    }

    fn keep(&self) {
        let Settings { is_muted, volume, .. } = self.own.settings;
        // Whoever keeps it ends after this thread.
        let _ended = self.outlets.kept.send(ToKeep::State(Kept { is_muted, volume, timers: self.timers.kept() }));
    }

    /// Whether sound goes both ways. A text is only made when that changes, or there is no sound.
    fn look_after(&mut self, state: &SoundState) {
        let health = match (state, &self.own.card.health) {
            (SoundState::Running, _) if self.own.card.misfit => return,
            (SoundState::Running, SoundHealth::Running)
            | (SoundState::Silent { .. }, SoundHealth::Silent)
            | (SoundState::Closed | SoundState::Ended, SoundHealth::Lost { .. }) => return,
            (SoundState::Lost { why, .. }, SoundHealth::Lost { why: told }) if why.to_string() == *told => return,
            (SoundState::Running, _) => SoundHealth::Running,
            // A switch on the card is a mute too, and nothing that anybody needs to be told of here.
            (SoundState::Silent { .. }, _) => SoundHealth::Silent,
            (SoundState::Lost { why, .. }, _) => SoundHealth::Lost { why: why.to_string() },
            (SoundState::Closed | SoundState::Ended, _) => SoundHealth::Lost { why: "it was closed".to_owned() },
        };
        self.is(health);
    }

    fn is(&mut self, health: SoundHealth) {
        self.own.card.health = health;
        self.tell_health();
    }

    fn tell_health(&self) {
        let health = Health { is_muted: self.own.settings.is_muted, sound: self.own.card.health.clone() };
        self.far_end.say(FromRoom::Health(health));
    }

    /// Shows what the room does, where that changed.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 36 and not negative")]
    fn show(&mut self) {
        let is_lost = matches!(self.own.card.health, SoundHealth::Lost { .. });
        let shown = match (self.room.shown(), self.far_end.state()) {
            (Shown::Idle | Shown::Offline, HubState::Refused) => Shown::Error,
            (Shown::Idle | Shown::Offline, HubState::Reached | HubState::Away) if is_lost => Shown::Error,
            (shown, _) => shown,
        };
        let turned = |degrees: f32| (degrees.rem_euclid(360.0) / 10.0).floor() as u16 * 10;
        let direction = self.ears.direction().filter(|_| shown == Shown::Listening).map(turned);
        let look = Look { shown, direction };
        // Where the lights are behind, the next turn tries again.
        if self.own.told != Some(look) && self.outlets.looks.try_send(look).is_ok() {
            self.own.told = Some(look);
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
