//! A client of the supervisor socket, written with another library than the hub's own server uses on its side.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::header::{AUTHORIZATION, HeaderValue},
    },
};
use xswarm_core::{admin::Problem, supervisor::Frame};

use crate::wait::PATIENCE;

/// A client.
pub struct Supervisor {
    stream: WebSocketStream<TcpStream>,
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// RFC 6455 §7.4; 1006 when there was no goodbye.
    pub code: u16,
    /// In words.
    pub reason: String,
}

/// What came.
#[derive(Debug)]
pub enum Heard {
    /// A frame.
    Frame(Box<Frame>),
    /// The end.
    Closed(Closed),
}

impl Supervisor {
    /// Connects to `address` with a key; `query` is appended to the path.
    pub async fn connect(address: &str, key: Option<&str>, query: &str) -> Result<Self, Problem> {
        let stream = TcpStream::connect(address).await.expect("the hub listens");
        let mut request = format!("ws://{address}/{query}").into_client_request().expect("a request");
        if let Some(key) = key {
            let value = HeaderValue::from_str(&format!("Bearer {key}")).expect("a key");
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        match client_async(request, stream).await {
            Ok((stream, _)) => Ok(Self { stream }),
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                let text = String::from_utf8(body).expect("text");
                let problem: Problem = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in: {text}"));
                assert_eq!(problem.status, response.status().as_u16());
                Err(problem)
            }
            Err(error) => panic!("the hub did not answer the upgrade: {error}"),
        }
    }

    /// Says something.
    pub async fn say(&mut self, message: Message) {
        self.stream.send(message).await.expect("the hub listens");
    }

    /// The next frame, or how the connection ended.
    pub async fn hear(&mut self) -> Heard {
        let deadline = PATIENCE + Duration::from_secs(30);
        tokio::time::timeout(deadline, self.heard()).await.expect("the hub says something in time")
    }

    async fn heard(&mut self) -> Heard {
        loop {
            return match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in: {text}"));
                    Heard::Frame(Box::new(frame))
                }
                Some(Ok(Message::Close(Some(close)))) => {
                    Heard::Closed(Closed { code: close.code.into(), reason: close.reason.to_string() })
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(other)) => panic!("the hub says {other:?}"),
                Some(Err(_)) | None => Heard::Closed(Closed { code: 1006, reason: String::new() }),
            };
        }
    }

    /// The next frame that tells of a fact.
    pub async fn fact(&mut self) -> Frame {
        loop {
            match self.hear().await {
                Heard::Frame(frame) if frame.sequence.is_some() => return *frame,
                Heard::Frame(_) => {}
                Heard::Closed(closed) => panic!("the hub parted: {closed:?}"),
            }
        }
    }

    /// Reads on until the connection ends.
    pub async fn end(mut self) -> Closed {
        loop {
            if let Heard::Closed(closed) = self.hear().await {
                return closed;
            }
        }
    }
}
