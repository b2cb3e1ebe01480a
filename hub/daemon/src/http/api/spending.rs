//! What language models cost, and whether one answers.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    admin::calendar::optional_day,
    message::Channel,
    spending::{Microdollars, Period, Purpose, Spending},
    user::Role,
};

use crate::{
    error::Error,
    http::{App, body::Parameters, caller::Caller},
    llm::{Failure, Limits, Payer, Request, Turn},
};

/// Tokens that a trial may be answered with.
const TRIAL_TOKENS: u32 = 50;

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/spending", get(spending))
}

/// Routes under `/api`, for the socket alone.
pub(crate) fn socket_routes() -> Router<App> {
    Router::new().route("/setup/llm", post(trial))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    period: Option<Period>,
    #[serde(default, deserialize_with = "optional_day")]
    from: Option<NaiveDate>,
}

async fn spending(
    State(app): State<App>,
    caller: Caller,
    Parameters(query): Parameters<Query>,
) -> Result<Json<Spending>, Error> {
    let (whose, household) = match caller.role {
        Role::Admin => (None, true),
        // A key always has an owner; whoever had none would see nobody's.
        Role::Member => (Some(caller.about(None, &app.store).await?), false),
    };
    let (now, caps) = (app.clock.now(), app.llm.caps());
    let to = now.date_naive();
    let from = match (query.from, query.period) {
        (Some(_), Some(_)) => return Err(Error::field("/from", "is said instead of a period, not with one")),
        (Some(from), None) if from > to => return Err(Error::field("/from", "is a day that has begun (UTC)")),
        (Some(from), None) => from,
        (None, Some(Period::Day)) => to,
        (None, Some(Period::Month) | None) => to.with_day(1).unwrap_or(to),
    };
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let (begin, end) = (midnight(from), midnight(to.checked_add_days(Days::new(1)).unwrap_or(to)));
    let report = app.store.read(move |rows| {
        let caps = if household { rows.model_caps(caps, now)? } else { Vec::new() };
        let days = rows.model_days(whose, begin, end)?;
        let total = days.iter().fold(Microdollars::ZERO, |sum, day| sum.saturating_add(day.cost));
        Ok::<_, Error>(Spending { from, to, total, caps, rows: rows.model_spending(whose, begin, end)?, days })
    });
    Ok(Json(report.await?))
}

/// Asks the model for a word, on the admin's account.
async fn trial(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    caller.admin()?;
    let user = caller.about(None, &app.store).await?;
    let request = Request {
        system: "You are being tested. Answer in five words at most.".to_owned(),
        turns: vec![Turn::Person { text: "Are you there?".to_owned() }],
        tools: Vec::new(),
    };
    let payer = Payer { user, channel: Channel::Console, purpose: Purpose::Turn, message: None };
    let limits = Limits { output_tokens: TRIAL_TOKENS, ..app.llm.limits() };
    let stopping = CancellationToken::clone(&app.stopping);
    let reply = app.llm.ask(&request, &payer, &limits, &stopping).await.map_err(|failure| {
        let words = failure.to_string();
        match failure {
            Failure::NotConfigured | Failure::CapReached { .. } => Error::conflict(words),
            Failure::Unreachable(_)
            | Failure::Overloaded(_)
            | Failure::Refused { .. }
            | Failure::Nonsense(_)
            | Failure::TooSlow
            | Failure::TooLong
            | Failure::Cancelled => Error::unavailable(words),
        }
    })?;
    Ok(Json(json!({ "answer": reply.text })))
}
