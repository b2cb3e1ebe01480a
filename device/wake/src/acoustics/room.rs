//! A rectangular room, by its image sources (Allen & Berkley 1979).

use std::{
    f32::consts::FRAC_PI_2,
    sync::{LazyLock, Mutex, PoisonError},
};

use fastrand::Rng;
use realfft::RealFftPlanner;

const SOUND_M_PER_S: f32 = 343.0;

/// A talker and a microphone in a room. Metres, seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// Length, width, height.
    pub size_m: [f32; 3],
    /// Time in which sound falls by 60 dB (three times that from 5 to 25 dB under the whole).
    pub rt60_s: f32,
    /// Where the talker's mouth is.
    pub talker_m: [f32; 3],
    /// Where the microphone is.
    pub microphone_m: [f32; 3],
}

impl Room {
    /// Some room in which the microphone stands at its usual height and the talker at this distance.
    pub fn random(rng: &mut Rng, distance_m: f32, rt60_s: f32) -> Self {
        let mut between = |low: f32, high: f32| low + (high - low) * rng.f32();
        let long = distance_m + 1.0;
        let size_m = [between(long.max(3.0), long.max(3.0) + 3.0), between(2.8, 5.5), between(2.3, 3.0)];
        let [length, width, _] = size_m;
        let low = between(0.7, 1.2);
        let high = low + between(0.0, (0.4 * distance_m).min(0.6));
        let across = between(0.6, width - 0.6);
        let sideways = (between(-0.4, 0.4) * distance_m).clamp(0.3 - across, width - 0.3 - across);
        let along = (distance_m.powi(2) - sideways.powi(2) - (high - low).powi(2)).max(0.01).sqrt();
        let start = between(0.3, (length - along - 0.3).max(0.31));
        let microphone_m = [start, across, low];
        Self { size_m, rt60_s, talker_m: [start + along, across + sideways, high], microphone_m }
    }

    /// What a wall gives back of a sound's pressure, so that it falls as fast as it shall.
    ///
    /// Sound that travels towards (x, y, z) meets a wall x / length + y / width + z / height times per metre, and keeps its
    /// direction: between the walls that are farthest apart it lasts longest. Eyring's formula, for sound that is thrown
    /// everywhere, would make rooms that sound half as long again as asked for.
    fn reflected(&self) -> f32 {
        const STEPS: u8 = 24;
        let middles = || (0..STEPS).map(|n| (f32::from(n) + 0.5) / f32::from(STEPS));
        let [length, width, height] = self.size_m;
        let walls_per_m = |z: f32, around: f32| {
            let across = (1.0 - z * z).sqrt();
            let (y, x) = (around * FRAC_PI_2).sin_cos();
            across * (x / length + y / width) + z / height
        };
        let directions: Vec<f32> =
            middles().flat_map(|z| middles().map(move |around| walls_per_m(z, around))).collect();
        // The energy still to come when sound has gone so many metres, if each wall takes a neper of it.
        let left = |way: f32| directions.iter().map(|walls| (-way * walls).exp() / walls).sum::<f32>();
        let whole = left(0.0);
        let fallen = |decibels: f32| {
            let (mut low, mut high) = (0.0, 1_000.0);
            for _ in 0..30 {
                let middle = f32::midpoint(low, high);
                if left(middle) > whole * 10.0_f32.powf(-decibels / 10.0) { low = middle } else { high = middle }
            }
            low
        };
        let nepers_per_wall = 3.0 * (fallen(25.0) - fallen(5.0)) / (self.rt60_s * SOUND_M_PER_S);
        (-nepers_per_wall / 2.0).exp()
    }

    /// What a clap at the talker's place is at the microphone; the direct sound comes at once, with a size of about 1.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "reflections are counted in hundreds, samples in thousands"
    )]
    pub fn response(&self) -> Vec<f32> {
        let rate = crate::SAMPLE_RATE_HZ as f32;
        let reflected = self.reflected();
        let direct: f32 = self.talker_m.iter().zip(self.microphone_m).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
        let farthest = direct + self.rt60_s * SOUND_M_PER_S;
        let ([length, width, height], [talker_x, talker_y, talker_z]) = (self.size_m, self.talker_m);
        let [microphone_x, microphone_y, microphone_z] = self.microphone_m;
        // Per axis: how far away an image is, and how often its sound was reflected on the way.
        let axis = |size: f32, talker: f32, microphone: f32| {
            let count = (farthest / (2.0 * size)).ceil() as i32;
            (-count..=count).flat_map(move |n| {
                let shift = 2.0 * n as f32 * size;
                [(shift + talker - microphone, (2 * n).abs()), (shift - talker - microphone, (2 * n - 1).abs())]
            })
        };
        let mut response = vec![0.0; (self.rt60_s * rate) as usize + 1];
        for (x, bounces_x) in axis(length, talker_x, microphone_x) {
            for (y, bounces_y) in axis(width, talker_y, microphone_y) {
                let level = x * x + y * y;
                if level > farthest * farthest {
                    continue;
                }
                for (z, bounces_z) in axis(height, talker_z, microphone_z) {
                    let distance = (level + z * z).sqrt();
                    let sample = ((distance - direct) / SOUND_M_PER_S * rate) as usize;
                    if let Some(value) = response.get_mut(sample).filter(|_| distance < farthest) {
                        let arrives = reflected.powi(bounces_x + bounces_y + bounces_z);
                        *value += arrives * direct / distance.max(direct);
                    }
                }
            }
        }
        rumble_removed(&mut response);
        response
    }
}

/// All images are of one sign, so that many of them at once add up to something that slowly swells, which no room does. As
/// Allen & Berkley say, a high-pass takes it away: twice one of the first order, at 80 Hz.
fn rumble_removed(response: &mut [f32]) {
    const KEPT: f32 = 0.969;
    for _ in 0..2 {
        let (mut before, mut value) = (0.0, 0.0);
        for sample in response.iter_mut() {
            value = KEPT * (value + *sample - before);
            before = *sample;
            *sample = value;
        }
    }
}

/// Making a plan costs as much as a transform; few different sizes are needed.
static PLANNER: LazyLock<Mutex<RealFftPlanner<f32>>> = LazyLock::new(|| Mutex::new(RealFftPlanner::new()));

/// The sound as it is after `response`, echoes at the end included.
pub(super) fn convolve(samples: &[f32], response: &[f32]) -> Vec<f32> {
    let length = samples.len() + response.len();
    let size = length.next_power_of_two();
    let (forward, inverse) = {
        let mut planner = PLANNER.lock().unwrap_or_else(PoisonError::into_inner);
        (planner.plan_fft_forward(size), planner.plan_fft_inverse(size))
    };
    let spectrum = |values: &[f32]| {
        let mut input = values.to_vec();
        input.resize(size, 0.0);
        let mut output = forward.make_output_vec();
        let done = forward.process(&mut input, &mut output);
        debug_assert!(done.is_ok(), "the buffers have the transform's sizes");
        output
    };
    let mut product = spectrum(samples);
    #[expect(clippy::cast_precision_loss, reason = "a power of two")]
    let scale = 1.0 / size as f32;
    for (value, other) in product.iter_mut().zip(spectrum(response)) {
        *value *= other * scale;
    }
    // What the inverse transform wants real is real up to rounding.
    if let Some(first) = product.first_mut() {
        first.im = 0.0;
    }
    if let Some(last) = product.last_mut() {
        last.im = 0.0;
    }
    let mut output = inverse.make_output_vec();
    let done = inverse.process(&mut product, &mut output);
    debug_assert!(done.is_ok(), "the buffers have the transform's sizes");
    output.truncate(length);
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_falls_by_60_db_in_about_the_time_that_was_asked_for() {
        let mut rng = Rng::with_seed(1);
        for wanted in [0.25, 0.35, 0.55] {
            let response = Room::random(&mut rng, 3.0, wanted).response();
            // Schroeder: the energy still to come, from 5 to 25 dB under the whole.
            let mut left: Vec<f32> = response
                .iter()
                .rev()
                .scan(0.0, |sum, h| {
                    *sum += h * h;
                    Some(*sum)
                })
                .collect();
            left.reverse();
            let at = |decibels: f32| left.iter().position(|e| *e < left[0] * 10.0_f32.powf(-decibels / 10.0)).unwrap();
            #[expect(clippy::cast_precision_loss, reason = "samples of less than a second")]
            let measured = (at(25.0) - at(5.0)) as f32 * 3.0 / 16_000.0;
            assert!((measured / wanted - 1.0).abs() < 0.12, "{measured} s for {wanted} s");
        }
    }

    #[test]
    fn talker_and_microphone_stand_in_the_room_at_their_distance() {
        let mut rng = Rng::with_seed(2);
        for _ in 0..500 {
            let distance = 0.5 + 3.5 * rng.f32();
            let room = Room::random(&mut rng, distance, 0.4);
            for place in [room.talker_m, room.microphone_m] {
                assert!(place.iter().zip(room.size_m).all(|(at, size)| *at > 0.0 && *at < size), "{room:?}");
            }
            let apart: f32 = room.talker_m.iter().zip(room.microphone_m).map(|(a, b)| (a - b).powi(2)).sum();
            assert!((apart.sqrt() - distance).abs() < 0.2, "{distance}: {room:?}");
        }
    }

    #[test]
    fn convolution_is_that_of_the_definition() {
        let (samples, response) = ([1.0, -2.0, 0.5, 3.0], [1.0, 0.25, -0.5]);
        let mut wanted = vec![0.0; 7];
        for (i, a) in samples.iter().enumerate() {
            for (j, b) in response.iter().enumerate() {
                wanted[i + j] += a * b;
            }
        }
        let found = convolve(&samples, &response);
        assert!(found.iter().zip(&wanted).all(|(a, b): (&f32, &f32)| (a - b).abs() < 1e-5), "{found:?}");
    }
}
