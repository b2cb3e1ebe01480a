//! `xswarm doctor`: what is wrong, and what to do about it. First the way to the hub, then what the hub checks itself.

use std::{io, os::unix::fs::FileTypeExt, time::Duration};

use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthStr;
use xswarm_core::admin::{Check, CheckOutcome, Status};

use crate::{
    client::{Client, ClientError, Document, Request},
    failure::{Exit, unreachable_words},
    locate::{Origin, Socket},
    screen::{Screen, Tone, one_line},
};

/// The hub asks the provider, and reads its whole database.
const CHECKING: Duration = Duration::from_mins(3);

/// `GET /api/doctor`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Checks {
    /// What was checked.
    pub(crate) checks: Vec<Check>,
}

/// What came of trying to reach the hub.
enum Way {
    /// It answered.
    Open(Document),
    /// It did not, or not with checks: the exit status says which.
    Closed(Exit),
}

pub(super) async fn doctor(hub: &Client, socket: &Socket, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let mut checks = Vec::new();
    let way = way(hub, socket, &mut checks).await;
    let (document, mut exit) = match way {
        Way::Open(document) => (Some(document), Exit::Done),
        Way::Closed(exit) => (None, exit),
    };
    if let Some(document) = &document {
        checks.extend(document.read::<Checks>()?.checks);
    }
    if exit == Exit::Done && checks.iter().any(|check| check.outcome == CheckOutcome::Failed) {
        exit = Exit::Failed;
    }
    if screen.json() {
        match document {
            Some(document) => screen.line(document.text())?,
            // Without an answer, what was found on the way, in the same shape.
            None => screen.line(&serde_json::to_string(&Checks { checks })?)?,
        }
        return Ok(exit);
    }
    write(&checks, screen)?;
    Ok(exit)
}

/// Checks the way to the hub.
async fn way(hub: &Client, socket: &Socket, checks: &mut Vec<Check>) -> Way {
    let path = socket.path.display();
    let why = match socket.origin {
        Origin::Argument => "as --socket says",
        Origin::Environment => "as XSWARM_SOCKET says",
        Origin::Installed => "the installed hub's",
        Origin::Development => "nothing is installed and nothing else was said",
    };
    let found = format!("{path} ({why})");
    match std::fs::symlink_metadata(&socket.path).and_then(|_| std::fs::metadata(&socket.path)) {
        Ok(metadata) if metadata.file_type().is_socket() => checks.push(passed("socket", found)),
        Ok(_) => {
            let fix = "say where the hub's socket is: --socket PATH, or XSWARM_SOCKET";
            checks.push(failed("socket", format!("{path} is not a socket"), fix));
            return Way::Closed(Exit::Unreachable);
        }
        Err(error) => {
            checks.push(unreachable_check("socket", &error, socket));
            return Way::Closed(Exit::Unreachable);
        }
    }
    let status: Status = match hub.get("/api/status").await {
        Ok(status) => status,
        Err(ClientError::Unreachable { source, .. }) => {
            checks.push(unreachable_check("hub", &source, socket));
            return Way::Closed(Exit::Unreachable);
        }
        Err(error) => {
            checks.push(failed("hub", error.to_string(), "see its log: `journalctl -u xswarm-hub`"));
            return Way::Closed(Exit::Failed);
        }
    };
    checks.push(passed("hub", format!("it answers; its version is {}", status.version)));
    let own = env!("CARGO_PKG_VERSION");
    if status.version != own {
        let cause = format!("this command is of version {own}, the hub of {}", status.version);
        let fix = "install the same version of both, and restart the hub".to_owned();
        let name = "versions".to_owned();
        checks.push(Check { name, outcome: CheckOutcome::Warning, cause, fix: Some(fix) });
    }
    match hub.send(Request::get("/api/doctor").within(CHECKING)).await {
        Ok(document) => Way::Open(document),
        Err(error) => {
            checks.push(failed("checks", error.to_string(), "see the hub's log: `journalctl -u xswarm-hub`"));
            Way::Closed(Exit::Failed)
        }
    }
}

fn passed(name: &str, cause: String) -> Check {
    Check { name: name.to_owned(), outcome: CheckOutcome::Ok, cause, fix: None }
}

fn failed(name: &str, cause: String, fix: &str) -> Check {
    Check { name: name.to_owned(), outcome: CheckOutcome::Failed, cause, fix: Some(fix.to_owned()) }
}

fn unreachable_check(name: &str, error: &io::Error, socket: &Socket) -> Check {
    let (cause, fix) = unreachable_words(error, socket);
    failed(name, cause, &fix)
}

/// Writes checks, a sign before each, the fix below what needs one.
pub(crate) fn write(checks: &[Check], screen: &mut Screen<'_>) -> io::Result<()> {
    const NAME: usize = 18;
    let names: Vec<String> = checks.iter().map(|check| one_line(&check.name)).collect();
    let width = names.iter().map(|name| name.width()).max().unwrap_or(0).max(NAME);
    for (check, name) in checks.iter().zip(names) {
        let (sign, tone) = match check.outcome {
            CheckOutcome::Ok => ("✓", Tone::Good),
            CheckOutcome::Warning => ("!", Tone::Warning),
            CheckOutcome::Failed => ("✗", Tone::Bad),
            CheckOutcome::Skipped => ("–", Tone::Faint),
        };
        let cause = one_line(&check.cause);
        let sign = screen.paint(tone, sign);
        screen.line(&format!("{sign} {name:width$} {cause}"))?;
        if let Some(fix) = &check.fix {
            let fix = one_line(fix);
            screen.line(&format!("  {:width$} → {fix}", ""))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Abilities;

    #[test]
    fn a_check_has_a_sign_and_what_is_wrong_has_a_fix() {
        let checks = [passed("database", "in order".into()), failed("disk", "full".into(), "free some space")];
        let mut out = Vec::new();
        write(&checks, &mut Screen::new(&mut out, Abilities::default())).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "✓ database           in order");
        assert_eq!(lines[1], "✗ disk               full");
        assert_eq!(lines[2].trim(), "→ free some space");
    }

    #[test]
    fn no_name_is_cut() {
        let checks = [passed("disk", "ok".into()), failed("language model spending", "much".into(), "see")];
        let mut out = Vec::new();
        write(&checks, &mut Screen::new(&mut out, Abilities::default())).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "✓ disk                    ok\n✗ language model spending much\n                          → see\n"
        );
    }
}
