//! Where and when something is said.

use fastrand::Rng;

use super::{Room, noise, noise::Talks, room, wave};

/// What else sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Pink noise.
    Pink,
    /// Three to eight other people talking at once, with some pink noise.
    Babble,
    /// Music.
    Music,
    /// One or two people talking over music.
    Television,
}

/// The way from the mouth to the samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scene {
    /// Level of the speech, in decibels under full scale.
    pub level_db: f32,
    /// The room, unless it is said right into the microphone.
    pub room: Option<Room>,
    /// What else sounds, and how many decibels the speech is above it.
    pub background: Option<(Background, f32)>,
    /// For all that is random in it.
    pub seed: u64,
}

impl Scene {
    /// Quiet and near.
    pub fn clean(seed: u64) -> Self {
        Self { level_db: -26.0, room: None, background: None, seed }
    }

    /// Some scene of a home, from quiet to bad.
    pub fn random(rng: &mut Rng) -> Self {
        let room = (rng.u8(..10) < 7).then(|| {
            let (distance, rt60) = (0.5 + 3.5 * rng.f32(), 0.15 + 0.45 * rng.f32());
            Room::random(rng, distance, rt60)
        });
        let background = (rng.u8(..10) < 9).then(|| {
            let kind = match rng.u8(..6) {
                0..2 => Background::Babble,
                2..4 => Background::Television,
                4 => Background::Music,
                5.. => Background::Pink,
            };
            (kind, 3.0 + 27.0 * rng.f32())
        });
        Self { level_db: -14.0 - 30.0 * rng.f32(), room, background, seed: rng.u64(..) }
    }

    /// What the microphone hears of `speech`, as long as that is. Who else talks is one of `talks`.
    pub fn render(&self, speech: &[f32], talks: &Talks) -> Vec<f32> {
        let mut rng = Rng::with_seed(self.seed);
        let mut sound = match &self.room {
            Some(place) => room::convolve(speech, &place.response()),
            None => speech.to_vec(),
        };
        sound.truncate(speech.len());
        let wanted = wave::from_decibels(self.level_db);
        let size = wanted / active_level(&sound).max(1e-6);
        for sample in &mut sound {
            *sample *= size;
        }
        if let Some((kind, above_db)) = self.background {
            let size = wanted * wave::from_decibels(-above_db);
            let other = match kind {
                Background::Pink => noise::pink(sound.len(), &mut rng),
                Background::Music => noise::music(sound.len(), &mut rng),
                Background::Babble => {
                    let people = rng.u8(3..=8);
                    let talk = talks.at_once(people, sound.len(), &mut rng);
                    mixed(&noise::pink(sound.len(), &mut rng), 0.5, &talk)
                }
                Background::Television => {
                    let people = rng.u8(1..=2);
                    let talk = talks.at_once(people, sound.len(), &mut rng);
                    mixed(&noise::music(sound.len(), &mut rng), 0.2 + 0.5 * rng.f32(), &talk)
                }
            };
            sound.iter_mut().zip(other).for_each(|(sample, other)| *sample += other * size);
        }
        // A microphone is never quite silent; a converter has steps and an end.
        let hiss = wave::from_decibels(-92.0 + 20.0 * rng.f32());
        for sample in &mut sound {
            *sample += hiss * (2.0 * rng.f32() - 1.0);
            *sample = ((*sample * 32_767.0).round() / 32_767.0).clamp(-1.0, 1.0);
        }
        sound
    }
}

/// Two sounds, each of a level of 1, as one of the same level; `share` is what the first has of its amplitude.
fn mixed(first: &[f32], share: f32, second: &[f32]) -> Vec<f32> {
    let other = (1.0 - share * share).sqrt();
    first.iter().zip(second).map(|(a, b)| share * a + other * b).collect()
}

/// The level of the parts in which something is said: blocks of 20 ms within 20 dB of the loudest.
fn active_level(sound: &[f32]) -> f32 {
    let blocks: Vec<f32> = sound.chunks(320).map(wave::level).collect();
    let loudest = blocks.iter().copied().fold(0.0, f32::max);
    let active: Vec<f32> = blocks.into_iter().filter(|level| *level > loudest * 0.1).collect();
    wave::level(&active)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_is_as_far_above_the_noise_as_the_scene_says() {
        let speech: Vec<f32> =
            (0..16_000_u16).map(|n| if n < 8_000 { (f32::from(n) * 0.3).sin() } else { 0.0 }).collect();
        let scene = Scene { background: Some((Background::Pink, 10.0)), ..Scene::clean(3) };
        let sound = scene.render(&speech, &Talks::default());
        assert_eq!(sound.len(), speech.len());
        let decibels = |part: &[f32]| 20.0 * wave::level(part).log10();
        assert!((decibels(&sound[9_000..]) + 36.0).abs() < 1.0, "noise at {}", decibels(&sound[9_000..]));
        assert!((decibels(&sound[..8_000]) + 25.6).abs() < 1.0, "both at {}", decibels(&sound[..8_000]));
        assert_eq!(sound, scene.render(&speech, &Talks::default()), "the same scene is the same sound");
    }
}
