//! The transformer over codebooks: from one step of the backbone to the tokens of the audio, codebook after codebook.
//!
//! Its "time" is the codebooks of a step and begins anew with every step. Codebooks have weights of their own, or share them
//! by a schedule. It deliberately does not know which rows are which sessions, nor how a token is chosen.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Linear, Module as _, VarBuilder, linear_no_bias};

use super::{
    config::Config,
    embedding::{CodeEmbedding, TextEmbedding, TextToken},
    layers::{Gated, RmsNorm, attend, projections},
};

/// Chooses tokens.
pub(super) trait Choose {
    /// One token for each row of `[rows, card]`, as `[rows]` of `u32` on the same device.
    fn codes(&mut self, logits: &Tensor) -> Result<Tensor>;
}

#[derive(Debug)]
struct Layer {
    before_past: RmsNorm,
    /// In and out, for each set of weights.
    projections: Vec<(Linear, Linear)>,
    before_gated: RmsNorm,
    gated: Vec<Gated>,
    /// `[slots, heads, codebooks, size]`.
    keys: Tensor,
    values: Tensor,
}

/// The transformer with its embeddings.
#[derive(Debug)]
pub(super) struct Depth {
    /// Which set of weights each codebook has.
    schedule: Vec<usize>,
    /// From the backbone, for each set.
    into: Vec<Linear>,
    text: TextEmbedding,
    /// Of each codebook but the last, which nothing follows.
    codes: Vec<CodeEmbedding>,
    layers: Vec<Layer>,
    /// To the logits of each codebook.
    out: Vec<Linear>,
    heads: usize,
    device: Device,
}

impl Depth {
    /// Loads what the first `codebooks` need.
    pub(super) fn load(config: &Config, codebooks: usize, slots: usize, weights: &VarBuilder) -> Result<Self> {
        let (streams, shape) = (&config.streams, &config.depth);
        let (outer, dim, heads) = (config.backbone.dim, shape.dim, shape.num_heads);
        let all = config.schedule();
        // The file holds the sets of all codebooks, in one tensor or in many.
        let sets = all.iter().max().map_or(0, |last| last + 1);
        let schedule: Vec<usize> = all.into_iter().take(codebooks).collect();
        let used = schedule.iter().max().map_or(0, |last| last + 1);
        let width = shape.width(config.backbone.hidden_scale);
        let layer = |number: usize| {
            let weights = weights.pp("depformer.layers").pp(number);
            let mut projections = projections(dim, sets, &weights.pp("self_attn"))?;
            projections.truncate(used);
            let gated = |set| Gated::load(dim, width, &weights.pp("gating").pp(set));
            let past = || Tensor::zeros((slots, heads, codebooks, dim / heads), weights.dtype(), weights.device());
            Ok(Layer {
                before_past: RmsNorm::load(dim, config.backbone.norm, &weights.pp("norm1"))?,
                projections,
                before_gated: RmsNorm::load(dim, config.backbone.norm, &weights.pp("norm2"))?,
                gated: (0..used).map(gated).collect::<Result<_>>()?,
                keys: past()?,
                values: past()?,
            })
        };
        let low_rank = shape.low_rank;
        let code = |at: usize| CodeEmbedding::load(streams.card, low_rank, dim, &weights.pp("depformer_emb").pp(at));
        let inner = low_rank.unwrap_or(dim);
        Ok(Self {
            into: (0..used)
                .map(|set| linear_no_bias(outer, dim, weights.pp("depformer_in").pp(set)))
                .collect::<Result<_>>()?,
            text: TextEmbedding::load(streams.text_card, inner, dim, &weights.pp("depformer_text_emb"))?,
            codes: (0..codebooks.saturating_sub(1)).map(code).collect::<Result<_>>()?,
            layers: (0..shape.num_layers).map(layer).collect::<Result<_>>()?,
            out: (0..codebooks)
                .map(|at| linear_no_bias(dim, streams.card, weights.pp("linears").pp(at)))
                .collect::<Result<_>>()?,
            schedule,
            heads,
            device: weights.device().clone(),
        })
    }

    /// The tokens of the first `codebooks`, for each row of `hidden` (`[rows, dim of the backbone]`) and its text.
    pub(super) fn step(
        &self,
        hidden: &Tensor,
        text: &[TextToken],
        codebooks: usize,
        choose: &mut impl Choose,
    ) -> Result<Vec<Vec<u32>>> {
        let mut chosen: Vec<Tensor> = Vec::with_capacity(codebooks);
        let weights = self.schedule.iter().zip(&self.out).take(codebooks).enumerate();
        for (codebook, (&set, out)) in weights {
            let last = match (chosen.last(), codebook.checked_sub(1).and_then(|before| self.codes.get(before))) {
                (Some(token), Some(embedding)) => embedding.forward(token)?,
                _ => self.text.forward(text, &self.device)?,
            };
            let Some(into) = self.into.get(set) else { candle_core::bail!("no weights for codebook {codebook}") };
            let mut inner = (into.forward(hidden)? + last)?;
            for layer in &self.layers {
                inner = layer.forward(&inner, codebook, set, self.heads)?;
            }
            let logits = out.forward(&inner)?.to_dtype(DType::F32)?;
            chosen.push(choose.codes(&logits)?);
        }
        // One copy to the host for all codebooks.
        Tensor::stack(&chosen, 1)?.to_vec2()
    }
}

impl Layer {
    fn forward(&self, rows: &Tensor, codebook: usize, set: usize, heads: usize) -> Result<Tensor> {
        let (Some((into, out)), Some(gated)) = (self.projections.get(set), self.gated.get(set)) else {
            candle_core::bail!("no weights for codebook {codebook}")
        };
        let (count, dim) = rows.dims2()?;
        let all = into.forward(&self.before_past.forward(rows)?)?;
        let part = |at: usize| all.narrow(1, at * dim, dim)?.contiguous()?.reshape((count, heads, 1, dim / heads));
        let (query, key, value) = (part(0)?, part(1)?, part(2)?);
        let (keys, values) = (self.keys.narrow(0, 0, count)?, self.values.narrow(0, 0, count)?);
        keys.slice_set(&key, 2, codebook)?;
        values.slice_set(&value, 2, codebook)?;
        let (keys, values) = (keys.narrow(2, 0, codebook + 1)?, values.narrow(2, 0, codebook + 1)?);
        let heard = attend(&query, &keys, &values, None)?.reshape((count, dim))?;
        let rows = (rows + out.forward(&heard)?)?;
        &rows + gated.forward(&self.before_gated.forward(&rows)?)?
    }
}
