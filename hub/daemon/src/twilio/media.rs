//! The messages of a Media Stream, both ways, as Twilio writes them ("Media Streams: WebSocket messages"). A room speaks the
//! same protocol.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;
use xswarm_voice::audio::Format;

/// The longest message that is read, in bytes: a second of sound is 64 KB.
pub(crate) const MESSAGE_BYTES: usize = 128 << 10;

/// A message that no stream has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadMedia {
    /// It is not a message of the protocol.
    #[error("a message is not of the media stream protocol: {0}")]
    Shape(String),
    /// The sound is not base64.
    #[error("the sound of a message is not base64")]
    Base64,
    /// The sound has a format that is not spoken here.
    #[error("sound of the format {0} is not spoken here")]
    Format(String),
}

/// What the far end says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MediaMessage {
    /// The protocol begins.
    Connected,
    /// The stream begins.
    Start {
        /// The stream's id.
        stream: String,
        /// What opens the call.
        token: String,
        /// How sound is sent, both ways.
        format: Format,
    },
    /// Something of a stream that has begun.
    Of {
        /// The stream's id.
        stream: String,
        /// What.
        message: StreamMessage,
    },
}

/// What comes on a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StreamMessage {
    /// Sound.
    Media {
        /// Where it begins, in milliseconds of the stream.
        at_ms: u64,
        /// The sound, in the stream's format.
        sound: Vec<u8>,
    },
    /// A key was pressed.
    Key(char),
    /// Everything before this mark of ours was played, or dropped.
    Mark(String),
    /// This phrase was heard, which wakes a room. No telephone sends it.
    Woken(String),
    /// The stream ends.
    Stop,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum Wire {
    Connected,
    Start { stream_sid: String, start: WireStart },
    Media { stream_sid: String, media: WireMedia },
    Dtmf { stream_sid: String, dtmf: WireKey },
    Mark { stream_sid: String, mark: WireMark },
    Stop { stream_sid: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStart {
    #[serde(default)]
    custom_parameters: WireParameters,
    media_format: WireFormat,
}

#[derive(Deserialize, Default)]
struct WireParameters {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireFormat {
    encoding: String,
    sample_rate: u32,
    channels: u32,
}

#[derive(Deserialize)]
struct WireMedia {
    timestamp: String,
    payload: String,
}

#[derive(Deserialize)]
struct WireKey {
    digit: String,
}

#[derive(Deserialize)]
struct WireMark {
    name: String,
}

impl MediaMessage {
    /// Reads a message.
    pub(crate) fn read(text: &str) -> Result<Self, BadMedia> {
        let wire: Wire = serde_json::from_str(text).map_err(|error| BadMedia::Shape(error.to_string()))?;
        let (stream, message) = match wire {
            Wire::Connected => return Ok(Self::Connected),
            Wire::Start { stream_sid, start } => {
                let WireFormat { encoding, sample_rate, channels } = start.media_format;
                let format = match (encoding.as_str(), sample_rate, channels) {
                    ("audio/x-mulaw", 8_000, 1) => Format::MuLaw,
                    ("audio/l16", 24_000, 1) => Format::Linear,
                    _ => return Err(BadMedia::Format(format!("{encoding}, {sample_rate} Hz, {channels} channels"))),
                };
                return Ok(Self::Start { stream: stream_sid, token: start.custom_parameters.token, format });
            }
            Wire::Media { stream_sid, media } => {
                let at_ms = media.timestamp.parse().map_err(|_not_a_number| {
                    BadMedia::Shape(format!("the timestamp {} is no number", media.timestamp))
                })?;
                let sound = STANDARD.decode(&media.payload).map_err(|_not_base64| BadMedia::Base64)?;
                (stream_sid, StreamMessage::Media { at_ms, sound })
            }
            Wire::Dtmf { stream_sid, dtmf } => match dtmf.digit.as_bytes() {
                [key @ (b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D')] => (stream_sid, StreamMessage::Key(char::from(*key))),
                _ => return Err(BadMedia::Shape("a key has one character".to_owned())),
            },
            Wire::Mark { stream_sid, mark } => (stream_sid, StreamMessage::Mark(mark.name)),
            Wire::Stop { stream_sid } => (stream_sid, StreamMessage::Stop),
        };
        Ok(Self::Of { stream, message })
    }
}

/// Sound to be played.
pub(crate) fn media(stream: &str, sound: &[u8]) -> String {
    json!({ "event": "media", "streamSid": stream, "media": { "payload": STANDARD.encode(sound) } }).to_string()
}

/// A mark, to be sent back once everything before it was played.
pub(crate) fn mark(stream: &str, name: &str) -> String {
    json!({ "event": "mark", "streamSid": stream, "mark": { "name": name } }).to_string()
}

/// Everything that was not played is to be dropped.
pub(crate) fn clear(stream: &str) -> String {
    json!({ "event": "clear", "streamSid": stream }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_twilio_writes_them() {
        let start = r#"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1",
            "tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},
            "customParameters":{"token":"t"}},"streamSid":"MZ1"}"#;
        assert_eq!(
            MediaMessage::read(start).unwrap(),
            MediaMessage::Start { stream: "MZ1".into(), token: "t".into(), format: Format::MuLaw }
        );
        let media = r#"{"event":"media","sequenceNumber":"3","media":{"track":"inbound","chunk":"1","timestamp":"5",
            "payload":"//8="},"streamSid":"MZ1"}"#;
        assert_eq!(
            MediaMessage::read(media).unwrap(),
            MediaMessage::Of {
                stream: "MZ1".into(),
                message: StreamMessage::Media { at_ms: 5, sound: vec![0xFF, 0xFF] }
            }
        );
        let connected = r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#;
        assert_eq!(MediaMessage::read(connected).unwrap(), MediaMessage::Connected);
        for (text, message) in [
            (
                r#"{"event":"dtmf","streamSid":"MZ1","dtmf":{"track":"inbound_track","digit":"1"}}"#,
                StreamMessage::Key('1'),
            ),
            (r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"m"}}"#, StreamMessage::Mark("m".into())),
            (r#"{"event":"stop","streamSid":"MZ1","stop":{"callSid":"CA1"}}"#, StreamMessage::Stop),
        ] {
            assert_eq!(MediaMessage::read(text).unwrap(), MediaMessage::Of { stream: "MZ1".into(), message });
        }
    }

    #[test]
    fn what_no_stream_sends_is_an_error() {
        for text in [
            "",
            "{}",
            r#"{"event":"dance"}"#,
            r#"{"event":"media","streamSid":"MZ1","media":{"timestamp":"x","payload":""}}"#,
            r#"{"event":"media","streamSid":"MZ1","media":{"timestamp":"1","payload":"*"}}"#,
            r#"{"event":"dtmf","streamSid":"MZ1","dtmf":{"digit":"12"}}"#,
            r#"{"event":"stop","stop":{"callSid":"CA1"}}"#,
        ] {
            assert!(MediaMessage::read(text).is_err(), "{text}");
        }
        let opus = r#"{"event":"start","streamSid":"MZ1","start":{"mediaFormat":{"encoding":"audio/opus","sampleRate":48000,
            "channels":2}}}"#;
        assert_eq!(
            MediaMessage::read(opus).unwrap_err().to_string(),
            "sound of the format audio/opus, 48000 Hz, 2 channels is not spoken here"
        );
    }
}
