//! What a lesson consists of: who says the phrase, what sounds like it and is not, and other talk; all of it as recipes.
//!
//! It makes no sound; that is `corpus`.

use std::mem;

use fastrand::Rng;

use super::{
    TRAINING_TEXTS, TrainingError,
    corpus::{Recipe, Utterance},
};
use crate::{
    acoustics::{Background, Scene},
    speech::{Grammar, Manner, Voice, half, neighbours, nonsense, pronunciation},
};

const CONFUSABLE_TEXTS: &str = include_str!("../../texts/confusable.txt");

/// Clips of a full lesson.
const PHRASES: f32 = 10_000.0;
const ALIKE: f32 = 1_600.0;
const TALK: f32 = 12_000.0;
const BACKGROUND: f32 = 120.0;
/// Utterances of a clip of talk.
const UTTERANCES: usize = 5;

/// All recipes of a lesson, in parts, each of which depends on its own seed only.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "thousands of clips")]
pub(super) fn parts(
    phrase: &str,
    voices: &[Voice],
    share: f32,
    rng: &mut Rng,
) -> Result<[Vec<Recipe>; 4], TrainingError> {
    let count = |full: f32| (full * share).ceil() as usize;
    let mut seeds = [rng.fork(), rng.fork(), rng.fork(), rng.fork()];
    let [one, two, three, four] = &mut seeds;
    Ok([
        phrases(phrase, count(PHRASES), Cast { voices, rng: one })?,
        alike(phrase, count(ALIKE), Cast { voices, rng: two })?,
        talk(phrase, count(TALK), Cast { voices, rng: three })?,
        background(count(BACKGROUND), four),
    ])
}

/// The phrase, as people say it.
fn phrases(phrase: &str, count: usize, mut cast: Cast<'_>) -> Result<Vec<Recipe>, TrainingError> {
    let grammar = Grammar::new(TRAINING_TEXTS);
    let text = |number| match number % 6 {
        0 => phrase.replacen(' ', ", ", 1),
        1 => format!("{phrase}!"),
        2 => format!("{phrase}?"),
        3 => format!("{phrase}, "),
        _ => phrase.to_owned(),
    };
    (0..count).map(|number| cast.remark(text(number), true, &grammar, phrase)).collect()
}

/// What sounds like it: neighbours of the phrase, and for "hey boss" as many of a list.
fn alike(phrase: &str, count: usize, mut cast: Cast<'_>) -> Result<Vec<Recipe>, TrainingError> {
    let (grammar, confusable) = (Grammar::new(TRAINING_TEXTS), Grammar::new(CONFUSABLE_TEXTS));
    let neighbours = sounding_different(phrase, neighbours(phrase, (count / 10).max(8), cast.rng))?;
    let listed = if phrase == "hey boss" { confusable.list("trained") } else { &[] };
    let from_list = if listed.is_empty() { 0 } else { count / 2 };
    let texts = listed.iter().map(|text| (*text).to_owned()).cycle().take(from_list);
    let texts = texts.chain(neighbours.iter().cloned().cycle().take(count - from_list));
    texts.map(|text| cast.remark(text, false, &grammar, phrase)).collect()
}

/// Other talk. In half of it, what the phrase begins or ends with stands in other company: that is what ordinary sentences
/// have of the phrase.
fn talk(phrase: &str, count: usize, mut cast: Cast<'_>) -> Result<Vec<Recipe>, TrainingError> {
    let grammar = Grammar::new(TRAINING_TEXTS);
    let mut clip = |number: usize| {
        let utterance = |_| {
            let text = match (number % 4, cast.rng.u8(..4)) {
                (0, _) => nonsense(cast.rng),
                (1 | 2, 0..3) => half(phrase, &grammar, cast.rng),
                _ => grammar.sentence(cast.rng, phrase),
            };
            let pause = cast.between(0.05, 0.7);
            cast.utterance(text, pause)
        };
        let said = (0..UTTERANCES).map(utterance).collect::<Result<_, TrainingError>>()?;
        Ok(without_phrase(said, 0.3, Scene::random(cast.rng)))
    };
    (0..count).map(&mut clip).collect()
}

/// Nobody says anything, and something else is to be heard.
fn background(count: usize, rng: &mut Rng) -> Vec<Recipe> {
    let kinds = [Background::Pink, Background::Babble, Background::Music, Background::Television].into_iter().cycle();
    let scene = |kind, rng: &mut Rng| Scene { background: Some((kind, 0.0)), ..Scene::random(rng) };
    kinds.take(count).map(|kind| without_phrase(Vec::new(), 15.0, scene(kind, rng))).collect()
}

fn without_phrase(said: Vec<Utterance>, rest_s: f32, scene: Scene) -> Recipe {
    Recipe { said, phrase: None, phrase_alone: None, is_near: false, rest_s, scene }
}

/// Somebody. The few voices of other synthesizers speak half as often as espeak's many. festival, which costs as much as
/// thirty of espeak's voices before it begins, is heard least.
pub(super) fn pick(voices: &[Voice], rng: &mut Rng) -> Option<Voice> {
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
        let pause = if said.is_empty() { self.between(1.7, 2.2) } else { self.between(0.1, 0.8) };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_spells_differently_is_not_taught_as_different() {
        let texts = ["hay boss", "hey moss"].map(str::to_owned).to_vec();
        assert_eq!(sounding_different("hey boss", texts).unwrap(), ["hey moss"]);
    }

    #[test]
    fn lessons_follow_from_their_seed() {
        let lesson = |seed| parts("hey boss", &Voice::training(), 0.01, &mut Rng::with_seed(seed)).unwrap();
        assert_eq!(lesson(1), lesson(1));
        assert_ne!(lesson(1), lesson(2));
        let [phrases, alike, talk, background] = lesson(1);
        assert_eq!([phrases.len(), alike.len(), talk.len(), background.len()], [100, 16, 120, 2]);
        assert!(phrases.iter().all(|recipe| recipe.phrase.is_some()));
        assert!(alike.iter().chain(&talk).chain(&background).all(|recipe| recipe.phrase.is_none()));
    }

    #[test]
    fn a_word_alone_has_a_lesson_too() {
        let [phrases, alike, talk, _] = parts("stop", &Voice::training(), 0.005, &mut Rng::with_seed(1)).unwrap();
        let texts = |part: &[Recipe]| -> Vec<String> {
            part.iter().flat_map(|recipe| &recipe.said).map(|said| said.text.clone()).collect()
        };
        for recipe in &phrases {
            let said = recipe.phrase.and_then(|number| recipe.said.get(number));
            assert!(said.is_some_and(|said| said.text.starts_with("stop")), "{recipe:?}");
        }
        for text in texts(&alike).iter().chain(&texts(&talk)) {
            assert!(!text.split(' ').any(|word| word == "stop"), "{text}");
        }
    }
}
