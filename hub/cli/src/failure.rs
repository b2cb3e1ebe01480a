//! How a command ends: its exit status, and for a failure the words on standard error with the next step.
//!
//! Errors of the client and of the commands come together here; nothing else decides an exit status.

use std::io;

use crate::{
    client::{ClientError, said},
    locate::{Origin, Socket},
};

/// Exit status, as `xswarm --help` documents it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// The hub said no, or something is not in order.
    Failed,
    /// The command line was not understood.
    Usage,
    /// Nobody answers at the hub's socket.
    Unreachable,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
        }
    }
}

/// A failure that is not the hub's.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What was asked for makes no sense as it was said.
    #[error("{what}")]
    Usage {
        /// What was not understood.
        what: String,
        /// What to say instead.
        next: String,
    },
    /// It could not be done.
    #[error("{what}")]
    Failed {
        /// What could not be done, and why.
        what: String,
        /// What to do about it.
        next: String,
    },
}

impl Failure {
    /// What was asked for makes no sense as it was said.
    pub fn usage(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Usage { what: what.into(), next: next.into() }
    }

    /// It could not be done.
    pub fn failed(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), next: next.into() }
    }
}

/// Whether the reader of our output went away, as `head` does. That is their right, and no failure.
pub fn reader_gone(error: &anyhow::Error) -> bool {
    // Only what is an I/O error itself: a connection of ours that broke is wrapped in a `ClientError`.
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The exit status for an error.
pub fn exit_of(error: &anyhow::Error) -> Exit {
    if reader_gone(error) {
        return Exit::Done;
    }
    if let Some(Failure::Usage { .. }) = error.downcast_ref() {
        return Exit::Usage;
    }
    match error.downcast_ref() {
        Some(ClientError::Unreachable { .. }) => Exit::Unreachable,
        Some(ClientError::Refused { .. } | ClientError::Broken { .. }) | None => Exit::Failed,
    }
}

/// What to say about an error on standard error: what happened, then on a line of its own what to do next.
pub fn words(error: &anyhow::Error, socket: &Socket) -> String {
    let (what, next) = match (error.downcast_ref::<ClientError>(), error.downcast_ref::<Failure>()) {
        (Some(ClientError::Unreachable { source, .. }), _) => unreachable_words(source, socket),
        (Some(ClientError::Refused { problem }), _) if problem.status >= 500 => {
            (said(problem), "`xswarm doctor` looks for the cause.".to_owned())
        }
        (Some(ClientError::Refused { problem }), _) => (said(problem), String::new()),
        (Some(ClientError::Broken { .. }), _) => (
            chain(error),
            "Whether it was done is not known: look before you repeat it. Is the hub running? `xswarm status`"
                .to_owned(),
        ),
        (None, Some(Failure::Usage { what, next } | Failure::Failed { what, next })) => (what.clone(), next.clone()),
        (None, None) => (chain(error), String::new()),
    };
    let what = sentence(&what);
    if next.is_empty() { what } else { format!("{what}\n{next}") }
}

/// Why the socket is of no use, and what to do about it.
pub fn unreachable_words(source: &io::Error, socket: &Socket) -> (String, String) {
    let path = socket.path.display();
    let elsewhere = match socket.origin {
        Origin::Argument => "Is --socket right?".to_owned(),
        Origin::Environment => "Is XSWARM_SOCKET right?".to_owned(),
        Origin::Installed | Origin::Development => {
            "If it runs elsewhere, say where: --socket PATH, or XSWARM_SOCKET.".to_owned()
        }
    };
    let start = match socket.origin {
        Origin::Installed => "Start it with `systemctl start xswarm-hub`.",
        Origin::Argument | Origin::Environment | Origin::Development => {
            "Start it with `make run`, or `systemctl start xswarm-hub` where it is installed."
        }
    };
    let kind = source.kind();
    if kind == io::ErrorKind::NotFound {
        (format!("The hub is not running at {path}: there is no such socket."), format!("{start} {elsewhere}"))
    } else if kind == io::ErrorKind::ConnectionRefused {
        (format!("The hub is not running at {path}: nobody listens there."), format!("{start} {elsewhere}"))
    } else if kind == io::ErrorKind::PermissionDenied {
        let next = "Join its group with `sudo usermod -aG xswarm-admin $USER` and log in again, or use sudo.";
        (format!("You may not open the hub's socket {path}."), next.to_owned())
    } else {
        (format!("The hub is not reachable at {path}: {source}."), elsewhere)
    }
}

/// The error and its causes on one line, each said once.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let words = cause.to_string();
        if !text.contains(&words) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&words);
        }
    }
    text
}

/// With a capital at the beginning and a stop at the end.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    // Only a word gets a capital: names of files, commands and settings keep their case.
    let word = text.split_whitespace().next().is_some_and(|first| first.chars().all(char::is_alphabetic));
    let mut sentence = match chars.next() {
        Some(first) if word => first.to_uppercase().chain(chars).collect(),
        Some(_) | None => text.to_owned(),
    };
    if !sentence.ends_with(['.', '!', '?', ':']) && !sentence.is_empty() {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;
    use xswarm_core::admin::Problem;

    fn socket(origin: Origin) -> Socket {
        Socket { path: "./var/admin.sock".into(), origin }
    }

    fn unreachable(kind: io::ErrorKind) -> anyhow::Error {
        ClientError::Unreachable { socket: "./var/admin.sock".into(), source: kind.into() }.into()
    }

    fn refused(status: u16) -> anyhow::Error {
        let detail = "there is no such person".to_owned();
        let problem = Problem { kind: "about:blank".into(), title: String::new(), status, detail, errors: Vec::new() };
        ClientError::Refused { problem }.into()
    }

    #[test]
    fn every_error_has_its_documented_status() {
        let cases = [
            (unreachable(io::ErrorKind::NotFound), 3),
            (refused(404), 1),
            (ClientError::Broken { what: "x".into(), source: "y".into() }.into(), 1),
            (Failure::usage("x", "y").into(), 2),
            (Failure::failed("x", "y").into(), 1),
            (anyhow::anyhow!("x"), 1),
            (io::Error::from(io::ErrorKind::BrokenPipe).into(), 0),
            (io::Error::from(io::ErrorKind::StorageFull).into(), 1),
        ];
        for (error, expected) in cases {
            assert_eq!(exit_of(&error).code(), expected, "{error:?}");
        }
    }

    #[test]
    fn a_broken_connection_is_not_a_reader_who_left() {
        let source = Box::new(io::Error::from(io::ErrorKind::BrokenPipe));
        let error = ClientError::Broken { what: "the hub closed the connection".into(), source }.into();
        assert!(!reader_gone(&error));
        assert!(words(&error, &socket(Origin::Argument)).contains("look before you repeat"));
    }

    #[test]
    fn an_unreachable_hub_comes_with_the_next_step() {
        let text = words(&unreachable(io::ErrorKind::NotFound), &socket(Origin::Development));
        assert!(text.starts_with("The hub is not running at ./var/admin.sock"), "{text}");
        assert!(text.contains("make run") && text.contains("--socket"), "{text}");
        let text = words(&unreachable(io::ErrorKind::ConnectionRefused), &socket(Origin::Installed));
        assert!(text.contains("systemctl start xswarm-hub") && !text.contains("make run"), "{text}");
        let text = words(&unreachable(io::ErrorKind::PermissionDenied), &socket(Origin::Installed));
        assert!(text.contains("xswarm-admin"), "{text}");
        let text = words(&unreachable(io::ErrorKind::InvalidInput), &socket(Origin::Environment));
        assert!(text.contains("XSWARM_SOCKET"), "{text}");
    }

    #[test]
    fn what_the_hub_says_is_said_as_a_sentence() {
        assert_eq!(words(&refused(404), &socket(Origin::Argument)), "There is no such person.");
        assert!(words(&refused(500), &socket(Origin::Argument)).contains("xswarm doctor"));
        assert_eq!(sentence("nobody is called `x`"), "Nobody is called `x`.");
        assert_eq!(sentence("hub.toml: unknown key"), "hub.toml: unknown key.");
        assert_eq!(sentence("Really?"), "Really?");
    }
}
