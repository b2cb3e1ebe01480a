//! A session that speaks: its text is cut into sentences, and each is spoken when its sound is there.
//!
//! All of it is one future without tasks of its own. When the speaker is dropped, so is that future, with its
//! connection, wherever it is.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::timeout,
};

use super::{
    connection::{Fault, Server},
    info::Program,
    sentences::Sentences,
    synthesis::synthesise,
    words,
};
use crate::{
    SAMPLE_RATE_HZ,
    audio::PIECE_MOST,
    speaker::{Mouth, Speak, Spoken},
};

/// A sentence that seems whole is taken as such when no text follows for so long.
const SETTLED: Duration = Duration::from_millis(120);

/// What is quieter than this is the silence around a sentence: -40 dB.
const QUIET: f32 = 0.01;

/// Who is to speak, and which language, if that is not the server's choice.
#[derive(Debug, Clone, Default)]
pub(super) struct Voice {
    pub(super) name: Option<String>,
    pub(super) language: Option<String>,
}

impl Voice {
    /// As the protocol writes it for this program. A voice has its language.
    fn asked(self, program: &Program) -> Map<String, Value> {
        let chosen = match (self.name, self.language) {
            (Some(name), _) => Some(("name", name)),
            (None, Some(language)) => Some(("language", program.language(&language))),
            (None, None) => None,
        };
        chosen.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect()
    }
}

/// Serves a session until it is over, its speaker is dropped or the server fails.
pub(super) async fn speak(mouth: Mouth, server: Arc<Server>, voice: Voice, place: OwnedSemaphorePermit) {
    let Mouth { commands, spoken } = mouth;
    let last = tokio::select! {
        biased;
        () = spoken.closed() => return,
        ended = session(commands, &spoken, &server, voice) => match ended {
            Ok(()) => Spoken::Done,
            Err(fault) => {
                // It may be another one by the next session.
                server.know(None);
                let error = fault.into();
                log::warn!("speaking ended: {error}");
                Spoken::Failed(error)
            }
        },
    };
    drop(place);
    // Nobody may be there any more to hear it.
    spoken.send(last).await.unwrap_or_default();
}

async fn session(
    mut commands: mpsc::Receiver<Speak>,
    spoken: &mpsc::Sender<Spoken>,
    server: &Server,
    voice: Voice,
) -> Result<(), Fault> {
    let program = server.program().await?;
    let (streaming, voice) = (program.streaming, voice.asked(&program));
    let mut sentences = Sentences::default();
    let mut settled = false;
    let mut samples = 0;
    while !sentences.is_over() {
        if let Some(sentence) = sentences.next(settled) {
            let sound = synthesise(server, &sentence, &voice, streaming).await?;
            // Of a sentence without a word, nothing need be heard.
            if sound.is_empty() && sentence.contains(char::is_alphanumeric) {
                return Err(server.wrong("no sound for a sentence"));
            }
            tell(spoken, &sentence, &sound, &mut samples).await;
            continue;
        }
        settled = false;
        let command = if sentences.may_be_whole() {
            let Ok(command) = timeout(SETTLED, commands.recv()).await else {
                settled = true;
                continue;
            };
            command
        } else {
            commands.recv().await
        };
        match command {
            Some(Speak::Text(text)) => sentences.push(&text),
            Some(Speak::End) => sentences.end(),
            // The speaker was dropped, and this with it.
            None => return std::future::pending().await,
        }
    }
    Ok(())
}

/// Tells each word and then its sound, which ends where the next word begins. `samples` were told before.
async fn tell(spoken: &mpsc::Sender<Spoken>, sentence: &str, sound: &[f32], samples: &mut u64) {
    if sound.is_empty() {
        return;
    }
    let ms = |samples: u64| samples * 1_000 / u64::from(SAMPLE_RATE_HZ);
    let words = words_of(sentence, sound);
    for (word, sound) in words {
        let ends = *samples + sound.len() as u64;
        let word = Spoken::Word { text: word.to_owned(), start_ms: ms(*samples), end_ms: ms(ends) };
        *samples = ends;
        let pieces = sound.chunks(PIECE_MOST).map(|piece| Spoken::Audio(piece.to_vec()));
        for one in [word].into_iter().chain(pieces) {
            // Nobody may be there any more; then this ends with the session.
            spoken.send(one).await.unwrap_or_default();
        }
    }
}

/// The words of a sentence, each with its part of the sound. The silence around the sentence goes to its first and last.
fn words_of<'a>(sentence: &'a str, sound: &'a [f32]) -> Vec<(&'a str, &'a [f32])> {
    let loud = |sample: &f32| sample.abs() >= QUIET;
    let from = sound.iter().position(loud).unwrap_or(0);
    let to = sound.iter().rposition(loud).map_or(sound.len(), |last| last + 1);
    let words = words::spread(sentence, from as u64, to as u64);
    let last = words.len().saturating_sub(1);
    let mut rest = sound;
    let mut begins = 0;
    let parts = words.into_iter().enumerate().map(|(at, (word, end))| {
        let end = if at == last { sound.len() } else { usize::try_from(end).unwrap_or(sound.len()) };
        let (part, later) = rest.split_at_checked(end - begins).unwrap_or((rest, &[]));
        (rest, begins) = (later, end);
        (word, part)
    });
    parts.collect()
}

#[cfg(test)]
mod tests;
