//! The link of one device, as long as it stands: its messages, the stream of the conversation that it holds just now, and
//! what that stream sends back.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    device::Device,
    room::{
        ByteOrder, Frame, FromHub, FromRoom, HeardMedia, Mark, PRE_ROLL_MOST_MS, PlayedMedia, RATE_HZ, RoomTimer,
        Start, Stop, StopReason, StreamNumber, TAKEN, VERSION,
    },
};

use super::Rooms;
use crate::{
    channels::call::{Line, RoomEnd, ToRoom, unusual},
    error::Error,
    twilio::media::StreamMessage,
};

/// How long a device may take to say that it is there.
const CONNECTING: Duration = Duration::from_secs(5);

/// A device says something, if only a ping, every few seconds. One that does not for so long is gone.
const GONE_AFTER: Duration = Duration::from_secs(15);

/// How long one message may take to leave.
const SENDING: Duration = Duration::from_secs(2);

/// So long after something was written it is looked for timers.
const LOOK: Duration = Duration::from_millis(200);

/// So many messages wait for a conversation that is about to begin, or is busy: ten seconds of sound. More are lost.
const COMES_MOST: usize = 512;

/// So many wait to be sent.
const GOES_MOST: usize = 32;

/// So many messages that cannot be read are passed over; then the device is not what it says.
const BAD_MOST: u32 = 20;

/// The link of one device.
pub(super) struct Link {
    rooms: Arc<Rooms>,
    socket: WebSocket,
    device: Device,
    stream: Option<Stream>,
    /// Conversations, also those that are over for the device and settle what they owe.
    talks: JoinSet<()>,
    /// The timers that the device knows.
    timers: Option<Vec<RoomTimer>>,
    bad: u32,
}

/// The stream of a conversation.
struct Stream {
    number: StreamNumber,
    is_binary: bool,
    byte_order: ByteOrder,
    comes: mpsc::Sender<StreamMessage>,
    goes: mpsc::Receiver<ToRoom>,
    over: oneshot::Receiver<StopReason>,
    /// How much was sent to be played.
    sent_samples: u64,
}

/// Why a link ends.
enum Ends {
    /// The device is gone, or is what it should not be.
    Gone,
    /// The device is forgotten, says what it should not, or the hub stops.
    Closed(&'static str),
    /// Another link took its place.
    Taken,
}

impl Link {
    /// A link that was opened.
    pub(super) fn new(rooms: Arc<Rooms>, socket: WebSocket, device: Device) -> Self {
        Self { rooms, socket, device, stream: None, talks: JoinSet::new(), timers: None, bad: 0 }
    }

    /// Serves it to its end, and ends what is talked on it.
    pub(super) async fn run(mut self, (stopping, ends): (&CancellationToken, &CancellationToken)) {
        let why = match self.connect().await {
            Ok(()) => self.serve((stopping, ends)).await,
            Err(why) => why,
        };
        let frame = match why {
            Ends::Gone => None,
            Ends::Closed(reason) => Some(CloseFrame { code: close_code::AWAY, reason: reason.into() }),
            Ends::Taken => {
                Some(CloseFrame { code: TAKEN, reason: "another device shows the token of this one".into() })
            }
        };
        if frame.is_some() {
            let close = Message::Close(frame);
            let _ = timeout(SENDING, self.socket.send(close)).await;
        }
        drop(self.stream);
        // They end with their streams, and are not cut off: what they owe is written then.
        while self.talks.join_next().await.is_some() {}
    }

    async fn connect(&mut self) -> Result<(), Ends> {
        let first = timeout(CONNECTING, self.socket.recv()).await;
        let Ok(Some(Ok(Message::Text(text)))) = first else { return Err(Ends::Gone) };
        match serde_json::from_str(&text) {
            Ok(FromRoom::Connected { version: VERSION, software }) => {
                log::debug!(device:% = self.device.id, software; "a room says that it is there");
            }
            Ok(FromRoom::Connected { .. }) => {
                log::warn!(device:% = self.device.id; "a room speaks another version of the protocol: update xswarm-room");
                return Err(Ends::Closed("the hub speaks another version: update both"));
            }
            Ok(_) | Err(_) => return Err(Ends::Closed("a link begins with connected")),
        }
        let welcome = FromHub::Welcome { version: VERSION, name: self.device.name.clone() };
        if self.say(&welcome).await { Ok(()) } else { Err(Ends::Gone) }
    }

    async fn serve(&mut self, (stopping, ends): (&CancellationToken, &CancellationToken)) -> Ends {
        let mut gone_at = Instant::now() + GONE_AFTER;
        let mut changed = self.rooms.store.changed();
        let mut look_at = Some(Instant::now());
        loop {
            // A conversation tells its device first that it ends because the hub stops.
            let is_free = self.stream.is_none();
            let there = tokio::select! {
                () = ends.cancelled() => {
                    let is_taken = self.rooms.is_connected(self.device.id);
                    return if is_taken { Ends::Taken } else { Ends::Closed("this device is not known any more") };
                }
                () = stopping.cancelled(), if is_free => return Ends::Closed("the hub stops"),
                () = sleep_until(gone_at) => return Ends::Gone,
                // What is written in a rush is looked at once.
                Ok(()) = changed.changed(), if look_at.is_none() => {
                    look_at = Some(Instant::now() + LOOK);
                    true
                }
                () = sleep_until(look_at.unwrap_or(gone_at)), if look_at.is_some() => {
                    look_at = None;
                    self.tell_timers().await
                }
                going = going(&mut self.stream) => self.go(going).await,
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => {
                        gone_at = Instant::now() + GONE_AFTER;
                        self.come(message, stopping).await
                    }
                    Some(Err(_)) | None => false,
                },
            };
            if !there {
                return Ends::Gone;
            }
            if self.bad > BAD_MOST {
                return Ends::Closed("these are no messages of a room");
            }
        }
    }

    /// A message of the device. Whether it is still there.
    async fn come(&mut self, message: Message, stopping: &CancellationToken) -> bool {
        match message {
            Message::Text(text) => match serde_json::from_str(&text) {
                Ok(said) => return self.said(said, stopping).await,
                Err(_) => self.bad("it is not of the protocol"),
            },
            Message::Binary(bytes) => match Frame::read(&bytes) {
                Ok(frame) => self.sound(frame.stream, u64::from(frame.at_ms), frame.sound.to_vec()),
                Err(_) => self.bad("it is no frame of sound"),
            },
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(_) => return false,
        }
        true
    }

    async fn said(&mut self, said: FromRoom, stopping: &CancellationToken) -> bool {
        match said {
            FromRoom::Connected { .. } => self.bad("it is connected already"),
            FromRoom::Health(health) => self.rooms.told(self.device.id, health),
            FromRoom::Start { stream_sid, start } => return self.start(stream_sid, start, stopping).await,
            FromRoom::Media { stream_sid, media: HeardMedia { timestamp, payload } } => {
                match (timestamp.parse(), STANDARD.decode(&payload)) {
                    (Ok(at_ms), Ok(sound)) => self.sound(stream_sid, at_ms, sound),
                    (Err(_), _) | (_, Err(_)) => self.bad("its sound cannot be read"),
                }
            }
            FromRoom::Wake { stream_sid, wake } => self.pass_on(stream_sid, StreamMessage::Woken(wake.phrase)),
            FromRoom::Mark { stream_sid, mark } => self.pass_on(stream_sid, StreamMessage::Mark(mark.name)),
            FromRoom::Stop { stream_sid } => self.pass_on(stream_sid, StreamMessage::Stop),
            FromRoom::Rings { timer } => {
                let noted = self.rooms.rings(&self.device, timer).await;
                self.noted(noted);
            }
            FromRoom::Stopped { timer } => {
                let noted = self.rooms.stopped(&self.device, timer).await;
                self.noted(noted);
            }
        }
        true
    }

    fn noted(&self, noted: Result<(), Error>) {
        if let Err(error) = noted {
            log::error!(device:% = self.device.id; "what a room said of a timer is not noted: {}", error.chain());
        }
    }

    /// Tells the device of its timers, unless it knows them. Whether it is there.
    async fn tell_timers(&mut self) -> bool {
        let timers = match self.rooms.timers(self.device.id).await {
            Ok(timers) => timers,
            Err(error) => {
                log::error!(device:% = self.device.id; "a room's timers cannot be read: {}", error.chain());
                return true;
            }
        };
        if self.timers.as_ref() == Some(&timers) {
            return true;
        }
        self.timers = Some(timers.clone());
        self.say(&FromHub::Timers { now: self.rooms.clock.now(), timers }).await
    }

    /// A conversation begins; one that goes on ends.
    async fn start(&mut self, number: StreamNumber, start: Start, stopping: &CancellationToken) -> bool {
        self.stream = None;
        let format = &start.media_format;
        let is_spoken = format.encoding == "audio/l16" && format.sample_rate == RATE_HZ && format.channels == 1;
        if !is_spoken || start.pre_roll_ms > PRE_ROLL_MOST_MS {
            self.bad("its stream is of a kind that is not spoken here");
            return self.stop(number, StopReason::Failed).await;
        }
        let (comes, to_line) = mpsc::channel(COMES_MOST);
        let (from_line, goes) = mpsc::channel(GOES_MOST);
        let (tell, over) = oneshot::channel();
        let line = match Line::room(RoomEnd { comes: to_line, goes: from_line }).map_err(unusual) {
            Ok(line) => line,
            Err(error) => {
                log::error!("a conversation in a room could not begin: {}", error.chain());
                return self.stop(number, StopReason::Failed).await;
            }
        };
        let (is_binary, byte_order) = (start.binary, format.byte_order);
        self.stream = Some(Stream { number, is_binary, byte_order, comes, goes, over, sent_samples: 0 });
        let (rooms, device, stopping) = (Arc::clone(&self.rooms), self.device.clone(), stopping.clone());
        self.talks.spawn(async move {
            let answers = match &start.wake {
                Some(wake) => rooms.arbiter.answers(wake.score).await,
                None => true,
            };
            log::info!(device:% = device.id, answers; "somebody in a room means the Boss, it seems");
            let woken_by = start.wake.map(|wake| wake.phrase);
            let reason = if answers {
                rooms.calls.in_room(line, &device, woken_by, &stopping).await
            } else {
                StopReason::Another
            };
            // The device may have begun another one already.
            let _ = tell.send(reason);
        });
        true
    }

    fn sound(&mut self, number: StreamNumber, at_ms: u64, mut sound: Vec<u8>) {
        if self.stream.as_ref().is_some_and(|stream| stream.byte_order == ByteOrder::Big) {
            swap(&mut sound);
        }
        self.pass_on(number, StreamMessage::Media { at_ms, sound });
    }

    /// Hands a message to the conversation it belongs to; what belongs to one that is over means nothing any more.
    fn pass_on(&mut self, number: StreamNumber, message: StreamMessage) {
        if let Some(stream) = self.stream.as_ref().filter(|stream| stream.number == number)
            && let Err(mpsc::error::TrySendError::Full(_)) = stream.comes.try_send(message)
        {
            log::debug!(device:% = self.device.id; "a message of a room is lost: the conversation does not keep up");
        }
    }

    /// Sends what a conversation sends. Whether the device is there.
    async fn go(&mut self, going: Going) -> bool {
        let Some(stream) = &mut self.stream else { return true };
        let stream_sid = stream.number;
        let message = match going {
            Going::Over(reason) => {
                log::info!(device:% = self.device.id, reason:?; "a conversation in a room is over");
                self.stream = None;
                return self.stop(stream_sid, reason).await;
            }
            Going::Sends(ToRoom::Sound(mut sound)) => {
                if stream.byte_order == ByteOrder::Big {
                    swap(&mut sound);
                }
                let at_ms = stream.sent_samples * 1_000 / u64::from(RATE_HZ);
                stream.sent_samples += sound.len() as u64 / 2;
                if stream.is_binary {
                    let at_ms = u32::try_from(at_ms).unwrap_or(u32::MAX);
                    let mut bytes = Vec::with_capacity(sound.len() + 8);
                    Frame { stream: stream_sid, at_ms, sound: &sound }.write(&mut bytes);
                    return self.send(Message::Binary(bytes.into())).await;
                }
                FromHub::Media { stream_sid, media: PlayedMedia { payload: STANDARD.encode(&sound) } }
            }
            Going::Sends(ToRoom::Mark(name)) => FromHub::Mark { stream_sid, mark: Mark { name } },
            Going::Sends(ToRoom::Clear) => FromHub::Clear { stream_sid },
            Going::Sends(ToRoom::Doing(doing)) => FromHub::Doing { stream_sid, doing },
        };
        self.say(&message).await
    }

    async fn stop(&mut self, stream_sid: StreamNumber, reason: StopReason) -> bool {
        self.say(&FromHub::Stop { stream_sid, stop: Stop { reason } }).await
    }

    async fn say(&mut self, message: &FromHub) -> bool {
        // Only maps with keys that are no text cannot be written, and there are none.
        let Ok(text) = serde_json::to_string(message) else { return false };
        self.send(Message::Text(text.into())).await
    }

    async fn send(&mut self, message: Message) -> bool {
        matches!(timeout_at(Instant::now() + SENDING, self.socket.send(message)).await, Ok(Ok(())))
    }

    fn bad(&mut self, why: &'static str) {
        self.bad += 1;
        log::debug!(device:% = self.device.id, bad = self.bad; "a message of a room is passed over: {why}");
    }
}

/// What a conversation does next.
enum Going {
    Sends(ToRoom),
    Over(StopReason),
}

/// Waits for ever while there is none.
async fn going(stream: &mut Option<Stream>) -> Going {
    let Some(stream) = stream else { return std::future::pending().await };
    match stream.goes.recv().await {
        Some(sends) => Going::Sends(sends),
        None => Going::Over((&mut stream.over).await.unwrap_or(StopReason::Failed)),
    }
}

/// Turns the bytes of each sample.
fn swap(sound: &mut [u8]) {
    sound.as_chunks_mut::<2>().0.iter_mut().for_each(|sample| sample.reverse());
}
