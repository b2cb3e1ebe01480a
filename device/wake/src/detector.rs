//! From impressions to the wake word: scores over time.
//!
//! One window with a high score is not enough: the mean of three in a row must reach the threshold. A phrase that was really
//! said stays in view for that long; what only sounds like it for a moment does not. A phrase is reported once in two seconds
//! at most, and of phrases that are alike the same sound is one only.

use std::{collections::VecDeque, sync::Arc};

use crate::{
    ears::{Ears, Impression},
    embedding::WakeError,
    head::Head,
    network::{Patch, View},
};

/// Scores that are averaged.
const SMOOTHED: usize = 3;
/// Steps of 80 ms until a phrase can be reported again: two seconds.
const REFRACTORY_STEPS: usize = 25;
/// Until another one can be: longer than the end of one phrase is in view.
const SAME_SOUND_STEPS: usize = 6;
/// How far the threshold moves, as a logit, from middling (0.5) to least or greatest sensitivity.
const SENSITIVITY_LOGITS: f32 = 4.0;

/// How readily a detector believes that it heard a phrase: from 0 (hardly ever) to 1 (easily).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sensitivity(f32);

impl Sensitivity {
    /// `None` if it is not from 0 to 1.
    pub fn new(value: f32) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The logit from which on a head's phrase counts as said.
    pub(crate) fn threshold(self, head: &Head) -> f32 {
        head.threshold() + (0.5 - self.0) * 2.0 * SENSITIVITY_LOGITS
    }
}

impl Default for Sensitivity {
    /// Rather too ready than deaf: what was no phrase ends silently on the hub.
    fn default() -> Self {
        Self(0.8)
    }
}

/// A wake word was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Wake {
    /// Which one.
    pub phrase: Arc<str>,
    /// How sure that is, from 0 to 1. Of several satellites that heard it, the one with the best score answers.
    pub score: f32,
}

/// One phrase listened for.
struct Watch {
    phrase: Arc<str>,
    head: Head,
    /// The logit from which on it counts as said.
    threshold: f32,
    /// One for each member.
    views: Vec<View>,
    scores: VecDeque<f32>,
    rest: Rest,
}

impl Watch {
    fn new((head, sensitivity): (Head, Sensitivity)) -> Self {
        let views = head.members().iter().map(|_| View::default()).collect();
        let threshold = sensitivity.threshold(&head);
        Self { phrase: head.phrase().into(), head, threshold, views, scores: VecDeque::new(), rest: Rest::default() }
    }

    fn forget(&mut self) {
        self.views.iter_mut().for_each(View::clear);
        self.scores.clear();
        self.rest = Rest::default();
    }

    /// The mean of the last scores, as a logit, once there are enough.
    #[expect(clippy::cast_precision_loss, reason = "three, and a few members")]
    fn hear(&mut self, newest: &Impression, patch: &[f32]) -> Option<f32> {
        let mut sum = 0.0;
        let mut is_full = true;
        for (member, view) in self.head.members().iter().zip(&mut self.views) {
            match view.judge(member, newest, patch) {
                Some(opinion) => sum += opinion,
                None => is_full = false,
            }
        }
        if !is_full {
            return None;
        }
        self.scores.push_back(sum / self.views.len() as f32);
        if self.scores.len() > SMOOTHED {
            self.scores.pop_front();
        }
        (self.scores.len() == SMOOTHED).then(|| self.scores.iter().sum::<f32>() / SMOOTHED as f32)
    }
}

/// What decides, impression by impression, whether a phrase was said. [`Detector`] adds the ears.
pub struct Attention {
    watches: Vec<Watch>,
    patch: Patch,
    /// Of all of them.
    rest: Rest,
}

impl Attention {
    /// Listens for the phrases of these heads, each as readily as is said.
    pub fn new(heads: impl IntoIterator<Item = (Head, Sensitivity)>) -> Result<Self, WakeError> {
        let watches: Vec<_> = heads.into_iter().map(Watch::new).collect();
        if watches.is_empty() {
            Err(WakeError::NoHeads)
        } else {
            Ok(Self { watches, patch: Patch::default(), rest: Rest::default() })
        }
    }

    /// Forgets what was heard.
    pub fn reset(&mut self) {
        self.watches.iter_mut().for_each(Watch::forget);
        self.patch.clear();
        self.rest = Rest::default();
    }

    /// The phrase that is best above its threshold now, of those that do not rest.
    pub fn hear(&mut self, newest: &Impression) -> Option<Wake> {
        let patch = self.patch.push(newest)?;
        let is_new_sound = self.rest.passes();
        let mut best: Option<(f32, f32, &mut Watch)> = None;
        for watch in &mut self.watches {
            let is_rested = watch.rest.passes();
            let Some(logit) = watch.hear(newest, patch) else { continue };
            let above = logit - watch.threshold;
            let is_heard = is_new_sound && is_rested && above >= 0.0;
            if is_heard && best.as_ref().is_none_or(|(most, ..)| above > *most) {
                best = Some((above, logit, watch));
            }
        }
        let (_, logit, watch) = best?;
        watch.rest = Rest(REFRACTORY_STEPS);
        self.rest = Rest(SAME_SOUND_STEPS);
        Some(Wake { phrase: Arc::clone(&watch.phrase), score: sigmoid(logit) })
    }

    /// The present score of each phrase as a logit, before any threshold, once there are enough impressions. Takes one as
    /// [`Self::hear`] does.
    pub fn logits(&mut self, newest: &Impression) -> Vec<Option<f32>> {
        let Some(patch) = self.patch.push(newest) else { return Vec::new() };
        self.watches.iter_mut().map(|watch| watch.hear(newest, patch)).collect()
    }
}

/// Where in a row of scores of one phrase it is reported.
pub(crate) fn events(scores: &[Option<f32>], threshold: f32) -> Vec<usize> {
    let mut rest = Rest::default();
    let mut reported = Vec::new();
    for (number, score) in scores.iter().enumerate() {
        if rest.passes() && score.is_some_and(|score| score >= threshold) {
            rest = Rest(REFRACTORY_STEPS);
            reported.push(number);
        }
    }
    reported
}

/// Steps until something can be reported again.
#[derive(Default)]
struct Rest(usize);

impl Rest {
    /// A step passes; whether the rest is over.
    fn passes(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 == 0
    }
}

fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// Hears wake words in sound.
pub struct Detector {
    ears: Ears,
    attention: Attention,
}

impl Detector {
    /// Listens for the phrases of these heads, each as readily as is said.
    pub fn new(heads: impl IntoIterator<Item = (Head, Sensitivity)>) -> Result<Self, WakeError> {
        Ok(Self { ears: Ears::new()?, attention: Attention::new(heads)? })
    }

    /// Takes the next sound (mono, 16 kHz, -1 to 1), as much or as little as there is, and says whether a phrase ended in
    /// it. Within two seconds of sound each is heard once at most.
    pub fn push(&mut self, frame: &[f32]) -> Result<Option<Wake>, WakeError> {
        let mut heard = None;
        self.ears.push(frame, |impression| {
            let wake = self.attention.hear(impression);
            heard = heard.take().or(wake);
        })?;
        Ok(heard)
    }

    /// Forgets what was heard, as after a pause or on unmuting.
    pub fn reset(&mut self) -> Result<(), WakeError> {
        self.attention.reset();
        self.ears.reset()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        ears::SPECTRUM_SIZE,
        embedding::EMBEDDING_SIZE,
        head::tests::difference,
        network::{PATCH, WINDOW},
        spectrogram::tests::signal,
    };

    /// Impressions until there is a score.
    const BEFORE: usize = PATCH - 1 + WINDOW + SMOOTHED;

    fn impression(logit: f32) -> Impression {
        let mut speech = [0.0; EMBEDDING_SIZE];
        speech[0] = logit.max(0.0);
        speech[1] = (-logit).max(0.0);
        Impression { speech, spectrum: [0.0; SPECTRUM_SIZE] }
    }

    fn attention(phrases: &[(&str, f32)], sensitivity: f32) -> Attention {
        let sensitivity = Sensitivity::new(sensitivity).unwrap();
        Attention::new(phrases.iter().map(|(phrase, threshold)| (difference(phrase, *threshold), sensitivity))).unwrap()
    }

    /// After silence, the numbers of the steps at which something was heard.
    fn heard(attention: &mut Attention, logits: &[f32]) -> Vec<usize> {
        for _ in 0..BEFORE {
            assert_eq!(attention.hear(&impression(-9.0)), None);
        }
        let logits = logits.iter().enumerate();
        logits.filter(|(_, logit)| attention.hear(&impression(**logit)).is_some()).map(|(step, _)| step).collect()
    }

    #[test]
    fn a_moment_is_not_enough_and_three_are() {
        assert_eq!(heard(&mut attention(&[("a", 2.0)], 0.5), &[6.0, -9.0, -9.0, -9.0]), [0_usize; 0]);
        assert_eq!(heard(&mut attention(&[("a", 2.0)], 0.5), &[6.0, 6.0, 6.0, 6.0]), [2]);
    }

    #[test]
    fn after_a_wake_word_there_is_none_for_two_seconds() {
        let all = heard(&mut attention(&[("a", 2.0)], 0.5), &[6.0; 60]);
        assert_eq!(all, [2, 2 + REFRACTORY_STEPS, 2 + 2 * REFRACTORY_STEPS]);
    }

    #[test]
    fn a_sound_is_one_phrase_and_another_can_follow_soon() {
        let mut both = attention(&[("a", 2.0), ("b", 5.0)], 0.5);
        let mut wakes = Vec::new();
        for (step, logit) in [[-9.0; BEFORE].as_slice(), &[3.0; 3], &[6.0; 30]].concat().into_iter().enumerate() {
            wakes.extend(both.hear(&impression(logit)).map(|wake| (step - BEFORE, wake.phrase.to_string())));
        }
        let expected = [(2, "a"), (2 + SAME_SOUND_STEPS, "b"), (2 + REFRACTORY_STEPS, "a")];
        assert_eq!(wakes, expected.map(|(step, phrase)| (step, phrase.to_owned())));
    }

    #[test]
    fn the_phrase_that_is_most_above_its_threshold_is_named() {
        let mut both = attention(&[("a", 5.0), ("b", 2.0)], 0.5);
        for _ in 0..BEFORE {
            assert_eq!(both.hear(&impression(-9.0)), None);
        }
        let wakes: Vec<_> = (0..4).filter_map(|_| both.hear(&impression(6.0))).collect();
        assert_eq!(wakes.len(), 1);
        assert_eq!(&*wakes[0].phrase, "b");
        assert!(wakes[0].score > 0.5 && wakes[0].score <= 1.0);
    }

    #[test]
    fn sensitivity_moves_the_threshold() {
        let steps = |sensitivity| heard(&mut attention(&[("a", 2.0)], sensitivity), &[3.0; 8]).len();
        assert_eq!([steps(0.0), steps(0.5), steps(1.0)], [0, 1, 1]);
        assert_eq!([Sensitivity::new(-0.1), Sensitivity::new(1.1), Sensitivity::new(f32::NAN)], [None; 3]);
    }

    #[test]
    fn without_a_head_there_is_no_detector() {
        assert!(matches!(Detector::new([]), Err(WakeError::NoHeads)));
    }

    proptest! {
        #[test]
        fn events_are_what_attention_reports(logits in prop::collection::vec(-6_f32..8.0, 0..120), reset: bool) {
            let mut attention = attention(&[("a", 1.0)], 0.5);
            if reset {
                heard(&mut attention, &[6.0; 5]);
                attention.reset();
            }
            let reported: Vec<_> = logits.iter().map(|logit| attention.hear(&impression(*logit)).is_some()).collect();
            attention.reset();
            let scores: Vec<_> = logits.iter().map(|logit| attention.logits(&impression(*logit)).into_iter().flatten().next()).collect();
            let reported: Vec<_> = reported.iter().enumerate().filter(|(_, yes)| **yes).map(|(step, _)| step).collect();
            prop_assert_eq!(events(&scores, 1.0), reported);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4))]
        #[test]
        fn no_sound_is_an_error(sound in prop::collection::vec(any::<f32>(), 0..4_000), size in 1_usize..5_000) {
            let mut detector = Detector::new([(difference("a", 0.0), Sensitivity::default())]).unwrap();
            for piece in sound.iter().chain(&signal()).copied().collect::<Vec<_>>().chunks(size) {
                prop_assert!(detector.push(piece).is_ok());
            }
            prop_assert!(detector.reset().is_ok());
        }
    }
}
