//! How good a head is: voices and texts that it never met say its phrase in quiet, in noise and across the room, and hours of
//! other things.

mod confidence;

use std::{fmt, path::Path};

use fastrand::Rng;

pub use confidence::{Rate, poisson_95};

use crate::{
    acoustics::{Background, Room, Scene, noise::Talks},
    detector::{Attention, Sensitivity, events},
    ears::heard_until,
    embedding::WakeError,
    head::Head,
    speech::{Grammar, Manner, Voice},
    training::{Clip, Recipe, TrainingError, Utterance, clips, talks},
};

const HELD_OUT_TEXTS: &str = include_str!("../texts/held-out.txt");
const PROVOKING_TEXTS: &str = include_str!("../texts/provoking.txt");
const CONFUSABLE_TEXTS: &str = include_str!("../texts/confusable.txt");

/// Where the phrase is said: near or at 3 m, in quiet or so far above several other people who talk at once, or above one other
/// kind of noise.
pub const CONDITIONS: [&str; 9] =
    ["clean", "20 dB", "10 dB", "5 dB", "3 m", "3 m, 10 dB", "10 dB pink", "10 dB music", "10 dB television"];

/// The sensitivities that are measured; the fourth is the default.
pub const SENSITIVITIES: [f32; 5] = [0.5, 0.6, 0.7, 0.8, 0.9];

/// The smoothed score, as a logit, after each impression of a clip.
pub(crate) fn scores(head: &Head, clip: &Clip) -> Result<Vec<Option<f32>>, WakeError> {
    let mut attention = Attention::new([(head.clone(), Sensitivity::default())])?;
    Ok(clip.impressions.iter().map(|impression| attention.logits(impression).into_iter().flatten().next()).collect())
}

/// What is measured with, made once for one phrase.
pub struct Examination {
    phrase: String,
    voices: Vec<Voice>,
    talks: Talks,
    rng: Rng,
}

fn scene(condition: &str, rng: &mut Rng) -> Scene {
    let noisy = |above_db| Some((Background::Babble, above_db));
    let far = |rng: &mut Rng| Some(Room::random(rng, 3.0, 0.35));
    let clean = Scene::clean(rng.u64(..));
    match condition {
        "20 dB" => Scene { background: noisy(20.0), ..clean },
        "10 dB" => Scene { background: noisy(10.0), ..clean },
        "5 dB" => Scene { background: noisy(5.0), ..clean },
        "3 m" => Scene { room: far(rng), ..clean },
        "10 dB pink" => Scene { background: Some((Background::Pink, 10.0)), ..clean },
        "10 dB music" => Scene { background: Some((Background::Music, 10.0)), ..clean },
        "10 dB television" => Scene { background: Some((Background::Television, 10.0)), ..clean },
        "3 m, 10 dB" => Scene { room: far(rng), background: noisy(10.0), ..clean },
        _ => clean,
    }
}

impl Examination {
    /// For a phrase. All that is random follows from the seed.
    pub fn new(phrase: &str, voices: Vec<Voice>, seed: u64) -> Result<Self, TrainingError> {
        let mut rng = Rng::with_seed(seed);
        let talks = talks(&Grammar::new(HELD_OUT_TEXTS), &voices, 16, &mut rng)?;
        Ok(Self { phrase: phrase.to_owned(), voices, talks, rng })
    }

    /// Other people talking, for [`clips`] and [`crate::training::sound`].
    pub fn talks(&self) -> &Talks {
        &self.talks
    }

    /// Every voice says the phrase in six ways, every other one going on with a sentence in the same breath.
    pub fn spoken(&self, condition: &str) -> Vec<Recipe> {
        let mut rng = self.rng.clone();
        let grammar = Grammar::new(HELD_OUT_TEXTS);
        let mut recipes = Vec::new();
        for voice in &self.voices {
            for number in 0..6_u8 {
                let manner =
                    Manner { pace: 0.85 + 0.15 * f32::from(number % 3), pitch: if number < 3 { 0.9 } else { 1.15 } };
                let goes_on = number % 2 == 1;
                let sentence = grammar.sentence(&mut rng, &self.phrase);
                let text = if goes_on { format!("{}, {sentence}", self.phrase) } else { self.phrase.clone() };
                let said = vec![Utterance { voice: *voice, text, manner, smaller: 1.0, pause_s: 2.2 }];
                let phrase_alone = goes_on.then(|| self.phrase.clone());
                recipes.push(Recipe {
                    said,
                    phrase: Some(0),
                    phrase_alone,
                    is_near: false,
                    rest_s: 1.5,
                    scene: scene(condition, &mut rng),
                });
            }
        }
        recipes
    }

    /// Every voice says each of these texts once, in quiet.
    pub fn confusable(&self, list: &str) -> Vec<Recipe> {
        let mut rng = self.rng.clone();
        let texts = Grammar::new(CONFUSABLE_TEXTS);
        let mut recipes = Vec::new();
        for text in texts.list(list) {
            for voice in &self.voices {
                let manner = Manner { pace: 0.85 + 0.3 * rng.f32(), pitch: 0.9 + 0.25 * rng.f32() };
                let said =
                    vec![Utterance { voice: *voice, text: (*text).to_owned(), manner, smaller: 1.0, pause_s: 2.2 }];
                let scene = Scene::clean(rng.u64(..));
                recipes.push(Recipe { said, phrase: None, phrase_alone: None, is_near: true, rest_s: 1.5, scene });
            }
        }
        recipes
    }

    /// About three quarters of an hour of ordinary talk, another for each number: half of it near and quiet, a quarter 3 m
    /// away, a quarter in noise.
    pub fn ordinary(&self, number: u64) -> Vec<Recipe> {
        self.talk(&Grammar::new(HELD_OUT_TEXTS), number)
    }

    /// As much talk in the same places, all of which plays on the phrase.
    pub fn provoking(&self) -> Vec<Recipe> {
        self.talk(&Grammar::with_lists(PROVOKING_TEXTS, HELD_OUT_TEXTS), 0)
    }

    fn talk(&self, grammar: &Grammar<'_>, number: u64) -> Vec<Recipe> {
        let mut rng = Rng::with_seed(self.rng.clone().u64(..) ^ number);
        let clip = |place: usize, rng: &mut Rng| {
            let said = (0..12).map(|_| {
                let manner = Manner { pace: 0.85 + 0.3 * rng.f32(), pitch: 0.85 + 0.35 * rng.f32() };
                // festival takes a second to begin; one sentence in 100 is enough of it.
                let voice = rng
                    .choice(&self.voices)
                    .copied()
                    .filter(|voice| !matches!(voice, Voice::Festival(_)) || rng.u8(..5) == 0);
                let voice = voice.or_else(|| self.voices.first().copied()).unwrap_or(Voice::Flite("rms"));
                let text = grammar.sentence(rng, &self.phrase);
                Utterance { voice, text, manner, smaller: 1.0, pause_s: 0.15 + 0.6 * rng.f32() }
            });
            let said = said.collect();
            let condition = ["clean", "3 m", "clean", "10 dB"].get(place % 4).copied().unwrap_or_default();
            Recipe { said, phrase: None, phrase_alone: None, is_near: false, rest_s: 0.3, scene: scene(condition, rng) }
        };
        (0..64).map(|place| clip(place, &mut rng)).collect()
    }
}

/// How often, at one sensitivity.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// At which.
    pub sensitivity: f32,
    /// Phrases missed, by [`CONDITIONS`].
    pub missed: Vec<Rate>,
    /// Wakes at ordinary talk.
    pub accepted: usize,
    /// Wakes at talk that plays on the phrase.
    pub provoked: usize,
    /// Confusables that it was trained to spare, said by new voices.
    pub confusable_known: Rate,
    /// Confusables that it never met.
    pub confusable_new: Rate,
}

/// What an examination found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// By [`SENSITIVITIES`].
    pub rows: Vec<Row>,
    /// Of ordinary talk.
    pub hours: f32,
    /// Of talk that plays on the phrase.
    pub provoking_hours: f32,
    /// Confusables that woke it at the default sensitivity, the worst first, and how often of how many.
    pub worst: Vec<(String, Rate)>,
    /// Missed at the default sensitivity in all conditions together, by synthesizer.
    pub by_synthesizer: Vec<(&'static str, Rate)>,
}

/// A clip, and the smoothed score after each of its impressions, which itself does not keep.
type Scored = (Clip, Vec<Option<f32>>);

/// Measures a head on `hours` of ordinary talk and all else.
pub fn examine(
    head: &Head,
    examination: &Examination,
    hours: f32,
    cache: Option<&Path>,
    report: &(dyn Fn(String) + Sync),
) -> Result<Report, TrainingError> {
    let make = |recipes: &[Recipe]| clips(recipes, &examination.talks, cache, report);
    let score = |clips: Vec<Clip>| -> Result<Vec<Scored>, TrainingError> {
        let scored = clips
            .into_iter()
            .map(|clip| scores(head, &clip).map(|scores| (Clip { impressions: Vec::new(), ..clip }, scores)));
        Ok(scored.collect::<Result<Vec<_>, _>>()?)
    };
    let mut spoken = Vec::new();
    let mut synthesizers = Vec::new();
    for condition in CONDITIONS {
        report(format!("the phrase, {condition}"));
        let recipes = examination.spoken(condition);
        spoken.push(score(make(&recipes)?)?);
        synthesizers.push(recipes.iter().filter_map(|recipe| recipe.said.first()).map(synthesizer).collect::<Vec<_>>());
    }
    report("what sounds like it".to_owned());
    let (known, new) = (examination.confusable("trained"), examination.confusable("measured"));
    let confusable = [score(make(&known)?)?, score(make(&new)?)?];
    let mut ordinary = Vec::new();
    let mut heard_hours = 0.0;
    for number in 0.. {
        if heard_hours >= hours {
            break;
        }
        report(format!("ordinary talk: {heard_hours:.2} of {hours} hours"));
        let scored = score(make(&examination.ordinary(number))?)?;
        heard_hours += scored.iter().map(|(clip, _)| hours_of(clip)).sum::<f32>();
        ordinary.extend(scored);
    }
    report("talk that plays on the phrase".to_owned());
    let provoking = score(make(&examination.provoking())?)?;
    let provoking_hours = provoking.iter().map(|(clip, _)| hours_of(clip)).sum();
    let threshold = |sensitivity: f32| Sensitivity::new(sensitivity).map_or(0.0, |value| value.threshold(head));
    let fired = |(_, scores): &Scored, at: f32| !events(scores, at).is_empty();
    let rows = SENSITIVITIES.map(|sensitivity| {
        let at = threshold(sensitivity);
        Row {
            sensitivity,
            missed: spoken.iter().map(|all| Rate::of(all, |one| !heard(&one.0, &one.1, at))).collect(),
            accepted: ordinary.iter().map(|(_, scores)| events(scores, at).len()).sum(),
            provoked: provoking.iter().map(|(_, scores)| events(scores, at).len()).sum(),
            confusable_known: Rate::of(&confusable[0], |one| fired(one, at)),
            confusable_new: Rate::of(&confusable[1], |one| fired(one, at)),
        }
    });
    let at = Sensitivity::default().threshold(head);
    let results = known.iter().zip(&confusable[0]).chain(new.iter().zip(&confusable[1]));
    let results = results.filter_map(|(recipe, one)| Some((recipe.said.first()?.text.clone(), fired(one, at))));
    let mut worst = Rate::by(results);
    worst.retain(|(_, rate)| rate.count > 0);
    worst.sort_by(|a, b| b.1.share().total_cmp(&a.1.share()));
    let results = synthesizers.iter().flatten().zip(spoken.iter().flatten());
    let by_synthesizer = Rate::by(results.map(|(name, (clip, scores))| (*name, !heard(clip, scores, at))));
    Ok(Report { rows: rows.to_vec(), hours: heard_hours, provoking_hours, worst, by_synthesizer })
}

fn synthesizer(utterance: &Utterance) -> &'static str {
    match utterance.voice {
        Voice::Espeak { .. } => "espeak-ng",
        Voice::Flite(_) => "flite",
        Voice::Festival(_) => "festival",
    }
}

#[expect(clippy::cast_precision_loss, reason = "minutes")]
fn hours_of(clip: &Clip) -> f32 {
    clip.samples as f32 / (3_600.0 * crate::SAMPLE_RATE_HZ as f32)
}

/// Whether the phrase was noticed: from its beginning to 1.2 s after its end.
fn heard(clip: &Clip, scores: &[Option<f32>], threshold: f32) -> bool {
    let Some((start, end)) = clip.phrase else { return false };
    let span = start..end + crate::SAMPLE_RATE_HZ as usize * 6 / 5;
    events(scores, threshold).into_iter().any(|number| span.contains(&heard_until(number)))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| sensitivity | missed: {} | false accepts/h (95 %) | of talk that plays on it | confusables: known, new |",
            CONDITIONS.join(" / ")
        )?;
        writeln!(f, "|---|---|---|---|---|")?;
        for row in &self.rows {
            let missed: Vec<_> = row.missed.iter().map(|rate| format!("{:.1}", 100.0 * rate.share())).collect();
            let (low, high) = poisson_95(row.accepted);
            #[expect(clippy::cast_precision_loss, reason = "counts of false accepts")]
            let (rate, provoked) = (row.accepted as f32 / self.hours, row.provoked as f32 / self.provoking_hours);
            write!(
                f,
                "| {} | {} % | {rate:.2} ({:.2}–{:.2}) | {provoked:.1} | ",
                row.sensitivity,
                missed.join(" / "),
                low / self.hours,
                high / self.hours
            )?;
            writeln!(
                f,
                "{:.1} %, {:.1} % |",
                100.0 * row.confusable_known.share(),
                100.0 * row.confusable_new.share()
            )?;
        }
        let said = self.rows.first().and_then(|row| row.missed.first()).map_or(0, |rate| rate.of);
        writeln!(f, "{said} phrases per condition, {:.1} hours of other speech.", self.hours)?;
        let list = |rates: Vec<(String, Rate)>| {
            rates.iter().map(|(name, rate)| format!("{name} {}/{}", rate.count, rate.of)).collect::<Vec<_>>().join(", ")
        };
        writeln!(f, "Worst confusables: {}.", list(self.worst.iter().take(12).cloned().collect()))?;
        writeln!(
            f,
            "Missed by synthesizer: {}.",
            list(self.by_synthesizer.iter().map(|(name, rate)| ((*name).to_owned(), *rate)).collect())
        )
    }
}
