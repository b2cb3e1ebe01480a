//! The loop of the thread that owns the model: at most one frame from every slot, one step, what it gave to each session.
//!
//! It runs free: nothing paces it but the sound itself, so that what waits is worked off as fast as the model can. Only when
//! no slot has anything does the thread rest, until somebody sends something.

use std::{
    collections::VecDeque,
    ops::ControlFlow,
    task::{Context, Poll},
};

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::PollSender;

use super::{
    session::{Conventions, Said, Session},
    step::{Failure, Step},
};
use crate::{
    EngineError, FRAME_SAMPLES, Frame,
    listener::{Ear, Heard, Listen},
    moshi::{
        thread::{clean, rest_until},
        tokenizer::Tokenizer,
    },
};

/// What the model hears when there is nothing to hear.
static SILENCE: [f32; FRAME_SAMPLES] = [0.0; FRAME_SAMPLES];

/// A session that begins. The permit is its place: there are as many as slots.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) ear: Ear,
    pub(super) place: OwnedSemaphorePermit,
}

/// All sessions of one model.
pub(super) struct Slots {
    slots: Vec<Option<Slot>>,
    conventions: Conventions,
}

/// One session, and the number of its place in the model's batch.
struct Slot {
    commands: mpsc::Receiver<Listen>,
    heard: PollSender<Heard>,
    /// What the session was not told yet; nothing more is heard for it before it has taken all of this.
    outbox: VecDeque<Heard>,
    session: Session,
    /// Before the first step of a session its place in the model is made empty.
    begun: bool,
    /// What the next step is for.
    next: Option<Next>,
    _place: OwnedSemaphorePermit,
}

/// What a slot has for the next step.
enum Next {
    Sound(Frame),
    Silence,
}

/// Its session is gone.
struct Gone;

impl Slots {
    pub(super) fn new(slots: usize, conventions: Conventions) -> Self {
        Self { slots: (0..slots).map(|_| None).collect(), conventions }
    }

    /// Works until the engine is dropped, or something fails.
    pub(super) fn run(
        &mut self,
        model: &mut impl Step,
        tokenizer: &Tokenizer,
        commands: &mut mpsc::Receiver<Open>,
    ) -> Result<(), Failure> {
        while rest_until(|context| self.gather(commands, context)).is_continue() {
            self.begin(model)?;
            let said = {
                let sound: Vec<_> = self.slots.iter().map(|slot| slot.as_ref().and_then(Slot::sound)).collect();
                model.step(&sound)?
            };
            for (slot, said) in self.slots.iter_mut().zip(said) {
                if let Some(slot) = slot {
                    slot.stepped(said, tokenizer);
                }
            }
        }
        Ok(())
    }

    /// Tells every session that the engine ended, and frees every slot.
    pub(super) fn fail(&mut self, error: &EngineError) {
        for mut slot in self.slots.iter_mut().filter_map(Option::take) {
            let failed = Heard::Failed(error.clone());
            // Before it is told: whoever knows of the end can push nothing more.
            slot.commands.close();
            // Who has not taken what was heard before learns it by the end of the session.
            if slot.outbox.is_empty()
                && let Some(heard) = slot.heard.get_ref()
            {
                heard.try_send(failed).unwrap_or_default();
            }
        }
    }

    /// Takes what is there; ready once a slot has something for a step, `Break` once the engine was dropped.
    fn gather(&mut self, commands: &mut mpsc::Receiver<Open>, context: &mut Context<'_>) -> Poll<ControlFlow<()>> {
        let mut ready = false;
        for slot in &mut self.slots {
            if let Some(open) = slot {
                match open.gather(context) {
                    Ok(has_next) => ready |= has_next,
                    Err(Gone) => *slot = None,
                }
            }
        }
        // After the slots: whoever has a place finds a slot that is empty by now.
        loop {
            match commands.poll_recv(context) {
                Poll::Ready(Some(open)) => ready |= self.open(open, context),
                Poll::Ready(None) => return Poll::Ready(ControlFlow::Break(())),
                Poll::Pending if ready => return Poll::Ready(ControlFlow::Continue(())),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Gives a session a slot; tells whether it has something for the next step.
    fn open(&mut self, Open { ear, place }: Open, context: &mut Context<'_>) -> bool {
        let Some(free) = self.slots.iter_mut().find(|slot| slot.is_none()) else {
            log::error!("a session that listens found no slot");
            return false;
        };
        let session = match Session::new(self.conventions) {
            Ok(session) => session,
            Err(error) => {
                log::error!("a session that listens could not begin: {error}");
                return false;
            }
        };
        let slot = free.insert(Slot {
            commands: ear.commands,
            heard: PollSender::new(ear.heard),
            outbox: VecDeque::new(),
            session,
            begun: false,
            next: None,
            _place: place,
        });
        slot.gather(context).unwrap_or_else(|Gone| {
            *free = None;
            false
        })
    }

    /// Makes the places of those that begin empty, and no others.
    fn begin(&mut self, model: &mut impl Step) -> Result<(), Failure> {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if let Some(slot) = slot
                && !std::mem::replace(&mut slot.begun, true)
            {
                model.reset(index)?;
            }
        }
        Ok(())
    }
}

impl Slot {
    /// Takes at most one frame, once all that was heard is told. Tells whether there is something for the next step.
    fn gather(&mut self, context: &mut Context<'_>) -> Result<bool, Gone> {
        // Whoever has left is not heard out: the place is free at once, whatever sound still waits.
        if self.heard.is_closed() {
            return Err(Gone);
        }
        loop {
            if !self.tell(context)? {
                return Ok(false);
            }
            if self.next.is_some() {
                return Ok(true);
            }
            if self.session.wants_silence() {
                self.next = Some(Next::Silence);
                return Ok(true);
            }
            match self.commands.poll_recv(context) {
                Poll::Ready(Some(Listen::Frame(mut frame))) => {
                    clean(&mut frame);
                    self.next = Some(Next::Sound(frame));
                }
                Poll::Ready(Some(Listen::Mark(mark))) => self.session.mark(mark, &mut self.outbox),
                Poll::Ready(None) => return Err(Gone),
                Poll::Pending => return Ok(false),
            }
        }
    }

    /// Hands out what was heard; tells whether all of it was taken.
    fn tell(&mut self, context: &mut Context<'_>) -> Result<bool, Gone> {
        while !self.outbox.is_empty() {
            match self.heard.poll_reserve(context) {
                Poll::Ready(Ok(())) => {
                    if let Some(heard) = self.outbox.pop_front() {
                        self.heard.send_item(heard).map_err(|_closed| Gone)?;
                    }
                }
                Poll::Ready(Err(_closed)) => return Err(Gone),
                Poll::Pending => return Ok(false),
            }
        }
        Ok(true)
    }

    /// What the model hears of it in the next step, if anything.
    fn sound(&self) -> Option<&[f32; FRAME_SAMPLES]> {
        match &self.next {
            Some(Next::Sound(frame)) => Some(frame),
            Some(Next::Silence) => Some(&SILENCE),
            None => None,
        }
    }

    /// After a step: what it gave, if this slot was in it.
    fn stepped(&mut self, said: Said, tokenizer: &Tokenizer) {
        let Some(next) = self.next.take() else { return };
        let sound = match &next {
            Next::Sound(frame) => Some(&**frame),
            Next::Silence => None,
        };
        self.session.stepped(sound, said, |pieces| tokenizer.text(pieces), &mut self.outbox);
    }
}
