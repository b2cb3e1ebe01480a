//! What is said on a call, turn by turn: recorded, answered by the assistant, and how much of the answer was heard.

use tokio::time::Instant;
use xswarm_core::{
    id::MessageId,
    message::{Direction, Message},
};
use xswarm_store::TurnNote;

use super::Session;
use crate::{
    assistant::{HELD, pin as asking},
    channels::call::{ledger, outbound, speech::HeardOf},
    dialog::{Answer, Input, aloud},
    error::Error,
};

impl Session<'_> {
    pub(super) async fn ask(&mut self, words: &str) -> Result<(), Error> {
        if self.introduced(words).await? {
            return Ok(());
        }
        let (call, user, words) = (self.call.clone(), self.user.clone(), words.to_owned());
        let (now, ours) = (self.clock.now(), self.ours.clone());
        let is_new = !std::mem::replace(&mut self.is_kept, true);
        let message = self
            .store
            .write(move |tx| {
                if is_new {
                    tx.call_insert(&call)?;
                }
                match &user {
                    Some(user) => ledger::said(tx, &call, user, &words, now).map_err(Error::from),
                    None if call.room.is_some() => ledger::said_by_guest(tx, &call, &words, now).map_err(Error::from),
                    None => ledger::left(tx, &call, &words, &ours, now),
                }
            })
            .await?;
        self.turn_of(message).await
    }

    /// Begins a turn with what was said.
    pub(super) async fn turn_of(&mut self, message: MessageId) -> Result<(), Error> {
        let speech_ended_ms = self.speech_ended_ms.take();
        self.turn(message, speech_ended_ms).await
    }

    /// A turn begins: what was said is recorded.
    pub(super) async fn turn(&mut self, message: MessageId, speech_ended_ms: Option<u64>) -> Result<(), Error> {
        let now_ms = self.now_ms();
        self.turns.push(TurnNote {
            message: Some(message),
            speech_ended_ms: speech_ended_ms.or(Some(now_ms)),
            turn_ended_ms: Some(now_ms),
            ..TurnNote::default()
        });
        self.note_turns().await
    }

    /// Whether something is to be written soon that this call waits for: an answer, or who has answered the telephone.
    pub(super) fn waits(&self) -> bool {
        let owed = |turn: &TurnNote| turn.message.is_some() && turn.reply.is_none() && !turn.interrupted;
        let rings = self.call.direction == Direction::Outbound && self.call.answered_by.is_none();
        rings || self.turns.iter().any(owed)
    }

    /// Takes what the assistant has answered since.
    pub(super) async fn look(&mut self) -> Result<(), Error> {
        self.looked_at = Instant::now();
        let (call, now) = (self.call.clone(), self.clock.now());
        let (waiting, now_known) = self
            .store
            .read(move |rows| {
                let waiting = ledger::waiting(rows, &call)?.into_iter();
                let waiting = waiting.map(|message| Ok((ledger::asks(rows, &message, now)?, message)));
                Ok::<_, Error>((waiting.collect::<Result<Vec<_>, Error>>()?, rows.call(call.id)?))
            })
            .await?;
        if let (None, Some(by)) = (self.call.answered_by, now_known.and_then(|call| call.answered_by)) {
            self.call.answered_by = Some(by);
            self.input(Input::Verdict(by), None).await?;
        }
        for (asks, message) in waiting {
            let (id, now) = (message.id, self.clock.now());
            self.store.write(move |tx| ledger::begun(tx, id, now).map_err(Error::from)).await?;
            if self.is_unwanted(&message) {
                continue;
            }
            self.answered(&message);
            let is_aside = message.in_reply_to.is_none() || message.metadata.get(HELD).is_some();
            let asks_pin = asking::is_asked_in(&message.metadata);
            if asks_pin {
                self.pin.ask(message.id);
                let now_ms = self.now_ms();
                if let Some(recorder) = &mut self.recorder {
                    recorder.pin_asked(now_ms);
                }
            }
            let answer = Answer { text: aloud(&message.content), is_aside, asks: asks || asks_pin, asks_pin };
            self.input(Input::Answer(answer), Some(message.id)).await?;
        }
        Ok(())
    }

    /// Whether somebody interrupted the Boss before it could answer this.
    pub(super) fn is_unwanted(&self, message: &Message) -> bool {
        let answers = |turn: &&TurnNote| turn.message.is_some() && turn.message == message.in_reply_to;
        self.turns.iter().find(answers).is_some_and(|turn| turn.interrupted && turn.reply.is_none())
    }

    pub(super) fn answered(&mut self, message: &Message) {
        let now_ms = self.now_ms();
        if message.in_reply_to.is_none() {
            // What the Boss says unasked is said in a turn of its own.
            return self.turns.push(TurnNote {
                reply: Some(message.id),
                answered_ms: Some(now_ms),
                ..TurnNote::default()
            });
        }
        let turn = self.turns.iter_mut().rev().find(|turn| turn.message == message.in_reply_to);
        if let Some(turn) = turn {
            turn.answered_ms.get_or_insert(now_ms);
            if message.metadata.get(HELD).is_none() {
                turn.reply = Some(message.id);
            }
        }
    }

    /// How much of an answer was heard.
    pub(super) async fn heard_of(&mut self, heard: HeardOf) -> Result<(), Error> {
        let HeardOf { reply, words, whole } = heard;
        if let Some(turn) = self.turns.iter_mut().rev().find(|turn| turn.reply == Some(reply)) {
            turn.interrupted |= !whole;
        }
        // What nobody heard a word of is still owed.
        if words == 0 && !whole {
            return Ok(());
        }
        if self.told == Some(reply) {
            return if whole { self.heard_matter().await } else { Ok(()) };
        }
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                let said = tx.message(reply)?.map(|message| aloud(&message.content)).unwrap_or_default();
                let most = usize::try_from(words).unwrap_or(usize::MAX);
                let cut = said.split_whitespace().take(most).collect::<Vec<_>>().join(" ");
                ledger::heard(tx, reply, (!whole).then_some(cut.as_str()), now).map_err(Error::from)
            })
            .await?;
        self.note_turns().await
    }

    /// All of what the Boss called to say was heard.
    pub(super) async fn heard_matter(&mut self) -> Result<(), Error> {
        self.dialog.errand_heard();
        let (call, now) = (self.call.clone(), self.clock.now());
        self.store.write(move |tx| outbound::heard(tx, &call, now).map_err(Error::from)).await?;
        self.note_turns().await
    }

    /// Notes of the turns what the database does not know yet.
    pub(super) async fn note_turns(&mut self) -> Result<(), Error> {
        let id = self.call.id;
        let known = self.noted.iter().map(Some).chain(std::iter::repeat(None));
        let turns = (1_u32..).zip(self.turns.iter().zip(known));
        let changed: Vec<(u32, TurnNote)> = turns
            .filter(|(_, (turn, known))| *known != Some(*turn))
            .map(|(number, (turn, _))| (number, *turn))
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        self.store
            .write(move |tx| {
                for (number, turn) in &changed {
                    tx.call_turn_note(id, *number, turn)?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        self.noted.clone_from(&self.turns);
        Ok(())
    }
}
