//! Makes a head for a phrase, from nothing but its words: synthetic voices say it and much else, in rooms and noise, and a
//! small network learns the difference.
//!
//! [`train`] is all that `xswarm-room train "hey computer"` needs. Everything random follows from the seed; made clips are
//! kept in a cache, so a second training of the same phrase takes minutes.

mod corpus;
mod learning;
mod lesson;

use std::{
    collections::HashSet,
    mem,
    path::{Path, PathBuf},
    thread,
};

use fastrand::Rng;

pub use corpus::{Clip, Recipe, Sound, Utterance, clips, sound};

use crate::{
    acoustics::noise::Talks,
    detector::events,
    embedding::WakeError,
    evaluation::scores,
    head::Head,
    speech::{Grammar, Manner, SpeechError, Voice},
};

/// Training cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// No speech.
    #[error(transparent)]
    Speech(#[from] SpeechError),
    /// No embeddings.
    #[error(transparent)]
    Ears(#[from] WakeError),
    /// The phrase cannot be said.
    #[error("\"{0}\" cannot be trained: give a phrase of one to five words, written in letters")]
    Phrase(String),
    /// Nobody to say it.
    #[error("no voices are installed: `apt-get install espeak-ng flite` brings some")]
    NoVoices,
    /// Clips cannot be kept.
    #[error("{} cannot be written ({source}): name another directory for the cache, or free some space", path.display())]
    Cache {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A thread panicked.
    #[error("training stopped half-way: this is a fault of the program, report it")]
    Stopped,
}

/// How to train.
#[derive(Debug, Clone)]
pub struct Course<'a> {
    /// Who says the phrase, and all else.
    pub voices: Vec<Voice>,
    /// Share of the full number of clips: 1 is two days of sound, which take three gigabytes of memory, and as much of the disk
    /// with a cache; 0.02 is enough to try.
    pub effort: f32,
    /// For all that is random.
    pub seed: u64,
    /// Where clips are kept, if they are.
    pub cache: Option<&'a Path>,
}

const TRAINING_TEXTS: &str = include_str!("../texts/training.txt");
const MEMBERS: u64 = 6;
const STEPS: f32 = 8_000.0;
/// Of the voices, one in so many is not learnt from but chooses the threshold.
const VALIDATION: usize = 9;
/// People whose talk is in the background.
const TALKS: usize = 48;

/// Learns to hear a phrase. `report` is told from time to time how far it is.
pub fn train(phrase: &str, course: &Course<'_>, report: &(dyn Fn(String) + Sync)) -> Result<Head, TrainingError> {
    let phrase = checked(phrase)?;
    if course.voices.is_empty() {
        return Err(TrainingError::NoVoices);
    }
    // Said before hours of work. One that is missing is not left out silently: the head would be another one.
    let mut known = HashSet::new();
    for voice in course.voices.iter().filter(|voice| known.insert(mem::discriminant(*voice))) {
        voice.installed()?;
    }
    let (learning, validation) = split(&course.voices);
    let mut rng = Rng::with_seed(course.seed);
    let talks = talks(&Grammar::new(TRAINING_TEXTS), &learning, TALKS, &mut rng)?;
    let mut lessons = |voices: &[Voice], share: f32| -> Result<Vec<Clip>, TrainingError> {
        let mut all = Vec::new();
        for part in lesson::parts(&phrase, voices, course.effort * share, &mut rng)? {
            all.extend(clips(&part, &talks, course.cache, report)?);
        }
        Ok(all)
    };
    report(format!("{} voices to learn from", learning.len()));
    let learnt_from = lessons(&learning, 1.0)?;
    report(format!("{} voices to choose the threshold with", validation.len()));
    let checked_with = lessons(&validation, 0.1)?;
    let windows = learning::Windows::new(&learnt_from);
    let (said, other) = windows.counts();
    report(format!("{said} windows of the phrase, {other} of all else"));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "thousands")]
    let steps = (STEPS * course.effort.sqrt().min(1.0)) as usize;
    let learn = |number| learning::learn(&windows, steps, course.seed.wrapping_add(number), &|line| report(line));
    let members = thread::scope(|scope| {
        let learn = &learn;
        let threads: Vec<_> = (1..=MEMBERS).map(|number| scope.spawn(move || learn(number))).collect();
        let joined = threads.into_iter().map(|thread| thread.join().map_err(|_panic| TrainingError::Stopped));
        joined.collect::<Result<Vec<_>, _>>()
    })?;
    let training = format!(
        "xswarm-wake {}: {} voices, {} clips ({said} windows of the phrase, {other} others), {steps} steps, seed {}",
        env!("CARGO_PKG_VERSION"),
        learning.len(),
        learnt_from.len(),
        course.seed
    );
    let untuned = Head::new(&phrase, &training, 0.0, members.clone());
    let threshold = threshold(&untuned, &checked_with, report)?;
    Ok(Head::new(&phrase, &training, threshold, members))
}

/// A phrase in small letters and single spaces.
fn checked(phrase: &str) -> Result<String, TrainingError> {
    let words: Vec<_> = phrase.split_whitespace().map(str::to_lowercase).collect();
    let sayable = words.iter().all(|word| word.chars().all(|c| c.is_alphabetic() || c == '\''));
    if (1..=5).contains(&words.len()) && sayable {
        Ok(words.join(" "))
    } else {
        Err(TrainingError::Phrase(phrase.to_owned()))
    }
}

/// Voices to learn from, and others, in no accent the same, to choose the threshold with. Too few for that serve as both.
fn split(voices: &[Voice]) -> (Vec<Voice>, Vec<Voice>) {
    let mut speakers: Vec<_> = voices.iter().map(|voice| voice.speaker()).collect();
    let mut known = HashSet::new();
    speakers.retain(|speaker| known.insert(*speaker));
    let chosen: Vec<_> = speakers.into_iter().skip(VALIDATION / 2).step_by(VALIDATION).collect();
    let (validation, learning): (Vec<_>, Vec<_>) =
        voices.iter().copied().partition(|voice| chosen.contains(&voice.speaker()));
    if validation.is_empty() || learning.is_empty() {
        (voices.to_vec(), voices.to_vec())
    } else {
        (learning, validation)
    }
}

/// People who talk, each for about a third of a minute.
pub(crate) fn talks(
    grammar: &Grammar<'_>,
    voices: &[Voice],
    count: usize,
    rng: &mut Rng,
) -> Result<Talks, TrainingError> {
    let talks = (0..count).map(|_| {
        let sentences = (0..7).map(|_| grammar.sentence(rng, "hey")).collect::<Vec<_>>().join(" ");
        let voice = lesson::pick(voices, rng).ok_or(TrainingError::NoVoices)?;
        Ok(voice.say(&sentences, Manner { pace: 0.9 + 0.3 * rng.f32(), pitch: 0.8 + 0.4 * rng.f32() })?)
    });
    Ok(Talks::new(talks.collect::<Result<Vec<_>, TrainingError>>()?))
}

/// The threshold (a logit) at which voices that were not learnt from are served best: a hundredth of the phrases missed
/// weighs as much as one false accept in five hours of speech, or as a twenty-fifth of the confusables: those are also
/// told by the words that follow, on the hub.
#[expect(clippy::cast_precision_loss, reason = "counts of clips")]
fn threshold(head: &Head, clips: &[Clip], report: &dyn Fn(String)) -> Result<f32, TrainingError> {
    let scored = clips.iter().map(|clip| Ok((clip, scores(head, clip)?))).collect::<Result<Vec<_>, WakeError>>()?;
    let results = |threshold: f32| {
        let (mut missed, mut said, mut fired, mut near, mut accepted, mut samples) = (0, 0, 0, 0, 0, 0);
        for (clip, scores) in &scored {
            let events = events(scores, threshold).len();
            if clip.phrase.is_some() {
                said += 1;
                missed += usize::from(events == 0);
            } else if clip.is_near {
                near += 1;
                fired += usize::from(events > 0);
            } else {
                accepted += events;
                samples += clip.samples;
            }
        }
        let share = |part: usize, of: usize| part as f32 / of.max(1) as f32;
        let hours = samples as f32 / (3_600.0 * crate::SAMPLE_RATE_HZ as f32);
        (share(missed, said), share(fired, near), accepted as f32 / hours.max(0.1))
    };
    let cost = |threshold: f32| {
        let (missed, fired, accepted_per_h) = results(threshold);
        missed + 0.25 * fired + 0.05 * accepted_per_h
    };
    let candidates = (-8..=32).map(|quarter: i8| f32::from(quarter) / 4.0);
    // Of equals the highest: it spares more.
    let best = candidates
        .map(|threshold| (cost(threshold), threshold))
        .min_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let best = best.map_or(0.0, |(_, threshold)| threshold);
    let (missed, fired, accepted_per_h) = results(best);
    report(format!(
        "threshold {best:.2}: {:.1} % missed, {:.1} % of the confusables and {accepted_per_h:.1} false accepts/h heard",
        100.0 * missed,
        100.0 * fired
    ));
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sensitivity;

    #[test]
    fn only_phrases_of_letters_can_be_trained() {
        assert_eq!(checked("  Hey  Computer ").unwrap(), "hey computer");
        for bad in ["", "hey 2", "a b c d e f", "<speak>"] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_small_training_gives_a_head_that_names_its_phrase() {
        let voices =
            Voice::training().into_iter().filter(|voice| matches!(voice, Voice::Espeak { .. })).take(12).collect();
        let course = Course { voices, effort: 0.001, seed: 5, cache: None };
        let head = train("Hey Computer", &course, &|_| ()).unwrap();
        assert_eq!(head.phrase(), "hey computer");
        assert!(head.training().contains("seed 5"), "{}", head.training());
        assert_eq!(Head::from_bytes(&head.to_bytes()).unwrap(), head);
        assert!(crate::Attention::new([(head, Sensitivity::default())]).is_ok());
    }
}
