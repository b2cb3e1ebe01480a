//! Times in plain words, for programs that know no language: "next Friday from 3 to 4pm", "every Monday at 9".

use axum::{Json, Router, extract::State, routing::post};
use xswarm_core::{
    admin::calendar::{SaidTime, UnderstoodTime},
    recurrence::specified::Specified,
};
use xswarm_language::command::{Answer, Expecting, understand_answer};

use super::calendar::person;
use crate::{
    assistant::timing::{NoTiming, timing},
    conventions::Conventions,
    error::Error,
    http::{App, body::Body, caller::Caller},
};

/// How much may be said.
const MOST: usize = 400;

/// Routes under `/api`, for the socket alone.
pub(crate) fn socket_routes() -> Router<App> {
    Router::new().route("/times", post(understood))
}

async fn understood(
    State(app): State<App>,
    caller: Caller,
    Body(said): Body<SaidTime>,
) -> Result<Json<UnderstoodTime>, Error> {
    if said.text.chars().count() > MOST {
        return Err(Error::field("/text", format!("has more than {MOST} characters")));
    }
    let id = caller.about(said.user_id, &app.store).await?;
    let user = app.store.read(move |rows| person(rows, id)).await?;
    let now = app.clock.now().with_timezone(&user.timezone);
    let conventions = Conventions::of(&user);
    let unclear = |why: &str| {
        let text = said.text.trim();
        Error::field(
            "/text",
            format!("I get no time from `{text}`{why}: say it like \"tomorrow at 3pm\" or 2026-12-01T15:00"),
        )
    };
    let when = match understand_answer(&said.text, Expecting::Time, &conventions.context(now)) {
        Answer::Time(when) => when,
        Answer::Duration(_)
        | Answer::Title(_)
        | Answer::Yes
        | Answer::No
        | Answer::Choice(_)
        | Answer::NewCommand(_)
        | Answer::Unclear => return Err(unclear("")),
    };
    let found = timing(&when, now, &conventions.policy).map_err(|none| match none {
        NoTiming::Which { question } => unclear(&format!(" ({question})")),
        NoTiming::Unusable { why } => Error::field("/text", why),
    })?;
    Ok(Json(UnderstoodTime {
        start_time: found.start,
        end_time: found.end,
        recurring_rule: found.recurrence.map(Specified::new),
        timezone: user.timezone,
    }))
}
