//! Running the box: status, jobs, facts, secrets, checks, reloading.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};
use xswarm_core::{
    admin::{AuditReport, MailState, SecretValue, Status, VoiceState},
    event::Event,
    job::JobState,
};

use crate::{
    config::Config,
    doctor,
    error::Error,
    http::{
        App,
        body::{Body, Parameters, Path},
        caller::Caller,
    },
};

/// How long the status waits for servers that listen and speak.
const LOOKING: Duration = Duration::from_millis(500);

/// The secrets that setup may store.
const SECRET_NAMES: &[&str] = &[
    "twilio_auth_token",
    "twilio_auth_token_previous",
    "sendgrid_api_key",
    "sendgrid_inbound_password",
    "sendgrid_inbound_client_secret",
    "smtp_password",
    "anthropic_api_key",
    "openai_api_key",
];

/// Routes under `/api`, for the LAN and the socket.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/status", get(status))
        .route("/jobs", get(jobs))
        .route("/jobs/{id}/retry", post(retry))
        .route("/events", get(events))
        .route("/audit/verify", post(verify))
        .route("/doctor", get(checks))
}

/// Routes under `/api`, for the socket alone.
pub(crate) fn socket_routes() -> Router<App> {
    Router::new()
        .route("/secrets/{name}", put(set_secret))
        .route("/setup/webhooks", post(set_webhooks))
        .route("/voice/retry", post(retry_voice))
        .route("/reload", post(reload))
}

async fn status(State(app): State<App>, caller: Caller) -> Result<Json<Status>, Error> {
    caller.admin()?;
    let now = app.clock.now();
    let counts = app.store.read(move |rows| rows.counts(now).map_err(Error::from)).await?;
    let incoming = app.webhooks.mail.kind().map(str::to_owned);
    let mail = MailState { incoming, ..app.mail.state() };
    // Servers come and go; one that does not answer soon is as it was last seen.
    let _seen = tokio::time::timeout(LOOKING, app.calls.engines().look()).await;
    let (sms, llm, voice) = (app.sms.state(), app.llm.state(), app.calls.engines().state());
    Ok(Json(Status { now, sms, mail, llm, voice, counts, ..app.about.status() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JobQuery {
    state: Option<JobState>,
    limit: Option<u32>,
}

async fn jobs(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<JobQuery>,
) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let limit = query.limit.unwrap_or(100).min(10_000);
    let jobs = app.store.read(move |rows| rows.jobs(query.state, limit).map_err(Error::from)).await?;
    Ok(Json(json!({ "jobs": jobs })))
}

/// Tries the voice engines that are away again: models may have come. Says how it is with all of them.
async fn retry_voice(State(app): State<App>, caller: Caller) -> Result<Json<VoiceState>, Error> {
    caller.admin()?;
    app.calls.engines().retry().await;
    Ok(Json(app.calls.engines().state()))
}

async fn retry(State(app): State<App>, caller: Caller, Path(id): Path<i64>) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let now = app.clock.now();
    let job = app
        .store
        .write(move |tx| {
            let before = tx.job(id)?.ok_or_else(|| Error::not_found("there is no such job"))?;
            if !matches!(before.state, JobState::Dead | JobState::Parked) {
                return Err(Error::conflict(format!(
                    "only dead or parked jobs are tried again; this one is {}",
                    before.state
                )));
            }
            tx.job_revive(id, now)?;
            tx.job(id)?.ok_or_else(|| Error::not_found("there is no such job"))
        })
        .await?;
    Ok(Json(json!({ "job": job })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    after: Option<i64>,
    limit: Option<u32>,
}

async fn events(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<EventQuery>,
) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let limit = query.limit.unwrap_or(100).min(10_000);
    let after = query.after.unwrap_or(0);
    let events = app.store.read(move |rows| rows.events(after, limit).map_err(Error::from)).await?;
    Ok(Json(json!({ "events": events })))
}

async fn verify(State(app): State<App>, caller: Caller) -> Result<Json<AuditReport>, Error> {
    caller.admin()?;
    Ok(Json(app.store.read(|rows| rows.audit_verify().map_err(Error::from)).await?))
}

async fn checks(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    caller.admin()?;
    Ok(Json(json!({ "checks": doctor::checks(&app).await })))
}

async fn set_secret(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Body(secret): Body<SecretValue>,
) -> Result<Json<Value>, Error> {
    caller.admin()?;
    if !SECRET_NAMES.contains(&name.as_str()) {
        return Err(Error::invalid(format!("there is no secret `{name}`; there are {}", SECRET_NAMES.join(", "))));
    }
    if secret.value.trim().is_empty() || secret.value.len() > 4_096 {
        return Err(Error::invalid("a secret has 1 to 4,096 characters"));
    }
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            tx.secret_set(&name, secret.value.trim(), now)?;
            Ok::<_, Error>(tx.event_append(&Event::SecretSet { name }, None, now)?)
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}

async fn set_webhooks(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    caller.admin()?;
    Ok(Json(json!({ "numbers": app.sms.set_webhooks().await? })))
}

/// `?now=true`
#[derive(Deserialize)]
struct Reload {
    #[serde(default)]
    now: bool,
}

async fn reload(
    State(app): State<App>,
    caller: Caller,
    Parameters(Reload { now }): Parameters<Reload>,
) -> Result<(StatusCode, Json<Value>), Error> {
    caller.admin()?;
    let talking = app.calls.talking();
    if talking > 0 && !now {
        let calls = if talking == 1 { "a call goes on" } else { "calls go on" };
        return Err(Error::conflict(format!("{calls}, and would be cut off: wait for the end, or say --now")));
    }
    // A mistake is told to whoever made it, and the hub goes on as it is.
    Config::load(app.about.config_path.as_deref().map(std::path::Path::new), None)?;
    app.about.reload();
    Ok((StatusCode::ACCEPTED, Json(json!({ "success": true }))))
}
