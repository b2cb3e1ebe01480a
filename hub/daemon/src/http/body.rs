//! Reading requests: JSON bodies, query strings and path segments whose errors say what is wrong, as problem details.

use axum::{
    body::Bytes,
    extract::{self, DefaultBodyLimit, FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path as Inside, Segment};
use url::form_urlencoded;

use crate::error::{Error, problem};

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !is_json(request.headers()) {
            let detail = "the body has to be JSON: send it with `Content-Type: application/json`";
            return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Not JSON", detail));
        }
        let bytes = match Bytes::from_request(request, state).await {
            Ok(bytes) => bytes,
            Err(error) => return Err(problem(error.status(), "Invalid request", &error.body_text())),
        };
        read(&bytes).map(Self).map_err(IntoResponse::into_response)
    }
}

/// A body that is a file of at most so many MiB, which `what` names: "a calendar file".
#[expect(clippy::result_large_err, reason = "the handler answers with it as it is")]
pub(crate) fn file(body: Result<Bytes, BytesRejection>, what: &str, most: usize) -> Result<Bytes, Response> {
    let bytes = body.map_err(|error| {
        let detail = format!("{}: {what} may have {} MiB. Nothing was changed.", error.body_text(), most >> 20);
        problem(error.status(), "Invalid request", &detail)
    })?;
    if bytes.len() > most {
        let detail = format!("{what} may have {} MiB: split it, please. Nothing was changed.", most >> 20);
        return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "Invalid request", &detail));
    }
    Ok(bytes)
}

/// How much of a file's body is read: whoever sends one that is somewhat too large hears so instead of losing the
/// connection.
pub(crate) fn file_limit(most: usize) -> DefaultBodyLimit {
    DefaultBodyLimit::max(4 * most)
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads JSON whose mistakes are told with their place.
///
/// Every body is an object. Without asking for that, serde would also take an array as a list of fields.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let begin = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(begin, Some(b'[' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n')) {
        return Err(Error::field("", "the body is a JSON object: { … }"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        if error.inner().is_data() {
            Error::field(pointer(error.path()), words(error.inner()))
        } else {
            no_json(error.inner())
        }
    })?;
    deserializer.end().map_err(|error| no_json(&error))?;
    Ok(value)
}

fn no_json(error: &serde_json::Error) -> Error {
    Error::invalid(format!("the body is no JSON (line {}, column {}): {}", error.line(), error.column(), words(error)))
}

/// What is wrong, without the place that serde appends: a field has a name.
fn words(error: &serde_json::Error) -> String {
    let mut words = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    if words.ends_with(&place) {
        words.truncate(words.len() - place.len());
    }
    words
}

/// The place as a JSON pointer (RFC 6901).
fn pointer(inside: &Inside) -> String {
    let segment = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => {
            format!("/{}", key.replace('~', "~0").replace('/', "~1"))
        }
        Segment::Unknown => String::new(),
    };
    inside.iter().map(segment).collect()
}

/// A query string.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        parameters(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parameters<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(deserializer)
        .map_err(|error| Error::field(pointer(error.path()), error.inner().to_string()))
}

/// What stands in the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(extract::Path(path)) => Ok(Self(path)),
            Err(error) => Err(Error::invalid(error.body_text())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sent {
        #[expect(dead_code, reason = "only read")]
        numbers: Vec<u8>,
    }

    fn refused(text: &str) -> (String, String) {
        let error = read::<Sent>(text.as_bytes()).unwrap_err();
        (error.fields.first().map(|field| field.pointer.clone()).unwrap_or_default(), error.context)
    }

    #[test]
    fn a_parameter_that_is_wrong_is_named() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Asked {
            limit: Option<u8>,
        }
        assert_eq!(parameters::<Asked>("limit=7").unwrap().limit, Some(7));
        let wrong = parameters::<Asked>("limit=x").unwrap_err();
        assert_eq!(wrong.fields[0].pointer, "/limit");
        assert!(wrong.context.starts_with("/limit invalid digit"), "{wrong}");
        assert!(parameters::<Asked>("more=1").unwrap_err().context.contains("unknown field `more`"));
    }

    #[test]
    fn a_detail_does_not_repeat_its_place() {
        assert_eq!(refused(r#"{"numbers": "x"}"#).1, "/numbers invalid type: string \"x\", expected a sequence");
        assert!(refused("{}").1.starts_with("missing field"));
        assert_eq!(refused("{").1, "the body is no JSON (line 1, column 1): EOF while parsing an object");
    }

    #[test]
    fn the_part_that_is_wrong_is_named() {
        assert!(read::<Sent>(br#"{"numbers": [1, 2]}"#).is_ok());
        assert_eq!(refused(r#"{"numbers": [1, 300]}"#).0, "/numbers/1");
        assert_eq!(refused(r#"{"numbers": "x"}"#).0, "/numbers");
        for text in ["[[1]]", " null", "\"x\"", "7"] {
            assert!(refused(text).1.contains("is a JSON object"), "{text}");
        }
        assert!(refused(r#"{"numbers": [], "more": 1}"#).1.contains("unknown field `more`"));
        for text in ["", "{", "{\"numbers\": []} {}", "\u{feff}{}"] {
            assert!(refused(text).1.starts_with("the body is no JSON (line 1, column "), "{text}");
        }
    }
}
