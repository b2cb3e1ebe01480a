//! What Hugging Face does when models are fetched: answers `resolve/main` with a file, or the rest of it, its length and its
//! checksum (SHA-256 of a large file, git's SHA-1 of a small one). The files are small and mean nothing.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{
        StatusCode,
        header::{CONTENT_RANGE, ETAG, RANGE},
    },
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::JoinHandle};
use xswarm_voice::catalogue::ModelFile;

/// From this length on a file is a large one.
const LARGE_BYTES: usize = 1_000;

/// What goes wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// So many bytes come, then no more, and the connection stays.
    StallsAfter(usize),
    /// The content is another than its checksum says.
    WrongBytes,
}

#[derive(Default)]
struct Shelf {
    files: HashMap<String, Bytes>,
    faults: HashMap<String, Fault>,
    asked: Vec<(String, usize)>,
}

/// A server on loopback that goes when it is dropped.
pub struct ModelHub {
    address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
    task: JoinHandle<()>,
}

impl ModelHub {
    /// One that has these files, each with some content of its own.
    pub async fn start(files: impl IntoIterator<Item = ModelFile>) -> Self {
        let mut random = fastrand::Rng::with_seed(1);
        let mut content = |file: ModelFile| {
            let length = if file.name.ends_with("safetensors") { 200_000 } else { 500 };
            let bytes: Bytes = (0..length).map(|_| random.u8(..)).collect();
            (path(&file), bytes)
        };
        let files = files.into_iter().map(&mut content).collect();
        let shelf = Arc::new(Mutex::new(Shelf { files, ..Shelf::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let router = Router::new().fallback(resolve).with_state(Arc::clone(&shelf));
        #[expect(clippy::disallowed_methods, reason = "a fake server's life is that of its value")]
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { address, shelf, task }
    }

    /// Where it is.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on this file goes wrong, or right again.
    pub fn fault(&self, name: &str, fault: Option<Fault>) {
        let mut shelf = self.shelf();
        match fault {
            Some(fault) => shelf.faults.insert(name.to_owned(), fault),
            None => shelf.faults.remove(name),
        };
    }

    /// A file is another from now on.
    pub fn put(&self, file: &ModelFile, content: Vec<u8>) {
        self.shelf().files.insert(path(file), content.into());
    }

    /// What a file holds, by the end of its path.
    pub fn content(&self, name: &str) -> Bytes {
        let shelf = self.shelf();
        let found = shelf.files.iter().find(|(path, _)| path.ends_with(name));
        found.unwrap_or_else(|| panic!("there is no {name}")).1.clone()
    }

    /// What was asked for since the last time: a path, and from which byte on.
    pub fn take_asked(&self) -> Vec<(String, usize)> {
        std::mem::take(&mut self.shelf().asked)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().expect("nothing panics there")
    }
}

impl Drop for ModelHub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn path(file: &ModelFile) -> String {
    format!("/{}/resolve/main/{}", file.repository, file.name)
}

async fn resolve(State(shelf): State<Arc<Mutex<Shelf>>>, request: Request) -> Response {
    let path = request.uri().path().replace("%40", "@");
    let range = request.headers().get(RANGE).and_then(|range| range.to_str().ok()?.strip_prefix("bytes="));
    let (from, to) = range.and_then(|range| range.split_once('-')).unwrap_or(("0", ""));
    let from: usize = from.parse().expect("a range");
    let (content, fault) = {
        let mut shelf = shelf.lock().expect("nothing panics there");
        shelf.asked.push((path.clone(), from));
        let fault = shelf.faults.iter().find(|(name, _)| path.ends_with(*name)).map(|(_, fault)| *fault);
        (shelf.files.get(&path).cloned(), fault)
    };
    let Some(content) = content else { return StatusCode::NOT_FOUND.into_response() };
    if from >= content.len() {
        return StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    }
    let end = to.parse().map_or(content.len(), |to: usize| (to + 1).min(content.len()));
    let mut part = content.slice(from..end);
    // Who asks for one byte asks only what there is.
    let body = match fault.filter(|_| to.is_empty()) {
        Some(Fault::StallsAfter(bytes)) => {
            let first = part.slice(..bytes.min(part.len()));
            Body::from_stream(stream::iter([Ok::<_, std::io::Error>(first)]).chain(stream::pending()))
        }
        Some(Fault::WrongBytes) => {
            let mut wrong = part.to_vec();
            wrong[0] ^= 1;
            part = wrong.into();
            Body::from(part)
        }
        None => Body::from(part),
    };
    let checksum = if content.len() < LARGE_BYTES {
        let blob = Sha1::new().chain_update(format!("blob {}\0", content.len())).chain_update(&content);
        format!("{:x}", blob.finalize())
    } else {
        format!("{:x}", Sha256::digest(&content))
    };
    Response::builder()
        .status(StatusCode::PARTIAL_CONTENT)
        .header(ETAG, format!("\"{checksum}\""))
        .header(CONTENT_RANGE, format!("bytes {from}-{}/{}", end - 1, content.len()))
        .header("x-repo-commit", "0123456789012345678901234567890123456789")
        .body(body)
        .expect("an answer")
}
