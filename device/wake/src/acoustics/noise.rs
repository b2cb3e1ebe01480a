//! What else sounds in a room.

use fastrand::Rng;

use super::wave;

/// As many samples of pink noise, at a level of 1 (Kellet's filter: within 0.05 dB of -3 dB an octave).
pub fn pink(count: usize, rng: &mut Rng) -> Vec<f32> {
    let mut state = [0.0_f32; 3];
    let mut next = || {
        let white = 2.0 * rng.f32() - 1.0;
        let [a, b, c] = &mut state;
        *a = 0.997_65 * *a + white * 0.099_046;
        *b = 0.963 * *b + white * 0.296_516_4;
        *c = 0.57 * *c + white * 1.052_691_3;
        *a + *b + *c + white * 0.1848
    };
    leveled((0..count).map(|_| next()).collect())
}

/// Chords of a few harmonic tones, each with an end, over a beat; level 1. Enough like music to not be speech.
pub fn music(count: usize, rng: &mut Rng) -> Vec<f32> {
    #[expect(clippy::cast_precision_loss, reason = "sixteen thousand")]
    let rate = crate::SAMPLE_RATE_HZ as f32;
    let mut samples = vec![0.0_f32; count];
    let mut start = 0;
    while start < count {
        let beat = rng.usize(3_000..9_000);
        let base = 55.0 * 2.0_f32.powf(f32::from(rng.u8(0..36)) / 12.0);
        let thirds = [1.0, if rng.bool() { 1.25 } else { 1.2 }, 1.5, 2.0];
        for interval in thirds {
            let bright = 0.3 + 0.5 * rng.f32();
            for harmonic in 1..=6_u8 {
                let step = std::f32::consts::TAU * base * interval * f32::from(harmonic) / rate;
                #[expect(clippy::cast_precision_loss, reason = "a second at most")]
                let kept = (-1.0 / (beat as f32 * 0.6)).exp();
                // A dying tone is a point that goes round and comes nearer: a sine each would cost more than all else here.
                let (turn_sine, turn_cosine) = (kept * step.sin(), kept * step.cos());
                let (mut sine, mut cosine) = (0.0, bright.powi(i32::from(harmonic)));
                for sample in samples.iter_mut().skip(start).take(beat * 2) {
                    *sample += sine;
                    (sine, cosine) = (sine * turn_cosine + cosine * turn_sine, cosine * turn_cosine - sine * turn_sine);
                }
            }
        }
        for (sample, decay) in samples.iter_mut().skip(start).take(800).zip((0..800_u16).rev()) {
            *sample += (2.0 * rng.f32() - 1.0) * f32::from(decay) / 800.0;
        }
        start += beat;
    }
    leveled(samples)
}

/// People who talk, each by themselves. Who of them talks at the same time, and what, differs each time: a network that heard
/// the same half minute of babble under everything would know it by heart.
#[derive(Debug, Clone, Default)]
pub struct Talks(Vec<Vec<f32>>);

impl Talks {
    /// Each as loud as the others.
    pub fn new(talks: impl IntoIterator<Item = Vec<f32>>) -> Self {
        Self(talks.into_iter().filter(|talk| !talk.is_empty()).map(leveled).collect())
    }

    /// What everybody says.
    pub fn all(&self) -> &[Vec<f32>] {
        &self.0
    }

    /// So many of them at once, at a level of 1: each from somewhere in their talk on and at their own distance. Nobody at
    /// all is silence.
    pub fn at_once(&self, people: u8, count: usize, rng: &mut Rng) -> Vec<f32> {
        let mut samples = vec![0.0; count];
        for _ in 0..people {
            let Some(talk) = rng.choice(&self.0) else { break };
            let (start, size) = (rng.usize(..talk.len()), wave::from_decibels(-8.0 * rng.f32()));
            for (sample, other) in samples.iter_mut().zip(talk.iter().cycle().skip(start)) {
                *sample += other * size;
            }
        }
        leveled(samples)
    }
}

fn leveled(mut samples: Vec<f32>) -> Vec<f32> {
    let level = wave::level(&samples);
    if level > 0.0 {
        for sample in &mut samples {
            *sample /= level;
        }
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_a_level_of_one_and_follows_from_its_seed() {
        let make = |seed| (pink(16_000, &mut Rng::with_seed(seed)), music(16_000, &mut Rng::with_seed(seed)));
        let (noise, tones) = make(1);
        assert!((wave::level(&noise) - 1.0).abs() < 1e-3 && (wave::level(&tones) - 1.0).abs() < 1e-3);
        assert_eq!(make(1), (noise.clone(), tones));
        assert_ne!(make(2).0, noise);
        let talks = Talks::new([vec![1.0, -1.0], vec![], vec![0.5, 0.5, -0.5]]);
        let two = talks.at_once(2, 600, &mut Rng::with_seed(1));
        assert!((wave::level(&two) - 1.0).abs() < 1e-3);
        assert_ne!(two, talks.at_once(2, 600, &mut Rng::with_seed(2)));
        assert_eq!(Talks::default().at_once(3, 2, &mut Rng::with_seed(1)), [0.0, 0.0]);
    }
}
