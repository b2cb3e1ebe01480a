//! The hub's certificate authority, for whoever is to trust it: by https or not, without a key. It is public.

use axum::{
    Json, Router,
    extract::State,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use xswarm_core::authority::ShownAuthority;

use super::App;
use crate::error::Error;

/// Routes without a key.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/authority.pem", get(file)).route("/api/authority", get(shown))
}

/// Browsers offer to trust it (Firefox), or keep it for the system's settings to take.
async fn file(State(app): State<App>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/pem-certificate-chain"),
        (CONTENT_DISPOSITION, "attachment; filename=\"boss-ai-authority.pem\""),
    ];
    (headers, app.authority.pem())
}

async fn shown(State(app): State<App>) -> Result<Json<ShownAuthority>, Error> {
    app.authority.shown_to_persons().map(Json)
}
