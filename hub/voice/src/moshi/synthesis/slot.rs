//! A session that speaks: its text, its place in time, its codec, and what waits to be taken by whom it speaks to.

use std::{
    collections::VecDeque,
    mem,
    task::{Context, Poll},
};

use candle_core::Result;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::PollSender;

use super::{
    network::Codec,
    pacing::{Begun, Item},
    sampling::Dice,
    script::{Piece, Script},
    utterance::{Frame, LEAD_FRAMES, Streams, Utterance},
};
use crate::{
    EngineError, FRAME_SAMPLES,
    moshi::tokenizer::Tokenizer,
    speaker::{Mouth, Speak, Spoken},
};

/// Milliseconds of a step.
const STEP_MS: u64 = 80;

/// Frames of the longest piece of sound: just under a second.
const PIECE_MOST: usize = 12;

/// So many words wait at most; more text is taken when fewer do.
const WORDS: usize = 64;

/// "Here the main speaker begins": before the first word.
const MAIN_SPEAKER: u32 = 1;

/// What a session begins with.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) mouth: Mouth,
    pub(super) voice: usize,
    pub(super) seed: u64,
    /// Its place among those who may speak.
    pub(super) place: OwnedSemaphorePermit,
}

/// A session.
pub(super) struct Slot {
    pub(super) utterance: Utterance,
    pub(super) voice: usize,
    pub(super) dice: Dice,
    text: Text,
    words: Words,
    codec: Codec,
    /// Frames that wait to be decoded.
    frames: Vec<Frame>,
    outbox: Outbox,
}

impl Slot {
    pub(super) fn new(session: Session, streams: Streams, codec: Codec, temperature: f32) -> Self {
        Self {
            utterance: Utterance::new(streams),
            voice: session.voice,
            dice: Dice::new(session.seed, temperature),
            text: Text::new(session.mouth.commands),
            words: Words::default(),
            codec,
            frames: Vec::new(),
            outbox: Outbox::new(session.mouth.spoken, session.place),
        }
    }

    /// Takes text, and hands on what was spoken, as far as that can be done at once.
    pub(super) fn poll(&mut self, tokenizer: &Tokenizer, context: &mut Context<'_>) -> Presence {
        match self.text.poll(&mut self.utterance, tokenizer, context) {
            Progress::Open => {}
            Progress::Nothing => self.outbox.close(),
            Progress::Dropped => self.outbox.gone = true,
        }
        self.outbox.poll(context);
        let over = self.outbox.gone || (self.outbox.closed && self.outbox.waiting.is_empty());
        if over { Presence::Gone } else { Presence::Here }
    }

    /// Whether it can take part in the next step: there is text, and what was spoken before has been handed on.
    pub(super) fn ready(&self) -> bool {
        !self.outbox.closed && !self.outbox.gone && self.outbox.waiting.is_empty() && self.utterance.ready()
    }

    /// Tells that the engine has ended, if there is room to tell it.
    pub(super) fn fail(&mut self, error: &EngineError) {
        // Before it is told: whoever knows of the end can say nothing more.
        self.text.commands.close();
        if let Some(spoken) = self.outbox.spoken.get_ref() {
            spoken.try_send(Spoken::Failed(error.clone())).unwrap_or_default();
        }
    }

    /// A word may begin with this step.
    pub(super) fn begin(&mut self, word: Option<Begun>) {
        self.words.0.extend(word);
    }

    /// The audio of this step. Frames are decoded when `together` have come, or the last.
    pub(super) fn audio(&mut self, codes: &[u32], together: usize) -> Result<()> {
        self.frames.extend(self.utterance.hear_audio(codes));
        let finished = self.utterance.finished();
        let audible = self.frames.iter().filter(|frame| frame.audible).count();
        if audible > 0 && (finished || audible >= together.min(PIECE_MOST)) {
            let frames = mem::take(&mut self.frames);
            let silent = frames.len() - audible;
            let codes: Vec<_> = frames.into_iter().map(|frame| frame.codes).collect();
            let mut sound = self.codec.decode(&codes)?;
            sound.drain(..(silent * FRAME_SAMPLES).min(sound.len()));
            self.outbox.waiting.extend(self.words.until(&self.utterance));
            self.outbox.waiting.push_back(Spoken::Audio(sound));
        }
        if finished {
            self.outbox.close();
        }
        Ok(())
    }
}

/// Whether a session needs its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// It goes on.
    Here,
    /// All was said, or nobody listens.
    Gone,
}

/// The text of a session.
#[derive(Debug)]
struct Text {
    commands: mpsc::Receiver<Speak>,
    script: Script,
    ended: bool,
    /// Whether there was a word.
    any: bool,
}

/// What a session's text came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// There is something to speak, or may be.
    Open,
    /// It ended without a word.
    Nothing,
    /// Nobody listens any more.
    Dropped,
}

impl Text {
    fn new(commands: mpsc::Receiver<Speak>) -> Self {
        Self { commands, script: Script::default(), ended: false, any: false }
    }

    fn poll(&mut self, utterance: &mut Utterance, tokenizer: &Tokenizer, context: &mut Context<'_>) -> Progress {
        while utterance.pacing.waiting() < WORDS {
            match self.commands.poll_recv(context) {
                Poll::Ready(Some(Speak::Text(text))) => self.script.push(&text),
                Poll::Ready(Some(Speak::End)) => {
                    self.ended = true;
                    self.script.complete();
                }
                Poll::Ready(None) => return Progress::Dropped,
                Poll::Pending => break,
            }
            self.take(utterance, tokenizer);
        }
        if self.ended && !self.any { Progress::Nothing } else { Progress::Open }
    }

    /// Hands the words that are whole to the pacing.
    fn take(&mut self, utterance: &mut Utterance, tokenizer: &Tokenizer) {
        while let Some(piece) = self.script.next() {
            match piece {
                Piece::Pause(steps) => utterance.pacing.push(Item::Break { steps }),
                Piece::Word { written, spoken } => {
                    let mut tokens = tokenizer.encode(&spoken);
                    if tokens.is_empty() {
                        continue;
                    }
                    if !mem::replace(&mut self.any, true) {
                        tokens.insert(0, MAIN_SPEAKER);
                    }
                    utterance.pacing.push(Item::Word { text: written, tokens });
                }
            }
        }
        if self.ended {
            utterance.pacing.complete();
        }
    }
}

/// Words that have begun and were not told yet.
#[derive(Debug, Default)]
struct Words(VecDeque<Begun>);

impl Words {
    /// The words that begin within the sound that was made so far.
    fn until(&mut self, utterance: &Utterance) -> Vec<Spoken> {
        let made = utterance.heard_frames();
        let frame = |step: usize| step.saturating_sub(LEAD_FRAMES);
        let mut told = Vec::new();
        while let Some(word) = self.0.pop_front_if(|word| frame(word.step) < made) {
            let start = frame(word.step);
            // Until the next word or the end; where neither is known yet, it lasts at least until here.
            let next = self.0.front().map(|next| frame(next.step));
            let end = next.or(utterance.pacing.ended_at().map(frame)).unwrap_or(made).max(start + 1);
            told.push(Spoken::Word { text: word.text, start_ms: ms(start), end_ms: ms(end) });
        }
        told
    }
}

fn ms(frame: usize) -> u64 {
    u64::try_from(frame).unwrap_or(u64::MAX).saturating_mul(STEP_MS)
}

/// What was spoken and not taken yet.
#[derive(Debug)]
struct Outbox {
    spoken: PollSender<Spoken>,
    waiting: VecDeque<Spoken>,
    /// Nothing will follow.
    closed: bool,
    /// Nobody listens any more.
    gone: bool,
    /// Freed just before the last of it is handed on, so that who hears it finds a place free.
    place: Option<OwnedSemaphorePermit>,
}

impl Outbox {
    fn new(spoken: mpsc::Sender<Spoken>, place: OwnedSemaphorePermit) -> Self {
        let spoken = PollSender::new(spoken);
        Self { spoken, waiting: VecDeque::new(), closed: false, gone: false, place: Some(place) }
    }

    fn close(&mut self) {
        if !mem::replace(&mut self.closed, true) {
            self.waiting.push_back(Spoken::Done);
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) {
        self.gone = self.gone || self.spoken.is_closed();
        while !self.gone && !self.waiting.is_empty() {
            match self.spoken.poll_reserve(context) {
                Poll::Pending => return,
                Poll::Ready(Err(_closed)) => self.gone = true,
                Poll::Ready(Ok(())) => {
                    if self.closed && self.waiting.len() == 1 {
                        self.place = None;
                    }
                    if let Some(spoken) = self.waiting.pop_front() {
                        self.gone = self.spoken.send_item(spoken).is_err();
                    }
                }
            }
        }
    }
}
