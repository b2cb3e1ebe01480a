//! How a person wants their calendar kept: `GET` and `PUT /api/users/{id}/calendar-preferences`.

use axum::{Json, Router, extract::State, routing::get};
use serde_json::{Map, Value, json};
use xswarm_core::{
    id::UserId,
    preferences::{CalendarPreferences, PreferenceError},
    user::User,
};

use crate::{
    error::Error,
    http::{
        App,
        body::{Body, Path},
        caller::Caller,
    },
    preferences,
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/users/{id}/calendar-preferences", get(show).put(change))
}

fn answer(user: &User) -> Json<Value> {
    Json(json!({ "calendar_preferences": CalendarPreferences::of(user) }))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<UserId>) -> Result<Json<Value>, Error> {
    caller.may_see(Some(id))?;
    let user = app.store.read(move |rows| rows.user(id).map_err(Error::from)).await?;
    user.as_ref().map(answer).ok_or_else(|| Error::not_found("there is no such person"))
}

/// New values by name; null brings the usual one back, what is not named stays.
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
    Body(changes): Body<Map<String, Value>>,
) -> Result<Json<Value>, Error> {
    caller.may_see(Some(id))?;
    let now = app.clock.now();
    let user = app
        .store
        .write(move |tx| {
            let user = tx.user(id)?.ok_or_else(|| Error::not_found("there is no such person"))?;
            let refused = |error: PreferenceError| Error::invalid(error.to_string());
            let preferences = CalendarPreferences::changed(&user, &changes).map_err(refused)?;
            Ok::<_, Error>(preferences::keep(tx, user, preferences, now)?)
        })
        .await?;
    Ok(answer(&user))
}
