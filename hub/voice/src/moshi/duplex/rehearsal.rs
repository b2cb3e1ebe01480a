//! Moshi at its published size with invented weights: it steps exactly as fast as the real one, and says nothing.
//!
//! It deliberately measures no more than what each part of a step takes: every part ends with something that comes back from
//! the GPU, so that watching it costs nothing.

use std::time::{Duration, Instant};

use candle_core::DType;
use moshi::{lm, mimi, nn::MaybeQuantizedVarBuilder};

use super::model::{Failure, Model, Talking};
use crate::{
    EngineError, FRAME_SAMPLES,
    moshi::{CodecSize, Processor, rehearsal::invented, weights::said},
};

/// So many silent steps are remembered at once.
const AT_ONCE: usize = 250;

/// The model, with 16 bits a weight, and its one conversation.
pub struct Rehearsal {
    talking: Talking,
    sound: Box<[f32; FRAME_SAMPLES]>,
    context: usize,
}

/// What the parts of a step took: 80 ms of sound in, 80 ms out.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The codec, of what was heard.
    pub hear: Duration,
    /// The two transformers, with the choice of all tokens.
    pub think: Duration,
    /// The codec, of what is said.
    pub voice: Duration,
}

impl Rehearsal {
    /// How many layers the published model has.
    pub const LAYERS: usize = 32;

    /// Invents the weights, for as many layers as are asked for (the published model has [`Self::LAYERS`]), and makes the
    /// first steps.
    pub fn new(layers: usize, processor: Processor) -> Result<Self, EngineError> {
        let device = crate::moshi::device(processor)?;
        let (mut language, codec) = CodecSize::Published.talking();
        language.transformer.num_layers = layers;
        let context = language.transformer.context;
        let build = || -> Result<Model, Failure> {
            let codec = mimi::Mimi::new(codec, invented(DType::F32, &device)?)?;
            let weights = MaybeQuantizedVarBuilder::Real(invented(device.bf16_default_to_f32(), &device)?);
            Model::new(lm::LmModel::new(&language, weights)?, codec)
        };
        let model = build().map_err(|error| EngineError::Unavailable(said(&error)))?;
        let mut sound = Box::new([0.0; FRAME_SAMPLES]);
        let mut phase: f32 = 0.0;
        for sample in sound.iter_mut() {
            phase = (phase + 0.05) % std::f32::consts::TAU;
            *sample = 0.3 * phase.sin();
        }
        Ok(Self { talking: model.begin(0), sound, context })
    }

    /// So many frames it remembers at most: 4 minutes.
    pub fn context(&self) -> usize {
        self.context
    }

    /// Lets it have talked for so many frames more.
    pub fn age(&mut self, frames: usize) -> Result<(), EngineError> {
        let mut left = frames;
        while left > 0 {
            let now = left.min(AT_ONCE);
            self.talking.remember(now).map_err(|error| EngineError::Died(said(&error)))?;
            left -= now;
        }
        Ok(())
    }

    /// One step.
    pub fn step(&mut self) -> Result<Step, EngineError> {
        self.try_step().map_err(|error| EngineError::Died(said(&error)))
    }

    fn try_step(&mut self) -> Result<Step, Failure> {
        let begun = Instant::now();
        let heard = self.talking.hear(&self.sound)?;
        let hear = begun.elapsed();
        let begun = Instant::now();
        let (_, frame) = self.talking.think(heard)?;
        let think = begun.elapsed();
        let begun = Instant::now();
        if let Some(frame) = frame {
            self.talking.voice(frame)?;
        }
        Ok(Step { hear, think, voice: begun.elapsed() })
    }
}

impl std::fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rehearsal").field("context", &self.context).finish_non_exhaustive()
    }
}
