//! The deterministic twin of an engine: for tests, for demonstrations, and for trying a line without any model.
//!
//! It hears by a script: 300 ms of sound (by its energy) are the beginning of the next line of the script, which is told as
//! a partial text; 600 ms of silence end it. It speaks in tones, one for each word, as long as the word. In free
//! conversation (`chat`) it says the next line of another script whenever the other side has spoken. All of it depends on
//! nothing but the samples and the text.

mod chat;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use crate::{
    EngineError, SAMPLE_RATE_HZ,
    conversation::Conversation,
    listener::{Ear, Heard, Listen, Listener},
    speaker::{Mouth, Speak, Speaker, Spoken},
};

/// The root mean square from which on sound counts as speech: -40 dB.
const LOUD: f32 = 0.01;

/// So much speech is an utterance that has begun.
const BEGUN_MS: u64 = 300;

/// So much silence ends it.
const ENDED_MS: u64 = 600;

/// Milliseconds of one frame.
const FRAME_MS: u64 = 80;

/// How long a tone is for each letter of its word, and the pause after it, in milliseconds.
const LETTER_MS: usize = 40;
const PAUSE_MS: usize = 40;

/// What it is to hear, in this order, in every session anew. After the last line it hears nothing.
pub type Script = Arc<[String]>;

/// The twin.
#[derive(Debug)]
pub struct Scripted {
    script: Script,
    /// What it says in free conversation; nothing, and there is none.
    chat: Script,
    sessions: usize,
    listening: Arc<Semaphore>,
    speaking: Arc<Semaphore>,
    talking: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Scripted {
    /// One that hears by a script and has so many sessions to listen and to speak. What its sessions do runs in `tasks`.
    pub fn new(script: Script, sessions: usize, tasks: TaskTracker) -> Self {
        let free = || Arc::new(Semaphore::new(sessions));
        let talking = Arc::new(Semaphore::new(1));
        Self { script, chat: Script::default(), sessions, listening: free(), speaking: free(), talking, tasks }
    }

    /// The same with free conversation, one at a time: what it says there, in this order, in every session anew.
    #[must_use]
    pub fn chatting(self, chat: Script) -> Self {
        Self { chat, ..self }
    }

    pub(crate) fn listen(&self) -> Result<Listener, EngineError> {
        let place = place(&self.listening, self.sessions)?;
        let (listener, ear) = Listener::pair();
        let script = Arc::clone(&self.script);
        self.tasks.spawn(async move {
            hear(ear, &script).await;
            drop(place);
        });
        Ok(listener)
    }

    pub(crate) fn speak(&self) -> Result<Speaker, EngineError> {
        let place = place(&self.speaking, self.sessions)?;
        let (speaker, mouth) = Speaker::pair();
        self.tasks.spawn(async move {
            utter(mouth).await;
            drop(place);
        });
        Ok(speaker)
    }

    pub(crate) fn talk(&self) -> Result<Conversation, EngineError> {
        if self.chat.is_empty() {
            return Err(EngineError::Unavailable("it has no script for free conversation".to_owned()));
        }
        let place = place(&self.talking, 1)?;
        let (conversation, partner) = Conversation::pair();
        let chat = Arc::clone(&self.chat);
        self.tasks.spawn(async move {
            chat::talk(partner, &chat).await;
            drop(place);
        });
        Ok(conversation)
    }
}

/// One of so many places.
fn place(free: &Arc<Semaphore>, sessions: usize) -> Result<OwnedSemaphorePermit, EngineError> {
    Arc::clone(free).try_acquire_owned().map_err(|_taken| EngineError::AtCapacity { sessions })
}

async fn hear(mut ear: Ear, script: &[String]) {
    let mut hearing = Hearing::default();
    let mut lines = script.iter();
    while let Some(command) = ear.commands.recv().await {
        let heard = match command {
            Listen::Frame(frame) => hearing.frame(frame.as_slice(), &mut lines),
            Listen::Mark(mark) => vec![Heard::Marked(mark)],
        };
        for one in heard {
            if ear.heard.send(one).await.is_err() {
                return;
            }
        }
    }
}

/// Where in an utterance the sound is.
#[derive(Debug, Default)]
struct Hearing<'a> {
    speech_ms: u64,
    silence_ms: u64,
    line: Option<&'a str>,
}

impl<'a> Hearing<'a> {
    fn frame(&mut self, sound: &[f32], lines: &mut impl Iterator<Item = &'a String>) -> Vec<Heard> {
        if rms(sound) >= LOUD {
            self.speech_ms += FRAME_MS;
            self.silence_ms = 0;
            if self.line.is_none() && self.speech_ms >= BEGUN_MS {
                self.line = lines.next().map(String::as_str);
                return self.line.map(|text| Heard::Partial { text: text.to_owned() }).into_iter().collect();
            }
            return Vec::new();
        }
        self.silence_ms += FRAME_MS;
        if self.silence_ms < ENDED_MS {
            return Vec::new();
        }
        self.speech_ms = 0;
        let Some(text) = self.line.take() else { return Vec::new() };
        vec![Heard::EndOfTurn, Heard::Final { text: text.to_owned() }]
    }
}

fn rms(sound: &[f32]) -> f32 {
    let energy: f32 = sound.iter().map(|sample| sample * sample).sum();
    let samples = u16::try_from(sound.len().max(1)).unwrap_or(u16::MAX);
    (energy / f32::from(samples)).sqrt()
}

async fn utter(mut mouth: Mouth) {
    let mut text = String::new();
    let mut at_ms = 0;
    while let Some(command) = mouth.commands.recv().await {
        let ended = match command {
            Speak::Text(more) => {
                text.push_str(&more);
                false
            }
            Speak::End => true,
        };
        // A word is whole once something follows it.
        while let Some(word) = next_word(&mut text, ended) {
            let sound = tone(&word);
            let length_ms = sound.len() as u64 * 1_000 / u64::from(SAMPLE_RATE_HZ);
            let spoken = Spoken::Word { text: word, start_ms: at_ms, end_ms: at_ms + length_ms };
            at_ms += length_ms;
            if mouth.spoken.send(spoken).await.is_err() || mouth.spoken.send(Spoken::Audio(sound)).await.is_err() {
                return;
            }
        }
        if ended {
            // Nobody may be there any more to hear that it is done.
            mouth.spoken.send(Spoken::Done).await.unwrap_or_default();
            return;
        }
    }
}

/// Takes the first word off, if it is whole.
fn next_word(text: &mut String, ended: bool) -> Option<String> {
    let begins = text.find(|one: char| !one.is_whitespace())?;
    let rest = text.get(begins..).unwrap_or_default();
    let length = match rest.find(char::is_whitespace) {
        Some(length) => length,
        None if ended => rest.len(),
        None => return None,
    };
    let word = rest.get(..length).unwrap_or_default().to_owned();
    text.drain(..begins + length);
    Some(word)
}

/// A tone as long as a word, at most a second, and a pause.
fn tone(word: &str) -> Vec<f32> {
    let letters = word.chars().count().min(24);
    let rate = SAMPLE_RATE_HZ as usize;
    let (sounding, pause) = (letters * LETTER_MS * rate / 1_000, PAUSE_MS * rate / 1_000);
    let pitch: u8 = word.bytes().fold(0, u8::wrapping_add) % 16;
    let step = std::f32::consts::TAU * (300.0 + 25.0 * f32::from(pitch)) / 24_000.0;
    let mut phase: f32 = 0.0;
    let mut sound: Vec<f32> = Vec::with_capacity(sounding + pause);
    for _ in 0..sounding {
        sound.push(0.3 * phase.sin());
        phase = (phase + step) % std::f32::consts::TAU;
    }
    sound.resize(sounding + pause, 0.0);
    sound
}

#[cfg(test)]
mod tests;
