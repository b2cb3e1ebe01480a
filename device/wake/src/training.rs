//! Makes a head for a phrase, from nothing but its words: synthetic voices say it and much else, in rooms and noise, and a
//! small network learns the difference.
//!
//! [`train`] is all that `xswarm-room train "hey computer"` needs. Everything random follows from the seed; made clips are
//! kept in a cache, so a second training of the same phrase takes minutes.

mod corpus;
mod learning;

use std::{
    collections::HashSet,
    mem,
    path::{Path, PathBuf},
    thread,
};

use fastrand::Rng;

pub use corpus::{Clip, Recipe, Sound, Utterance, clips, sound};

use crate::{
    acoustics::{Background, Scene, noise::Talks},
    detector::events,
    embedding::WakeError,
    evaluation::scores,
    head::Head,
    speech::{Grammar, Manner, SpeechError, Voice, neighbours, nonsense, pronunciation},
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
    /// Share of the full number of clips: 1 is a day of sound, which takes a gigabyte of memory, and with a cache a second one
    /// and a gigabyte of the disk; 0.02 is enough to try.
    pub effort: f32,
    /// For all that is random.
    pub seed: u64,
    /// Where clips are kept, if they are.
    pub cache: Option<&'a Path>,
}

const TRAINING_TEXTS: &str = include_str!("../texts/training.txt");
const CONFUSABLE_TEXTS: &str = include_str!("../texts/confusable.txt");
const MEMBERS: u64 = 3;
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
    let lessons = |voices: &[Voice], share: f32, rng: &mut Rng| -> Result<Vec<Clip>, TrainingError> {
        let recipes = recipes(&phrase, voices, course.effort * share, rng)?;
        clips(&recipes, &talks, course.cache, report)
    };
    report(format!("{} voices to learn from", learning.len()));
    let learnt_from = lessons(&learning, 1.0, &mut rng)?;
    report(format!("{} voices to choose the threshold with", validation.len()));
    let checked_with = lessons(&validation, 0.1, &mut rng)?;
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
        let voice = pick(voices, rng).ok_or(TrainingError::NoVoices)?;
        Ok(voice.say(&sentences, Manner { pace: 0.9 + 0.3 * rng.f32(), pitch: 0.8 + 0.4 * rng.f32() })?)
    });
    Ok(Talks::new(talks.collect::<Result<Vec<_>, TrainingError>>()?))
}

/// Somebody. The few voices of other synthesizers speak half as often as espeak's many. festival, which costs as much as
/// thirty of espeak's voices before it begins, is heard least.
fn pick(voices: &[Voice], rng: &mut Rng) -> Option<Voice> {
    let wanted: fn(&Voice) -> bool = match rng.u8(..45) {
        0..30 => |voice| matches!(voice, Voice::Espeak { .. }),
        30..44 => |voice| matches!(voice, Voice::Flite(_)),
        44.. => |voice| matches!(voice, Voice::Festival(_)),
    };
    let chosen: Vec<_> = voices.iter().filter(|voice| wanted(voice)).collect();
    rng.choice(chosen).or_else(|| rng.choice(voices)).copied()
}

/// Everybody who speaks in a lesson says things in their own way.
struct Cast<'a> {
    voices: &'a [Voice],
    rng: &'a mut Rng,
}

impl Cast<'_> {
    fn utterance(&mut self, text: String, pause_s: f32) -> Result<Utterance, TrainingError> {
        let voice = pick(self.voices, self.rng).ok_or(TrainingError::NoVoices)?;
        let mut about = |low: f32, high: f32| low + (high - low) * self.rng.f32();
        let manner = Manner { pace: about(0.75, 1.35), pitch: about(0.65, 1.4) };
        Ok(Utterance { voice, text, manner, smaller: about(0.88, 1.13), pause_s })
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.rng.f32()
    }

    /// The text after a pause long enough for a whole window, perhaps with speech before and after it.
    fn remark(
        &mut self,
        text: String,
        is_phrase: bool,
        grammar: &Grammar<'_>,
        phrase: &str,
    ) -> Result<Recipe, TrainingError> {
        let mut said = Vec::new();
        if self.rng.u8(..3) == 0 {
            let before = grammar.sentence(self.rng, phrase);
            said.push(self.utterance(before, 0.3)?);
        }
        let pause = if said.is_empty() { self.between(1.3, 1.9) } else { self.between(0.1, 0.8) };
        let mut remark = self.utterance(text, pause)?;
        let position = said.len();
        let mut phrase_alone = None;
        let goes_on = self.rng.u8(..6);
        if goes_on < 2 {
            // In the same breath.
            let (sentence, comma) = (grammar.sentence(self.rng, phrase), if goes_on == 0 { "," } else { "" });
            let alone = mem::take(&mut remark.text);
            let alone = alone.trim_end_matches(|c: char| !c.is_alphabetic()).to_owned();
            remark.text = format!("{alone}{comma} {sentence}");
            phrase_alone = Some(alone);
        }
        said.push(remark.clone());
        if goes_on == 2 {
            // The same person goes on.
            let (text, pause_s) = (grammar.sentence(self.rng, phrase), self.between(0.05, 0.7));
            said.push(Utterance { text, pause_s, ..remark });
        }
        let (rest_s, scene) = (self.between(0.9, 1.3), Scene::random(self.rng));
        Ok(Recipe { said, phrase: is_phrase.then_some(position), phrase_alone, is_near: !is_phrase, rest_s, scene })
    }
}

/// All clips of a lesson.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "thousands of clips")]
fn recipes(phrase: &str, voices: &[Voice], share: f32, rng: &mut Rng) -> Result<Vec<Recipe>, TrainingError> {
    let count = |full: f32| (full * share).ceil() as usize;
    let grammar = Grammar::new(TRAINING_TEXTS);
    let neighbours = sounding_different(phrase, neighbours(phrase, count(160.0).max(8), rng))?;
    let listed =
        if phrase == "hey boss" { Grammar::new(CONFUSABLE_TEXTS).list("trained").to_vec() } else { Vec::new() };
    let mut cast = Cast { voices, rng };
    let mut recipes = Vec::new();
    for number in 0..count(10_000.0) {
        let text = match number % 6 {
            0 => phrase.replacen(' ', ", ", 1),
            1 => format!("{phrase}!"),
            2 => format!("{phrase}?"),
            3 => format!("{phrase}, "),
            _ => phrase.to_owned(),
        };
        recipes.push(cast.remark(text, true, &grammar, phrase)?);
    }
    for text in listed.iter().cycle().take(count(800.0)) {
        recipes.push(cast.remark((*text).to_owned(), false, &grammar, phrase)?);
    }
    for text in neighbours.iter().cycle().take(count(if listed.is_empty() { 1_600.0 } else { 800.0 })) {
        recipes.push(cast.remark(text.clone(), false, &grammar, phrase)?);
    }
    // What the phrase begins with may call anybody.
    let call = phrase.split_once(' ').map(|(first, _)| first);
    for number in 0..count(4_000.0) {
        let mut said = Vec::new();
        for _ in 0..5 {
            let text = match (number % 4, call) {
                (0, Some(call)) => format!("{call}{} {}", if cast.rng.bool() { "," } else { "" }, nonsense(cast.rng)),
                (0 | 1, _) => nonsense(cast.rng),
                _ => grammar.sentence(cast.rng, phrase),
            };
            let pause = cast.between(0.05, 0.7);
            said.push(cast.utterance(text, pause)?);
        }
        recipes.push(Recipe {
            said,
            phrase: None,
            phrase_alone: None,
            is_near: false,
            rest_s: 0.3,
            scene: Scene::random(cast.rng),
        });
    }
    for number in 0..count(120.0) {
        let kind = [Background::Pink, Background::Babble, Background::Music, Background::Television];
        let background = kind.into_iter().cycle().nth(number).map(|kind| (kind, 0.0));
        let scene = Scene { background, ..Scene::random(cast.rng) };
        recipes.push(Recipe {
            said: Vec::new(),
            phrase: None,
            phrase_alone: None,
            is_near: false,
            rest_s: 15.0,
            scene,
        });
    }
    Ok(recipes)
}

/// Without the texts that are the phrase, spelt differently.
fn sounding_different(phrase: &str, texts: Vec<String>) -> Result<Vec<String>, TrainingError> {
    const ACCENTS: [&str; 2] = ["en-us", "en"];
    let all = |text: &str| ACCENTS.iter().map(|accent| pronunciation(text, accent)).collect::<Result<Vec<_>, _>>();
    let wanted = all(phrase)?;
    let mut different = Vec::new();
    for text in texts {
        let differs = all(&text)?.iter().zip(&wanted).all(|(one, other)| one != other);
        if differs {
            different.push(text);
        }
    }
    Ok(different)
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
    fn what_only_spells_differently_is_not_taught_as_different() {
        let texts = ["hay boss", "hey moss"].map(str::to_owned).to_vec();
        assert_eq!(sounding_different("hey boss", texts).unwrap(), ["hey moss"]);
    }

    #[test]
    fn lessons_follow_from_their_seed() {
        let lesson = |seed| recipes("hey boss", &Voice::training(), 0.01, &mut Rng::with_seed(seed)).unwrap();
        assert_eq!(lesson(1), lesson(1));
        assert_ne!(lesson(1), lesson(2));
        assert!(lesson(1).iter().filter(|recipe| recipe.phrase.is_some()).count() == 100);
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
        assert!(crate::Attention::new([head], Sensitivity::default()).is_ok());
    }
}
