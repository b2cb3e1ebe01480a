//! What is heard on a call: sent as far ahead as it may be, dropped, and at its end told to the dialogue.

use tokio::time::Instant;
use xswarm_voice::audio::Sent;

use super::{AHEAD, FRAME, Session};
use crate::{channels::call::speech::Finished, dialog::Input, error::Error};

impl Session<'_> {
    /// Sends what is to be said, as far ahead as it may be.
    pub(super) async fn play(&mut self) -> Result<(), Error> {
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

    /// What has been said to its end; when nothing else waits, the dialogue is told.
    pub(super) async fn after_speech(&mut self) -> Result<(), Error> {
        match self.speech.finished() {
            Finished::NotYet => return Ok(()),
            Finished::Answer(heard) => self.heard_of(heard).await?,
            Finished::Other => {}
        }
        if self.speech.is_idle() { self.input(Input::Said, None).await } else { Ok(()) }
    }

    pub(super) fn first_sound(&mut self) {
        let now_ms = self.now_ms();
        let reply = self.speech.reply();
        if let Some(turn) = self.turns.iter_mut().rev().find(|turn| reply.is_some() && turn.reply == reply) {
            turn.first_audio_ms.get_or_insert(now_ms);
        }
    }

    /// The far end drops what it has not played.
    pub(super) async fn fall_silent(&mut self) {
        self.ahead_until = Instant::now();
        self.intake.cleared();
        let now_ms = self.now_ms();
        if let Some(recorder) = &mut self.recorder {
            recorder.cleared(now_ms);
        }
        self.line.clear().await;
    }
}
