//! A hub that does what a test says: it shows certificates of an authority of its own, answers pairings, and talks over the link.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::{Response, StatusCode, body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request as Asked, Response as Shaken},
        protocol::CloseFrame,
    },
};
use xswarm_core::{
    device::DeviceCode,
    room::{Frame, FromHub, FromRoom, StreamNumber, TAKEN, VERSION},
};

use xswarm_room::pairing::Pairing;

/// So long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What the token of every device is here.
pub(crate) const TOKEN: &str = "a-token-of-the-test";

/// An authority, and a certificate for the hub that it vouches for.
pub(crate) struct Identity {
    authority: CertificateDer<'static>,
    authority_pem: String,
    config: Arc<ServerConfig>,
}

impl Identity {
    /// For a hub of this name, good from the beginning of that year.
    pub(crate) fn new(name: &str, from_year: i32) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from_year, 1, 1), date_time_ymd(4_000, 1, 1));
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &authority).unwrap();
        let chain = vec![leaf.der().clone(), authority.der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Self { authority: authority.der().clone(), authority_pem: authority.pem(), config: Arc::new(config) }
    }

    /// What a device keeps that was paired with this hub.
    pub(crate) fn pairing(&self, address: SocketAddr) -> Pairing {
        Pairing {
            address: address.to_string().parse().unwrap(),
            name: "kitchen".to_owned(),
            token: TOKEN.to_owned(),
            authority: self.authority_pem.clone(),
        }
    }

    pub(crate) fn code(&self) -> DeviceCode {
        DeviceCode::new(&self.authority, "ABCD2345".to_owned())
    }
}

pub(crate) struct FakeHub {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl FakeHub {
    pub(crate) async fn start(identity: &Identity) -> Self {
        Self::at(identity, ([127, 0, 0, 1], 0).into()).await
    }

    /// Begins where another one was.
    pub(crate) async fn at(identity: &Identity, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        Self { listener, acceptor: TlsAcceptor::from(Arc::clone(&identity.config)) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// The next connection, which may break before it is one.
    pub(crate) async fn secured(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let (stream, _address) = timeout(PATIENCE, self.listener.accept()).await.expect("nobody connects").unwrap();
        self.acceptor.accept(stream).await
    }

    /// Answers one pairing; what was asked for: the path, and the body.
    pub(crate) async fn answer_pairing(&self, status: StatusCode, answer: serde_json::Value) -> (String, String) {
        let stream = self.secured().await.unwrap();
        let asked = Mutex::new(None);
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            let (asked, answer) = (&asked, answer.to_string());
            async move {
                let path = request.uri().path().to_owned();
                let body = request.into_body().collect().await.unwrap().to_bytes();
                *asked.lock().unwrap() = Some((path, String::from_utf8(body.to_vec()).unwrap()));
                let mut response = Response::new(Full::new(Bytes::from(answer)));
                *response.status_mut() = status;
                Ok::<_, Infallible>(response)
            }
        });
        // A device that has its answer may close however it likes.
        let _closed = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), service).await;
        asked.into_inner().unwrap().expect("nothing was asked")
    }

    /// The next link, welcomed: `connected` and the health that follows were heard.
    pub(crate) async fn welcome(&self) -> HubLink {
        let mut link = self.link(None).await.expect("a link");
        let connected = link.said().await;
        assert!(matches!(connected, FromRoom::Connected { version: VERSION, .. }), "{connected:?}");
        link.say(&FromHub::Welcome { version: VERSION, name: "kitchen".to_owned() }).await;
        let health = link.said().await;
        assert!(matches!(health, FromRoom::Health(_)), "{health:?}");
        link
    }

    /// Refuses the next link.
    pub(crate) async fn refuse(&self) {
        assert!(self.link(Some(StatusCode::UNAUTHORIZED)).await.is_none());
    }

    #[expect(clippy::result_large_err, reason = "so the handshake has it")]
    async fn link(&self, refusal: Option<StatusCode>) -> Option<HubLink> {
        let stream = self.secured().await.unwrap();
        let check = |asked: &Asked, shaken: Shaken| {
            assert_eq!(asked.uri().path(), "/room/stream");
            assert_eq!(asked.headers()["authorization"], format!("Bearer {TOKEN}"));
            match refusal {
                Some(status) => {
                    let mut refused = ErrorResponse::new(None);
                    *refused.status_mut() = status;
                    Err(refused)
                }
                None => Ok(shaken),
            }
        };
        accept_hdr_async(stream, check).await.ok().map(|socket| HubLink { socket })
    }
}

/// The hub's end of a link.
pub(crate) struct HubLink {
    socket: WebSocketStream<TlsStream<TcpStream>>,
}

/// What a device sent.
#[derive(Debug)]
pub(crate) enum Came {
    Said(FromRoom),
    Sound { stream: StreamNumber, at_ms: u32, samples: Vec<i16> },
}

impl HubLink {
    /// What comes next.
    pub(crate) async fn next(&mut self) -> Came {
        loop {
            let came = timeout(PATIENCE, self.socket.next()).await.expect("the device says nothing");
            match came.expect("the device ended the link").unwrap() {
                Message::Text(text) => return Came::Said(serde_json::from_str(&text).unwrap()),
                Message::Binary(bytes) => {
                    let Frame { stream, at_ms, sound } = Frame::read(&bytes).unwrap();
                    let samples = sound.as_chunks::<2>().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
                    return Came::Sound { stream, at_ms, samples };
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other @ (Message::Close(_) | Message::Frame(_)) => panic!("{other:?}"),
            }
        }
    }

    /// What is said next; sound that comes before it is not looked at.
    pub(crate) async fn said(&mut self) -> FromRoom {
        loop {
            if let Came::Said(said) = self.next().await {
                return said;
            }
        }
    }

    pub(crate) async fn say(&mut self, said: &FromHub) {
        self.socket.send(Message::text(serde_json::to_string(said).unwrap())).await.unwrap();
    }

    /// Ends the link because another device showed the same token.
    pub(crate) async fn gives_way(mut self) {
        let frame = CloseFrame { code: TAKEN.into(), reason: "another".into() };
        self.socket.close(Some(frame)).await.unwrap();
    }

    /// Says a tone of so many milliseconds in a stream.
    pub(crate) async fn tone(&mut self, stream: StreamNumber, ms: usize) {
        let tone = |at: usize| (9_000.0 * (std::f32::consts::TAU * 700.0 * at as f32 / 24_000.0).sin()) as i16;
        let sound: Vec<u8> = (0..ms * 24).flat_map(|at| tone(at).to_le_bytes()).collect();
        let mut bytes = Vec::new();
        Frame { stream, at_ms: 0, sound: &sound }.write(&mut bytes);
        self.socket.send(Message::Binary(bytes.into())).await.unwrap();
    }
}
