//! The whole model in one place: both transformers, the codec that makes sound of codes, and the tokenizer.
//!
//! It deliberately knows nothing of sessions; rows are numbered, and who has which is the thread's business.

use std::path::Path;

use ::moshi::mimi::{self, Mimi};
use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::{
    Files, Settings,
    backbone::{Backbone, Row},
    config::Config,
    depth::Depth,
    sampling::{Dice, Table},
    utterance::Streams,
};
use crate::{
    EngineError, catalogue,
    moshi::{
        precision,
        tokenizer::Tokenizer,
        unavailable,
        weights::{open_safetensors, said, unreadable},
    },
};

/// Both transformers.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) backbone: Backbone,
    pub(super) depth: Depth,
    pub(super) streams: Streams,
}

impl Network {
    /// With the sizes of `config`, as many sessions and codebooks as `settings` say, and whatever `weights` give.
    pub(super) fn load(config: &Config, settings: &Settings, weights: &VarBuilder) -> Result<Self> {
        let codebooks = settings.codebooks.clamp(1, config.streams.dep_q);
        Ok(Self {
            backbone: Backbone::load(config, settings.slots, settings.guidance, weights)?,
            depth: Depth::load(config, codebooks, settings.slots, weights)?,
            streams: Streams::new(config, codebooks),
        })
    }

    /// How many frames of an utterance are decoded together when so many speak at once. Decoding is one utterance after the
    /// other, and takes hardly longer for more frames: where few speak their sound comes at once, many share the time.
    pub(super) fn together(utterances: usize) -> usize {
        (utterances / 8).clamp(1, 4)
    }
}

/// Everything that is needed to speak.
pub(super) struct Model {
    pub(super) network: Network,
    /// As it is before its first frame. An utterance has a copy, which shares the weights and, as nothing was decoded yet,
    /// nothing else; a copy of one that was used would write into its memory.
    pub(super) codec: Codec,
    pub(super) tokenizer: Tokenizer,
}

impl Model {
    /// Reads everything from its files. An error names the file, what is wrong with it, and what mends it.
    pub(super) fn open(
        files: &Files,
        settings: &Settings,
        codec: mimi::Config,
        device: &Device,
    ) -> std::result::Result<Self, EngineError> {
        let of = |file: &Path, what: &str| unavailable(catalogue::Model::Tts, file, what);
        let misfit = |file: &Path, what: &str| of(file, &format!("does not fit: {what}"));

        let text = std::fs::read_to_string(&files.config).map_err(|error| of(&files.config, &unreadable(&error)))?;
        let config = Config::parse(&text).map_err(|what| misfit(&files.config, &what))?;
        let dtype = precision(device);
        let weights = open_safetensors(&files.weights, dtype, device).map_err(|what| of(&files.weights, &what))?;
        let sound = open_safetensors(&files.codec, DType::F32, device).map_err(|what| of(&files.codec, &what))?;
        let tokenizer = Tokenizer::open(&files.tokenizer).map_err(|what| of(&files.tokenizer, &what))?;

        let mut network =
            Network::load(&config, settings, &weights).map_err(|error| misfit(&files.weights, &said(&error)))?;
        let codec = mimi::Config { quantizer_n_q: network.streams.codebooks(), ..codec };
        let mimi = Mimi::new(codec, sound).map_err(|error| misfit(&files.codec, &said(&error)))?;
        for (name, file) in &files.voices {
            let of = |what: &str| match name.as_str() {
                catalogue::DEFAULT_VOICE => of(file, what),
                name => EngineError::Unavailable(format!(
                    "{} {what}; `xswarm model pull tts --voice {name}` mends it",
                    file.display()
                )),
            };
            let voice = open_safetensors(file, DType::F32, device).map_err(|what| of(&what))?;
            let learnt = voice.get_unchecked("speaker_wavs").and_then(|voice| network.backbone.learn_voice(&voice));
            learnt.map_err(|error| of(&format!("does not fit: {}", said(&error))))?;
        }
        Ok(Self { network, codec: Codec::new(mimi, device.clone()), tokenizer })
    }
}

impl Model {
    /// One whole step for nobody: what a GPU compiles and allocates at first is not waited for in a call.
    pub(super) fn warm_up(&mut self) -> Result<()> {
        let network = &mut self.network;
        let (text, audio) = network.streams.idle();
        let row = Row { taking_part: false, text, audio, voice: 0 };
        let heard = network.backbone.step(&[row])?;
        let mut dice = Dice::new(0, 1.0);
        let codebooks = network.streams.codebooks();
        let codes = network.depth.step(&heard.hidden, &[text], codebooks, &mut Table(vec![&mut dice]))?;
        self.codec.clone().decode(&codes)?;
        Ok(())
    }
}

/// What makes sound of codes, with what it remembers of the last frames.

#[derive(Clone)]
pub(super) struct Codec {
    mimi: Mimi,
    device: Device,
}

impl Codec {
    pub(super) fn new(mimi: Mimi, device: Device) -> Self {
        Self { mimi, device }
    }

    /// The sound of some frames, 1,920 samples each.
    pub(super) fn decode(&mut self, frames: &[Vec<u32>]) -> Result<Vec<f32>> {
        let codebooks = frames.first().map_or(0, Vec::len);
        let codes: Vec<u32> = frames.iter().flatten().copied().collect();
        let codes = Tensor::from_vec(codes, (1, frames.len(), codebooks), &self.device)?.transpose(1, 2)?;
        let sound = self.mimi.decode_step(&codes.contiguous()?.into(), &().into())?;
        let mut sound: Vec<f32> = match sound.as_option() {
            Some(sound) => sound.flatten_all()?.to_dtype(DType::F32)?.to_vec1()?,
            None => Vec::new(),
        };
        for sample in &mut sound {
            *sample = sample.clamp(-1.0, 1.0);
        }
        Ok(sound)
    }
}
