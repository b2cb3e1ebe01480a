//! A call that the Boss makes: finding out who took it, saying what it is for, and the keys that answer it.
//!
//! What is private is said to a person only. While the provider listens for a mailbox nothing but a greeting is said, and
//! any key proves a person; where the provider cannot tell, words do as well. A mailbox, and whoever proves nothing, hears a
//! few words without the matter. After the matter was said, a conversation goes on like any other.

use xswarm_core::call::{AnsweredBy, CallEnd};

use super::{Dialog, FILLER_AFTER_MS, Output, Voice, words};

/// After so long without a word from the provider there is none to be expected: it listens for 30 s at most.
const VERDICT_MOST_MS: u64 = 35_000;

/// How long somebody of whom the provider cannot tell whether they are a person may take to prove it.
const PROOF_OF_PERSON_MS: u64 = 15_000;

/// Whom the provider gave up on before this was silent; later, it talked and talked.
const TALKS_MOST_MS: u64 = 20_000;

/// How long it is waited for an answer, before it is said once more or the call ends.
const ANSWER_MS: u64 = 7_000;

/// So often the matter is said by itself.
const TOLD_MOST: u32 = 2;

/// So often whoever asks for it can hear it.
const ASKED_MOST: u32 = 10;

/// What the Boss calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Errand {
    /// The matter.
    pub(crate) words: String,
    /// How it can be answered.
    pub(crate) hint: String,
    /// What a mailbox hears.
    pub(crate) voicemail: String,
    /// Whether it can be put off.
    pub(crate) can_wait: bool,
}

/// How far it is.
#[derive(Debug)]
pub(super) struct Telling {
    errand: Errand,
    stage: Stage,
    told: u32,
    heard: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The provider finds out who took the call.
    Asking,
    /// It could not; until then somebody may prove that they are a person, by words only where it gave up because it heard
    /// none: what talked for all of its time is a mailbox.
    Doubting { until_ms: u64, words_prove: bool },
    /// A person listens.
    Person,
}

impl Telling {
    pub(super) const fn new(errand: Errand) -> Self {
        Self { errand, stage: Stage::Asking, told: 0, heard: false }
    }
}

impl Dialog {
    /// All of the matter was heard.
    pub(crate) const fn errand_heard(&mut self) {
        if let Some(telling) = &mut self.telling {
            telling.heard = true;
        }
    }

    /// Whether it is not known yet that a person listens: words that are heard may be a mailbox's.
    pub(super) const fn waits_for_a_person(&self) -> bool {
        matches!(&self.telling, Some(Telling { stage: Stage::Asking | Stage::Doubting { .. }, .. }))
    }

    /// The provider says who took the call.
    pub(super) fn verdict(&mut self, by: AnsweredBy, now_ms: u64, out: &mut Vec<Output>) {
        if self.ending.is_some() || !self.waits_for_a_person() {
            return;
        }
        match by {
            AnsweredBy::Person => self.tell(now_ms, out),
            AnsweredBy::Machine => self.leave_word(now_ms, out),
            AnsweredBy::Fax => self.end(CallEnd::NotAnswered, out),
            AnsweredBy::Unclear => {
                if let Some(telling) = &mut self.telling {
                    let words_prove = now_ms < TALKS_MOST_MS;
                    telling.stage = Stage::Doubting { until_ms: now_ms + PROOF_OF_PERSON_MS, words_prove };
                }
            }
        }
    }

    /// Words while it is not known who speaks.
    pub(super) fn words_of_somebody(&mut self, text: &str, now_ms: u64, out: &mut Vec<Output>) {
        let doubted = matches!(&self.telling, Some(Telling { stage: Stage::Doubting { words_prove: true, .. }, .. }));
        if doubted && self.ending.is_none() && !text.trim().is_empty() {
            self.tell(now_ms, out);
        }
    }

    /// A key that means something on such a call. Whether it did.
    pub(super) fn errand_key(&mut self, key: char, now_ms: u64, out: &mut Vec<Output>) -> bool {
        let waits = self.waits_for_a_person();
        let Some(telling) = self.telling.as_ref().filter(|_| self.ending.is_none()) else { return false };
        let (can_wait, told) = (telling.errand.can_wait, telling.told);
        match key {
            _ if waits => self.tell(now_ms, out),
            '*' if self.last_answer.is_empty() && told < ASKED_MOST => self.tell(now_ms, out),
            '1' => {
                self.fall_silent(now_ms, out);
                out.push(Output::Acknowledge);
                self.part("Good. Goodbye.", CallEnd::Finished, out);
            }
            '2' if can_wait => {
                self.fall_silent(now_ms, out);
                out.push(Output::Snooze);
                self.part("I'll remind you again in ten minutes. Goodbye.", CallEnd::Finished, out);
            }
            _ => return false,
        }
        true
    }

    /// Nobody has said anything for so long. Whether that is this call's business.
    pub(super) fn errand_quiet(&mut self, quiet_ms: u64, now_ms: u64, out: &mut Vec<Output>) -> bool {
        let Some(telling) = &self.telling else { return false };
        let until_ms = match telling.stage {
            Stage::Asking => VERDICT_MOST_MS,
            Stage::Doubting { until_ms, .. } => until_ms,
            Stage::Person if self.awaited > 0 || self.owes_words => return false,
            Stage::Person if quiet_ms < ANSWER_MS => return true,
            Stage::Person => {
                if telling.told < TOLD_MOST && (self.turns == 0 || !telling.heard) {
                    self.tell(now_ms, out);
                } else {
                    let end = if self.turns == 0 { CallEnd::Silence } else { CallEnd::Finished };
                    self.part("Goodbye.", end, out);
                }
                return true;
            }
        };
        self.owes_words = false;
        if now_ms >= until_ms {
            self.leave_word(now_ms, out);
        } else if quiet_ms >= FILLER_AFTER_MS {
            self.say("To hear it, press any key.", out);
        }
        true
    }

    /// Whether these words are a mere "hello?", which neither interrupts the matter nor answers it.
    pub(super) fn merely_greets(&self, text: &str) -> bool {
        self.telling.is_some() && self.turns == 0 && words::only_greets(text)
    }

    /// Says it again to somebody who merely greets. Whether it did.
    pub(super) fn greeted(&mut self, text: &str, now_ms: u64, out: &mut Vec<Output>) -> bool {
        let again = self.merely_greets(text) && self.telling.as_ref().is_some_and(|telling| telling.told < ASKED_MOST);
        if again {
            self.tell(now_ms, out);
        }
        again
    }

    /// Says what the call is for.
    fn tell(&mut self, now_ms: u64, out: &mut Vec<Output>) {
        self.fall_silent(now_ms, out);
        self.silences = 0;
        self.owes_words = false;
        let Some(telling) = &mut self.telling else { return };
        telling.stage = Stage::Person;
        telling.told += 1;
        let (words, hint) = (telling.errand.words.clone(), telling.errand.hint.clone());
        self.voice = Voice::Speaking;
        out.push(Output::Tell(words));
        out.push(Output::Say(hint));
    }

    /// Leaves a few words with whatever took the call, and goes.
    fn leave_word(&mut self, now_ms: u64, out: &mut Vec<Output>) {
        self.fall_silent(now_ms, out);
        let words = self.telling.as_ref().map(|telling| telling.errand.voicemail.clone()).unwrap_or_default();
        self.part(&words, CallEnd::Voicemail, out);
    }

    /// Stops whatever is being said.
    fn fall_silent(&mut self, now_ms: u64, out: &mut Vec<Output>) {
        if self.voice != Voice::Silent {
            self.voice = Voice::Silent;
            out.push(Output::Clear);
        }
        self.quiet_since_ms = now_ms;
    }
}

#[cfg(test)]
mod tests;
