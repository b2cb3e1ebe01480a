//! One utterance, transcribed while it is spoken.
//!
//! Its sound goes over one connection, whose transcript is the final one. What was said so far comes from the server's
//! own pieces where it gives some, and otherwise from a second connection on which the sound so far is a request of its
//! own. If the connection breaks, all of the sound goes over another one.

use std::{pin::Pin, sync::Arc};

use serde_json::{Map, Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use super::{
    connection::{Backoff, Connection, Fault, Server},
    utterance::{MS_BYTES, RATE_HZ, Step},
    wire::Event,
    words,
};
use crate::listener::Heard;

/// Bytes of one chunk: 100 ms.
const CHUNK: usize = 100 * MS_BYTES;

/// The first partial text is asked for after so much speech; later ones after so much more.
const FIRST_PARTIAL: usize = 500 * MS_BYTES;
const NEXT_PARTIAL: usize = 1_000 * MS_BYTES;

/// A server that gives pieces by itself has so much longer for its first one.
const OWN_PARTIAL: usize = 500 * MS_BYTES;

/// Half a minute of speech has less text than this, in bytes.
const TEXT_MOST: usize = 8 * 1024;

/// An answer to what was said so far.
type Aside = Pin<Box<dyn Future<Output = Result<String, Fault>> + Send>>;

/// What transcribes the utterances of a session.
#[derive(Debug)]
pub(super) struct Transcriber {
    pub(super) server: Arc<Server>,
    pub(super) language: Option<String>,
    /// Whether the server announced that it gives pieces by itself.
    pub(super) streaming: bool,
    pub(super) steps: mpsc::Receiver<Step>,
    pub(super) heard: mpsc::Sender<Heard>,
}

/// An utterance so far.
#[derive(Debug)]
struct Utterance {
    start_ms: u64,
    sound: Vec<u8>,
    end_ms: Option<u64>,
    /// The last partial text that was told.
    told: String,
    /// With so much sound the next one is asked for.
    partial_at: usize,
    /// Whether the server gives pieces by itself.
    pieces: bool,
}

impl Transcriber {
    /// Transcribes one whose beginning was heard; takes the steps up to its end.
    pub(super) async fn utterance(&mut self, start_ms: u64, speech_ms: u64, sound: Vec<u8>) -> Result<(), Fault> {
        let speech = usize::try_from(speech_ms).unwrap_or(0) * MS_BYTES;
        let before = sound.len().saturating_sub(speech);
        let partial_at = before + FIRST_PARTIAL + if self.streaming { OWN_PARTIAL } else { 0 };
        let mut utterance = Utterance { start_ms, sound, end_ms: None, told: String::new(), partial_at, pieces: false };
        let mut backoff = Backoff::new(self.server.limits);
        let text = loop {
            match self.attempt(&mut utterance).await {
                Ok(text) => break text,
                Err(fault) => backoff.wait(fault).await?,
            }
        };
        let mut start_ms = utterance.start_ms;
        let end_ms = utterance.end_ms.unwrap_or(start_ms);
        for (word, end_ms) in words::spread(&text, start_ms, end_ms) {
            self.tell(Heard::Word { text: word.to_owned(), start_ms, end_ms }).await;
            start_ms = end_ms;
        }
        self.tell(Heard::Final { text }).await;
        Ok(())
    }

    /// Over one connection; gives the transcript.
    async fn attempt(&mut self, utterance: &mut Utterance) -> Result<String, Fault> {
        let server = Arc::clone(&self.server);
        let mut connection = Connection::open(&server).await?;
        put_begin(&mut connection, self.language.as_deref());
        put_sound(&mut connection, &utterance.sound);
        let within = server.limits.answer;
        let mut due = None;
        if utterance.end_ms.is_some() {
            put_end(&mut connection);
            due = Some(Instant::now() + within);
        }
        let mut pieces = String::new();
        let mut aside: Option<Aside> = None;
        loop {
            tokio::select! {
                biased;
                () = at(due) => return Err(server.slow(within)),
                event = connection.next() => {
                    let event = event?;
                    match event.kind.as_str() {
                        "transcript" if due.is_some() => return text_of(&server, &event),
                        "transcript" => return Err(server.wrong("a transcript before the sound had ended")),
                        "transcript-chunk" => {
                            utterance.pieces = true;
                            aside = None;
                            pieces.push_str(event.text("text").unwrap_or_default());
                            let so_far = tidied(&server, &pieces)?;
                            // After the end the final text is next.
                            if due.is_none() {
                                self.tell_partial(utterance, so_far).await;
                            }
                        }
                        // What else a server tells is nothing to wait for, and nothing wrong.
                        _ => {}
                    }
                }
                step = self.steps.recv(), if due.is_none() => match step {
                    Some(Step::More(sound)) => {
                        put_sound(&mut connection, &sound);
                        utterance.sound.extend_from_slice(&sound);
                    }
                    // A word is short: whether it was one should be known when it is over.
                    Some(Step::Pause) => {
                        if utterance.told.is_empty() && aside.is_none() {
                            utterance.partial_at = 0;
                        }
                    }
                    Some(Step::End { end_ms, turn }) => {
                        utterance.end_ms = Some(end_ms);
                        aside = None;
                        put_end(&mut connection);
                        due = Some(Instant::now() + within);
                        if turn {
                            self.tell(Heard::EndOfTurn).await;
                        }
                    }
                    // An utterance has ended before anything else is told.
                    Some(Step::Begin { .. } | Step::Mark(_)) => {}
                    // The listener was dropped, and this with it.
                    None => return std::future::pending().await,
                },
                so_far = answered(&mut aside) => match so_far {
                    Ok(so_far) => self.tell_partial(utterance, so_far).await,
                    // Its final text may come nevertheless; if not, that says why.
                    Err(fault) => log::debug!("no text of what was said so far: {fault:?}"),
                },
            }
            let wanted = due.is_none() && !utterance.pieces && aside.is_none();
            if wanted && utterance.sound.len() >= utterance.partial_at {
                utterance.partial_at = utterance.sound.len() + NEXT_PARTIAL;
                let sound = utterance.sound.clone();
                aside = Some(Box::pin(so_far(Arc::clone(&server), self.language.clone(), sound)));
            }
        }
    }

    async fn tell_partial(&self, utterance: &mut Utterance, text: String) {
        if !text.is_empty() && text != utterance.told {
            utterance.told.clone_from(&text);
            self.tell(Heard::Partial { text }).await;
        }
    }

    /// Nobody may be there any more; then this ends with the session.
    pub(super) async fn tell(&self, heard: Heard) {
        self.heard.send(heard).await.unwrap_or_default();
    }
}

/// The text of what was said so far, as a request of its own.
async fn so_far(server: Arc<Server>, language: Option<String>, sound: Vec<u8>) -> Result<String, Fault> {
    let within = server.limits.partial;
    let answer = async {
        let mut connection = Connection::open(&server).await?;
        put_begin(&mut connection, language.as_deref());
        put_sound(&mut connection, &sound);
        put_end(&mut connection);
        loop {
            let event = connection.next().await?;
            if event.kind == "transcript" {
                return text_of(&server, &event);
            }
        }
    };
    timeout(within, answer).await.map_err(|_late| server.slow(within))?
}

fn put_begin(connection: &mut Connection, language: Option<&str>) {
    let language = language.map(|language| ("language".to_owned(), Value::from(language)));
    connection.put("transcribe", &language.into_iter().collect(), &[]);
    connection.put("audio-start", &format(), &[]);
}

fn put_sound(connection: &mut Connection, sound: &[u8]) {
    for chunk in sound.chunks(CHUNK) {
        connection.put("audio-chunk", &format(), chunk);
    }
}

fn put_end(connection: &mut Connection) {
    connection.put("audio-stop", &Map::new(), &[]);
}

fn format() -> Map<String, Value> {
    let format = [("rate", json!(RATE_HZ)), ("width", json!(2)), ("channels", json!(1))];
    format.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn text_of(server: &Server, event: &Event) -> Result<String, Fault> {
    let text = event.text("text").ok_or_else(|| server.wrong("a transcript without text"))?;
    tidied(server, text)
}

/// A text without needless space; one that nobody can have said in the time is refused.
fn tidied(server: &Server, text: &str) -> Result<String, Fault> {
    if text.len() > TEXT_MOST {
        return Err(server.wrong(format_args!("{} bytes of text for half a minute of speech", text.len())));
    }
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Ends at that time; never without one.
async fn at(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// The answer, which is taken; never without a question.
async fn answered(aside: &mut Option<Aside>) -> Result<String, Fault> {
    match aside {
        Some(asked) => {
            let answer = asked.await;
            *aside = None;
            answer
        }
        None => std::future::pending().await,
    }
}
