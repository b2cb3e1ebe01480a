//! What is remembered of a person, summaries of older conversation, and search.
//!
//! All of it is private: whoever calls sees their own, and an admin nobody else's. The admin socket speaks for the first
//! admin, as everywhere.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, put},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use xswarm_core::{
    id::{MemoryId, SummaryId, UserId},
    memory::{self as facts, Memory, MemoryExport, Summary},
};
use xswarm_store::Rows;

use crate::{
    error::Error,
    http::{
        App,
        body::{Body, Parameters, Path},
        caller::Caller,
    },
    memory,
};

/// How many hits a search answers when nothing is said.
const HITS: u32 = 20;

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/memory", get(all).post(add))
        .route("/memory/search", get(search))
        .route("/memory/export", get(export))
        .route("/memory/{id}", get(show).delete(forget))
        .route("/summaries", get(summaries))
        .route("/summaries/{id}", put(correct).delete(discard))
}

/// A memory of this person.
fn own_memory(rows: &Rows<'_>, user: UserId, id: MemoryId) -> Result<Memory, Error> {
    let found = rows.memory(id)?.filter(|one| one.user_id == user);
    found.ok_or_else(|| Error::not_found("there is no such memory, or it is not yours"))
}

/// A summary of this person's conversation.
fn own_summary(rows: &Rows<'_>, user: UserId, id: SummaryId) -> Result<Summary, Error> {
    let found = rows.summary(id)?.filter(|one| one.user_id == user);
    found.ok_or_else(|| Error::not_found("there is no such summary, or it is not yours"))
}

async fn all(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    let user = caller.about(None, &app.store).await?;
    let memories = app.store.read(move |rows| rows.memories(user).map_err(Error::from)).await?;
    Ok(Json(json!({ "memories": memories })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMemory {
    /// What, on one line of at most 500 characters.
    text: String,
}

async fn add(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewMemory>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let most = facts::MEMORY_CHARACTERS;
    let text = facts::text(&new.text)
        .ok_or_else(|| Error::field("/text", format!("has 1 to {most} characters, and none that cannot be seen")))?;
    let user = caller.about(None, &app.store).await?;
    let now = app.clock.now();
    let memory = app
        .store
        .write(move |tx| {
            if let Some(known) = memory::known(tx, user, &text)? {
                return Err(Error::conflict(format!("this is remembered already, as {}", known.id)));
            }
            memory::room(tx, user)?;
            let new = memory::new_memory(user, text, None, now);
            memory::remember(tx, &new, now)?;
            Ok(new)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(json!({ "memory": memory }))))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<MemoryId>) -> Result<Json<Value>, Error> {
    let user = caller.about(None, &app.store).await?;
    let memory = app.store.read(move |rows| own_memory(rows, user, id)).await?;
    Ok(Json(json!({ "memory": memory })))
}

async fn forget(State(app): State<App>, caller: Caller, Path(id): Path<MemoryId>) -> Result<Json<Value>, Error> {
    let user = caller.about(None, &app.store).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            own_memory(tx, user, id)?;
            memory::forget(tx, user, id, now).map_err(Error::from)
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    q: Option<String>,
    limit: Option<u32>,
}

async fn search(
    State(app): State<App>,
    caller: Caller,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Value>, Error> {
    let limit = asked.limit.unwrap_or(HITS);
    if !(1..=100).contains(&limit) {
        return Err(Error::field("/limit", "is 1 to 100"));
    }
    let user = caller.about(None, &app.store).await?;
    let words = asked.q.unwrap_or_default();
    let hits = app.store.read(move |rows| rows.search(user, &words, limit).map_err(Error::from)).await?;
    Ok(Json(json!({ "hits": hits })))
}

async fn export(State(app): State<App>, caller: Caller) -> Result<Json<MemoryExport>, Error> {
    let user = caller.about(None, &app.store).await?;
    let exported_at = app.clock.now();
    let whole = app
        .store
        .read(move |rows| {
            let (memories, summaries) = (rows.memories(user)?, rows.summaries(user)?);
            Ok::<_, Error>(MemoryExport { user_id: user, exported_at, memories, summaries })
        })
        .await?;
    Ok(Json(whole))
}

async fn summaries(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    let user = caller.about(None, &app.store).await?;
    let summaries = app.store.read(move |rows| rows.summaries(user).map_err(Error::from)).await?;
    Ok(Json(json!({ "summaries": summaries })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrectedSummary {
    /// What it shall say, at most 20,000 characters.
    text: String,
}

async fn correct(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SummaryId>,
    Body(to): Body<CorrectedSummary>,
) -> Result<Json<Value>, Error> {
    let most = facts::SUMMARY_CHARACTERS;
    let text = facts::summary_text(&to.text)
        .ok_or_else(|| Error::field("/text", format!("has 1 to {most} characters, and none that cannot be seen")))?;
    let user = caller.about(None, &app.store).await?;
    let now = app.clock.now();
    let summary = app
        .store
        .write(move |tx| {
            own_summary(tx, user, id)?;
            memory::correct(tx, user, id, &text, now)?;
            own_summary(tx, user, id)
        })
        .await?;
    Ok(Json(json!({ "summary": summary })))
}

async fn discard(State(app): State<App>, caller: Caller, Path(id): Path<SummaryId>) -> Result<Json<Value>, Error> {
    let user = caller.about(None, &app.store).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            own_summary(tx, user, id)?;
            memory::discard(tx, user, id, now).map_err(Error::from)
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}
