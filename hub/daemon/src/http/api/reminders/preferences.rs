//! How a person wants to be reminded.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Map, Value, json};
use xswarm_core::{id::UserId, reminder::ReminderPreferences};

use super::existing_user;
use crate::{
    error::Error,
    http::{
        App,
        body::{Body, Path},
        caller::Caller,
        version,
    },
    preferences,
};

/// Routes under `/api`.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/users/{id}/reminder-preferences", get(show).put(update))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<UserId>,
) -> Result<Response, Error> {
    caller.may_see(Some(id))?;
    let user = app.store.read(move |rows| existing_user(rows, id)).await?;
    let preferences = ReminderPreferences::of(&user.preferences);
    let version = version::of(&preferences)?;
    if version::known(&headers, &version) {
        return Ok((StatusCode::NOT_MODIFIED, version::tag(version)).into_response());
    }
    Ok((version::tag(version), Json(json!({ "preferences": preferences }))).into_response())
}

/// What is absent stays; null brings the usual back. With `If-Match` only when they are still of that version.
async fn update(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<UserId>,
    Body(change): Body<Map<String, Value>>,
) -> Result<Response, Error> {
    caller.may_see(Some(id))?;
    let now = app.clock.now();
    let preferences = app
        .store
        .write(move |tx| {
            let user = existing_user(tx, id)?;
            let before = ReminderPreferences::of(&user.preferences);
            version::expected(&headers, version::of(&before)?)?;
            let mut kept = serde_json::to_value(before)
                .map_err(|error| Error::internal("preferences could not be written").with_source(error))?;
            if let Some(kept) = kept.as_object_mut() {
                for (name, value) in change {
                    if value.is_null() {
                        kept.remove(&name);
                    } else {
                        kept.insert(name, value);
                    }
                }
            }
            let wrong = |words: String| Error::invalid(format!("reminder preferences: {words}"));
            let wanted: ReminderPreferences = serde_json::from_value(kept).map_err(|error| wrong(error.to_string()))?;
            let wanted = wanted.checked().map_err(|error| wrong(error.to_string()))?;
            if let Some(escalation) = wanted.escalation {
                if escalation.to == id {
                    return Err(wrong("somebody else is told when you do not answer, not you".to_owned()));
                }
                tx.user(escalation.to)?
                    .ok_or_else(|| wrong("`escalation.to` is nobody of the household".to_owned()))?;
            }
            preferences::keep_reminders(tx, user, &wanted, now)?;
            Ok::<_, Error>(wanted)
        })
        .await?;
    Ok((version::tag(version::of(&preferences)?), Json(json!({ "preferences": preferences }))).into_response())
}
