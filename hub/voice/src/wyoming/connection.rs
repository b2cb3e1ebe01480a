//! A connection to a voice server: whose it is, what may go wrong with it, and when another attempt makes sense.
//!
//! It serves one request, for some servers close it after each. It does not know what the events mean.

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Map, Value};
use tokio::{io::Interest, net::TcpStream, time::timeout};

use super::{
    info::Program,
    wire::{self, Decoder, Event},
};
use crate::EngineError;

/// How long servers may take, and how often they are tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// To take a connection, and to say what they are.
    pub(super) greeting: Duration,
    /// To answer, once they were told everything.
    pub(super) answer: Duration,
    /// To transcribe what was said so far; later it is of no use.
    pub(super) partial: Duration,
    /// Attempts at one request.
    pub(super) attempts: u32,
    /// The pause after the first attempt; each further one is twice as long.
    pub(super) pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            greeting: Duration::from_secs(3),
            answer: Duration::from_secs(15),
            partial: Duration::from_secs(3),
            attempts: 4,
            pause: Duration::from_millis(200),
        }
    }
}

/// What a server is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// Speech to text.
    Stt,
    /// Text to speech.
    Tts,
}

impl Service {
    /// In words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Stt => "speech-to-text",
            Self::Tts => "text-to-speech",
        }
    }

    /// The key of its address in the configuration.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Stt => "stt_url",
            Self::Tts => "tts_url",
        }
    }
}

/// A server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) service: Service,
    /// Host and port.
    pub(super) address: String,
    pub(super) limits: Limits,
    /// What it said that it is, until it fails.
    known: Mutex<Option<Arc<Program>>>,
}

/// Why a request came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It takes no connection.
    Away(String),
    /// It closed the connection before it had answered.
    Closed(String),
    /// It did not answer in time.
    Slow(String),
    /// It answered what makes no sense, or an error.
    Wrong(String),
}

impl Fault {
    /// Whether another attempt may end better.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Away(_) | Self::Closed(_) => true,
            Self::Slow(_) | Self::Wrong(_) => false,
        }
    }
}

impl From<Fault> for EngineError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Away(why) => Self::Unavailable(why),
            Fault::Closed(why) | Fault::Slow(why) | Fault::Wrong(why) => Self::Died(why),
        }
    }
}

impl Server {
    pub(super) fn new(service: Service, address: &str, limits: Limits) -> Self {
        let address = address.strip_prefix("tcp://").unwrap_or(address).trim_end_matches('/').to_owned();
        Self { service, address, limits, known: Mutex::new(None) }
    }

    /// `the speech-to-text server at 127.0.0.1:10300`.
    pub(super) fn name(&self) -> String {
        format!("the {} server at {}", self.service.name(), self.address)
    }

    pub(super) fn wrong(&self, what: impl std::fmt::Display) -> Fault {
        Fault::Wrong(format!("{} sent {what}", self.name()))
    }

    pub(super) fn slow(&self, within: Duration) -> Fault {
        Fault::Slow(format!("{} has not answered within {} ms", self.name(), within.as_millis()))
    }

    pub(super) fn closed(&self, why: impl std::fmt::Display) -> Fault {
        Fault::Closed(format!("{} closed the connection before it had answered ({why})", self.name()))
    }

    fn away(&self, why: impl std::fmt::Display) -> Fault {
        let key = self.service.key();
        Fault::Away(format!("{} cannot be reached ({why}); start it, or correct `{key}` in [voice]", self.name()))
    }

    pub(super) fn known(&self) -> Option<Arc<Program>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn know(&self, program: Option<Arc<Program>>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = program;
    }

    /// The event of an answer; an error that the server tells is one.
    pub(super) fn answer(&self, event: Event) -> Result<Event, Fault> {
        if event.kind != "error" {
            return Ok(event);
        }
        let text: String = event.text("text").unwrap_or("it does not say which").chars().take(300).collect();
        Err(self.wrong(format_args!("an error: {text}")))
    }
}

/// A connection. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Connection<'a> {
    server: &'a Server,
    stream: TcpStream,
    decoder: Decoder,
    /// What is still to be sent, and how much of it was.
    out: Vec<u8>,
    sent: usize,
}

impl<'a> Connection<'a> {
    pub(super) async fn open(server: &'a Server) -> Result<Self, Fault> {
        let within = server.limits.greeting;
        let stream = timeout(within, TcpStream::connect(&server.address))
            .await
            .map_err(|_late| server.away(format_args!("no answer within {} ms", within.as_millis())))?
            .map_err(|error| server.away(error))?;
        // Small events must not wait for each other; without this they are only slower.
        stream.set_nodelay(true).unwrap_or_default();
        Ok(Self { server, stream, decoder: Decoder::default(), out: Vec::new(), sent: 0 })
    }

    /// Has an event sent, by the next [`Self::next`]. Callers put no more than one utterance.
    pub(super) fn put(&mut self, kind: &str, data: &Map<String, Value>, payload: &[u8]) {
        self.out.drain(..self.sent);
        self.sent = 0;
        wire::encode(kind, data, payload, &mut self.out);
    }

    /// The next event; sends meanwhile. Nothing is lost when it is dropped halfway.
    pub(super) async fn next(&mut self) -> Result<Event, Fault> {
        loop {
            // A server that floods must not keep this task from looking at anything else.
            tokio::task::consume_budget().await;
            if let Some(event) = self.decoder.next().map_err(|error| self.server.wrong(error))? {
                return self.server.answer(event);
            }
            let unsent = self.out.get(self.sent..).unwrap_or_default();
            let interest = if unsent.is_empty() { Interest::READABLE } else { Interest::READABLE | Interest::WRITABLE };
            let ready = self.stream.ready(interest).await.map_err(|error| self.server.closed(error))?;
            // Reading comes first: a server that closes may have said why.
            if ready.is_readable() {
                match self.stream.try_read_buf(self.decoder.room()) {
                    Ok(0) => return Err(self.server.closed("end of the stream")),
                    Ok(_) => continue,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => return Err(self.server.closed(error)),
                }
            }
            if ready.is_writable() {
                match self.stream.try_write(unsent) {
                    Ok(sent) => self.sent += sent,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => return Err(self.server.closed(error)),
                }
            }
        }
    }
}

/// When to try again: bounded, and not all at the same moment.
#[derive(Debug)]
pub(super) struct Backoff {
    left: u32,
    pause: Duration,
}

impl Backoff {
    pub(super) fn new(limits: Limits) -> Self {
        Self { left: limits.attempts.saturating_sub(1), pause: limits.pause }
    }

    /// Waits, if another attempt makes sense after this fault; otherwise gives it back.
    pub(super) async fn wait(&mut self, fault: Fault) -> Result<(), Fault> {
        if !fault.may_pass() || self.left == 0 {
            return Err(fault);
        }
        self.left -= 1;
        log::debug!("another attempt after {:?}: {fault:?}", self.pause);
        tokio::time::sleep(self.pause.mul_f64(0.5 + fastrand::f64())).await;
        self.pause *= 2;
        Ok(())
    }
}
