//! Talking: one conversation by voice, over a telephone line or in a room.
//!
//! [`Dialog`] decides, and does nothing: what comes in (speech, words, answers, keys, the end of the line) goes in with the
//! time; what to say, to ask the assistant, to stop or to end comes out. That a caller is never left in silence, that words
//! stop the Boss and a cough does not, and that every call ends, stands here and is tested here.
//!
//! In free conversation there is a third: a partner who chats with the caller and does nothing. It has the word whenever the
//! Boss has nothing to say, to ask or to find out ([`Dialog::partner_may_speak`]).
//!
//! What words mean is deliberately the assistant's business, and sound is the edge's.

mod aloud;
mod chat;
mod keypad;
mod outbound;
mod room;
mod words;

pub(crate) use aloud::aloud;
pub(crate) use chat::Chat;
use keypad::{Keypad, Pressed, Waited};
pub(crate) use outbound::Errand;
use outbound::Telling;
pub(crate) use room::InRoom;
use xswarm_core::{
    call::{AnsweredBy, CallEnd},
    pin::Typed,
};
use xswarm_voice::{Heard, audio::Activity};

/// How long nobody may say anything while the Boss owes an answer: with the time to make the words audible it stays below
/// 3 s.
const FILLER_AFTER_MS: u64 = 2_200;

/// How long the other side may be silent before they are asked whether they are there.
const SILENCE_MS: u64 = 10_000;

/// How often they are asked before the call ends.
const SILENCES_MOST: u32 = 2;

/// How often the same words may be heard one after the other: two machines that talk to each other end here.
const SAME_WORDS_MOST: u32 = 5;

/// Speech of this length stops the Boss, for now.
const INTERRUPTS_MS: u64 = 150;

/// Within this time it must prove to be words, or the Boss goes on.
const PROOF_MS: u64 = 800;

/// Words that come longer than this after the last speech are no interruption: nobody said them.
const SPEECH_FRESH_MS: u64 = 3_000;

/// A partner may go on so long without a word of the other side; then nobody is there any more.
const ALONE_MS: u64 = 60_000;

/// What is said while an answer takes its time, one after the other.
const FILLERS: [&str; 3] = ["One moment.", "Still on it.", "This takes a little longer."];

/// What is said to whoever speaks a PIN.
const TYPE_IT: &str = "I don't take a PIN that is spoken: whoever stands near could hear it. Please type it, and press the \
                       hash key.";

/// What is said to whoever speaks of a PIN that nobody asked for.
const KEEP_IT: &str = "Please never say your PIN: I take it by the keys only, when I ask for it. I keep no note of what you \
                       said.";

/// What is said to whoever types none.
const PIN_AGAIN: &str = "I still need your PIN. Please type it, and press the hash key.";

/// What is said when none came.
const NO_PIN: &str = "I got no PIN, so I left it. Nothing was changed.";

/// How a conversation is held.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    /// What is said first, if anything is.
    pub(crate) greeting: Option<String>,
    /// After so long the call ends.
    pub(crate) longest_ms: u64,
    /// So many turns may be taken; after that the call ends.
    pub(crate) turns_most: u32,
    /// Who is there.
    pub(crate) other: Other,
    /// Whether they were told that they are recorded.
    pub(crate) is_recorded: bool,
    /// What the Boss calls for, when it is the Boss who calls.
    pub(crate) errand: Option<Errand>,
    /// Set where it is held in a room.
    pub(crate) room: Option<InRoom>,
}

/// Who is on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Other {
    /// A person of the household: the assistant answers.
    Person,
    /// Anybody else: a message is taken, and nothing follows from it.
    Stranger,
}

/// What comes in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Input {
    /// Time has passed; at least every 100 ms.
    Tick,
    /// Whether somebody speaks.
    Activity(Activity),
    /// What the engine heard.
    Heard(Heard),
    /// The assistant answers.
    Answer(Answer),
    /// All that was to be said was heard by the far end.
    Said,
    /// The engine that speaks failed before everything was said.
    SpeechFailed,
    /// A key was pressed.
    Key(char),
    /// This phrase was heard, which wakes a room, in the middle of the conversation.
    Woken(String),
    /// A partner in free conversation joins.
    PartnerJoined,
    /// It says something that is heard.
    PartnerSpeaks,
    /// What was to be considered is for the partner.
    PartnerAnswers,
    /// It is gone; what was its to answer is the Boss's again.
    PartnerLeft,
    /// What became of a PIN that was typed.
    PinChecked(PinVerdict),
    /// Who took a call of the Boss's.
    Verdict(AnsweredBy),
    /// The far end hung up, or the line broke.
    LineEnded,
    /// The hub stops.
    Stopping,
}

/// An answer of the assistant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Answer {
    /// What to say.
    pub(crate) text: String,
    /// Whether this is not the answer yet: it only says that it takes longer, or comes unasked.
    pub(crate) is_aside: bool,
    /// Whether it ends with a question.
    pub(crate) asks: bool,
    /// Whether it asks for the PIN.
    pub(crate) asks_pin: bool,
}

/// What became of a PIN that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PinVerdict {
    /// It was right: what it was asked for is done now.
    Right,
    /// It was wrong; it may be typed again.
    Wrong,
    /// None is taken any more; why.
    Refused(String),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    /// Say this, after whatever is being said.
    Say(String),
    /// Say what the Boss calls for, after whatever is being said.
    Tell(String),
    /// The other side has got what the Boss called for.
    Acknowledge,
    /// They want to be reminded again.
    Snooze,
    /// Stop speaking for now; it may go on.
    Pause,
    /// Go on with what was not heard.
    Resume,
    /// Drop what is being said; what was not heard is not said any more.
    Clear,
    /// These words are the other side's.
    Ask(String),
    /// So are these: either the Boss is asked, or they are the partner's to answer ([`Input::PartnerAnswers`]).
    Consider(String),
    /// This PIN was typed.
    Pin(Typed),
    /// No PIN is waited for any more.
    PinGivenUp,
    /// Nor is what it was asked for wanted any more.
    PinLeft,
    /// What is being thought about is not wanted any more.
    CancelAnswer,
    /// Whoever is there does not want to be recorded.
    StopRecording,
    /// Nobody meant the Boss: this never was a conversation.
    NotMeant,
    /// The call is over.
    End(CallEnd),
}

/// Whether the Boss speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voice {
    Silent,
    Speaking,
    /// Somebody else spoke: perhaps words, perhaps a cough.
    Paused {
        since_ms: u64,
    },
}

/// One conversation.
#[derive(Debug)]
pub(crate) struct Dialog {
    manner: Manner,
    voice: Voice,
    /// Since when nobody says anything, as far as is known.
    quiet_since_ms: u64,
    /// When somebody was last heard to speak.
    spoke_at_ms: Option<u64>,
    /// Somebody spoke for long enough to have said something, and nothing of it was understood yet.
    owes_words: bool,
    /// A sound goes on that has paused the Boss once and came to no words.
    sounds_on: bool,
    /// How many answers are on their way.
    awaited: u32,
    /// Whether somebody chats with the other side when the Boss does not.
    has_partner: bool,
    /// The Boss asked something, and was not answered yet.
    asked: bool,
    fillers: usize,
    turns: u32,
    silences: u32,
    last_words: String,
    /// What was answered last, for whoever wants it again.
    last_answer: String,
    repeated: u32,
    keypad: Keypad,
    /// How far the Boss is with what it calls for.
    telling: Option<Telling>,
    /// Once everything is said, the call ends for this.
    ending: Option<CallEnd>,
    ended: bool,
}

impl Dialog {
    /// A conversation that begins now, and what to do first.
    pub(crate) fn begin(manner: Manner) -> (Self, Vec<Output>) {
        let first: Vec<Output> = manner.greeting.clone().map(Output::Say).into_iter().collect();
        let telling = manner.errand.clone().map(Telling::new);
        let dialog = Self {
            manner,
            telling,
            voice: if first.is_empty() { Voice::Silent } else { Voice::Speaking },
            last_answer: String::new(),
            quiet_since_ms: 0,
            spoke_at_ms: None,
            owes_words: false,
            sounds_on: false,
            awaited: 0,
            has_partner: false,
            asked: false,
            fillers: 0,
            turns: 0,
            silences: 0,
            last_words: String::new(),
            repeated: 0,
            keypad: Keypad::default(),
            ending: None,
            ended: false,
        };
        (dialog, first)
    }

    /// Takes what came in at `now_ms`, from the beginning of the conversation on.
    pub(crate) fn on(&mut self, input: Input, now_ms: u64) -> Vec<Output> {
        let mut out = Vec::new();
        if self.ended {
            return out;
        }
        match input {
            Input::Tick => self.tick(now_ms, &mut out),
            Input::Activity(activity) => self.activity(activity, now_ms, &mut out),
            Input::Heard(heard) => self.heard(heard, now_ms, &mut out),
            Input::Answer(answer) => self.answer(answer, &mut out),
            Input::Said => self.said(now_ms, &mut out),
            Input::SpeechFailed => self.end(CallEnd::EngineFailed, &mut out),
            Input::Key(key) => self.key(key, now_ms, &mut out),
            Input::Woken(phrase) => self.woken(phrase, now_ms, &mut out),
            Input::PartnerJoined => self.has_partner = true,
            Input::PartnerSpeaks => self.partner_speaks(now_ms),
            Input::PartnerAnswers => self.awaited = self.awaited.saturating_sub(1),
            Input::PartnerLeft => self.has_partner = false,
            Input::PinChecked(verdict) => self.pin_checked(verdict, &mut out),
            Input::Verdict(by) => self.verdict(by, now_ms, &mut out),
            Input::LineEnded => self.end(CallEnd::HungUp, &mut out),
            Input::Stopping => self.end(CallEnd::HubStopped, &mut out),
        }
        out
    }

    /// Whether a partner in free conversation has the word: the Boss says nothing, owes no answer and waits for none.
    pub(crate) fn partner_may_speak(&self) -> bool {
        let is_quiet = self.voice == Voice::Silent && self.awaited == 0 && !self.asked;
        self.has_partner && is_quiet && self.ending.is_none() && !self.ended
    }

    /// While the partner speaks it is not quiet, unless the other side has long been.
    fn partner_speaks(&mut self, now_ms: u64) {
        if self.spoke_at_ms.is_some_and(|spoke| now_ms < spoke + ALONE_MS) {
            self.quiet_since_ms = now_ms;
        }
    }

    fn tick(&mut self, now_ms: u64, out: &mut Vec<Output>) {
        if self.ending.is_none() && now_ms >= self.manner.longest_ms {
            self.part("We have talked for as long as a call may last. Goodbye.", CallEnd::TooLong, out);
            return;
        }
        match self.voice {
            Voice::Speaking => {}
            Voice::Paused { since_ms } => {
                if now_ms >= since_ms + PROOF_MS {
                    // It goes on however long that sound lasts: only words interrupt it then, or another sound.
                    self.sounds_on = true;
                    self.voice = Voice::Speaking;
                    out.push(Output::Resume);
                }
            }
            Voice::Silent if self.keypad.is_open() && self.awaited == 0 && self.ending.is_none() => {
                match self.keypad.tick(now_ms) {
                    Waited::On => {}
                    Waited::AskAgain => self.say(PIN_AGAIN, out),
                    Waited::GivenUp => self.leave_pin(NO_PIN, out),
                }
            }
            Voice::Silent => {
                let quiet_ms = now_ms.saturating_sub(self.quiet_since_ms);
                if !self.errand_quiet(quiet_ms, now_ms, out) {
                    self.quiet(quiet_ms, out);
                }
            }
        }
    }

    /// Nobody has said anything for so long.
    fn quiet(&mut self, quiet_ms: u64, out: &mut Vec<Output>) {
        if self.awaited == 0 && self.room_quiet(quiet_ms, out) {
            return;
        }
        if self.awaited > 0 && quiet_ms >= FILLER_AFTER_MS {
            let words = FILLERS.iter().cycle().nth(self.fillers).copied().unwrap_or_default();
            self.fillers += 1;
            self.say(words, out);
        } else if self.owes_words && quiet_ms >= FILLER_AFTER_MS && !self.partner_may_speak() {
            self.owes_words = false;
            self.say("Sorry, I didn't catch that.", out);
        } else if quiet_ms >= SILENCE_MS && self.silences < SILENCES_MOST {
            self.silences += 1;
            self.say(if self.silences == 1 { "Are you still there?" } else { "I can't hear you. Are you there?" }, out);
        } else if quiet_ms >= SILENCE_MS {
            self.part("I'll hang up now. Goodbye.", CallEnd::Silence, out);
        }
    }

    fn activity(&mut self, activity: Activity, now_ms: u64, out: &mut Vec<Output>) {
        if activity.speech_ms == 0 {
            self.sounds_on = false;
            return;
        }
        if activity.speech_ms >= INTERRUPTS_MS {
            self.spoke_at_ms = Some(now_ms);
            self.quiet_since_ms = now_ms;
            self.owes_words |= activity.speech_ms >= 2 * INTERRUPTS_MS && self.voice == Voice::Silent;
            let is_new = !self.sounds_on;
            if is_new && self.voice == Voice::Speaking && self.ending.is_none() && !self.waits_for_a_person() {
                self.voice = Voice::Paused { since_ms: now_ms };
                out.push(Output::Pause);
            }
        }
    }

    fn heard(&mut self, heard: Heard, now_ms: u64, out: &mut Vec<Output>) {
        match heard {
            Heard::Partial { text } | Heard::Word { text, .. } | Heard::Final { text } if self.waits_for_a_person() => {
                self.words_of_somebody(&text, now_ms, out);
            }
            Heard::Partial { text } | Heard::Word { text, .. } => self.interrupted(&text, now_ms, out),
            Heard::Final { text } => self.utterance(text.trim(), now_ms, out),
            Heard::EndOfTurn | Heard::Marked(_) => {}
            Heard::Failed(_) => self.end(CallEnd::EngineFailed, out),
        }
    }

    /// Words came while the Boss may be speaking.
    fn interrupted(&mut self, text: &str, now_ms: u64, out: &mut Vec<Output>) {
        let fresh = self.spoke_at_ms.is_some_and(|spoke| now_ms < spoke + SPEECH_FRESH_MS);
        let means_nothing = words::only_listens(text) || self.merely_greets(text);
        if self.voice == Voice::Silent || self.ending.is_some() || !fresh || means_nothing {
            return;
        }
        self.voice = Voice::Silent;
        self.quiet_since_ms = now_ms;
        out.push(Output::Clear);
        if self.awaited > 0 {
            self.awaited = 0;
            out.push(Output::CancelAnswer);
        }
    }

    /// Somebody has said something.
    fn utterance(&mut self, text: &str, now_ms: u64, out: &mut Vec<Output>) {
        self.interrupted(text, now_ms, out);
        // What is still being said was not interrupted by it, so it was no words.
        if self.voice != Voice::Silent || self.ending.is_some() {
            return;
        }
        if text.is_empty() || self.greeted(text, now_ms, out) {
            return;
        }
        let Some(text) = self.meant(text, out) else {
            self.quiet_since_ms = now_ms;
            return;
        };
        let text = text.as_str();
        self.owes_words = false;
        self.silences = 0;
        self.fillers = 0;
        self.quiet_since_ms = now_ms;
        self.turns += 1;
        if self.keypad.is_open() {
            // What is a PIN is nobody's words: it is neither asked nor recorded.
            if keypad::speaks_digits(text) {
                self.say(TYPE_IT, out);
                return;
            }
            self.keypad.close();
            out.push(Output::PinGivenUp);
        } else if keypad::speaks_pin(text) {
            self.say(KEEP_IT, out);
            return;
        }
        self.repeated = if self.last_words == text { self.repeated + 1 } else { 0 };
        text.clone_into(&mut self.last_words);
        if self.manner.is_recorded && words::declines_recording(text) {
            self.manner.is_recorded = false;
            out.push(Output::StopRecording);
            self.say("All right, I stopped recording, and deleted what I had.", out);
        } else if self.manner.other == Other::Stranger && self.turns == 1 && words::only_greets(text) {
            self.say("This is the Boss, who works for the household. Please tell me your message.", out);
        } else if self.manner.other == Other::Stranger {
            out.push(Output::Ask(text.to_owned()));
            self.part("Thank you. I'll pass that on. Goodbye.", CallEnd::Finished, out);
        } else if words::is_farewell(text) {
            self.part("Goodbye.", CallEnd::Finished, out);
        } else if self.turns > self.manner.turns_most || self.repeated >= SAME_WORDS_MOST {
            self.part("I don't think we are getting anywhere. Goodbye.", CallEnd::Loop, out);
        } else {
            self.awaited += 1;
            // What the Boss asked is the Boss's to be told.
            let is_answer = std::mem::take(&mut self.asked);
            let text = text.to_owned();
            out.push(if self.has_partner && !is_answer { Output::Consider(text) } else { Output::Ask(text) });
        }
    }

    fn answer(&mut self, answer: Answer, out: &mut Vec<Output>) {
        if self.ending.is_some() {
            return;
        }
        if !answer.is_aside {
            self.awaited = self.awaited.saturating_sub(1);
        }
        self.asked |= answer.asks;
        if answer.asks_pin {
            self.keypad.open();
        }
        self.say(&answer.text, out);
        self.last_answer = answer.text;
    }

    fn pin_checked(&mut self, verdict: PinVerdict, out: &mut Vec<Output>) {
        if self.ending.is_some() {
            return;
        }
        match verdict {
            PinVerdict::Right => self.awaited += 1,
            PinVerdict::Wrong => {
                self.keypad.open();
                self.say("That was not right. Please type your PIN again, and press the hash key.", out);
            }
            PinVerdict::Refused(words) => self.leave_pin(&words, out),
        }
    }

    /// What the PIN was asked for is not done, and no key brings it back.
    fn leave_pin(&mut self, words: &str, out: &mut Vec<Output>) {
        out.push(Output::PinLeft);
        self.say(words, out);
        words.clone_into(&mut self.last_answer);
    }

    /// Any key stops what is being said. While a PIN is asked for it is one of its digits; else the star says it again.
    fn key(&mut self, key: char, now_ms: u64, out: &mut Vec<Output>) {
        if self.ending.is_some() || (!self.keypad.is_open() && self.errand_key(key, now_ms, out)) {
            return;
        }
        if self.voice != Voice::Silent {
            self.voice = Voice::Silent;
            out.push(Output::Clear);
        }
        self.quiet_since_ms = now_ms;
        self.silences = 0;
        match self.keypad.press(key, now_ms) {
            Pressed::NotAsked if key == '*' && !self.last_answer.is_empty() => {
                let again = self.last_answer.clone();
                self.say(&again, out);
            }
            Pressed::NotAsked | Pressed::More => {}
            Pressed::Pin(typed) => out.push(Output::Pin(typed)),
            Pressed::NoPin => self.say(PIN_AGAIN, out),
            Pressed::GivenUp => self.leave_pin(NO_PIN, out),
        }
    }

    fn said(&mut self, now_ms: u64, out: &mut Vec<Output>) {
        // The last word was heard just when somebody spoke: nothing is left to go on with.
        if matches!(self.voice, Voice::Paused { .. }) {
            out.push(Output::Resume);
        }
        self.voice = Voice::Silent;
        self.quiet_since_ms = now_ms;
        self.keypad.said(now_ms);
        if let Some(end) = self.ending {
            self.end(end, out);
        }
    }

    fn say(&mut self, words: &str, out: &mut Vec<Output>) {
        if self.voice == Voice::Silent {
            self.voice = Voice::Speaking;
        }
        out.push(Output::Say(words.to_owned()));
    }

    /// Says some last words; the call ends when they were heard. Nothing interrupts them.
    fn part(&mut self, words: &str, end: CallEnd, out: &mut Vec<Output>) {
        if matches!(self.voice, Voice::Paused { .. }) {
            out.push(Output::Resume);
            self.voice = Voice::Speaking;
        }
        self.ending = Some(end);
        self.say(words, out);
    }

    fn end(&mut self, end: CallEnd, out: &mut Vec<Output>) {
        self.ended = true;
        out.push(Output::End(end));
    }
}

#[cfg(test)]
mod tests;
