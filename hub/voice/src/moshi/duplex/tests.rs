//! Moshi on tiny random weights, through the real loaders and the real thread.

use super::*;
use crate::moshi::tiny;

mod conversations;
mod files;
mod reference;

/// A tiny model in a directory of its own.
struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        tiny::write_moshi(directory.path());
        Self { directory }
    }

    /// The same, 8 bits a weight.
    fn quantized() -> Self {
        let files = Self::new();
        tiny::to_gguf(&files.file("model.safetensors"), &files.file("model.q8.gguf"));
        std::fs::remove_file(files.file("model.safetensors")).unwrap();
        files
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn start(&self, seed: u64) -> Result<Duplex, EngineError> {
        let settings = DuplexSettings { directory: self.directory.path().to_owned(), seed };
        Duplex::start(&settings, tiny::PROCESSOR, CodecSize::Tiny)
    }
}

/// So many frames of noise that swells and fades, each kind its own.
fn sound(kind: u64, frames: usize) -> Vec<Frame> {
    let mut random = fastrand::Rng::with_seed(kind);
    let frame = |_| {
        let level = random.f32();
        let mut frame: Frame = Box::new([0.0; FRAME_SAMPLES]);
        for sample in frame.iter_mut() {
            *sample = level * (random.f32() - 0.5);
        }
        frame
    };
    (0..frames).map(frame).collect()
}

/// What a conversation gave.
#[derive(Debug, Default, Clone, PartialEq)]
struct Given {
    text: String,
    sound: Vec<Frame>,
}

/// Talks: each frame is pushed when the one before is answered.
async fn talk(conversation: &mut Conversation, sound: Vec<Frame>) -> Given {
    let mut given = Given::default();
    for frame in sound {
        conversation.push(frame).unwrap();
        take(conversation, &mut given).await;
    }
    given
}

/// Takes the answer to one frame.
async fn take(conversation: &mut Conversation, given: &mut Given) {
    loop {
        match conversation.next().await {
            Reply::Text(text) => given.text.push_str(&text),
            Reply::Sound(frame) => return given.sound.push(frame),
            Reply::Failed(error) => panic!("{error}"),
        }
    }
}
