//! Measures of sound.

use std::time::Duration;

use realfft::{RealFftPlanner, num_complex::Complex};

const RATE: usize = 16_000;

pub(crate) fn db(ratio: f32) -> f32 {
    10.0 * ratio.log10()
}

pub(crate) fn power(sound: &[f32]) -> f32 {
    sound.iter().map(|sample| sample * sample).sum::<f32>() + 1e-12
}

/// Some seconds of a sound.
pub(crate) fn part(sound: &[f32], from_s: usize, to_s: usize) -> &[f32] {
    &sound[(from_s * RATE).min(sound.len())..(to_s * RATE).min(sound.len())]
}

/// By how many dB an echo became quieter: in the first two seconds, from the third on, and in the worst second after it.
pub(crate) fn erle(before: &[f32], after: &[f32]) -> (f32, f32, f32) {
    let between = |from, to| db(power(part(before, from, to)) / power(part(after, from, to)));
    let end = before.len() / RATE;
    let loud = |second: &usize| power(part(before, *second, second + 1)) > 1e-4 * RATE as f32;
    let worst = (3..end).filter(loud).map(|second| between(second, second + 1)).fold(f32::INFINITY, f32::min);
    (between(0, 2), between(3, end), worst)
}

/// A sound moved back by what it lags behind another, up to 100 ms.
pub(crate) fn aligned(reference: &[f32], sound: &[f32]) -> Vec<f32> {
    let product = |lag: usize| -> f32 { reference.iter().zip(&sound[lag..]).map(|(one, other)| one * other).sum() };
    let lag = (0..RATE / 10).max_by(|one, other| product(*one).abs().total_cmp(&product(*other).abs())).unwrap();
    sound[lag..].to_vec()
}

/// How much of a wanted sound is in another, in dB, and how much louder that is than all else in it (SI-SDR; Le Roux et al.
/// 2019).
pub(crate) fn kept(wanted: &[f32], sound: &[f32]) -> (f32, f32) {
    let length = wanted.len().min(sound.len());
    let (wanted, sound) = (&wanted[..length], &sound[..length]);
    let product: f32 = wanted.iter().zip(sound).map(|(one, other)| one * other).sum();
    let gain = product / power(wanted);
    let rest: Vec<f32> = wanted.iter().zip(sound).map(|(wanted, sound)| sound - gain * wanted).collect();
    (2.0 * db(gain.abs()), db(gain * gain * power(wanted) / power(&rest)))
}

/// The power of what lies above 300 Hz, where a small array can tell directions apart.
pub(crate) fn power_above_300_hz(sound: &[f32]) -> f32 {
    let forward = RealFftPlanner::new().plan_fft_forward(sound.len());
    let (mut sound, mut spectrum) = (sound.to_vec(), forward.make_output_vec());
    forward.process(&mut sound, &mut spectrum).unwrap();
    spectrum.iter().skip(300 * sound.len() / RATE).map(Complex::norm_sqr).sum()
}

/// How much processor time this thread has had.
pub(crate) fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
