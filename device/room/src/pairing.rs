//! How a device and its hub get to know each other.
//!
//! The code that somebody types names the authority that vouches for the hub, so the first connection is already to the right
//! one: nobody else is sent the secret part. What is kept afterwards is that authority, the address and a token; later
//! connections trust this authority and no other.

mod find;
mod trust;

use std::{fmt, fs, io, path::Path, str::FromStr, sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, StatusCode, body::Bytes, header};
use hyper_util::rt::TokioIo;
use rustls::{
    CertificateError,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use xswarm_core::device::{DeviceCode, PairDevice, PairedDevice};

pub use self::find::{elsewhere, find};
use self::trust::{NamedByCode, trusting};
use crate::files;

/// The port of a hub where none is named.
const PORT: u16 = 9_443;

/// What the certificate of every hub is for, wherever it is reached.
pub const HUB_NAME: &str = "xswarm.local";

const FILE: &str = "pairing.json";

/// Written and removed to see whether it can be.
const PROBE: &str = "pairing.probe";

/// So long a hub may take for each step.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer to a pairing.
const ANSWER_BYTES: usize = 64 << 10;

/// Where a hub is: a host and a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address {
    /// A name or an IP address, an IPv6 one without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// A text that is no [`Address`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the address of a hub: a name or an IP address, with a port where it is not {PORT}")]
pub struct BadAddress(String);

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadAddress(text.to_owned());
        let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, port) = match bracketed {
            Some((host, "")) => (host, None),
            Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or_else(bad)?)),
            // More than one colon is an IPv6 address.
            None if text.matches(':').count() > 1 => (text, None),
            None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
        };
        let is_host = |character: char| character.is_ascii_alphanumeric() || ".-_:%".contains(character);
        if host.is_empty() || !host.chars().all(is_host) {
            return Err(bad());
        }
        let port = port.map_or(Ok(PORT), |port| port.parse().ok().filter(|port| *port > 0).ok_or_else(bad))?;
        Ok(Self { host: host.to_owned(), port })
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// What a device knows of its hub.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pairing {
    /// Where the hub was.
    pub address: Address,
    /// Which room this device is in.
    pub name: String,
    /// What it shows to be let in.
    pub token: String,
    /// The authority that vouches for the hub: a certificate as PEM (RFC 7468).
    pub authority: String,
}

impl fmt::Debug for Pairing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pairing").field("address", &self.address).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why a device is not paired.
#[derive(Debug, thiserror::Error)]
pub enum PairingError {
    /// Nobody is there.
    #[error(
        "nothing answers at {address} ({cause}): is that the address, with its port, that `xswarm device pair` showed, is the \
         hub on, is this device in the same network, and does [server] secure_listen in the hub's hub.toml let other \
         machines in (\"0.0.0.0:9443\")?"
    )]
    NoAnswer {
        /// Where.
        address: Address,
        /// What the network said.
        cause: io::Error,
    },
    /// Not the hub that the code is of.
    #[error(
        "somebody else answers at {0}, or the code is of another hub: nothing was told to whoever it is. Look at address, port \
         and code again, or get a new code from the hub: xswarm device pair ROOM --for WHO"
    )]
    Foreign(Address),
    /// A clock is wrong.
    #[error(
        "the hub's certificate is not valid at the time that this device's clock shows ({now}): set the clock of this device, \
         or that of the hub, and try again"
    )]
    Clock {
        /// The time here.
        now: String,
    },
    /// A hub that vouches for itself badly.
    #[error(
        "the hub at {address} shows a certificate that is not in order ({cause}): look at `xswarm doctor` on the hub"
    )]
    Certificate {
        /// Where.
        address: Address,
        /// What is wrong.
        cause: rustls::Error,
    },
    /// The code is not good any more.
    #[error(
        "the code is mistyped, was used already or is too old: look at it again, or get a new one from the hub: xswarm device \
         pair ROOM --for WHO"
    )]
    Used,
    /// Any other answer.
    #[error("the hub at {address} does not pair this device; it answers {status}: {words}")]
    Refused {
        /// Where.
        address: Address,
        /// The status.
        status: StatusCode,
        /// What it said.
        words: String,
    },
    /// No hub was found.
    #[error(
        "no hub was found in this network ({0}): is it on, in the same network, and does [server] secure_listen in its \
         hub.toml let other machines in (\"0.0.0.0:9443\")? Otherwise name it: xswarm-room pair ADDRESS CODE"
    )]
    NotFound(String),
    /// What was kept cannot be read.
    #[error("{file} cannot be used ({cause}): pair this device again: xswarm-room pair ADDRESS CODE")]
    Kept {
        /// Which file.
        file: String,
        /// What is wrong.
        cause: String,
    },
    /// It cannot be kept.
    #[error(
        "the pairing cannot be kept in {directory} ({cause}): run this as a user who may write there, or name another \
         place as state_dir in [room] of room.toml; then pair again"
    )]
    NotKept {
        /// Where.
        directory: String,
        /// Why not.
        cause: io::Error,
    },
}

impl Pairing {
    /// What was kept in a state directory, if anything.
    pub fn load(state_dir: &Path) -> Result<Option<Self>, PairingError> {
        let path = state_dir.join(FILE);
        let unusable = |cause: String| PairingError::Kept { file: path.display().to_string(), cause };
        let Some(text) = files::read(&path).map_err(|error| unusable(error.to_string()))? else { return Ok(None) };
        let pairing: Self = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        pairing.connector().map_err(|error| unusable(error.to_string()))?;
        Ok(Some(pairing))
    }

    /// Fails where it cannot be kept: to be known before a code is used up.
    pub fn can_be_kept(state_dir: &Path) -> Result<(), PairingError> {
        let path = state_dir.join(PROBE);
        let tried = files::write(&path, b"").and_then(|()| fs::remove_file(&path));
        tried.map_err(|cause| PairingError::NotKept { directory: state_dir.display().to_string(), cause })
    }

    /// Keeps it there.
    pub fn keep(&self, state_dir: &Path) -> Result<(), PairingError> {
        let path = state_dir.join(FILE);
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        let not_kept = |cause| PairingError::NotKept { directory: state_dir.display().to_string(), cause };
        files::write(&path, &text).map_err(not_kept)
    }

    /// Connects to the hub at this address, and to nobody else.
    pub async fn connect(&self, address: &Address) -> io::Result<TlsStream<TcpStream>> {
        let connector = self.connector().map_err(io::Error::other)?;
        secured(&connector, address).await
    }

    fn connector(&self) -> Result<TlsConnector, rustls::Error> {
        let authority = CertificateDer::from_pem_slice(self.authority.as_bytes())
            .map_err(|error| rustls::Error::General(format!("the kept authority is no certificate: {error}")))?;
        trusting(authority)
    }
}

/// Pairs this device with the hub at an address. Nothing is kept yet.
pub async fn pair(address: &Address, code: &DeviceCode) -> Result<Pairing, PairingError> {
    let named = Arc::new(NamedByCode::new(code.clone()));
    let unable = |cause| PairingError::Certificate { address: address.clone(), cause };
    let connector = named.connector().map_err(unable)?;
    let stream = secured(&connector, address).await.map_err(|error| why(address, &named, error))?;
    let authority = named.authority().ok_or_else(|| PairingError::Foreign(address.clone()))?;
    let paired = ask(address, stream, code).await?;
    Ok(Pairing { address: address.clone(), name: paired.device.name, token: paired.token, authority: pem(&authority) })
}

async fn secured(connector: &TlsConnector, address: &Address) -> io::Result<TlsStream<TcpStream>> {
    let name = HUB_NAME.try_into().map_err(io::Error::other)?;
    let connecting = async {
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
        stream.set_nodelay(true)?;
        connector.connect(name, stream).await
    };
    timeout(PATIENCE, connecting).await.unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into()))
}

fn of_tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

/// Whether a certificate is refused only because of what time it is.
pub fn is_clock(error: &io::Error) -> bool {
    matches!(
        of_tls(error),
        Some(rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
                | CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
        ))
    )
}

fn why(address: &Address, named: &NamedByCode, error: io::Error) -> PairingError {
    let address = address.clone();
    let Some(cause) = of_tls(&error).cloned() else {
        return PairingError::NoAnswer { address, cause: error };
    };
    if named.met_another() {
        return PairingError::Foreign(address);
    }
    if is_clock(&error) {
        return PairingError::Clock { now: crate::clock::now().format("%Y-%m-%d %H:%M UTC").to_string() };
    }
    // Whoever speaks no TLS, or another kind of it, is no hub.
    let is_other = matches!(
        &cause,
        rustls::Error::InvalidMessage(_) | rustls::Error::PeerIncompatible(_) | rustls::Error::AlertReceived(_)
    );
    if is_other { PairingError::Foreign(address) } else { PairingError::Certificate { address, cause } }
}

/// Shows the secret to a hub that was found to be the right one.
async fn ask(address: &Address, stream: TlsStream<TcpStream>, code: &DeviceCode) -> Result<PairedDevice, PairingError> {
    let broken =
        |error: hyper::Error| PairingError::NoAnswer { address: address.clone(), cause: io::Error::other(error) };
    let late = || PairingError::NoAnswer { address: address.clone(), cause: io::ErrorKind::TimedOut.into() };
    let refused = |status: StatusCode, words: String| PairingError::Refused { address: address.clone(), status, words };
    let body = serde_json::to_vec(&PairDevice { code: code.secret().to_owned() }).unwrap_or_default();
    let request = Request::post("/api/devices/pair")
        .header(header::HOST, HUB_NAME)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| refused(StatusCode::BAD_REQUEST, error.to_string()))?;
    let talk = async {
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let answered = async {
            let answer = sender.send_request(request).await.map_err(broken)?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
            let body = body.map_err(|error| refused(status, error.to_string()))?.to_bytes();
            drop(sender);
            Ok((status, body))
        };
        // How the connection ends once the answer is there is of no interest.
        let (answered, _closed) = tokio::join!(answered, connection);
        answered
    };
    let (status, body) = timeout(PATIENCE, talk).await.map_err(|_elapsed| late())??;
    match status {
        StatusCode::OK | StatusCode::CREATED => {
            serde_json::from_slice(&body).map_err(|error| refused(status, error.to_string()))
        }
        StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::GONE => {
            Err(PairingError::Used)
        }
        _ => Err(refused(status, String::from_utf8_lossy(&body).trim().to_owned())),
    }
}

/// A certificate as text (RFC 7468 §5.1).
fn pem(certificate: &[u8]) -> String {
    let letters = BASE64_STANDARD.encode(certificate);
    let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for (at, letter) in letters.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text.push_str("\n-----END CERTIFICATE-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for (text, host, port, written) in [
            ("192.168.1.7", "192.168.1.7", 9_443, "192.168.1.7:9443"),
            ("boss.lan:1234", "boss.lan", 1_234, "boss.lan:1234"),
            ("[fd00::1]:1", "fd00::1", 1, "[fd00::1]:1"),
            ("[fd00::1]", "fd00::1", 9_443, "[fd00::1]:9443"),
            ("fe80::1%eth0", "fe80::1%eth0", 9_443, "[fe80::1%eth0]:9443"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address, Address { host: host.to_owned(), port }, "{text}");
            assert_eq!(address.to_string(), written);
            assert_eq!(written.parse(), Ok(address));
        }
        for text in ["", ":1", "boss:0", "boss:x", "boss:99999", "https://boss", "[::1", "[::1]x", "a b"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_kept_and_damaged_says_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Pairing::load(directory.path()).unwrap(), None);
        for text in ["", "{}", "{\"address\":\"a\",\"name\":\"b\",\"token\":\"c\",\"authority\":\"d\"}"] {
            fs::write(directory.path().join(FILE), text).unwrap();
            let error = Pairing::load(directory.path()).unwrap_err().to_string();
            assert!(error.contains("pair this device again"), "{error}");
        }
    }

    #[test]
    fn where_nothing_can_be_kept_is_known_before_the_code_is_used() {
        let directory = tempfile::tempdir().unwrap();
        let state_dir = directory.path().join("state");
        Pairing::can_be_kept(&state_dir).unwrap();
        assert_eq!(fs::read_dir(&state_dir).unwrap().count(), 0);
        let error = Pairing::can_be_kept(Path::new("/proc/xswarm")).unwrap_err().to_string();
        assert!(error.contains("/proc/xswarm") && error.contains("state_dir"), "{error}");
    }

    #[test]
    fn a_pairing_shows_nothing_secret() {
        let pairing = Pairing {
            address: "boss".parse().unwrap(),
            name: "kitchen".to_owned(),
            token: "secret".to_owned(),
            authority: "x".to_owned(),
        };
        assert!(!format!("{pairing:?}").contains("secret"));
    }
}
