//! Learning of one member of a head: gradient descent (Adam, decoupled weight decay) on windows of impressions.
//!
//! One thread and a fixed order of all sums: the same clips and seed give the same weights, bit for bit, on the same kind of
//! processor.

mod gradient;

use fastrand::Rng;

use self::gradient::{Adam, Batch, forward, step};
use super::corpus::{Clip, Moment};
use crate::{
    ears::{Impression, SPECTRUM_SIZE},
    embedding::EMBEDDING_SIZE,
    network::{Layer, Member, PATCH, WINDOW, Widths},
};

const WIDTHS: Widths = Widths { speech: 32, patch: 48, spectrum: 24, hidden: 64 };
/// Windows of one step, and how many of them are the phrase, and from clips with what sounds like it. The more there are of
/// these, the more of the phrase itself is missed in noise, where nobody can tell them apart.
const BATCH: usize = 192;
const BATCH_PHRASE: usize = 48;
const BATCH_NEAR: usize = 16;
/// Steps between two searches for the windows that are hardest to let pass.
const SEARCH_STEPS: usize = 1_000;
/// What a window is disturbed by while it is learnt from, so that it is not learnt by heart: one number of an impression in so
/// many is not there in it, the others are off by up to so many deviations.
const ABSENT: u8 = 16;
const OFF: f32 = 0.25;
/// Impressions that the features of a window are made of.
const SEEN: usize = WINDOW + PATCH - 1;
/// Numbers of an impression.
const NUMBERS: usize = EMBEDDING_SIZE + SPECTRUM_SIZE;

/// A window: a clip, and the number of its last impression.
type Place = (u32, u32);

/// All windows of all clips.
pub(crate) struct Windows<'a> {
    clips: &'a [Clip],
    phrase: Vec<Place>,
    near: Vec<Place>,
    other: Vec<Place>,
    spread: Spread,
}

impl<'a> Windows<'a> {
    pub(crate) fn new(clips: &'a [Clip]) -> Self {
        let (mut phrase, mut near, mut other) = (Vec::new(), Vec::new(), Vec::new());
        for (number, clip) in (0..).zip(clips) {
            for last in SEEN - 1..clip.impressions.len() {
                let place = (number, u32::try_from(last).unwrap_or(u32::MAX));
                match clip.moment(last) {
                    Moment::Phrase => phrase.push(place),
                    Moment::Other if clip.is_near => near.push(place),
                    Moment::Other => other.push(place),
                    Moment::Between => {}
                }
            }
        }
        Self { clips, phrase, near, other, spread: Spread::of(clips) }
    }

    /// How many windows are the phrase, and how many are not.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.phrase.len(), self.near.len() + self.other.len())
    }

    /// The impressions that a window is made of.
    fn seen(&self, (clip, last): Place) -> &[Impression] {
        let end = last as usize + 1;
        let impressions = self.clips.get(clip as usize).map_or(&[][..], |clip| &clip.impressions);
        impressions.get(end.saturating_sub(SEEN)..end).unwrap_or_default()
    }
}

/// Mean and one over the deviation of each number of an impression.
struct Spread {
    mean: [f32; NUMBERS],
    scale: [f32; NUMBERS],
}

impl Spread {
    #[expect(clippy::cast_possible_truncation, reason = "sums of doubles, rounded at the end")]
    fn of(clips: &[Clip]) -> Self {
        let mut sums = [(0.0_f64, 0.0_f64); NUMBERS];
        let mut count = 0.0_f64;
        for impression in clips.iter().flat_map(|clip| &clip.impressions) {
            count += 1.0;
            for ((sum, squares), value) in sums.iter_mut().zip(numbers(impression)) {
                *sum += f64::from(value);
                *squares += f64::from(value).powi(2);
            }
        }
        let count = count.max(1.0);
        let deviation = |(sum, squares): (f64, f64)| (squares / count - (sum / count).powi(2)).max(0.0).sqrt();
        Self {
            mean: sums.map(|(sum, _)| (sum / count) as f32),
            scale: sums.map(|sums| (1.0 / (deviation(sums) + 1e-3)) as f32),
        }
    }

    /// An impression's numbers, of mean 0 and deviation 1.
    fn normal(&self, impression: &Impression) -> impl Iterator<Item = f32> {
        numbers(impression).zip(&self.mean).zip(&self.scale).map(|((value, mean), scale)| (value - mean) * scale)
    }

    /// A member for impressions as they come, from one for normal ones.
    fn folded(&self, member: &Member) -> Member {
        let mut member = member.clone();
        let parts = (self.mean.split_at(EMBEDDING_SIZE), self.scale.split_at(EMBEDDING_SIZE));
        let ((speech_mean, spectrum_mean), (speech_scale, spectrum_scale)) = parts;
        fold(&mut member.speech, speech_mean, speech_scale);
        fold(&mut member.patch, &spectrum_mean.repeat(PATCH), &spectrum_scale.repeat(PATCH));
        member
    }
}

fn fold(layer: &mut Layer, mean: &[f32], scale: &[f32]) {
    for (row, bias) in layer.weights.chunks_exact_mut(layer.inputs).zip(&mut layer.bias) {
        for ((weight, scale), mean) in row.iter_mut().zip(scale).zip(mean) {
            *weight *= scale;
            *bias -= *weight * mean;
        }
    }
}

fn numbers(impression: &Impression) -> impl Iterator<Item = f32> {
    impression.speech.iter().chain(&impression.spectrum).copied()
}

/// Learns one member.
pub(crate) fn learn(windows: &Windows<'_>, steps: usize, seed: u64, report: &dyn Fn(String)) -> Member {
    let mut rng = Rng::with_seed(seed);
    let mut member = beginning(&mut rng);
    let mut optimizer = Adam::new(&member);
    let mut hard: Vec<Place> = Vec::new();
    let mut loss = 0.0;
    for number in 0..steps {
        if number > 0 && number % SEARCH_STEPS == 0 {
            #[expect(clippy::cast_precision_loss, reason = "a mean")]
            let mean = loss / SEARCH_STEPS as f32;
            report(format!("step {number} of {steps}: loss {mean:.4}"));
            loss = 0.0;
            hard = hardest(windows, &member);
        }
        let mut seen = Vec::with_capacity(BATCH * SEEN * NUMBERS);
        let mut wanted = Vec::with_capacity(BATCH);
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
            let begins = seen.len();
            seen.extend(windows.seen(*place).iter().flat_map(|one| windows.spread.normal(one)));
            disturb(seen.get_mut(begins..).unwrap_or_default(), &mut rng);
            wanted.push(f32::from(u8::from(is_phrase)));
        }
        let (batch_loss, gradient) = step(&member, &Batch::of_windows(&seen, wanted.len()), &wanted);
        loss += batch_loss;
        #[expect(clippy::cast_precision_loss, reason = "thousands of steps")]
        let rate = 1.5e-3 * (1.0 - number as f32 / steps as f32).max(0.02);
        optimizer.step(&mut member, &gradient, rate);
    }
    windows.spread.folded(&member)
}

fn disturb(seen: &mut [f32], rng: &mut Rng) {
    let kept: [bool; NUMBERS] = std::array::from_fn(|_| rng.u8(..ABSENT) > 0);
    for impression in seen.chunks_exact_mut(NUMBERS) {
        for (value, kept) in impression.iter_mut().zip(kept) {
            *value = if kept { *value + OFF * (2.0 * rng.f32() - 1.0) } else { 0.0 };
        }
    }
}

fn beginning(rng: &mut Rng) -> Member {
    let mut member = Member::zeros(WIDTHS);
    for layer in member.layers_mut() {
        #[expect(clippy::cast_precision_loss, reason = "hundreds")]
        let size = (6.0 / layer.inputs as f32).sqrt();
        for weight in &mut layer.weights {
            *weight = size * (2.0 * rng.f32() - 1.0);
        }
    }
    member
}

/// The windows without the phrase that sound most like it: one in 25.
fn hardest(windows: &Windows<'_>, member: &Member) -> Vec<Place> {
    let mut scored = Vec::with_capacity(windows.other.len());
    for of_clip in windows.other.chunk_by(|one, next| one.0 == next.0) {
        let Some(clip) = of_clip.first().and_then(|(number, _)| windows.clips.get(*number as usize)) else { continue };
        let seen: Vec<f32> = clip.impressions.iter().flat_map(|one| windows.spread.normal(one)).collect();
        let logits = forward(member, &Batch::of_clip(&seen)).logits;
        let score = |place: &Place| logits.get((place.1 as usize).saturating_sub(SEEN - 1)).copied();
        scored.extend(of_clip.iter().filter_map(|place| Some((score(place)?, *place))));
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.truncate(scored.len() / 25);
    scored.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Patch, View};

    /// Clips of noise; in those with the phrase a bump comes before its end, in the first numbers of the embedding and of the
    /// spectrum.
    fn clips(count: usize, rng: &mut Rng) -> Vec<Clip> {
        let clip = |with: bool, rng: &mut Rng| {
            let mut impressions =
                vec![Impression { speech: [0.0; EMBEDDING_SIZE], spectrum: [0.0; SPECTRUM_SIZE] }; 40];
            for one in &mut impressions {
                one.speech.iter_mut().chain(&mut one.spectrum).for_each(|value| *value = 2.0 * rng.f32() - 1.0);
            }
            let end = crate::ears::heard_until(25);
            if with {
                for one in impressions.iter_mut().skip(22).take(4) {
                    one.speech
                        .iter_mut()
                        .take(6)
                        .chain(one.spectrum.iter_mut().take(6))
                        .for_each(|value| *value += 2.0);
                }
            }
            Clip { impressions, phrase: with.then_some((end - 9_600, end)), is_near: false, samples: 60_000 }
        };
        (0..count).map(|number| clip(number % 2 == 0, rng)).collect()
    }

    /// What a learnt member says of windows, impression by impression, as a detector does.
    fn judged(member: &Member, windows: &Windows<'_>, places: &[Place]) -> Vec<f32> {
        let judge = |place: &Place| {
            let (mut patch, mut view) = (Patch::default(), View::default());
            let hear = |one| patch.push(one).and_then(|patch| view.judge(member, one, patch));
            windows.seen(*place).iter().filter_map(hear).last().unwrap()
        };
        places.iter().map(judge).collect()
    }

    #[test]
    fn it_learns_what_is_there_to_learn_and_the_same_each_time() {
        let clips = clips(40, &mut Rng::with_seed(1));
        let windows = Windows::new(&clips);
        let learnt = learn(&windows, 60, 7, &|_| ());
        assert_eq!(learnt, learn(&windows, 60, 7, &|_| ()), "same data, same weights");
        let right = judged(&learnt, &windows, &windows.phrase).iter().filter(|logit| **logit > 0.0).count();
        assert!(right * 100 > windows.phrase.len() * 95, "{right} of {}", windows.phrase.len());
        let wrong = judged(&learnt, &windows, &windows.other).iter().filter(|logit| **logit > 0.0).count();
        assert!(wrong * 100 < windows.other.len() * 2, "{wrong} of {}", windows.other.len());
    }

    #[test]
    fn a_batch_a_clip_and_a_detector_come_to_the_same_opinion() {
        let clips = clips(2, &mut Rng::with_seed(2));
        let windows = Windows::new(&clips);
        let member = beginning(&mut Rng::with_seed(3));
        let places: Vec<Place> = (SEEN - 1..40).map(|last| (0, u32::try_from(last).unwrap())).collect();
        let one_by_one = judged(&windows.spread.folded(&member), &windows, &places);
        let normal = |place: &Place| -> Vec<f32> {
            windows.seen(*place).iter().flat_map(|one| windows.spread.normal(one)).collect()
        };
        let seen: Vec<f32> = places.iter().flat_map(normal).collect();
        let together = forward(&member, &Batch::of_windows(&seen, places.len())).logits;
        let whole: Vec<f32> = clips[0].impressions.iter().flat_map(|one| windows.spread.normal(one)).collect();
        let in_clip = forward(&member, &Batch::of_clip(&whole)).logits;
        assert_eq!((together.len(), in_clip.len()), (places.len(), places.len()));
        for ((one, other), third) in one_by_one.iter().zip(together).zip(in_clip) {
            assert!((one - other).abs() < 1e-2 && (one - third).abs() < 1e-2, "{one}, {other}, {third}");
        }
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        let clips = clips(2, &mut Rng::with_seed(2));
        let windows = Windows::new(&clips);
        let mut member = beginning(&mut Rng::with_seed(3));
        let places = [windows.phrase[0], windows.other[0]];
        let seen: Vec<f32> = places
            .iter()
            .flat_map(|place| windows.seen(*place).iter().flat_map(|one| windows.spread.normal(one)))
            .collect();
        let batch = Batch::of_windows(&seen, 2);
        let (_, gradient) = step(&member, &batch, &[1.0, 0.0]);
        let count = gradient.weights().count();
        for at in (0..count).step_by(997).chain([count - 1]) {
            let slope = *gradient.weights().nth(at).unwrap();
            let mut loss = |change: f32| {
                *member.weights_mut().nth(at).unwrap() += change;
                step(&member, &batch, &[1.0, 0.0]).0
            };
            let (above, below) = (loss(1e-3), loss(-2e-3));
            loss(1e-3);
            let measured = (above - below) / 2e-3;
            assert!((slope - measured).abs() < 0.002 + 0.1 * slope.abs(), "weight {at}: {slope} and {measured}");
        }
    }
}
