//! How a request to the hub can fail. Three ways, because people can do three different things about it.

use std::{error::Error, io, path::PathBuf};

use xswarm_core::admin::{FieldError, Problem};

/// A request that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers at the socket: start the hub, or point elsewhere. Nothing was asked.
    #[error("the hub is not reachable at {}", socket.display())]
    Unreachable {
        /// Where it was looked for.
        socket: PathBuf,
        /// Why it was not found there.
        source: io::Error,
    },
    /// The hub said no, and why. Nothing happened.
    #[error("{}", said(problem))]
    Refused {
        /// What the hub said (RFC 9457).
        problem: Problem,
    },
    /// The exchange ended without an answer that can be understood. Something may have happened.
    #[error("{what}")]
    Broken {
        /// What went wrong.
        what: String,
        /// Because of what.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// What the hub said, for somebody who typed words and no JSON: parts of the request are named without their pointer.
pub(crate) fn said(problem: &Problem) -> String {
    if problem.errors.is_empty() {
        return problem.detail.clone();
    }
    problem.errors.iter().map(of_field).collect::<Vec<_>>().join("; ")
}

/// A detail that says something of its field needs the name ("end_time: is not after start_time"), and so does serde's
/// about a value that it does not show; one that shows the value stands for itself ("`x` is not a time").
fn of_field(error: &FieldError) -> String {
    let name = error.pointer.trim_start_matches('/').replace('/', ".");
    let detail = &error.detail;
    let begins = |with: &[&str]| with.iter().any(|with| detail.starts_with(with));
    if name.is_empty() {
        detail.clone()
    } else if begins(&["is ", "has ", "does ", "lies "]) {
        format!("{name}: it {detail}")
    } else if begins(&["invalid ", "unknown variant", "input "]) {
        format!("{name}: {detail}")
    } else {
        detail.clone()
    }
}

impl ClientError {
    pub(super) fn broken(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broken { what: what.into(), source: source.into() }
    }

    /// Whether the same request, made safe to repeat, may succeed in a moment: the hub restarts, or is busy.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken { .. } => true,
            Self::Refused { problem } => problem.status == 503,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_said_without_json_pointers() {
        let problem = |errors: &[(&str, &str)]| {
            let error = |(pointer, detail): &(&str, &str)| FieldError {
                pointer: (*pointer).to_owned(),
                detail: (*detail).to_owned(),
            };
            let detail = "no".to_owned();
            let errors = errors.iter().map(error).collect();
            Problem { kind: "about:blank".into(), title: String::new(), status: 400, detail, errors }
        };
        for (errors, expected) in [
            (&[][..], "no"),
            (&[("/end_time", "is not after start_time")], "end_time: it is not after start_time"),
            (&[("/text", "I get no time from `x`")], "I get no time from `x`"),
            (&[("/quiet/from", "invalid type: null")], "quiet.from: invalid type: null"),
            (&[("", "missing field `text`")], "missing field `text`"),
            (&[("/a", "is empty"), ("/b", "has 1 to 9 characters")], "a: it is empty; b: it has 1 to 9 characters"),
        ] {
            assert_eq!(said(&problem(errors)), expected);
        }
    }
}
