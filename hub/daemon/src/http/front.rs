//! What a browser is shown on the LAN: a page that says what this box is, and a page for what is not there.
//!
//! Both are the same for everybody and say nothing of the household. Whoever asks for something else than a page gets
//! problem details, as everywhere.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
    routing::get,
};

use super::App;
use crate::error::Error;

/// No scripts, nothing from elsewhere, in nobody's frame.
const HEADERS: [(HeaderName, &str); 3] = [
    (CONTENT_TYPE, "text/html; charset=utf-8"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

#[derive(Template)]
#[template(path = "web/front.html")]
struct Front {
    fingerprint: String,
}

#[derive(Template)]
#[template(path = "web/nothing.html")]
struct Nothing;

/// The route, without a key.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/", get(front))
}

async fn front(State(app): State<App>) -> Response {
    page(StatusCode::OK, &Front { fingerprint: app.authority.fingerprint() })
}

/// For whatever is not there.
pub(super) async fn nothing(headers: HeaderMap) -> Response {
    if wants_page(&headers) {
        page(StatusCode::NOT_FOUND, &Nothing)
    } else {
        Error::not_found("there is nothing here").into_response()
    }
}

/// Whether somebody looks with a browser: programs do not ask for HTML.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .any(|range| range.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html")))
}

fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, HEADERS, html).into_response(),
        Err(error) => Error::internal("a page cannot be made").with_source(error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(accept: Option<&str>) -> (StatusCode, String, String) {
        let headers = accept.map(|accept| (ACCEPT, accept.parse().unwrap()));
        let response = nothing(headers.into_iter().collect()).await;
        let kind = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn what_is_not_there_is_a_page_for_browsers_and_problem_details_for_programs() {
        for browser in
            ["text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "a/b, Text/HTML;q=1"]
        {
            let (status, kind, body) = asked(Some(browser)).await;
            assert_eq!((status, kind.as_str()), (StatusCode::NOT_FOUND, "text/html; charset=utf-8"), "{browser}");
            assert!(body.contains("<h1>There is nothing here</h1>") && body.contains("<!DOCTYPE html>"), "{body}");
        }
        for program in [None, Some("*/*"), Some("application/json")] {
            let (status, kind, _) = asked(program).await;
            assert_eq!((status, kind.as_str()), (StatusCode::NOT_FOUND, "application/problem+json"), "{program:?}");
        }
    }

    #[test]
    fn the_front_page_says_what_this_is_and_how_it_is_used() {
        let html = Front { fingerprint: "AB:CD".to_owned() }.render().unwrap();
        for part in [
            "Boss AI",
            "xswarm setup",
            "href=\"/api/openapi.json\"",
            "xswarm key create",
            "href=\"/authority.pem\"",
            "AB:CD",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }
}
