//! A media stream without anybody on it: whoever holds one decides when what is sent, how fast, and whether marks come back.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// The stream's id.
pub const STREAM: &str = "MZ00000000000000000000000000000001";

/// 20 ms of µ-law sound.
pub const PACKET: usize = 160;

/// What came from the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FromHub {
    /// 20 ms of sound.
    Sound(Vec<u8>),
    /// To be sent back once everything before it was played.
    Mark(String),
    /// What was not played is to be dropped.
    Clear,
    /// It has ended the stream.
    Closed,
}

/// One stream.
pub struct PhoneLine {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    packets: u64,
}

impl PhoneLine {
    /// Opens one; nothing is said on it yet.
    pub async fn open(address: &str) -> Self {
        let (socket, _) = connect_async(format!("ws://{address}/voice/stream")).await.expect("a stream can be opened");
        Self { socket, packets: 0 }
    }

    /// Says whose stream it is.
    pub async fn start(&mut self, token: &str) {
        self.send(&json!({ "event": "connected", "protocol": "Call", "version": "1.0.0" })).await;
        self.send(
            &json!({ "event": "start", "sequenceNumber": "1", "streamSid": STREAM, "start": { "streamSid": STREAM,
            "tracks": ["inbound"], "customParameters": { "token": token },
            "mediaFormat": { "encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1 } } }),
        )
        .await;
    }

    /// Sends the next 20 ms of sound.
    pub async fn packet(&mut self, sound: &[u8]) {
        let media = media(self.packets, sound);
        self.packets += 1;
        self.send(&media).await;
    }

    /// Sends sound at once, however long it takes to say.
    pub async fn says(&mut self, sound: &[u8]) {
        for packet in sound.chunks_exact(PACKET) {
            self.packet(packet).await;
        }
    }

    /// Presses a key.
    pub async fn presses(&mut self, key: char) {
        self.send(&json!({ "event": "dtmf", "streamSid": STREAM, "dtmf": { "digit": key.to_string() } })).await;
    }

    /// Sends a mark back.
    pub async fn mark(&mut self, name: &str) {
        self.send(&json!({ "event": "mark", "streamSid": STREAM, "mark": { "name": name } })).await;
    }

    /// Ends it as a telephone company does.
    pub async fn stop(&mut self) {
        self.send(&json!({ "event": "stop", "streamSid": STREAM, "stop": { "callSid": "CA" } })).await;
    }

    /// Sends a message of the protocol, or something like it.
    pub async fn send(&mut self, message: &Value) {
        self.send_raw(Message::Text(message.to_string().into())).await;
    }

    /// Sends anything. A line that is gone takes nothing.
    pub async fn send_raw(&mut self, message: Message) {
        let _ = self.socket.send(message).await;
    }

    /// What comes next.
    pub async fn next(&mut self) -> FromHub {
        loop {
            let Some(Ok(message)) = self.socket.next().await else { return FromHub::Closed };
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(&text).expect("the hub sends JSON");
            assert_eq!(message["streamSid"], STREAM);
            return match message["event"].as_str() {
                Some("media") => {
                    let sound = message["media"]["payload"].as_str().expect("sound");
                    FromHub::Sound(STANDARD.decode(sound).expect("base64"))
                }
                Some("mark") => FromHub::Mark(message["mark"]["name"].as_str().expect("a name").to_owned()),
                Some("clear") => FromHub::Clear,
                other => panic!("the hub sent {other:?}"),
            };
        }
    }
}

/// The message of a packet of sound.
pub fn media(number: u64, sound: &[u8]) -> Value {
    json!({ "event": "media", "sequenceNumber": (number + 2).to_string(), "streamSid": STREAM,
        "media": { "track": "inbound", "chunk": (number + 1).to_string(), "timestamp": (number * 20).to_string(),
            "payload": STANDARD.encode(sound) } })
}

/// Silence for so long.
pub fn silence(ms: usize) -> Vec<u8> {
    vec![0xFF; ms * 8]
}
