//! The link to the hub: one WebSocket that is opened again whenever it breaks, for ever.
//!
//! It speaks [`xswarm_core::room`] and decides nothing about conversations: what comes is handed to the thread of sound, what
//! that thread has goes out. A link has a number; what was meant for an earlier one is dropped.

mod backoff;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use async_channel::{Receiver, Sender};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message, client::IntoClientRequest as _, handshake::client::Request, http, protocol::WebSocketConfig,
    },
};
use tokio_util::sync::CancellationToken;
use xswarm_core::room::{Frame, FromHub, FromRoom, MESSAGE_BYTES, StreamNumber, TAKEN, VERSION};

use self::backoff::Backoff;
use crate::{
    clock,
    exchange::{Command, Down, PIECE, Piece, Sent, Up},
    pairing::{Address, HUB_NAME, Pairing, elsewhere, is_clock},
};

/// So often the hub is asked whether it is still there.
const PING: Duration = Duration::from_secs(5);

/// So long it may say nothing at all.
const DEAD: Duration = Duration::from_secs(10);

/// So long a hub that does not know this device, or another by its token, is left alone.
const REFUSED: Duration = Duration::from_mins(1);

/// So often it is looked meanwhile whether the device was paired anew.
const GLANCE: Duration = Duration::from_secs(1);

/// So long a hub that is there takes to open a link, at most. Whoever waited longer for one that is away would only learn later
/// that it is back.
const OPENING: Duration = Duration::from_secs(3);

/// So many tries lead nowhere until the hub is looked for elsewhere, and again after as many more.
const LOST: u32 = 3;

/// What this program is called.
const SOFTWARE: &str = concat!("xswarm-room ", env!("CARGO_PKG_VERSION"));

/// Which hub, and how it is reached.
#[derive(Debug, Clone)]
pub struct Way {
    /// What was learnt at pairing.
    pub pairing: Pairing,
    /// A hub on this machine that is reached without encryption instead.
    pub local: Option<(IpAddr, u16)>,
    /// Where a newer pairing is looked for while the hub is away, or does not know this device.
    pub state_dir: PathBuf,
}

impl Way {
    /// Waits until this device was paired anew.
    async fn paired_anew(&self) -> Pairing {
        loop {
            match Pairing::load(&self.state_dir) {
                Ok(Some(pairing)) if pairing != self.pairing => return pairing,
                // What cannot be used is said to whoever starts the device; meanwhile the one that was read is good.
                Ok(_) | Err(_) => sleep(GLANCE).await,
            }
        }
    }
}

/// Both ends of the link on this side.
#[derive(Debug)]
pub struct Link {
    /// Which hub.
    pub way: Way,
    /// To the thread of sound.
    pub room: Sender<Command>,
    /// From the thread of sound.
    pub hub: Receiver<Sent>,
}

/// How a link ended.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("it does not know this device: pair it again (xswarm-room pair ADDRESS CODE)")]
    Refused,
    #[error("{0}")]
    NotReached(io::Error),
    #[error("it answers {0} instead of talking")]
    Answered(http::StatusCode),
    #[error("it speaks version {0}, this device version {VERSION}: bring both up to date")]
    Version(u32),
    #[error("it said nothing for {} seconds", DEAD.as_secs())]
    Silent,
    #[error("it takes more than {} seconds to answer", OPENING.as_secs())]
    Slow,
    #[error("{0}")]
    Broken(tungstenite::Error),
    #[error("it ended the link{}{}", if .0.is_empty() { "" } else { ": " }, .0)]
    Closed(String),
    #[error(
        "its certificate is not valid at the time that this device's clock shows: set the clock of this device, or that of \
         the hub"
    )]
    Clock,
    #[error("another device uses the pairing of this one: pair one of them anew (xswarm device pair ROOM --for WHO)")]
    Taken,
    #[error("this device stops")]
    Stopped,
}

impl From<tungstenite::Error> for End {
    fn from(error: tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::Http(answer) if answer.status() == http::StatusCode::UNAUTHORIZED => Self::Refused,
            tungstenite::Error::Http(answer) => Self::Answered(answer.status()),
            tungstenite::Error::Io(error) => Self::NotReached(error),
            tungstenite::Error::ConnectionClosed => Self::Closed(String::new()),
            other @ (tungstenite::Error::AlreadyClosed
            | tungstenite::Error::Tls(_)
            | tungstenite::Error::Capacity(_)
            | tungstenite::Error::Protocol(_)
            | tungstenite::Error::WriteBufferFull(_)
            | tungstenite::Error::Utf8(_)
            | tungstenite::Error::AttackAttempt
            | tungstenite::Error::Url(_)
            | tungstenite::Error::HttpFormat(_)) => Self::Broken(other),
        }
    }
}

/// Where the hub may be: where it was at pairing, and where it was found since. The first is never given up: whoever lends a
/// hub another address for a while must not take its device away.
#[derive(Debug, Default)]
struct Places {
    found: Option<Address>,
    is_turn_of_found: bool,
}

impl Places {
    /// Where it is tried next; `None` where it was at pairing.
    fn next(&self) -> Option<&Address> {
        self.found.as_ref().filter(|_| self.is_turn_of_found)
    }

    /// It was not there.
    fn turn(&mut self) {
        self.is_turn_of_found = !self.is_turn_of_found;
    }

    fn found(&mut self, address: Address) {
        *self = Self { found: Some(address), is_turn_of_found: true };
    }
}

impl Link {
    /// Holds the link until it is told to stop.
    pub async fn run(mut self, stop: CancellationToken) {
        let (mut backoff, mut number, mut told) = (Backoff::default(), 0_u32, String::new());
        let (mut places, mut missed) = (Places::default(), 0_u32);
        loop {
            number = number.wrapping_add(1);
            let mut was_reached = false;
            let end = match self.connect(number, places.next(), &stop, &mut was_reached).await {
                Err(End::Stopped) => return,
                Err(end) => end,
                Ok(never) => match never {},
            };
            if was_reached {
                (backoff, missed) = (Backoff::default(), 0);
            } else {
                places.turn();
            }
            // The same again and again would be said for days.
            let words = end.to_string();
            if was_reached || words != told {
                log::warn!("the hub is away: {words}");
                told = words;
            }
            let (news, pause) = match &end {
                End::Refused => (Down::Refused, REFUSED),
                End::Taken => (Down::Away, REFUSED),
                End::NotReached(_)
                | End::Answered(_)
                | End::Version(_)
                | End::Silent
                | End::Slow
                | End::Broken(_)
                | End::Closed(_)
                | End::Clock
                | End::Stopped => (Down::Away, backoff.next(fastrand::f64())),
            };
            self.tell(news).await;
            let is_missed = matches!(end, End::NotReached(_) | End::Slow);
            missed = if is_missed { missed.saturating_add(1) } else { 0 };
            let is_lost = is_missed && missed.is_multiple_of(LOST) && self.way.local.is_none();
            let look = async { if is_lost { elsewhere(&self.way.pairing).await } else { None } };
            let pairing = tokio::select! {
                () = stop.cancelled() => return,
                pairing = self.way.paired_anew() => pairing,
                (found, ()) = async { tokio::join!(look, sleep(pause)) } => {
                    if let Some(address) = found {
                        log::info!("the hub is at {address} now");
                        places.found(address);
                    }
                    continue;
                }
            };
            log::info!("this device was paired anew, with the hub at {}", pairing.address);
            self.way.pairing = pairing;
            (backoff, places, missed) = (Backoff::default(), Places::default(), 0);
        }
    }

    async fn tell(&self, news: Down) {
        // Without a thread of sound there is nobody left to tell, and the device is about to end.
        let _ended = self.room.send(Command::Hub(news)).await;
    }

    async fn connect(
        &self,
        number: u32,
        place: Option<&Address>,
        stop: &CancellationToken,
        was_reached: &mut bool,
    ) -> Result<std::convert::Infallible, End> {
        let opened = tokio::select! {
            () = stop.cancelled() => return Err(End::Stopped),
            opened = timeout(OPENING, self.open(place)) => opened.map_err(|_elapsed| End::Slow)??,
        };
        match opened {
            Transport::Local(socket) => self.talk(*socket, number, stop, was_reached).await,
            Transport::Secured(socket) => self.talk(*socket, number, stop, was_reached).await,
        }
    }

    async fn open(&self, place: Option<&Address>) -> Result<Transport, End> {
        if let Some(address) = self.way.local {
            let address = SocketAddr::from(address);
            let stream = TcpStream::connect(address).await.map_err(End::NotReached)?;
            stream.set_nodelay(true).map_err(End::NotReached)?;
            let request = self.request(&format!("ws://{address}/room/stream"))?;
            return Ok(Transport::Local(Box::new(shake(request, stream).await?)));
        }
        let pairing = &self.way.pairing;
        let stream = pairing.connect(place.unwrap_or(&pairing.address)).await;
        let stream = stream.map_err(|error| if is_clock(&error) { End::Clock } else { End::NotReached(error) })?;
        let request = self.request(&format!("wss://{HUB_NAME}/room/stream"))?;
        Ok(Transport::Secured(Box::new(shake(request, stream).await?)))
    }

    fn request(&self, url: &str) -> Result<Request, End> {
        let mut request = url.into_client_request()?;
        let bearer = format!("Bearer {}", self.way.pairing.token);
        let bearer = http::HeaderValue::try_from(bearer).map_err(|error| End::NotReached(io::Error::other(error)))?;
        request.headers_mut().insert(http::header::AUTHORIZATION, bearer);
        Ok(request)
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut socket: WebSocketStream<S>,
        number: u32,
        stop: &CancellationToken,
        was_reached: &mut bool,
    ) -> Result<std::convert::Infallible, End> {
        let hello = FromRoom::Connected { version: VERSION, software: SOFTWARE.to_owned() };
        send(&mut socket, text(&hello)).await?;
        let mut ping = interval(PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard_at = Instant::now();
        let welcome_by = heard_at + OPENING;
        loop {
            tokio::select! {
                () = sleep_until(welcome_by), if !*was_reached => return Err(End::Slow),
                () = stop.cancelled() => {
                    // Whether it is heard changes nothing.
                    let _sent = timeout(Duration::from_millis(200), socket.close(None)).await;
                    return Err(End::Stopped);
                }
                came = socket.next() => {
                    heard_at = Instant::now();
                    let Some(message) = came.transpose()? else { return Err(End::Closed(String::new())) };
                    self.take(message, number, was_reached).await?;
                }
                sent = self.hub.recv(), if *was_reached => {
                    // The thread of sound has ended.
                    let Ok(Sent { link, up }) = sent else { return Err(End::Stopped) };
                    if link == number {
                        send(&mut socket, message(&up)).await?;
                    }
                }
                _tick = ping.tick() => {
                    if heard_at.elapsed() >= DEAD {
                        return Err(End::Silent);
                    }
                    send(&mut socket, Message::Ping(tungstenite::Bytes::new())).await?;
                }
            }
        }
    }

    async fn take(&self, message: Message, number: u32, was_reached: &mut bool) -> Result<(), End> {
        match message {
            Message::Text(text) => match serde_json::from_str(&text) {
                Ok(said) => self.hear(said, number, was_reached).await?,
                Err(error) => log::warn!("the hub said what this device does not understand: {error}"),
            },
            Message::Binary(bytes) => match Frame::read(&bytes) {
                Ok(frame) => self.play(frame.stream, frame.sound).await,
                Err(error) => log::warn!("the hub sent sound that is none: {error}"),
            },
            Message::Close(Some(frame)) if u16::from(frame.code) == TAKEN => return Err(End::Taken),
            Message::Close(frame) => {
                return Err(End::Closed(frame.map(|frame| frame.reason.to_string()).unwrap_or_default()));
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
        Ok(())
    }

    async fn hear(&self, said: FromHub, number: u32, was_reached: &mut bool) -> Result<(), End> {
        let down = match said {
            FromHub::Welcome { version: VERSION, name } => {
                *was_reached = true;
                log::info!("the hub is reached");
                Down::Reached { link: number, name }
            }
            FromHub::Welcome { version, .. } => return Err(End::Version(version)),
            FromHub::Media { stream_sid, media } => {
                match BASE64_STANDARD.decode(media.payload) {
                    Ok(sound) => self.play(stream_sid, &sound).await,
                    Err(error) => log::warn!("the hub sent sound that is no base64: {error}"),
                }
                return Ok(());
            }
            FromHub::Mark { stream_sid, mark } => Down::Mark { stream: stream_sid, name: mark.name },
            FromHub::Clear { stream_sid } => Down::Clear { stream: stream_sid },
            FromHub::Doing { stream_sid, doing } => Down::Doing { stream: stream_sid, doing },
            FromHub::Stop { stream_sid, stop } => Down::Stop { stream: stream_sid, reason: stop.reason },
            FromHub::Timers { now, timers } => {
                let ahead_ms = (now - clock::now()).num_milliseconds();
                Down::Timers { ahead_ms, now_ms: now.timestamp_millis(), timers }
            }
        };
        self.tell(down).await;
        Ok(())
    }

    async fn play(&self, stream: StreamNumber, sound: &[u8]) {
        for piece in sound.chunks(2 * PIECE) {
            let mut samples = [0; PIECE];
            let (pairs, _rest) = piece.as_chunks::<2>();
            for (place, pair) in samples.iter_mut().zip(pairs) {
                *place = i16::from_le_bytes(*pair);
            }
            let piece = Piece::new(samples.get(..pairs.len()).unwrap_or(&samples));
            self.tell(Down::Sound { stream, piece }).await;
        }
    }
}

enum Transport {
    Local(Box<WebSocketStream<TcpStream>>),
    Secured(Box<WebSocketStream<tokio_rustls::client::TlsStream<TcpStream>>>),
}

async fn shake<S: AsyncRead + AsyncWrite + Unpin>(request: Request, stream: S) -> Result<WebSocketStream<S>, End> {
    let config = WebSocketConfig::default().max_message_size(Some(MESSAGE_BYTES)).max_frame_size(Some(MESSAGE_BYTES));
    let (socket, _answer) = client_async_with_config(request, stream, Some(config)).await?;
    Ok(socket)
}

async fn send<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>, message: Message) -> Result<(), End> {
    timeout(DEAD, socket.send(message)).await.map_err(|_elapsed| End::Silent)?.map_err(End::from)
}

fn message(up: &Up) -> Message {
    match up {
        Up::Say(said) => text(said),
        Up::Sound { stream, at_ms, piece } => {
            let sound: Vec<u8> = piece.samples().iter().flat_map(|sample| sample.to_le_bytes()).collect();
            let mut bytes = Vec::with_capacity(8 + sound.len());
            Frame { stream: *stream, at_ms: *at_ms, sound: &sound }.write(&mut bytes);
            Message::Binary(bytes.into())
        }
    }
}

fn text(said: &FromRoom) -> Message {
    // What is written consists of texts and numbers, which JSON has.
    Message::text(serde_json::to_string(said).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_was_and_where_it_was_found_take_turns() {
        let mut places = Places::default();
        places.turn();
        assert_eq!(places.next(), None);
        let address: Address = "10.0.0.7".parse().unwrap();
        places.found(address.clone());
        assert_eq!(places.next(), Some(&address));
        places.turn();
        assert_eq!(places.next(), None);
        places.turn();
        assert_eq!(places.next(), Some(&address));
    }

    #[test]
    fn sound_is_a_frame_and_words_are_text() {
        let piece = Piece::new(&[1, -2]);
        let Message::Binary(bytes) = message(&Up::Sound { stream: StreamNumber(7), at_ms: 40, piece }) else {
            panic!("sound is binary")
        };
        let frame = Frame { stream: StreamNumber(7), at_ms: 40, sound: &[1, 0, 0xFE, 0xFF] };
        assert_eq!(Frame::read(&bytes), Ok(frame));
        let said = FromRoom::Stop { stream_sid: StreamNumber(7) };
        assert_eq!(message(&Up::Say(said)), Message::text(r#"{"event":"stop","streamSid":"7"}"#));
    }
}
