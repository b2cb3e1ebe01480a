//! One call while it lasts: what comes in from line, engine, ledger and clock goes to the dialogue, and what that decides is
//! done. Nothing is decided here.

mod chatting;

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
    pin::Typed,
    user::User,
};
use xswarm_store::{Store, TurnNote, Tx};
use xswarm_voice::{
    Engine, Heard, Listener, Reply,
    audio::{Intake, Sent},
};

use super::{
    Calls, TURNS_MOST, has_echo, ledger,
    line::{Came, Line, unusual},
    outbound::{self, Matter},
    partner::Partner,
    pin::{self, Compared, PinEntry},
    recording::Recorder,
    speech::{Finished, HeardOf, Progress, Speech},
};
use crate::{
    assistant::{HELD, pin as asking},
    clock::Clock,
    dialog::{Answer, Dialog, Input, Manner, Other, Output, PinVerdict, aloud},
    error::Error,
    outbox::OurAddresses,
    pins::Charged,
    recordings::{Recordings, Tape},
    twilio::media::MediaMessage,
};

/// How long one frame of sound is.
const FRAME: Duration = Duration::from_millis(20);

/// So much sound may be at the far end and not yet played.
const AHEAD: Duration = Duration::from_millis(60);

/// A line sends sound all the time, and marks back as soon as it has played what was before them. One that does not for so
/// long is broken, whatever its socket says.
const STALLED: Duration = Duration::from_secs(10);

/// How often it is looked for answers, besides when something was written.
const LOOK: Duration = Duration::from_millis(500);

/// What is said to whoever is recorded.
const RECORDED: &str = " This call is recorded. Say don't record if you do not want that.";

/// Who is on a call, and on which terms.
pub(super) struct Terms {
    /// Whose call it is, unless a stranger's.
    pub(super) user: Option<User>,
    /// After so long it ends.
    pub(super) longest: Duration,
    /// What it is recorded on.
    pub(super) tape: Option<Tape>,
    /// What the Boss calls for, when it is the Boss who calls.
    pub(super) matter: Option<Matter>,
}

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
    /// Who converses with the caller when the Boss does not.
    partner: Partner,
    dialog: Dialog,
    call: Call,
    user: Option<User>,
    turns: Vec<TurnNote>,
    /// The last of the caller's words that were the partner's to answer.
    chatted: Option<MessageId>,
    /// Of each turn, what the database knows.
    noted: Vec<TurnNote>,
    pin: PinEntry,
    recordings: Arc<Recordings>,
    recorder: Option<Recorder>,
    began: Instant,
    /// Up to when the far end has sound to play.
    ahead_until: Instant,
    /// When something came last, and when something was sent.
    came_at: Instant,
    sent_at: Instant,
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
    Replied(Reply),
    Spoken(xswarm_voice::Spoken),
    Compared(Option<Compared>),
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
        Terms { user, longest, tape, matter }: Terms,
    ) -> Result<Self, Error> {
        let format = line.format();
        // It is large, and a call is handed on a few times before it runs.
        let intake = Intake::new(format, has_echo(format)).map(Box::new).map_err(unusual)?;
        let (other, mut greeting) = if let Some(user) = &user {
            (Other::Person, format!("Hello {}, this is the Boss.", user.name))
        } else {
            let words = "Hello, this is the Boss, a private assistant. I can take a message. Please speak now.";
            (Other::Stranger, words.to_owned())
        };
        let is_recorded = tape.is_some();
        if is_recorded {
            greeting.push_str(RECORDED);
        }
        let longest_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        let told = matter.as_ref().map(|matter| matter.message);
        let (greeting, errand) = match matter {
            Some(Matter { opening, errand, .. }) => (opening, Some(errand)),
            None => (greeting, None),
        };
        let (dialog, first) =
            Dialog::begin(Manner { greeting, longest_ms, turns_most: TURNS_MOST, other, is_recorded, errand });
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
            partner: Partner::default(),
            dialog,
            // Who took it is told to the dialogue when it is looked for, also where it was known before.
            call: Call { answered_by: None, ..call },
            user,
            turns: Vec::new(),
            chatted: None,
            noted: Vec::new(),
            pin: PinEntry::default(),
            recordings: Arc::clone(&calls.recordings),
            recorder: tape.map(|tape| Recorder::new(tape, format)),
            began: now,
            ahead_until: now,
            came_at: now,
            sent_at: now,
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
        // A machine that does not keep up has no use for ticks that it has missed.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
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
                    self.overhear(&heard).await?;
                    self.input(Input::Heard(heard), None).await?;
                }
                Happened::Replied(reply) => self.replied(reply).await?,
                Happened::Spoken(spoken) => {
                    if let Progress::Failed(error) = self.speech.take(spoken) {
                        log::warn!(call:% = self.call.id; "something was not said to its end: {error}");
                        self.input(Input::SpeechFailed, None).await?;
                    }
                    // What begins is not kept waiting for the next tick.
                    self.play().await?;
                }
                Happened::Compared(compared) => self.pin_compared(compared).await?,
                Happened::Frame => self.frame().await?,
                Happened::Written => self.look().await?,
                Happened::Stopping => self.input(Input::Stopping, None).await?,
            }
            self.hush().await?;
        };
        if let Some(heard) = self.speech.clear() {
            self.heard_of(heard).await?;
        }
        self.keep_chat().await?;
        self.note_turns().await?;
        let now_ms = self.now_ms();
        self.line.close().await;
        if let Some(recorder) = self.recorder {
            recorder.finish(now_ms).await;
        }
        Ok(ended)
    }

    async fn happens(
        &mut self,
        ticks: &mut Interval,
        changed: &mut watch::Receiver<u64>,
        stopping: &CancellationToken,
    ) -> Happened {
        let more = self.speech.wants_more();
        // In no order, so that nothing can keep the rest from happening.
        tokio::select! {
            _ = ticks.tick() => Happened::Frame,
            () = stopping.cancelled() => Happened::Stopping,
            came = self.line.next() => Happened::Came(came),
            heard = self.listener.next() => Happened::Heard(heard),
            reply = self.partner.next() => Happened::Replied(reply),
            spoken = self.speech.next(), if more => Happened::Spoken(spoken),
            compared = self.pin.compared() => Happened::Compared(compared),
            Ok(()) = changed.changed() => Happened::Written,
        }
    }

    async fn came(&mut self, came: Came) -> Result<(), Error> {
        self.came_at = Instant::now();
        match came {
            Came::Nothing | Came::Message(MediaMessage::Connected | MediaMessage::Start { .. }) => Ok(()),
            Came::Ended | Came::Message(MediaMessage::Stop) => self.input(Input::LineEnded, None).await,
            Came::Nonsense => {
                self.ended = Some(CallEnd::BadProtocol);
                Ok(())
            }
            Came::Message(MediaMessage::Media { at_ms, sound, .. }) => {
                let taken = self.intake.take(at_ms, &sound);
                let now_ms = self.now_ms();
                if let Some(recorder) = &mut self.recorder {
                    recorder.caller(at_ms, &sound, now_ms);
                }
                for frame in taken.frames {
                    self.partner.hear(&frame);
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
            Came::Message(MediaMessage::Key(key)) => {
                let now_ms = self.now_ms();
                if let Some(recorder) = &mut self.recorder {
                    recorder.key(now_ms);
                }
                self.input(Input::Key(key), None).await
            }
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
        self.play().await?;
        let now = Instant::now();
        let now_ms = self.now_ms();
        // Why it ended is logged where it is written.
        self.recorder.take_if(|recorder| !recorder.tick(now_ms));
        self.after_speech().await?;
        if now.duration_since(self.looked_at) >= LOOK {
            self.look().await?;
        }
        if now.duration_since(self.came_at) >= STALLED {
            log::warn!(call:% = self.call.id; "the line went silent");
            return self.input(Input::LineEnded, None).await;
        }
        if self.speech.is_sent() && now.duration_since(self.sent_at) >= STALLED {
            log::warn!(call:% = self.call.id; "the line sends no marks back");
            self.ended = Some(CallEnd::BadProtocol);
            return Ok(());
        }
        self.input(Input::Tick, None).await
    }

    /// Sends what is to be said, as far ahead as it may be.
    async fn play(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        self.ahead_until = self.ahead_until.max(now);
        while self.ahead_until < now + AHEAD {
            let mut sent = self.speech.tick();
            if sent.is_empty() {
                sent.extend(self.partner.piece().map(Sent::Sound));
            }
            if sent.is_empty() {
                break;
            }
            self.sent_at = now;
            for one in sent {
                let there = match one {
                    Sent::Sound(sound) => {
                        let at = self.ahead_until.duration_since(self.began);
                        self.ahead_until += FRAME;
                        self.first_sound();
                        self.intake.played(&sound);
                        let there = self.line.play(&sound).await;
                        if let Some(recorder) = &mut self.recorder {
                            recorder.boss(u64::try_from(at.as_millis()).unwrap_or(u64::MAX), self.line.played());
                        }
                        there
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
        Ok(())
    }

    /// Takes what the assistant has answered since.
    async fn look(&mut self) -> Result<(), Error> {
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
                    self.fall_silent().await;
                }
                Output::Resume => self.speech.resume(),
                Output::Clear => {
                    let heard = self.speech.clear();
                    self.fall_silent().await;
                    if let Some(heard) = heard {
                        self.heard_of(heard).await?;
                    }
                }
                Output::Ask(words) => self.ask(&words).await?,
                Output::Consider(words) => self.consider(&words).await?,
                Output::Pin(typed) => Box::pin(self.pin_typed(typed)).await?,
                Output::PinGivenUp => self.pin_over(),
                Output::StopRecording => self.stop_recording().await?,
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
        self.turn_of(message).await
    }

    /// Begins a turn with what was said.
    async fn turn_of(&mut self, message: MessageId) -> Result<(), Error> {
        let speech_ended_ms = self.speech_ended_ms.take();
        self.turn(message, speech_ended_ms).await
    }

    /// A turn begins: what was said is recorded.
    async fn turn(&mut self, message: MessageId, speech_ended_ms: Option<u64>) -> Result<(), Error> {
        let now_ms = self.now_ms();
        self.turns.push(TurnNote {
            message: Some(message),
            speech_ended_ms: speech_ended_ms.or(Some(now_ms)),
            turn_ended_ms: Some(now_ms),
            ..TurnNote::default()
        });
        self.note_turns().await
    }

    /// The far end drops what it has not played.
    async fn fall_silent(&mut self) {
        self.ahead_until = Instant::now();
        self.intake.cleared();
        let now_ms = self.now_ms();
        if let Some(recorder) = &mut self.recorder {
            recorder.cleared(now_ms);
        }
        self.line.clear().await;
    }

    /// The recording ends, and what there is of it is deleted.
    async fn stop_recording(&mut self) -> Result<(), Error> {
        drop(self.recorder.take());
        self.recordings.delete(self.call.id).await.map(drop)
    }

    /// No PIN is waited for any more.
    fn pin_over(&mut self) {
        self.pin.give_up();
        let now_ms = self.now_ms();
        if let Some(recorder) = &mut self.recorder {
            recorder.pin_over(now_ms);
        }
    }

    /// A PIN was typed: it is counted, and compared on another thread.
    async fn pin_typed(&mut self, typed: Typed) -> Result<(), Error> {
        let (Some(asked), Some(user)) = (self.pin.asked(), self.user.clone()) else { return Ok(()) };
        let now = self.clock.now();
        let charged = self.store.write(move |tx| pin::charge(tx, &user, now).map_err(Error::from)).await?;
        match charged {
            Ok(Charged::Try { hash, locks_until }) => {
                self.pin.compare(asked, typed, hash, locks_until);
                Ok(())
            }
            Ok(Charged::Refused(_)) => Ok(()),
            Err(words) => self.input(Input::PinChecked(PinVerdict::Refused(words)), None).await,
        }
    }

    async fn pin_compared(&mut self, compared: Option<Compared>) -> Result<(), Error> {
        let (Some(compared), Some(user)) = (compared, self.user.clone()) else {
            let words = "I could not compare that. Nothing was changed.".to_owned();
            return self.input(Input::PinChecked(PinVerdict::Refused(words)), None).await;
        };
        let (now, zone, call, ours) = (self.clock.now(), user.timezone, self.call.clone(), self.ours.clone());
        let verdict = match compared {
            Compared { is_right: true, asked, .. } => {
                let granted = move |tx: &Tx<'_>| pin::granted(tx, &call, &user, asked, now).map_err(Error::from);
                let message = self.store.write(granted).await?;
                self.pin_over();
                self.turn(message, None).await?;
                PinVerdict::Right
            }
            Compared { locks_until: None, .. } => PinVerdict::Wrong,
            Compared { locks_until: Some(until), .. } => {
                self.store.write(move |tx| pin::locked(tx, &user, until, &ours, now)).await?;
                PinVerdict::Refused(asking::locked(until, zone, now))
            }
        };
        self.input(Input::PinChecked(verdict), None).await
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

    /// Notes of the turns what the database does not know yet.
    async fn note_turns(&mut self) -> Result<(), Error> {
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

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
