//! Google's speech embedding: 96 numbers that say what 0.77 s of speech sound like, every 80 ms.
//!
//! The network is all convolutions without padding in time, so it is computed incrementally (`tract-pulse`): each step takes
//! eight new frames and what the layers remember, a ninth of the work of computing its whole view again.

use std::{io::Cursor, sync::Arc};

use tract_onnx::prelude::*;
use tract_pulse::internal::{PulsedModel, PulsedModelExt, TractErrorContext as _, dims};

use crate::spectrogram::SPEECH_BANDS;

/// Numbers in an embedding.
pub const EMBEDDING_SIZE: usize = 96;

/// Frames of one step.
pub(crate) const FRAMES: usize = 8;

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

/// Takes steps of eight frames, gives an embedding for each once it has seen its whole view.
pub(crate) struct SpeechEmbedding {
    plan: Arc<TypedSimplePlan>,
    state: TypedSimpleState,
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
    network.set_input_fact(0, f32::fact(dims!(1, 1, time.clone(), SPEECH_BANDS)).into())?;
    let network = network.into_typed()?.into_decluttered()?;
    PulsedModel::new(&network, time, &FRAMES.to_dim())?.into_typed()?.into_optimized()?.into_runnable()
}

impl SpeechEmbedding {
    pub(crate) fn new() -> Result<Self, WakeError> {
        let plan = plan().map_err(WakeError::network)?;
        let state = plan.spawn().map_err(WakeError::network)?;
        let warming = warm_up(&plan)?;
        Ok(Self { plan, state, warming })
    }

    /// Forgets what it has seen.
    pub(crate) fn reset(&mut self) -> Result<(), WakeError> {
        self.state = self.plan.spawn().map_err(WakeError::network)?;
        self.warming = warm_up(&self.plan)?;
        Ok(())
    }

    /// The next step: the speech bands of its frames, one frame after the other.
    pub(crate) fn step(&mut self, frames: &[f32]) -> Result<Option<[f32; EMBEDDING_SIZE]>, WakeError> {
        let input = Tensor::from_shape(&[1, 1, FRAMES, SPEECH_BANDS], frames).map_err(WakeError::network)?;
        let output = self.state.run(tvec!(input.into())).map_err(WakeError::network)?;
        if self.warming > 0 {
            self.warming -= 1;
            return Ok(None);
        }
        let output = output.first().ok_or_else(|| WakeError::network("no output"))?;
        let output = output.try_as_plain_ram().map_err(WakeError::network)?;
        let values = output.as_slice::<f32>().map_err(WakeError::network)?;
        Ok(Some(values.try_into().map_err(WakeError::network)?))
    }
}

#[cfg(test)]
mod tests {
    use sha2::Digest as _;

    use super::*;

    #[test]
    fn the_network_is_the_one_that_its_notice_speaks_of() {
        let digest = format!("{:x}", sha2::Sha256::digest(NETWORK));
        assert!(include_str!("../model/README.md").contains(&format!("`{digest}`")), "{digest}");
    }
}
