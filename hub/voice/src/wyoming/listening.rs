//! A session that listens: its sound is cut into utterances, and these are transcribed one after the other.
//!
//! All of it is one future without tasks of its own. When the listener is dropped, so is that future, with its
//! connections, wherever it is.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{
    connection::{Fault, Server},
    transcription::Transcriber,
    utterance::{Cutter, Step},
};
use crate::{
    EngineError,
    listener::{Ear, Heard, Listen},
};

/// How many steps may wait for a slow server: more than the longest utterance has. Then frames wait, and then the
/// listener is told that the engine is behind.
const STEPS: usize = 512;

/// Serves a session until its listener is dropped or the server fails.
pub(super) async fn listen(ear: Ear, server: Arc<Server>, language: Option<String>, place: OwnedSemaphorePermit) {
    let Ear { commands, heard } = ear;
    let session = session(commands, heard.clone(), Arc::clone(&server), language);
    let error = tokio::select! {
        biased;
        () = heard.closed() => return,
        ended = session => match ended {
            Ok(()) => return,
            Err(error) => error,
        },
    };
    // It may be another one by the next session.
    server.know(None);
    log::warn!("listening ended: {error}");
    drop(place);
    // Nobody may be there any more to hear it.
    heard.send(Heard::Failed(error)).await.unwrap_or_default();
}

async fn session(
    commands: mpsc::Receiver<Listen>,
    heard: mpsc::Sender<Heard>,
    server: Arc<Server>,
    language: Option<String>,
) -> Result<(), EngineError> {
    let cutter = Cutter::new().map_err(|error| EngineError::Unavailable(error.to_string()))?;
    let (to, steps) = mpsc::channel(STEPS);
    tokio::select! {
        // Polled in turn, whichever has something to do; both end with the session only.
        () = cut(commands, cutter, to) => Ok(()),
        Err(fault) = transcribe(steps, heard, server, language) => Err(fault.into()),
    }
}

async fn cut(mut commands: mpsc::Receiver<Listen>, mut cutter: Cutter, to: mpsc::Sender<Step>) {
    while let Some(command) = commands.recv().await {
        let steps = match command {
            Listen::Frame(frame) => cutter.frame(&frame),
            Listen::Mark(mark) => cutter.mark(mark),
        };
        for step in steps {
            if to.send(step).await.is_err() {
                return;
            }
        }
    }
}

async fn transcribe(
    steps: mpsc::Receiver<Step>,
    heard: mpsc::Sender<Heard>,
    server: Arc<Server>,
    language: Option<String>,
) -> Result<(), Fault> {
    // Asked before anybody speaks, so that a server that is away is known before somebody has spoken in vain.
    let program = server.program().await?;
    let (streaming, language) = (program.streaming, language.map(|language| program.language(&language)));
    let mut transcriber = Transcriber { server, language, streaming, steps, heard };
    while let Some(step) = transcriber.steps.recv().await {
        match step {
            Step::Begin { start_ms, speech_ms, sound } => transcriber.utterance(start_ms, speech_ms, sound).await?,
            Step::Mark(mark) => transcriber.tell(Heard::Marked(mark)).await,
            // These belong to an utterance, which has taken them.
            Step::More(_) | Step::Pause | Step::End { .. } => {}
        }
    }
    Ok(())
}
