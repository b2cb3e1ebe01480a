//! For tests: models with tiny random weights, in files as Kyutai publishes them, to go through the real loaders.
//!
//! The model that speaks is made elsewhere (`tests/reference`); only the sizes of its codec are here.
//!
//! The tensors' names and shapes are those that the model's own code asks for; only their numbers are invented, the same
//! ones each time.

#![expect(clippy::unwrap_used, reason = "for tests, which fail loudly")]

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::{Activation, VarBuilder, VarMap};
use moshi::{NormType, conv, lm, mimi, nn::MaybeQuantizedVarBuilder, seanet, transformer};

#[cfg(test)]
use super::Processor;
use super::{duplex, published::Published};

/// What the tests compute on: the GPU, in a program that is built for one.
#[cfg(test)]
pub(super) const PROCESSOR: Processor = if cfg!(feature = "cuda") { Processor::Cuda(0) } else { Processor::Cpu };

/// How many streams of tokens the tiny codec makes.
pub(crate) const CODEBOOKS: usize = 8;

/// How many sound tokens there are in each.
pub(crate) const BINS: usize = 64;

/// How many text tokens there are; the first four are no text.
pub(crate) const PIECES: usize = 16;

/// [`PROCESSOR`].
#[cfg(test)]
pub(super) fn device() -> Device {
    super::device(PROCESSOR).unwrap()
}

/// The configuration of a tiny speech-to-text model.
pub(crate) fn config_json(delay_seconds: f64, prefix_seconds: f64) -> serde_json::Value {
    serde_json::json!({
        "mimi_name": "mimi.safetensors", "tokenizer_name": "tokenizer.model", "card": BINS, "text_card": PIECES,
        "dim": 64, "n_q": CODEBOOKS, "context": 48, "max_period": 10_000.0, "num_heads": 2, "num_layers": 2,
        "causal": true, "delays": [0, 0, 0, 0, 0, 0, 0, 0, 0],
        "stt_config": {"audio_delay_seconds": delay_seconds, "audio_silence_prefix_seconds": prefix_seconds},
    })
}

/// A codec that is built as Mimi is: the same frames, a thousandth of the weights.
pub(crate) fn codec(codebooks: usize) -> mimi::Config {
    let dimension = 32;
    mimi::Config {
        channels: 1,
        sample_rate: 24_000.0,
        frame_rate: 12.5,
        renormalize: true,
        resample_method: mimi::ResampleMethod::Conv,
        seanet: seanet::Config {
            dimension,
            channels: 1,
            causal: true,
            n_filters: 2,
            n_residual_layers: 1,
            activation: Activation::Elu(1.0),
            compress: 2,
            dilation_base: 2,
            disable_norm_outer_blocks: 0,
            final_activation: None,
            kernel_size: 7,
            residual_kernel_size: 3,
            last_kernel_size: 3,
            lstm: 0,
            norm: conv::Norm::WeightNorm,
            pad_mode: conv::PadMode::Constant,
            ratios: vec![8, 6, 5, 4],
            true_skip: true,
        },
        transformer: transformer::Config {
            d_model: dimension,
            num_heads: 2,
            num_layers: 1,
            dim_feedforward: 64,
            causal: true,
            norm_first: true,
            bias_ff: false,
            bias_attn: false,
            layer_scale: Some(0.01),
            context: 100,
            max_period: 10_000,
            use_conv_block: false,
            use_conv_bias: true,
            cross_attention: None,
            gating: None,
            norm: NormType::LayerNorm,
            positional_embedding: transformer::PositionalEmbedding::Rope,
            conv_layout: true,
            conv_kernel_size: 5,
            kv_repeat: 1,
            max_seq_len: 8_192,
            shared_cross_attn: false,
        },
        quantizer_n_q: codebooks,
        quantizer_bins: BINS,
        quantizer_dim: 16,
    }
}

/// The codec of the tiny model that speaks, which `tests/reference/synthesis.py` makes.
pub(crate) fn speaking_codec(codebooks: usize) -> mimi::Config {
    let transformer = transformer::Config {
        d_model: 16,
        num_heads: 2,
        num_layers: 1,
        dim_feedforward: 32,
        ..mimi::Config::v0_1(None).transformer
    };
    let seanet = seanet::Config { dimension: 16, n_filters: 2, ..mimi::Config::v0_1(None).seanet };
    mimi::Config {
        seanet,
        transformer,
        quantizer_n_q: codebooks,
        quantizer_bins: 16,
        quantizer_dim: 8,
        ..mimi::Config::v0_1(None)
    }
}

/// Writes a whole speech-to-text model.
///
/// # Panics
///
/// When it cannot be written.
pub fn write_stt(directory: &Path, has_heads: bool, delay_seconds: f64, prefix_seconds: f64) {
    let config = config_json(delay_seconds, prefix_seconds);
    std::fs::write(directory.join("config.json"), config.to_string()).unwrap();
    std::fs::write(directory.join("tokenizer.model"), tokenizer()).unwrap();
    write_codec(&directory.join("mimi.safetensors"));
    let published: Published = serde_json::from_value(config).unwrap();
    write_language_model(&directory.join("model.safetensors"), &published.language_model(has_heads));
}

/// Writes a whole model for free conversation, 32 bits a weight.
///
/// # Panics
///
/// When it cannot be written.
pub fn write_moshi(directory: &Path) {
    std::fs::write(directory.join(duplex::TOKENIZER), tokenizer()).unwrap();
    write_codec(&directory.join(duplex::CODEC));
    write_language_model(&directory.join("model.safetensors"), &duplex_config());
}

/// A language model that talks, built as Moshi is.
pub(crate) fn duplex_config() -> lm::Config {
    let published: Published = serde_json::from_value(config_json(0.5, 0.0)).unwrap();
    let mut config = published.language_model(false);
    let depth = transformer::Config {
        d_model: 32,
        num_layers: 1,
        dim_feedforward: 4 * 32,
        context: CODEBOOKS,
        max_period: 10_000,
        positional_embedding: transformer::PositionalEmbedding::None,
        ..config.transformer.clone()
    };
    config.depformer =
        Some(lm::DepFormerConfig { transformer: depth, num_slices: CODEBOOKS, low_rank_embeddings: None });
    config.audio_codebooks = 2 * CODEBOOKS;
    config
}

/// Writes the weights of a codec.
pub(crate) fn write_codec(file: &Path) {
    write(file, 1, |weights| drop(mimi::Mimi::new(codec(CODEBOOKS), weights).unwrap()));
}

/// Writes the weights of a language model.
pub(crate) fn write_language_model(file: &Path, config: &lm::Config) {
    write(file, 5, |weights| drop(lm::LmModel::new(config, MaybeQuantizedVarBuilder::Real(weights)).unwrap()));
}

/// Writes whatever tensors are asked for.
fn write(file: &Path, seed: u64, ask: impl FnOnce(VarBuilder)) {
    let tensors = VarMap::new();
    ask(VarBuilder::from_varmap(&tensors, DType::F32, &Device::Cpu));
    let mut random = fastrand::Rng::with_seed(seed);
    let mut by_name: Vec<_> = tensors.data().lock().unwrap().clone().into_iter().collect();
    by_name.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, tensor) in &by_name {
        let is_norm = name.contains("norm");
        let (middle, spread) = match name.rsplit('.').next().unwrap() {
            "alpha" | "cluster_usage" | "_initialized" | "weight_g" => (1.0, 0.0),
            "weight" if is_norm => (1.0, 0.0),
            "bias" if is_norm => (0.0, 0.0),
            "scale" => (0.01, 0.0),
            // Decided enough that a pause is now likely and now not, and turns end.
            _ if name.starts_with("extra_heads") => (0.0, 1.5),
            _ => (0.0, 0.3),
        };
        let numbers: Vec<f32> = (0..tensor.elem_count()).map(|_| middle + spread * normal(&mut random)).collect();
        tensor.set(&Tensor::from_vec(numbers, tensor.shape(), &Device::Cpu).unwrap()).unwrap();
    }
    tensors.save(file).unwrap();
}

/// About normally distributed: the sum of twelve.
fn normal(random: &mut fastrand::Rng) -> f32 {
    (0..12).map(|_| random.f32()).sum::<f32>() - 6.0
}

/// The same weights, 8 bits each where that can be.
#[cfg(test)]
pub(crate) fn to_gguf(safetensors: &Path, gguf: &Path) {
    use candle_core::quantized::{GgmlDType, QTensor, gguf_file};

    let tensors = candle_core::safetensors::load(safetensors, &Device::Cpu).unwrap();
    // In order, so that the last one in the file is always the same.
    let tensors: std::collections::BTreeMap<_, _> = tensors.into_iter().collect();
    let quantized: Vec<(String, QTensor)> = tensors
        .into_iter()
        .map(|(name, tensor)| {
            let fits = tensor.rank() == 2 && tensor.dim(1).unwrap().is_multiple_of(32);
            let dtype = if fits { GgmlDType::Q8_0 } else { GgmlDType::F32 };
            (name, QTensor::quantize(&tensor, dtype).unwrap())
        })
        .collect();
    let named: Vec<(&str, &QTensor)> = quantized.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    gguf_file::write(&mut std::fs::File::create(gguf).unwrap(), &[], &named).unwrap();
}

/// A SentencePiece model of [`PIECES`] pieces (`sentencepiece_model.proto`: unigram, no normalisation).
pub(crate) fn tokenizer() -> Vec<u8> {
    const PIECE: [&str; PIECES - 4] =
        ["▁good", "▁mor", "ning", "▁call", "▁John", "▁to", "day", "▁at", "▁two", "s", "▁", "e"];
    let specials = [("<unk>", 2), ("<s>", 3), ("</s>", 3), ("<pad>", 3)];
    let mut model = Vec::new();
    for (piece, kind) in specials.into_iter().chain(PIECE.map(|piece| (piece, 1))) {
        let mut message = vec![0x0a, u8::try_from(piece.len()).unwrap()];
        message.extend_from_slice(piece.as_bytes());
        message.push(0x15);
        message.extend_from_slice(&(-f32::from(u8::try_from(20 - piece.len()).unwrap())).to_le_bytes());
        message.extend_from_slice(&[0x18, kind]);
        model.extend_from_slice(&[0x0a, u8::try_from(message.len()).unwrap()]);
        model.extend_from_slice(&message);
    }
    // trainer_spec { model_type: UNIGRAM, pad_id: 3 }, normalizer_spec { name: "identity" }
    let trainer = [0x18, 1, 0xd8, 0x02, 3];
    model.extend_from_slice(&[0x12, u8::try_from(trainer.len()).unwrap()]);
    model.extend_from_slice(&trainer);
    model.extend_from_slice(&[0x1a, 10, 0x0a, 8]);
    model.extend_from_slice(b"identity");
    model
}
