//! A model of its published size with invented weights: it steps exactly as fast as the real one, and says nothing.
//!
//! Nothing in a step depends on what the numbers are, so that a machine can be measured before gigabytes are fetched. It
//! deliberately does not measure: whoever steps it has the watch.

use candle_core::{DType, Device, Shape, Tensor};
use candle_nn::{Init, VarBuilder, var_builder::SimpleBackend};
use moshi::{lm, mimi, nn::MaybeQuantizedVarBuilder};

use super::{
    Processor,
    published::Published,
    transcription::{Recogniser, Step as _},
    weights,
};
use crate::{EngineError, FRAME_SAMPLES, catalogue::Model};

/// A speech-to-text model that steps with all its sessions.
pub struct Rehearsal {
    recogniser: Recogniser,
    sessions: usize,
    sound: Box<[f32; FRAME_SAMPLES]>,
}

impl std::fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rehearsal").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

impl Rehearsal {
    /// Invents the weights of a speech-to-text model, for so many sessions, and makes the first two steps.
    pub fn new(model: Model, sessions: usize, processor: Processor) -> Result<Self, EngineError> {
        let Some((published, has_heads)) = Published::known(model) else {
            return Err(EngineError::Unavailable(format!("{} does not listen", model.name())));
        };
        let device = super::device(processor)?;
        let build = || -> candle_core::Result<Recogniser> {
            let codec = mimi::Config::v0_1(Some(published.codebooks()));
            let codec = mimi::Mimi::batched(sessions, codec, invented(DType::F32, &device)?)?;
            let weights = MaybeQuantizedVarBuilder::Real(invented(device.bf16_default_to_f32(), &device)?);
            let language = lm::LmModel::batched(sessions, &published.language_model(has_heads), weights)?;
            Recogniser::new(codec, language, sessions, 0.0, has_heads)
        };
        let recogniser = build().map_err(|error| EngineError::Unavailable(weights::said(&error)))?;
        let mut sound = Box::new([0.0; FRAME_SAMPLES]);
        let mut phase: f32 = 0.0;
        for sample in sound.iter_mut() {
            phase = (phase + 0.05) % std::f32::consts::TAU;
            *sample = 0.3 * phase.sin();
        }
        Ok(Self { recogniser, sessions, sound })
    }

    /// One step of all sessions: 80 ms of sound for each. It is over when what was written has come back.
    pub fn step(&mut self) -> Result<(), EngineError> {
        let sound = vec![Some(&*self.sound); self.sessions];
        let said = self.recogniser.step(&sound).map_err(|error| EngineError::Died(weights::said(&error)))?;
        if said.len() == self.sessions { Ok(()) } else { Err(EngineError::Died("a session got nothing".to_owned())) }
    }
}

/// Weights that are made up where they are asked for: nothing is read, and the host holds one tensor at most.
pub(super) fn invented(dtype: DType, device: &Device) -> candle_core::Result<VarBuilder<'static>> {
    // As many as divide the size of nearly every tensor, so that no memory is held beside them.
    let numbers = Tensor::randn(0.0_f32, 0.02, 1 << 18, device)?.to_dtype(dtype)?;
    Ok(VarBuilder::from_backend(Box::new(Invented(numbers)), dtype, device.clone()))
}

/// The same numbers again and again.
struct Invented(Tensor);

impl SimpleBackend for Invented {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> candle_core::Result<Tensor> {
        // What is divided by, or scales all of a layer, is one.
        let is_one = ["alpha", "cluster_usage", "weight_g"].iter().any(|end| name.ends_with(end))
            || (name.contains("norm") && name.ends_with("weight"));
        if is_one {
            return Tensor::ones(shape, dtype, device);
        }
        let (count, some) = (shape.elem_count(), self.0.elem_count());
        let all = self.0.to_dtype(dtype)?.repeat(count.div_ceil(some))?;
        all.narrow(0, 0, count)?.reshape(shape)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        candle_core::bail!("{name} is asked for without a shape")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts what a model asks for, and gives it one number as large as it likes.
    struct Counted(std::sync::Arc<std::sync::atomic::AtomicUsize>);

    impl SimpleBackend for Counted {
        fn get(&self, shape: Shape, _: &str, _: Init, dtype: DType, device: &Device) -> candle_core::Result<Tensor> {
            self.0.fetch_add(shape.elem_count(), std::sync::atomic::Ordering::Relaxed);
            Tensor::zeros(vec![1; shape.rank()], dtype, device)?.broadcast_as(shape)
        }

        fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
            candle_core::bail!("{name} is asked for without a shape")
        }

        fn contains_tensor(&self, _: &str) -> bool {
            true
        }
    }

    #[test]
    fn the_models_have_as_many_weights_as_their_files_have_room_for() {
        for (model, millions) in [(Model::Stt, 989), (Model::SttLarge, 2_617)] {
            let (published, has_heads) = Published::known(model).unwrap();
            let count = weights_of(&published.language_model(has_heads));
            assert_eq!(count / 1_000_000, millions, "{}", model.name());
            // Two bytes each, and a header of some kilobytes.
            let file = model.files().iter().find(|file| file.name == "model.safetensors").unwrap();
            assert!(file.bytes.abs_diff(2 * count as u64) < 1_000_000, "{}: {count} weights", model.name());
        }
        assert!(Published::known(Model::Tts).is_none());

        let count = weights_of(&lm::Config::v0_1_streaming(8));
        assert_eq!(count / 1_000_000, 7_687);
        // 32 weights of 8 bits have a scale of 16.
        let file = Model::Moshi.files().iter().find(|file| file.name == "model.q8.gguf").unwrap();
        assert!(file.bytes.abs_diff(count as u64 * 34 / 32) < 10_000_000, "{count} weights");
    }

    fn weights_of(config: &lm::Config) -> usize {
        let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = Box::new(Counted(std::sync::Arc::clone(&count)));
        let weights = VarBuilder::from_backend(counted, DType::BF16, Device::Cpu);
        drop(lm::LmModel::new(config, MaybeQuantizedVarBuilder::Real(weights)).unwrap());
        count.load(std::sync::atomic::Ordering::Relaxed)
    }
}
