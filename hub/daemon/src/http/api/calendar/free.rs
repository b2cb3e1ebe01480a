//! What would be in the way, and where there is room.

use axum::{Json, extract::State};
use chrono::Duration;
use xswarm_core::{
    admin::calendar::{ConflictSearch, ConflictsAnswer, FreeAnswer, FreeSearch, SuggestedSlot},
    free::{self, FARTHEST, Search, Suggestion},
    preferences::CalendarPreferences,
};

use super::{conflict, drafting, person, range};
use crate::{
    calendar,
    error::Error,
    http::{App, body::Body, caller::Caller},
};

/// How far ahead is looked when nothing is said.
const AHEAD: Duration = Duration::days(7);

/// Ask what would be in the way of an appointment, without booking it.
///
/// Of a series the next 100 occurrences within a year are checked. What is over is in nobody's way.
pub(super) async fn conflicts(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<ConflictSearch>,
) -> Result<Json<ConflictsAnswer>, Error> {
    let id = caller.about(body.user_id, &app.store).await?;
    let now = app.clock.now();
    let conflicts = app
        .store
        .read(move |rows| {
            let user = person(rows, id)?;
            let proposed = drafting::proposed(&body, &user, now)?;
            calendar::clashes(rows, &user, &proposed, &body.except, now)
        })
        .await?;
    Ok(Json(ConflictsAnswer { conflicts: conflicts.into_iter().map(conflict).collect() }))
}

/// Find free time, and the best times in it with what speaks for them.
///
/// Within the person's working hours unless `any_hour`, with the room they want between appointments.
pub(super) async fn slots(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<FreeSearch>,
) -> Result<Json<FreeAnswer>, Error> {
    let id = caller.about(body.user_id, &app.store).await?;
    let now = app.clock.now();
    let wanted = usize::try_from(body.suggestions.unwrap_or(5)).unwrap_or(usize::MAX);
    if wanted > 50 {
        return Err(Error::field("/suggestions", "is at most 50"));
    }
    let answer = app
        .store
        .read(move |rows| {
            let user = person(rows, id)?;
            let preferences = CalendarPreferences::of(&user);
            let zone = body.timezone.unwrap_or(user.timezone);
            let length =
                body.duration_minutes.map_or(preferences.default_length(), |n| Duration::minutes(i64::from(n)));
            if !(Duration::minutes(1)..=Duration::days(7)).contains(&length) {
                return Err(Error::field("/duration_minutes", "is 1 to 10,080, which is a week"));
            }
            let (from, to) = range::bounds((body.from, body.start_date), (body.to, body.end_date), zone)?;
            let from = from.unwrap_or(now);
            let to = to.unwrap_or(from + AHEAD);
            if from >= to {
                return Err(Error::invalid("the stretch ends before it begins"));
            }
            if to - from > FARTHEST {
                return Err(Error::invalid("free time is looked for within at most 366 days at once"));
            }
            let hours = (!body.any_hour).then_some(&preferences.working_hours);
            let buffer = preferences.buffer();
            let search = Search { from, to, length, hours, zone, buffer, now };
            let busy = rows.occurrences(id, from - buffer, to + buffer)?;
            Ok(FreeAnswer {
                free_slots: free::slots(&busy, &search).into_iter().map(Into::into).collect(),
                suggestions: free::suggestions(&busy, &search, wanted).into_iter().map(suggested).collect(),
                timezone: zone,
            })
        })
        .await?;
    Ok(Json(answer))
}

fn suggested(Suggestion { slot, reasons }: Suggestion) -> SuggestedSlot {
    SuggestedSlot { start_time: slot.start, end_time: slot.end, reasons }
}
