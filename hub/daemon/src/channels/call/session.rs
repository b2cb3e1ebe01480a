//! One call while it lasts: what comes in from line, engine, ledger and clock goes to the dialogue, and what that decides is
//! done. Nothing is decided here.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    call::{Call, CallEnd},
    id::MessageId,
    message::Message,
    user::User,
};
use xswarm_store::{Store, TurnNote};
use xswarm_voice::{
    Engine, Heard, Listener,
    audio::{Intake, Sent},
};

use super::{
    Calls, TURNS_MOST, has_echo, ledger,
    line::{Came, Line, unusual},
    outbound::{self, Matter},
    speech::{Finished, HeardOf, Progress, Speech},
};
use crate::{
    assistant::HELD,
    clock::Clock,
    dialog::{Answer, Dialog, Input, Manner, Other, Output, aloud},
    error::Error,
    outbox::OurAddresses,
    twilio::media::MediaMessage,
};

/// How long one frame of sound is.
const FRAME: Duration = Duration::from_millis(20);

/// So much sound may be at the far end and not yet played.
const AHEAD: Duration = Duration::from_millis(60);

/// How often it is looked for answers, besides when something was written.
const LOOK: Duration = Duration::from_millis(500);

/// 20 ms of silence, for the echo canceller.
const SILENCE: [f32; 480] = [0.0; 480];

/// A call.
pub(super) struct Session<'a> {
    store: Arc<Store>,
    clock: Clock,
    ours: OurAddresses,
    engine: &'a Engine,
    line: Line,
    intake: Box<Intake>,
    listener: Listener,
    speech: Speech,
    dialog: Dialog,
    call: Call,
    user: Option<User>,
    turns: Vec<TurnNote>,
    began: Instant,
    /// Up to when the far end has sound to play.
    ahead_until: Instant,
    speech_ended_ms: Option<u64>,
    /// The message that the Boss calls to say.
    told: Option<MessageId>,
    looked_at: Instant,
    ended: Option<CallEnd>,
}

/// What happens next on a call.
enum Happened {
    Came(Came),
    Heard(Heard),
    Spoken(xswarm_voice::Spoken),
    Frame,
    Written,
    Stopping,
}

impl<'a> Session<'a> {
    /// A call that was just connected.
    pub(super) fn new(
        calls: &Calls,
        engine: &'a Engine,
        line: Line,
        listener: Listener,
        call: Call,
        (user, matter): (Option<User>, Option<Matter>),
        longest: Duration,
    ) -> Result<Self, Error> {
        let format = line.format();
        // It is large, and a call is handed on a few times before it runs.
        let intake = Intake::new(format, has_echo(format)).map(Box::new).map_err(unusual)?;
        let (other, greeting) = if let Some(user) = &user {
            (Other::Person, format!("Hello {}, this is the Boss.", user.name))
        } else {
            let words = "Hello, this is the Boss, a private assistant. I can take a message. Please speak now.";
            (Other::Stranger, words.to_owned())
        };
        let longest_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        let told = matter.as_ref().map(|matter| matter.message);
        let (greeting, errand) = match matter {
            Some(Matter { opening, errand, .. }) => (opening, Some(errand)),
            None => (greeting, None),
        };
        let (dialog, first) = Dialog::begin(Manner { greeting, longest_ms, turns_most: TURNS_MOST, other, errand });
        let now = Instant::now();
        let mut session = Self {
            store: Arc::clone(&calls.store),
            clock: calls.clock,
            ours: calls.ours.clone(),
            engine,
            line,
            intake,
            listener,
            speech: Speech::default(),
            dialog,
            // Who took it is told to the dialogue when it is looked for, also where it was known before.
            call: Call { answered_by: None, ..call },
            user,
            turns: Vec::new(),
            began: now,
            ahead_until: now,
            speech_ended_ms: None,
            told,
            looked_at: now,
            ended: None,
        };
        for output in first {
            if let Output::Say(words) = output {
                session.speech.say(words, None);
            }
        }
        Ok(session)
    }

    /// Talks until one side ends the call; why it ended.
    pub(super) async fn run(mut self, stopping: &CancellationToken) -> Result<CallEnd, Error> {
        let mut ticks = interval(FRAME);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut changed = self.store.changed();
        let ended = loop {
            if let Some(ended) = self.ended {
                break ended;
            }
            if let Err(error) = self.speech.begin(self.engine).await {
                log::warn!(call:% = self.call.id; "nothing can be said: {error}");
                self.input(Input::SpeechFailed, None).await?;
                continue;
            }
            match self.happens(&mut ticks, &mut changed, stopping).await {
                Happened::Came(came) => self.came(came).await?,
                Happened::Heard(heard) => {
                    if matches!(heard, Heard::EndOfTurn | Heard::Final { .. }) {
                        self.speech_ended_ms.get_or_insert(self.now_ms());
                    }
                    self.input(Input::Heard(heard), None).await?;
                }
                Happened::Spoken(spoken) => {
                    if let Progress::Failed(error) = self.speech.take(spoken) {
                        log::warn!(call:% = self.call.id; "something was not said to its end: {error}");
                        self.input(Input::SpeechFailed, None).await?;
                    }
                }
                Happened::Frame => self.frame().await?,
                Happened::Written => self.look().await?,
                Happened::Stopping => self.input(Input::Stopping, None).await?,
            }
        };
        if let Some(heard) = self.speech.clear() {
            self.heard_of(heard).await?;
        }
        self.note_turns().await?;
        self.line.close().await;
        Ok(ended)
    }

    async fn happens(
        &mut self,
        ticks: &mut Interval,
        changed: &mut watch::Receiver<u64>,
        stopping: &CancellationToken,
    ) -> Happened {
        let more = self.speech.wants_more();
        tokio::select! {
            // Sound goes out in time, whatever else there is to do.
            biased;
            _ = ticks.tick() => Happened::Frame,
            () = stopping.cancelled() => Happened::Stopping,
            came = self.line.next() => Happened::Came(came),
            heard = self.listener.next() => Happened::Heard(heard),
            spoken = self.speech.next(), if more => Happened::Spoken(spoken),
            Ok(()) = changed.changed() => Happened::Written,
        }
    }

    async fn came(&mut self, came: Came) -> Result<(), Error> {
        match came {
            Came::Nothing | Came::Message(MediaMessage::Connected | MediaMessage::Start { .. }) => Ok(()),
            Came::Ended | Came::Message(MediaMessage::Stop) => self.input(Input::LineEnded, None).await,
            Came::Nonsense => {
                self.ended = Some(CallEnd::BadProtocol);
                Ok(())
            }
            Came::Message(MediaMessage::Media { at_ms, sound, .. }) => {
                let taken = self.intake.take(at_ms, &sound);
                for frame in taken.frames {
                    // One that finds the engine too far behind is lost; a gap is better than a delay that grows.
                    if let Err(error) = self.listener.push(frame) {
                        log::debug!(call:% = self.call.id; "a frame is lost: {error}");
                    }
                }
                if taken.activity.speech_ms > 0 {
                    self.speech_ended_ms = None;
                } else if taken.activity.silence_ms > 0 && self.speech_ended_ms.is_none() {
                    self.speech_ended_ms = Some(self.now_ms().saturating_sub(taken.activity.silence_ms));
                }
                self.input(Input::Activity(taken.activity), None).await
            }
            Came::Message(MediaMessage::Mark(name)) => {
                self.speech.heard(&name);
                self.after_speech().await
            }
            Came::Message(MediaMessage::Key(key)) => self.input(Input::Key(key), None).await,
        }
    }

    /// What has been said to its end; when nothing else waits, the dialogue is told.
    async fn after_speech(&mut self) -> Result<(), Error> {
        match self.speech.finished() {
            Finished::NotYet => return Ok(()),
            Finished::Answer(heard) => self.heard_of(heard).await?,
            Finished::Other => {}
        }
        if self.speech.is_idle() { self.input(Input::Said, None).await } else { Ok(()) }
    }

    /// 20 ms have passed.
    async fn frame(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        if self.ahead_until <= now {
            self.ahead_until = now;
        }
        while self.ahead_until < now + AHEAD {
            let sent = self.speech.tick();
            if sent.is_empty() {
                break;
            }
            for one in sent {
                let there = match one {
                    Sent::Sound(sound) => {
                        self.ahead_until += FRAME;
                        self.first_sound();
                        self.intake.played(&sound);
                        self.line.play(&sound).await
                    }
                    Sent::Mark(mark) => {
                        let name = self.speech.name(mark);
                        self.line.mark(&name).await
                    }
                };
                if !there {
                    return self.input(Input::LineEnded, None).await;
                }
            }
        }
        if self.ahead_until <= now {
            self.intake.played(&SILENCE);
        }
        self.after_speech().await?;
        if now.duration_since(self.looked_at) >= LOOK {
            self.look().await?;
        }
        self.input(Input::Tick, None).await
    }

    /// Takes what the assistant has answered since.
    async fn look(&mut self) -> Result<(), Error> {
        self.looked_at = Instant::now();
        let call = self.call.clone();
        let (waiting, now_known) =
            self.store.read(move |rows| Ok::<_, Error>((ledger::waiting(rows, &call)?, rows.call(call.id)?))).await?;
        if let (None, Some(by)) = (self.call.answered_by, now_known.and_then(|call| call.answered_by)) {
            self.call.answered_by = Some(by);
            self.input(Input::Verdict(by), None).await?;
        }
        for message in waiting {
            let (id, now) = (message.id, self.clock.now());
            self.store.write(move |tx| ledger::begun(tx, id, now).map_err(Error::from)).await?;
            if self.is_unwanted(&message) {
                continue;
            }
            self.answered(&message);
            let is_aside = message.in_reply_to.is_none() || message.metadata.get(HELD).is_some();
            let answer = Answer { text: aloud(&message.content), is_aside };
            self.input(Input::Answer(answer), Some(message.id)).await?;
        }
        Ok(())
    }

    /// Whether somebody interrupted the Boss before it could answer this.
    fn is_unwanted(&self, message: &Message) -> bool {
        let answers = |turn: &&TurnNote| turn.message.is_some() && turn.message == message.in_reply_to;
        self.turns.iter().find(answers).is_some_and(|turn| turn.interrupted && turn.reply.is_none())
    }

    fn answered(&mut self, message: &Message) {
        let now_ms = self.now_ms();
        let turn = self.turns.iter_mut().rev().find(|turn| turn.message == message.in_reply_to);
        if let Some(turn) = turn.filter(|_| message.in_reply_to.is_some()) {
            turn.answered_ms.get_or_insert(now_ms);
            if message.metadata.get(HELD).is_none() {
                turn.reply = Some(message.id);
            }
        }
    }

    fn first_sound(&mut self) {
        let now_ms = self.now_ms();
        let reply = self.speech.reply();
        if let Some(turn) = self.turns.iter_mut().rev().find(|turn| reply.is_some() && turn.reply == reply) {
            turn.first_audio_ms.get_or_insert(now_ms);
        }
    }

    /// Gives the dialogue something, and does what it decides. `reply`: the answer that is said because of it.
    async fn input(&mut self, input: Input, reply: Option<MessageId>) -> Result<(), Error> {
        for output in self.dialog.on(input, self.now_ms()) {
            match output {
                Output::Say(words) => self.speech.say(words, reply),
                Output::Tell(words) => {
                    if self.turns.iter().all(|turn| turn.reply != self.told) {
                        self.turns.push(TurnNote { reply: self.told, ..TurnNote::default() });
                    }
                    self.speech.say(words, self.told);
                }
                Output::Acknowledge => {
                    let (call, ours, now) = (self.call.clone(), self.ours.clone(), self.clock.now());
                    self.store.write(move |tx| outbound::settled(tx, &call, &ours, now)).await?;
                }
                Output::Snooze => {
                    let (call, now) = (self.call.clone(), self.clock.now());
                    self.store.write(move |tx| outbound::put_off(tx, &call, now)).await?;
                }
                Output::Pause => {
                    self.speech.pause();
                    self.ahead_until = Instant::now();
                    self.line.clear().await;
                }
                Output::Resume => self.speech.resume(),
                Output::Clear => {
                    let heard = self.speech.clear();
                    self.ahead_until = Instant::now();
                    self.line.clear().await;
                    if let Some(heard) = heard {
                        self.heard_of(heard).await?;
                    }
                }
                Output::Ask(words) => self.ask(&words).await?,
                // What it comes to all the same is told after the call, by message.
                Output::CancelAnswer => {
                    self.turns.iter_mut().filter(|turn| turn.reply.is_none()).for_each(|turn| turn.interrupted = true);
                }
                Output::End(end) => self.ended = Some(end),
            }
        }
        Ok(())
    }

    async fn ask(&mut self, words: &str) -> Result<(), Error> {
        let (call, user, words) = (self.call.clone(), self.user.clone(), words.to_owned());
        let (now, ours) = (self.clock.now(), self.ours.clone());
        let message = self
            .store
            .write(move |tx| match &user {
                Some(user) => ledger::said(tx, &call, user, &words, now).map_err(Error::from),
                None => ledger::left(tx, &call, &words, &ours, now),
            })
            .await?;
        let turn = TurnNote {
            message: Some(message),
            speech_ended_ms: self.speech_ended_ms.take(),
            turn_ended_ms: Some(self.now_ms()),
            ..TurnNote::default()
        };
        self.turns.push(turn);
        self.note_turns().await
    }

    /// How much of an answer was heard.
    async fn heard_of(&mut self, heard: HeardOf) -> Result<(), Error> {
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
    async fn heard_matter(&mut self) -> Result<(), Error> {
        self.dialog.errand_heard();
        let (call, now) = (self.call.clone(), self.clock.now());
        self.store.write(move |tx| outbound::heard(tx, &call, now).map_err(Error::from)).await?;
        self.note_turns().await
    }

    async fn note_turns(&mut self) -> Result<(), Error> {
        let (id, turns) = (self.call.id, self.turns.clone());
        self.store
            .write(move |tx| {
                for (number, turn) in (1..).zip(&turns) {
                    tx.call_turn_note(id, number, turn)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
