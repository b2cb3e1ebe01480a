//! `xswarm appointment show`: all there is to know about one.

use xswarm_core::{
    admin::calendar::{AppointmentsAnswer, CalendarAppointment},
    appointment::{AppointmentStatus, Exception},
};

use super::{ROUTE, meant};
use crate::{
    client::{Client, Request},
    household::{Scene, user_id},
    screen::{Screen, Tone, harmless},
    table::{Cell, pairs},
    verbs::answer,
    when::View,
};

/// How many exceptions are shown.
const EXCEPTIONS: usize = 20;

pub(super) async fn show(
    hub: &Client,
    wanted: &str,
    user: Option<&str>,
    screen: &mut Screen<'_>,
) -> anyhow::Result<()> {
    let user = user_id(hub, user).await?;
    let one = meant(hub, wanted, user).await?;
    let path = format!("{ROUTE}/{}", one.id);
    if screen.json() {
        answer(hub, Request::get(path), screen).await?;
        return Ok(());
    }
    let Scene { household, view } = Scene::fetch(hub, Some(one.user_id)).await?;
    let view = View { zone: one.timezone, ..view };
    let request = Request::get(format!("{path}/occurrences")).query("limit", Some(5));
    let AppointmentsAnswer { appointments: next, .. } = hub.send(request).await?.read()?;
    let mut facts: Vec<(&str, Cell)> = vec![
        ("id", one.id.to_string().into()),
        ("title", (&one.title).into()),
        ("whose", household.name_of(Some(one.user_id)).into()),
        ("status", status(one.status)),
        ("from", view.in_full(one.start_time).into()),
        ("to", view.in_full(one.end_time).into()),
        ("zone", one.timezone.name().into()),
    ];
    let mut fact = |name, value: Option<String>| facts.extend(value.map(|value| (name, value.into())));
    fact("whole days", one.all_day.then(|| "yes".to_owned()));
    fact("where", one.location.clone());
    fact("with", (!one.participants.is_empty()).then(|| one.participants.join(", ")));
    fact("repeats", one.repeats.clone());
    fact("rule", one.recurring_rule.as_ref().map(ToString::to_string));
    fact("reminder", Some(one.reminder_minutes.map_or("none".to_owned(), |minutes| format!("{minutes} min before"))));
    fact("made by", Some(one.origin.to_string()));
    fact("version", Some(format!("{}, {}", one.version, view.in_full(one.updated_at))));
    pairs(screen, facts)?;
    for (at, exception) in one.exceptions.iter().take(EXCEPTIONS) {
        let words = match exception {
            Exception::Skipped { reason } => format!("left out ({reason})"),
            Exception::Changed(changed) => format!("is on {} instead", view.moment(changed.start)),
        };
        screen.line(&format!("except {}: {words}", view.moment(at)))?;
    }
    if one.exceptions.len() > EXCEPTIONS {
        screen.line(&format!("… and {} more exceptions", one.exceptions.len() - EXCEPTIONS))?;
    }
    if one.recurring_rule.is_some() || !one.additional_dates.is_empty() {
        let moments: Vec<_> = next.iter().map(|one: &CalendarAppointment| view.moment(one.start_time)).collect();
        let words = if moments.is_empty() { "never again".to_owned() } else { moments.join(", ") };
        screen.line(&format!("next: {words}"))?;
    }
    if let Some(description) = &one.description {
        screen.line("")?;
        screen.line(&harmless(description))?;
    }
    Ok(())
}

fn status(status: AppointmentStatus) -> Cell {
    let tone = match status {
        AppointmentStatus::Confirmed => Tone::Good,
        AppointmentStatus::Tentative => Tone::Warning,
        AppointmentStatus::Cancelled => Tone::Bad,
    };
    Cell::toned(status.as_str(), tone)
}
