//! The hub's one error: what kind it is, in which words, and because of what.
//!
//! The kind alone decides the HTTP status and how much a client is told. Causes are kept and appear in the log, never in an
//! answer. Whether something is tried again is deliberately not decided here: jobs do that. Words in `context` are for the person who asked or the admin who
//! reads the log: they never contain message text, telephone numbers or secrets.

use std::{error::Error as StdError, fmt};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use xswarm_core::admin::{FieldError, Problem};
use xswarm_store::StoreError;

/// What a failure means to the one who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// There is no such thing, or not for this person.
    NotFound,
    /// The request itself is wrong; sending it again changes nothing.
    Invalid,
    /// The request contradicts the state of things.
    Conflict,
    /// The request is based on what has changed since.
    Stale,
    /// This person, key or signature may not.
    Denied,
    /// Something needed is out of reach for now.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Kind {
    /// The HTTP status that says it.
    pub(crate) const fn http_status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Invalid => StatusCode::BAD_REQUEST,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::Denied => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The kind in words.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::NotFound => "Not found",
            Self::Invalid => "Invalid request",
            Self::Conflict => "Conflict",
            Self::Stale => "Changed meanwhile",
            Self::Denied => "Not allowed",
            Self::Unavailable => "Unavailable",
            Self::Internal => "Internal error",
        }
    }
}

/// A failure.
#[derive(Debug)]
pub(crate) struct Error {
    /// What it means to the one who asked.
    pub(crate) kind: Kind,
    /// What was tried and how it failed, and where possible what to do next.
    pub(crate) context: String,
    /// Which parts of the request are wrong, when it is known.
    pub(crate) fields: Vec<FieldError>,
    /// Because of what.
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The hub's results.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of some kind.
    pub(crate) fn new(kind: Kind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into(), fields: Vec::new(), source: None }
    }

    /// There is no such thing.
    pub(crate) fn not_found(context: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, context)
    }

    /// The request is wrong.
    pub(crate) fn invalid(context: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, context)
    }

    /// Parts of the request are wrong.
    pub(crate) fn fields(fields: Vec<FieldError>) -> Self {
        let words = |field: &FieldError| format!("{} {}", field.pointer, field.detail).trim_start().to_owned();
        let said: Vec<_> = fields.iter().map(words).collect();
        Self { fields, ..Self::invalid(said.join("; ")) }
    }

    /// One part of the request is wrong.
    pub(crate) fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { pointer: pointer.into(), detail: detail.into() }])
    }

    /// The request is based on what has changed since.
    pub(crate) fn stale(context: impl Into<String>) -> Self {
        Self::new(Kind::Stale, context)
    }

    /// The request contradicts the state of things.
    pub(crate) fn conflict(context: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, context)
    }

    /// Not this person, key or signature.
    pub(crate) fn denied(context: impl Into<String>) -> Self {
        Self::new(Kind::Denied, context)
    }

    /// Out of reach for now.
    pub(crate) fn unavailable(context: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, context)
    }

    /// A fault of ours.
    pub(crate) fn internal(context: impl Into<String>) -> Self {
        Self::new(Kind::Internal, context)
    }

    /// The same failure with its cause.
    #[must_use]
    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The context and every cause, on one line: for the log and for the terminal.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.context.clone();
        let mut cause = self.source();
        while let Some(next) = cause {
            let words = next.to_string();
            // Many libraries repeat their cause in their own words.
            if !text.contains(&words) {
                text.push_str(": ");
                text.push_str(&words);
            }
            cause = next.source();
        }
        text
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Exists(_) | StoreError::Stale(_) => Kind::Conflict,
            StoreError::Missing(_) => Kind::NotFound,
            StoreError::Full | StoreError::Commit(_) | StoreError::Closed | StoreError::Locked(_) => Kind::Unavailable,
            StoreError::NotAKey
            | StoreError::StateDir { .. }
            | StoreError::WrongKey(_)
            | StoreError::Damaged { .. }
            | StoreError::TooNew { .. }
            | StoreError::Panicked
            | StoreError::Thread(_)
            | StoreError::Json(_)
            | StoreError::Sqlite(_) => Kind::Internal,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// An answer in problem details (RFC 9457) for a status that is not an [`Error`], such as 413.
pub(crate) fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    problem_with(status, title, detail, Vec::new())
}

fn problem_with(status: StatusCode, title: &str, detail: &str, errors: Vec<FieldError>) -> Response {
    let body = Problem {
        kind: "about:blank".to_owned(),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: detail.to_owned(),
        errors,
    };
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// Answering is handling: this is where a failure of ours is logged.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let detail = match self.kind {
            Kind::NotFound | Kind::Invalid | Kind::Conflict | Kind::Stale | Kind::Denied => self.context,
            Kind::Unavailable => {
                log::warn!("a request failed: {}", self.chain());
                self.context
            }
            Kind::Internal => {
                log::error!("a request failed: {}", self.chain());
                "Something went wrong inside the hub. Nothing was confirmed. Its log says what (`journalctl -u xswarm-hub`)."
                    .to_owned()
            }
        };
        problem_with(self.kind.http_status(), self.kind.title(), &detail, self.fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn answered(error: Error) -> (StatusCode, String, Problem) {
        let response = error.into_response();
        let kind = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, kind, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn an_error_answers_as_problem_details() {
        let (status, kind, problem) = answered(Error::conflict("That message is on its way.")).await;
        assert_eq!((status, kind.as_str()), (StatusCode::CONFLICT, "application/problem+json"));
        assert_eq!((problem.status, problem.kind.as_str(), problem.title.as_str()), (409, "about:blank", "Conflict"));
        assert_eq!(problem.detail, "That message is on its way.");
    }

    #[tokio::test]
    async fn a_fault_of_ours_keeps_its_details_in_the_log() {
        let error = Error::internal("cannot read row 7").with_source(std::io::Error::other("/secret/path"));
        let (status, _, problem) = answered(error).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!problem.detail.contains("row 7") && !problem.detail.contains("secret"), "{}", problem.detail);
        assert!(problem.detail.contains("log"));
    }

    #[test]
    fn the_chain_names_every_cause_once() {
        let inner = Error::unavailable("the disk is full");
        let middle = Error::unavailable("cannot write: the disk is full").with_source(inner);
        let outer = Error::internal("cannot start").with_source(middle);
        assert_eq!(outer.chain(), "cannot start: cannot write: the disk is full");
        assert_eq!(outer.to_string(), "cannot start");
    }
}
