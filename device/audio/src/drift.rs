//! What is played, brought to the clock of the microphones.
//!
//! A loudspeaker and a microphone on different crystals drift apart by some 100 millionths. How much waits between the two
//! tells how far; a controller of second order adjusts the speed of a resampler until it stays the same. Sound comes in
//! pieces, so that what waits jumps by more than a minute's drift: what the loudspeaker has used since the last piece came
//! is reckoned by the time that has passed.

use std::time::Duration;

use crate::resample::{MOST_PPM, Resampler};
use crate::{ConfigError, Sound};

/// Seconds of one block.
const BLOCK_S: f64 = 0.01;

/// What must wait beyond the next block before the first one is taken, at first and at most. Each time nothing is left when
/// something should be, it becomes a block more.
const MARGIN_S: (f64, f64) = (0.01, 0.06);

/// Over which time the level is averaged before it is kept, in seconds.
const SETTLE_S: f64 = 1.0;

/// How long the controller is quick, in seconds, and how quick it is then and later, in radians a second. A quick one finds
/// the speed, a slow one is not moved by blocks that come early or late.
const QUICK_S: f64 = 25.0;
const QUICK: f64 = 0.25;
const SLOW: f64 = 0.06;

/// Finds by how much one clock is faster than another, from how much waits between them.
#[derive(Debug, Clone, Default)]
struct Drift {
    seconds: f64,
    wanted_s: f64,
    average_s: f64,
    faster: f64,
}

impl Drift {
    /// Forgets the level, and keeps the speed.
    fn restart(&mut self) {
        *self = Self { faster: self.faster, ..Self::default() };
    }

    /// So many seconds of sound wait now; called for every block. Returns by how much to take the source for faster, 0 for
    /// not at all.
    fn update(&mut self, waiting_s: f64) -> f64 {
        self.seconds += BLOCK_S;
        // A plain mean at first, then one that forgets.
        let weight = (BLOCK_S / self.seconds).max(BLOCK_S / SETTLE_S);
        self.average_s += weight * (waiting_s - self.average_s);
        if self.seconds <= SETTLE_S {
            self.wanted_s = self.average_s;
            return self.faster;
        }
        let quick = if self.seconds < QUICK_S { QUICK } else { SLOW };
        let error = self.average_s - self.wanted_s;
        let most = MOST_PPM * 1e-6;
        self.faster = (self.faster + quick * quick * error * BLOCK_S).clamp(-most, most);
        self.faster + 2.0 * quick * error
    }
}

/// What is played, as blocks in step with those of the microphones.
pub(crate) struct Played {
    resampler: Resampler,
    rate_hz: f64,
    drift: Drift,
    handed_at: Duration,
    running: bool,
    margin_s: f64,
}

impl Played {
    pub(crate) fn new(rate_hz: u32) -> Result<Self, ConfigError> {
        Ok(Self {
            resampler: Resampler::adjustable(rate_hz, 1)?,
            rate_hz: f64::from(rate_hz),
            drift: Drift::default(),
            handed_at: Duration::ZERO,
            running: false,
            margin_s: MARGIN_S.0,
        })
    }

    /// Takes what is handed to the loudspeaker at that time.
    pub(crate) fn push(&mut self, sound: &[f32], at: Duration) {
        self.handed_at = at;
        self.resampler.push(sound);
    }

    /// The block that the microphones heard until that time; silence while nothing is played.
    pub(crate) fn pull(&mut self, block: &mut Sound, at: Duration) {
        block.fill(0.0);
        let waiting_s = self.resampler.waiting() as f64 / self.rate_hz;
        let wanted_s = self.resampler.wanted() as f64 / self.rate_hz;
        if !self.running {
            if waiting_s < wanted_s + self.margin_s {
                return;
            }
            self.running = true;
            self.drift.restart();
        }
        if waiting_s < wanted_s {
            self.running = false;
            self.margin_s = (self.margin_s + BLOCK_S).min(MARGIN_S.1);
            self.resampler.clear();
            return;
        }
        // Negative where the piece came after what the microphones heard.
        let since_s = at.as_secs_f64() - self.handed_at.as_secs_f64();
        let faster = self.drift.update(waiting_s + since_s.clamp(-1.0, 1.0));
        self.resampler.set_speed(1.0 + faster);
        if let Some(made) = self.resampler.pull() {
            block.copy_from_slice(made);
        }
    }

    /// By how many millionths its clock was found to be faster than that of the microphones.
    pub(crate) fn drift_ppm(&self) -> f32 {
        (self.drift.faster * 1e6) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a tone of 1 kHz in pieces of `piece_s` that come up to `late_s` late, on a clock that is faster by `ppm`.
    /// Returns the drift that was found, how much waits at the least and at the most after 50 s, and the tone's
    /// frequency as the microphones would count it.
    fn run(rate_hz: u32, ppm: f64, piece_s: f64, late_s: f64) -> (f64, f64, f64, f64) {
        let mut random = fastrand::Rng::with_seed(3);
        let mut played = Played::new(rate_hz).unwrap();
        let piece = (f64::from(rate_hz) * piece_s) as usize;
        let (mut pieces, mut frame) = (0_u32, 0_u64);
        let mut late = 0.0;
        let (mut least, mut most) = (f64::MAX, 0.0_f64);
        let due = |pieces: u32| f64::from(pieces) * piece_s / (1.0 + ppm * 1e-6);
        let (mut crossings, mut before, mut counted) = (0.0, 0.0_f32, 0.0);
        for block in 0..9_000 {
            let now = f64::from(block) * BLOCK_S;
            while due(pieces) + late <= now {
                let at = Duration::from_secs_f64(due(pieces) + late);
                let tone: Vec<f32> = (0..piece as u64)
                    .map(|at| {
                        let cycles = (frame + at) as f64 * 1_000.0 / f64::from(rate_hz);
                        (cycles.fract() * std::f64::consts::TAU).sin() as f32
                    })
                    .collect();
                played.push(&tone, at);
                frame += piece as u64;
                pieces += 1;
                late = random.f64() * late_s;
            }
            let mut sound = [0.0; crate::BLOCK];
            played.pull(&mut sound, Duration::from_secs_f64(now));
            if block >= 5_000 {
                least = least.min(played.resampler.waiting() as f64 / f64::from(rate_hz));
                most = most.max(played.resampler.waiting() as f64 / f64::from(rate_hz));
                counted += BLOCK_S;
                for sample in sound {
                    crossings += f64::from(u8::from(before < 0.0 && sample >= 0.0));
                    before = sample;
                }
            }
        }
        (f64::from(played.drift_ppm()), least, most, crossings / counted)
    }

    #[test]
    fn a_faster_and_a_slower_clock_are_followed() {
        for ppm in [-200.0, 0.0, 200.0] {
            for (rate_hz, piece_s, late_s) in [(48_000, 0.01, 0.0), (24_000, 0.02, 0.004), (44_100, 0.08, 0.008)] {
                let (found, least, most, hz) = run(rate_hz, ppm, piece_s, late_s);
                assert!((found - ppm).abs() < 20.0, "{rate_hz} Hz, {ppm} ppm: found {found}");
                assert!(most - least < piece_s + 0.02, "{rate_hz} Hz, {ppm} ppm: {least} to {most} s wait");
                // The tone is faster by the drift; counted over 40 s, one cycle in 40,000 is 25 ppm.
                assert!((hz / 1_000.0 - 1.0 - ppm * 1e-6).abs() < 40e-6, "{rate_hz} Hz, {ppm} ppm: {hz} Hz");
            }
        }
    }

    #[test]
    fn nothing_played_is_silence_and_playing_again_is_heard() {
        let mut played = Played::new(16_000).unwrap();
        let mut sound = [1.0; crate::BLOCK];
        played.pull(&mut sound, Duration::ZERO);
        assert!(sound.iter().all(|sample| sample.abs() < f32::MIN_POSITIVE));
        for _ in 0..2 {
            played.push(&vec![0.5; 4_800], Duration::ZERO);
            let mut heard = 0;
            for _ in 0..40 {
                played.pull(&mut sound, Duration::ZERO);
                heard += usize::from(sound.iter().any(|sample| *sample > 0.4));
            }
            assert!((25..=30).contains(&heard), "{heard} blocks of 30");
        }
    }

    #[test]
    fn frames_are_seconds() {
        assert!((BLOCK_S * f64::from(crate::SAMPLE_RATE_HZ) - crate::BLOCK as f64).abs() < 1e-9);
    }
}
