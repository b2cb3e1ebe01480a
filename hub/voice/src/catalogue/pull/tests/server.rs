//! A hub on loopback: serves files with range requests, as Hugging Face's `resolve` does, and misbehaves when told to.

use std::{
    collections::{HashMap, VecDeque},
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// What goes wrong with the next answer that carries a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// So many bytes come, then the connection ends.
    DropAfter(usize),
    /// The content is another.
    WrongBytes,
    /// Both.
    WrongBytesThenDropAfter(usize),
    /// Everything comes, whatever was asked for.
    IgnoresRange,
    /// The file is said to be longer, or shorter, than it is.
    SaysLonger,
    SaysShorter,
}

#[derive(Default)]
struct State {
    files: HashMap<String, Vec<u8>>,
    faults: HashMap<String, VecDeque<Fault>>,
    always: HashMap<String, Fault>,
    requests: Vec<(String, u64)>,
    ended: bool,
}

pub(super) struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(repository: &str, files: impl Iterator<Item = (String, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let files = files.collect();
        let state = Arc::new(Mutex::new(State { files, ..State::default() }));
        let prefix = format!("/{repository}/resolve/main/");
        let thread = std::thread::spawn({
            let state = Arc::clone(&state);
            move || {
                while !state.lock().unwrap().ended {
                    // Whoever leaves in the midst is no fault of the server's.
                    let _ = answer(&listener.accept().unwrap().0, &prefix, &state);
                }
            }
        });
        Self { address, state, thread: Some(thread) }
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next content of this file goes wrong; after the faults before it.
    pub(super) fn fault(&self, name: &str, fault: Fault) {
        self.state.lock().unwrap().faults.entry(name.to_owned()).or_default().push_back(fault);
    }

    /// Every answer about this file goes wrong.
    pub(super) fn fault_always(&self, name: &str, fault: Fault) {
        self.state.lock().unwrap().always.insert(name.to_owned(), fault);
    }

    /// What was asked for: the file's name, and from which byte on.
    pub(super) fn requests(&self) -> Vec<(String, u64)> {
        self.state.lock().unwrap().requests.clone()
    }

    pub(super) fn forget_requests(&self) {
        self.state.lock().unwrap().requests.clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.lock().unwrap().ended = true;
        drop(TcpStream::connect(self.address));
        self.thread.take().unwrap().join().unwrap();
    }
}

fn answer(stream: &TcpStream, prefix: &str, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let Some(request) = lines.next().transpose()? else { return Ok(()) };
    let mut range = None;
    for line in lines {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(asked) = line.strip_prefix("range: bytes=") {
            let (from, to) = asked.split_once('-').unwrap();
            range = Some((from.parse::<usize>().unwrap(), to.parse::<usize>().ok()));
        }
    }
    let path = request.split(' ').nth(1).unwrap();
    let name = path.strip_prefix(prefix).unwrap_or_default();
    let (from, to) = range.unwrap_or((0, None));
    let (content, fault) = {
        let mut state = state.lock().unwrap();
        state.requests.push((name.to_owned(), from as u64));
        // Only what is asked for to its end is content; the rest asks what there is.
        let next = if to.is_none() { state.faults.get_mut(name).and_then(VecDeque::pop_front) } else { None };
        let always = state.always.get(name).copied();
        (state.files.get(name).cloned(), next.or(always))
    };
    let mut stream = stream;
    let Some(content) = content else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    // Large files have a SHA-256, small ones git's own checksum.
    let checksum = if content.len() > 1_000 {
        format!("{:x}", Sha256::digest(&content))
    } else {
        let blob = Sha1::new().chain_update(format!("blob {}\0", content.len()));
        format!("{:x}", blob.chain_update(&content).finalize())
    };
    let said = match fault {
        Some(Fault::SaysLonger) => content.len() + 10,
        Some(Fault::SaysShorter) => content.len() - 10,
        _ => content.len(),
    };
    let from = if fault == Some(Fault::IgnoresRange) { 0 } else { from };
    if from >= content.len() {
        return stream
            .write_all(b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let to = to.map_or(content.len(), |to| (to + 1).min(content.len()));
    let mut body = content[from..to].to_vec();
    if matches!(fault, Some(Fault::WrongBytes | Fault::WrongBytesThenDropAfter(_))) {
        body[0] ^= 1;
    }
    let status = if fault == Some(Fault::IgnoresRange) { "200 OK" } else { "206 Partial Content" };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nContent-Range: bytes {from}-{}/{said}\r\nETag: \"{checksum}\"\r\n\
         X-Repo-Commit: 0123456789012345678901234567890123456789\r\nConnection: close\r\n\r\n",
        body.len(),
        to - 1,
    )?;
    if let Some(Fault::DropAfter(bytes) | Fault::WrongBytesThenDropAfter(bytes)) = fault {
        body.truncate(bytes);
    }
    stream.write_all(&body)
}
