//! The one thread that owns the model. It free-runs: whenever any session can go on, it makes a step of all that can.
//!
//! No clock: how fast it goes is the machine's business, and whoever does not take what was spoken sits out. It waits, for
//! text, for room, for a new session, only when nobody can go on.

use std::{
    collections::VecDeque,
    future::poll_fn,
    task::{Context, Poll},
};

use candle_core::{Result, Tensor};
use tokio::sync::mpsc;

use super::{
    Settings,
    backbone::Row,
    network::{Model, Network},
    sampling::Table,
    slot::{Presence, Session, Slot},
};
use crate::{EngineError, moshi::thread::Owner, speaker::Spoken};

/// So many steps in a row may be for sessions that are still before their first sound: such steps are short, so that a new
/// session sounds early while the others hardly wait.
const SHORT_STEPS: usize = 2;

/// The thread's own.
pub(super) struct Thread {
    model: Model,
    slots: Vec<Option<Slot>>,
    /// Sessions that have a place, whose slot is about to be free.
    waiting: VecDeque<Session>,
    temperature: f32,
    /// Short steps since the last whole one.
    short_steps: usize,
}

/// What is to be done next.
enum Next {
    Step,
    /// The engine was dropped.
    Over,
}

impl Owner for Thread {
    type Open = Session;

    const NAME: &'static str = "the model that speaks";

    fn run(&mut self, sessions: &mut mpsc::Receiver<Session>) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        // The channels' budget of cooperation is for tasks that share a thread; here it would never be filled up again.
        runtime.block_on(tokio::task::unconstrained(self.speak(sessions)))
    }

    fn fail(&mut self, error: &EngineError) {
        self.slots.iter_mut().flatten().for_each(|slot| slot.fail(error));
        self.waiting.drain(..).for_each(|session| Self::refuse(session, error));
    }

    fn refuse(session: Session, error: &EngineError) {
        session.mouth.spoken.try_send(Spoken::Failed(error.clone())).unwrap_or_default();
    }
}

impl Thread {
    pub(super) fn new(model: Model, settings: &Settings) -> Self {
        let slots = (0..settings.slots).map(|_| None).collect();
        Self { model, slots, waiting: VecDeque::new(), temperature: settings.temperature, short_steps: 0 }
    }

    /// Speaks until the engine is dropped, or the model fails.
    async fn speak(&mut self, sessions: &mut mpsc::Receiver<Session>) -> Result<()> {
        loop {
            match poll_fn(|context| self.poll(sessions, context)).await {
                Next::Step => self.step()?,
                Next::Over => return Ok(()),
            }
        }
    }

    /// Lets sessions in and out, and their text and sound.
    fn poll(&mut self, sessions: &mut mpsc::Receiver<Session>, context: &mut Context<'_>) -> Poll<Next> {
        while let Poll::Ready(session) = sessions.poll_recv(context) {
            match session {
                Some(session) => self.waiting.push_back(session),
                None => return Poll::Ready(Next::Over),
            }
        }
        let Model { network, codec, tokenizer } = &mut self.model;
        for (number, slot) in self.slots.iter_mut().enumerate() {
            slot.take_if(|session| session.poll(tokenizer, context) == Presence::Gone);
            while slot.is_none()
                && let Some(session) = self.waiting.pop_front()
            {
                network.backbone.reset(number);
                let mut session = Slot::new(session, network.streams.clone(), codec.clone(), self.temperature);
                *slot = (session.poll(tokenizer, context) == Presence::Here).then_some(session);
            }
        }
        if self.slots.iter().flatten().any(Slot::ready) { Poll::Ready(Next::Step) } else { Poll::Pending }
    }

    /// How many codebooks the next step makes for each place, if it takes part.
    fn parts(&mut self) -> Vec<Option<usize>> {
        let part =
            |slot: &Option<Slot>| slot.as_ref().filter(|slot| slot.ready()).map(|slot| slot.utterance.codebooks());
        let mut parts: Vec<Option<usize>> = self.slots.iter().map(part).collect();
        let silent = parts.contains(&Some(0));
        let sounding = parts.iter().flatten().any(|codebooks| *codebooks > 0);
        if silent && sounding && self.short_steps < SHORT_STEPS {
            self.short_steps += 1;
            for part in &mut parts {
                *part = part.filter(|codebooks| *codebooks == 0);
            }
        } else {
            self.short_steps = 0;
        }
        parts
    }

    /// One step of everyone who takes part.
    fn step(&mut self) -> Result<()> {
        let parts = self.parts();
        let network = &mut self.model.network;
        let places = parts.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let row = |(slot, part): (&Option<Slot>, &Option<usize>)| {
            let session = slot.as_ref().filter(|_| part.is_some());
            let (text, audio) = session.map_or_else(|| network.streams.idle(), |slot| slot.utterance.input());
            Row { taking_part: session.is_some(), text, audio, voice: session.map_or(0, |slot| slot.voice) }
        };
        let rows: Vec<Row> = self.slots.iter().zip(&parts).take(places).map(row).collect();
        let heard = network.backbone.step(&rows)?;
        let logits: Vec<Vec<f32>> = heard.text_logits.to_vec2()?;

        let (mut sounding, mut texts, mut dice) = (Vec::new(), Vec::new(), Vec::new());
        let taking_part = self.slots.iter_mut().zip(&parts).zip(&logits).zip(0_u32..);
        for (((slot, part), logits), number) in taking_part {
            let (Some(slot), Some(codebooks)) = (slot, part) else { continue };
            let asked = slot.dice.text(logits);
            let (text, begun) = slot.utterance.hear_text(asked);
            slot.begin(begun);
            if *codebooks > 0 {
                sounding.push(number);
                texts.push(text);
                dice.push(&mut slot.dice);
            }
        }
        let mut codes = Vec::new();
        let together = Network::together(sounding.len());
        if let Some(most) = parts.iter().flatten().max().filter(|most| **most > 0) {
            let of = Tensor::from_vec(sounding, texts.len(), heard.hidden.device())?;
            let hidden = heard.hidden.index_select(&of, 0)?;
            codes = network.depth.step(&hidden, &texts, *most, &mut Table(dice))?;
        }
        let mut codes = codes.iter();
        for (slot, part) in self.slots.iter_mut().zip(&parts) {
            let (Some(slot), Some(codebooks)) = (slot, part) else { continue };
            let made = if *codebooks > 0 { codes.next().map(Vec::as_slice) } else { None };
            slot.audio(made.unwrap_or_default(), together)?;
        }
        Ok(())
    }
}
