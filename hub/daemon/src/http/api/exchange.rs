//! Calendar files, the feeds of a calendar, and invitations.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use xswarm_core::{
    admin::calendar::optional_day,
    exchange::{CreatedFeed, FeedRow, ImportReport, NewFeed},
    id::{FeedId, InvitationId, UserId},
    invitation::{Invitation, InvitationState},
    time::resolve_local,
    user::User,
};
use xswarm_store::{Rows, StoreError};

use crate::{
    assistant::effect::{self, Effect},
    error::Error,
    exchange,
    http::{
        App,
        body::{Body, Parameters, Path, file, file_limit},
        caller::Caller,
    },
    icalendar::{self, FILE_BYTES, Purpose},
    invitations,
    outbox::OurAddresses,
    people,
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/calendar/export", get(export))
        // A little more than a file may have, so that the refusal is ours.
        .route("/calendar/import", post(import).layer(file_limit(FILE_BYTES)))
        .route("/calendar/feeds", get(feeds).post(create_feed))
        .route("/calendar/feeds/{id}", delete(revoke_feed))
        .route("/invitations", get(list_invitations))
        .route("/invitations/{id}/accept", post(accept))
        .route("/invitations/{id}/decline", post(decline))
}

fn existing(rows: &Rows<'_>, id: UserId) -> Result<User, Error> {
    rows.user(id)?.ok_or_else(|| Error::not_found("there is no such person"))
}

fn ours(app: &App) -> OurAddresses {
    app.ours.clone()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    user_id: Option<UserId>,
    #[serde(default, deserialize_with = "optional_day")]
    from: Option<NaiveDate>,
    #[serde(default, deserialize_with = "optional_day")]
    to: Option<NaiveDate>,
}

/// All of a calendar, or what lies between two days (the second is still in it). Series are written whole.
async fn export(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<ExportQuery>,
) -> Result<Response, Error> {
    let id = caller.about(query.user_id, &app.store).await?;
    let now = app.clock.now();
    if let (Some(from), Some(to)) = (query.from, query.to)
        && to < from
    {
        return Err(Error::invalid("the last day is before the first"));
    }
    let (user, appointments) = app
        .store
        .read(move |rows| {
            let user = existing(rows, id)?;
            let midnight = |day: NaiveDate| resolve_local(day.and_time(NaiveTime::MIN), user.timezone);
            let from = query.from.map_or(DateTime::<Utc>::MIN_UTC + Duration::days(366), midnight);
            let to = query.to.and_then(|day| day.succ_opt()).map_or(now + Duration::days(366 * 1_000), midnight);
            let found = rows.appointments_within(id, from, to, exchange::APPOINTMENTS)?;
            Ok::<_, Error>((user, found))
        })
        .await?;
    let text = icalendar::write(&appointments, &user, Purpose::File, now);
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"calendar.ics\""),
    ];
    Ok((headers, text).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    user_id: Option<UserId>,
}

async fn import(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<ImportQuery>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ImportReport>, Response> {
    let bytes = file(body, "a calendar file", FILE_BYTES)?;
    let taken = async {
        let id = caller.about(query.user_id, &app.store).await?;
        let user = app.store.read(move |rows| existing(rows, id)).await?;
        let by = exchange::reminders_by(&user, &ours(&app));
        exchange::take_in(&app.store, user, bytes.to_vec(), by, app.clock.now()).await
    };
    taken.await.map(Json).map_err(IntoResponse::into_response)
}

async fn feeds(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<ImportQuery>,
) -> Result<Json<Value>, Error> {
    let user = caller.about(query.user_id, &app.store).await?;
    let feeds = app.store.read(move |rows| rows.feeds(user).map_err(Error::from)).await?;
    Ok(Json(json!({ "feeds": feeds })))
}

async fn create_feed(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewFeed>,
) -> Result<(StatusCode, Json<CreatedFeed>), Error> {
    let user_id = caller.about(new.user_id, &app.store).await?;
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("a feed has a name of 1 to 100 characters, such as \"Anna's phone\""));
    }
    let now = app.clock.now();
    let feed = FeedRow { id: FeedId::new(now), user_id, name, created_at: now, last_used_at: None, revoked_at: None };
    let token = people::feed_token()?;
    let path = format!("/calendar/{token}.ics");
    let url = format!("http://{}{path}", app.about.listeners.lan);
    let created = CreatedFeed { feed: feed.clone(), path, url };
    app.store
        .write(move |tx| {
            existing(tx, user_id)?;
            tx.feed_insert(&feed, &token).map_err(Error::from)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(created)))
}

async fn revoke_feed(State(app): State<App>, caller: Caller, Path(id): Path<FeedId>) -> Result<Json<Value>, Error> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let feed = tx.feed(id)?.ok_or_else(|| Error::not_found("there is no such feed"))?;
            caller.may_see(Some(feed.user_id))?;
            tx.feed_revoke(id, now).map_err(Error::from)
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InvitationQuery {
    user_id: Option<UserId>,
    all: Option<bool>,
}

async fn list_invitations(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<InvitationQuery>,
) -> Result<Json<Value>, Error> {
    const MOST: u32 = 200;
    let user = caller.about(query.user_id, &app.store).await?;
    let all = query.all.unwrap_or(false);
    let invitations = app
        .store
        .read(move |rows| {
            let found: Result<Vec<Invitation>, StoreError> =
                if all { rows.invitations(user, MOST) } else { rows.invitations_open(user) };
            found.map_err(Error::from)
        })
        .await?;
    Ok(Json(json!({ "invitations": invitations })))
}

async fn accept(state: State<App>, caller: Caller, Path(id): Path<InvitationId>) -> Result<Json<Value>, Error> {
    decide(state, caller, id, InvitationState::Accepted).await
}

async fn decline(state: State<App>, caller: Caller, Path(id): Path<InvitationId>) -> Result<Json<Value>, Error> {
    decide(state, caller, id, InvitationState::Declined).await
}

async fn decide(
    State(app): State<App>,
    caller: Caller,
    id: InvitationId,
    to: InvitationState,
) -> Result<Json<Value>, Error> {
    let (now, ours) = (app.clock.now(), ours(&app));
    let changed = app
        .store
        .write(move |tx| {
            let invitation = tx.invitation(id)?.ok_or_else(|| Error::not_found("there is no such invitation"))?;
            caller.may_see(Some(invitation.user_id))?;
            let user = existing(tx, invitation.user_id)?;
            if invitation.state != InvitationState::Proposed {
                return Err(Error::conflict(format!("this invitation is {} already", invitation.state)));
            }
            let by = exchange::reminders_by(&user, &ours);
            let accepted = to == InvitationState::Accepted;
            let steps = if accepted { invitations::steps(tx, &user, &invitation, now)? } else { Vec::new() };
            let changed: Vec<_> = steps.iter().map(|step| step.after().clone()).collect();
            let about = crate::assistant::invitations::named(&invitation.about);
            let decided = Effect::DecideInvitation { invitation: id, about, from: InvitationState::Proposed, to };
            let effects: Vec<_> = steps.into_iter().map(|step| Effect::of(step, by)).chain([decided]).collect();
            effect::commit(tx, user.id, &effects, now)?;
            Ok::<_, Error>(changed)
        })
        .await?;
    Ok(Json(json!({ "success": true, "appointments": changed })))
}
