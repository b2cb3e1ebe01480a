//! What a room device and the hub say to each other: Twilio's media stream protocol, and what a room adds to it.
//!
//! One WebSocket, opened by the device with its token, stands as long as the device is on. On it conversations follow each
//! other: a stream begins with a `start` of the device's, after its wake word, and ends with a `stop` of either side's. Control
//! messages are JSON text. Sound is either base64 in such messages or, where `start` says so, binary messages of a [`Frame`].
//!
//! It deliberately knows no socket and no clock.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{id::ReminderId, schema::ToSchema};

/// The version of all this that is spoken here.
pub const VERSION: u32 = 1;

/// The code of a closed WebSocket (RFC 6455 §7.4.2) that tells a device that another one connected with its token.
pub const TAKEN: u16 = 4_001;

/// Samples a second of sound, both ways: 16-bit linear, one channel.
pub const RATE_HZ: u32 = 24_000;

/// The longest message, in bytes: more than a second of sound.
pub const MESSAGE_BYTES: usize = 128 << 10;

/// The longest sound before its wake word that a device sends, in milliseconds.
pub const PRE_ROLL_MOST_MS: u32 = 3_000;

/// Which stream of a link: a number that the device counts up, written as text in `streamSid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct StreamNumber(pub u32);

impl From<StreamNumber> for String {
    fn from(stream: StreamNumber) -> Self {
        stream.0.to_string()
    }
}

impl TryFrom<String> for StreamNumber {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

/// What a device says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromRoom {
    /// It is there: the first message of a link.
    Connected {
        /// [`VERSION`].
        version: u32,
        /// Which program it runs, for whoever looks after it.
        software: String,
    },
    /// How it is: after `connected`, and whenever that changes.
    Health(Health),
    /// A conversation begins.
    Start {
        /// The stream, with a number that no earlier one of this link had.
        stream_sid: StreamNumber,
        /// How it is.
        start: Start,
    },
    /// Sound that was heard.
    Media {
        /// The stream.
        stream_sid: StreamNumber,
        /// The sound.
        media: HeardMedia,
    },
    /// The wake word was heard again, within a conversation: what was being said was dropped by the device.
    Wake {
        /// The stream.
        stream_sid: StreamNumber,
        /// What was heard.
        wake: Wake,
    },
    /// Everything before this mark was played, or dropped.
    Mark {
        /// The stream.
        stream_sid: StreamNumber,
        /// The mark.
        mark: Mark,
    },
    /// The conversation is over.
    Stop {
        /// The stream.
        stream_sid: StreamNumber,
    },
    /// A timer rings in the room.
    Rings {
        /// The timer.
        timer: ReminderId,
    },
    /// Somebody there made a timer stop ringing.
    Stopped {
        /// The timer.
        timer: ReminderId,
    },
}

/// What the hub says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromHub {
    /// The device is known: the answer to `connected`.
    Welcome {
        /// [`VERSION`].
        version: u32,
        /// Which room it is in.
        name: String,
    },
    /// Sound to be played.
    Media {
        /// The stream.
        stream_sid: StreamNumber,
        /// The sound.
        media: PlayedMedia,
    },
    /// To be sent back once everything before it was played.
    Mark {
        /// The stream.
        stream_sid: StreamNumber,
        /// The mark.
        mark: Mark,
    },
    /// What was not played is to be dropped.
    Clear {
        /// The stream.
        stream_sid: StreamNumber,
    },
    /// What the hub does just now, for the lights.
    Doing {
        /// The stream.
        stream_sid: StreamNumber,
        /// What.
        doing: Doing,
    },
    /// The conversation is over once everything was played that came before.
    Stop {
        /// The stream.
        stream_sid: StreamNumber,
        /// Why.
        stop: Stop,
    },
    /// All timers that are to ring in this room: it rings them by itself, also while the hub is away. Those that ring are
    /// among them until somebody has seen to them; what is not rings no more.
    Timers {
        /// What time it is for the hub.
        now: DateTime<Utc>,
        /// The timers, the next one first.
        timers: Vec<RoomTimer>,
    },
}

/// How a stream is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// How sound travels on it.
    pub media_format: MediaFormat,
    /// Whether sound is sent in binary messages, both ways.
    pub binary: bool,
    /// How much of the sound that follows lies before the end of the wake word, in milliseconds.
    pub pre_roll_ms: u32,
    /// What the device was woken by; absent where a button was pressed.
    pub wake: Option<Wake>,
}

/// Sound that was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardMedia {
    /// Where it begins, in milliseconds of the stream and written as text; its pre-roll comes first.
    pub timestamp: String,
    /// Base64 of the sound.
    pub payload: String,
}

/// Sound to be played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayedMedia {
    /// Base64 of the sound.
    pub payload: String,
}

/// A place in what is played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What it is called.
    pub name: String,
}

/// The end of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Why the hub ends it.
    pub reason: StopReason,
}

/// How a device is. Its names are those of REST, which shows it too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Whether its microphones are muted.
    pub is_muted: bool,
    /// Whether it hears and can be heard.
    pub sound: SoundHealth,
}

/// Whether a device hears and can be heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SoundHealth {
    /// Sound goes both ways.
    Running,
    /// The sound device is gone, and looked for.
    Lost {
        /// What it said last.
        why: String,
    },
    /// It runs, and the microphones give nothing at all.
    Silent,
}

/// How sound travels, as a media stream writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaFormat {
    /// `audio/l16`: 16-bit linear PCM.
    pub encoding: String,
    /// Samples a second.
    pub sample_rate: u32,
    /// How many channels.
    pub channels: u32,
    /// Which byte of a sample comes first.
    pub byte_order: ByteOrder,
}

/// Which byte of a sample comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ByteOrder {
    /// The lower one.
    Little,
    /// The higher one, as RFC 2586 has it.
    Big,
}

impl MediaFormat {
    /// What is spoken here: 16-bit linear, the lower byte first.
    pub fn linear() -> Self {
        Self { encoding: "audio/l16".to_owned(), sample_rate: RATE_HZ, channels: 1, byte_order: ByteOrder::Little }
    }
}

/// A wake word that was heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wake {
    /// The phrase.
    pub phrase: String,
    /// How sure the detector is: 0 to 1. Of several devices that heard it, the surest answers.
    pub score: f32,
}

/// What the hub does just now in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Doing {
    /// It hears somebody.
    Hearing,
    /// It has heard a whole turn, and considers the answer.
    Thinking,
}

/// Why the hub ends a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StopReason {
    /// Everything was said.
    Finished,
    /// Nobody meant the Boss: what was said does not begin with the phrase.
    NotMeant,
    /// Another device heard it better, and answers.
    Another,
    /// It cannot be talked just now.
    Failed,
}

/// A timer that is to ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomTimer {
    /// The timer.
    pub id: ReminderId,
    /// When it rings.
    pub due_at: DateTime<Utc>,
    /// What it is for.
    pub text: String,
}

/// A binary message: sound of a stream. Stream number and place in milliseconds come first, 32 bits each, the lower byte
/// first; the rest is samples of 16 bits in the order that `start` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The stream.
    pub stream: StreamNumber,
    /// Where it begins, in milliseconds of the stream.
    pub at_ms: u32,
    /// The sound.
    pub sound: &'a [u8],
}

/// A binary message that is no [`Frame`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// It is too short to say what it is.
    #[error("a frame of sound has at least 8 bytes")]
    Short,
    /// It ends within a sample.
    #[error("a frame of sound ends within a sample")]
    Odd,
}

impl<'a> Frame<'a> {
    /// Reads a message.
    pub fn read(bytes: &'a [u8]) -> Result<Self, BadFrame> {
        let (stream, rest) = bytes.split_first_chunk().ok_or(BadFrame::Short)?;
        let (at_ms, sound) = rest.split_first_chunk().ok_or(BadFrame::Short)?;
        if sound.len() % 2 != 0 {
            return Err(BadFrame::Odd);
        }
        Ok(Self { stream: StreamNumber(u32::from_le_bytes(*stream)), at_ms: u32::from_le_bytes(*at_ms), sound })
    }

    /// Writes it, to the end of `bytes`.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.stream.0.to_le_bytes());
        bytes.extend_from_slice(&self.at_ms.to_le_bytes());
        bytes.extend_from_slice(self.sound);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn messages_are_written_as_the_protocol_has_them() {
        let start = FromRoom::Start {
            stream_sid: StreamNumber(7),
            start: Start {
                media_format: MediaFormat::linear(),
                binary: true,
                pre_roll_ms: 1_500,
                wake: Some(Wake { phrase: "hey boss".to_owned(), score: 0.5 }),
            },
        };
        let written = json!({ "event": "start", "streamSid": "7", "start": { "binary": true, "preRollMs": 1500,
            "mediaFormat": { "encoding": "audio/l16", "sampleRate": 24000, "channels": 1, "byteOrder": "little" },
            "wake": { "phrase": "hey boss", "score": 0.5 } } });
        assert_eq!(serde_json::to_value(&start).unwrap(), written);
        assert_eq!(serde_json::from_value::<FromRoom>(written).unwrap(), start);
        let lost =
            FromRoom::Health(Health { is_muted: true, sound: SoundHealth::Lost { why: "no such device".to_owned() } });
        let written =
            json!({ "event": "health", "is_muted": true, "sound": { "state": "lost", "why": "no such device" } });
        assert_eq!(serde_json::to_value(&lost).unwrap(), written);
        assert_eq!(serde_json::from_value::<FromRoom>(written).unwrap(), lost);
        let stop = FromHub::Stop { stream_sid: StreamNumber(7), stop: Stop { reason: StopReason::NotMeant } };
        let written = json!({ "event": "stop", "streamSid": "7", "stop": { "reason": "notMeant" } });
        assert_eq!(serde_json::to_value(&stop).unwrap(), written);
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        for text in ["", "{}", r#"{"event":"dance"}"#, r#"{"event":"stop"}"#, r#"{"event":"stop","streamSid":"x"}"#] {
            assert!(serde_json::from_str::<FromRoom>(text).is_err(), "{text}");
        }
        assert_eq!(Frame::read(&[0; 7]), Err(BadFrame::Short));
        assert_eq!(Frame::read(&[0; 9]), Err(BadFrame::Odd));
    }

    proptest! {
        #[test]
        fn frames_are_read_as_they_were_written(stream: u32, at_ms: u32, samples in prop::collection::vec(any::<u16>(), 0..99)) {
            let sound: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
            let frame = Frame { stream: StreamNumber(stream), at_ms, sound: &sound };
            let mut bytes = Vec::new();
            frame.write(&mut bytes);
            prop_assert_eq!(Frame::read(&bytes), Ok(frame));
        }
    }
}
