//! The hub's interface over its admin socket: HTTP/1.1 on a Unix socket, one connection per request.
//!
//! Typed methods for programs, and [`Client::send`] for those who want the hub's JSON unchanged. It does not retry, keeps
//! no state between requests, starts no tasks, and words nothing for people but its errors.

mod error;
mod request;
mod watching;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Response, StatusCode,
    body::{Bytes, Incoming},
};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use tokio::net::UnixStream;
use xswarm_core::admin::Problem;

pub use error::ClientError;
pub(crate) use error::said;
pub use request::Request;
pub use watching::{Watched, Watching};

/// How long an answer may take, unless a request says otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest answer that is read, in bytes.
const ANSWER_BYTES: usize = 256 << 20;

/// A way to one hub.
#[derive(Debug, Clone)]
pub struct Client {
    socket: PathBuf,
}

/// What the hub answered: its JSON, unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document(String);

impl Document {
    /// The JSON as the hub wrote it.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The JSON as a value. [`ClientError::Broken`] when it has another shape, as that of another version may.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_str(&self.0).map_err(|error| {
            ClientError::broken("the hub's answer has another shape than expected; is it of another version?", error)
        })
    }
}

impl Client {
    /// A client for the hub that listens at `socket`. Nothing is opened yet.
    pub fn new(socket: impl Into<PathBuf>) -> Self {
        Self { socket: socket.into() }
    }

    /// Where the hub listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// `GET path`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.send(Request::get(path)).await?.read()
    }

    /// `POST path` with a JSON body.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        self.send(Request::post(path).json(body)?).await?.read()
    }

    /// `PUT path` with a JSON body.
    pub async fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        self.send(Request::put(path).json(body)?).await?.read()
    }

    /// `DELETE path`.
    pub async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.send(Request::delete(path)).await?.read()
    }

    /// Any request; gives the hub's JSON unchanged.
    ///
    /// [`ClientError::Unreachable`] when nobody answers at the socket, [`ClientError::Refused`] for every status from
    /// 400, [`ClientError::Broken`] when the connection ends early, the answer takes too long, or is not understood.
    pub async fn send(&self, request: Request) -> Result<Document, ClientError> {
        let patience = request.patience.unwrap_or(PATIENCE);
        match tokio::time::timeout(patience, self.exchange(request)).await {
            Ok(result) => text(result?).map(Document),
            Err(elapsed) => {
                let what = format!("the hub did not answer within {} s", patience.as_secs());
                Err(ClientError::broken(what, elapsed))
            }
        }
    }

    /// `GET path` for a file: its bytes, as they are.
    pub async fn download(&self, path: &str) -> Result<Bytes, ClientError> {
        match tokio::time::timeout(PATIENCE, self.exchange(Request::get(path))).await {
            Ok(result) => result,
            Err(elapsed) => {
                Err(ClientError::broken(format!("the hub did not answer within {} s", PATIENCE.as_secs()), elapsed))
            }
        }
    }

    async fn exchange(&self, request: Request) -> Result<Bytes, ClientError> {
        let stream = UnixStream::connect(&self.socket)
            .await
            .map_err(|source| ClientError::Unreachable { socket: self.socket.clone(), source })?;
        let early =
            |error: hyper::Error| ClientError::broken("the hub closed the connection before it answered", error);
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await.map_err(early)?;
        let request = request.into_http()?;
        let exchange = async move {
            let response = sender.send_request(request).await.map_err(early)?;
            read(response).await
            // The sender is dropped here, which ends the connection.
        };
        // The connection must be driven for the exchange to get on; its own end says nothing new.
        let (answer, _) = tokio::join!(exchange, connection);
        answer
    }
}

fn text(body: Bytes) -> Result<String, ClientError> {
    String::from_utf8(body.into())
        .map_err(|error| ClientError::broken("the hub's answer is not text; is something else listening there?", error))
}

async fn read(response: Response<Incoming>) -> Result<Bytes, ClientError> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, ANSWER_BYTES)
        .collect()
        .await
        .map_err(|source| ClientError::Broken { what: "the hub's answer ended early".to_owned(), source })?
        .to_bytes();
    if head.status.is_success() { Ok(body) } else { Err(refused(head.status, &text(body)?)) }
}

/// Problem details as the hub sent them, or made from whatever it sent instead.
fn refused(status: StatusCode, text: &str) -> ClientError {
    let problem = serde_json::from_str(text).unwrap_or_else(|_| Problem {
        kind: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or("Refused").to_owned(),
        status: status.as_u16(),
        detail: if text.trim().is_empty() {
            format!("the hub answered {status}; is it of another version?")
        } else {
            text.chars().take(500).collect()
        },
        errors: Vec::new(),
    });
    ClientError::Refused { problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_is_not_problem_details_is_made_into_some() {
        let detail = |status, text: &str| match refused(status, text) {
            ClientError::Refused { problem } => (problem.status, problem.title, problem.detail),
            error @ (ClientError::Unreachable { .. } | ClientError::Broken { .. }) => panic!("{error:?}"),
        };
        let own = r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"it is on its way"}"#;
        assert_eq!(detail(StatusCode::CONFLICT, own), (409, "Conflict".into(), "it is on its way".into()));
        assert_eq!(detail(StatusCode::BAD_GATEWAY, "gone"), (502, "Bad Gateway".into(), "gone".into()));
        assert!(detail(StatusCode::NOT_FOUND, "").2.contains("404"));
    }

    #[test]
    fn a_document_of_another_shape_is_broken_and_says_so() {
        let document = Document(r#"{"users":7}"#.to_owned());
        assert_eq!(document.text(), r#"{"users":7}"#);
        let error = document.read::<Problem>().unwrap_err();
        assert!(matches!(error, ClientError::Broken { .. }));
        assert!(error.to_string().contains("another version"), "{error}");
    }

    #[tokio::test]
    async fn nobody_at_the_socket_is_unreachable() {
        let dir = tempfile::tempdir().unwrap();
        let client = Client::new(dir.path().join("absent.sock"));
        let error = client.get::<Problem>("/api/status").await.unwrap_err();
        assert!(
            matches!(&error, ClientError::Unreachable { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
        );
        assert!(error.to_string().contains("absent.sock"));
    }
}
