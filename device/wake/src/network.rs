//! The small network of a head, once it has learnt: layers, and what they make of impressions.
//!
//! Of each impression a few features are made, the same way every time: some of its embedding, and, by two layers, some of the
//! spectrum of the last three impressions (0.24 s, about a sound of speech and those beside it). A hidden layer looks at the
//! features of sixteen impressions (1.28 s) together. How it learns stands in `training/learning.rs`.

use crate::{
    ears::{Impression, SPECTRUM_SIZE},
    embedding::EMBEDDING_SIZE,
};

/// Impressions whose features a head looks at.
pub(crate) const WINDOW: usize = 16;

/// Impressions whose spectra make the features of one moment.
pub(crate) const PATCH: usize = 3;

/// Numbers of a patch: the spectra of its impressions, one after the other.
pub(crate) const PATCH_SIZE: usize = PATCH * SPECTRUM_SIZE;

/// How wide the layers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Widths {
    /// Features of an embedding.
    pub(crate) speech: usize,
    /// The first layer over a patch.
    pub(crate) patch: usize,
    /// Features of a patch.
    pub(crate) spectrum: usize,
    /// The layer over the window.
    pub(crate) hidden: usize,
}

impl Widths {
    /// Features of a moment.
    pub(crate) fn features(self) -> usize {
        self.speech + self.spectrum
    }

    /// Weights and biases of a member.
    pub(crate) fn weights(self) -> usize {
        let Self { speech, patch, spectrum, hidden } = self;
        let of_moments = speech * (EMBEDDING_SIZE + 1) + patch * (PATCH_SIZE + 1) + spectrum * (patch + 1);
        of_moments + hidden * (WINDOW * self.features() + 2) + 1
    }
}

/// A layer: each of its outputs is a weighted sum of all inputs and a bias. Weights follow each other output by output.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layer {
    pub(crate) inputs: usize,
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl Layer {
    /// Of zeros.
    pub(crate) fn zeros(inputs: usize, outputs: usize) -> Self {
        Self { inputs, weights: vec![0.0; inputs * outputs], bias: vec![0.0; outputs] }
    }

    /// Appends to `to` what it makes of an input; what is below zero counts as zero.
    fn rectified(&self, input: &[f32], to: &mut Vec<f32>) {
        to.extend(self.sums(input).map(|sum| sum.max(0.0)));
    }

    fn sums(&self, input: &[f32]) -> impl Iterator<Item = f32> {
        self.weights.chunks_exact(self.inputs.max(1)).zip(&self.bias).map(move |(row, bias)| dot(row, input) + bias)
    }
}

/// A network of one head.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) speech: Layer,
    pub(crate) patch: Layer,
    pub(crate) spectrum: Layer,
    pub(crate) hidden: Layer,
    pub(crate) output: Layer,
}

impl Member {
    /// Of zeros.
    pub(crate) fn zeros(widths: Widths) -> Self {
        Self {
            speech: Layer::zeros(EMBEDDING_SIZE, widths.speech),
            patch: Layer::zeros(PATCH_SIZE, widths.patch),
            spectrum: Layer::zeros(widths.patch, widths.spectrum),
            hidden: Layer::zeros(WINDOW * widths.features(), widths.hidden),
            output: Layer::zeros(widths.hidden, 1),
        }
    }

    pub(crate) fn widths(&self) -> Widths {
        let [speech, patch, spectrum, hidden] =
            [&self.speech, &self.patch, &self.spectrum, &self.hidden].map(|layer| layer.bias.len());
        Widths { speech, patch, spectrum, hidden }
    }

    /// The layers, in the order of the file.
    pub(crate) fn layers(&self) -> [&Layer; 5] {
        [&self.speech, &self.patch, &self.spectrum, &self.hidden, &self.output]
    }

    /// The same, to be changed.
    pub(crate) fn layers_mut(&mut self) -> [&mut Layer; 5] {
        [&mut self.speech, &mut self.patch, &mut self.spectrum, &mut self.hidden, &mut self.output]
    }

    /// All weights and biases, layer by layer.
    pub(crate) fn weights(&self) -> impl Iterator<Item = &f32> {
        self.layers().into_iter().flat_map(|layer| layer.weights.iter().chain(&layer.bias))
    }

    /// The same, to be changed.
    pub(crate) fn weights_mut(&mut self) -> impl Iterator<Item = &mut f32> {
        self.layers_mut().into_iter().flat_map(|layer| layer.weights.iter_mut().chain(&mut layer.bias))
    }
}

/// What a member has in view.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// Features, moment by moment.
    features: Vec<f32>,
    hidden: Vec<f32>,
}

impl View {
    /// Forgets what was seen.
    pub(crate) fn clear(&mut self) {
        self.features.clear();
    }

    /// The opinion of the member, as a logit, with the newest impression and its patch in view. `None` until the window is
    /// full.
    pub(crate) fn judge(&mut self, member: &Member, newest: &Impression, patch: &[f32]) -> Option<f32> {
        let Self { features, hidden } = self;
        member.speech.rectified(&newest.speech, features);
        hidden.clear();
        member.patch.rectified(patch, hidden);
        member.spectrum.rectified(hidden, features);
        let before = features.len().checked_sub(member.hidden.inputs)?;
        features.drain(..before);
        hidden.clear();
        member.hidden.rectified(features, hidden);
        member.output.sums(hidden).next()
    }
}

/// The spectra of the last impressions.
#[derive(Debug, Default)]
pub(crate) struct Patch(Vec<f32>);

impl Patch {
    /// Forgets them.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Those that end with this one, once there are enough.
    pub(crate) fn push(&mut self, newest: &Impression) -> Option<&[f32]> {
        self.0.extend(newest.spectrum);
        let before = self.0.len().checked_sub(PATCH_SIZE)?;
        self.0.drain(..before);
        Some(&self.0)
    }
}

/// Eight sums side by side, which a compiler can keep in one register; the order is fixed, so the result is.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A member whose logit is the newest embedding's first number minus its second.
    pub(crate) fn difference() -> Member {
        let mut member = Member::zeros(Widths { speech: 2, patch: 1, spectrum: 1, hidden: 2 });
        member.speech.weights[0] = 1.0;
        member.speech.weights[EMBEDDING_SIZE + 1] = 1.0;
        let newest = 3 * (WINDOW - 1);
        member.hidden.weights[newest] = 1.0;
        member.hidden.weights[3 * WINDOW + newest + 1] = 1.0;
        member.output.weights = vec![1.0, -1.0];
        member
    }

    fn impression(number: f32) -> Impression {
        Impression { speech: [number; EMBEDDING_SIZE], spectrum: [number; SPECTRUM_SIZE] }
    }

    #[test]
    fn products_are_sums_of_products() {
        let (a, b): (Vec<f32>, Vec<f32>) = ((0..19_u8).map(f32::from).collect(), vec![2.0; 19]);
        assert!((dot(&a, &b) - 342.0).abs() < 1e-3);
    }

    #[test]
    fn a_patch_is_the_newest_spectra_the_oldest_first() {
        let mut patch = Patch::default();
        assert_eq!(patch.push(&impression(1.0)), None);
        assert_eq!(patch.push(&impression(2.0)), None);
        for newest in [3.0, 4.0] {
            let found = patch.push(&impression(newest)).unwrap();
            assert_eq!(found.len(), PATCH_SIZE);
            let beginnings: Vec<f32> = found.iter().copied().step_by(SPECTRUM_SIZE).collect();
            assert_eq!(beginnings, vec![newest - 2.0, newest - 1.0, newest]);
        }
        patch.clear();
        assert_eq!(patch.push(&impression(5.0)), None);
    }

    #[test]
    fn the_window_is_full_after_sixteen_and_then_moves_on() {
        // The one feature of the spectrum is the newest spectrum's last number; the logit, what it was at the beginning of
        // the window.
        let mut member = Member::zeros(Widths { speech: 1, patch: 1, spectrum: 1, hidden: 1 });
        member.patch.weights[PATCH_SIZE - 1] = 1.0;
        member.spectrum.weights[0] = 1.0;
        member.hidden.weights[1] = 1.0;
        member.output.weights[0] = 1.0;
        let (mut view, mut patch) = (View::default(), Patch::default());
        let mut logits = Vec::new();
        for number in 0..20_u8 {
            let newest = impression(number.into());
            if let Some(patch) = patch.push(&newest) {
                logits.push(view.judge(&member, &newest, patch));
            }
        }
        assert_eq!(logits.len(), 18);
        assert!(logits[..15].iter().all(Option::is_none));
        assert_eq!(logits[15..], [Some(2.0), Some(3.0), Some(4.0)]);
    }
}
