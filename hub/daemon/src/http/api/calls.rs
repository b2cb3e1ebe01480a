//! Calls: who called when, how it went, and what was said with how long each step took.

use axum::{Json, Router, extract::State, routing::get};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use xswarm_core::{
    call::{Call, CallTurn},
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
    Router::new().route("/calls", get(list)).route("/calls/{id}", get(show))
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
    let found = app.store.read(move |rows| Ok::<_, Error>((rows.call(id)?, rows.call_turns(id)?))).await?;
    let (Some(call), turns) = found else { return Err(Error::not_found("there is no such call")) };
    caller.may_see(call.user_id)?;
    Ok(Json(OneCall { call, turns }))
}
