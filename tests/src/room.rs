//! A room device as the hub knows it: one link, and conversations on it that hear and play 20 ms of sound every 20 ms.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Bytes, Error, Message, client::IntoClientRequest as _},
};
use xswarm_core::{
    device::{DeviceCode, OfferedDevice, PairedDevice},
    id::UserId,
    room::{
        ByteOrder, Doing, Frame, FromHub, FromRoom, HeardMedia, Mark, MediaFormat, RATE_HZ, RoomTimer, Start,
        StopReason, StreamNumber, VERSION, Wake,
    },
};

use crate::{
    wait::{wait_for, wait_within},
    world::World,
};

/// Samples of 20 ms.
const PIECE: usize = RATE_HZ as usize / 50;

/// The phrase that rooms are woken by.
pub const PHRASE: &str = "hey boss";

/// How a room sends its sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// In binary messages.
    Binary,
    /// In JSON, the higher byte of each sample first.
    JsonBigEndian,
}

#[derive(Debug, Default)]
struct State {
    number: u32,
    streams: bool,
    sends: Option<Sends>,
    sent_ms: u64,
    to_say: VecDeque<u8>,
    waiting: VecDeque<Waiting>,
    played: Vec<i16>,
    clears: usize,
    doing: Vec<Doing>,
    stopped: Vec<(u32, StopReason)>,
    timers: Option<Vec<RoomTimer>>,
    name: Option<String>,
    is_over: bool,
}

#[derive(Debug)]
enum Waiting {
    Sound(i16),
    Mark(String),
}

/// A room device.
pub struct Room {
    state: Arc<Mutex<State>>,
    raw: mpsc::UnboundedSender<Message>,
    _tasks: JoinSet<()>,
}

/// Lets a device in that serves the first admin, and pairs it; its token.
pub async fn paired(world: &World, name: &str) -> PairedDevice {
    let admin = world.api().admin().await.id;
    paired_for(world, name, &[admin]).await
}

/// The same for these persons.
pub async fn paired_for(world: &World, name: &str, persons: &[UserId]) -> PairedDevice {
    let offer = world.api().post("/api/devices", &json!({ "name": name, "user_ids": persons })).await.expect(201);
    let offer: OfferedDevice = serde_json::from_value(offer.json).unwrap();
    let secret = offer.code.parse::<DeviceCode>().unwrap().secret().to_owned();
    let answer = world.hub.lan(None).post("/api/devices/pair", &json!({ "code": secret })).await.expect(200);
    serde_json::from_value(answer.json).unwrap()
}

impl Room {
    /// Connects with a token; the HTTP status that refuses it otherwise.
    pub async fn connect(world: &World, token: &str) -> Result<Self, u16> {
        let url = format!("ws://{}/room/stream", world.hub.status().listeners.lan);
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let socket = match connect_async(request).await {
            Ok((socket, _)) => socket,
            Err(Error::Http(refused)) => return Err(refused.status().as_u16()),
            Err(error) => panic!("the hub is not there: {error}"),
        };
        let (mut out, mut incoming) = socket.split();
        let (raw, mut to_send) = mpsc::unbounded_channel::<Message>();
        let state = Arc::new(Mutex::new(State::default()));
        let mut tasks = JoinSet::new();
        let listening = Arc::clone(&state);
        tasks.spawn(async move {
            while let Some(Ok(message)) = incoming.next().await {
                take(&mut listening.lock().unwrap(), &message);
            }
            listening.lock().unwrap().is_over = true;
        });
        tasks.spawn(async move {
            while let Some(message) = to_send.recv().await {
                if out.send(message).await.is_err() {
                    return;
                }
            }
        });
        let (living, line) = (Arc::clone(&state), raw.clone());
        tasks.spawn(async move { real_time(&living, &line).await });
        let room = Self { state, raw, _tasks: tasks };
        room.say(&FromRoom::Connected { version: VERSION, software: "a test".to_owned() });
        wait_for("the hub to know the room", async || {
            let state = room.state();
            (state.name.is_some() || state.is_over).then_some(())
        })
        .await;
        Ok(room)
    }

    /// A device that is paired anew and connects.
    pub async fn of(world: &World, name: &str) -> Self {
        let paired = paired(world, name).await;
        Self::connect(world, &paired.token).await.expect("it is paired")
    }

    /// Its wake word is heard, as sure as this.
    pub fn wakes(&self, score: f32) {
        self.begins(Some(Wake { phrase: PHRASE.to_owned(), score }), Sends::Binary);
    }

    /// A conversation begins.
    pub fn begins(&self, wake: Option<Wake>, sends: Sends) {
        let number = {
            let mut state = self.state();
            state.number += 1;
            (state.streams, state.sends, state.sent_ms) = (true, Some(sends), 0);
            state.number
        };
        let order = match sends {
            Sends::Binary => ByteOrder::Little,
            Sends::JsonBigEndian => ByteOrder::Big,
        };
        let media_format = MediaFormat { byte_order: order, ..MediaFormat::linear() };
        let start = Start { media_format, binary: sends == Sends::Binary, pre_roll_ms: 0, wake };
        self.say(&FromRoom::Start { stream_sid: StreamNumber(number), start });
    }

    /// The wake word is heard again, in the middle of a conversation: what waits to be played is dropped.
    pub fn wakes_again(&self) {
        let wake = Wake { phrase: PHRASE.to_owned(), score: 0.9 };
        let stream_sid = StreamNumber(self.state().number);
        self.say(&FromRoom::Wake { stream_sid, wake });
        self.state().waiting.retain(|one| matches!(one, Waiting::Mark(_)));
    }

    /// The conversation is ended in the room.
    pub fn stops(&self) {
        let stream_sid = {
            let mut state = self.state();
            state.streams = false;
            StreamNumber(state.number)
        };
        self.say(&FromRoom::Stop { stream_sid });
    }

    /// Sends a message of the protocol.
    pub fn say(&self, message: &FromRoom) {
        // A link that is gone takes nothing.
        let _ = self.raw.send(Message::Text(serde_json::to_string(message).unwrap().into()));
    }

    /// Sends what need not be of the protocol.
    pub fn sends(&self, text: &str) {
        let _ = self.raw.send(Message::Text(text.to_owned().into()));
    }

    /// Says something: samples of 16 bits, the lower byte first, in real time. Returns when it has been said.
    pub async fn says(&self, sound: &[u8]) {
        self.state().to_say.extend(sound);
        let said = async || {
            let state = self.state();
            (state.to_say.is_empty() || state.is_over || !state.streams).then_some(())
        };
        wait_within(Duration::from_secs(30), "the room to have spoken", said).await;
    }

    /// Says "ah" for so long: loud enough for whoever listens to energy.
    pub async fn says_ah(&self, ms: usize) {
        let ah = (0..ms * 24).map(|n| if n / 60 % 2 == 0 { 12_000_i16 } else { -12_000 });
        let ah: Vec<u8> = ah.flat_map(i16::to_le_bytes).collect();
        self.says(&ah).await;
    }

    /// How often the hub had everything dropped that was not played.
    pub fn clears(&self) -> usize {
        self.state().clears
    }

    /// What the hub told it does, in order.
    pub fn doing(&self) -> Vec<Doing> {
        self.state().doing.clone()
    }

    /// What is to ring there, as far as it was told.
    pub fn timers(&self) -> Vec<RoomTimer> {
        self.state().timers.clone().unwrap_or_default()
    }

    /// Waits until it was told what is to ring there.
    pub async fn told_timers(&self) -> Vec<RoomTimer> {
        wait_for("the room to be told of its timers", async || self.state().timers.clone()).await
    }

    /// What the hub calls it.
    pub fn name(&self) -> Option<String> {
        self.state().name.clone()
    }

    /// Whether the link has ended.
    pub fn is_over(&self) -> bool {
        self.state().is_over
    }

    /// Everything that was played.
    pub fn played(&self) -> Vec<i16> {
        self.state().played.clone()
    }

    /// Waits until the hub ends the conversation that goes on; why.
    pub async fn stopped(&self) -> StopReason {
        let number = self.state().number;
        let stopped = async || self.state().stopped.iter().find(|(stream, _)| *stream == number).map(|(_, why)| *why);
        wait_within(Duration::from_secs(40), "the hub to end the conversation", stopped).await
    }

    /// Waits until the link has ended.
    pub async fn ends(&self) {
        wait_for("the link to end", async || self.is_over().then_some(())).await;
    }

    /// Waits until the hub has said something after so many samples were played, and has been silent for half a second; how
    /// many were played then.
    pub async fn listens(&self, from: usize) -> usize {
        let said = async || {
            let state = self.state();
            let last = state.played.iter().rposition(|sample| sample.unsigned_abs() > 300)?;
            (last > from && state.played.len() - last > RATE_HZ as usize / 2).then_some(state.played.len())
        };
        wait_within(Duration::from_secs(40), "the Boss to have spoken", said).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn take(state: &mut State, message: &Message) {
    let said = match message {
        Message::Binary(bytes) => {
            let frame = Frame::read(bytes).unwrap();
            if state.sends == Some(Sends::Binary) && frame.stream.0 == state.number {
                let samples = frame.sound.chunks(2).map(|two| i16::from_le_bytes(two.try_into().unwrap()));
                state.waiting.extend(samples.map(Waiting::Sound));
            }
            return;
        }
        Message::Text(text) => serde_json::from_str(text).unwrap(),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => return,
    };
    let is_now = |stream: StreamNumber, state: &State| stream.0 == state.number;
    match said {
        FromHub::Timers { timers, .. } => state.timers = Some(timers),
        FromHub::Welcome { name, .. } => state.name = Some(name),
        FromHub::Media { stream_sid, media } if is_now(stream_sid, state) => {
            assert_eq!(state.sends, Some(Sends::JsonBigEndian));
            let sound = STANDARD.decode(&media.payload).unwrap();
            let samples = sound.chunks(2).map(|two| i16::from_be_bytes(two.try_into().unwrap()));
            state.waiting.extend(samples.map(Waiting::Sound));
        }
        FromHub::Mark { stream_sid, mark } if is_now(stream_sid, state) => {
            state.waiting.push_back(Waiting::Mark(mark.name));
        }
        FromHub::Clear { stream_sid } if is_now(stream_sid, state) => {
            state.clears += 1;
            state.waiting.retain(|one| matches!(one, Waiting::Mark(_)));
        }
        FromHub::Doing { stream_sid, doing } if is_now(stream_sid, state) => state.doing.push(doing),
        FromHub::Stop { stream_sid, stop } => {
            state.streams &= !is_now(stream_sid, state);
            state.stopped.push((stream_sid.0, stop.reason));
        }
        FromHub::Media { .. } | FromHub::Mark { .. } | FromHub::Clear { .. } | FromHub::Doing { .. } => {}
    }
}

/// Sends and plays 20 ms every 20 ms.
async fn real_time(state: &Mutex<State>, line: &mpsc::UnboundedSender<Message>) {
    let mut ticks = interval(Duration::from_millis(20));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 1_u64.. {
        ticks.tick().await;
        let mut messages = piece(&mut state.lock().unwrap());
        // Every two seconds it shows that it is there.
        if number % 100 == 0 {
            messages.push(Message::Ping(Bytes::new()));
        }
        for message in messages {
            if line.send(message).is_err() {
                return;
            }
        }
    }
}

/// The next 20 ms.
fn piece(state: &mut State) -> Vec<Message> {
    let stream_sid = StreamNumber(state.number);
    let mut messages = Vec::new();
    if let (true, Some(sends)) = (state.streams, state.sends) {
        let most = state.to_say.len().min(2 * PIECE);
        let mut sound: Vec<u8> = state.to_say.drain(..most).collect();
        sound.resize(2 * PIECE, 0);
        let at_ms = state.sent_ms;
        state.sent_ms += 20;
        messages.push(match sends {
            Sends::Binary => {
                let mut bytes = Vec::new();
                let at_ms = u32::try_from(at_ms).unwrap();
                Frame { stream: stream_sid, at_ms, sound: &sound }.write(&mut bytes);
                Message::Binary(bytes.into())
            }
            Sends::JsonBigEndian => {
                sound.chunks_mut(2).for_each(<[u8]>::reverse);
                let media = HeardMedia { timestamp: at_ms.to_string(), payload: STANDARD.encode(&sound) };
                text(&FromRoom::Media { stream_sid, media })
            }
        });
    }
    let mut left = PIECE;
    loop {
        match state.waiting.front() {
            Some(Waiting::Sound(_)) if left == 0 => break,
            Some(Waiting::Sound(_) | Waiting::Mark(_)) => {}
            None => break,
        }
        match state.waiting.pop_front() {
            Some(Waiting::Mark(name)) => messages.push(text(&FromRoom::Mark { stream_sid, mark: Mark { name } })),
            Some(Waiting::Sound(sample)) => {
                state.played.push(sample);
                left -= 1;
            }
            None => break,
        }
    }
    state.played.extend(std::iter::repeat_n(0, left));
    messages
}

fn text(message: &FromRoom) -> Message {
    Message::Text(serde_json::to_string(message).unwrap().into())
}
