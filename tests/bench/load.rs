//! A load generator: keep-alive HTTP/1.1 connections that post signed webhooks and note how long each answer took.
//!
//! Written on bare sockets so that it costs as little as possible of the two processors it shares with the hub. Closed
//! loop (each connection posts as fast as it is answered) or open loop (requests begin on a schedule, and waiting for a
//! free connection counts as latency, so that a stall is not hidden by the generator waiting for it).

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// What a run is made of.
#[derive(Clone)]
pub(crate) struct Load {
    /// The public listener.
    pub(crate) address: SocketAddr,
    /// What signatures are made over.
    pub(crate) public_url: String,
    /// The auth token.
    pub(crate) token: String,
    /// Who writes; connections take turns.
    pub(crate) senders: Vec<String>,
    /// Our number.
    pub(crate) number: String,
    /// How many connections.
    pub(crate) connections: usize,
    /// How long.
    pub(crate) length: Duration,
    /// Requests a second over all connections; as many as possible when absent.
    pub(crate) rate: Option<f64>,
}

/// What came of it.
pub(crate) struct Outcome {
    /// Requests answered 200.
    pub(crate) accepted: u64,
    /// Anything else.
    pub(crate) refused: u64,
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// Every latency, sorted, in microseconds.
    pub(crate) latencies_us: Vec<u32>,
}

impl Outcome {
    /// Accepted per second.
    pub(crate) fn per_second(&self) -> f64 {
        self.accepted as f64 / self.elapsed.as_secs_f64()
    }

    /// A latency quantile in milliseconds.
    pub(crate) fn quantile_ms(&self, quantile: f64) -> f64 {
        let last = self.latencies_us.len().saturating_sub(1);
        f64::from(self.latencies_us[(last as f64 * quantile).round() as usize]) / 1_000.0
    }
}

/// Runs a load to its end.
pub(crate) async fn run(load: Load) -> Outcome {
    let numbers = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for index in 0..load.connections {
        tasks.spawn(connection(load.clone(), index, Arc::clone(&numbers), began));
    }
    let mut outcome = Outcome { accepted: 0, refused: 0, elapsed: Duration::ZERO, latencies_us: Vec::new() };
    while let Some(done) = tasks.join_next().await {
        let (latencies, refused) = done.unwrap();
        outcome.accepted += latencies.len() as u64;
        outcome.refused += refused;
        outcome.latencies_us.extend(latencies);
    }
    outcome.elapsed = began.elapsed();
    outcome.latencies_us.sort_unstable();
    outcome
}

async fn connection(load: Load, index: usize, numbers: Arc<AtomicU64>, began: Instant) -> (Vec<u32>, u64) {
    let mut stream = TcpStream::connect(load.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let signer: Hmac<Sha1> = Hmac::new_from_slice(load.token.as_bytes()).unwrap();
    let sender = &load.senders[index % load.senders.len()];
    let (mut latencies, mut refused) = (Vec::with_capacity(4_096), 0);
    let mut answer = vec![0_u8; 4_096];
    loop {
        let begin = match load.rate {
            None => Instant::now(),
            Some(rate) => {
                let turn = numbers.fetch_add(1, Ordering::Relaxed);
                let begin = began + Duration::from_secs_f64(turn as f64 / rate);
                tokio::time::sleep_until(begin.into()).await;
                begin
            }
        };
        if begin - began >= load.length {
            return (latencies, refused);
        }
        let request = request(&load, &signer, sender);
        stream.write_all(&request).await.unwrap();
        let good = read_answer(&mut stream, &mut answer).await;
        if good {
            latencies.push(u32::try_from(begin.elapsed().as_micros()).unwrap_or(u32::MAX));
        } else {
            refused += 1;
        }
    }
}

/// One whole request: a message id of its own, signed.
fn request(load: &Load, signer: &Hmac<Sha1>, sender: &str) -> Vec<u8> {
    let sid = format!("SM{}", uuid::Uuid::now_v7().simple());
    let fields = [
        ("AccountSid", "AC00000000000000000000000000000000"),
        ("Body", "What is on my calendar today?"),
        ("From", sender),
        ("MessageSid", &sid),
        ("NumMedia", "0"),
        ("To", &load.number),
    ];
    let mut mac = signer.clone();
    mac.update(load.public_url.as_bytes());
    mac.update(b"/sms/inbound");
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(256));
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
        form.append_pair(name, value);
    }
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let body = form.finish();
    format!(
        "POST /sms/inbound HTTP/1.1\r\nHost: boss\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n\
         X-Twilio-Signature: {signature}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Reads one answer; true when it is 200. The hub's answers have a length and fit the buffer.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> bool {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.unwrap();
        assert!(read > 0, "the hub closed a connection");
        filled += read;
        let text = &buffer[..filled];
        let Some(end) = text.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&text[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap_or("0");
        if filled >= end + 4 + length.trim().parse::<usize>().unwrap() {
            return head.starts_with("http/1.1 200");
        }
    }
}
