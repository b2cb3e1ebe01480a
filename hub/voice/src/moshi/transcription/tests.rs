//! A speech-to-text model on tiny random weights, through the real loaders and the real thread.

use super::*;
use crate::{FRAME_SAMPLES, Frame, moshi::tiny};

mod files;
mod reference;
mod sessions;

/// A tiny model in a directory of its own.
struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn new(has_heads: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        tiny::write_stt(directory.path(), has_heads, 0.5, 0.0);
        Self { directory }
    }

    fn settings(&self, sessions: usize) -> TranscriptionSettings {
        let directory = self.directory.path().to_owned();
        TranscriptionSettings { model: Model::Stt, directory, sessions, temperature: 0.0 }
    }

    fn load(&self, sessions: usize) -> Result<Loaded<Recogniser>, EngineError> {
        load(&self.settings(sessions), tiny::codec, &tiny::device())
    }

    fn start(&self, sessions: usize) -> Result<Transcription, EngineError> {
        let settings = self.settings(sessions);
        Transcription::start_with(sessions, move || load(&settings, tiny::codec, &tiny::device()))
    }
}

/// So many frames of sound, each kind its own: noise that swells and fades.
fn sound(kind: u64, frames: usize) -> Vec<Frame> {
    let mut random = fastrand::Rng::with_seed(kind);
    let frame = |_| {
        let level = random.f32();
        let mut low = 0.0;
        let mut frame: Frame = Box::new([0.0; FRAME_SAMPLES]);
        for sample in frame.iter_mut() {
            low += 0.3 * (random.f32() - 0.5 - low);
            *sample = level * low;
        }
        frame
    };
    (0..frames).map(frame).collect()
}

/// Pushes as fast as it is taken, and takes what is heard meanwhile.
async fn push(listener: &mut Listener, frames: Vec<Frame>, heard: &mut Vec<Heard>) {
    for frame in frames {
        let push = |listener: &Listener| listener.push(frame.clone());
        send(listener, push, heard).await;
    }
}

/// Everything up to a mark.
async fn up_to(listener: &mut Listener, mark: u64, mut heard: Vec<Heard>) -> Vec<Heard> {
    send(listener, |listener| listener.mark(mark), &mut heard).await;
    loop {
        let one = listener.next().await;
        if one == Heard::Marked(mark) {
            return heard;
        }
        assert!(!matches!(one, Heard::Failed(_)), "{one:?}");
        heard.push(one);
    }
}

async fn send(listener: &mut Listener, send: impl Fn(&Listener) -> Result<(), EngineError>, heard: &mut Vec<Heard>) {
    while let Err(error) = send(listener) {
        assert_eq!(error, EngineError::Behind { behind_ms: 4_000 });
        tokio::select! {
            biased;
            one = listener.next() => heard.push(one),
            () = tokio::task::yield_now() => {}
        }
    }
}

/// What a session hears that has the engine to itself.
async fn alone(engine: &Transcription, kind: u64, frames: usize) -> Vec<Heard> {
    // The session before may not have left its place yet.
    engine.0.free(1).await;
    let mut listener = engine.listen().unwrap();
    let mut heard = Vec::new();
    push(&mut listener, sound(kind, frames), &mut heard).await;
    up_to(&mut listener, kind, heard).await
}

/// An engine whose model fails at its first step.
pub(in crate::moshi) fn breaking_at_once(sessions: usize) -> Transcription {
    sessions::breaking(&Files::new(true), sessions, 0, false)
}
