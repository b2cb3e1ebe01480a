//! What is played, brought to the clock of the microphones.
//!
//! A loudspeaker and a microphone on different crystals drift apart by some 100 millionths. How much waits between the two
//! tells how far, and the speed of a resampler is adjusted until that stays the same. Sound comes in pieces, each some
//! milliseconds late, which is more than a minute's drift: so what waits is only looked at when a piece has come, what the
//! loudspeaker has used of it by then is reckoned by the time that has passed, and a Kalman filter draws the line through it
//! all that steady clocks would make.

use std::time::Duration;

use crate::resample::{MOST_PPM, Resampler};
use crate::{ConfigError, Sound};

/// Seconds of one block.
const BLOCK_S: f64 = 0.01;

/// How late the next piece may come, at first and at most: so long after the first one came the first block is taken. Each
/// time nothing is left when something should be, it becomes a block more.
const MARGIN_S: (f64, f64) = (0.01, 0.06);

/// How many millionths two clocks are reckoned to differ by while nothing is known, and by how many that is reckoned to change
/// in a minute.
const UNKNOWN_PPM: f64 = 150.0;
const CHANGE_PPM: f64 = 1.0;

/// How late pieces are reckoned to come at first, and how much of what is known of it stays when another one comes.
const LATE_S: f64 = 0.001;
const MEMORY: f64 = 0.98;

/// What waits is kept as it is after so many seconds, and an error in it is made good in so many.
const SETTLE_S: f64 = 1.0;
const MEND_S: f64 = 20.0;

/// Finds by how much one clock is faster than another, from how much waits between them.
#[derive(Debug, Clone)]
struct Drift {
    seconds: f64,
    /// What waits, as steady clocks would have it, and by how much one is faster; and how sure that is.
    waiting_s: f64,
    faster: f64,
    variances: Variances,
    late_squared: f64,
    wanted_s: Option<f64>,
    applied: f64,
}

/// Of what waits, of what it has in common with the speed, and of the speed.
#[derive(Debug, Clone, Copy)]
struct Variances {
    waiting: f64,
    both: f64,
    faster: f64,
}

impl Default for Drift {
    fn default() -> Self {
        let faster = (UNKNOWN_PPM * 1e-6).powi(2);
        Self {
            seconds: 0.0,
            waiting_s: 0.0,
            faster: 0.0,
            variances: Variances { waiting: 1.0, both: 0.0, faster },
            late_squared: LATE_S * LATE_S,
            wanted_s: None,
            applied: 0.0,
        }
    }
}

impl Drift {
    /// Forgets what waits, and keeps the speed.
    fn restart(&mut self) {
        let variances = Variances { waiting: 1.0, both: 0.0, faster: self.variances.faster };
        *self = Self { seconds: 0.0, waiting_s: 0.0, variances, wanted_s: None, ..*self };
    }

    /// A block passes; so many seconds of sound wait, where a piece has come since the last one. Returns by how much to take
    /// the source for faster, 0 for not at all.
    fn update(&mut self, waiting_s: Option<f64>) -> f64 {
        self.seconds += BLOCK_S;
        self.waiting_s += (self.faster - self.applied) * BLOCK_S;
        let Variances { waiting, both, faster } = &mut self.variances;
        *waiting += (2.0 * *both + *faster * BLOCK_S) * BLOCK_S;
        *both += *faster * BLOCK_S;
        *faster += (CHANGE_PPM * 1e-6).powi(2) / 60.0 * BLOCK_S;
        if let Some(measured_s) = waiting_s {
            let error = measured_s - self.waiting_s;
            let all = *waiting + self.late_squared;
            let (gain, speed_gain) = (*waiting / all, *both / all);
            self.waiting_s += gain * error;
            self.faster += speed_gain * error;
            *faster -= speed_gain * *both;
            *both -= gain * *both;
            *waiting -= gain * *waiting;
            if self.wanted_s.is_some() {
                self.late_squared = MEMORY * self.late_squared + (1.0 - MEMORY) * error * error;
            }
        }
        if self.wanted_s.is_none() && self.seconds > SETTLE_S {
            self.wanted_s = Some(self.waiting_s);
        }
        let most = MOST_PPM * 1e-6;
        self.faster = self.faster.clamp(-most, most);
        self.applied = self.faster + self.wanted_s.map_or(0.0, |wanted_s| (self.waiting_s - wanted_s) / MEND_S);
        self.applied = self.applied.clamp(-most, most);
        self.applied
    }
}

/// What is played, as blocks in step with those of the microphones.
pub(crate) struct Played {
    resampler: Resampler,
    rate_hz: f64,
    drift: Drift,
    state: State,
    /// When the last piece came, and whether a block was taken since.
    handed_at: Duration,
    handed: bool,
    margin_s: f64,
}

/// Whether blocks are taken.
#[derive(Debug, Clone, Copy)]
enum State {
    /// Nothing waits.
    Stopped,
    /// The first piece came then.
    Starting(Duration),
    Running,
}

impl Played {
    pub(crate) fn new(rate_hz: u32) -> Result<Self, ConfigError> {
        Ok(Self {
            resampler: Resampler::adjustable(rate_hz, 1)?,
            rate_hz: f64::from(rate_hz),
            drift: Drift::default(),
            state: State::Stopped,
            handed_at: Duration::ZERO,
            handed: false,
            margin_s: MARGIN_S.0,
        })
    }

    /// Takes what is handed to the loudspeaker at that time.
    pub(crate) fn push(&mut self, sound: &[f32], at: Duration) {
        (self.handed_at, self.handed) = (at, true);
        self.resampler.push(sound);
        if let State::Stopped = self.state {
            self.state = State::Starting(at);
        }
    }

    /// The block that the microphones heard until that time; silence while nothing is played.
    pub(crate) fn pull(&mut self, block: &mut Sound, at: Duration) {
        block.fill(0.0);
        let waits = self.resampler.waiting() >= self.resampler.wanted();
        match self.state {
            State::Stopped => return,
            State::Starting(since) => {
                if !waits || at.saturating_sub(since).as_secs_f64() < self.margin_s {
                    return;
                }
                self.drift.restart();
                self.state = State::Running;
            }
            State::Running if !waits => {
                self.state = State::Stopped;
                self.margin_s = (self.margin_s + BLOCK_S).min(MARGIN_S.1);
                self.resampler.clear();
                return;
            }
            State::Running => {
                // Negative where the piece came after what the microphones heard.
                let since_s = (at.as_secs_f64() - self.handed_at.as_secs_f64()).clamp(-1.0, 1.0);
                let waiting_s = self.resampler.waiting() as f64 / self.rate_hz + since_s;
                let faster = self.drift.update(self.handed.then_some(waiting_s));
                self.resampler.set_speed(1.0 + faster);
                self.handed = false;
            }
        }
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
                assert!((found - ppm).abs() < 5.0, "{rate_hz} Hz, {ppm} ppm: found {found}");
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
        for start in [0, 500] {
            played.push(&vec![0.5; 4_800], Duration::from_millis(start));
            let mut heard = 0;
            for block in 0..40 {
                played.pull(&mut sound, Duration::from_millis(start + 10 * block));
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
