//! What a session's speech is conditioned on: the voice it shall have, and properties that are the same for all.
//!
//! A property (Kyutai's "control" and "cfg") is a row of a table, added to every input. A voice is a series of vectors that
//! every layer attends to; Kyutai publishes them ready-made, as the model that makes them from a recording is not public.

use candle_core::{DType, Device, Result, Tensor, bail};

use super::{
    config::{Conditioner, Config},
    layers::in_f32,
};
use candle_nn::VarBuilder;

/// Voices that the model can attend to at once; ours is the first, the others stay empty.
const SPEAKERS: usize = 5;

/// The conditioners, in 32 bits whatever the model is computed in.
#[derive(Debug)]
pub(super) struct Conditions {
    /// Added to the input of every step, `[1, dim]`.
    pub(super) sum: Tensor,
    /// From a voice's vectors to the model's, `[dim, voice dim]`.
    projection: Tensor,
    /// What an empty place is, `[1, dim]`.
    padding: Tensor,
    /// Positions within the voices' vectors are told by waves of this size, if at all.
    positions: Option<f64>,
    dtype: DType,
}

impl Conditions {
    /// `guidance` is how strictly the voice and the text are followed, one of those the model was trained with.
    pub(super) fn load(config: &Config, guidance: f64, weights: &VarBuilder) -> Result<Self> {
        let dim = config.backbone.dim;
        let dtype = weights.dtype();
        let weights = weights.pp("condition_provider").pp("conditioners");
        let mut sum = Tensor::zeros((1, dim), DType::F32, weights.device())?;
        for name in &config.fuser.sum {
            let value = match name.as_str() {
                "control" => "ok".to_owned(),
                "cfg" => format!("{guidance:.1}"),
                other => bail!("the model is conditioned on {other:?}, which is not known"),
            };
            let Some(Conditioner::Lut { lut }) = config.conditioners.get(name) else {
                bail!("the condition {name:?} has no table")
            };
            let Some(row) = lut.possible_values.iter().position(|possible| *possible == value) else {
                bail!("{name:?} can be one of {:?}, not {value:?}", lut.possible_values)
            };
            let weights = weights.pp(name);
            let table = in_f32((lut.n_bins + 1, lut.dim), "embed.weight", &weights)?;
            let projection = in_f32((dim, lut.dim), "output_proj.weight", &weights)?;
            sum = (sum + table.narrow(0, row, 1)?.matmul(&projection.t()?)?)?;
        }
        let name = config.fuser.cross.first().map_or("", String::as_str);
        let Some(Conditioner::Tensor { tensor }) = config.conditioners.get(name) else {
            bail!("the condition {name:?} is not one of vectors")
        };
        let weights = weights.pp(name);
        let projection = in_f32((dim, tensor.dim), "output_proj.weight", &weights)?;
        let padding = in_f32((1, 1, dim), "learnt_padding", &weights)?.reshape((1, dim))?;
        let positions = config.fuser.cross_attention_pos_emb.then_some(config.fuser.cross_attention_pos_emb_scale);
        Ok(Self { sum: sum.to_dtype(dtype)?, projection, padding, positions, dtype })
    }

    /// What the layers attend to for a voice, `[steps, dim]`; `voice` is as published, `[1, voice dim, steps]`.
    pub(super) fn voice(&self, voice: &Tensor) -> Result<Tensor> {
        let (one, width, steps) = voice.dims3()?;
        let expected = self.projection.dim(1)?;
        if one != 1 || width != expected || steps == 0 {
            bail!("a voice of the shape {:?} instead of [1, {expected}, steps]", voice.dims())
        }
        let device = self.projection.device();
        let vectors = voice.to_device(device)?.to_dtype(DType::F32)?.squeeze(0)?.t()?.contiguous()?;
        let ours = vectors.matmul(&self.projection.t()?)?;
        let others = self.padding.broadcast_as(((SPEAKERS - 1) * steps, self.padding.dim(1)?))?;
        let all = Tensor::cat(&[ours, others.contiguous()?], 0)?;
        let all = match self.positions {
            None => all,
            Some(scale) => (&all + (waves(all.dim(0)?, all.dim(1)?, device)? * scale)?)?,
        };
        all.to_dtype(self.dtype)
    }
}

/// Positions as cosines and sines of falling frequency, `[steps, dim]`, after Vaswani et al. 2017 with Kyutai's arrangement:
/// first all cosines, then all sines, and the last frequency is 1/10,000 exactly.
fn waves(steps: usize, dim: usize, device: &Device) -> Result<Tensor> {
    let half = dim / 2;
    #[expect(clippy::cast_precision_loss, reason = "some thousand positions and widths")]
    let angle = move |step: usize, at: usize| {
        let fall = 10_000_f32.powf(at as f32 / (half.saturating_sub(1)).max(1) as f32);
        step as f32 / fall
    };
    let row = move |step| {
        let cosines = (0..half).map(move |at| angle(step, at).cos());
        cosines.chain((0..half).map(move |at| angle(step, at).sin()))
    };
    let values: Vec<f32> = (0..steps).flat_map(row).collect();
    Tensor::from_vec(values, (steps, 2 * half), device)
}
