//! Where a talker is: steered response power with phase transform (SRP-PHAT; DiBiase 2000), over a circle of directions.

use realfft::num_complex::Complex;

use crate::Array;
use crate::spectrum::{Spectrum, frequencies};

/// Directions that are tried: every 5°.
pub(crate) const DIRECTIONS: usize = 72;

/// The bins that count: speech, and not what a small array cannot tell apart.
const FROM_HZ: f32 = 300.0;
const TO_HZ: f32 = 4_500.0;

/// How fast what is heard counts: always a little, and more while somebody speaks. A memory of half a second, and of a
/// tenth.
const ALWAYS: f32 = 0.01;
const SPEAKING: f32 = 0.06;

/// What stands out of the noise counts, and what does not so much less: noise from everywhere has directions of its own. How
/// much of a power stays where it is averaged, by how much its least grows in a block (2 dB a second), and by how much what is
/// no more than noise lies above that.
const MEMORY: f32 = 0.8;
const GROWTH: f32 = 1.005;
const ABOVE_LEAST: f32 = 3.0;
const NOISE: f32 = 0.05;

/// The least power that a bin of a microphone can have, so that it grows again after digital silence.
const QUIETEST: f32 = 1e-8;

/// Where a talker is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Direction {
    /// 0 to 360.
    pub degrees: f32,
    /// How well what is heard agrees with coming from there, 0 to 1. In a reverberant room a talker 2 m away reaches some
    /// 0.5; noise from everywhere stays below 0.2.
    pub confidence: f32,
}

/// Two microphones: what their spectra have in common, and how a wave from each direction would turn it.
struct Pair {
    one: usize,
    other: usize,
    common: Vec<Complex<f32>>,
    turns: Vec<Vec<Complex<f32>>>,
}

/// A bin of the first microphone.
#[derive(Clone, Copy)]
struct Loudness {
    average: f32,
    least: f32,
    /// How much it counts, in this block and lately.
    counts: f32,
    counted: f32,
}

impl Loudness {
    fn push(&mut self, power: f32, weight: f32) {
        self.average = MEMORY * self.average + (1.0 - MEMORY) * power;
        self.least = (self.least * GROWTH).min(self.average).max(QUIETEST);
        self.counts = (1.0 - ABOVE_LEAST * self.least / (power + f32::MIN_POSITIVE)).max(NOISE);
        self.counted += weight * (self.counts - self.counted);
    }
}

/// Follows the talker.
pub(crate) struct Talker {
    pairs: Vec<Pair>,
    loudness: Vec<Loudness>,
    response: Vec<f32>,
    speech: f32,
}

/// The degrees of one of the directions.
pub(crate) fn degrees(direction: usize) -> f32 {
    direction as f32 * 360.0 / DIRECTIONS as f32
}

fn counts() -> impl Iterator<Item = (usize, f32)> {
    frequencies().enumerate().filter(|(_, hz)| (FROM_HZ..=TO_HZ).contains(hz))
}

impl Talker {
    pub(crate) fn new(array: &Array) -> Self {
        let leads: Vec<Vec<f32>> =
            (0..DIRECTIONS).map(|direction| array.leads_s(degrees(direction)).collect()).collect();
        let microphones = array.places().len();
        let pair = |(one, other): (usize, usize)| {
            let turn = |leads: &Vec<f32>| {
                let lead = |microphone| leads.get(microphone).copied().unwrap_or(0.0);
                let ahead = lead(one) - lead(other);
                counts().map(|(_, hz)| Complex::cis(-std::f32::consts::TAU * hz * ahead)).collect()
            };
            let common = counts().map(|_| Complex::default()).collect();
            Pair { one, other, common, turns: leads.iter().map(turn).collect() }
        };
        let all = (0..microphones).flat_map(|one| (one + 1..microphones).map(move |other| (one, other)));
        let loudness = Loudness { average: 0.0, least: f32::MAX, counts: 0.0, counted: 0.0 };
        let loudness = counts().map(|_| loudness).collect();
        Self { pairs: all.map(pair).collect(), loudness, response: vec![0.0; DIRECTIONS], speech: 0.0 }
    }

    /// How likely it is that somebody speaks, from now on.
    pub(crate) fn speech(&mut self, probability: f32) {
        self.speech = probability;
    }

    /// Takes the spectra of the microphones.
    pub(crate) fn push(&mut self, spectra: &[Spectrum]) -> Option<Direction> {
        let weight = ALWAYS + SPEAKING * self.speech;
        for ((bin, _), loudness) in counts().zip(&mut self.loudness) {
            let power = spectra.first().and_then(|spectrum| spectrum.get(bin)).map_or(0.0, Complex::norm_sqr);
            loudness.push(power, weight);
        }
        self.response.fill(0.0);
        let mut all = 0.0;
        for pair in &mut self.pairs {
            let (Some(one), Some(other)) = (spectra.get(pair.one), spectra.get(pair.other)) else { continue };
            for (((bin, _), loudness), common) in counts().zip(&self.loudness).zip(&mut pair.common) {
                if let (Some(one), Some(other)) = (one.get(bin), other.get(bin)) {
                    let product = one * other.conj();
                    let scale = loudness.counts / (product.norm_sqr() + f32::MIN_POSITIVE).sqrt();
                    *common = *common * (1.0 - weight) + product * (weight * scale);
                }
                all += loudness.counted;
            }
            for (sum, turns) in self.response.iter_mut().zip(&pair.turns) {
                *sum += pair
                    .common
                    .iter()
                    .zip(turns)
                    .map(|(common, turn)| common.re * turn.re - common.im * turn.im)
                    .sum::<f32>();
            }
        }
        let (degrees, most) = peak(&self.response)?;
        (all > 0.0).then(|| Direction { degrees, confidence: (most / all).clamp(0.0, 1.0) })
    }
}

/// The direction of the largest response, between the grid's by a parabola, and that response.
fn peak(response: &[f32]) -> Option<(f32, f32)> {
    let (at, &most) = response.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1))?;
    let beside = |by: usize| response.get((at + by) % DIRECTIONS).copied().unwrap_or(most);
    let (before, after) = (beside(DIRECTIONS - 1), beside(1));
    let bend = before - 2.0 * most + after;
    let off = if bend < 0.0 { 0.5 * (before - after) / bend } else { 0.0 };
    Some(((degrees(at) + off * 360.0 / DIRECTIONS as f32).rem_euclid(360.0), most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::{BINS, SILENCE};

    /// The spectra of a wave from far away with random phases, and as much noise of each microphone's own as `noise`.
    fn wave(array: &Array, degrees: f32, noise: f32, random: &mut fastrand::Rng) -> Vec<Spectrum> {
        let phases: Vec<f32> = (0..BINS).map(|_| random.f32() * 6.3).collect();
        let spectrum = |lead: f32, random: &mut fastrand::Rng| {
            let mut spectrum = SILENCE;
            for ((bin, hz), phase) in spectrum.iter_mut().zip(frequencies()).zip(&phases) {
                *bin =
                    Complex::cis(phase + std::f32::consts::TAU * hz * lead) + Complex::cis(random.f32() * 6.3) * noise;
            }
            spectrum
        };
        array.leads_s(degrees).map(|lead| spectrum(lead, random)).collect()
    }

    fn off(found: f32, degrees: f32) -> f32 {
        let off = (found - degrees).rem_euclid(360.0);
        off.min(360.0 - off)
    }

    #[test]
    fn a_wave_is_found_where_it_comes_from() {
        let circle = Array::circle(0.032, &[45.0, 135.0, 225.0, 315.0]);
        let six = Array::circle(0.046, &[0.0, 60.0, 120.0, 180.0, 240.0, 300.0]);
        for array in [circle, six] {
            let mut random = fastrand::Rng::with_seed(4);
            for degrees in [0.0, 2.5, 47.0, 133.3, 200.0, 358.0] {
                let mut talker = Talker::new(&array);
                talker.speech(1.0);
                let mut found = None;
                for _ in 0..100 {
                    found = talker.push(&wave(&array, degrees, 0.7, &mut random));
                }
                let found = found.unwrap();
                assert!(off(found.degrees, degrees) < 3.0, "{degrees}: {found:?}");
                assert!(found.confidence > 0.4, "{found:?}");
            }
        }
    }

    #[test]
    fn a_talker_who_walks_is_followed_and_noise_is_not_believed() {
        let array = Array::circle(0.032, &[45.0, 135.0, 225.0, 315.0]);
        let mut random = fastrand::Rng::with_seed(4);
        let mut talker = Talker::new(&array);
        talker.speech(1.0);
        for degrees in [10.0, 40.0, 350.0] {
            let mut found = None;
            for _ in 0..60 {
                found = talker.push(&wave(&array, degrees, 0.3, &mut random));
            }
            assert!(off(found.unwrap().degrees, degrees) < 5.0, "{degrees}: {found:?}");
        }
        talker.speech(0.0);
        let mut found = None;
        for _ in 0..500 {
            found = talker.push(&wave(&array, 0.0, 30.0, &mut random));
        }
        assert!(found.unwrap().confidence < 0.2, "{found:?}");
    }

    #[test]
    fn one_microphone_knows_no_direction() {
        assert_eq!(Talker::new(&Array::unknown()).push(&[SILENCE]), None);
    }
}
