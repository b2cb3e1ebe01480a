//! The small layers that both transformers are made of: projections, norms, gated feed-forward layers.
//!
//! Everything here takes one step of many rows, `[rows, width]`. Weights are loaded under the names that PyTorch gave them.

use candle_core::{DType, Result, Tensor};
use candle_nn::{Init, Linear, Module as _, VarBuilder, linear_no_bias};

use super::config::Norm;

/// Normalises by the root mean square: `x · alpha / sqrt(mean(x²) + epsilon)`.
#[derive(Debug)]
pub(super) struct RmsNorm {
    alpha: Tensor,
    epsilon: f32,
}

impl RmsNorm {
    pub(super) fn load(dim: usize, norm: Norm, weights: &VarBuilder) -> Result<Self> {
        let alpha = weights.get((1, 1, dim), "alpha")?.flatten_all()?;
        Ok(Self { alpha, epsilon: norm.epsilon() })
    }

    pub(super) fn forward(&self, rows: &Tensor) -> Result<Tensor> {
        candle_nn::ops::rms_norm(rows, &self.alpha, self.epsilon)
    }
}

/// A feed-forward layer whose one half opens the other: `out(silu(a) · b)` with `[a, b] = in(x)`.
#[derive(Debug)]
pub(super) struct Gated {
    into: Linear,
    out: Linear,
    width: usize,
}

impl Gated {
    pub(super) fn load(dim: usize, width: usize, weights: &VarBuilder) -> Result<Self> {
        let into = linear_no_bias(dim, 2 * width, weights.pp("linear_in"))?;
        let out = linear_no_bias(width, dim, weights.pp("linear_out"))?;
        Ok(Self { into, out, width })
    }

    pub(super) fn forward(&self, rows: &Tensor) -> Result<Tensor> {
        let both = self.into.forward(rows)?;
        let gate = both.narrow(1, 0, self.width)?.contiguous()?.silu()?;
        let value = both.narrow(1, self.width, self.width)?.contiguous()?;
        self.out.forward(&(gate * value)?)
    }
}

/// The projections of an attention, one for each set of weights: `in` to queries, keys and values, and `out`.
///
/// Checkpoints hold them in one of two ways: a tensor for each set (`in_projs.3.weight`), or, from older versions of
/// Kyutai's library, all sets in one tensor (`in_proj_weight`, `out_proj.weight`).
pub(super) fn projections(dim: usize, sets: usize, weights: &VarBuilder) -> Result<Vec<(Linear, Linear)>> {
    if weights.contains_tensor("in_projs.0.weight") {
        let one = |set| {
            let into = linear_no_bias(dim, 3 * dim, weights.pp("in_projs").pp(set))?;
            let out = linear_no_bias(dim, dim, weights.pp("out_projs").pp(set))?;
            Ok((into, out))
        };
        return (0..sets).map(one).collect();
    }
    let name = if weights.contains_tensor("in_proj.weight") { "in_proj.weight" } else { "in_proj_weight" };
    let into = weights.get((sets * 3 * dim, dim), name)?;
    let out = weights.get((sets * dim, dim), "out_proj.weight")?;
    let part = |whole: &Tensor, set: usize, rows: usize| -> Result<Linear> {
        Ok(Linear::new(whole.narrow(0, set * rows, rows)?.contiguous()?, None))
    };
    (0..sets).map(|set| Ok((part(&into, set, 3 * dim)?, part(&out, set, dim)?))).collect()
}

/// Attention of one query for each row and head: `[rows, heads, 1, size]` over keys and values `[rows, heads, steps, size]`.
/// `hidden` is added to the scores: 0, or minus infinity where a step shall not be seen.
pub(super) fn attend(query: &Tensor, keys: &Tensor, values: &Tensor, hidden: Option<&Tensor>) -> Result<Tensor> {
    let size = query.dim(3)?;
    #[expect(clippy::cast_precision_loss, reason = "a head has some 128 values")]
    let scale = (size as f64).powf(-0.5);
    let scores = (query.matmul(&keys.t()?)? * scale)?;
    let scores = match hidden {
        Some(hidden) => scores.broadcast_add(hidden)?,
        None => scores,
    };
    candle_nn::ops::softmax_last_dim(&scores)?.matmul(values)
}

/// A tensor that is kept in 32 bits whatever the model is computed in: the conditioners are.
pub(super) fn in_f32(shape: impl Into<candle_core::Shape>, name: &str, weights: &VarBuilder) -> Result<Tensor> {
    weights.get_with_hints_dtype(shape, name, Init::Const(0.0), DType::F32)
}
