//! A person's PIN: set, cleared, unlocked. Nobody is ever told what it is.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use xswarm_core::{
    event::Event,
    id::UserId,
    pin::{NewPin, Pin, PinState},
};
use xswarm_store::{Rows, Tx};

use crate::{
    error::Error,
    http::{
        App,
        body::{Body, Path},
        caller::Caller,
    },
    pins,
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/users/{id}/pin", get(show).put(set).delete(clear))
        .route("/users/{id}/pin/unlock", post(unlock))
}

fn existing(rows: &Rows<'_>, id: UserId) -> Result<(), Error> {
    rows.user(id)?.map(drop).ok_or_else(|| Error::not_found("there is no such person"))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<UserId>) -> Result<Json<PinState>, Error> {
    caller.may_see(Some(id))?;
    let now = app.clock.now();
    let state = app
        .store
        .read(move |rows| {
            existing(rows, id)?;
            Ok::<_, Error>(pins::state(rows, id, now)?)
        })
        .await?;
    Ok(Json(state))
}

async fn set(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
    Body(new): Body<NewPin>,
) -> Result<Json<PinState>, Error> {
    caller.may_see(Some(id))?;
    // The reason tells which rule it breaks, not what was sent.
    let pin: Pin = new.pin.parse().map_err(|error| Error::field("/pin", format!("{error}")))?;
    let hash = pins::hash(pin).await?;
    change(&app, id, move |tx, now| Ok(tx.pin_set(id, &hash, now)?)).await
}

async fn clear(State(app): State<App>, caller: Caller, Path(id): Path<UserId>) -> Result<Json<PinState>, Error> {
    caller.may_see(Some(id))?;
    change(&app, id, move |tx, _| Ok(tx.pin_clear(id).map(drop)?)).await
}

async fn unlock(State(app): State<App>, caller: Caller, Path(id): Path<UserId>) -> Result<Json<PinState>, Error> {
    caller.admin()?;
    change(&app, id, move |tx, _| Ok(pins::right(tx, id)?)).await
}

async fn change(
    app: &App,
    id: UserId,
    work: impl FnOnce(&Tx<'_>, chrono::DateTime<chrono::Utc>) -> Result<(), Error> + Send + 'static,
) -> Result<Json<PinState>, Error> {
    let now = app.clock.now();
    let state = app
        .store
        .write(move |tx| {
            existing(tx, id)?;
            work(tx, now)?;
            tx.event_append(&Event::PinChanged { user: id }, Some(id), now)?;
            Ok::<_, Error>(pins::state(tx, id, now)?)
        })
        .await?;
    Ok(Json(state))
}
