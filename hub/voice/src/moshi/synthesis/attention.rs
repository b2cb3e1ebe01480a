//! Attention over time, for many sessions at once: each row is a session with a past of its own.
//!
//! Keys and values of the last steps lie in a ring for each session. A session that sits a step out has its row computed
//! with the others, but its place in the ring does not move: what was written there is written over before it is seen.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Linear, Module as _, VarBuilder};

use super::layers::{attend, projections};

/// Where each session is in time, and what its attention may see: the same for every layer of a step.
#[derive(Debug)]
pub(super) struct Clock {
    /// Steps done, for each session.
    steps: Vec<usize>,
    context: usize,
    heads: usize,
    /// Rotations of the rotary embedding for each step, one value for each pair.
    frequencies: Vec<f32>,
    device: Device,
    dtype: DType,
}

/// What a step needs to know of time.
#[derive(Debug)]
pub(super) struct Instant {
    /// Rows that are computed.
    rows: usize,
    /// Places of the rings that any row sees.
    seen: usize,
    /// Where each row writes, `[rows, heads, 1, size]`: the same number for all of a row.
    places: Tensor,
    /// Minus infinity where a row must not look, `[rows, 1, 1, seen]`; nothing when all see all.
    hidden: Option<Tensor>,
    cosine: Tensor,
    sine: Tensor,
}

impl Clock {
    /// `heads` is their number and the size of each.
    pub(super) fn new(
        slots: usize,
        context: usize,
        heads: (usize, usize),
        max_period: f64,
        on: (&Device, DType),
    ) -> Self {
        let (heads, head) = heads;
        #[expect(clippy::cast_possible_truncation, reason = "the model was trained with 32 bits")]
        let period = max_period as f32;
        #[expect(clippy::cast_precision_loss, reason = "a head has some 128 values")]
        let frequencies = (0..head / 2).map(|pair| (-period.ln() * 2.0 * pair as f32 / head as f32).exp()).collect();
        Self { steps: vec![0; slots], context, heads, frequencies, device: on.0.clone(), dtype: on.1 }
    }

    /// Forgets a session's past.
    pub(super) fn reset(&mut self, slot: usize) {
        if let Some(steps) = self.steps.get_mut(slot) {
            *steps = 0;
        }
    }

    /// Lets all sessions be so many steps on.
    pub(super) fn age(&mut self, by: usize) {
        for steps in &mut self.steps {
            *steps += by;
        }
    }

    /// The step that the first `rows` sessions are at.
    pub(super) fn instant(&self, rows: usize) -> Result<Instant> {
        let steps = self.steps.get(..rows).unwrap_or(&self.steps);
        let (rows, context) = (steps.len(), self.context);
        let seen_by = |&step: &usize| (step + 1).min(context);
        let seen = steps.iter().map(seen_by).max().unwrap_or(1);
        let places = steps.iter().map(|step| u32::try_from(step % context).unwrap_or(0));
        let places = Tensor::from_iter(places, &self.device)?.reshape((rows, 1, 1, 1))?;
        let places = places.broadcast_as((rows, self.heads, 1, 2 * self.frequencies.len()))?.contiguous()?;
        let hidden = if steps.iter().all(|step| seen_by(step) == seen) {
            None
        } else {
            let row = |step| (0..seen).map(move |at| if at < seen_by(step) { 0.0 } else { f32::NEG_INFINITY });
            let hidden: Vec<f32> = steps.iter().flat_map(row).collect();
            Some(Tensor::from_vec(hidden, (rows, 1, 1, seen), &self.device)?.to_dtype(self.dtype)?)
        };
        #[expect(clippy::cast_precision_loss, reason = "days of speech until a step is not exact in 32 bits")]
        let angles = steps.iter().flat_map(|&step| self.frequencies.iter().map(move |each| each * step as f32));
        let angles = Tensor::from_iter(angles, &self.device)?.reshape((rows, 1, self.frequencies.len()))?;
        Ok(Instant { rows, seen, places, hidden, cosine: angles.cos()?, sine: angles.sin()? })
    }

    /// Goes on to the next step, for the sessions that took part.
    pub(super) fn advance(&mut self, taking_part: &[bool]) {
        for (steps, _) in self.steps.iter_mut().zip(taking_part).filter(|(_, part)| **part) {
            *steps += 1;
        }
    }
}

/// Attention of a layer to the session's own past.
#[derive(Debug)]
pub(super) struct SelfAttention {
    into: Linear,
    out: Linear,
    heads: usize,
    /// `[slots, heads, context, size]`.
    keys: Tensor,
    values: Tensor,
}

impl SelfAttention {
    pub(super) fn load(dim: usize, heads: usize, context: usize, slots: usize, weights: &VarBuilder) -> Result<Self> {
        let mut sets = projections(dim, 1, weights)?;
        let Some((into, out)) = sets.pop() else { candle_core::bail!("an attention without projections") };
        let ring = || Tensor::zeros((slots, heads, context, dim / heads), weights.dtype(), weights.device());
        Ok(Self { into, out, heads, keys: ring()?, values: ring()? })
    }

    /// `[rows, dim]` to the same.
    pub(super) fn forward(&self, rows: &Tensor, at: &Instant) -> Result<Tensor> {
        let dim = rows.dim(1)?;
        let size = dim / self.heads;
        // Queries, keys and values lie one after the other, each by heads: the first two are turned together.
        let all = self.into.forward(rows)?;
        let turned = all.narrow(1, 0, 2 * dim)?.contiguous()?.reshape((at.rows, 2 * self.heads, 1, size))?;
        let turned = candle_nn::rotary_emb::rope_i(&turned.to_dtype(DType::F32)?, &at.cosine, &at.sine)?;
        let turned = turned.to_dtype(rows.dtype())?;
        let query = turned.narrow(1, 0, self.heads)?.contiguous()?;
        let key = turned.narrow(1, self.heads, self.heads)?.contiguous()?;
        let value = all.narrow(1, 2 * dim, dim)?.contiguous()?.reshape((at.rows, self.heads, 1, size))?;

        let (keys, values) = (self.keys.narrow(0, 0, at.rows)?, self.values.narrow(0, 0, at.rows)?);
        keys.scatter_set(&at.places, &key, 2)?;
        values.scatter_set(&at.places, &value, 2)?;

        let (keys, values) = (keys.narrow(2, 0, at.seen)?, values.narrow(2, 0, at.seen)?);
        let heard = attend(&query, &keys, &values, at.hidden.as_ref())?;
        self.out.forward(&heard.reshape((at.rows, dim))?)
    }
}

/// Attention of a layer to the session's voice.
#[derive(Debug)]
pub(super) struct CrossAttention {
    query: Linear,
    keys_values: Linear,
    out: Linear,
    heads: usize,
}

/// What one layer knows of a voice: keys and values, `[1, heads, steps, size]`. Computed once, for all its sessions.
#[derive(Debug, Clone)]
pub(super) struct Timbre {
    keys: Tensor,
    values: Tensor,
}

impl CrossAttention {
    pub(super) fn load(dim: usize, heads: usize, weights: &VarBuilder) -> Result<Self> {
        let mut sets = projections(dim, 1, weights)?;
        let Some((into, out)) = sets.pop() else { candle_core::bail!("an attention without projections") };
        let part = |from, rows| into.weight().narrow(0, from, rows)?.contiguous();
        let query = Linear::new(part(0, dim)?, None);
        let keys_values = Linear::new(part(dim, 2 * dim)?, None);
        Ok(Self { query, keys_values, out, heads })
    }

    /// Keys and values of a voice that is given as `[steps, dim]`.
    pub(super) fn timbre(&self, voice: &Tensor) -> Result<Timbre> {
        let (steps, dim) = voice.dims2()?;
        let both = self.keys_values.forward(voice)?;
        let part = |from| {
            let heads = both.narrow(1, from, dim)?.reshape((1, steps, self.heads, dim / self.heads))?;
            heads.transpose(1, 2)?.contiguous()
        };
        Ok(Timbre { keys: part(0)?, values: part(dim)? })
    }

    /// `[rows, dim]` to the same, all rows with one voice: to the voice they are like steps of one session, so that its
    /// keys are read once for all of them.
    pub(super) fn forward(&self, rows: &Tensor, timbre: &Timbre) -> Result<Tensor> {
        let (count, dim) = rows.dims2()?;
        let query = self.query.forward(rows)?.reshape((1, count, self.heads, dim / self.heads))?;
        let query = query.transpose(1, 2)?.contiguous()?;
        let heard = attend(&query, &timbre.keys, &timbre.values, None)?;
        self.out.forward(&heard.transpose(1, 2)?.contiguous()?.reshape((count, dim))?)
    }
}
