//! The agenda and the reminders, for reading.

use axum::{Json, Router, extract::State, routing::get};
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};
use xswarm_core::{admin::Agenda, id::UserId, reminder::ReminderStatus, time::resolve_local};

use crate::{
    error::Error,
    http::{App, body::Parameters, caller::Caller},
    wording,
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/agenda", get(agenda)).route("/reminders", get(reminders))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgendaQuery {
    user_id: Option<UserId>,
    from: Option<NaiveDate>,
    days: Option<u32>,
}

async fn agenda(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<AgendaQuery>,
) -> Result<Json<Agenda>, Error> {
    let id = caller.about(query.user_id, &app.store).await?;
    let days = query.days.unwrap_or(1);
    if !(1..=366).contains(&days) {
        return Err(Error::invalid("an agenda spans 1 to 366 days"));
    }
    let now = app.clock.now();
    let agenda = app
        .store
        .read(move |rows| {
            let user = rows.user(id)?.ok_or_else(|| Error::not_found("there is no such person"))?;
            let zone = user.timezone;
            let first = query.from.unwrap_or_else(|| now.with_timezone(&zone).date_naive());
            let after = first.checked_add_days(Days::new(u64::from(days)));
            let after = after.ok_or_else(|| Error::invalid("that date is too far away"))?;
            let midnight = |date: NaiveDate| resolve_local(date.and_time(chrono::NaiveTime::MIN), zone);
            let (from, to) = (midnight(first), midnight(after));
            let occurrences = rows.occurrences(id, from, to)?;
            let text = wording::agenda(&occurrences, first, days, zone);
            Ok::<_, Error>(Agenda { from, to, timezone: zone, occurrences, text })
        })
        .await?;
    Ok(Json(agenda))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReminderQuery {
    user_id: Option<UserId>,
    status: Option<String>,
    limit: Option<u32>,
}

async fn reminders(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<ReminderQuery>,
) -> Result<Json<Value>, Error> {
    let user = caller.about(query.user_id, &app.store).await?;
    let limit = query.limit.unwrap_or(100).min(1_000);
    let status = match query.status.as_deref() {
        Some("all") => None,
        Some(text) => Some(text.parse::<ReminderStatus>().map_err(|error| Error::invalid(error.to_string()))?),
        None => Some(ReminderStatus::Pending),
    };
    let reminders = app
        .store
        .read(move |rows| match status {
            Some(status) => rows.reminders(user, status, limit).map_err(Error::from),
            None => rows.reminders_all(user, limit).map_err(Error::from),
        })
        .await?;
    Ok(Json(json!({ "reminders": reminders })))
}
