//! What a room does next, as a pure function of what happens: when it listens to whom, and when it stops.
//!
//! A conversation is open from the wake word to its end, and only then does sound leave the room; never while it is muted, nor
//! while the hub is away. Whatever the far end does or leaves undone, a conversation ends: each state has a longest time.

use serde::{Deserialize, Serialize};

/// How long each state lasts at most, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Nobody speaks after the wake word.
    pub listening_ms: u64,
    /// Nobody speaks after an answer: so long no wake word is needed.
    pub follow_up_ms: u64,
    /// The hub says nothing about what it heard.
    pub thinking_ms: u64,
    /// Nothing more of an answer comes, nor is it over.
    pub speaking_ms: u64,
    /// A timer rings and nobody comes.
    pub ringing_ms: u64,
    /// An error is shown.
    pub error_ms: u64,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            listening_ms: 8_000,
            follow_up_ms: 6_000,
            thinking_ms: 30_000,
            speaking_ms: 10_000,
            ringing_ms: 600_000,
            error_ms: 2_000,
        }
    }
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The wake word was heard, or the button pressed that stands for it.
    Woken,
    /// "Stop" was heard, or the button held.
    Stop,
    /// Somebody speaks in an open conversation.
    Speech,
    /// The hub has heard a whole turn.
    TurnEnded,
    /// Some of an answer was handed to the loudspeaker.
    Speaks,
    /// The loudspeaker has played all that came.
    Silent,
    /// The hub has the loudspeaker drop what it has not played.
    Cleared,
    /// The hub ends the conversation: it is over, it was not meant, or another device answers.
    Ended,
    /// The hub cannot go on with it.
    Failed,
    /// The microphones are muted, or no longer.
    Muted(bool),
    /// The hub can be reached, or no longer.
    Reached(bool),
    /// A timer is due.
    TimerDue,
    /// Time has passed.
    Tick,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// A conversation with the hub begins, with what was heard just before.
    Open,
    /// The conversation ends.
    Close,
    /// What is being played fades out and is dropped.
    Hush,
    /// A sound of the device's own.
    Play(Earcon),
    /// A timer rings, until it is told otherwise.
    Ring,
    /// It rings no more.
    StopRinging,
}

/// The sounds of the device's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Earcon {
    /// It listens.
    Wake,
    /// The conversation is over.
    End,
    /// Something went wrong.
    Error,
    /// The microphones are muted.
    Mute,
    /// They are not any more.
    Unmute,
    /// The hub is away.
    Away,
}

/// What the lights are to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Nothing happens.
    Idle,
    /// It listens.
    Listening,
    /// An answer is awaited.
    Thinking,
    /// It speaks.
    Speaking,
    /// Its microphones are muted.
    Muted,
    /// The hub is away.
    Offline,
    /// Something went wrong just now.
    Error,
    /// A timer rings.
    Ringing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Listening { until_ms: u64 },
    Thinking { until_ms: u64 },
    Speaking { until_ms: u64 },
}

/// A room.
#[derive(Debug, Clone)]
pub struct Room {
    times: Times,
    phase: Phase,
    is_muted: bool,
    is_reached: bool,
    rings_until_ms: Option<u64>,
    error_until_ms: Option<u64>,
}

impl Room {
    /// One in which nothing happens yet, and whose hub was not reached yet.
    pub const fn new(times: Times) -> Self {
        Self {
            times,
            phase: Phase::Idle,
            is_muted: false,
            is_reached: false,
            rings_until_ms: None,
            error_until_ms: None,
        }
    }

    /// Whether what the microphones hear leaves the room.
    pub fn streams(&self) -> bool {
        self.phase != Phase::Idle
    }

    /// Whether anything is listened for in the room.
    pub const fn is_muted(&self) -> bool {
        self.is_muted
    }

    /// What the lights show: a mute before all else.
    pub const fn shown(&self) -> Shown {
        if self.is_muted {
            return Shown::Muted;
        }
        if self.rings_until_ms.is_some() {
            return Shown::Ringing;
        }
        match (self.phase, self.error_until_ms, self.is_reached) {
            (Phase::Listening { .. }, _, _) => Shown::Listening,
            (Phase::Thinking { .. }, _, _) => Shown::Thinking,
            (Phase::Speaking { .. }, _, _) => Shown::Speaking,
            (Phase::Idle, Some(_), _) => Shown::Error,
            (Phase::Idle, None, false) => Shown::Offline,
            (Phase::Idle, None, true) => Shown::Idle,
        }
    }

    /// Takes what happened at `now_ms`, on a clock that never goes back; what is to be done because of it, in order.
    pub fn on(&mut self, input: Input, now_ms: u64) -> Vec<Output> {
        let mut todo = Vec::new();
        match input {
            Input::Woken => self.woken(now_ms, &mut todo),
            Input::Stop => self.stop(&mut todo),
            Input::Speech => {
                if let Phase::Listening { until_ms } = &mut self.phase {
                    *until_ms = now_ms + self.times.thinking_ms;
                }
            }
            Input::TurnEnded => {
                if self.streams() {
                    self.phase = Phase::Thinking { until_ms: now_ms + self.times.thinking_ms };
                }
            }
            Input::Speaks => {
                if self.streams() {
                    self.phase = Phase::Speaking { until_ms: now_ms + self.times.speaking_ms };
                }
            }
            Input::Silent | Input::Cleared => {
                if let Phase::Speaking { .. } = self.phase {
                    self.phase = Phase::Listening { until_ms: now_ms + self.times.follow_up_ms };
                }
                if input == Input::Cleared {
                    todo.push(Output::Hush);
                }
            }
            Input::Ended => self.end(None, &mut todo),
            Input::Failed => {
                if self.streams() {
                    self.fail(now_ms, &mut todo);
                }
            }
            Input::Muted(is_muted) => self.mute(is_muted, &mut todo),
            Input::Reached(is_reached) => {
                self.is_reached = is_reached;
                if !is_reached && self.streams() {
                    self.fail(now_ms, &mut todo);
                }
            }
            Input::TimerDue => {
                let rings = self.rings_until_ms.replace(now_ms + self.times.ringing_ms);
                if rings.is_none() {
                    todo.push(Output::Ring);
                }
            }
            Input::Tick => {}
        }
        self.expire(now_ms, &mut todo);
        todo
    }

    fn woken(&mut self, now_ms: u64, todo: &mut Vec<Output>) {
        // Whoever speaks to what rings is heard better once it is quiet, and mostly means that.
        let rang = self.stop_ringing(todo);
        if self.is_muted {
            if !rang {
                todo.push(Output::Play(Earcon::Mute));
            }
            return;
        }
        if !self.is_reached {
            return todo.push(Output::Play(Earcon::Away));
        }
        match self.phase {
            Phase::Idle => todo.push(Output::Open),
            Phase::Speaking { .. } => todo.push(Output::Hush),
            Phase::Listening { .. } | Phase::Thinking { .. } => {}
        }
        self.error_until_ms = None;
        self.phase = Phase::Listening { until_ms: now_ms + self.times.listening_ms };
        todo.push(Output::Play(Earcon::Wake));
    }

    fn stop(&mut self, todo: &mut Vec<Output>) {
        if self.stop_ringing(todo) {
            return;
        }
        self.end(None, todo);
    }

    fn mute(&mut self, is_muted: bool, todo: &mut Vec<Output>) {
        if self.is_muted == is_muted {
            return;
        }
        self.is_muted = is_muted;
        if is_muted {
            self.end(None, todo);
        }
        todo.push(Output::Play(if is_muted { Earcon::Mute } else { Earcon::Unmute }));
    }

    /// What takes longer than it may, ends.
    fn expire(&mut self, now_ms: u64, todo: &mut Vec<Output>) {
        if self.rings_until_ms.is_some_and(|until_ms| until_ms <= now_ms) {
            self.stop_ringing(todo);
        }
        self.error_until_ms.take_if(|until_ms| *until_ms <= now_ms);
        match self.phase {
            Phase::Listening { until_ms } if until_ms <= now_ms => self.end(Some(Earcon::End), todo),
            Phase::Thinking { until_ms } | Phase::Speaking { until_ms } if until_ms <= now_ms => {
                self.fail(now_ms, todo);
            }
            Phase::Idle | Phase::Listening { .. } | Phase::Thinking { .. } | Phase::Speaking { .. } => {}
        }
    }

    fn fail(&mut self, now_ms: u64, todo: &mut Vec<Output>) {
        self.end(Some(Earcon::Error), todo);
        self.error_until_ms = Some(now_ms + self.times.error_ms);
    }

    fn end(&mut self, earcon: Option<Earcon>, todo: &mut Vec<Output>) {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Idle => return,
            Phase::Speaking { .. } => todo.extend([Output::Hush, Output::Close]),
            Phase::Listening { .. } | Phase::Thinking { .. } => todo.push(Output::Close),
        }
        todo.extend(earcon.map(Output::Play));
    }

    /// Whether it rang.
    fn stop_ringing(&mut self, todo: &mut Vec<Output>) -> bool {
        let rang = self.rings_until_ms.take().is_some();
        if rang {
            todo.push(Output::StopRinging);
        }
        rang
    }
}

#[cfg(test)]
mod tests;
