//! What the file `config.json` of a checkpoint says about the model: its sizes and the features it was trained with.
//!
//! The names are those of Kyutai's file. A feature that this code cannot run is an error here, before anything is loaded,
//! and not a wrong sound later. It deliberately knows nothing of the weights.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Everything that is read of `config.json`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Config {
    #[serde(flatten)]
    pub(crate) streams: Streams,
    #[serde(flatten)]
    pub(crate) backbone: Backbone,
    #[serde(flatten)]
    pub(crate) depth: Depth,
    #[serde(flatten)]
    kind: Kind,
    pub(crate) conditioners: BTreeMap<String, Conditioner>,
    pub(crate) fuser: Fuser,
    pub(crate) tts_config: Timing,
}

/// The streams of tokens: one of text, which carries two, and one for each codebook of the audio codec.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Streams {
    /// Values that an audio token can have; one more is the first input.
    pub(crate) card: usize,
    /// Values that a text token can have; one more is the first input.
    pub(crate) text_card: usize,
    /// Codebooks that are heard.
    pub(crate) n_q: usize,
    /// Codebooks that are spoken.
    pub(crate) dep_q: usize,
    /// By how many steps each stream is late, text first.
    pub(crate) delays: Vec<usize>,
}

/// The transformer over time.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Backbone {
    pub(crate) dim: usize,
    pub(crate) num_heads: usize,
    pub(crate) num_layers: usize,
    /// Of the feed-forward layer before gating, in parts of `dim`.
    pub(crate) hidden_scale: f64,
    /// Steps that attention reaches back.
    pub(crate) context: usize,
    /// Of the rotary embedding.
    pub(crate) max_period: f64,
    pub(crate) norm: Norm,
}

/// The transformer over codebooks, within a step.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Depth {
    #[serde(rename = "depformer_dim")]
    pub(crate) dim: usize,
    #[serde(rename = "depformer_num_heads")]
    pub(crate) num_heads: usize,
    #[serde(rename = "depformer_num_layers")]
    pub(crate) num_layers: usize,
    #[serde(rename = "depformer_dim_feedforward")]
    pub(crate) feed_forward: Option<usize>,
    #[serde(rename = "depformer_low_rank_embeddings")]
    pub(crate) low_rank: Option<usize>,
    /// Which set of weights each codebook has; each its own where nothing is said.
    #[serde(rename = "depformer_weights_per_step_schedule")]
    schedule: Option<Vec<usize>>,
}

/// How a vector is normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Norm {
    /// By its root mean square.
    RmsNorm,
    /// The same with a smaller epsilon, computed in 32 bits.
    RmsNormF32,
}

impl Norm {
    pub(crate) fn epsilon(self) -> f32 {
        match self {
            Self::RmsNorm => 1e-5,
            Self::RmsNormF32 => 1e-8,
        }
    }
}

/// Features that have one value in every checkpoint this code runs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Kind {
    gating: String,
    positional_embedding: String,
    cross_attention: bool,
    demux_second_stream: bool,
    #[serde(flatten)]
    depth: DepthKind,
    #[serde(flatten)]
    absent: Absent,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct DepthKind {
    depformer_multi_linear: bool,
    depformer_weights_per_step: bool,
    depformer_pos_emb: String,
    depformer_norm: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Absent {
    layer_scale: Option<f64>,
    norm_emb: bool,
    bias_proj: bool,
    text_card_out: Option<usize>,
    kv_repeat: Option<usize>,
}

/// What turns a property of the speech into vectors.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Conditioner {
    /// A table with a row for each value.
    Lut {
        /// The table.
        lut: Table,
    },
    /// Vectors that come with the voice.
    Tensor {
        /// Their size.
        tensor: Vectors,
    },
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Table {
    pub(crate) n_bins: usize,
    pub(crate) dim: usize,
    #[serde(default)]
    pub(crate) possible_values: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Vectors {
    pub(crate) dim: usize,
}

/// Where the conditions go.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fuser {
    /// Added to the input of every step.
    #[serde(default)]
    pub(crate) sum: Vec<String>,
    /// Attended to.
    #[serde(default)]
    pub(crate) cross: Vec<String>,
    #[serde(default)]
    prepend: Vec<String>,
    #[serde(default)]
    pub(crate) cross_attention_pos_emb: bool,
    #[serde(default = "one")]
    pub(crate) cross_attention_pos_emb_scale: f64,
}

fn one() -> f64 {
    1.0
}

/// How the streams lie in time.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Timing {
    /// By how much the audio is later than the text, in seconds.
    pub(crate) audio_delay: f64,
    /// How many words the second stream is ahead.
    #[serde(default)]
    pub(crate) second_stream_ahead: usize,
}

impl Config {
    /// Reads and checks the text of a `config.json`. An error says what in it is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let config: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match config.unsupported() {
            None => Ok(config),
            Some(what) => Err(format!("it asks for {what}, which this version cannot run")),
        }
    }

    /// Which weights each codebook of the transformer over codebooks has.
    pub(crate) fn schedule(&self) -> Vec<usize> {
        self.depth.schedule.clone().unwrap_or_else(|| (0..self.streams.dep_q).collect())
    }

    /// Steps by which the audio is later than the text.
    pub(crate) fn audio_delay_steps(&self) -> usize {
        // 12.5 steps a second; the published 1.28 s are 16.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be between 0 and a minute"
        )]
        let steps = (self.tts_config.audio_delay * 12.5).round() as usize;
        steps
    }

    fn unsupported(&self) -> Option<String> {
        let (streams, kind) = (&self.streams, &self.kind);
        let wants = |wanted: bool, what: &str| wanted.then(|| what.to_owned());
        let no_heads = self.backbone.num_heads == 0 || self.depth.num_heads == 0;
        let sizes = [self.backbone.dim % self.backbone.num_heads.max(1), self.depth.dim % self.depth.num_heads.max(1)];
        let schedule = self.schedule();
        wants(kind.gating != "silu", "another gating than silu")
            .or_else(|| wants(kind.positional_embedding != "rope", "another positional embedding than rope"))
            .or_else(|| wants(!kind.cross_attention, "no cross-attention"))
            .or_else(|| wants(!kind.demux_second_stream, "no second text stream"))
            .or_else(|| wants(self.tts_config.second_stream_ahead == 0, "a second text stream that is not ahead"))
            .or_else(|| wants(!kind.depth.depformer_multi_linear, "one projection for all codebooks"))
            .or_else(|| wants(!kind.depth.depformer_weights_per_step, "the same weights for all codebooks"))
            .or_else(|| wants(kind.depth.depformer_pos_emb != "none", "positions of codebooks"))
            .or_else(|| wants(kind.depth.depformer_norm.is_some(), "a norm after the depth transformer"))
            .or_else(|| wants(kind.absent.layer_scale.is_some(), "a layer scale"))
            .or_else(|| wants(kind.absent.norm_emb, "normalised embeddings"))
            .or_else(|| wants(kind.absent.bias_proj, "biases of projections"))
            .or_else(|| wants(kind.absent.kv_repeat.is_some_and(|repeat| repeat != 1), "shared keys"))
            .or_else(|| {
                let other = kind.absent.text_card_out.is_some_and(|out| out != streams.text_card);
                wants(other, "different text tokens in and out")
            })
            .or_else(|| wants(!self.fuser.prepend.is_empty(), "conditions put before the input"))
            .or_else(|| wants(self.fuser.cross.len() != 1, "other than one condition to attend to"))
            .or_else(|| wants(streams.delays.len() != streams.n_q + 1, "other delays than streams"))
            .or_else(|| wants(streams.dep_q > streams.n_q || streams.dep_q == 0, "codebooks that are not heard"))
            .or_else(|| wants(schedule.len() != streams.dep_q, "another schedule than codebooks"))
            .or_else(|| wants(no_heads || sizes != [0, 0], "heads of different sizes"))
            .or_else(|| wants(self.backbone.context == 0, "no past to attend to"))
            .or_else(|| {
                let delay = self.tts_config.audio_delay;
                wants(!(0.0..=60.0).contains(&delay), "a delay of the audio that cannot be")
            })
    }
}

/// The width of a gated feed-forward layer for its nominal size, as the models were trained.
pub(crate) fn gated_width(dim: usize, nominal: usize) -> usize {
    if nominal == 4 * dim { 21 * dim / 8 } else { 2 * nominal / 3 }
}

impl Backbone {
    /// The width of its gated feed-forward layers.
    pub(crate) fn width(&self) -> usize {
        gated_width(self.dim, scaled(self.dim, self.hidden_scale))
    }
}

impl Depth {
    /// The width of its gated feed-forward layers; `scale` is the backbone's.
    pub(crate) fn width(&self, scale: f64) -> usize {
        gated_width(self.dim, self.feed_forward.unwrap_or_else(|| scaled(self.dim, scale)))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "sizes of layers are far below 2^52, and a part of one is meant to be cut off"
)]
fn scaled(dim: usize, scale: f64) -> usize {
    (dim as f64 * scale) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = include_str!("measure/published.json");

    #[test]
    fn the_published_sizes_are_understood() {
        let config = Config::parse(PUBLISHED).unwrap();
        assert_eq!(config.backbone.width(), 5_632);
        assert_eq!(config.depth.width(config.backbone.hidden_scale), 2_048);
        assert_eq!(config.audio_delay_steps(), 16);
        assert_eq!((config.schedule().len(), config.schedule().last()), (32, Some(&10)));
        // A number without a fraction is as good, and what is not known is not asked for.
        let other = PUBLISHED.replace("10000.0", "10000").replace("\"context\"", "\"new\": {}, \"context\"");
        assert!(Config::parse(&other).is_ok());
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        for (from, to, says) in [
            ("\"silu\"", "\"gelu\"", "gating"),
            ("\"rms_norm_f32\"", "\"layer_norm\"", "layer_norm"),
            ("\"cross_attention\": true", "\"cross_attention\": false", "cross-attention"),
            ("\"num_heads\": 16", "\"num_heads\": 15", "heads"),
            ("\"num_heads\": 16", "\"num_heads\": 0", "heads"),
            ("\"context\": 500", "\"context\": 0", "past"),
            ("\"dep_q\": 32", "\"dep_q\": 33", "codebooks"),
            ("\"n_q\": 32", "\"n_q\": 31", "delays"),
            ("\"audio_delay\": 1.28", "\"audio_delay\": 1e9", "delay"),
            ("\"second_stream_ahead\": 2", "\"second_stream_ahead\": 0", "ahead"),
        ] {
            assert!(PUBLISHED.contains(from));
            let said = Config::parse(&PUBLISHED.replacen(from, to, 1)).unwrap_err();
            assert!(said.contains(says), "{to}: {said}");
        }
    }
}
