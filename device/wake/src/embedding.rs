//! Google's speech embedding: 96 numbers that say what 0.77 s of speech sound like, every 80 ms.
//!
//! The network is all convolutions without padding in time, so it is computed incrementally (`tract-pulse`): each step takes
//! eight new frames and what the layers remember, a ninth of the work of computing its whole view again.

use std::{io::Cursor, sync::Arc};

use tract_onnx::prelude::*;
use tract_pulse::internal::{PulsedModel, PulsedModelExt, TractErrorContext as _, dims};

use crate::spectrogram::{BANDS, Spectrogram};

/// Numbers in an embedding.
pub const EMBEDDING_SIZE: usize = 96;

/// Samples from one embedding to the next: 80 ms.
pub const HOP_SAMPLES: usize = 1_280;

/// Samples heard up to the end of what an embedding, counted from 0, looks at.
pub(crate) fn heard_until(number: usize) -> usize {
    // The last of its 76 frames, and of that frame the 400 samples in the middle of 512.
    (FRAMES * number + 75) * 160 + 456
}

/// What the last 0.77 s sounded like.
pub type Embedding = [f32; EMBEDDING_SIZE];

const FRAMES: usize = 8;
pub(crate) const NETWORK: &[u8] = include_bytes!("../model/speech_embedding.onnx");

/// The detector cannot be made or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum WakeError {
    /// The network of the speech embedding.
    #[error("the speech embedding cannot be computed: {0}. This is a fault of the program: report it")]
    Network(String),
    /// A detector listens for one phrase at least.
    #[error("no head was given: a detector needs at least one phrase to listen for")]
    NoHeads,
}

impl WakeError {
    fn network(error: impl std::fmt::Display) -> Self {
        Self::Network(format!("{error:#}"))
    }
}

/// Takes sound, gives embeddings. Whatever the sizes of the pieces it is given, the same sound gives the same embeddings.
pub struct Ears {
    plan: Arc<TypedSimplePlan>,
    state: TypedSimpleState,
    spectrogram: Spectrogram,
    frames: Vec<f32>,
    /// Steps until the memory of the layers holds sound only.
    warming: usize,
}

/// Steps until an embedding has seen its whole view.
fn warm_up(plan: &TypedSimplePlan) -> Result<usize, WakeError> {
    let delay = plan.model().properties.get("pulse.delay").ok_or_else(|| WakeError::network("no delay"))?;
    let delay = delay.try_as_plain_ram().and_then(|plain| plain.as_slice::<i64>().map(|all| all.first().copied()));
    let delay = delay.map_err(WakeError::network)?.unwrap_or_default();
    usize::try_from(delay).map_err(WakeError::network)
}

fn plan() -> TractResult<Arc<TypedSimplePlan>> {
    let onnx = onnx();
    let mut file = onnx.proto_model_for_read(&mut Cursor::new(NETWORK))?;
    let graph = file.graph.as_mut().context("no graph")?;
    // What is published takes 76 frames and gives one embedding, by a change of shape before and one after the layers. The
    // layers themselves take any number of frames.
    graph.node.retain(|node| node.op_type != "Reshape");
    for input in &mut graph.input {
        "model/conv2d/Conv2D__6:0".clone_into(&mut input.name);
    }
    for output in &mut graph.output {
        "model/conv2d_19/Conv2D:0".clone_into(&mut output.name);
        output.r#type = None;
    }
    let mut network = onnx.model_for_proto_model(&file)?;
    let time = network.symbols.sym("T");
    network.set_input_fact(0, f32::fact(dims!(1, 1, time.clone(), BANDS)).into())?;
    let network = network.into_typed()?.into_decluttered()?;
    PulsedModel::new(&network, time, &FRAMES.to_dim())?.into_typed()?.into_optimized()?.into_runnable()
}

impl Ears {
    /// Fresh ears.
    pub fn new() -> Result<Self, WakeError> {
        let plan = plan().map_err(WakeError::network)?;
        let state = plan.spawn().map_err(WakeError::network)?;
        let warming = warm_up(&plan)?;
        Ok(Self { plan, state, spectrogram: Spectrogram::new(), frames: Vec::new(), warming })
    }

    /// Forgets what was heard.
    pub fn reset(&mut self) -> Result<(), WakeError> {
        self.state = self.plan.spawn().map_err(WakeError::network)?;
        self.warming = warm_up(&self.plan)?;
        self.spectrogram.reset();
        self.frames.clear();
        Ok(())
    }

    /// Takes samples and hands each embedding that they complete to `sink`.
    pub fn push(&mut self, samples: &[f32], mut sink: impl FnMut(&Embedding)) -> Result<(), WakeError> {
        let frames = &mut self.frames;
        self.spectrogram.push(samples, |frame| frames.extend(frame));
        while let Some(step) = self.frames.get(..FRAMES * BANDS) {
            let input = Tensor::from_shape(&[1, 1, FRAMES, BANDS], step).map_err(WakeError::network)?;
            self.frames.drain(..FRAMES * BANDS);
            let output = self.state.run(tvec!(input.into())).map_err(WakeError::network)?;
            if self.warming > 0 {
                self.warming -= 1;
                continue;
            }
            let output = output.first().ok_or_else(|| WakeError::network("no output"))?;
            let output = output.try_as_plain_ram().map_err(WakeError::network)?;
            let values = output.as_slice::<f32>().map_err(WakeError::network)?;
            sink(values.try_into().map_err(WakeError::network)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sha2::Digest as _;

    use super::*;
    use crate::spectrogram::tests::signal;

    fn embeddings(ears: &mut Ears, pieces: impl Iterator<Item = usize>, sound: &[f32]) -> Vec<Embedding> {
        let mut found = Vec::new();
        let mut rest = sound;
        for size in pieces {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            ears.push(piece, |embedding| found.push(*embedding)).unwrap();
            rest = after;
        }
        ears.push(rest, |embedding| found.push(*embedding)).unwrap();
        found
    }

    /// The numbers are those of the published networks (melspectrogram.onnx, then embedding_model.onnx on windows of 76
    /// frames) run by ONNX Runtime.
    #[test]
    fn they_are_those_of_the_published_network() {
        const NUMBERS: [usize; 5] = [0, 1, 2, 50, 95];
        let found = embeddings(&mut Ears::new().unwrap(), [].into_iter(), &signal());
        assert_eq!(found.len(), 15, "the sixteenth would need 40 ms more");
        let wanted = [(0, [-20.866, 38.572, -6.546, -18.282, 1.001]), (5, [-1.212, 20.698, -11.147, 9.488, 16.570])];
        for (at, wanted) in wanted {
            for (number, wanted) in NUMBERS.iter().zip(wanted) {
                let value: f32 = found[at][*number];
                assert!((value - wanted).abs() < 0.1, "embedding {at}, number {number}: {value} for {wanted}");
            }
        }
    }

    #[test]
    fn the_network_is_the_one_that_its_notice_speaks_of() {
        let digest = format!("{:x}", sha2::Sha256::digest(NETWORK));
        assert!(include_str!("../model/README.md").contains(&format!("`{digest}`")), "{digest}");
    }

    #[test]
    fn the_sizes_of_the_pieces_make_no_difference_and_reset_is_a_fresh_start() {
        let sound = signal();
        let mut ears = Ears::new().unwrap();
        let whole = embeddings(&mut ears, [].into_iter(), &sound);
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..3 {
            ears.reset().unwrap();
            let pieces = std::iter::repeat_with(|| rng.usize(0..3_000)).take(30).collect::<Vec<_>>();
            assert_eq!(embeddings(&mut ears, pieces.into_iter(), &sound), whole);
        }
    }

    #[test]
    fn what_an_embedding_heard_has_been_pushed_when_it_comes() {
        let mut ears = Ears::new().unwrap();
        let mut pushed = 0;
        let mut number = 0;
        for piece in signal().chunks(160) {
            pushed += piece.len();
            let before = number;
            ears.push(piece, |_| number += 1).unwrap();
            for number in before..number {
                let late = pushed - heard_until(number);
                assert!(late <= 960, "embedding {number} comes {late} samples late");
            }
        }
        assert!(number > 10);
    }
}
