//! Whatever is behind it: opened, watched, and opened again.

use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::wav::Wav;
use super::{Backend, Lost, SoundError, SoundState, pause_until};

/// How long one turn of the loop takes while nothing is open.
const TURN: Duration = Duration::from_millis(20);

/// Microphones and a loudspeaker, whatever is behind them.
pub struct Sound {
    backend: Backend,
    began: Instant,
    state: SoundState,
    backoff: Backoff,
    open: Option<Open>,
    opened: Opened,
    heard: Vec<f32>,
    /// What went wrong in playing: told by the next [`Self::listen`].
    failed: Option<Lost>,
}

/// What was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Opened {
    /// Frames captured a second.
    pub rate_hz: u32,
    /// Samples of each.
    pub channels: usize,
    /// Frames that [`Heard::Frames`] has, save for the last of a file.
    pub period: usize,
    /// Frames played a second; `None` where there is no loudspeaker.
    pub speaker_hz: Option<u32>,
    /// More than so many frames are never [`wanted`](Sound::wanted).
    pub speaker_most: usize,
}

/// What comes next.
#[derive(Debug)]
pub enum Heard<'a> {
    /// It was opened, for the first time or again, and may be another than before.
    Opened(Opened),
    /// A period of sound.
    Frames {
        /// Whole frames, interleaved, each sample from -1 to 1.
        frames: &'a [f32],
        /// When the last of them was heard, as [`Sound::now`] counts.
        at: Duration,
    },
    /// Nothing: it is away ([`Sound::state`]). Some 20 ms have passed.
    Away,
    /// Nothing any more: the file is at its end, or cannot be read ([`Sound::state`]). Devices never end.
    Ended,
}

enum Open {
    Wav(Wav),
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sound").field("backend", &self.backend).field("state", &self.state).finish_non_exhaustive()
    }
}

impl Sound {
    /// Opens nothing yet; fails where this can never be opened.
    pub fn new(backend: Backend) -> Result<Self, SoundError> {
        backend.check()?;
        Ok(Self {
            backend,
            began: Instant::now(),
            state: SoundState::Closed,
            backoff: Backoff::default(),
            open: None,
            opened: Opened::default(),
            heard: Vec::new(),
            failed: None,
        })
    }

    /// Waits for the next period: a little longer than it takes at most, so that the loop goes on whatever happens.
    pub fn listen(&mut self) -> Heard<'_> {
        if self.is_over() {
            return Heard::Ended;
        }
        if let Some(lost) = self.failed.take() {
            return self.lose(lost);
        }
        let read = match &mut self.open {
            None => return self.reopen(),
            Some(Open::Wav(wav)) => wav.read(&mut self.heard),
        };
        match read {
            Err(lost) => self.lose(lost),
            Ok(()) if self.heard.is_empty() => {
                self.state = SoundState::Ended;
                Heard::Ended
            }
            Ok(()) => Heard::Frames { at: self.now(), frames: &self.heard },
        }
    }

    /// Frames that the loudspeaker takes now, so that as much waits for it as was configured.
    pub fn wanted(&self) -> usize {
        let waiting = match &self.open {
            None => return 0,
            Some(Open::Wav(wav)) => wav.waiting(),
        };
        self.opened.speaker_most.saturating_sub(waiting)
    }

    /// Hands the loudspeaker what comes next: one voice, at its rate; best as much as is [`wanted`](Self::wanted). What is
    /// beyond that may be lost.
    pub fn play(&mut self, sound: &[f32]) {
        match &mut self.open {
            None => {}
            Some(Open::Wav(wav)) => wav.write(sound),
        }
    }

    /// What was handed over and is not heard yet fades out within 5 ms and is silent then. It still takes its time: nothing
    /// that is played later is heard sooner, and a reference of what is played stays in step.
    pub fn discard(&mut self) {
        match &mut self.open {
            None => {}
            Some(Open::Wav(wav)) => wav.discard(),
        }
    }

    /// How long what is handed over now takes until it is heard, as far as the backend knows; `None` without a loudspeaker.
    pub fn delay(&self) -> Option<Duration> {
        let rate_hz = self.opened.speaker_hz?;
        let waiting = match self.open.as_ref()? {
            Open::Wav(wav) => wav.waiting(),
        };
        Some(Duration::from_secs_f64(waiting as f64 / f64::from(rate_hz)))
    }

    /// Sets the card's own volume, from 0 to 1. Whether it has one: otherwise what is played is to be made quieter.
    pub fn set_volume(&mut self, _volume: f32) -> bool {
        match &mut self.open {
            None | Some(Open::Wav(_)) => false,
        }
    }

    /// How it is.
    pub fn state(&self) -> &SoundState {
        &self.state
    }

    /// A clock that never goes back: for files the time that was heard, for devices that since [`Self::new`].
    pub fn now(&self) -> Duration {
        match &self.open {
            Some(Open::Wav(wav)) => wav.now(),
            None => self.began.elapsed(),
        }
    }

    /// Files do not come back.
    fn is_over(&self) -> bool {
        match (&self.backend, &self.state) {
            (_, SoundState::Ended) | (Backend::Wav(_), SoundState::Lost { .. }) => true,
            (_, SoundState::Closed | SoundState::Running | SoundState::Silent { .. } | SoundState::Lost { .. }) => {
                false
            }
        }
    }

    fn reopen(&mut self) -> Heard<'_> {
        let now = self.now();
        if !self.backoff.is_due(now) {
            pause_until(Instant::now() + TURN);
            return Heard::Away;
        }
        let opened = match &self.backend {
            Backend::Wav(files) => Wav::open(files).map(|(wav, opened)| (Open::Wav(wav), opened)),
            Backend::Alsa(_) => Err(SoundError::LeftOut("alsa")),
            Backend::Cpal(_) => Err(SoundError::LeftOut("cpal")),
        };
        match opened {
            Ok((open, opened)) => {
                self.open = Some(open);
                self.opened = opened;
                self.heard = Vec::with_capacity(opened.period * opened.channels);
                self.state = SoundState::Running;
                self.backoff.succeeded();
                Heard::Opened(opened)
            }
            Err(error) => self.lose(error.into()),
        }
    }

    /// Drops everything, until it is opened again.
    fn lose(&mut self, why: Lost) -> Heard<'_> {
        let now = self.now();
        let since = match self.state {
            SoundState::Lost { since, .. } => since,
            SoundState::Closed | SoundState::Running | SoundState::Silent { .. } | SoundState::Ended => {
                log::warn!("sound is away: {why}");
                now
            }
        };
        self.state = SoundState::Lost { why, since };
        if self.is_over() {
            return Heard::Ended;
        }
        self.open = None;
        self.backoff.failed(now);
        Heard::Away
    }
}
