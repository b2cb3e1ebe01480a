//! What the Boss suggested, saying yes or no to it, and whether suggestions are wanted at all.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use xswarm_core::{
    id::{SuggestionId, UserId},
    suggestion::{SuggestionPreferences, Suggestions},
    user::User,
};
use xswarm_store::Rows;

use crate::{
    assistant::{effect, suggestions},
    error::Error,
    http::{
        App,
        body::{Body, Parameters, Path},
        caller::Caller,
    },
    preferences,
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/suggestions", get(list))
        .route("/suggestions/{id}/accept", post(accept))
        .route("/suggestions/{id}/decline", post(decline))
        .route("/users/{id}/suggestion-preferences", get(show).put(change))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    user_id: Option<UserId>,
}

fn existing(rows: &Rows<'_>, id: UserId) -> Result<User, Error> {
    rows.user(id)?.ok_or_else(|| Error::not_found("there is no such person"))
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Suggestions>, Error> {
    let id = caller.about(query.user_id, &app.store).await?;
    let all = app.store.read(move |rows| {
        let enabled = SuggestionPreferences::of(&existing(rows, id)?.preferences).enabled;
        Ok::<_, Error>(Suggestions { enabled, suggestions: rows.suggestions(id)? })
    });
    Ok(Json(all.await?))
}

async fn accept(state: State<App>, caller: Caller, Path(id): Path<SuggestionId>) -> Result<Json<Value>, Error> {
    decide(state, caller, id, true).await
}

async fn decline(state: State<App>, caller: Caller, Path(id): Path<SuggestionId>) -> Result<Json<Value>, Error> {
    decide(state, caller, id, false).await
}

async fn decide(State(app): State<App>, caller: Caller, id: SuggestionId, yes: bool) -> Result<Json<Value>, Error> {
    let now = app.clock.now();
    let ours = app.ours.clone();
    let decided = app
        .store
        .write(move |tx| {
            let gone = || Error::not_found("there is no such suggestion");
            let one = tx.suggestion(id)?.ok_or_else(gone)?;
            caller.may_see(Some(one.user_id))?;
            let possible = if yes { one.state.can_be_accepted() } else { one.state.can_be_declined() };
            if !possible {
                return Err(Error::conflict(format!("this suggestion is {} already", one.state)));
            }
            let user = existing(tx, one.user_id)?;
            let effects =
                if yes { suggestions::accepting(&user, &one, &ours, now) } else { suggestions::declining(&one) };
            effect::commit(tx, user.id, &effects, now)?;
            tx.suggestion(id)?.ok_or_else(gone)
        })
        .await?;
    Ok(Json(json!({ "suggestion": decided })))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Result<Json<SuggestionPreferences>, Error> {
    caller.may_see(Some(id))?;
    let user = app.store.read(move |rows| existing(rows, id)).await?;
    Ok(Json(SuggestionPreferences::of(&user.preferences)))
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
    Body(wanted): Body<SuggestionPreferences>,
) -> Result<Json<SuggestionPreferences>, Error> {
    caller.may_see(Some(id))?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let user = existing(tx, id)?;
            Ok::<_, Error>(preferences::keep_suggestions(tx, user, wanted, now)?)
        })
        .await?;
    Ok(Json(wanted))
}
