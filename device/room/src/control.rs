//! How the command line reaches a device that runs: a Unix socket, and on it one line of JSON each way.
//!
//! The line is a [`Request`]; the answer is the [`Status`] after it was done, or an error. Who may use it is a matter of the
//! socket's owner and group.

use std::{
    fs, io,
    io::{BufRead as _, Read as _, Write as _},
    os::unix::{
        fs::{FileTypeExt as _, PermissionsExt as _},
        net::UnixStream as StdUnixStream,
    },
    path::Path,
    time::Duration,
};

use async_channel::Sender;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    sync::oneshot,
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::exchange::{Command, Request, Status};

/// The longest request.
const LINE_BYTES: u64 = 4 << 10;

/// The longest answer: one that lists the sound devices of a large machine, too.
const ANSWER_BYTES: u64 = 256 << 10;

/// How many may be connected.
const CONNECTIONS: usize = 16;

const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Ok(Status),
    Error(String),
}

/// Opens the socket, which only its owner and group can use. What a device that is gone has left there is removed.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    match fs::symlink_metadata(path) {
        Ok(left) if left.file_type().is_socket() => {
            if StdUnixStream::connect(path).is_ok() {
                return Err(io::Error::new(io::ErrorKind::AddrInUse, "another xswarm-room runs with this socket"));
            }
            fs::remove_file(path)?;
        }
        Ok(_) | Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
    Ok(listener)
}

/// Serves until it is told to stop.
pub async fn serve(listener: UnixListener, room: Sender<Command>, stop: CancellationToken) {
    let mut served = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Some(_done) = served.join_next() => {}
            connected = listener.accept(), if served.len() < CONNECTIONS => match connected {
                Ok((stream, _address)) => {
                    let room = room.clone();
                    served.spawn(async move {
                        // Whoever asked has gone, or takes too long.
                        let _gone = timeout(PATIENCE, answer(stream, room)).await;
                    });
                }
                Err(error) => log::warn!("the control socket: {error}"),
            }
        }
    }
}

async fn answer(stream: UnixStream, room: Sender<Command>) -> io::Result<()> {
    let (from, mut to) = stream.into_split();
    let mut line = String::new();
    BufReader::new(from).take(LINE_BYTES).read_line(&mut line).await?;
    let answer = match serde_json::from_str(&line) {
        Ok(request) => ask_room(&room, request).await,
        Err(error) => Answer::Error(format!("this is no request: {error}")),
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    to.write_all(&line).await
}

async fn ask_room(room: &Sender<Command>, request: Request) -> Answer {
    let (answer, answered) = oneshot::channel();
    let asked = room.send(Command::Asked { request, answer: Some(answer) }).await;
    match (asked, answered.await) {
        (Ok(()), Ok(status)) => Answer::Ok(status),
        (Ok(()) | Err(_), _) => Answer::Error("the device is just stopping".to_owned()),
    }
}

/// Asks the device that has this socket.
pub fn ask(path: &Path, request: Request) -> anyhow::Result<Status> {
    let connected = StdUnixStream::connect(path).and_then(|stream| {
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    });
    let mut stream = connected.map_err(|error| {
        anyhow::anyhow!(
            "{}: {error}; is the device running (`xswarm-room run`), with the same configuration, and may this user use it?",
            path.display()
        )
    })?;
    let mut line = serde_json::to_vec(&request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut line = String::new();
    io::BufReader::new(stream).take(ANSWER_BYTES).read_line(&mut line)?;
    match serde_json::from_str(&line)? {
        Answer::Ok(status) => Ok(status),
        Answer::Error(words) => anyhow::bail!(words),
    }
}

#[cfg(test)]
mod tests {
    use xswarm_core::room::SoundHealth;

    use super::*;
    use crate::{exchange::HubState, state::Shown};

    fn status(volume: u8) -> Status {
        Status {
            name: "kitchen".to_owned(),
            hub: HubState::Reached,
            doing: Shown::Idle,
            is_muted: false,
            volume,
            sound: SoundHealth::Running,
            phrases: vec!["hey boss".to_owned()],
            timers: 0,
            unkept: None,
        }
    }

    /// A device that does nothing but what it is asked.
    async fn device(commands: async_channel::Receiver<Command>) {
        while let Ok(Command::Asked { request, answer }) = commands.recv().await {
            let volume = if let Request::Volume { percent } = request { percent } else { 1 };
            answer.unwrap().send(status(volume)).unwrap();
        }
    }

    #[tokio::test]
    async fn a_line_is_answered_by_a_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("run/control.sock");
        let listener = listen(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
        let (room, commands) = async_channel::bounded(4);
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, room, stop.clone()));
        tasks.spawn(device(commands));
        let (asked, answered) = oneshot::channel();
        let at = path.clone();
        let client = std::thread::spawn(move || {
            let twice = [ask(&at, Request::Volume { percent: 33 }), ask(&at, Request::Status)];
            let mut raw = StdUnixStream::connect(&at).unwrap();
            raw.write_all(b"dance\n").unwrap();
            let mut words = String::new();
            raw.read_to_string(&mut words).unwrap();
            asked.send((twice, words)).unwrap();
        });
        let ([volume, state], words) = answered.await.unwrap();
        client.join().unwrap();
        assert_eq!((volume.unwrap(), state.unwrap()), (status(33), status(1)));
        assert!(words.contains("error") && words.contains("no request"), "{words}");
        assert_eq!(listen(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        stop.cancel();
        while tasks.join_next().await.is_some() {}
    }

    #[test]
    fn what_was_left_by_a_device_that_is_gone_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("control.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _guard = runtime.enter();
        assert!(listen(&path).is_ok());
        let words = ask(&directory.path().join("none.sock"), Request::Status).unwrap_err().to_string();
        assert!(words.contains("xswarm-room run"), "{words}");
    }
}
