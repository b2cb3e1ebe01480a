//! The agenda, for reading.

use axum::{Json, Router, extract::State, routing::get};
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use xswarm_core::{admin::Agenda, admin::calendar::optional_day, id::UserId, time::resolve_local};

use crate::{
    error::Error,
    http::{App, body::Parameters, caller::Caller},
    wording,
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/agenda", get(agenda))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgendaQuery {
    user_id: Option<UserId>,
    #[serde(default, deserialize_with = "optional_day")]
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
