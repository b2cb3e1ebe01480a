//! One end of a media stream: messages in, sound, marks and "clear" out, over a telephone's socket or within a room's link.
//! It knows no more than that.

mod room;
mod socket;

use std::time::Duration;

use axum::extract::ws::WebSocket;
use xswarm_core::room::Doing;
use xswarm_voice::{
    SAMPLE_RATE_HZ,
    audio::{Format, RateError, Resampler},
};

use crate::twilio::media::StreamMessage;
pub(in crate::channels) use room::{RoomEnd, ToRoom};
use socket::SocketEnd;

/// How long one message may take to leave.
const SENDING: Duration = Duration::from_secs(2);

/// What came over a line.
#[derive(Debug)]
pub(super) enum Came {
    /// A message of this stream.
    Message(StreamMessage),
    /// Nothing that counts.
    Nothing,
    /// The line is gone.
    Ended,
    /// The far end sends what no line sends.
    Nonsense,
}

/// A stream that has begun.
pub(in crate::channels) struct Line {
    far: Far,
    format: Format,
    to_line: Resampler,
    sound: Vec<f32>,
    bytes: Vec<u8>,
}

/// What is at the far end.
enum Far {
    Socket(Box<SocketEnd>),
    Room(RoomEnd),
}

impl Line {
    /// Waits for a stream to begin on a socket; with it comes what it shows for a token. `None` when it does not.
    pub(super) async fn open(socket: WebSocket, within: Duration) -> Option<(Self, String)> {
        let (end, token, format) = SocketEnd::open(socket, within).await?;
        Some((Self::new(Far::Socket(Box::new(end)), format).ok()?, token))
    }

    /// A stream of a room, which begins.
    pub(in crate::channels) fn room(end: RoomEnd) -> Result<Self, RateError> {
        Self::new(Far::Room(end), Format::Linear)
    }

    fn new(far: Far, format: Format) -> Result<Self, RateError> {
        let to_line = Resampler::new(SAMPLE_RATE_HZ, format.sample_rate_hz())?;
        Ok(Self { far, format, to_line, sound: Vec::new(), bytes: Vec::new() })
    }

    /// How sound travels on it.
    pub(super) const fn format(&self) -> Format {
        self.format
    }

    /// What comes next.
    pub(super) async fn next(&mut self) -> Came {
        match &mut self.far {
            Far::Socket(end) => end.next().await,
            Far::Room(end) => end.next().await,
        }
    }

    /// Sends 20 ms of sound. Whether the line is there.
    pub(super) async fn play(&mut self, sound: &[f32]) -> bool {
        self.sound.clear();
        self.bytes.clear();
        self.to_line.push(sound, &mut self.sound);
        self.format.encode(&self.sound, &mut self.bytes);
        match &mut self.far {
            Far::Socket(end) => end.play(&self.bytes).await,
            Far::Room(end) => end.send(ToRoom::Sound(self.bytes.clone())).await,
        }
    }

    /// What was sent last, as it travels.
    pub(super) fn played(&self) -> &[u8] {
        &self.bytes
    }

    /// Sends a mark. Whether the line is there.
    pub(super) async fn mark(&mut self, name: &str) -> bool {
        match &mut self.far {
            Far::Socket(end) => end.mark(name).await,
            Far::Room(end) => end.send(ToRoom::Mark(name.to_owned())).await,
        }
    }

    /// Has the far end drop what it has not played. Whether the line is there.
    pub(super) async fn clear(&mut self) -> bool {
        match &mut self.far {
            Far::Socket(end) => end.clear().await,
            Far::Room(end) => end.send(ToRoom::Clear).await,
        }
    }

    /// Tells what the hub does, where that can be shown. Whether the line is there.
    pub(super) async fn show(&mut self, doing: Doing) -> bool {
        match &mut self.far {
            Far::Socket(_) => true,
            Far::Room(end) => end.send(ToRoom::Doing(doing)).await,
        }
    }

    /// Ends the stream in order. A room's link goes on, and is told by whoever talked why it ended.
    pub(super) async fn close(self) {
        match self.far {
            Far::Socket(end) => end.close().await,
            Far::Room(_) => {}
        }
    }

    /// Ends a stream that is nobody's.
    pub(super) async fn refuse(self) {
        match self.far {
            Far::Socket(end) => end.refuse().await,
            Far::Room(_) => {}
        }
    }
}

/// The two ends of a line have rates between which sound can be turned.
pub(in crate::channels) fn unusual(error: RateError) -> crate::error::Error {
    crate::error::Error::internal("a line has an unusual sampling rate").with_source(error)
}
