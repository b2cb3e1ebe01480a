//! The `config.json` that Kyutai publishes with a speech-to-text model, and what it means to the model's code.
//!
//! Numbers that no such model has are refused here, by name: the model's code would divide by them.

use std::{ops::RangeInclusive, path::Path};

use candle_nn::Activation;
use moshi::{NormType, lm, transformer};
use serde::Deserialize;

use crate::catalogue::Model;

/// Steps a second: Mimi's frames.
const STEPS_A_SECOND: f64 = 12.5;

/// What is published. What is not named here means nothing to a model that only listens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Published {
    /// The codec's file, beside this one.
    pub(super) mimi_name: String,
    /// The tokenizer's file.
    pub(super) tokenizer_name: String,
    /// The weights' file, where it is named.
    #[serde(default)]
    pub(super) moshi_name: Option<String>,
    card: usize,
    text_card: usize,
    dim: usize,
    n_q: usize,
    context: usize,
    max_period: f64,
    num_heads: usize,
    num_layers: usize,
    causal: bool,
    stt_config: Delays,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Delays {
    audio_silence_prefix_seconds: f64,
    audio_delay_seconds: f64,
}

impl Published {
    /// Reads it; says what is wrong with it.
    pub(super) fn open(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| super::weights::unreadable(&error))?;
        let published: Self =
            serde_json::from_str(&text).map_err(|error| format!("describes no speech-to-text model: {error}"))?;
        published.check()?;
        Ok(published)
    }

    /// What was published with a model, and whether it has heads for pauses.
    pub(super) fn known(model: Model) -> Option<(Self, bool)> {
        let (text_card, num_heads, num_layers, context, delays, has_heads) = match model {
            Model::Stt => (8_000, 16, 16, 750, (0.0, 0.5), true),
            Model::SttLarge => (4_000, 32, 48, 375, (1.0, 2.5), false),
            Model::Tts | Model::Moshi => return None,
        };
        let published = Self {
            mimi_name: "mimi-pytorch-e351c8d8@125.safetensors".to_owned(),
            tokenizer_name: format!("tokenizer_{text_card}.model"),
            moshi_name: None,
            card: 2_048,
            text_card,
            dim: 2_048,
            n_q: 32,
            context,
            max_period: 100_000.0,
            num_heads,
            num_layers,
            causal: true,
            stt_config: Delays { audio_silence_prefix_seconds: delays.0, audio_delay_seconds: delays.1 },
        };
        Some((published, has_heads))
    }

    fn check(&self) -> Result<(), String> {
        let numbers: [(&str, usize, RangeInclusive<usize>); 8] = [
            ("card", self.card, 2..=1 << 16),
            ("text_card", self.text_card, 5..=1 << 20),
            ("dim", self.dim, 8..=1 << 14),
            ("n_q", self.n_q, 2..=64),
            ("context", self.context, 2..=1 << 16),
            ("num_heads", self.num_heads, 1..=256),
            ("num_layers", self.num_layers, 1..=256),
            // Heads of an odd width cannot be turned by their position.
            ("dim / num_heads / 2", self.dim / self.num_heads.max(1) / 2, 1..=1 << 10),
        ];
        for (name, number, range) in numbers {
            if !range.contains(&number) {
                return Err(format!("says {name} = {number}, which must be {} to {}", range.start(), range.end()));
            }
        }
        if !self.dim.is_multiple_of(2 * self.num_heads) {
            return Err(format!("says dim = {} for {} heads", self.dim, self.num_heads));
        }
        if !self.causal {
            return Err("says causal = false: such a model cannot listen while somebody speaks".to_owned());
        }
        let delays = &self.stt_config;
        let fractions = [
            ("max_period", self.max_period, 1.0..=1e9),
            ("audio_silence_prefix_seconds", delays.audio_silence_prefix_seconds, 0.0..=10.0),
            ("audio_delay_seconds", delays.audio_delay_seconds, 0.0..=10.0),
        ];
        for (name, number, range) in fractions {
            if !range.contains(&number) {
                return Err(format!("says {name} = {number}, which must be {} to {}", range.start(), range.end()));
            }
        }
        Ok(())
    }

    /// After so many steps the model tells what it heard.
    pub(super) fn delay_steps(&self) -> u64 {
        whole(self.stt_config.audio_delay_seconds * STEPS_A_SECOND)
    }

    /// So many steps of silence it wants first.
    pub(super) fn prefix_steps(&self) -> u64 {
        whole(self.stt_config.audio_silence_prefix_seconds * STEPS_A_SECOND)
    }

    /// How many streams of tokens the codec makes.
    pub(super) fn codebooks(&self) -> usize {
        self.n_q
    }

    /// How many pieces the tokenizer can have.
    pub(super) fn text_pieces(&self) -> usize {
        self.text_card
    }

    /// The model's own configuration. Whether it has heads for pauses only its weights tell.
    pub(super) fn language_model(&self, has_heads: bool) -> lm::Config {
        lm::Config {
            transformer: transformer::Config {
                d_model: self.dim,
                num_heads: self.num_heads,
                num_layers: self.num_layers,
                dim_feedforward: 4 * self.dim,
                causal: true,
                norm_first: true,
                bias_ff: false,
                bias_attn: false,
                layer_scale: None,
                context: self.context,
                max_period: usize::try_from(whole(self.max_period)).unwrap_or(usize::MAX),
                use_conv_block: false,
                use_conv_bias: true,
                cross_attention: None,
                gating: Some(Activation::Silu),
                norm: NormType::RmsNorm,
                positional_embedding: transformer::PositionalEmbedding::Rope,
                conv_layout: false,
                conv_kernel_size: 3,
                kv_repeat: 1,
                max_seq_len: 4 * self.context,
                shared_cross_attn: false,
            },
            depformer: None,
            audio_vocab_size: self.card + 1,
            text_in_vocab_size: self.text_card + 1,
            text_out_vocab_size: self.text_card,
            audio_codebooks: self.n_q,
            conditioners: None,
            // Four heads (a pause of 0.5, 1, 2 and 3 seconds), six classes each.
            extra_heads: has_heads.then_some(lm::ExtraHeadsConfig { num_heads: 4, dim: 6 }),
        }
    }
}

/// To the nearest whole number.
fn whole(number: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be 0 to 1e9")]
    let whole = number.round() as u64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As published with stt-1b-en_fr, shortened by what is not read.
    const STT: &str = r#"{"mimi_name": "mimi-pytorch-e351c8d8@125.safetensors", "moshi_name": "model.safetensors",
        "tokenizer_name": "tokenizer_en_fr_audio_8000.model", "card": 2048, "text_card": 8000, "dim": 2048, "n_q": 32,
        "context": 750, "max_period": 100000.0, "num_heads": 16, "num_layers": 16, "causal": true, "dep_q": 0,
        "stt_config": {"audio_silence_prefix_seconds": 0.0, "audio_delay_seconds": 0.5}}"#;

    fn read(text: &str) -> Result<Published, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, text).unwrap();
        Published::open(file.path())
    }

    #[test]
    fn what_kyutai_publishes_is_understood() {
        let published = read(STT).unwrap();
        assert_eq!((published.delay_steps(), published.prefix_steps(), published.codebooks()), (6, 0, 32));
        let model = published.language_model(true);
        assert_eq!((model.audio_vocab_size, model.text_in_vocab_size, model.text_out_vocab_size), (2049, 8001, 8000));
        assert_eq!((model.transformer.dim_feedforward, model.transformer.max_period), (8192, 100_000));
        assert_eq!(model.extra_heads.unwrap().num_heads, 4);
        assert!(published.language_model(false).extra_heads.is_none());
        let (known, _) = Published::known(Model::Stt).unwrap();
        let names = (published.moshi_name.clone(), published.tokenizer_name.clone());
        assert_eq!(Published { moshi_name: names.0, tokenizer_name: names.1, ..known }, published);
        assert_eq!(Published::known(Model::SttLarge).unwrap().0.check(), Ok(()));
    }

    #[test]
    fn numbers_that_no_model_has_are_refused_by_name() {
        for (from, to, names) in [
            ("\"dim\": 2048", "\"dim\": 0", "dim"),
            ("\"num_heads\": 16", "\"num_heads\": 0", "num_heads"),
            ("\"num_heads\": 16", "\"num_heads\": 15", "15 heads"),
            ("\"n_q\": 32", "\"n_q\": 1000", "n_q"),
            ("\"causal\": true", "\"causal\": false", "causal"),
            ("100000.0", "-1", "max_period"),
            ("0.5}", "1e300}", "audio_delay_seconds"),
            ("\"stt_config\"", "\"tts_config\"", "stt_config"),
        ] {
            assert!(STT.contains(from));
            let error = read(&STT.replace(from, to)).unwrap_err();
            assert!(error.contains(names), "{names}: {error}");
        }
        assert_eq!(Published::open(Path::new("/nowhere")).unwrap_err(), "is missing");
    }
}
