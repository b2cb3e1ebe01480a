//! Learning of one member of a head: gradient descent (Adam, decoupled weight decay) on windows of embeddings.
//!
//! One thread and a fixed order of all sums: the same clips and seed give the same weights, bit for bit, on the same kind of
//! processor.

use fastrand::Rng;

use super::corpus::{Clip, Moment};
use crate::{
    embedding::{EMBEDDING_SIZE, Embedding},
    head::{Member, WINDOW},
};

const PROJECTED: usize = 32;
const HIDDEN: usize = 64;
/// Windows of one step, and how many of them are the phrase, and from clips with what sounds like it. The more there are of
/// these, the more of the phrase itself is missed in noise, where nobody can tell them apart.
const BATCH: usize = 192;
const BATCH_PHRASE: usize = 48;
const BATCH_NEAR: usize = 16;
/// Steps between two searches for the windows that are hardest to let pass.
const SEARCH_STEPS: usize = 500;
const DECAY: f32 = 0.05;
/// What a window is disturbed by while it is learnt from, so that it is not learnt by heart: one number of an embedding in so
/// many is not there in it, the others are off by up to so many deviations.
const ABSENT: u8 = 16;
const OFF: f32 = 0.25;

/// A window: a clip, and the number of its last embedding.
type Place = (u32, u32);

/// All windows of all clips.
pub(crate) struct Windows<'a> {
    clips: &'a [Clip],
    phrase: Vec<Place>,
    near: Vec<Place>,
    other: Vec<Place>,
    mean: Embedding,
    scale: Embedding,
}

impl<'a> Windows<'a> {
    pub(crate) fn new(clips: &'a [Clip]) -> Self {
        let (mut phrase, mut near, mut other) = (Vec::new(), Vec::new(), Vec::new());
        for (number, clip) in (0..).zip(clips) {
            for last in WINDOW - 1..clip.embeddings.len() {
                let place = (number, u32::try_from(last).unwrap_or(u32::MAX));
                match clip.moment(last) {
                    Moment::Phrase => phrase.push(place),
                    Moment::Other if clip.is_near => near.push(place),
                    Moment::Other => other.push(place),
                    Moment::Between => {}
                }
            }
        }
        let (mean, scale) = spread(clips);
        Self { clips, phrase, near, other, mean, scale }
    }

    /// How many windows are the phrase, and how many are not.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.phrase.len(), self.near.len() + self.other.len())
    }

    fn window(&self, (clip, last): Place) -> &[Embedding] {
        let end = last as usize + 1;
        let embeddings = self.clips.get(clip as usize).map_or(&[][..], |clip| &clip.embeddings);
        embeddings.get(end.saturating_sub(WINDOW)..end).unwrap_or_default()
    }
}

/// Mean and one over the deviation of each number of an embedding.
#[expect(clippy::cast_possible_truncation, reason = "sums of doubles, rounded at the end")]
fn spread(clips: &[Clip]) -> (Embedding, Embedding) {
    let mut sums = [(0.0_f64, 0.0_f64); EMBEDDING_SIZE];
    let mut count = 0.0_f64;
    for embedding in clips.iter().flat_map(|clip| &clip.embeddings) {
        count += 1.0;
        for ((sum, squares), value) in sums.iter_mut().zip(embedding) {
            *sum += f64::from(*value);
            *squares += f64::from(*value).powi(2);
        }
    }
    let count = count.max(1.0);
    let mean = sums.map(|(sum, _)| (sum / count) as f32);
    let scale =
        sums.map(|(sum, squares)| (1.0 / ((squares / count - (sum / count).powi(2)).max(0.0).sqrt() + 1e-3)) as f32);
    (mean, scale)
}

/// Learns one member.
pub(crate) fn learn(windows: &Windows<'_>, steps: usize, seed: u64, report: &dyn Fn(String)) -> Member {
    let mut rng = Rng::with_seed(seed);
    let mut member = beginning(&mut rng);
    let mut optimizer = Adam::new();
    let mut hard: Vec<Place> = Vec::new();
    let mut trial = Trial::default();
    let mut loss = 0.0;
    for step in 0..steps {
        if step > 0 && step % SEARCH_STEPS == 0 {
            #[expect(clippy::cast_precision_loss, reason = "a mean")]
            let mean = loss / (SEARCH_STEPS * BATCH) as f32;
            report(format!("step {step} of {steps}: loss {mean:.4}"));
            loss = 0.0;
            hard = hardest(windows, &member);
        }
        let mut gradient = Member::zeros(PROJECTED, HIDDEN);
        for number in 0..BATCH {
            let is_phrase = number < BATCH_PHRASE;
            let from = if is_phrase {
                &windows.phrase
            } else if number < BATCH_PHRASE + BATCH_NEAR && !windows.near.is_empty() {
                &windows.near
            } else if number.is_multiple_of(6) && !hard.is_empty() {
                &hard
            } else {
                &windows.other
            };
            let Some(place) = rng.choice(from) else { continue };
            trial.look(windows, *place);
            trial.disturb(&mut rng);
            loss += trial.step(&member, is_phrase, &mut gradient);
        }
        #[expect(clippy::cast_precision_loss, reason = "thousands of steps")]
        let rate = 1.5e-3 * (1.0 - step as f32 / steps as f32).max(0.02);
        optimizer.step(&mut member, &gradient, rate);
    }
    folded(&member, windows)
}

fn beginning(rng: &mut Rng) -> Member {
    let mut member = Member::zeros(PROJECTED, HIDDEN);
    let mut fill = |weights: &mut [f32], inputs: usize| {
        #[expect(clippy::cast_precision_loss, reason = "hundreds")]
        let size = (6.0 / inputs as f32).sqrt();
        for weight in weights {
            *weight = size * (2.0 * rng.f32() - 1.0);
        }
    };
    fill(&mut member.projection, EMBEDDING_SIZE);
    fill(&mut member.hidden, WINDOW * PROJECTED);
    fill(&mut member.output, HIDDEN);
    member
}

/// A member for embeddings as they come, from one for normalised embeddings.
fn folded(member: &Member, windows: &Windows<'_>) -> Member {
    let mut member = member.clone();
    let rows = member.projection.chunks_exact_mut(EMBEDDING_SIZE).zip(&mut member.projection_bias);
    for (row, bias) in rows {
        for ((weight, scale), mean) in row.iter_mut().zip(windows.scale).zip(windows.mean) {
            *weight *= scale;
            *bias -= *weight * mean;
        }
    }
    member
}

/// The windows without the phrase that sound most like it: one in 25.
fn hardest(windows: &Windows<'_>, member: &Member) -> Vec<Place> {
    let member = folded(member, windows);
    let mut scored = Vec::with_capacity(windows.other.len());
    let (mut projected, mut hidden) = (Vec::new(), Vec::new());
    let mut before: Option<Place> = None;
    for place in &windows.other {
        // Neighbouring windows share all embeddings but one.
        let follows = before.is_some_and(|(clip, last)| clip == place.0 && last + 1 == place.1);
        let window = windows.window(*place);
        let fresh = if follows { window.last().map(std::slice::from_ref).unwrap_or_default() } else { window };
        projected.drain(..if follows { PROJECTED } else { projected.len() });
        for embedding in fresh {
            member.project(embedding, &mut projected);
        }
        scored.push((member.judge(&projected, &mut hidden), *place));
        before = Some(*place);
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.truncate(scored.len() / 25);
    scored.into_iter().map(|(_, place)| place).collect()
}

/// One window through the network and back.
#[derive(Default)]
struct Trial {
    input: Vec<Embedding>,
    projected: Vec<f32>,
    hidden: Vec<f32>,
    blame: Vec<f32>,
}

impl Trial {
    /// Takes a window, normalised.
    fn look(&mut self, windows: &Windows<'_>, place: Place) {
        self.input.clear();
        self.input.extend(windows.window(place).iter().map(|embedding| {
            let mut input = *embedding;
            for ((value, mean), scale) in input.iter_mut().zip(windows.mean).zip(windows.scale) {
                *value = (*value - mean) * scale;
            }
            input
        }));
    }

    fn disturb(&mut self, rng: &mut Rng) {
        let kept: [bool; EMBEDDING_SIZE] = std::array::from_fn(|_| rng.u8(..ABSENT) > 0);
        for input in &mut self.input {
            for (value, kept) in input.iter_mut().zip(kept) {
                *value = if kept { *value + OFF * (2.0 * rng.f32() - 1.0) } else { 0.0 };
            }
        }
    }

    /// Adds the gradient of the window; returns its loss (cross entropy).
    fn step(&mut self, member: &Member, is_phrase: bool, gradient: &mut Member) -> f32 {
        self.projected.clear();
        for input in &self.input {
            member.project(input, &mut self.projected);
        }
        let logit = member.judge(&self.projected, &mut self.hidden);
        let wanted = f32::from(u8::from(is_phrase));
        let error = 1.0 / (1.0 + (-logit).exp()) - wanted;
        let signed = if is_phrase { -logit } else { logit };
        self.back(member, error, gradient);
        signed.max(0.0) + (-signed.abs()).exp().ln_1p()
    }

    fn back(&mut self, member: &Member, error: f32, gradient: &mut Member) {
        gradient.output_bias += error;
        self.blame.clear();
        self.blame.resize(self.projected.len(), 0.0);
        let rows = member.hidden.chunks_exact(self.projected.len());
        let gradient_rows = gradient.hidden.chunks_exact_mut(self.projected.len());
        let units = self.hidden.iter().zip(&member.output).zip(&mut gradient.output).zip(&mut gradient.hidden_bias);
        for ((((value, output), output_gradient), bias), (row, row_gradient)) in units.zip(rows.zip(gradient_rows)) {
            *output_gradient += error * value;
            if *value > 0.0 {
                let share = error * output;
                *bias += share;
                add(row_gradient, share, &self.projected);
                add(&mut self.blame, share, row);
            }
        }
        let blamed = self.blame.chunks_exact(PROJECTED).zip(self.projected.chunks_exact(PROJECTED));
        for (input, (blame, projected)) in self.input.iter().zip(blamed) {
            let rows = gradient.projection.chunks_exact_mut(EMBEDDING_SIZE).zip(&mut gradient.projection_bias);
            for ((row, bias), (share, value)) in rows.zip(blame.iter().zip(projected)) {
                if *value > 0.0 {
                    *bias += share;
                    add(row, *share, input);
                }
            }
        }
    }
}

/// `to += factor * from`.
fn add(to: &mut [f32], factor: f32, from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

/// Kingma & Ba 2015, with the decay of Loshchilov & Hutter 2019.
struct Adam {
    moments: Vec<(f32, f32)>,
    corrections: (f32, f32),
}

impl Adam {
    fn new() -> Self {
        let count = Member::zeros(PROJECTED, HIDDEN).weights().count();
        Self { moments: vec![(0.0, 0.0); count], corrections: (1.0, 1.0) }
    }

    fn step(&mut self, member: &mut Member, gradient: &Member, rate: f32) {
        const FIRST: f32 = 0.9;
        const SECOND: f32 = 0.999;
        self.corrections = (self.corrections.0 * FIRST, self.corrections.1 * SECOND);
        let (first, second) = (1.0 - self.corrections.0, 1.0 - self.corrections.1);
        #[expect(clippy::cast_precision_loss, reason = "a hundred")]
        let batch = BATCH as f32;
        for ((weight, gradient), (mean, square)) in member.weights_mut().zip(gradient.weights()).zip(&mut self.moments)
        {
            let gradient = gradient / batch;
            *mean = FIRST * *mean + (1.0 - FIRST) * gradient;
            *square = SECOND * *square + (1.0 - SECOND) * gradient * gradient;
            *weight -= rate * ((*mean / first) / ((*square / second).sqrt() + 1e-8) + DECAY * *weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::dot;

    /// Clips of noise; in those with the phrase a bump in the first numbers comes before its end.
    fn clips(count: usize, rng: &mut Rng) -> Vec<Clip> {
        let clip = |with: bool, rng: &mut Rng| {
            let mut embeddings = vec![[0.0; EMBEDDING_SIZE]; 40];
            embeddings.iter_mut().flatten().for_each(|value| *value = 2.0 * rng.f32() - 1.0);
            let end = crate::embedding::heard_until(25);
            if with {
                for embedding in embeddings.iter_mut().skip(22).take(4) {
                    embedding.iter_mut().take(6).for_each(|value| *value += 3.0);
                }
            }
            Clip { embeddings, phrase: with.then_some((end - 9_600, end)), is_near: false, samples: 60_000 }
        };
        (0..count).map(|number| clip(number % 2 == 0, rng)).collect()
    }

    #[test]
    fn it_learns_what_is_there_to_learn_and_the_same_each_time() {
        let clips = clips(40, &mut Rng::with_seed(1));
        let windows = Windows::new(&clips);
        let learnt = learn(&windows, 60, 7, &|_| ());
        assert_eq!(learnt, learn(&windows, 60, 7, &|_| ()), "same data, same weights");
        let judged = |places: &[Place]| -> Vec<f32> {
            let judge = |place: &Place| {
                let mut projected = Vec::new();
                windows.window(*place).iter().for_each(|one| learnt.project(one, &mut projected));
                learnt.judge(&projected, &mut Vec::new())
            };
            places.iter().map(judge).collect()
        };
        let right = judged(&windows.phrase).iter().filter(|logit| **logit > 0.0).count();
        assert!(right * 100 > windows.phrase.len() * 95, "{right} of {}", windows.phrase.len());
        let wrong = judged(&windows.other).iter().filter(|logit| **logit > 0.0).count();
        assert!(wrong * 100 < windows.other.len() * 2, "{wrong} of {}", windows.other.len());
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        let clips = clips(2, &mut Rng::with_seed(2));
        let windows = Windows::new(&clips);
        let mut member = beginning(&mut Rng::with_seed(3));
        let place = windows.phrase[0];
        let mut gradient = Member::zeros(PROJECTED, HIDDEN);
        let mut trial = Trial::default();
        trial.look(&windows, place);
        trial.step(&member, true, &mut gradient);
        let count = gradient.weights().count();
        let mut loss = |member: &Member| trial.step(member, true, &mut Member::zeros(PROJECTED, HIDDEN));
        for at in (0..count).step_by(997).chain([count - 1]) {
            let slope = *gradient.weights().nth(at).unwrap();
            let before = loss(&member);
            *member.weights_mut().nth(at).unwrap() += 1e-3;
            let measured = (loss(&member) - before) / 1e-3;
            *member.weights_mut().nth(at).unwrap() -= 1e-3;
            assert!((slope - measured).abs() < 0.02 + 0.05 * slope.abs(), "weight {at}: {slope} and {measured}");
        }
    }

    #[test]
    fn products_are_sums_of_products() {
        let (a, b): (Vec<f32>, Vec<f32>) = ((0..19_u8).map(f32::from).collect(), vec![2.0; 19]);
        assert!((dot(&a, &b) - 342.0).abs() < 1e-3);
    }
}
