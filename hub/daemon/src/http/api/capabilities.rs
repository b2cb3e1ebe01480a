//! What the Boss can do for the caller, and how often it was used. Nothing is carried out here.

use axum::{Json, Router, extract::State, routing::get};
use chrono::Duration;
use serde::Deserialize;
use xswarm_core::{
    capability::{Capabilities, CapabilityUses},
    message::Channel,
    user::Role,
};

use crate::{
    assistant::{capabilities::ALL, capability::Around},
    error::Error,
    http::{App, body::Parameters, caller::Caller},
};

/// How many days are counted when nothing was said.
const USUAL_DAYS: u32 = 30;

/// How many days are counted at most.
const MOST_DAYS: u32 = 366;

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/capabilities", get(all)).route("/capabilities/usage", get(usage))
}

/// What the caller could say at the console.
async fn all(State(app): State<App>, caller: Caller) -> Result<Json<Capabilities>, Error> {
    let id = caller.about(None, &app.store).await?;
    let user = app.store.read(move |rows| rows.user(id).map_err(Error::from)).await?;
    let user = user.ok_or_else(|| Error::not_found("there is no such person"))?;
    let ours = app.ours.clone();
    let around = Around { user: &user, channel: Channel::Console, ours: &ours };
    Ok(Json(Capabilities { capabilities: ALL.iter().map(|capability| capability.view(&around)).collect() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    days: Option<u32>,
}

async fn usage(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<Query>,
) -> Result<Json<CapabilityUses>, Error> {
    let days = query.days.unwrap_or(USUAL_DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::field("/days", format!("is a number of days from 1 to {MOST_DAYS}")));
    }
    let whose = match caller.role {
        Role::Admin => None,
        Role::Member => Some(caller.about(None, &app.store).await?),
    };
    // Today is one of them.
    let since = app.clock.now() - Duration::days(i64::from(days) - 1);
    let uses = app.store.read(move |rows| rows.capability_uses(whose, since).map_err(Error::from)).await?;
    Ok(Json(CapabilityUses { days, uses }))
}
