//! Versions of what is read and changed: `ETag`, `If-Match`, `If-None-Match` (RFC 9110 §8.8.3, §13.1).
//!
//! An appointment counts its changes. What has no such count is named by what it says ([`of`]).

use std::fmt::Display;

use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ETAG, IF_MATCH, IF_NONE_MATCH},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::Error;

/// The version of what does not count its changes: a digest of what is answered, the same as long as that is.
pub(crate) fn of<T: Serialize>(thing: &T) -> Result<String, Error> {
    let text = serde_json::to_vec(thing)
        .map_err(|error| Error::internal("an answer cannot be put into JSON").with_source(error))?;
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
}

/// The header that says which version an answer is of.
pub(crate) fn tag(version: impl Display) -> [(HeaderName, HeaderValue); 1] {
    // A number or a digest in quotes is always a header value.
    let value =
        HeaderValue::try_from(format!("\"{version}\"")).unwrap_or_else(|_error| HeaderValue::from_static("\"\""));
    [(ETAG, value)]
}

/// Whether the one who asks has this version already.
pub(crate) fn known(headers: &HeaderMap, version: impl Display) -> bool {
    names(headers, &IF_NONE_MATCH).is_some_and(|named| named.any_of(&version, true))
}

/// Goes on only when the request is based on this version, or does not say.
pub(crate) fn expected(headers: &HeaderMap, version: impl Display) -> Result<(), Error> {
    match names(headers, &IF_MATCH) {
        Some(named) if !named.any_of(&version, false) => Err(Error::stale(format!(
            "this has been changed since you read it: it is now version {version}; read it again and repeat your change"
        ))),
        Some(_) | None => Ok(()),
    }
}

/// What a conditional header names.
struct Names<'a>(Vec<&'a str>);

fn names<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Names<'a>> {
    let mut all = headers.get_all(name).iter().peekable();
    all.peek()?;
    // What is not text names no version of ours.
    let text = all.map(|value| value.to_str().unwrap_or_default());
    Some(Names(text.flat_map(|text| text.split(',')).map(str::trim).collect()))
}

impl Names<'_> {
    fn any_of(&self, version: &impl Display, weak: bool) -> bool {
        let ours = format!("\"{version}\"");
        self.0.iter().any(|name| *name == "*" || *name == ours || (weak && name.strip_prefix("W/") == Some(&ours)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_change_goes_on_only_from_the_version_it_names() {
        for (value, goes_on) in [
            ("\"3\"", true),
            ("\"2\", \"3\"", true),
            ("*", true),
            ("\"2\"", false),
            ("W/\"3\"", false),
            ("3", false),
            ("", false),
        ] {
            assert_eq!(expected(&headers(IF_MATCH, value), 3).is_ok(), goes_on, "{value}");
        }
        assert!(expected(&HeaderMap::new(), 3).is_ok());
    }

    #[test]
    fn what_says_the_same_is_of_the_same_version() {
        let version = |text| of(&[text]).unwrap();
        assert_eq!(version("tea"), version("tea"));
        assert_ne!(version("tea"), version("milk"));
        assert!(tag(version("tea"))[0].1.to_str().unwrap().len() > 20);
    }

    #[test]
    fn who_has_the_version_is_not_told_again() {
        for (value, has_it) in [("\"3\"", true), ("W/\"3\"", true), ("*", true), ("\"4\"", false)] {
            assert_eq!(known(&headers(IF_NONE_MATCH, value), 3), has_it, "{value}");
        }
        assert!(!known(&HeaderMap::new(), 3));
    }
}
