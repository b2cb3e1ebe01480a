//! What the device plays, at the rate of its loudspeaker.

use std::collections::VecDeque;

use crate::{
    PLAYED_HZ,
    converter::{Converter, RateError},
    earcons,
    exchange::Piece,
    playback::Playback,
    state::Earcon,
};

/// A mouth.
pub(super) struct Mouth {
    playback: Playback,
    converter: Converter,
    step: Vec<f32>,
    /// What was turned into the loudspeaker's rate and not asked for yet.
    ready: VecDeque<f32>,
    reached: Vec<String>,
}

impl Mouth {
    /// For a loudspeaker of this rate.
    pub(super) fn new(speaker_hz: u32) -> Result<Self, RateError> {
        let mut mouth = Self {
            playback: Playback::new(),
            converter: Converter::new(PLAYED_HZ, PLAYED_HZ)?,
            step: Vec::new(),
            ready: VecDeque::new(),
            reached: Vec::new(),
        };
        mouth.fit(speaker_hz)?;
        Ok(mouth)
    }

    /// Fits it to another loudspeaker.
    pub(super) fn fit(&mut self, speaker_hz: u32) -> Result<(), RateError> {
        self.converter = Converter::new(PLAYED_HZ, speaker_hz)?;
        self.step = vec![0.0; self.converter.step()];
        // A second is more than any loudspeaker asks for at once.
        self.ready = VecDeque::with_capacity(speaker_hz as usize);
        Ok(())
    }

    /// What the hub says next. Whether it was taken.
    pub(super) fn say(&mut self, piece: &Piece) -> bool {
        let mut sound = [0.0; crate::exchange::PIECE];
        for (place, sample) in sound.iter_mut().zip(piece.samples()) {
            *place = f32::from(*sample) / 32_768.0;
        }
        self.playback.say(sound.get(..piece.samples().len()).unwrap_or(&sound))
    }

    /// See [`Playback::mark`].
    pub(super) fn mark(&mut self, name: String) {
        self.playback.mark(name);
    }

    /// Drops what the hub said, and everything that was made ready.
    pub(super) fn hush(&mut self) {
        self.playback.clear();
        self.ready.clear();
        self.converter.forget();
    }

    /// A sound of the device's own.
    pub(super) fn sound(&mut self, earcon: Earcon) {
        self.playback.sound(&earcons::earcon(earcon));
    }

    /// Rings, or no more.
    pub(super) fn ring(&mut self, rings: bool) {
        self.playback.ring(rings.then(earcons::ring));
    }

    /// See [`Playback::set_volume`].
    pub(super) fn set_volume(&mut self, volume: f32) {
        self.playback.set_volume(volume);
    }

    /// Whether nothing that the hub said waits.
    pub(super) fn is_silent(&self) -> bool {
        self.playback.is_silent()
    }

    /// Fills what is played next.
    pub(super) fn fill(&mut self, out: &mut [f32]) {
        while self.ready.len() < out.len() {
            self.playback.pull(&mut self.step, &mut self.reached);
            let made = self.converter.convert(&self.step);
            if made.is_empty() {
                break;
            }
            self.ready.extend(made);
        }
        for sample in out {
            *sample = self.ready.pop_front().unwrap_or(0.0);
        }
    }

    /// The marks that were reached since.
    pub(super) fn reached(&mut self) -> std::vec::Drain<'_, String> {
        self.reached.drain(..)
    }
}
