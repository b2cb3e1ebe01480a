//! Long answers page by page: how many are on one, where it begins, and how the next is found.
//!
//! A cursor says after which row a page begins, not how many came before it: what is added or taken away meanwhile makes
//! nothing come twice, and nothing be left out.

use axum::{
    Json,
    http::{Uri, header::LINK},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use url::form_urlencoded;

use crate::error::Error;

/// The most there may be on a page.
const MOST: u32 = 1_000;

/// How many are wanted on a page, `usual` when nothing is said.
pub(crate) fn limit(wanted: Option<u32>, usual: u32) -> Result<u32, Error> {
    let limit = wanted.unwrap_or(usual);
    if (1..=MOST).contains(&limit) {
        return Ok(limit);
    }
    Err(Error::field("/limit", "is 1 to 1,000: so many entries a page has"))
}

/// After what the page begins.
pub(crate) fn place<P: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<P>, Error> {
    let Some(cursor) = cursor else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let place = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let wrong = || Error::field("/cursor", "is not one of ours: start again without one");
    place.ok_or_else(wrong).map(Some)
}

/// The cursor of the page that follows this one, of whose rows `all` has one more than fit when there is one; that one is
/// taken off.
pub(crate) fn cut<T, P: Serialize>(all: &mut Vec<T>, limit: usize, place: impl Fn(&T) -> P) -> Option<String> {
    let more = all.len() > limit;
    all.truncate(limit);
    if more { all.last().and_then(|last| cursor(&place(last))) } else { None }
}

/// A place as the text that leads there.
pub(crate) fn cursor<P: Serialize>(place: &P) -> Option<String> {
    serde_json::to_vec(place).ok().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// The answer, with the header `Link` to the next page (RFC 8288).
pub(crate) fn answer<T: Serialize>(uri: &Uri, next_cursor: Option<&str>, answer: T) -> Response {
    match next_cursor {
        Some(cursor) => {
            let link = format!("<{}>; rel=\"next\"", with_cursor(uri, cursor));
            ([(LINK, link)], Json(answer)).into_response()
        }
        None => Json(answer).into_response(),
    }
}

fn with_cursor(uri: &Uri, cursor: &str) -> String {
    let others =
        form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).filter(|(name, _)| name != "cursor");
    let query =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(others).append_pair("cursor", cursor).finish();
    format!("{}?{query}", uri.path())
}
