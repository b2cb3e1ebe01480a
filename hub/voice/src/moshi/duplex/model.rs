//! Moshi itself: 80 ms of sound in, a piece of text and 80 ms of sound out.
//!
//! The loaded model never makes a step: who talks, talks to a copy of it, which shares the weights and has everything else
//! (what was said so far, the codec's state, the dice) of its own. So nothing of one conversation can be in the next.

use candle_core::{IndexOp, Tensor};
use candle_transformers::generation::{LogitsProcessor, Sampling};
use moshi::{
    StreamMask,
    lm::{ForcedAudioTokens, LmModel},
    mimi::Mimi,
};

use super::delays::{AHEAD, Delays};
use crate::FRAME_SAMPLES;

/// How freely Kyutai's own programs choose: sound and text at this temperature,
const TEMPERATURE: f64 = 0.8;

/// from so many of the likeliest sounds,
const SOUNDS: usize = 250;

/// and so many of the likeliest pieces of text.
const PIECES: usize = 25;

/// Text tokens that are no text: a word begins, and nothing is written in this step.
const NO_TEXT: [u32; 2] = [0, 3];

/// A model that failed is not used again: its state is unknown.
pub(super) type Failure = candle_core::Error;

/// What a step gives.
#[derive(Debug)]
pub(super) struct Uttered {
    /// A piece of text, if it writes one.
    pub(super) piece: Option<u32>,
    /// 80 ms of sound; none in the first steps, whose sound is not whole yet.
    pub(super) sound: Option<Vec<f32>>,
}

/// Something that talks, step by step: the model, or in tests one that fails when it is told to.
pub(super) trait Talk {
    fn step(&mut self, heard: &[f32; FRAME_SAMPLES]) -> Result<Uttered, Failure>;
}

/// The model as it was loaded.
pub(super) struct Model {
    language: LmModel,
    codec: Mimi,
}

/// One conversation with it.
pub(super) struct Talking {
    language: LmModel,
    codec: Mimi,
    delays: Delays,
    /// The text token of the step before.
    text: u32,
    text_dice: LogitsProcessor,
    sound_dice: LogitsProcessor,
    forced: ForcedAudioTokens,
}

impl Model {
    /// Of a language model and a codec that made no step yet. Two steps are made: kernels are compiled and memory is asked for
    /// before anybody waits, and a model that cannot run shows.
    pub(super) fn new(language: LmModel, codec: Mimi) -> Result<Self, Failure> {
        let model = Self { language, codec };
        let mut talking = model.begin(0);
        for _ in 0..=AHEAD {
            talking.step(&[0.0; FRAME_SAMPLES])?;
        }
        Ok(model)
    }

    /// A conversation. The same seed and the same sound give the same answers.
    pub(super) fn begin(&self, seed: u64) -> Talking {
        let language = self.language.clone();
        let own = language.generated_audio_codebooks();
        let other = language.in_audio_codebooks().saturating_sub(own);
        let nothing = language.audio_pad_token();
        let dice = |seed, k| LogitsProcessor::from_sampling(seed, Sampling::TopK { k, temperature: TEMPERATURE });
        Talking {
            codec: self.codec.clone(),
            delays: Delays::new(own, other, nothing),
            text: language.text_start_token(),
            text_dice: dice(seed, PIECES),
            sound_dice: dice(seed.wrapping_add(1), SOUNDS),
            forced: ForcedAudioTokens::new(AHEAD, nothing, &[own, other]),
            language,
        }
    }
}

impl Talking {
    /// The tokens of some sound, one for each codebook.
    pub(super) fn hear(&mut self, sound: &[f32; FRAME_SAMPLES]) -> Result<Vec<u32>, Failure> {
        let samples = Tensor::from_slice(sound, (1, 1, FRAME_SAMPLES), self.language.device())?;
        let encoded = self.codec.encode_step(&samples.into(), &StreamMask::empty())?;
        let Some(encoded) = encoded.as_option() else {
            candle_core::bail!("the codec gave no tokens for 80 ms of sound")
        };
        encoded.i((0, .., 0))?.to_vec1()
    }

    /// A step of the language model: the text token that it writes, and the tokens of a frame if one is whole.
    pub(super) fn think(&mut self, heard: Vec<u32>) -> Result<(u32, Option<Vec<u32>>), Failure> {
        let device = self.language.device().clone();
        let one = |token: u32| Tensor::from_vec(vec![token], (1, 1), &device);
        let fed = self.delays.fed().into_iter().map(|token| one(token).map(Some)).collect::<Result<Vec<_>, _>>()?;
        let (logits, hidden) = self.language.forward(Some(one(self.text)?), fed, &StreamMask::empty())?;
        let text = self.text_dice.sample(&logits.i((0, 0))?)?;
        self.text = text;
        let forced = if self.delays.is_beginning() { self.forced.forced_tokens(0) } else { &[] };
        let Some(chosen) = self.language.depformer_sample(&hidden, Some(text), forced, &mut self.sound_dice)? else {
            candle_core::bail!("the model has no voice")
        };
        Ok((text, self.delays.stepped(heard, chosen)))
    }

    /// Lets it have had so many silent steps, all at once: what a full memory costs can be measured without filling it.
    pub(super) fn remember(&mut self, steps: usize) -> Result<(), Failure> {
        let [_, silent] = NO_TEXT;
        let device = self.language.device().clone();
        let all = |token: u32| Tensor::full(token, (1, steps), &device);
        let fed = self.delays.fed().into_iter().map(|token| all(token).map(Some)).collect::<Result<Vec<_>, _>>()?;
        self.language.forward(Some(all(silent)?), fed, &StreamMask::empty())?;
        Ok(())
    }

    /// The sound of some tokens.
    pub(super) fn voice(&mut self, tokens: Vec<u32>) -> Result<Vec<f32>, Failure> {
        let codebooks = tokens.len();
        let tokens = Tensor::from_vec(tokens, (1, codebooks, 1), self.language.device())?;
        let decoded = self.codec.decode_step(&tokens.into(), &StreamMask::empty())?;
        let Some(decoded) = decoded.as_option() else { candle_core::bail!("the codec gave no sound for its tokens") };
        decoded.i((0, 0))?.to_vec1()
    }
}

impl Talk for Talking {
    fn step(&mut self, heard: &[f32; FRAME_SAMPLES]) -> Result<Uttered, Failure> {
        let heard = self.hear(heard)?;
        let (text, frame) = self.think(heard)?;
        let sound = frame.map(|tokens| self.voice(tokens)).transpose()?;
        Ok(Uttered { piece: (!NO_TEXT.contains(&text)).then_some(text), sound })
    }
}
