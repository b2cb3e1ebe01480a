//! One step of the model for all slots at once: 80 ms of sound in, a text token and the chance of a pause out.
//!
//! Which word a token belongs to, and whose it is, is none of its business.

use candle_core::{D, DType, Device, IndexOp, Tensor};
use moshi::{StreamMask, lm, mimi};

use super::session::Said;
use crate::FRAME_SAMPLES;

/// Of the four heads that tell how probable it is that nobody speaks 0.5, 1, 2 or 3 seconds from now: the one that Kyutai's
/// own programs end a turn by.
const PAUSE_HEAD: usize = 2;

/// Of a head's classes, the one that is "nobody speaks".
const NOBODY: usize = 0;

/// A model that failed is not used again: its state is unknown.
pub(in crate::moshi) type Failure = candle_core::Error;

/// Something that steps: the model, or in tests one that fails when it is told to.
pub(in crate::moshi) trait Step {
    /// One step. The slots without sound stand still; what is said for them means nothing.
    fn step(&mut self, sound: &[Option<&[f32; FRAME_SAMPLES]>]) -> Result<Vec<Said>, Failure>;

    /// Makes one slot forget everything; no other is touched.
    fn reset(&mut self, slot: usize) -> Result<(), Failure>;
}

/// The speech-to-text model: Mimi, which makes 12.5 frames of tokens a second of sound, and the language model that hears
/// them and writes. It must never be cloned: a copy would write into the same memory.
pub(in crate::moshi) struct Recogniser {
    codec: mimi::Mimi,
    language: lm::LmModel,
    device: Device,
    temperature: f64,
    has_heads: bool,
    slots: Vec<Held>,
    /// The sound tokens of the step before, (slots, codebooks): the model hears them one step late.
    tokens: Tensor,
}

/// What one slot brings to its next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// Nothing: its first step.
    Nothing,
    /// The text token that the step before gave.
    Text(u32),
}

impl Recogniser {
    /// A model for so many sessions at once. At a temperature of 0 it always takes the likeliest token.
    pub(in crate::moshi) fn new(
        codec: mimi::Mimi,
        language: lm::LmModel,
        slots: usize,
        temperature: f64,
        has_heads: bool,
    ) -> Result<Self, Failure> {
        let device = language.device().clone();
        let nothing = language.audio_pad_token();
        let tokens = Tensor::full(nothing, (slots, language.in_audio_codebooks()), &device)?;
        let mut recogniser =
            Self { codec, language, device, temperature, has_heads, slots: vec![Held::Nothing; slots], tokens };
        recogniser.warm_up()?;
        Ok(recogniser)
    }

    /// Two steps of all slots: kernels are compiled and memory is asked for before anybody waits. It also leaves every slot in
    /// the state from which a reset makes the same beginning for each session (a codec's very first frame is padded otherwise).
    fn warm_up(&mut self) -> Result<(), Failure> {
        let silence = [0.0; FRAME_SAMPLES];
        for _ in 0..2 {
            self.step(&vec![Some(&silence); self.slots.len()])?;
        }
        Ok(())
    }

    /// The sound tokens that the model hears in this step.
    fn heard_tokens(&self) -> Result<Vec<Option<Tensor>>, Failure> {
        let begins: Vec<u8> = self.slots.iter().map(|held| u8::from(*held == Held::Nothing)).collect();
        let tokens = if begins.contains(&1) {
            let nothing = Tensor::full(self.language.audio_pad_token(), self.tokens.shape(), &self.device)?;
            self.column(begins)?.where_cond(&nothing, &self.tokens)?
        } else {
            self.tokens.clone()
        };
        let by_codebook = tokens.t()?.contiguous()?;
        (0..by_codebook.dim(0)?).map(|codebook| Ok(Some(by_codebook.i(codebook)?.unsqueeze(1)?))).collect()
    }

    /// One flag for each slot, as wide as the tokens.
    fn column(&self, flags: Vec<u8>) -> Result<Tensor, Failure> {
        Tensor::from_vec(flags, (self.slots.len(), 1), &self.device)?.broadcast_as(self.tokens.shape())
    }

    fn held_text(&self) -> Result<Tensor, Failure> {
        let start = self.language.text_start_token();
        let text = self.slots.iter().map(|held| match held {
            Held::Nothing => start,
            Held::Text(token) => *token,
        });
        Tensor::from_vec(text.collect::<Vec<_>>(), (self.slots.len(), 1), &self.device)
    }

    /// The text token of each slot, still on the processor that computes.
    fn choose(&self, logits: &Tensor) -> Result<Tensor, Failure> {
        let logits = logits.i((.., 0))?;
        if self.temperature <= 0.0 {
            logits.argmax(D::Minus1)
        } else {
            candle_nn::sampling::gumbel_softmax(&logits.to_dtype(DType::F32)?, self.temperature, D::Minus1)
        }
    }

    /// How probable a pause is for each slot, if the model tells it.
    fn pauses(&self, hidden: &Tensor) -> Result<Option<Tensor>, Failure> {
        if !self.has_heads {
            return Ok(None);
        }
        let heads = self.language.extra_heads(hidden)?;
        let Some(head) = heads.get(PAUSE_HEAD) else {
            candle_core::bail!("the model has {} heads, too few to end turns by", heads.len())
        };
        let chances = candle_nn::ops::softmax_last_dim(&head.to_dtype(DType::F32)?)?;
        chances.i((.., 0, NOBODY)).map(Some)
    }
}

impl Step for Recogniser {
    fn step(&mut self, sound: &[Option<&[f32; FRAME_SAMPLES]>]) -> Result<Vec<Said>, Failure> {
        let slots = self.slots.len();
        let active: Vec<bool> = sound.iter().map(Option::is_some).collect();
        let mut samples = Vec::with_capacity(slots * FRAME_SAMPLES);
        for frame in sound {
            match frame {
                Some(frame) => samples.extend_from_slice(*frame),
                None => samples.resize(samples.len() + FRAME_SAMPLES, 0.0),
            }
        }
        let samples = Tensor::from_vec(samples, (slots, 1, FRAME_SAMPLES), &self.device)?;
        let mask = StreamMask::new(active.clone(), &self.device)?;

        let encoded = self.codec.encode_step(&samples.into(), &mask)?;
        let Some(encoded) = encoded.as_option() else {
            candle_core::bail!("the codec gave no tokens for 80 ms of sound")
        };
        let encoded = encoded.i((.., .., 0))?.contiguous()?;
        let heard = self.heard_tokens()?;
        let (logits, hidden) = self.language.forward_cond(Some(self.held_text()?), heard, None, &mask)?;
        let chosen = self.choose(&logits)?;
        let pauses = self.pauses(&hidden)?;
        let is_active = self.column(active.iter().map(|&active| u8::from(active)).collect())?;
        self.tokens = is_active.where_cond(&encoded, &self.tokens)?;

        // Only now is anything brought back, so that a GPU is waited for once a step.
        let chosen = chosen.to_vec1::<u32>()?;
        let pauses = match pauses {
            Some(pauses) => pauses.to_vec1::<f32>()?.into_iter().map(Some).collect(),
            None => vec![None; slots],
        };
        for ((held, &token), active) in self.slots.iter_mut().zip(&chosen).zip(active) {
            if active {
                *held = Held::Text(token);
            }
        }
        Ok(chosen.into_iter().zip(pauses).map(|(token, pause)| Said { token, pause }).collect())
    }

    fn reset(&mut self, slot: usize) -> Result<(), Failure> {
        let slots = self.slots.len();
        let Some(held) = self.slots.get_mut(slot) else { candle_core::bail!("there is no slot {slot} of {slots}") };
        *held = Held::Nothing;
        self.language.reset_batch_idx(slot, slots)?;
        self.codec.reset_batch_idx(slot, slots)
    }
}
