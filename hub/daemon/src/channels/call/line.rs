//! One end of a media stream: messages in, sound, marks and "clear" out. It knows the protocol and nothing else.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use tokio::time::timeout;
use xswarm_voice::{
    SAMPLE_RATE_HZ,
    audio::{Format, RateError, Resampler},
};

use crate::twilio::media::{self, BadMedia, MediaMessage, StreamMessage};

/// How long one message may take to leave.
const SENDING: Duration = Duration::from_secs(2);

/// So many messages that cannot be read are passed over; then the far end is no line.
const BAD_MOST: u32 = 20;

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
pub(super) struct Line {
    socket: WebSocket,
    stream: String,
    format: Format,
    to_line: Resampler,
    bad: u32,
    sound: Vec<f32>,
    bytes: Vec<u8>,
}

impl Line {
    /// Waits for a stream to begin; with it comes what it shows for a token. `None` when it does not.
    pub(super) async fn open(mut socket: WebSocket, within: Duration) -> Option<(Self, String)> {
        let begun = async {
            while let Some(Ok(message)) = socket.recv().await {
                let Message::Text(text) = message else { continue };
                match MediaMessage::read(&text) {
                    Ok(MediaMessage::Connected) => {}
                    Ok(MediaMessage::Start { stream, token, format }) => return Some((stream, token, format)),
                    // What it holds is somebody's sound and no matter of the log.
                    Ok(MediaMessage::Of { .. }) => {
                        log::warn!("a voice stream begins with something else than its start");
                        return None;
                    }
                    // Nor is what anybody on the Internet may have written.
                    Err(BadMedia::Shape(_) | BadMedia::Base64 | BadMedia::Format(_)) => {
                        log::warn!("a voice stream begins with what is not the media stream protocol");
                        return None;
                    }
                }
            }
            None
        };
        let (stream, token, format) = timeout(within, begun).await.ok()??;
        let to_line = Resampler::new(SAMPLE_RATE_HZ, format.sample_rate_hz()).ok()?;
        let line = Self { socket, stream, format, to_line, bad: 0, sound: Vec::new(), bytes: Vec::new() };
        Some((line, token))
    }

    /// How sound travels on it.
    pub(super) const fn format(&self) -> Format {
        self.format
    }

    /// What comes next.
    pub(super) async fn next(&mut self) -> Came {
        let text = match self.socket.recv().await {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Came::Nothing,
            Some(Ok(Message::Binary(_))) => return self.bad("it is binary"),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Came::Ended,
        };
        match MediaMessage::read(&text) {
            Ok(MediaMessage::Of { stream, message }) if stream == self.stream => Came::Message(message),
            Ok(MediaMessage::Of { .. }) => self.bad("it is of another stream"),
            Ok(MediaMessage::Start { .. }) => self.bad("the stream has begun already"),
            Ok(MediaMessage::Connected) => Came::Nothing,
            Err(BadMedia::Shape(_)) => self.bad("it is not of the protocol"),
            Err(BadMedia::Base64) => self.bad("its sound is not base64"),
            Err(BadMedia::Format(_)) => self.bad("its sound has another format"),
        }
    }

    fn bad(&mut self, why: &'static str) -> Came {
        self.bad += 1;
        log::debug!(bad = self.bad; "a message of a voice stream is passed over: {why}");
        if self.bad > BAD_MOST { Came::Nonsense } else { Came::Nothing }
    }

    /// Sends 20 ms of sound. Whether the line is there.
    pub(super) async fn play(&mut self, sound: &[f32]) -> bool {
        self.sound.clear();
        self.bytes.clear();
        self.to_line.push(sound, &mut self.sound);
        self.format.encode(&self.sound, &mut self.bytes);
        let text = media::media(&self.stream, &self.bytes);
        self.send(text).await
    }

    /// What was sent last, as it travels.
    pub(super) fn played(&self) -> &[u8] {
        &self.bytes
    }

    /// Sends a mark. Whether the line is there.
    pub(super) async fn mark(&mut self, name: &str) -> bool {
        let text = media::mark(&self.stream, name);
        self.send(text).await
    }

    /// Has the far end drop what it has not played. Whether the line is there.
    pub(super) async fn clear(&mut self) -> bool {
        let text = media::clear(&self.stream);
        self.send(text).await
    }

    async fn send(&mut self, text: String) -> bool {
        matches!(timeout(SENDING, self.socket.send(Message::Text(text.into()))).await, Ok(Ok(())))
    }

    /// Ends the stream in order.
    pub(super) async fn close(self) {
        self.part(close_code::NORMAL, "").await;
    }

    /// Ends a stream that is nobody's.
    pub(super) async fn refuse(self) {
        self.part(close_code::POLICY, "no token of a call").await;
    }

    async fn part(mut self, code: u16, reason: &'static str) {
        let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        // It may be gone already.
        let _ = timeout(SENDING, self.socket.send(close)).await;
    }
}

/// The two ends of a line have rates between which sound can be turned.
pub(super) fn unusual(error: RateError) -> crate::error::Error {
    crate::error::Error::internal("a line has an unusual sampling rate").with_source(error)
}
