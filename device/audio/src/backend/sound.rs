//! Whatever is behind it: opened, watched, and opened again.

use std::time::{Duration, Instant};

#[cfg(feature = "cards")]
use super::alsa::Alsa;
use super::backoff::Backoff;
#[cfg(feature = "cards")]
use super::cpal::Cpal;
use super::watch::{Frames, Silence};
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
    frames: Frames,
    silence: Silence,
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

#[cfg(feature = "cards")]
impl Opened {
    /// How long a period is waited for before a turn passes without.
    fn patience(&self) -> Duration {
        TURN + Duration::from_secs_f64(2.0 * self.period as f64 / f64::from(self.rate_hz.max(1)))
    }
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
    /// Nothing for now: it is away, or late ([`Sound::state`] tells which). Some periods have passed, at most.
    Away,
    /// Nothing any more: the file is at its end, or cannot be read ([`Sound::state`]). Devices never end.
    Ended,
}

enum Open {
    #[cfg(feature = "cards")]
    Alsa(Alsa),
    #[cfg(feature = "cards")]
    Cpal(Box<Cpal>),
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
            frames: Frames::new(Duration::ZERO),
            silence: Silence::default(),
        })
    }

    /// Waits for the next period: a little longer than it takes at most, so that the loop goes on whatever happens.
    pub fn listen(&mut self) -> Heard<'_> {
        if self.is_over() {
            return Heard::Ended;
        }
        let read = match &mut self.open {
            None => return self.reopen(),
            #[cfg(feature = "cards")]
            Some(Open::Alsa(alsa)) => alsa.read(&mut self.heard, self.opened.patience(), self.began.elapsed()),
            #[cfg(feature = "cards")]
            Some(Open::Cpal(cpal)) => cpal.read(&mut self.heard, self.opened.patience(), self.began.elapsed()),
            Some(Open::Wav(wav)) => wav.read(&mut self.heard).map(|()| true),
        };
        let now = self.now();
        match read {
            Ok(true) if self.heard.is_empty() => {
                self.state = SoundState::Ended;
                Heard::Ended
            }
            Ok(true) => {
                self.came(now);
                Heard::Frames { at: now, frames: &self.heard }
            }
            Ok(false) => match self.frames.missing(now) {
                Ok(()) => Heard::Away,
                Err(lost) => self.lose(lost),
            },
            Err(lost) => self.lose(lost),
        }
    }

    /// Frames that the loudspeaker takes now, so that as much waits for it as was configured.
    pub fn wanted(&self) -> usize {
        self.opened.speaker_most.saturating_sub(match &self.open {
            None => return 0,
            #[cfg(feature = "cards")]
            Some(Open::Alsa(alsa)) => alsa.waiting(),
            #[cfg(feature = "cards")]
            Some(Open::Cpal(cpal)) => cpal.waiting(),
            Some(Open::Wav(wav)) => wav.waiting(),
        })
    }

    /// Hands the loudspeaker what comes next: one voice, at its rate; best as much as is [`wanted`](Self::wanted). What is
    /// beyond that may be lost.
    pub fn play(&mut self, sound: &[f32]) {
        match &mut self.open {
            None => {}
            #[cfg(feature = "cards")]
            Some(Open::Alsa(alsa)) => alsa.write(sound),
            #[cfg(feature = "cards")]
            Some(Open::Cpal(cpal)) => cpal.write(sound),
            Some(Open::Wav(wav)) => wav.write(sound),
        }
    }

    /// What was handed over and is not heard yet fades out within 5 ms and is silent then. It still takes its time: nothing
    /// that is played later is heard sooner, and a reference of what is played stays in step.
    pub fn discard(&mut self) {
        match &mut self.open {
            None => {}
            #[cfg(feature = "cards")]
            Some(Open::Alsa(alsa)) => alsa.discard(),
            #[cfg(feature = "cards")]
            Some(Open::Cpal(cpal)) => cpal.discard(),
            Some(Open::Wav(wav)) => wav.discard(),
        }
    }

    /// How long what is handed over now takes until it is heard, as far as the backend knows (`cpal` knows only of what it
    /// was not asked for yet); `None` without a loudspeaker.
    pub fn delay(&self) -> Option<Duration> {
        let rate_hz = self.opened.speaker_hz?;
        let frames = match self.open.as_ref()? {
            #[cfg(feature = "cards")]
            Open::Alsa(alsa) => alsa.delay()?,
            #[cfg(feature = "cards")]
            Open::Cpal(cpal) => cpal.waiting(),
            Open::Wav(wav) => wav.waiting(),
        };
        Some(Duration::from_secs_f64(frames as f64 / f64::from(rate_hz)))
    }

    /// Sets the card's own volume, from 0 to 1, as a part of its range. Whether it has one, which only ALSA tells: otherwise
    /// what is played is to be made quieter. Waits for the card, and allocates.
    #[cfg_attr(not(feature = "cards"), expect(unused_variables, reason = "files have no volume"))]
    pub fn set_volume(&mut self, volume: f32) -> bool {
        match &mut self.open {
            #[cfg(feature = "cards")]
            Some(Open::Alsa(alsa)) => alsa.set_volume(volume),
            #[cfg(feature = "cards")]
            Some(Open::Cpal(_)) => false,
            None | Some(Open::Wav(_)) => false,
        }
    }

    /// How it is.
    pub fn state(&self) -> &SoundState {
        &self.state
    }

    /// A clock that never goes back: for files the time that was heard, for devices that since [`Self::new`].
    pub fn now(&self) -> Duration {
        match (&self.backend, &self.open) {
            (_, Some(Open::Wav(wav))) => wav.now(),
            (Backend::Wav(_), _) => Duration::ZERO,
            (Backend::Alsa(_) | Backend::Cpal(_), _) => self.began.elapsed(),
        }
    }

    /// Frames came: it runs.
    fn came(&mut self, now: Duration) {
        self.frames.came(now);
        self.backoff.succeeded();
        let silent = match self.backend {
            Backend::Wav(_) => None,
            Backend::Alsa(_) | Backend::Cpal(_) => self.silence.heard(&self.heard, now),
        };
        match (&self.state, silent) {
            (SoundState::Running, None) | (SoundState::Silent { .. }, Some(_)) => {}
            (_, Some(since)) => {
                log::warn!("the microphones give nothing but zeros");
                self.state = SoundState::Silent { since };
            }
            (_, None) => {
                log::info!("sound runs");
                self.state = SoundState::Running;
            }
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
            #[cfg(feature = "cards")]
            Backend::Alsa(devices) => Alsa::open(devices).map(|(alsa, opened)| (Open::Alsa(alsa), opened)),
            #[cfg(feature = "cards")]
            Backend::Cpal(devices) => Cpal::open(devices).map(|(cpal, opened)| (Open::Cpal(Box::new(cpal)), opened)),
            #[cfg(not(feature = "cards"))]
            Backend::Alsa(_) | Backend::Cpal(_) => Err(SoundError::LeftOut),
        };
        match opened {
            Ok((open, opened)) => {
                self.open = Some(open);
                self.opened = opened;
                self.heard = Vec::with_capacity(opened.period * opened.channels);
                self.frames = Frames::new(self.now());
                self.silence = Silence::default();
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
