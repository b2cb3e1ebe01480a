//! The transformer over time: one step of many sessions, each with its own past and its own voice.
//!
//! It deliberately does not know what the tokens mean: what to say next is decided by `pacing`.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{LayerNorm, Linear, Module as _, VarBuilder, linear_no_bias};

use super::{
    attention::{Clock, CrossAttention, SelfAttention, Timbre},
    conditions::Conditions,
    config::Config,
    embedding::{AudioEmbedding, TextEmbedding, TextToken},
    layers::{Gated, RmsNorm},
};

/// The epsilon of the norm before cross-attention, which is a plain layer norm in every checkpoint.
const CROSS_EPSILON: f64 = 1e-5;

/// What goes into a step for one session.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Whether it takes part; else it is computed for nothing.
    pub(super) taking_part: bool,
    pub(super) text: TextToken,
    /// The last tokens of every codebook.
    pub(super) audio: Vec<Option<u32>>,
    pub(super) voice: usize,
}

/// What comes out of a step, a row for each session.
#[derive(Debug)]
pub(super) struct Heard {
    /// What the transformer over codebooks goes on from, `[rows, dim]`.
    pub(super) hidden: Tensor,
    /// Of the next text token, `[rows, text card]`.
    pub(super) text_logits: Tensor,
}

#[derive(Debug)]
struct Layer {
    before_past: RmsNorm,
    past: SelfAttention,
    before_voice: LayerNorm,
    voice: CrossAttention,
    before_gated: RmsNorm,
    gated: Gated,
}

/// The transformer with its embeddings and its sessions' pasts.
#[derive(Debug)]
pub(super) struct Backbone {
    audio: AudioEmbedding,
    text: TextEmbedding,
    conditions: Conditions,
    layers: Vec<Layer>,
    norm: RmsNorm,
    text_out: Linear,
    clock: Clock,
    /// For each voice what each layer knows of it.
    voices: Vec<Vec<Timbre>>,
    device: Device,
}

impl Backbone {
    pub(super) fn load(config: &Config, slots: usize, guidance: f64, weights: &VarBuilder) -> Result<Self> {
        let (streams, shape) = (&config.streams, &config.backbone);
        let (dim, heads) = (shape.dim, shape.num_heads);
        let layer = |number: usize| {
            let weights = weights.pp("transformer.layers").pp(number);
            Ok(Layer {
                before_past: RmsNorm::load(dim, shape.norm, &weights.pp("norm1"))?,
                past: SelfAttention::load(dim, heads, shape.context, slots, &weights.pp("self_attn"))?,
                before_voice: layer_norm(dim, &weights.pp("norm_cross"))?,
                voice: CrossAttention::load(dim, heads, &weights.pp("cross_attention"))?,
                before_gated: RmsNorm::load(dim, shape.norm, &weights.pp("norm2"))?,
                gated: Gated::load(dim, shape.width(), &weights.pp("gating"))?,
            })
        };
        let on = (weights.device(), weights.dtype());
        Ok(Self {
            audio: AudioEmbedding::load(streams.n_q, streams.card, dim, &weights.pp("emb"))?,
            text: TextEmbedding::load(streams.text_card, dim, dim, &weights.pp("text_emb"))?,
            conditions: Conditions::load(config, guidance, weights)?,
            layers: (0..shape.num_layers).map(layer).collect::<Result<_>>()?,
            norm: RmsNorm::load(dim, shape.norm, &weights.pp("out_norm"))?,
            text_out: linear_no_bias(dim, streams.text_card, weights.pp("text_linear"))?,
            clock: Clock::new(slots, shape.context, (heads, dim / heads), shape.max_period, on),
            voices: Vec::new(),
            device: weights.device().clone(),
        })
    }

    /// Learns a voice, `[1, voice dim, steps]`; the number that rows name it by.
    pub(super) fn learn_voice(&mut self, voice: &Tensor) -> Result<usize> {
        let vectors = self.conditions.voice(voice)?;
        let timbres = self.layers.iter().map(|layer| layer.voice.timbre(&vectors)).collect::<Result<_>>()?;
        self.voices.push(timbres);
        Ok(self.voices.len() - 1)
    }

    /// Forgets a session's past.
    pub(super) fn reset(&mut self, slot: usize) {
        self.clock.reset(slot);
    }

    /// Lets all sessions be so many steps on, as if they had spoken.
    pub(super) fn age(&mut self, steps: usize) {
        self.clock.age(steps);
    }

    /// A step of the first sessions, a row for each.
    pub(super) fn step(&mut self, rows: &[Row]) -> Result<Heard> {
        let audio: Vec<_> = rows.iter().flat_map(|row| row.audio.iter().copied()).collect();
        let text: Vec<_> = rows.iter().map(|row| row.text).collect();
        let audio = self.audio.forward(&audio, &self.device)?;
        let mut inner = (audio + self.text.forward(&text, &self.device)?)?.broadcast_add(&self.conditions.sum)?;
        let at = self.clock.instant(rows.len())?;
        let choir = Choir::of(rows, &self.device)?;
        for (number, layer) in self.layers.iter().enumerate() {
            inner = (&inner + layer.past.forward(&layer.before_past.forward(&inner)?, &at)?)?;
            let asked = layer.before_voice.forward(&inner)?;
            let timbre = |voice: usize| self.voices.get(voice).and_then(|timbres| timbres.get(number));
            inner = (inner + choir.forward(&asked, &layer.voice, timbre)?)?;
            inner = (&inner + layer.gated.forward(&layer.before_gated.forward(&inner)?)?)?;
        }
        let taking_part: Vec<bool> = rows.iter().map(|row| row.taking_part).collect();
        self.clock.advance(&taking_part);
        let hidden = self.norm.forward(&inner)?;
        let text_logits = self.text_out.forward(&hidden)?.to_dtype(DType::F32)?;
        Ok(Heard { hidden, text_logits })
    }
}

fn layer_norm(dim: usize, weights: &VarBuilder) -> Result<LayerNorm> {
    Ok(LayerNorm::new(weights.get(dim, "weight")?, weights.get(dim, "bias")?, CROSS_EPSILON))
}

/// The rows of a step by their voices.
#[derive(Debug)]
struct Choir {
    /// Each voice with the rows that have it; with no rows it is the voice of all.
    parts: Vec<(usize, Option<Tensor>)>,
    /// From the order of the parts back to the order of the rows.
    back: Option<Tensor>,
}

impl Choir {
    fn of(rows: &[Row], device: &Device) -> Result<Self> {
        // Who does not take part sings along with the first, so that one voice stays one.
        let first = rows.iter().find(|row| row.taking_part).map_or(0, |row| row.voice);
        let voice = |row: &Row| if row.taking_part { row.voice } else { first };
        let numbered: Vec<(usize, u32)> = rows.iter().map(voice).zip(0..).collect();
        if numbered.iter().all(|(voice, _)| *voice == first) {
            return Ok(Self { parts: vec![(first, None)], back: None });
        }
        let mut sorted = numbered.clone();
        sorted.sort_unstable();
        let mut back = vec![0_u32; sorted.len()];
        for ((_, row), place) in sorted.iter().zip(0..) {
            if let Some(of_row) = usize::try_from(*row).ok().and_then(|row| back.get_mut(row)) {
                *of_row = place;
            }
        }
        let part = |same: &[(usize, u32)]| {
            let rows = Tensor::from_iter(same.iter().map(|(_, row)| *row), device)?;
            Ok((same.first().map_or(first, |(voice, _)| *voice), Some(rows)))
        };
        let parts = sorted.chunk_by(|one, next| one.0 == next.0).map(part).collect::<Result<_>>()?;
        Ok(Self { parts, back: Some(Tensor::from_vec(back, rows.len(), device)?) })
    }

    fn forward<'a>(
        &self,
        rows: &Tensor,
        attention: &CrossAttention,
        timbre: impl Fn(usize) -> Option<&'a Timbre>,
    ) -> Result<Tensor> {
        let sing = |(voice, of): &(usize, Option<Tensor>)| {
            let Some(timbre) = timbre(*voice) else { candle_core::bail!("voice {voice} was never learnt") };
            match of {
                None => attention.forward(rows, timbre),
                Some(of) => attention.forward(&rows.index_select(of, 0)?, timbre),
            }
        };
        let sung = self.parts.iter().map(sing).collect::<Result<Vec<_>>>()?;
        match &self.back {
            Some(back) => Tensor::cat(&sung, 0)?.index_select(back, 0),
            None => sung.into_iter().next().map_or_else(|| rows.zeros_like(), Ok),
        }
    }
}
