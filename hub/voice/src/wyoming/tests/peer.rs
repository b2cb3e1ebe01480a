//! A server of the protocol that does what a test says, and sound that a detector takes for speech.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::task::TaskTracker;
use xswarm_tests::wait::wait_for;

use super::super::{
    Limits, Wyoming, WyomingConfig,
    wire::{Decoder, Event, encode},
};
use crate::{FRAME_SAMPLES, Frame, Heard, Listener};

/// One connection to the server.
pub(in super::super) struct Peer {
    stream: TcpStream,
    decoder: Decoder,
    open: Arc<AtomicUsize>,
}

impl Peer {
    /// The next event; nothing once the client has closed.
    pub(in super::super) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.decoder.next().unwrap() {
                return Some(event);
            }
            match self.stream.read_buf(self.decoder.room()).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Takes events until one of this type; gives the sound of all of them.
    pub(in super::super) async fn until(&mut self, kind: &str) -> Option<Vec<u8>> {
        let mut sound = Vec::new();
        loop {
            let event = self.next().await?;
            if event.kind == kind {
                return Some(sound);
            }
            sound.extend(event.payload);
        }
    }

    pub(in super::super) async fn tell(&mut self, kind: &str, data: &Value, payload: &[u8]) {
        let mut bytes = Vec::new();
        encode(kind, data.as_object().unwrap(), payload, &mut bytes);
        self.send(&bytes).await;
    }

    /// Sends bytes that need be no event. The client may have closed meanwhile.
    pub(in super::super) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap_or_default();
    }

    /// Holds the connection until the client closes it.
    pub(in super::super) async fn hold(&mut self) {
        while self.next().await.is_some() {}
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The server.
pub(in super::super) struct Server {
    pub(in super::super) address: String,
    open: Arc<AtomicUsize>,
}

impl Server {
    /// One that says what it is, and then does with each further connection, of which it is told the number, what is said
    /// here.
    pub(in super::super) async fn start<Served>(
        info: Value,
        serve: impl Fn(usize, Peer) -> Served + Send + 'static,
    ) -> Self
    where
        Served: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let open = Arc::new(AtomicUsize::new(0));
        let connections = Arc::clone(&open);
        let tasks = TaskTracker::new();
        let inner = tasks.clone();
        tasks.spawn(async move {
            let mut number = 0;
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.fetch_add(1, Ordering::SeqCst);
                let mut peer = Peer { stream, decoder: Decoder::default(), open: Arc::clone(&connections) };
                if number == 0 {
                    if peer.until("describe").await.is_some() {
                        peer.tell("info", &info, &[]).await;
                    }
                } else {
                    inner.spawn(serve(number, peer));
                }
                number += 1;
            }
        });
        Self { address, open }
    }

    /// Waits until the client has closed everything.
    pub(in super::super) async fn left_alone(&self) {
        let open = async || (self.open.load(Ordering::SeqCst) == 0).then_some(());
        wait_for("the client to close its connections", open).await;
    }
}

/// What a server that listens says about itself.
pub(in super::super) fn stt(streaming: bool) -> Value {
    json!({ "asr": [{ "name": "ear", "installed": true, "models": [], "supports_transcript_streaming": streaming }] })
}

/// What a server that speaks says about itself.
pub(in super::super) fn tts(streaming: bool) -> Value {
    json!({ "tts": [{ "name": "mouth", "voices": [], "supports_synthesize_streaming": streaming }] })
}

/// The client of one address, as patient as a busy machine needs it.
pub(in super::super) fn wyoming(address: &str, sessions: usize, tasks: &TaskTracker) -> Wyoming {
    waiting(address, sessions, Duration::from_secs(20), tasks)
}

/// One that waits 400 ms for an answer.
pub(in super::super) fn impatient(address: &str, tasks: &TaskTracker) -> Wyoming {
    waiting(address, 1, Duration::from_millis(400), tasks)
}

fn waiting(address: &str, sessions: usize, answer: Duration, tasks: &TaskTracker) -> Wyoming {
    let greeting = Duration::from_secs(20);
    let limits = Limits { greeting, answer, partial: answer, attempts: 3, pause: Duration::from_millis(10) };
    let (stt, tts) = (address.to_owned(), address.to_owned());
    Wyoming::within(WyomingConfig { stt, tts, language: None, voice: None, sessions }, limits, tasks.clone())
}

/// Frames of what a detector takes for speech: a voice of 120 Hz with three formants and four syllables a second.
pub(in super::super) fn speech(ms: usize) -> Vec<Frame> {
    let mut phase = 0.0_f32;
    let samples = (0_u32..).take(ms * 24).map(|at| {
        let seconds = f32::from(u16::try_from(at / 24).unwrap()) / 1_000.0;
        let pitch = 120.0 + 15.0 * (seconds * 9.0).sin();
        phase = (phase + pitch / 24_000.0) % 1.0;
        let voice: f32 = (1_u8..30)
            .map(|harmonic| {
                let hz = pitch * f32::from(harmonic);
                let formant = |at: f32, width: f32| 1.0 / (1.0 + ((hz - at) / width).powi(2));
                let level = formant(600.0, 90.0) + 0.6 * formant(1_300.0, 120.0) + 0.3 * formant(2_600.0, 200.0);
                level * (std::f32::consts::TAU * phase * f32::from(harmonic)).sin()
            })
            .sum();
        let syllable = 0.55 + 0.45 * (std::f32::consts::TAU * 4.0 * seconds).sin();
        0.15 * syllable * voice
    });
    frames(&samples.collect::<Vec<_>>())
}

/// Frames of nothing.
pub(in super::super) fn silence(ms: usize) -> Vec<Frame> {
    frames(&vec![0.0; ms * 24])
}

fn frames(sound: &[f32]) -> Vec<Frame> {
    let framed = sound.chunks(FRAME_SAMPLES).map(|piece| {
        let mut frame: Frame = Box::new([0.0; FRAME_SAMPLES]);
        frame[..piece.len()].copy_from_slice(piece);
        frame
    });
    framed.collect()
}

/// Pushes frames, letting the engine take each.
pub(in super::super) async fn push(listener: &Listener, frames: Vec<Frame>) {
    for frame in frames {
        // One that has ended meanwhile says so where it is asked.
        listener.push(frame).unwrap_or_default();
        tokio::task::yield_now().await;
    }
}

/// Somebody says something and is silent.
pub(in super::super) async fn say(listener: &Listener) {
    push(listener, [silence(400), speech(1_200), silence(1_200)].concat()).await;
}

/// Everything up to a final text.
pub(in super::super) async fn utterance(listener: &mut Listener) -> Vec<Heard> {
    let mut all = Vec::new();
    loop {
        let heard = listener.next().await;
        assert!(!matches!(heard, Heard::Failed(_)), "{heard:?}");
        let last = matches!(heard, Heard::Final { .. });
        all.push(heard);
        if last {
            return all;
        }
    }
}

/// The data of a transcript.
pub(in super::super) fn transcript(text: &str) -> Value {
    json!({ "text": text })
}
