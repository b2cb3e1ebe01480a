//! Single appointments: booked, shown, changed, called off.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use xswarm_core::{
    admin::calendar::{AppointmentAnswer, AppointmentChange, NewAppointment},
    appointment::{Appointment, AppointmentOrigin, AppointmentStatus},
    id::{AppointmentId, UserId},
    reminder::ReminderPlan,
    series::{self, Scope},
    user::User,
};
use xswarm_store::{Rows, Tx};

use super::{
    changing::{self, Which, refused},
    drafting, in_the_way, person, shown,
};
use crate::{
    assistant::effect::{self, Effect},
    error::Error,
    http::{
        App,
        body::{Body, Parameters, Path},
        caller::Caller,
        version,
    },
    outbox::OurAddresses,
    reminders::usual_channel,
};

/// The header by which clients name a request (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// An appointment that exists and is this caller's business.
pub(super) fn theirs(rows: &Rows<'_>, caller: Caller, id: AppointmentId) -> Result<Appointment, Error> {
    let missing = || Error::not_found("there is no such appointment, or it is not yours");
    let appointment = rows.appointment(id)?.ok_or_else(missing)?;
    caller.may_see(Some(appointment.user_id)).map_err(|_denied| missing())?;
    Ok(appointment)
}

/// What is ours to reach persons by.
fn ours(app: &App) -> OurAddresses {
    app.ours.clone()
}

fn answer(
    rows: &Rows<'_>,
    (user, id): (&User, AppointmentId),
    now: DateTime<Utc>,
) -> Result<(u32, AppointmentAnswer), Error> {
    let appointment =
        rows.appointment(id)?.ok_or_else(|| Error::internal("an appointment just written is not there"))?;
    let conflicts = match appointment.status {
        AppointmentStatus::Cancelled => Vec::new(),
        AppointmentStatus::Confirmed | AppointmentStatus::Tentative => in_the_way(rows, user, &appointment, now)?,
    };
    let answer = AppointmentAnswer { appointment: shown(&appointment), following: None, conflicts };
    Ok((appointment.version, answer))
}

/// Book an appointment.
///
/// With `client_id` or the header `Idempotency-Key` the same request again books nothing and answers 200 with what was
/// booked. What is in its way is told and does not keep it from being booked.
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(body): Body<NewAppointment>,
) -> Result<Response, Error> {
    let user = caller.about(body.user_id, &app.store).await?;
    let key = request_key(&headers, body.client_id.as_deref())?;
    let fingerprint = serde_json::to_string(&NewAppointment { client_id: None, ..body.clone() });
    let fingerprint = fingerprint.map_err(|error| Error::internal("a request cannot be written").with_source(error))?;
    // A program has a key; whoever may open the socket is the person at the terminal.
    let origin = if caller == Caller::SOCKET { AppointmentOrigin::Boss } else { AppointmentOrigin::Program };
    let (now, ours) = (app.clock.now(), ours(&app));
    let (status, version, answer) = app
        .store
        .write(move |tx| {
            let user = person(tx, user)?;
            let request = key.as_deref().map(|key| (key, fingerprint.as_str()));
            if let Some(known) = booked_already(tx, user.id, request)? {
                let (version, answer) = answer(tx, (&user, known), now)?;
                return Ok::<_, Error>((StatusCode::OK, version, answer));
            }
            let appointment = drafting::new(body.clone(), &user, origin, now)?;
            let id = appointment.id;
            if let Some(request) = request {
                tx.request_insert(user.id, request, &id.to_string(), now)?;
            }
            let channel = usual_channel(&user, &ours);
            let once = body.reminder_minutes.flatten();
            let once = once.map(|lead| effect::reminding_once(&appointment, ReminderPlan::default(), lead, channel));
            let mut effects = vec![Effect::Book { appointment: Box::new(appointment), channel, split: false }];
            effects.extend(once);
            effect::commit(tx, user.id, &effects, now)?;
            let (version, answer) = answer(tx, (&user, id), now)?;
            Ok((StatusCode::CREATED, version, answer))
        })
        .await?;
    let location = format!("/api/calendar/appointments/{}", answer.appointment.id);
    Ok((status, version::tag(version), [("location", location)], Json(answer)).into_response())
}

fn request_key(headers: &HeaderMap, client_id: Option<&str>) -> Result<Option<String>, Error> {
    let header = headers.get(IDEMPOTENCY_KEY).map(|value| value.to_str().map(str::trim));
    let header = header.transpose().map_err(|error| {
        Error::invalid("the header Idempotency-Key has other characters than those of ASCII").with_source(error)
    })?;
    // The header's value is a string in quotes; many clients leave them out.
    let header = header.map(|value| value.trim_matches('"'));
    let key = match (client_id, header) {
        (Some(id), Some(header)) if id != header => {
            return Err(Error::field("/client_id", "is not what the header Idempotency-Key says: send one of them"));
        }
        (id, header) => id.or(header),
    };
    match key {
        Some(key) if key.trim().is_empty() || key.chars().count() > 200 => {
            Err(Error::field("/client_id", "has 1 to 200 characters"))
        }
        key => Ok(key.map(str::to_owned)),
    }
}

fn booked_already(tx: &Tx<'_>, user: UserId, request: Option<(&str, &str)>) -> Result<Option<AppointmentId>, Error> {
    let Some((key, body)) = request else { return Ok(None) };
    match tx.request(user, key, body)? {
        None => Ok(None),
        Some(known) if known.same => {
            let unreadable = |error| Error::internal("the subject of a request cannot be read").with_source(error);
            known.subject.parse().map(Some).map_err(unreadable)
        }
        Some(_) => Err(Error::conflict("another request had this client_id (or Idempotency-Key): make up a new one")),
    }
}

/// Show an appointment.
pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<AppointmentId>,
) -> Result<Response, Error> {
    let appointment = app.store.read(move |rows| theirs(rows, caller, id)).await?;
    let tag = version::tag(appointment.version);
    if version::known(&headers, appointment.version) {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    let answer = AppointmentAnswer { appointment: shown(&appointment), following: None, conflicts: Vec::new() };
    Ok((tag, Json(answer)).into_response())
}

/// Change an appointment, or part of a series.
///
/// With `If-Match` only when it is still of that version, else 412. Without it the fields that are given replace those
/// that are there, whatever else has changed. A series may become two: then `following` is the second.
pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<AppointmentId>,
    Parameters(which): Parameters<Which>,
    Body(change): Body<AppointmentChange>,
) -> Result<Response, Error> {
    let (now, ours) = (app.clock.now(), ours(&app));
    let (version, answer) = app
        .store
        .write(move |tx| {
            let before = theirs(tx, caller, id)?;
            version::expected(&headers, before.version)?;
            let user = person(tx, before.user_id)?;
            let target = which.of(&before)?;
            let edited = changing::changed(&before, change.clone(), target, now)?;
            let following = edited.rest.as_ref().map(|rest| rest.id);
            let one = (target.scope == Scope::This && before.is_series())
                .then(|| edited.series.occurrence_at(target.recurrence_id).ok().flatten())
                .flatten();
            let channel = usual_channel(&user, &ours);
            let once = match change.reminder_minutes.flatten() {
                Some(lead) => {
                    let subject = edited.rest.as_ref().unwrap_or(&edited.series);
                    Some(effect::reminding_once(subject, tx.appointment_plan(id)?, lead, channel))
                }
                None => None,
            };
            let mut effects = effect::of_edit(tx, &before, edited, channel)?;
            effects.extend(once);
            effect::commit(tx, before.user_id, &effects, now)?;
            let (version, mut answer) = answer(tx, (&user, id), now)?;
            if let Some(following) = following {
                let (_, rest) = self::answer(tx, (&user, following), now)?;
                // What was left behind was not changed.
                answer.following = Some(rest.appointment);
                answer.conflicts = rest.conflicts;
            } else if let Some(one) = one {
                answer.conflicts.retain(|conflict| conflict.start_time == one.start);
            }
            Ok::<_, Error>((version, answer))
        })
        .await?;
    Ok((version::tag(version), Json(answer)).into_response())
}

/// Call an appointment off, or part of a series.
///
/// Its row stays, so that this can be taken back: by "undo" within a day, or by `PUT` with `status` `confirmed`.
pub(super) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<AppointmentId>,
    Parameters(which): Parameters<Which>,
) -> Result<Response, Error> {
    let (now, ours) = (app.clock.now(), ours(&app));
    let version = app
        .store
        .write(move |tx| {
            let before = theirs(tx, caller, id)?;
            version::expected(&headers, before.version)?;
            if before.status == AppointmentStatus::Cancelled {
                return Ok::<_, Error>(before.version);
            }
            let user = person(tx, before.user_id)?;
            let edited = series::cancelled(&before, which.of(&before)?, now).map_err(refused)?;
            let effects = effect::of_edit(tx, &before, edited, usual_channel(&user, &ours))?;
            effect::commit(tx, before.user_id, &effects, now)?;
            Ok(theirs(tx, caller, id)?.version)
        })
        .await?;
    Ok((version::tag(version), Json(super::Success { success: true })).into_response())
}
