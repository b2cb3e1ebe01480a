//! A telephone's media stream: a WebSocket of its own.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use tokio::time::timeout;
use xswarm_voice::audio::Format;

use super::{Came, SENDING};
use crate::twilio::media::{self, BadMedia, MediaMessage};

/// So many messages that cannot be read are passed over; then the far end is no line.
const BAD_MOST: u32 = 20;

/// The hub's end of it.
pub(super) struct SocketEnd {
    socket: WebSocket,
    stream: String,
    bad: u32,
}

impl SocketEnd {
    /// Waits for a stream to begin, and answers what it shows for a token and how its sound travels.
    pub(super) async fn open(mut socket: WebSocket, within: Duration) -> Option<(Self, String, Format)> {
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
        Some((Self { socket, stream, bad: 0 }, token, format))
    }

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

    pub(super) async fn play(&mut self, sound: &[u8]) -> bool {
        let text = media::media(&self.stream, sound);
        self.send(text).await
    }

    pub(super) async fn mark(&mut self, name: &str) -> bool {
        let text = media::mark(&self.stream, name);
        self.send(text).await
    }

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
