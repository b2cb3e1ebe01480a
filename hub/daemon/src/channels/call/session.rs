//! One call while it lasts: what comes in from line, engine, ledger and clock goes to the dialogue, and what that decides is
//! done. Nothing is decided here.

mod chatting;
mod sound;
mod speaker;
mod turns;
mod typing;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    call::{Call, CallEnd},
    id::MessageId,
    room::Doing,
    user::User,
};
use xswarm_store::{Store, TurnNote};
use xswarm_voice::{Engine, Heard, Listener, Reply, audio::Intake};

use super::{
    Calls, TURNS_MOST, has_echo, ledger,
    line::{Came, Line, unusual},
    outbound::{self, Matter},
    partner::Partner,
    pin::{Compared, PinEntry},
    recording::Recorder,
    speech::{Progress, Speech},
};
use crate::{
    clock::Clock,
    dialog::{Dialog, InRoom, Input, Manner, Other, Output},
    error::Error,
    outbox::OurAddresses,
    recordings::{Recordings, Tape},
    twilio::media::StreamMessage,
};

/// How long one frame of sound is.
const FRAME: Duration = Duration::from_millis(20);

/// So much sound may be at the far end and not yet played.
const AHEAD: Duration = Duration::from_millis(60);

/// A line sends sound all the time, and marks back as soon as it has played what was before them. One that does not for so
/// long is broken, whatever its socket says.
const STALLED: Duration = Duration::from_secs(10);

/// How often it is looked for what somebody else has to say, besides when something was written that is waited for.
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
    /// Set for a conversation in a room.
    pub(super) room: Option<InRoom>,
    /// Whom that room serves.
    pub(super) persons: Vec<User>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    /// Why.
    pub(super) because: CallEnd,
    /// Whether the Boss was meant at all.
    pub(super) is_meant: bool,
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
    /// Whether the database has the call. What begins in a room is kept once the Boss was meant.
    is_kept: bool,
    is_meant: bool,
    user: Option<User>,
    /// Whom the room serves that it takes place in.
    persons: Vec<User>,
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
    /// What a room was told last that the hub does.
    shown: Option<Doing>,
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
        Terms { user, longest, tape, matter, room, persons }: Terms,
    ) -> Result<Self, Error> {
        let format = line.format();
        // It is large, and a call is handed on a few times before it runs.
        let intake = Intake::new(format, has_echo(format)).map(Box::new).map_err(unusual)?;
        let (other, mut greeting) = if room.is_some() {
            // Nobody is greeted there, and guests are answered, too.
            (Other::Person, String::new())
        } else if let Some(user) = &user {
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
            Some(Matter { opening, errand, .. }) => (Some(opening), Some(errand)),
            None => (room.is_none().then_some(greeting), None),
        };
        let (dialog, first) =
            Dialog::begin(Manner { greeting, longest_ms, turns_most: TURNS_MOST, other, is_recorded, errand, room });
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
            is_kept: call.room.is_none(),
            is_meant: true,
            call: Call { answered_by: None, ..call },
            user,
            persons,
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
            shown: None,
            ended: None,
        };
        for output in first {
            if let Output::Say(words) = output {
                session.speech.say(words, None);
            }
        }
        Ok(session)
    }

    /// Talks until one side ends the call, the hub is `stopping`, or the caller is `gone`; why it ended.
    pub(super) async fn run(
        mut self,
        (stopping, gone): (&CancellationToken, &CancellationToken),
    ) -> Result<Ended, Error> {
        let mut ticks = interval(FRAME);
        // A machine that does not keep up has no use for ticks that it has missed.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut changed = self.store.changed();
        let because = loop {
            if let Some(because) = self.ended {
                break because;
            }
            if let Err(error) = self.speech.begin(self.engine).await {
                log::warn!(call:% = self.call.id; "nothing can be said: {error}");
                self.input(Input::SpeechFailed, None).await?;
                continue;
            }
            match self.happens(&mut ticks, &mut changed, stopping, gone).await {
                Happened::Came(came) => self.came(came).await?,
                Happened::Heard(heard) => {
                    if matches!(heard, Heard::EndOfTurn | Heard::Final { .. }) {
                        self.speech_ended_ms.get_or_insert(self.now_ms());
                    }
                    self.overhear(&heard).await?;
                    if matches!(heard, Heard::Partial { .. } | Heard::Word { .. }) {
                        self.show(Doing::Hearing).await;
                    }
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
        Ok(Ended { because, is_meant: self.is_meant })
    }

    async fn happens(
        &mut self,
        ticks: &mut Interval,
        changed: &mut watch::Receiver<u64>,
        stopping: &CancellationToken,
        gone: &CancellationToken,
    ) -> Happened {
        let (more, waits) = (self.speech.wants_more(), self.waits());
        // In no order, so that nothing can keep the rest from happening.
        tokio::select! {
            _ = ticks.tick() => Happened::Frame,
            () = stopping.cancelled() => Happened::Stopping,
            () = gone.cancelled() => Happened::Came(Came::Ended),
            came = self.line.next() => Happened::Came(came),
            heard = self.listener.next() => Happened::Heard(heard),
            reply = self.partner.next() => Happened::Replied(reply),
            spoken = self.speech.next(), if more => Happened::Spoken(spoken),
            compared = self.pin.compared() => Happened::Compared(compared),
            // Otherwise each call would read whenever another one writes.
            Ok(()) = changed.changed(), if waits => Happened::Written,
        }
    }

    async fn came(&mut self, came: Came) -> Result<(), Error> {
        self.came_at = Instant::now();
        match came {
            Came::Nothing => Ok(()),
            // Somebody there has heard enough.
            Came::Message(StreamMessage::Stop) if self.call.room.is_some() => {
                self.ended = Some(CallEnd::Finished);
                Ok(())
            }
            Came::Ended | Came::Message(StreamMessage::Stop) => self.input(Input::LineEnded, None).await,
            Came::Nonsense => {
                self.ended = Some(CallEnd::BadProtocol);
                Ok(())
            }
            Came::Message(StreamMessage::Media { at_ms, sound }) => {
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
            Came::Message(StreamMessage::Woken(phrase)) => self.input(Input::Woken(phrase), None).await,
            Came::Message(StreamMessage::Mark(name)) => {
                self.speech.heard(&name);
                self.after_speech().await
            }
            Came::Message(StreamMessage::Key(key)) => {
                let now_ms = self.now_ms();
                if let Some(recorder) = &mut self.recorder {
                    recorder.key(now_ms);
                }
                self.input(Input::Key(key), None).await
            }
        }
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
                    log::debug!(call:% = self.call.id; "somebody speaks, it seems: the Boss pauses");
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
                Output::Ask(words) => {
                    self.show(Doing::Thinking).await;
                    self.ask(&words).await?;
                }
                Output::Consider(words) => self.consider(&words).await?,
                Output::Pin(typed) => Box::pin(self.pin_typed(typed)).await?,
                Output::PinGivenUp => self.pin_over(),
                Output::PinLeft => self.pin_left().await?,
                Output::StopRecording => self.stop_recording().await?,
                // What it comes to all the same is told after the call, by message.
                Output::CancelAnswer => {
                    self.turns.iter_mut().filter(|turn| turn.reply.is_none()).for_each(|turn| turn.interrupted = true);
                }
                Output::NotMeant => self.is_meant = false,
                Output::End(end) => self.ended = Some(end),
            }
        }
        Ok(())
    }

    /// Tells a room what the hub does, when that is something else than before.
    async fn show(&mut self, doing: Doing) {
        if self.shown != Some(doing) {
            self.shown = Some(doing);
            // A line that is gone tells so itself.
            self.line.show(doing).await;
        }
    }

    /// The recording ends, and what there is of it is deleted.
    async fn stop_recording(&mut self) -> Result<(), Error> {
        drop(self.recorder.take());
        self.recordings.delete(self.call.id).await.map(drop)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
