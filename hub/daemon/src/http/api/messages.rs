//! Messages: the ledger, texting somebody, and the console conversation.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use xswarm_core::{
    admin::{Answered, Ask, NewCall, NewMail, NewSms},
    event::Event,
    id::{MessageId, UserId},
    job::{Job, Lane},
    message::{Channel, DeliveryNews, Direction, MessageStatus},
};
use xswarm_store::MessageFilter;

use crate::{
    channels::{console, mail, sms},
    error::Error,
    http::{
        App,
        body::{Body, Parameters, Path},
        caller::Caller,
    },
    outbox::{CALL, To},
};

/// Routes under `/api`, for the LAN and the socket.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/messages", get(list))
        .route("/messages/history", get(history))
        .route("/messages/sms", post(send_sms))
        .route("/messages/email", post(send_mail))
        .route("/messages/voice", post(call))
        .route("/messages/{id}", get(show))
        .route("/messages/{id}/resend", post(resend))
}

/// Routes under `/api`, for the socket alone.
pub(crate) fn console_routes() -> Router<App> {
    Router::new().route("/ask", post(ask)).route("/console", get(unseen))
}

async fn ask(State(app): State<App>, caller: Caller, Body(ask): Body<Ask>) -> Result<Json<Answered>, Error> {
    let user = caller.about(ask.user_id, &app.store).await?;
    Ok(Json(console::ask(&app.store, app.clock, user, ask.text, ask.client_id).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unseen {
    user_id: Option<UserId>,
    wait_s: Option<u64>,
}

async fn unseen(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<Unseen>,
) -> Result<Json<Value>, Error> {
    let user = caller.about(query.user_id, &app.store).await?;
    let wait = Duration::from_secs(query.wait_s.unwrap_or(0).min(60));
    let messages = console::unseen(&app.store, app.clock, user, wait, &app.stopping).await?;
    Ok(Json(json!({ "messages": messages })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    user_id: Option<UserId>,
    channel: Option<Channel>,
    status: Option<MessageStatus>,
    limit: Option<u32>,
}

impl Listing {
    fn filter(&self, user_id: Option<UserId>) -> MessageFilter {
        MessageFilter {
            user_id,
            channel: self.channel,
            status: self.status,
            limit: self.limit.unwrap_or(50).min(1_000),
        }
    }
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<Listing>,
) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let filter = query.filter(query.user_id);
    let messages = app.store.read(move |rows| rows.messages(&filter).map_err(Error::from)).await?;
    Ok(Json(json!({ "messages": messages })))
}

async fn history(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<Listing>,
) -> Result<Json<Value>, Error> {
    let user = caller.about(query.user_id, &app.store).await?;
    let filter = query.filter(Some(user));
    let messages = app.store.read(move |rows| rows.messages(&filter).map_err(Error::from)).await?;
    Ok(Json(json!({ "messages": messages })))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<MessageId>) -> Result<Json<Value>, Error> {
    let message = app.store.read(move |rows| rows.message(id).map_err(Error::from)).await?;
    let message = message.ok_or_else(|| Error::not_found("there is no such message"))?;
    caller.may_see(message.user_id)?;
    Ok(Json(json!({ "message": message })))
}

/// `POST /api/messages/sms`, and `POST /sms/outbound`.
pub(crate) async fn send_sms(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewSms>,
) -> Result<(StatusCode, Json<Value>), Error> {
    caller.may_see(Some(new.user_id))?;
    let message = sms::compose(&app.store, app.clock, app.sms.number(), new, |from, to| To::Sms { from, to }).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "message": message }))))
}

/// `POST /api/messages/voice`.
async fn call(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewCall>,
) -> Result<(StatusCode, Json<Value>), Error> {
    caller.may_see(Some(new.user_id))?;
    let NewCall { to, message, user_id, client_id } = new;
    let new = NewSms { to, message, user_id, client_id };
    let message = sms::compose(&app.store, app.clock, app.sms.number(), new, |from, to| To::Phone { from, to }).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "message": message }))))
}

/// `POST /api/messages/email`, and `POST /email/outbound`.
pub(crate) async fn send_mail(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewMail>,
) -> Result<(StatusCode, Json<Value>), Error> {
    caller.may_see(Some(new.user_id))?;
    let ours = app.ours.clone();
    let messages = mail::compose(&app.store, app.clock, ours, new).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "message": messages.first(), "messages": messages }))))
}

async fn resend(State(app): State<App>, caller: Caller, Path(id): Path<MessageId>) -> Result<Json<Value>, Error> {
    let now = app.clock.now();
    let message = app
        .store
        .write(move |tx| {
            let missing = || Error::not_found("there is no such message");
            let message = tx.message(id)?.ok_or_else(missing)?;
            caller.may_see(message.user_id)?;
            let sender = message.sender.as_deref().unwrap_or_default();
            let lane = match (message.direction, message.channel) {
                (Direction::Outbound, Channel::Sms) => sender.parse().ok().map(Lane::SmsFrom),
                (Direction::Outbound, Channel::Email) => sender.parse().ok().map(Lane::MailFrom),
                (Direction::Outbound, Channel::Voice) if message.metadata.get(CALL).is_none() => {
                    message.recipient.as_deref().and_then(|to| to.parse().ok()).map(Lane::CallsTo)
                }
                (Direction::Inbound | Direction::Outbound, _) => {
                    return Err(Error::conflict("only texts, mails and calls that went out can be sent again"));
                }
            };
            tx.message_news(id, DeliveryNews::Resend, now)?.ok_or_else(|| {
                Error::conflict(format!(
                    "only unknown or failed messages are sent again; this one is {}",
                    message.status
                ))
            })?;
            tx.message_error(id, None, None)?;
            let sending = tx.message_sending(id)?;
            tx.job_enqueue(&Job::Deliver { message: id, sending }, lane.as_ref(), now, now)?;
            tx.event_append(&Event::MessageResent { message: id }, message.user_id, now)?;
            tx.message(id)?.ok_or_else(missing)
        })
        .await?;
    Ok(Json(json!({ "message": message })))
}
