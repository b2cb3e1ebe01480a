//! A person's calendar for whoever knows its secret address: `GET /calendar/<token>.ics` on the LAN.
//!
//! The address is the key, so there is no other, and it appears in no log. It reads and never writes, and a wrong or revoked
//! one is answered like anything that is not there. The public listener does not know this path.

use axum::{
    Router,
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, DurationRound, NaiveDateTime, Utc};
use sha2::{Digest, Sha256};

use super::{App, body::Path};
use crate::{
    error::Error,
    exchange::{APPOINTMENTS, FEED_AHEAD, FEED_BACK},
    icalendar::{self, Purpose},
};

/// The route on the LAN listener, without a key.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/calendar/{file}", get(feed))
}

async fn feed(State(app): State<App>, Path(file): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let missing = || Error::not_found("there is nothing here");
    let token = file.strip_suffix(".ics").map(str::to_owned).ok_or_else(missing)?;
    let now = app.clock.now();
    let found = app
        .store
        .read(move |rows| {
            let Some((feed, note)) = rows.feed_at(&token, now)? else { return Ok(None) };
            let Some(user) = rows.user(feed.user_id)? else { return Ok(None) };
            let midnight = now.duration_trunc(chrono::Duration::days(1)).unwrap_or(now);
            let (from, to) = (midnight - FEED_BACK, midnight + FEED_AHEAD);
            let appointments = rows.appointments_within(user.id, from, to, APPOINTMENTS)?;
            // The window moves at midnight, which may change what is in it.
            let changed = rows.calendar_changed_at(user.id)?.unwrap_or(feed.created_at).max(midnight);
            Ok::<_, Error>(Some((feed.id, note, user, appointments, changed)))
        })
        .await?;
    let (id, note, user, appointments, changed) = found.ok_or_else(missing)?;
    if note {
        app.store.write(move |tx| tx.feed_used(id, now).map_err(Error::from)).await?;
    }
    let text = icalendar::write(&appointments, &user, Purpose::Feed, now);
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes())));
    let fresh = is_known(&headers, &tag, changed);
    let mut response = if fresh { StatusCode::NOT_MODIFIED.into_response() } else { text.into_response() };
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    answer.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=0, must-revalidate"));
    for (name, value) in [(ETAG, tag), (LAST_MODIFIED, changed.format(HTTP_DATE).to_string())] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.insert(name, value);
        }
    }
    Ok(response)
}

/// RFC 9110 §5.6.7.
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// Whether the reader has this already (RFC 9110 §13.2.2: the tag counts before the date).
fn is_known(headers: &HeaderMap, tag: &str, changed: DateTime<Utc>) -> bool {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    if let Some(known) = headers.get(IF_NONE_MATCH).and_then(text) {
        return known.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == tag || one == "*");
    }
    let since = headers.get(IF_MODIFIED_SINCE).and_then(text);
    let since = since.and_then(|since| NaiveDateTime::parse_from_str(&since, HTTP_DATE).ok());
    since.is_some_and(|since| changed.timestamp() <= since.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_has_it_is_not_sent_it_again() {
        let changed = DateTime::from_timestamp(1_795_780_800, 500_000_000).unwrap();
        let date = changed.format(HTTP_DATE).to_string();
        for (name, value, known) in [
            (IF_NONE_MATCH, "\"a\"", true),
            (IF_NONE_MATCH, "\"b\", W/\"a\"", true),
            (IF_NONE_MATCH, "*", true),
            (IF_NONE_MATCH, "\"b\"", false),
            (IF_MODIFIED_SINCE, date.as_str(), true),
            (IF_MODIFIED_SINCE, "Thu, 01 Jan 1970 00:00:00 GMT", false),
            (IF_MODIFIED_SINCE, "yesterday", false),
        ] {
            let headers = HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())]);
            assert_eq!(is_known(&headers, "\"a\"", changed), known, "{value}");
        }
        assert!(!is_known(&HeaderMap::new(), "\"a\"", changed));
    }
}
