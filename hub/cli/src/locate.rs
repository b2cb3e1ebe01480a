//! Where things are: the hub's socket, the history of conversations, and what the environment says about colour.
//!
//! The only module that reads the environment. It opens nothing and creates nothing.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The admin socket of an installed hub.
pub const INSTALLED_SOCKET: &str = "/run/xswarm/admin.sock";

/// The admin socket of a hub started by `make run`.
pub const DEVELOPMENT_SOCKET: &str = "./var/admin.sock";

/// The variable that names the socket.
pub const SOCKET_VARIABLE: &str = "XSWARM_SOCKET";

/// Why a socket was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The command line named it.
    Argument,
    /// The environment named it.
    Environment,
    /// The hub is installed.
    Installed,
    /// Nothing better was found.
    Development,
}

/// The hub's socket, and why that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    /// Where it is.
    pub path: PathBuf,
    /// Why that one.
    pub origin: Origin,
}

/// The rule: `--socket`, else `XSWARM_SOCKET` unless empty, else the installed socket if it exists, else `./var`.
pub fn socket_by_rule(argument: Option<&Path>, variable: Option<OsString>, installed: &Path) -> Socket {
    let variable = variable.filter(|value| !value.is_empty()).map(PathBuf::from);
    match (argument, variable) {
        (Some(path), _) => Socket { path: path.to_owned(), origin: Origin::Argument },
        (None, Some(path)) => Socket { path, origin: Origin::Environment },
        // A directory that may not be looked into counts as one that holds the socket: the error then says what to do.
        (None, None) if installed.try_exists().unwrap_or(true) => {
            Socket { path: installed.to_owned(), origin: Origin::Installed }
        }
        (None, None) => Socket { path: PathBuf::from(DEVELOPMENT_SOCKET), origin: Origin::Development },
    }
}

/// The hub's socket for this process.
pub fn socket(argument: Option<&Path>) -> Socket {
    socket_by_rule(argument, variable(SOCKET_VARIABLE), Path::new(INSTALLED_SOCKET))
}

/// The rule for the history of conversations: `$XDG_STATE_HOME` if absolute, else `~/.local/state` (XDG Base Directory
/// Specification); `None` without a home.
pub fn history_by_rule(state_home: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |value: OsString| Some(PathBuf::from(value)).filter(|path| path.is_absolute());
    let base = state_home.and_then(absolute).or_else(|| Some(home.and_then(absolute)?.join(".local/state")))?;
    Some(base.join("xswarm/history"))
}

/// The history of this person's conversations.
pub fn history() -> Option<PathBuf> {
    history_by_rule(variable("XDG_STATE_HOME"), variable("HOME"))
}

/// Whether colour is welcome on a terminal: not with `NO_COLOR` (<https://no-color.org>), not on a dumb one.
pub fn colour_welcome() -> bool {
    let unwanted = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = variable("TERM").is_some_and(|value| value == "dumb");
    !unwanted && !dumb
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_found_in_the_documented_order() {
        let dir = tempfile::tempdir().unwrap();
        let installed = dir.path().join("admin.sock");
        let absent = dir.path().join("absent.sock");
        std::fs::write(&installed, "").unwrap();
        let choose = |argument: Option<&str>, variable: Option<&str>, installed: &Path| {
            let socket = socket_by_rule(argument.map(Path::new), variable.map(OsString::from), installed);
            (socket.path, socket.origin)
        };
        assert_eq!(choose(Some("/a"), Some("/b"), &installed), ("/a".into(), Origin::Argument));
        assert_eq!(choose(None, Some("/b"), &installed), ("/b".into(), Origin::Environment));
        assert_eq!(choose(None, Some(""), &installed), (installed.clone(), Origin::Installed));
        assert_eq!(choose(None, None, &installed), (installed.clone(), Origin::Installed));
        assert_eq!(choose(None, None, &absent), ("./var/admin.sock".into(), Origin::Development));
    }

    #[test]
    fn history_follows_the_base_directories() {
        let find = |state: Option<&str>, home: Option<&str>| {
            history_by_rule(state.map(OsString::from), home.map(OsString::from))
        };
        assert_eq!(find(Some("/s"), Some("/home/anna")), Some("/s/xswarm/history".into()));
        assert_eq!(find(None, Some("/home/anna")), Some("/home/anna/.local/state/xswarm/history".into()));
        assert_eq!(find(Some("relative"), Some("/h")), Some("/h/.local/state/xswarm/history".into()));
        assert_eq!(find(None, None), None);
        assert_eq!(find(None, Some("")), None);
    }
}
