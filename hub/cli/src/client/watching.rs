//! What happens at the hub, as it happens: the frames of its supervisor socket, over the admin socket.
//!
//! When the hub goes away it is asked again, after the last fact that was seen: nothing is lost or shown twice.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::net::UnixStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error as WebSocketError, Message},
};
use xswarm_core::supervisor::{CloseCode, Frame};

use super::{Client, ClientError, refused};

/// Before trying again when the hub is out of reach: first, and at most, in milliseconds.
const PAUSE_MS: (u64, u64) = (250, 8_000);

/// Something to show.
#[derive(Debug)]
pub enum Watched {
    /// News: as the hub wrote them, and as they are understood; `None` for a kind of another version.
    News(String, Option<Box<Frame>>),
    /// The hub is out of reach, and is asked again.
    Lost,
}

/// A hub that is being watched.
pub struct Watching<'h> {
    hub: &'h Client,
    after: Option<i64>,
    stream: Option<WebSocketStream<UnixStream>>,
    pause_ms: u64,
}

impl Client {
    /// Watches the hub: what follows a fact, or what happens from now on.
    pub async fn watch(&self, after: Option<i64>) -> Result<Watching<'_>, ClientError> {
        let mut watching = Watching { hub: self, after, stream: None, pause_ms: 0 };
        watching.connect().await?;
        Ok(watching)
    }
}

impl Watching<'_> {
    async fn connect(&mut self) -> Result<(), ClientError> {
        let socket = self.hub.socket();
        let stream = UnixStream::connect(socket)
            .await
            .map_err(|source| ClientError::Unreachable { socket: socket.to_owned(), source })?;
        let after = self.after.map(|after| format!("?after={after}")).unwrap_or_default();
        let (stream, _) = client_async(format!("ws://hub/api/watch{after}"), stream).await.map_err(not_watched)?;
        self.stream = Some(stream);
        Ok(())
    }

    /// Waits for something to show. An error is final: the hub will not be watched again with the same words.
    pub async fn next(&mut self) -> Result<Watched, ClientError> {
        loop {
            let Some(stream) = &mut self.stream else {
                tokio::time::sleep(Duration::from_millis(self.pause_ms)).await;
                let lost = self.pause_ms == PAUSE_MS.0 * 8;
                self.pause_ms = (self.pause_ms * 2).clamp(PAUSE_MS.0, PAUSE_MS.1);
                match self.connect().await {
                    Ok(()) => self.pause_ms = 0,
                    Err(error) if !error.may_pass() => return Err(error),
                    // A hub that reads its configuration again is away for a moment; that is not worth a word.
                    Err(_) if lost => return Ok(Watched::Lost),
                    Err(_) => {}
                }
                continue;
            };
            match stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str::<Frame>(&text).ok();
                    self.after = frame.as_ref().and_then(|frame| frame.sequence).or(self.after);
                    return Ok(Watched::News(text.to_string(), frame.map(Box::new)));
                }
                Some(Ok(Message::Close(Some(close)))) if u16::from(close.code) == CloseCode::Policy.number() => {
                    return Err(ClientError::broken(close.reason.to_string(), "the hub parted with this client"));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => self.stream = None,
            }
        }
    }
}

/// Why the hub will not be watched.
fn not_watched(error: WebSocketError) -> ClientError {
    if let WebSocketError::Http(response) = &error {
        let body = response.body().as_deref().unwrap_or_default();
        return refused(response.status(), &String::from_utf8_lossy(body));
    }
    ClientError::broken("the hub does not let itself be watched; is it of another version?", error)
}
