//! The wire format of the Wyoming protocol: a line of JSON, then data, then a payload.
//!
//! `{"type": …, "data": {…}, "data_length": …, "payload_length": …}\n`, then `data_length` bytes of JSON that are merged
//! over `data`, then `payload_length` bytes. Everything is bounded, whatever the lengths claim. Nothing here knows sockets,
//! time, or what the events mean. After an error the stream has no sense any more and must be closed.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Longest line, in bytes.
pub(super) const LINE_MOST: usize = 64 * 1024;

/// Longest data, in bytes. What a server with hundreds of voices says about itself is about 200 KB.
pub(super) const DATA_MOST: usize = 1024 * 1024;

/// Longest payload, in bytes.
pub(super) const PAYLOAD_MOST: usize = 4 * 1024 * 1024;

/// So much is read at once, in bytes.
const READ: usize = 16 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    /// Its type.
    pub(super) kind: String,
    pub(super) data: Map<String, Value>,
    pub(super) payload: Vec<u8>,
}

impl Event {
    /// A text of its data.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.data.get(key).and_then(Value::as_str)
    }
}

/// What is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireError {
    #[error("a line of more than {LINE_MOST} bytes")]
    LineTooLong,
    #[error("a line that is no header of an event ({0})")]
    BadHeader(String),
    #[error("data of {0} bytes; at most {DATA_MOST} are taken")]
    DataTooLong(u64),
    #[error("a payload of {0} bytes; at most {PAYLOAD_MOST} are taken")]
    PayloadTooLong(u64),
    #[error("data that is no JSON object ({0})")]
    BadData(String),
}

#[derive(Debug, Deserialize)]
struct Header {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Option<Map<String, Value>>,
    #[serde(default)]
    data_length: Option<u64>,
    #[serde(default)]
    payload_length: Option<u64>,
}

/// An event whose header has come, and how long the rest of it is.
#[derive(Debug)]
struct Begun {
    event: Event,
    data: usize,
    payload: usize,
}

/// Finds events in a stream of bytes.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    bytes: Vec<u8>,
    /// So many bytes hold no end of a line.
    searched: usize,
    begun: Option<Begun>,
}

impl Decoder {
    /// Where to append what came; it has room. [`Self::next`] must be asked until it has nothing before more is appended.
    pub(super) fn room(&mut self) -> &mut Vec<u8> {
        self.bytes.reserve(READ);
        &mut self.bytes
    }

    /// The next event, once it is complete.
    pub(super) fn next(&mut self) -> Result<Option<Event>, WireError> {
        let begun = match self.begun.take() {
            Some(begun) => begun,
            None => match self.header()? {
                Some(begun) => begun,
                None => return Ok(None),
            },
        };
        if self.bytes.len() < begun.data + begun.payload {
            self.begun = Some(begun);
            return Ok(None);
        }
        let Begun { mut event, data, payload } = begun;
        if data > 0 {
            let bad = |error: serde_json::Error| WireError::BadData(error.to_string());
            let bytes = self.bytes.get(..data).unwrap_or_default();
            let more: Map<String, Value> = serde_json::from_slice(bytes).map_err(bad)?;
            event.data.extend(more);
        }
        event.payload = self.bytes.drain(..data + payload).skip(data).collect();
        Ok(Some(event))
    }

    fn header(&mut self) -> Result<Option<Begun>, WireError> {
        let new = self.bytes.get(self.searched..).unwrap_or_default();
        let Some(length) = new.iter().position(|&byte| byte == b'\n').map(|at| at + self.searched) else {
            self.searched = self.bytes.len();
            return if self.searched > LINE_MOST { Err(WireError::LineTooLong) } else { Ok(None) };
        };
        if length > LINE_MOST {
            return Err(WireError::LineTooLong);
        }
        let line = self.bytes.get(..length).unwrap_or_default();
        let bad = |error: serde_json::Error| WireError::BadHeader(error.to_string());
        let header: Header = serde_json::from_slice(line).map_err(bad)?;
        self.bytes.drain(..=length);
        self.searched = 0;
        let (data, payload) = (header.data_length.unwrap_or(0), header.payload_length.unwrap_or(0));
        Ok(Some(Begun {
            event: Event { kind: header.kind, data: header.data.unwrap_or_default(), payload: Vec::new() },
            data: bounded(data, DATA_MOST).ok_or(WireError::DataTooLong(data))?,
            payload: bounded(payload, PAYLOAD_MOST).ok_or(WireError::PayloadTooLong(payload))?,
        }))
    }
}

fn bounded(length: u64, most: usize) -> Option<usize> {
    usize::try_from(length).ok().filter(|&length| length <= most)
}

/// Appends the bytes of an event. Data goes after the line, as the official library does it.
pub(super) fn encode(kind: &str, data: &Map<String, Value>, payload: &[u8], out: &mut Vec<u8>) {
    let mut header = json!({ "type": kind });
    let data = if data.is_empty() { String::new() } else { Value::Object(data.clone()).to_string() };
    if let Value::Object(header) = &mut header {
        for (name, length) in [("data_length", data.len()), ("payload_length", payload.len())] {
            if length > 0 {
                header.insert(name.to_owned(), length.into());
            }
        }
    }
    out.extend_from_slice(header.to_string().as_bytes());
    out.push(b'\n');
    out.extend_from_slice(data.as_bytes());
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests;
