//! Calls: who called when, how it went, what was said with how long each step took, and the sound where it was kept.

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use xswarm_core::{
    call::{Call, CallState, CallTurn},
    id::{CallId, UserId},
    user::Role,
};

use crate::{
    error::Error,
    http::{
        App,
        body::{Parameters, Path},
        caller::Caller,
    },
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/calls", get(list))
        .route("/calls/{id}", get(show))
        .route("/calls/{id}/recording", get(recording).delete(delete_recording))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    user_id: Option<UserId>,
    limit: Option<u32>,
}

/// Calls, the latest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Calls {
    calls: Vec<Call>,
}

/// A call with what was said.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneCall {
    call: Call,
    turns: Vec<CallTurn>,
    /// Whether its sound is kept.
    is_recorded: bool,
}

/// Whether there was something to delete.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordingDeleted {
    deleted: bool,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<Listing>,
) -> Result<Json<Calls>, Error> {
    let whose = match (query.user_id, caller.role) {
        (None, Role::Admin) => None,
        (None, Role::Member) => caller.user,
        (Some(user), Role::Admin | Role::Member) => Some(user),
    };
    if whose.is_some() || caller.role == Role::Member {
        caller.may_see(whose)?;
    }
    let limit = query.limit.unwrap_or(100).min(1_000);
    let calls = app.store.read(move |rows| rows.calls(whose, limit).map_err(Error::from)).await?;
    Ok(Json(Calls { calls }))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<CallId>) -> Result<Json<OneCall>, Error> {
    let call = seen(&app, caller, id).await?;
    let kept = app.store.read(move |rows| Ok::<_, Error>((rows.call_turns(id)?, rows.recording(id)?.is_some())));
    let (turns, is_recorded) = kept.await?;
    Ok(Json(OneCall { call, turns, is_recorded }))
}

/// A call that the caller may see.
async fn seen(app: &App, caller: Caller, id: CallId) -> Result<Call, Error> {
    let call = app.store.read(move |rows| rows.call(id).map_err(Error::from)).await?;
    let call = call.ok_or_else(|| Error::not_found("there is no such call"))?;
    caller.may_see(call.user_id)?;
    Ok(call)
}

async fn recording(State(app): State<App>, caller: Caller, Path(id): Path<CallId>) -> Result<Response, Error> {
    if seen(&app, caller, id).await?.state != CallState::Ended {
        return Err(Error::conflict("the call is still going on: its recording can be had once it is over"));
    }
    let Some(playback) = app.calls.recordings.read(id).await? else {
        return Err(Error::not_found("this call was not recorded, or its recording was deleted"));
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("audio/wav")),
        (CONTENT_LENGTH, HeaderValue::from(playback.length())),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"call.wav\"")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    let pieces = stream::try_unfold(playback, async |mut playback| {
        Ok::<_, std::io::Error>(playback.next()?.map(|piece| (piece, playback)))
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}

async fn delete_recording(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<CallId>,
) -> Result<Json<RecordingDeleted>, Error> {
    seen(&app, caller, id).await?;
    Ok(Json(RecordingDeleted { deleted: app.calls.recordings.delete(id).await? }))
}
