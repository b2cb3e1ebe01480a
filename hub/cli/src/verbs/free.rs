//! `xswarm free`: where there is room.

use chrono::NaiveDate;
use xswarm_core::{
    admin::calendar::{FreeAnswer, FreeSearch, Moment},
    free::Reason,
};

use crate::{
    arguments::FreeArguments,
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Scene, user_id},
    screen::{Screen, Tone},
    table::Table,
    when::{View, length},
};

use super::{answer, said::Said};

pub(super) async fn free(hub: &Client, options: FreeArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let user = user_id(hub, options.user.as_deref()).await?;
    let mut search = FreeSearch { user_id: user, any_hour: options.any_hour, ..FreeSearch::default() };
    if let Some(length) = options.length {
        let minutes = u32::try_from(length.num_minutes());
        let wrong = |error| Failure::usage(format!("--for: {error}"), "Say a length such as 45m or 2h.");
        search.duration_minutes = Some(minutes.map_err(wrong)?);
    }
    if let Some(on) = &options.on {
        let day = day(&Said::read(hub, on, user).await?, hub, user).await?;
        (search.start_date, search.end_date) = (Some(day), Some(day));
    }
    if let Some(from) = &options.from {
        search.from = Some(Said::read(hub, from, user).await?.start);
    }
    if let Some(to) = &options.to {
        // A day is meant as a whole; a time of day as it is.
        match Said::read(hub, to, user).await?.start {
            Moment::Day(day) => search.end_date = Some(day),
            moment @ (Moment::Local(_) | Moment::Instant(_)) => search.to = Some(moment),
        }
    }
    let request = Request::post("/api/calendar/free-slots").json(&search)?;
    let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
    let found: FreeAnswer = document.read()?;
    if found.free_slots.is_empty() {
        let wider = if options.any_hour { "" } else { " Other hours: --any-hour." };
        screen.line(&format!("There is no such free time.{wider}"))?;
        return Ok(Exit::Done);
    }
    let view = View { zone: found.timezone, ..Scene::fetch(hub, user).await?.view };
    let from = view.heading("FROM");
    let mut table = Table::new(&[&from, "TO", "LENGTH"]);
    for slot in &found.free_slots {
        let free = length(slot.end_time - slot.start_time);
        table.row([view.moment(slot.start_time).into(), view.moment(slot.end_time).into(), free.into()]);
    }
    table.write(screen)?;
    for (n, one) in found.suggestions.iter().enumerate() {
        let reasons: Vec<_> = one.reasons.iter().map(|reason| words(*reason)).collect();
        let tone = if n == 0 { Tone::Good } else { Tone::Plain };
        screen.toned(tone, &format!("Suggested: {} ({})", view.moment(one.start_time), reasons.join(", ")))?;
    }
    Ok(Exit::Done)
}

async fn day(said: &Said, hub: &Client, user: Option<xswarm_core::id::UserId>) -> anyhow::Result<NaiveDate> {
    if let Some(day) = said.day {
        return Ok(day);
    }
    let zone = Scene::fetch(hub, user).await?.view.zone;
    Ok(said.start.at(zone).with_timezone(&zone).date_naive())
}

fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::Soonest => "the soonest",
        Reason::WorkingHours => "within working hours",
        Reason::EmptyDay => "the day has nothing else",
        Reason::Adjacent => "next to something else",
        Reason::Buffer => "with room before and after",
        Reason::Tight => "with little room before or after",
    }
}
