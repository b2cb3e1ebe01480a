//! Free conversation on a call. The partner hears the caller all the time and is heard while it has the word; the
//! caller's words come from who listens, and a command among them is the Boss's.

use xswarm_store::TurnNote;
use xswarm_voice::{Conversation, Heard, Reply};

use super::{Session, ledger};
use crate::{assistant::overhearing, channels::call::partner::Partner, dialog::Input, error::Error};

impl Session<'_> {
    /// The same call, with somebody who converses.
    pub(in crate::channels::call) fn with_partner(mut self, conversation: Conversation) -> Self {
        self.partner = Partner::new(conversation);
        self.tell(Input::PartnerJoined);
        self
    }

    /// Takes what the partner does.
    pub(super) async fn replied(&mut self, reply: Reply) -> Result<(), Error> {
        match reply {
            Reply::Failed(error) => {
                log::warn!(call:% = self.call.id; "free conversation ends: {error}");
                self.partner.leave();
                self.tell(Input::PartnerLeft);
            }
            // What nobody hears was not said.
            Reply::Sound(_) | Reply::Text(_) if !self.dialog.partner_may_speak() => {}
            Reply::Sound(frame) => self.partner.sounds(&frame),
            Reply::Text(words) => {
                self.tell(Input::PartnerSpeaks);
                if let Some(sentences) = self.partner.says(&words) {
                    self.check(&sentences).await?;
                }
                if self.partner.is_long() {
                    self.keep_chat().await?;
                }
            }
        }
        Ok(())
    }

    /// Notes what the caller says. What the partner says from the first word of an utterance on belongs to that: it need not
    /// wait for its end, nor for who listens to have understood it.
    pub(super) async fn overhear(&mut self, heard: &Heard) -> Result<(), Error> {
        if let Heard::Partial { text } | Heard::Final { text } = heard {
            let begins = self.partner.caller_says(text, matches!(heard, Heard::Final { .. }));
            if begins {
                self.keep_chat().await?;
            }
        }
        Ok(())
    }

    /// Takes the word from the partner where it is not its to have.
    pub(super) async fn hush(&mut self) -> Result<(), Error> {
        if self.dialog.partner_may_speak() {
            return Ok(());
        }
        self.partner.hush();
        self.keep_chat().await
    }

    /// The caller has said something that may be for the Boss or for the partner.
    pub(super) async fn consider(&mut self, words: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let Some(user) = self.user.clone().filter(|user| !overhearing::is_for_the_boss(user, words, now)) else {
            self.keep_chat().await?;
            return self.ask(words).await;
        };
        let (call, words) = (self.call.clone(), words.to_owned());
        let said = self.store.write(move |tx| ledger::chatted(tx, &call, &user, &words, now).map_err(Error::from));
        let said = said.await?;
        self.chatted = Some(said);
        self.turn_of(said).await?;
        self.tell(Input::PartnerAnswers);
        Ok(())
    }

    /// Records what the partner has said since, as the answer to the caller's last words where it is the first.
    pub(super) async fn keep_chat(&mut self) -> Result<(), Error> {
        let Some((words, rest)) = self.partner.take() else { return Ok(()) };
        let Some(user) = self.user.clone() else { return Ok(()) };
        let (call, now, now_ms) = (self.call.clone(), self.clock.now(), self.now_ms());
        let chatted = self.chatted;
        let owed =
            move |turn: &&mut TurnNote| turn.reply.is_none() && turn.message.is_some() && turn.message == chatted;
        let after = self.turns.iter_mut().rev().find(owed).and_then(|turn| turn.message);
        let reply = self
            .store
            .write(move |tx| ledger::chatted_back(tx, &call, &user, &words, after, now).map_err(Error::from))
            .await?;
        match self.turns.iter_mut().rev().find(owed) {
            Some(turn) => turn.reply = Some(reply),
            None => self.turns.push(TurnNote { reply: Some(reply), answered_ms: Some(now_ms), ..TurnNote::default() }),
        }
        self.note_turns().await?;
        self.check(&rest).await
    }

    /// What sounds like a deed, from one who does none, is set right by the Boss.
    async fn check(&mut self, said: &str) -> Result<(), Error> {
        let Some(user) = self.user.clone() else { return Ok(()) };
        if !overhearing::claims(said, self.partner.said_before()) {
            return Ok(());
        }
        log::info!(call:% = self.call.id; "free conversation claimed a deed");
        let (call, now) = (self.call.clone(), self.clock.now());
        self.store
            .write(move |tx| ledger::set_right(tx, &call, &user, overhearing::ONLY_TALK, now).map_err(Error::from))
            .await?;
        // It is to be said at the next tick.
        self.looked_at -= super::LOOK;
        Ok(())
    }

    /// Tells the dialogue what asks for nothing to be done.
    fn tell(&mut self, input: Input) {
        let now_ms = self.now_ms();
        let asked = self.dialog.on(input, now_ms);
        debug_assert!(asked.is_empty(), "{asked:?}");
    }
}
