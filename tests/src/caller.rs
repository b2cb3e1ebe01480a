//! Somebody on a telephone, as Twilio connects them: a call that is told of by a signed webhook, and a media stream over a
//! real WebSocket that sends and plays 20 ms of sound every 20 ms and sends marks back once their sound was played. A room is
//! the same with wider sound.

use std::{
    collections::VecDeque,
    process::Command,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_tungstenite::{connect_async, tungstenite::Message};
use xswarm_voice::audio::{Format, Resampler};

use crate::{
    api::Answer,
    signature::Form,
    twilio::OUR_NUMBER,
    wait::{wait_for, wait_within},
    world::World,
};

/// How loud a sample must be to count as sound: its magnitude in the upper half of the scale of µ-law.
const AUDIBLE: f32 = 0.0114;

/// The stream's id.
const STREAM: &str = "MZ00000000000000000000000000000001";

/// A call that was told of.
#[derive(Debug, Clone)]
pub struct Ringing {
    /// The provider's id.
    pub sid: String,
    /// What Twilio was told to do.
    pub twiml: String,
}

#[derive(Debug, Default)]
struct Heard {
    /// Every sample that was played, from the beginning of the stream.
    played: Vec<f32>,
    /// What is to be played, and the marks between.
    waiting: VecDeque<Waiting>,
    clears: usize,
    /// Nothing that is played is said to have been heard any more.
    deaf: bool,
    ended: bool,
}

#[derive(Debug)]
enum Waiting {
    Sound(f32),
    Mark(String),
}

/// Somebody on the line.
pub struct Caller {
    format: Format,
    heard: Arc<Mutex<Heard>>,
    to_say: Arc<Mutex<VecDeque<u8>>>,
    raw: mpsc::UnboundedSender<Message>,
    began: Instant,
    _tasks: JoinSet<()>,
}

/// Tells the hub of a call, as Twilio does.
pub async fn ring(world: &World, from: &str, sid: &str) -> Ringing {
    let form: Form = [("CallSid", sid), ("From", from), ("To", OUR_NUMBER), ("CallStatus", "ringing")]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let answer: Answer = world.post_signed("/voice/inbound", &form).await.expect(200);
    Ringing { sid: sid.to_owned(), twiml: answer.text }
}

impl Ringing {
    /// The token with which its stream is opened.
    pub fn token(&self) -> &str {
        let (_, rest) = self.twiml.split_once("name=\"token\" value=\"").unwrap_or_else(|| panic!("{}", self.twiml));
        rest.split('"').next().unwrap()
    }

    /// Opens the stream.
    pub async fn connect(&self, world: &World) -> Caller {
        Caller::connect(&world.hub.status().listeners.public, self.token()).await
    }

    /// Opens the stream as a room does.
    pub async fn connect_room(&self, world: &World) -> Caller {
        Caller::open(&world.hub.status().listeners.voice, self.token(), Format::Linear).await
    }
}

impl Caller {
    /// Opens a stream at an address with a token.
    pub async fn connect(address: &str, token: &str) -> Self {
        Self::open(address, token, Format::MuLaw).await
    }

    async fn open(address: &str, token: &str, format: Format) -> Self {
        let (socket, _) =
            connect_async(format!("ws://{address}/voice/stream")).await.expect("the stream can be opened");
        let (mut out, mut incoming) = socket.split();
        let (raw, mut to_send) = mpsc::unbounded_channel::<Message>();
        let (heard, to_say) = (Arc::new(Mutex::new(Heard::default())), Arc::new(Mutex::new(VecDeque::new())));
        let mut tasks = JoinSet::new();
        let listening = Arc::clone(&heard);
        tasks.spawn(async move {
            while let Some(Ok(message)) = incoming.next().await {
                if let Message::Text(text) = message {
                    take(&mut listening.lock().unwrap(), &serde_json::from_str(&text).unwrap(), format);
                }
            }
            listening.lock().unwrap().ended = true;
        });
        tasks.spawn(async move {
            while let Some(message) = to_send.recv().await {
                if out.send(message).await.is_err() {
                    return;
                }
            }
        });
        let start = json!({ "event": "start", "sequenceNumber": "1", "streamSid": STREAM, "start": { "streamSid": STREAM,
            "tracks": ["inbound"], "customParameters": { "token": token },
            "mediaFormat": { "encoding": encoding(format), "sampleRate": format.sample_rate_hz(), "channels": 1 } } });
        let connected = json!({ "event": "connected", "protocol": "Call", "version": "1.0.0" });
        for message in [connected, start] {
            raw.send(Message::Text(message.to_string().into())).unwrap();
        }
        let (playing, speaking, line) = (Arc::clone(&heard), Arc::clone(&to_say), raw.clone());
        tasks.spawn(async move { real_time(&playing, &speaking, &line, format).await });
        Self { format, heard, to_say, raw, began: Instant::now(), _tasks: tasks }
    }

    /// How many samples a length has.
    fn samples(&self, ms: usize) -> usize {
        self.format.sample_rate_hz() as usize / 1_000 * ms
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap()
    }

    /// Says something: sound in the line's format, played in real time. Returns when it has been said, or when the
    /// stream is over.
    pub async fn says(&self, sound: &[u8]) {
        self.to_say.lock().unwrap().extend(sound);
        let said = async || (self.to_say.lock().unwrap().is_empty() || self.heard().ended).then_some(());
        wait_within(Duration::from_secs(30), "the caller to have spoken", said).await;
    }

    /// Says "ah" for so long: loud enough for whoever listens to energy.
    pub async fn says_ah(&self, ms: usize) {
        let ah: Vec<u8> = (0..ms * 8).map(|n| if n / 20 % 2 == 0 { 0x00 } else { 0x80 }).collect();
        self.says(&ah).await;
    }

    /// Sends something that need not be of the protocol.
    pub fn sends(&self, text: &str) {
        // A line that is gone takes nothing.
        let _ = self.raw.send(Message::Text(text.to_owned().into()));
    }

    /// Presses a key.
    pub fn presses(&self, key: char) {
        let digit = json!({ "event": "dtmf", "streamSid": STREAM, "dtmf": { "track": "inbound_track", "digit": key.to_string() } });
        self.sends(&digit.to_string());
    }

    /// From now on no mark comes back: whatever is played, nobody is known to have heard it.
    pub fn hears_nothing_more(&self) {
        self.heard().deaf = true;
    }

    /// Hangs up, as Twilio tells of it.
    pub fn hangs_up(&self) {
        self.sends(&json!({ "event": "stop", "streamSid": STREAM, "stop": { "callSid": "CA" } }).to_string());
    }

    /// Milliseconds since the stream began.
    pub fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap()
    }

    /// How often the hub had everything dropped that was not played.
    pub fn clears(&self) -> usize {
        self.heard().clears
    }

    /// When the first sound was played after an instant, in milliseconds of the stream.
    pub fn sound_after(&self, from_ms: usize) -> Option<usize> {
        let heard = self.heard();
        let from = heard.played.get(self.samples(from_ms)..)?;
        from.iter().position(|sample| audible(*sample)).map(|at| from_ms + at / self.samples(1))
    }

    /// What was played between two instants, as samples of the line's rate.
    pub fn recording(&self, from_ms: usize, to_ms: usize) -> Vec<f32> {
        let heard = self.heard();
        let end = self.samples(to_ms).min(heard.played.len());
        heard.played.get(self.samples(from_ms)..end).unwrap_or_default().to_vec()
    }

    /// The longest silence between two instants, in milliseconds.
    pub fn longest_silence(&self, from_ms: usize, to_ms: usize) -> usize {
        let part = self.recording(from_ms, to_ms);
        part.split(|sample| audible(*sample)).map(<[f32]>::len).max().unwrap_or(0) / self.samples(1)
    }

    /// Waits until the hub says something after `from_ms`, and has been silent for a second after it; when its sound
    /// ended.
    pub async fn listens(&self, from_ms: usize) -> usize {
        let said = async || {
            let heard = self.heard();
            let last = heard.played.iter().rposition(|sample| audible(*sample))?;
            let (second, last_ms) = (self.samples(1_000), last / self.samples(1));
            (last_ms > from_ms && heard.played.len() - last > second).then_some(last_ms)
        };
        wait_within(Duration::from_secs(40), "the Boss to have spoken", said).await
    }

    /// Waits until the hub has ended the stream.
    pub async fn is_over(&self) {
        wait_for("the stream to end", async || self.heard().ended.then_some(())).await;
    }
}

fn audible(sample: f32) -> bool {
    sample.abs() > AUDIBLE
}

fn encoding(format: Format) -> &'static str {
    match format {
        Format::MuLaw => "audio/x-mulaw",
        Format::Linear => "audio/l16",
    }
}

/// 20 ms of silence.
fn silence(format: Format) -> Vec<u8> {
    match format {
        Format::MuLaw => vec![0xFF; 160],
        Format::Linear => vec![0; 960],
    }
}

fn take(heard: &mut Heard, message: &Value, format: Format) {
    match message["event"].as_str() {
        Some("media") => {
            let mut sound = Vec::new();
            format.decode(&STANDARD.decode(message["media"]["payload"].as_str().unwrap()).unwrap(), &mut sound);
            heard.waiting.extend(sound.into_iter().map(Waiting::Sound));
        }
        Some("mark") => heard.waiting.push_back(Waiting::Mark(message["mark"]["name"].as_str().unwrap().to_owned())),
        Some("clear") => {
            heard.clears += 1;
            // Twilio sends the marks of what it drops back, too.
            heard.waiting.retain(|one| matches!(one, Waiting::Mark(_)));
        }
        other => panic!("the hub sent {other:?}"),
    }
}

/// Sends and plays 20 ms every 20 ms.
async fn real_time(
    heard: &Mutex<Heard>,
    to_say: &Mutex<VecDeque<u8>>,
    line: &mpsc::UnboundedSender<Message>,
    format: Format,
) {
    let silence = silence(format);
    let samples = format.sample_rate_hz() as usize / 50;
    let mut ticks = interval(Duration::from_millis(20));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for chunk in 1_u64.. {
        ticks.tick().await;
        let said: Vec<u8> = {
            let mut waiting = to_say.lock().unwrap();
            let most = waiting.len().min(silence.len());
            let mut said: Vec<u8> = waiting.drain(..most).collect();
            said.extend_from_slice(&silence[most..]);
            said
        };
        let media = json!({ "event": "media", "sequenceNumber": (chunk + 1).to_string(), "streamSid": STREAM,
            "media": { "track": "inbound", "chunk": chunk.to_string(), "timestamp": ((chunk - 1) * 20).to_string(),
                "payload": STANDARD.encode(said) } });
        let marks = play(&mut heard.lock().unwrap(), samples);
        let marks =
            marks.into_iter().map(|name| json!({ "event": "mark", "streamSid": STREAM, "mark": { "name": name } }));
        for message in [media].into_iter().chain(marks) {
            if line.send(Message::Text(message.to_string().into())).is_err() {
                return;
            }
        }
    }
}

/// Plays so many samples; the marks that were reached.
fn play(heard: &mut Heard, samples: usize) -> Vec<String> {
    let (mut left, mut marks) = (samples, Vec::new());
    loop {
        match heard.waiting.front() {
            Some(Waiting::Mark(_)) => {}
            Some(Waiting::Sound(_)) if left > 0 => {}
            Some(Waiting::Sound(_)) | None => break,
        }
        match heard.waiting.pop_front() {
            Some(Waiting::Mark(name)) if !heard.deaf => marks.push(name),
            Some(Waiting::Mark(_)) => {}
            Some(Waiting::Sound(sample)) => {
                heard.played.push(sample);
                left -= 1;
            }
            None => break,
        }
    }
    heard.played.extend(std::iter::repeat_n(0.0, left));
    marks
}

/// Real speech as it comes over a telephone: espeak-ng, 8,000 samples a second, µ-law.
pub fn speech(text: &str) -> Vec<u8> {
    spoken(text, Format::MuLaw)
}

/// Real speech as it comes from a room.
pub fn speech_in_a_room(text: &str) -> Vec<u8> {
    spoken(text, Format::Linear)
}

fn spoken(text: &str, format: Format) -> Vec<u8> {
    let made = Command::new("espeak-ng").args(["-v", "en-us", "-s", "150", "--stdout", text]).output();
    let made = made.expect("espeak-ng is installed by `make test-deps`").stdout;
    // A WAV file's header has 44 bytes; its rate stands at 24.
    let rate = u32::from_le_bytes(made[24..28].try_into().unwrap());
    let (mut samples, mut sound, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    Format::Linear.decode(&made[44..], &mut samples);
    let mut resampler = Resampler::new(rate, format.sample_rate_hz()).unwrap();
    resampler.push(&samples, &mut sound);
    resampler.finish(&mut sound);
    format.encode(&sound, &mut bytes);
    bytes
}
