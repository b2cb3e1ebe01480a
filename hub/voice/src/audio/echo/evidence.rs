//! Whether a line sends back what is played on it.
//!
//! Most lines do not, and there the canceller only harms: until it has learnt that, it takes a good part of whoever speaks
//! at the same time as the Boss for an echo. So what is played and what is heard are compared in steps of 10 ms, for each
//! delay up to half a second:
//!
//! - A line has **no echo** once, for every delay, so many steps in which the Boss was clearly audible were followed by
//!   next to nothing. Silence of the Boss proves nothing, and neither does somebody who speaks.
//! - It **has an echo** when what is heard has been like what was played at one and the same delay for about a fifth of a
//!   second: as when somebody switches the loudspeaker on. Only what lies below about 1,000 Hz is compared, which is
//!   enough: an echo comes to 0.9, other speech to 0.5. Each step counts the same however loud it is, for a loud moment
//!   resembles something somewhere in half a second.
//!
//! The canceller's own estimate of the delay is no such sign: it finds one for other speech, too.

#![expect(clippy::cast_precision_loss, reason = "a step has 160 samples")]

use super::STEP;

/// One of so many samples is compared.
const DECIMATION: usize = 8;

/// Samples of one step that are compared.
const COMPARED: usize = STEP / DECIMATION;

/// The longest delay, in steps.
const DELAYS: usize = 50;

/// The longest delay, in samples that are compared.
const LAGS: usize = DELAYS * COMPARED;

/// From this power on the Boss is clearly audible: 26 dB below full scale.
const CLEAR: f32 = 2.5e-3;

/// What is this much weaker than what was played, 30 dB in power, is no echo; or one so faint that it has to be told by its
/// likeness. A line's own noise is weaker.
const WEAKEST: f32 = 1e-3;

/// What is no more than this much weaker, 20 dB in power, may well be an echo. What lies between is no sign either way.
const WEAK: f32 = 1e-2;

/// So many unanswered steps prove that a delay has no echo: 160 ms.
const UNANSWERED: u32 = 16;

/// Below this power nothing is heard that could be compared: 60 dB below full scale.
const AUDIBLE: f32 = 1e-6;

/// The least energy of what is compared: what is fainter is like nothing.
const FAINT: f32 = AUDIBLE * COMPARED as f32;

/// What one step leaves of the likeness up to then: it remembers some 200 ms.
const REMEMBERED: f32 = 0.95;

/// From this likeness on it is an echo.
const ALIKE: f32 = 0.55;

/// Whether what is heard may contain what was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    /// It may.
    Possible,
    /// The line is known to send nothing back.
    None,
    /// Nothing was played that could come back now.
    NothingPlayed,
}

/// What was found out about a line so far.
pub(super) struct Evidence {
    /// The power of the steps played last; the newest is the last.
    powers: [f32; DELAYS + 1],
    /// For each delay, in the order of `powers`, the steps that went unanswered since one did not.
    unanswered: [u32; DELAYS + 1],
    /// What was played last, as it is compared; the newest is the last.
    played: Vec<f32>,
    /// How much what was heard lately was like what was played, -1 to 1: for each lag, the longest first.
    likeness: Vec<f32>,
    is_clean: bool,
}

impl Evidence {
    pub(super) fn new() -> Self {
        Self {
            powers: [0.0; DELAYS + 1],
            unanswered: [0; DELAYS + 1],
            played: vec![0.0; LAGS + COMPARED],
            likeness: vec![0.0; LAGS + 1],
            is_clean: false,
        }
    }

    /// Takes the next step of both directions. Whether there may be an echo in what is heard.
    pub(super) fn step(&mut self, played: &[f32], heard: &[f32]) -> Echo {
        let power_heard = power(heard);
        self.powers.rotate_left(1);
        if let Some(newest) = self.powers.last_mut() {
            *newest = power(played);
        }
        self.played.drain(..COMPARED);
        self.played.extend(compared(played));
        let is_played = self.powers.iter().any(|&power| power >= AUDIBLE);
        if power_heard >= AUDIBLE && is_played && self.is_alike(heard) {
            self.unanswered.fill(0);
            self.is_clean = false;
        } else {
            for (count, &power) in self.unanswered.iter_mut().zip(&self.powers).filter(|(_, power)| **power >= CLEAR) {
                if power_heard <= power * WEAKEST {
                    *count = count.saturating_add(1);
                } else if power_heard > power * WEAK {
                    *count = 0;
                }
            }
            self.is_clean |= self.unanswered.iter().all(|&count| count >= UNANSWERED);
        }
        match (is_played, self.is_clean) {
            (true, false) => Echo::Possible,
            (true, true) => Echo::None,
            (false, _) => Echo::NothingPlayed,
        }
    }

    /// Whether what was heard up to this step is like what was played before.
    fn is_alike(&mut self, heard: &[f32]) -> bool {
        let heard: Vec<f32> = compared(heard).collect();
        let energy_heard = energy(&heard).max(FAINT);
        for (likeness, played) in self.likeness.iter_mut().zip(self.played.windows(COMPARED)) {
            let product: f32 = played.iter().zip(&heard).map(|(played, heard)| played * heard).sum();
            let now = product / (energy(played).max(FAINT) * energy_heard).sqrt();
            *likeness = *likeness * REMEMBERED + now * (1.0 - REMEMBERED);
        }
        self.likeness.iter().any(|likeness| likeness.abs() >= ALIKE)
    }
}

fn energy(sound: &[f32]) -> f32 {
    sound.iter().map(|sample| sample * sample).sum()
}

fn power(step: &[f32]) -> f32 {
    energy(step) / STEP as f32
}

/// The part of a step that is compared.
fn compared(step: &[f32]) -> impl Iterator<Item = f32> {
    step.chunks_exact(DECIMATION).map(|some| some.iter().sum::<f32>() / DECIMATION as f32)
}
