//! The twin in free conversation: silence, and a line of its script in tones whenever the other side has spoken. Whoever
//! speaks into a line ends it, as a person would.

use std::collections::VecDeque;

use super::{BEGUN_MS, FRAME_MS, LOUD, rms, tone};
use crate::{
    FRAME_SAMPLES, Frame,
    conversation::{Partner, Reply},
};

/// So much silence of the other side is its turn: a little more than for the twin that listens, which is to be first.
const ANSWERS_MS: u64 = 800;

pub(super) async fn talk(mut partner: Partner, script: &[String]) {
    let mut chat = Chat::new(script);
    while let Some(frame) = partner.frames.recv().await {
        for reply in chat.frame(frame.as_slice()) {
            if partner.replies.send(reply).await.is_err() {
                return;
            }
        }
    }
}

struct Chat<'a> {
    lines: std::slice::Iter<'a, String>,
    speech_ms: u64,
    silence_ms: u64,
    /// The words of the line that are still to be said.
    words: VecDeque<&'a str>,
    /// What is left of the word that is being said.
    sound: VecDeque<f32>,
    begun: bool,
}

impl<'a> Chat<'a> {
    fn new(script: &'a [String]) -> Self {
        let (words, sound) = Default::default();
        Self { lines: script.iter(), speech_ms: 0, silence_ms: 0, words, sound, begun: false }
    }

    /// Hears 80 ms and says 80 ms.
    fn frame(&mut self, heard: &[f32]) -> Vec<Reply> {
        self.hear(heard);
        let mut replies = Vec::new();
        while self.sound.len() < FRAME_SAMPLES
            && let Some(word) = self.words.pop_front()
        {
            let before = if std::mem::replace(&mut self.begun, true) { " " } else { "" };
            replies.push(Reply::Text(format!("{before}{word}")));
            self.sound.extend(tone(word));
        }
        let mut frame: Frame = Box::new([0.0; FRAME_SAMPLES]);
        for (to, from) in frame.iter_mut().zip(self.sound.drain(..self.sound.len().min(FRAME_SAMPLES))) {
            *to = from;
        }
        replies.push(Reply::Sound(frame));
        replies
    }

    fn hear(&mut self, heard: &[f32]) {
        if rms(heard) >= LOUD {
            self.speech_ms += FRAME_MS;
            self.silence_ms = 0;
            if self.speech_ms >= BEGUN_MS {
                self.words.clear();
                self.sound.clear();
            }
            return;
        }
        self.silence_ms += FRAME_MS;
        if self.silence_ms >= ANSWERS_MS && std::mem::take(&mut self.speech_ms) >= BEGUN_MS {
            self.words.extend(self.lines.next().into_iter().flat_map(|line| line.split_whitespace()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text and loudness of each frame after so much speech and silence.
    fn frames(chat: &mut Chat<'_>, loud: bool, ms: u64) -> (String, Vec<bool>) {
        let (mut text, mut sounding) = (String::new(), Vec::new());
        for _ in 0..ms / FRAME_MS {
            for reply in chat.frame(&[if loud { 0.3 } else { 0.0 }; FRAME_SAMPLES]) {
                match reply {
                    Reply::Text(more) => text.push_str(&more),
                    Reply::Sound(frame) => sounding.push(rms(frame.as_slice()) > 0.0),
                    Reply::Failed(error) => panic!("{error}"),
                }
            }
        }
        (text, sounding)
    }

    #[test]
    fn it_says_a_line_each_time_the_other_side_has_spoken_and_stops_when_spoken_to() {
        let script = ["Nice to meet you.".to_owned(), "And now a longer line of many words.".to_owned()];
        let mut chat = Chat::new(&script);
        assert_eq!(frames(&mut chat, false, 2_000), (String::new(), vec![false; 25]));
        assert_eq!(frames(&mut chat, true, 800).0, "");
        let (text, sounding) = frames(&mut chat, false, 2_400);
        assert_eq!(text, "Nice to meet you.");
        assert_eq!(sounding.iter().position(|sounds| *sounds), Some(9), "after 800 ms");
        assert!(!sounding[29], "it is over");
        frames(&mut chat, true, 400);
        let (text, _) = frames(&mut chat, false, 1_120);
        assert_eq!(text, " And now a");
        let (text, sounding) = frames(&mut chat, true, 800);
        assert!(text.len() < 10 && !sounding[4..].contains(&true), "{text}");
        assert_eq!(frames(&mut chat, false, 3_000).0, "", "the script is over");
    }
}
