//! How fast a machine speaks, without any weights: the published model's sizes, filled with random numbers.
//!
//! What a step takes does not depend on the numbers in it. It deliberately measures no quality, and no text is read: the
//! words are random tokens.

use std::time::{Duration, Instant};

use ::moshi::mimi::{self, Mimi};
use candle_core::{DType, Device, Result, Shape, Tensor, bail};
use candle_nn::{Init, VarBuilder, var_builder::SimpleBackend};

use super::{
    Settings,
    backbone::Row,
    config::Config,
    network::{Codec, Network},
    pacing::Item,
    sampling::{Dice, Table},
    utterance::Utterance,
};
use crate::{
    EngineError,
    moshi::{Processor, weights::said},
};

/// The sizes of `kyutai/tts-1.6b-en_fr`.
const PUBLISHED: &str = include_str!("measure/published.json");

/// The vectors of a published voice: 10 s.
const VOICE: (usize, usize, usize) = (1, 512, 125);

/// The model, with random weights.
pub struct Machine {
    network: Network,
    codec: Codec,
    settings: Settings,
    device: Device,
    context: usize,
}

/// What a number of utterances at once took.
#[derive(Debug, Clone)]
pub struct Pace {
    /// For each frame of 80 ms of all utterances: the whole, shortest first.
    pub frames: Vec<Duration>,
    /// Of it, in the mean: the transformer over time with the choice of text,
    pub backbone: Duration,
    /// the transformer over codebooks,
    pub depth: Duration,
    /// and the codec.
    pub codec: Duration,
}

impl Machine {
    /// A model that speaks at most so many utterances at once.
    pub fn new(settings: &Settings, processor: Processor) -> std::result::Result<Self, EngineError> {
        let device = crate::moshi::device(processor)?;
        Self::made(settings, &device).map_err(|error| EngineError::Unavailable(said(&error)))
    }

    fn made(settings: &Settings, device: &Device) -> Result<Self> {
        let config = match Config::parse(PUBLISHED) {
            Ok(config) => config,
            Err(what) => bail!("the published sizes: {what}"),
        };
        let numbers = Tensor::randn(0_f32, 0.02_f32, 1 << 20, device)?;
        let random = |dtype| VarBuilder::from_backend(Box::new(Random(numbers.clone())), dtype, device.clone());
        let mut network = Network::load(&config, settings, &random(device.bf16_default_to_f32()))?;
        network.backbone.learn_voice(&Tensor::randn(0_f32, 1_f32, VOICE, device)?)?;
        let mimi = Mimi::new(mimi::Config::v0_1(Some(settings.codebooks)), random(DType::F32))?;
        let codec = Codec::new(mimi, device.clone());
        let context = config.backbone.context;
        Ok(Self { network, codec, settings: settings.clone(), device: device.clone(), context })
    }

    /// What a frame takes when `utterances` speak at once and have spoken for long: the ring of their past is full.
    pub fn pace(&mut self, utterances: usize, frames: usize) -> std::result::Result<Pace, EngineError> {
        self.frames(utterances, frames).map_err(|error| EngineError::Died(said(&error)))
    }

    fn frames(&mut self, utterances: usize, frames: usize) -> Result<Pace> {
        let utterances = utterances.clamp(1, self.settings.slots);
        for slot in 0..utterances {
            self.network.backbone.reset(slot);
        }
        self.network.backbone.age(self.context);
        let (text, audio) = self.network.streams.idle();
        let heard = audio.iter().map(|_| Some(0)).collect::<Vec<_>>();
        let rows = vec![Row { taking_part: true, text, audio: heard, voice: 0 }; utterances];
        let texts = vec![text; utterances];
        let mut dice: Vec<Dice> =
            (0..).take(utterances).map(|seed| Dice::new(seed, self.settings.temperature)).collect();
        let mut codecs = vec![self.codec.clone(); utterances];
        let (mut all, mut parts) = (Vec::new(), [Duration::ZERO; 3]);
        let together = Network::together(utterances);
        let mut waiting = Vec::new();
        for _ in 0..frames.max(1) {
            let begin = Instant::now();
            let heard = self.network.backbone.step(&rows)?;
            for (logits, dice) in heard.text_logits.to_vec2::<f32>()?.iter().zip(&mut dice) {
                dice.text(logits);
            }
            let spoken = Instant::now();
            let mut table = Table(dice.iter_mut().collect());
            let codebooks = self.network.streams.codebooks();
            waiting.push(self.network.depth.step(&heard.hidden, &texts, codebooks, &mut table)?);
            let deep = Instant::now();
            if waiting.len() == together {
                for (number, codec) in codecs.iter_mut().enumerate() {
                    let frames = waiting.iter().filter_map(|rows| rows.get(number).cloned()).collect::<Vec<_>>();
                    codec.decode(&frames)?;
                }
                waiting.clear();
            }
            all.push(begin.elapsed());
            for (part, more) in parts.iter_mut().zip([spoken - begin, deep - spoken, deep.elapsed()]) {
                *part += more;
            }
        }
        all.sort_unstable();
        let frames = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let [backbone, depth, codec] = parts.map(|part| part / frames);
        Ok(Pace { frames: all, backbone, depth, codec })
    }

    /// From the text to the first sound of one utterance, while nobody else speaks.
    pub fn first_sound(&mut self) -> std::result::Result<Duration, EngineError> {
        self.until_sound().map_err(|error| EngineError::Died(said(&error)))
    }

    fn until_sound(&mut self) -> Result<Duration> {
        self.network.backbone.reset(0);
        let mut utterance = Utterance::new(self.network.streams.clone());
        for word in 0..12 {
            utterance.pacing.push(Item::Word { text: String::new(), tokens: vec![10 + word, 20 + word] });
        }
        utterance.pacing.complete();
        let (mut dice, mut codec) = (Dice::new(0, self.settings.temperature), self.codec.clone());
        let (mut frames, begin) = (Vec::new(), Instant::now());
        loop {
            let (text, audio) = utterance.input();
            let codebooks = utterance.codebooks();
            let heard = self.network.backbone.step(&[Row { taking_part: true, text, audio, voice: 0 }])?;
            let logits: Vec<Vec<f32>> = heard.text_logits.to_vec2()?;
            let asked = logits.first().map_or(0, |logits| dice.text(logits));
            let (text, _) = utterance.hear_text(asked);
            let mut codes = Vec::new();
            if codebooks > 0 {
                let mut table = Table(vec![&mut dice]);
                codes = self.network.depth.step(&heard.hidden, &[text], codebooks, &mut table)?;
            }
            let codes = codes.first().map(Vec::as_slice).unwrap_or_default();
            let Some(frame) = utterance.hear_audio(codes) else { continue };
            let audible = frame.audible;
            frames.push(frame.codes);
            if audible {
                codec.decode(&frames)?;
                self.device.synchronize()?;
                return Ok(begin.elapsed());
            }
        }
    }
}

/// Gives whatever tensor is asked for, out of the same numbers again and again: as random as need be, and a processor is
/// spared minutes.
struct Random(Tensor);

impl SimpleBackend for Random {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> Result<Tensor> {
        let is_one = name.ends_with("alpha")
            || name.ends_with("cluster_usage")
            || (name.contains("norm") && name.ends_with("weight"));
        if is_one {
            return Tensor::ones(shape, dtype, device);
        }
        let (count, some) = (shape.elem_count(), self.0.elem_count());
        let all = self.0.to_device(device)?.to_dtype(dtype)?.repeat(count.div_ceil(some))?;
        all.narrow(0, 0, count)?.reshape(shape)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        bail!("{name} is asked for without a shape")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::catalogue::Model;

    /// Counts the bytes of what a model asks for, and gives it one number as large as it likes.
    struct Counted(Arc<AtomicUsize>);

    impl SimpleBackend for Counted {
        fn get(&self, shape: Shape, _: &str, _: Init, dtype: DType, device: &Device) -> Result<Tensor> {
            self.0.fetch_add(shape.elem_count() * dtype.size_in_bytes(), Ordering::Relaxed);
            Tensor::zeros(vec![1; shape.rank()], dtype, device)?.broadcast_as(shape)
        }

        fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
            bail!("{name} is asked for without a shape")
        }

        fn contains_tensor(&self, _: &str) -> bool {
            true
        }
    }

    #[test]
    fn the_model_has_as_many_weights_as_its_file_has_room_for() {
        let config = Config::parse(PUBLISHED).unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let weights = VarBuilder::from_backend(Box::new(Counted(Arc::clone(&count))), DType::BF16, Device::Cpu);
        let settings = Settings { slots: 1, codebooks: 32, ..Settings::default() };
        drop(Network::load(&config, &settings, &weights).unwrap());
        // What is in the file and not needed: a projection beside the two that take its place, and what properties are
        // when they are not said.
        let unused = 2 * 128 * 1_024 + 2 * 4 * 2_048;
        let known = count.load(Ordering::Relaxed) + unused;
        let file = Model::Tts.files().iter().find(|file| file.name.starts_with("dsm_tts")).unwrap();
        // The rest is the header: names and places of some 420 tensors.
        let header = file.bytes - known as u64;
        assert!((40_000..55_000).contains(&header), "{header} bytes are not known");
    }
}
