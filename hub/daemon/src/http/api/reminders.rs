//! Reminders, timers and alarms over REST: the same rows, by the same rules, as in conversation.
//!
//! Shapes follow the table `appointment_reminders`. What belongs to somebody else does not exist for a member.

mod before;
mod listing;
mod preferences;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, Duration, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use xswarm_core::{
    admin::calendar::Moment,
    id::{ReminderId, UserId},
    recurrence::specified::Specified,
    reminder::{
        Reminder, ReminderKind, ReminderPlan, ReminderProgress, ReminderStatus, ReminderStep,
        requests::{Acknowledgement, NewReminder, ReminderChange, SnoozeRequest},
    },
    user::User,
};
use xswarm_store::Rows;

use crate::{
    error::Error,
    http::{
        App,
        body::{Body, Path, read},
        caller::Caller,
        version,
    },
    outbox::OurAddresses,
    reminders,
};

/// The longest text of a reminder, in characters: it is said in one message.
const TEXT_MOST: usize = 1_000;

/// How far ahead a reminder may lie.
const FURTHEST: Duration = Duration::days(100 * 366);

/// How many reminders one transaction says, and how many one request.
const AT_ONCE: u32 = 200;
const PER_REQUEST: usize = 10_000;

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/reminders", get(listing::list).post(create))
        .route("/reminders/process-due", post(process_due))
        .route("/reminders/{id}", get(show).put(update).delete(cancel))
        .route("/reminders/{id}/acknowledge", post(acknowledge))
        .route("/reminders/{id}/snooze", post(snooze))
        .merge(before::routes())
        .merge(preferences::routes())
}

/// What is ours to reach persons by.
fn ours(app: &App) -> OurAddresses {
    app.ours.clone()
}

fn existing_user(rows: &Rows<'_>, id: UserId) -> Result<User, Error> {
    rows.user(id)?.ok_or_else(|| Error::not_found("there is no such person"))
}

/// The reminder, if the caller may see it.
fn visible(rows: &Rows<'_>, caller: Caller, id: ReminderId) -> Result<Reminder, Error> {
    let gone = || Error::not_found("there is no such thing, or it is not yours");
    let reminder = rows.reminder(id)?.ok_or_else(gone)?;
    caller.may_see(Some(reminder.user_id))?;
    Ok(reminder)
}

/// The reminder, if a change that is based on what these headers name may go on.
fn expected(reminder: Reminder, headers: &HeaderMap) -> Result<Reminder, Error> {
    version::expected(headers, version::of(&reminder)?)?;
    Ok(reminder)
}

fn pending(reminder: Reminder) -> Result<Reminder, Error> {
    if reminder.status == ReminderStatus::Pending {
        return Ok(reminder);
    }
    Err(Error::conflict(format!("this reminder is {}: only a pending one can be changed", reminder.status)))
}

/// A body that may be missing.
fn optional<T: DeserializeOwned + Default>(body: &Bytes) -> Result<T, Error> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(T::default());
    }
    read(body)
}

fn checked_text(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("say what to remind of: `text` is empty"));
    }
    if text.chars().count() > TEXT_MOST {
        return Err(Error::invalid(format!("a reminder has at most {TEXT_MOST} characters")));
    }
    if text.chars().any(|one| one.is_control() && one != '\n') {
        return Err(Error::invalid("the text of a reminder has no control characters"));
    }
    Ok(text.to_owned())
}

/// When it is for the person; `pointer` is where the request says it.
fn checked_time((pointer, at): (&str, Moment), user: &User, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
    let at = at.at(user.timezone);
    if at <= now {
        return Err(Error::field(pointer, "has gone by"));
    }
    if at > now + FURTHEST {
        return Err(Error::field(pointer, "is too far away"));
    }
    Ok(at)
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<ReminderId>,
) -> Result<Response, Error> {
    let reminder = app.store.read(move |rows| visible(rows, caller, id)).await?;
    let version = version::of(&reminder)?;
    if version::known(&headers, &version) {
        return Ok((StatusCode::NOT_MODIFIED, version::tag(version)).into_response());
    }
    Ok((version::tag(version), Json(json!({ "reminder": reminder }))).into_response())
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewReminder>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let now = app.clock.now();
    let ours = ours(&app);
    if let Some(appointment) = new.appointment_id {
        let leads = before::Wanted::at(&new);
        let created = before::create(&app, caller, appointment, leads).await?;
        return Ok((StatusCode::CREATED, created));
    }
    let id = caller.about(new.user_id, &app.store).await?;
    let reminder = app
        .store
        .write(move |tx| {
            let user = existing_user(tx, id)?;
            let reminder = built(&new, &user, &ours, now)?;
            reminders::set(tx, &reminder, now)?;
            Ok::<_, Error>(reminder)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(json!({ "reminder": reminder }))))
}

fn built(new: &NewReminder, user: &User, ours: &OurAddresses, now: DateTime<Utc>) -> Result<Reminder, Error> {
    let kind = new.kind.unwrap_or(ReminderKind::Reminder);
    if kind == ReminderKind::Appointment {
        return Err(Error::invalid("a reminder before an appointment names it: `appointment_id`"));
    }
    let text = checked_text(new.text.as_deref().unwrap_or_default())?;
    let due = checked_time(("/reminder_time", new.reminder_time), user, now)?;
    let rule = new.recurring_rule.as_deref().map(str::parse::<Specified>).transpose();
    let rule = rule.map_err(|error| Error::invalid(format!("`recurring_rule`: {error}")))?;
    let recurrence = rule.map(|rule| rule.local(user.timezone));
    if let Some(rule) = &recurrence
        && kind == ReminderKind::Timer
    {
        return Err(Error::invalid(format!("a timer runs once; `{rule}` repeats")));
    }
    if let Some(rule) = &recurrence {
        let unreadable = |error| Error::invalid(format!("`recurring_rule`: {error}"));
        let first = rule.occurrences(due, user.timezone).map_err(unreadable)?.next();
        first.ok_or_else(|| Error::invalid("`recurring_rule` never occurs at or after `reminder_time`"))?;
    }
    let plan = ReminderPlan {
        channels: new.method.map(|method| vec![method]),
        urgent: new.urgent,
        repeat: new.repeat,
        sound: new.sound.clone(),
        ..ReminderPlan::default()
    };
    let plan = plan.checked().map_err(|error| Error::invalid(error.to_string()))?;
    let id = ReminderId::new(now);
    Ok(Reminder {
        id,
        appointment_id: None,
        user_id: user.id,
        kind,
        text,
        due,
        channel: new.method.unwrap_or_else(|| reminders::usual_channel(user, ours)),
        recurrence,
        timezone: user.timezone,
        step: ReminderStep { series: id.to_string(), recurrence_id: due, generation: 0, step: 0, attempt: 0 },
        series_start: due,
        status: ReminderStatus::Pending,
        outcome: None,
        error_message: None,
        message_id: None,
        created_at: now,
        sent_at: None,
        plan,
        progress: ReminderProgress::default(),
    })
}

/// What is absent stays. With `If-Match` only when it is still of that version.
async fn update(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<ReminderId>,
    Body(change): Body<ReminderChange>,
) -> Result<Response, Error> {
    let now = app.clock.now();
    let reminder = app
        .store
        .write(move |tx| {
            let mut reminder = expected(visible(tx, caller, id)?, &headers).and_then(pending)?;
            if reminder.kind == ReminderKind::Appointment && (change.text.is_some() || change.reminder_time.is_some()) {
                return Err(Error::conflict(
                    "this reminder follows its appointment: move that, or add one at `/api/appointments/{id}/reminders`",
                ));
            }
            if let Some(text) = &change.text {
                reminder.text = checked_text(text)?;
            }
            if let Some(at) = change.reminder_time {
                let user = existing_user(tx, reminder.user_id)?;
                reminder.due = checked_time(("/reminder_time", at), &user, now)?;
            }
            if let Some(method) = change.method {
                reminder.channel = method;
                reminder.plan.channels = Some(vec![method]);
            }
            reminder.plan.urgent = change.urgent.unwrap_or(reminder.plan.urgent);
            reminder.plan.repeat = change.repeat.or(reminder.plan.repeat);
            reminder.plan = reminder.plan.checked().map_err(|error| Error::invalid(error.to_string()))?;
            reminders::change(tx, &reminder, now)?;
            visible(tx, caller, id)
        })
        .await?;
    Ok((version::tag(version::of(&reminder)?), Json(json!({ "reminder": reminder }))).into_response())
}

async fn cancel(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<ReminderId>,
) -> Result<Json<Value>, Error> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let reminder = expected(visible(tx, caller, id)?, &headers).and_then(pending)?;
            reminders::cancel(tx, &reminder, now).map_err(Error::from)
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}

/// A reminder that was said, so that it can be answered.
fn said(reminder: Reminder) -> Result<Reminder, Error> {
    if reminder.message_id.is_some() {
        return Ok(reminder);
    }
    Err(Error::conflict("this reminder was not said yet, so there is nothing to answer"))
}

async fn acknowledge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ReminderId>,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let wanted: Acknowledgement = optional(&body)?;
    let now = app.clock.now();
    let reminder = app
        .store
        .write(move |tx| {
            let reminder = said(visible(tx, caller, id)?)?;
            if reminder.progress.acknowledged_at.is_none() || wanted.done {
                reminders::acknowledge(tx, &reminder, wanted.done, now)?;
            }
            visible(tx, caller, id)
        })
        .await?;
    Ok(Json(json!({ "reminder": reminder })))
}

async fn snooze(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ReminderId>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Error> {
    const USUAL_MINUTES: u32 = 10;
    let wanted: SnoozeRequest = optional(&body)?;
    let now = app.clock.now();
    let until = match (wanted.until, wanted.minutes) {
        (Some(_), Some(_)) => return Err(Error::invalid("say either `until` or `minutes`")),
        (Some(until), None) => ("/until", until),
        (None, minutes) => {
            let minutes = Duration::minutes(i64::from(minutes.unwrap_or(USUAL_MINUTES)));
            ("/minutes", Moment::Instant(now + minutes))
        }
    };
    let reminder = app
        .store
        .write(move |tx| {
            let reminder = said(visible(tx, caller, id)?)?;
            let until = checked_time(until, &existing_user(tx, reminder.user_id)?, now)?;
            let mut again = reminder.again(ReminderId::new(now), until, reminder.step.clone(), now);
            again.recurrence = None;
            reminders::snooze(tx, &reminder, &again, now)?;
            visible(tx, caller, again.id)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(json!({ "reminder": reminder }))))
}

/// Says what is due now by the same path as its jobs; whoever comes second finds nothing left to say.
async fn process_due(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let mut processed = Vec::new();
    loop {
        let (now, ours) = (app.clock.now(), ours(&app));
        let some = app.store.write(move |tx| reminders::fire_due(tx, AT_ONCE, &ours, now).map_err(Error::from)).await?;
        let last = some.is_empty();
        processed.extend(some);
        if last || processed.len() >= PER_REQUEST {
            break;
        }
    }
    let count = processed.len();
    Ok(Json(json!({ "processed": count, "reminders": processed, "success": true })))
}
