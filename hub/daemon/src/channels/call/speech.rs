//! What the Boss says on a call: utterances one after the other, spoken by the engine, sent word by word, and how much of
//! them was heard.

use std::collections::VecDeque;

use xswarm_core::id::MessageId;
use xswarm_voice::{
    Engine, EngineError, Speaker, Spoken,
    audio::{PIECE_MOST, Playout, Sent},
};

/// One thing to say.
#[derive(Debug)]
pub(super) struct Utterance {
    /// The answer that it is, where it is one.
    pub(super) reply: Option<MessageId>,
    text: String,
}

/// What became of an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HeardOf {
    /// The answer that it is.
    pub(super) reply: MessageId,
    /// How many of its words were heard.
    pub(super) words: u32,
    /// Whether that is all of it.
    pub(super) whole: bool,
}

/// Whether an utterance has come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finished {
    /// Something is still being said, or nothing was.
    NotYet,
    /// An answer was said to its end.
    Answer(HeardOf),
    /// Something else was.
    Other,
}

/// What the engine did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It goes on.
    On,
    /// It failed before everything was spoken.
    Failed(EngineError),
}

/// The Boss's side of a call.
#[derive(Debug, Default)]
pub(super) struct Speech {
    waiting: VecDeque<Utterance>,
    /// What is being spoken or played.
    current: Option<Current>,
    speaker: Option<Speaker>,
    playout: Playout,
    next_mark: u64,
    /// Marks of what was dropped come back too; they are told apart by this.
    epoch: u32,
}

#[derive(Debug)]
struct Current {
    reply: Option<MessageId>,
    /// The sound of the word that is being spoken.
    word: Vec<f32>,
    in_word: bool,
    /// The marks at which a word of it has been heard.
    words: VecDeque<u64>,
    words_heard: u32,
    words_said: u32,
    spoken: bool,
}

impl Speech {
    /// Says something, after whatever is being said.
    pub(super) fn say(&mut self, text: String, reply: Option<MessageId>) {
        self.waiting.push_back(Utterance { reply, text });
    }

    /// Begins with what waits, if nothing is being said. Whether something began, and which answer it is.
    pub(super) async fn begin(&mut self, engine: &Engine) -> Result<bool, EngineError> {
        if self.current.is_some() {
            return Ok(false);
        }
        let Some(next) = self.waiting.pop_front() else { return Ok(false) };
        let speaker = engine.speak()?;
        speaker.say(next.text).await?;
        speaker.end().await?;
        self.speaker = Some(speaker);
        self.current = Some(Current {
            reply: next.reply,
            word: Vec::new(),
            in_word: false,
            words: VecDeque::new(),
            words_heard: 0,
            words_said: 0,
            spoken: false,
        });
        Ok(true)
    }

    /// Whether the engine may speak on: enough is not yet waiting to be played.
    pub(super) fn wants_more(&self) -> bool {
        self.speaker.is_some() && !self.playout.is_full()
    }

    /// What the engine speaks next; waits for ever when nothing is being spoken.
    pub(super) async fn next(&mut self) -> Spoken {
        match &mut self.speaker {
            Some(speaker) => speaker.next().await,
            None => std::future::pending().await,
        }
    }

    /// Takes what was spoken.
    pub(super) fn take(&mut self, spoken: Spoken) -> Progress {
        let Some(current) = &mut self.current else { return Progress::On };
        match spoken {
            Spoken::Word { .. } => {
                finish_word(current, &mut self.playout, &mut self.next_mark);
                current.in_word = true;
            }
            Spoken::Audio(sound) => {
                current.word.extend_from_slice(&sound);
                while current.word.len() >= PIECE_MOST {
                    let rest = current.word.split_off(PIECE_MOST);
                    let piece = std::mem::replace(&mut current.word, rest);
                    self.next_mark += 1;
                    self.playout.push(self.next_mark, piece);
                }
            }
            Spoken::Done => {
                finish_word(current, &mut self.playout, &mut self.next_mark);
                current.spoken = true;
                self.speaker = None;
            }
            Spoken::Failed(error) => {
                self.speaker = None;
                current.spoken = true;
                return Progress::Failed(error);
            }
        }
        Progress::On
    }

    /// What to send for the next 20 ms.
    pub(super) fn tick(&mut self) -> Vec<Sent> {
        self.playout.tick()
    }

    /// The answer that is being said.
    pub(super) fn reply(&self) -> Option<MessageId> {
        self.current.as_ref().and_then(|current| current.reply)
    }

    /// How a mark is called on the line.
    pub(super) fn name(&self, mark: u64) -> String {
        format!("{}-{mark}", self.epoch)
    }

    /// The far end sent a mark back.
    pub(super) fn heard(&mut self, name: &str) {
        let parsed =
            name.split_once('-').and_then(|(epoch, mark)| Some((epoch.parse::<u32>().ok()?, mark.parse().ok()?)));
        let Some((_, mark)) = parsed.filter(|(epoch, _)| *epoch == self.epoch) else { return };
        self.playout.heard(mark);
        if let Some(current) = &mut self.current {
            while current.words.pop_front_if(|word| *word <= mark).is_some() {
                current.words_heard += 1;
            }
        }
    }

    /// What has been said and heard to its end: nothing is being said any more.
    pub(super) fn finished(&mut self) -> Finished {
        let played = self.playout.is_finished();
        match self.current.take_if(|current| current.spoken && played) {
            None => Finished::NotYet,
            Some(current) => heard_of(&current).map_or(Finished::Other, Finished::Answer),
        }
    }

    /// Whether all of what is being said was sent, and only the far end's word is missing that it was heard.
    pub(super) fn is_sent(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.spoken) && self.playout.is_sent()
    }

    /// Whether nothing is being said, and nothing waits to be.
    pub(super) fn is_idle(&self) -> bool {
        self.current.is_none() && self.waiting.is_empty()
    }

    /// Stops for now. The line is to be cleared.
    pub(super) fn pause(&mut self) {
        self.playout.pause();
        self.epoch += 1;
    }

    /// Goes on with the word that was cut off.
    pub(super) fn resume(&mut self) {
        self.playout.resume();
    }

    /// Drops what is being said and what waits. The line is to be cleared. How much was heard of what was being said.
    pub(super) fn clear(&mut self) -> Option<HeardOf> {
        self.epoch += 1;
        self.playout.clear();
        self.speaker = None;
        self.waiting.clear();
        self.current.take().and_then(|current| heard_of(&current))
    }
}

/// What was spoken of a word becomes a piece to be played.
fn finish_word(current: &mut Current, playout: &mut Playout, next_mark: &mut u64) {
    if !current.in_word && current.word.is_empty() {
        return;
    }
    *next_mark += 1;
    playout.push(*next_mark, std::mem::take(&mut current.word));
    if std::mem::take(&mut current.in_word) {
        current.words.push_back(*next_mark);
        current.words_said += 1;
    }
}

fn heard_of(current: &Current) -> Option<HeardOf> {
    let reply = current.reply?;
    // What made no sound was not heard, whatever the engine says.
    let whole = current.spoken && current.words_said > 0 && current.words_heard == current.words_said;
    Some(HeardOf { reply, words: current.words_heard, whole })
}

#[cfg(test)]
mod tests;
