//! Many windows at once through a member and back: what it says, how wrong that is, and how each weight is to blame.
//!
//! Rows are moments or windows, columns are numbers. Products of matrices are `ndarray`'s.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::{NUMBERS, SEEN};
use crate::{
    ears::SPECTRUM_SIZE,
    embedding::EMBEDDING_SIZE,
    network::{Layer, Member, PATCH, PATCH_SIZE, WINDOW},
};

/// What is looked at: moments, and where among them windows begin.
pub(super) struct Batch {
    /// A row of embeddings for each moment.
    speech: Array2<f32>,
    /// A row of patches for each moment.
    patches: Array2<f32>,
    /// The first moment of each window.
    begins: Vec<usize>,
}

impl Batch {
    /// So many windows, each of the impressions that it is made of, normal.
    pub(super) fn of_windows(seen: &[f32], count: usize) -> Self {
        let mut batch = Self::empty(count * WINDOW);
        for (number, window) in seen.chunks_exact(SEEN * NUMBERS).take(count).enumerate() {
            batch.take(number * WINDOW, window);
            batch.begins.push(number * WINDOW);
        }
        batch
    }

    /// All windows of a clip, normal.
    pub(super) fn of_clip(impressions: &[f32]) -> Self {
        let moments = (impressions.len() / NUMBERS).saturating_sub(PATCH - 1);
        let mut batch = Self::empty(moments);
        batch.take(0, impressions);
        batch.begins = (0..(moments + 1).saturating_sub(WINDOW)).collect();
        batch
    }

    fn empty(moments: usize) -> Self {
        let begins = Vec::new();
        Self { speech: Array2::zeros((moments, EMBEDDING_SIZE)), patches: Array2::zeros((moments, PATCH_SIZE)), begins }
    }

    /// Impressions that follow each other, as moments from this row on.
    fn take(&mut self, first: usize, impressions: &[f32]) {
        for (later, number) in (PATCH - 1..impressions.len() / NUMBERS).enumerate() {
            let one = |number: usize| impressions.get(number * NUMBERS..(number + 1) * NUMBERS).unwrap_or_default();
            let speech = one(number).iter().take(EMBEDDING_SIZE);
            self.speech.row_mut(first + later).iter_mut().zip(speech).for_each(|(to, from)| *to = *from);
            let spectra = (number + 1 - PATCH..=number).flat_map(|number| one(number).iter().skip(EMBEDDING_SIZE));
            debug_assert_eq!(spectra.clone().count(), PATCH * SPECTRUM_SIZE);
            self.patches.row_mut(first + later).iter_mut().zip(spectra).for_each(|(to, from)| *to = *from);
        }
    }
}

/// What each layer made of a batch.
pub(super) struct Passed {
    speech: Array2<f32>,
    patch: Array2<f32>,
    spectrum: Array2<f32>,
    windows: Array2<f32>,
    hidden: Array2<f32>,
    /// The opinion on each window.
    pub(super) logits: Array1<f32>,
}

/// What a member makes of a batch.
pub(super) fn forward(member: &Member, batch: &Batch) -> Passed {
    let speech = rectified(sums(&member.speech, &batch.speech));
    let patch = rectified(sums(&member.patch, &batch.patches));
    let spectrum = rectified(sums(&member.spectrum, &patch));
    let mut windows = Array2::zeros((batch.begins.len(), member.hidden.inputs));
    for (mut row, begins) in windows.rows_mut().into_iter().zip(&batch.begins) {
        let moments = speech.rows().into_iter().zip(spectrum.rows()).skip(*begins).take(WINDOW);
        let features = moments.flat_map(|(speech, spectrum)| speech.into_iter().chain(spectrum));
        row.iter_mut().zip(features).for_each(|(to, from)| *to = *from);
    }
    let hidden = rectified(sums(&member.hidden, &windows));
    let logits = sums(&member.output, &hidden).remove_axis(Axis(1));
    Passed { speech, patch, spectrum, windows, hidden, logits }
}

/// The mean loss (cross entropy) of windows that do not share moments, and its gradient.
#[expect(clippy::cast_precision_loss, reason = "hundreds")]
pub(super) fn step(member: &Member, batch: &Batch, wanted: &[f32]) -> (f32, Member) {
    let passed = forward(member, batch);
    let mut gradient = Member::zeros(member.widths());
    let count = wanted.len().max(1) as f32;
    let errors =
        passed.logits.iter().zip(wanted).map(|(logit, wanted)| (1.0 / (1.0 + (-logit).exp()) - wanted) / count);
    let errors = Array1::from_iter(errors).insert_axis(Axis(1));
    blame(&mut gradient.output, &errors, &passed.hidden);
    let hidden = behind(errors.dot(&weights(&member.output)), &passed.hidden);
    blame(&mut gradient.hidden, &hidden, &passed.windows);
    let windows = hidden.dot(&weights(&member.hidden));
    let features = member.widths().features();
    let by_moment = windows.rows().into_iter().flat_map(|row| row.to_vec()).collect();
    // As many numbers as there are, by construction.
    let moments = Array2::from_shape_vec((windows.nrows() * WINDOW, features), by_moment)
        .unwrap_or_else(|_wrong_shape| Array2::zeros((windows.nrows() * WINDOW, features)));
    let (of_speech, of_spectrum) = moments.view().split_at(Axis(1), member.widths().speech);
    let speech = behind(of_speech.to_owned(), &passed.speech);
    blame(&mut gradient.speech, &speech, &batch.speech);
    let spectrum = behind(of_spectrum.to_owned(), &passed.spectrum);
    blame(&mut gradient.spectrum, &spectrum, &passed.patch);
    let patch = behind(spectrum.dot(&weights(&member.spectrum)), &passed.patch);
    blame(&mut gradient.patch, &patch, &batch.patches);
    let loss = |(logit, wanted): (&f32, &f32)| {
        let signed = if *wanted > 0.5 { -logit } else { *logit };
        signed.max(0.0) + (-signed.abs()).exp().ln_1p()
    };
    (passed.logits.iter().zip(wanted).map(loss).sum::<f32>() / count, gradient)
}

/// Outputs by inputs.
fn weights(layer: &Layer) -> ArrayView2<'_, f32> {
    let shape = (layer.bias.len(), layer.inputs);
    // As many weights as there are, by construction.
    ArrayView2::from_shape(shape, &layer.weights).unwrap_or_else(|_wrong_shape| ArrayView2::from(&[] as &[[f32; 1]]))
}

fn sums(layer: &Layer, inputs: &Array2<f32>) -> Array2<f32> {
    let mut outputs = inputs.dot(&weights(layer).t());
    for mut row in outputs.rows_mut() {
        row.iter_mut().zip(&layer.bias).for_each(|(sum, bias)| *sum += bias);
    }
    outputs
}

fn rectified(mut outputs: Array2<f32>) -> Array2<f32> {
    outputs.mapv_inplace(|value| value.max(0.0));
    outputs
}

/// Blame for a layer's outputs as blame for its sums: nothing comes through where nothing came out.
fn behind(mut errors: Array2<f32>, outputs: &Array2<f32>) -> Array2<f32> {
    errors.zip_mut_with(outputs, |error, output| {
        if *output <= 0.0 {
            *error = 0.0;
        }
    });
    errors
}

fn blame(gradient: &mut Layer, errors: &Array2<f32>, inputs: &Array2<f32>) {
    let weights = errors.t().dot(inputs);
    gradient.weights.clear();
    gradient.weights.extend(weights.rows().into_iter().flat_map(|row| row.to_vec()));
    gradient.bias = errors.sum_axis(Axis(0)).to_vec();
}

const DECAY: f32 = 0.05;

/// Kingma & Ba 2015, with the decay of Loshchilov & Hutter 2019.
pub(super) struct Adam {
    moments: Vec<(f32, f32)>,
    corrections: (f32, f32),
}

impl Adam {
    pub(super) fn new(member: &Member) -> Self {
        Self { moments: vec![(0.0, 0.0); member.weights().count()], corrections: (1.0, 1.0) }
    }

    pub(super) fn step(&mut self, member: &mut Member, gradient: &Member, rate: f32) {
        const FIRST: f32 = 0.9;
        const SECOND: f32 = 0.999;
        self.corrections = (self.corrections.0 * FIRST, self.corrections.1 * SECOND);
        let (first, second) = (1.0 - self.corrections.0, 1.0 - self.corrections.1);
        for ((weight, gradient), (mean, square)) in member.weights_mut().zip(gradient.weights()).zip(&mut self.moments)
        {
            *mean = FIRST * *mean + (1.0 - FIRST) * gradient;
            *square = SECOND * *square + (1.0 - SECOND) * gradient * gradient;
            *weight -= rate * ((*mean / first) / ((*square / second).sqrt() + 1e-8) + DECAY * *weight);
        }
    }
}
