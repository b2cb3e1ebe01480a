//! What is learnt from and measured with: clips of speech as they arrive at a microphone, as impressions.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use sha2::{Digest, Sha256};

use super::TrainingError;
use crate::{
    acoustics::{Scene, noise::Talks, wave},
    ears::{Ears, Impression, SPECTRUM_SIZE, heard_until},
    embedding::{EMBEDDING_SIZE, NETWORK},
    speech::{Manner, Voice},
};

/// Something said by somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Utterance {
    /// Who.
    pub voice: Voice,
    /// What.
    pub text: String,
    /// How.
    pub manner: Manner,
    /// Above 1, a smaller talker: everything faster and higher by this factor.
    pub smaller: f32,
    /// Seconds of silence before it.
    pub pause_s: f32,
}

/// How to make a clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// What is said, one after the other.
    pub said: Vec<Utterance>,
    /// Which of them is the phrase, if one is. If words follow in the same breath, they stand in `text` after it.
    pub phrase: Option<usize>,
    /// How the phrase alone reads, where its utterance goes on after it.
    pub phrase_alone: Option<String>,
    /// Whether something in it was made to sound like the phrase and is not.
    pub is_near: bool,
    /// Seconds of silence after all.
    pub rest_s: f32,
    /// Where.
    pub scene: Scene,
}

/// A clip as impressions.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// What it sounds like.
    pub impressions: Vec<Impression>,
    /// First sample of the phrase, and the one after its last.
    pub phrase: Option<(usize, usize)>,
    /// Whether something in it only sounds like the phrase.
    pub is_near: bool,
    /// Its length.
    pub samples: usize,
}

/// When, relative to the end of the phrase, the end of what a window looks at is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The phrase was just said.
    Phrase,
    /// It was not.
    Other,
    /// It ends, or was said a moment ago: nobody is to blame for either answer.
    Between,
}

impl Clip {
    /// What is true of the window that ends with this impression.
    pub(crate) fn moment(&self, last: usize) -> Moment {
        const SAMPLES_PER_MS: usize = 16;
        let Some((_, end)) = self.phrase else { return Moment::Other };
        let at = heard_until(last);
        let (from, to) = (end + 60 * SAMPLES_PER_MS, end + 420 * SAMPLES_PER_MS);
        let unclear = end.saturating_sub(220 * SAMPLES_PER_MS)..end + 800 * SAMPLES_PER_MS;
        if (from..to).contains(&at) {
            Moment::Phrase
        } else if unclear.contains(&at) {
            Moment::Between
        } else {
            Moment::Other
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "seconds of a clip"
)]
fn silence(seconds: f32) -> Vec<f32> {
    vec![0.0; (seconds.max(0.0) * crate::SAMPLE_RATE_HZ as f32) as usize]
}

impl Utterance {
    fn say(&self, text: &str) -> Result<Vec<f32>, TrainingError> {
        // What is played faster is spoken slower, so that the pace is the one asked for.
        let manner = Manner { pace: self.manner.pace / self.smaller, pitch: self.manner.pitch };
        Ok(wave::resample(&self.voice.say(text, manner)?, self.smaller))
    }
}

/// Samples, and first and one after the last of the phrase.
pub type Sound = (Vec<f32>, Option<(usize, usize)>);

/// The sound of a recipe.
pub fn sound(recipe: &Recipe, talks: &Talks) -> Result<Sound, TrainingError> {
    let mut speech = Vec::new();
    let mut phrase = None;
    for (number, utterance) in recipe.said.iter().enumerate() {
        speech.extend(silence(utterance.pause_s));
        let said = utterance.say(&utterance.text)?;
        if recipe.phrase == Some(number) {
            let length = match &recipe.phrase_alone {
                Some(alone) => {
                    let length = utterance.say(alone)?.len();
                    // Before a pause the end is drawn out; without one it is not (measured with voices of espeak-ng).
                    let pauses = utterance.text.get(alone.len()..).is_some_and(|rest| rest.starts_with(','));
                    if pauses { length } else { length * 8 / 9 }.min(said.len())
                }
                None => said.len(),
            };
            phrase = Some((speech.len(), speech.len() + length));
        }
        // Everybody as loud as the others.
        let size = 0.1 / wave::level(&said).max(1e-6);
        speech.extend(said.iter().map(|sample| sample * size));
    }
    speech.extend(silence(recipe.rest_s));
    Ok((recipe.scene.render(&speech, talks), phrase))
}

fn clip(recipe: &Recipe, talks: &Talks, ears: &mut Ears) -> Result<Clip, TrainingError> {
    let (samples, phrase) = sound(recipe, talks)?;
    ears.reset()?;
    let mut impressions = Vec::new();
    ears.push(&samples, |impression| impressions.push(*impression))?;
    Ok(Clip { impressions, phrase, is_near: recipe.is_near, samples: samples.len() })
}

/// Makes the clips of recipes, on all processors, in their order. With a directory, what was made before is taken from there.
pub fn clips(
    recipes: &[Recipe],
    talks: &Talks,
    cache: Option<&Path>,
    report: &(dyn Fn(String) + Sync),
) -> Result<Vec<Clip>, TrainingError> {
    let mut key = Sha256::new();
    key.update(format!("clips 3 {recipes:?}"));
    key.update(NETWORK);
    for sample in talks.all().iter().flatten() {
        key.update(sample.to_le_bytes());
    }
    let name = key.finalize().first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
    let file = cache.map(|directory| directory.join(format!("{name:016x}.clips")));
    if let Some(clips) = file.as_ref().and_then(|file| fs::read(file).ok()).and_then(|bytes| unpacked(&bytes)) {
        return Ok(clips);
    }
    let done = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let work = |worker: usize| -> Result<Vec<Clip>, TrainingError> {
        let mut ears = Ears::new()?;
        let mine = recipes.iter().skip(worker).step_by(workers);
        mine.map(|recipe| {
            let made = done.fetch_add(1, Ordering::Relaxed) + 1;
            if made.is_multiple_of(250) {
                report(format!("{made} of {} clips", recipes.len()));
            }
            clip(recipe, talks, &mut ears)
        })
        .collect()
    };
    let parts = thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..workers).map(|worker| scope.spawn(move || work(worker))).collect();
        let joined = threads.into_iter().map(|thread| thread.join().map_err(|_panic| TrainingError::Stopped));
        joined.map(|result| result.and_then(|inner| inner)).collect::<Result<Vec<_>, _>>()
    })?;
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    let mut clips = Vec::with_capacity(recipes.len());
    for number in 0..recipes.len() {
        clips.extend(parts.get_mut(number % workers).and_then(Iterator::next));
    }
    if let Some(file) = &file {
        fs::write(file, packed(&clips)).map_err(|source| TrainingError::Cache { path: file.clone(), source })?;
    }
    Ok(clips)
}

const IMPRESSION_BYTES: usize = (EMBEDDING_SIZE + SPECTRUM_SIZE) * size_of::<f32>();

fn packed(clips: &[Clip]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for clip in clips {
        let (start, end) = clip.phrase.unwrap_or((usize::MAX, usize::MAX));
        for number in [clip.impressions.len(), clip.samples, start, end, usize::from(clip.is_near)] {
            bytes.extend((number as u64).to_le_bytes());
        }
        let values = clip.impressions.iter().flat_map(|one| one.speech.iter().chain(&one.spectrum));
        bytes.extend(values.flat_map(|value| value.to_le_bytes()));
    }
    bytes
}

/// `None` if it was cut off while it was written.
fn unpacked(mut bytes: &[u8]) -> Option<Vec<Clip>> {
    let mut clips = Vec::new();
    while !bytes.is_empty() {
        let mut numbers = [0_usize; 5];
        for number in &mut numbers {
            let (taken, rest) = bytes.split_first_chunk::<8>()?;
            bytes = rest;
            *number = usize::try_from(u64::from_le_bytes(*taken)).ok()?;
        }
        let [count, samples, start, end, near] = numbers;
        let (values, rest) = bytes.split_at_checked(count.checked_mul(IMPRESSION_BYTES)?)?;
        bytes = rest;
        let impressions = values.chunks_exact(IMPRESSION_BYTES).map(|one| {
            let mut impression = Impression { speech: [0.0; EMBEDDING_SIZE], spectrum: [0.0; SPECTRUM_SIZE] };
            let values = impression.speech.iter_mut().chain(&mut impression.spectrum);
            for (value, bytes) in values.zip(one.as_chunks::<4>().0) {
                *value = f32::from_le_bytes(*bytes);
            }
            impression
        });
        clips.push(Clip {
            impressions: impressions.collect(),
            phrase: (start != usize::MAX).then_some((start, end)),
            is_near: near != 0,
            samples,
        });
    }
    Some(clips)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_survive_the_cache_and_a_torn_file_is_made_anew() {
        let clip = |count, phrase| Clip {
            impressions: vec![Impression { speech: [0.5; EMBEDDING_SIZE], spectrum: [0.25; SPECTRUM_SIZE] }; count],
            phrase,
            is_near: count == 2,
            samples: 7,
        };
        let clips = vec![clip(2, None), clip(0, Some((1, 2))), clip(1, Some((3, 9)))];
        let bytes = packed(&clips);
        assert_eq!(unpacked(&bytes).unwrap(), clips);
        assert_eq!(unpacked(&bytes[..bytes.len() - 1]), None);
    }

    #[test]
    fn the_moment_of_a_window_is_told_from_the_end_of_the_phrase() {
        let clip = Clip { impressions: Vec::new(), phrase: Some((20_000, 32_000)), is_near: false, samples: 64_000 };
        let moments: Vec<_> = (0..40).map(|last| clip.moment(last)).collect();
        let phrase: Vec<_> = (0..40).filter(|last| moments[*last] == Moment::Phrase).collect();
        assert!((4..=5).contains(&phrase.len()), "{phrase:?}");
        assert!(phrase.iter().all(|last| heard_until(*last) > 32_000));
        assert_eq!((moments[0], moments[39]), (Moment::Other, Moment::Other));
    }
}
