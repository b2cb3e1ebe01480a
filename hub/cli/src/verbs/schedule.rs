//! `xswarm agenda` and `xswarm reminders`: what is to come.

mod month;

use chrono::{DateTime, Datelike, Days as Span, Months, NaiveDate, Utc};
use serde::Deserialize;
use xswarm_core::{
    admin::Agenda,
    appointment::Occurrence,
    id::UserId,
    reminder::{Reminder, ReminderKind, ReminderOutcome, ReminderStatus},
};

use crate::{
    arguments::{AgendaArguments, Days, RemindersArguments},
    client::{Client, ClientError, Request},
    failure::Exit,
    household::{Scene, user_id},
    screen::{Screen, Tone, harmless},
    table::{Cell, Table},
    when::View,
};

use super::answer;

/// The days of a week.
const WEEK: u32 = 7;

pub(super) async fn agenda(hub: &Client, options: AgendaArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let user = user_id(hub, options.user.as_deref()).await?;
    let is_month = matches!(options.when, Days::Month(_)) && options.days.is_none();
    let (from, days) = span(hub, options.when, user).await?;
    let request = Request::get("/api/agenda")
        .query("user_id", user)
        .query("from", from)
        .query("days", Some(options.days.unwrap_or(days)));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
    let agenda: Agenda = document.read()?;
    if is_month {
        let view = View { zone: agenda.timezone, ..Scene::fetch(hub, user).await?.view };
        let first = from.unwrap_or_else(|| view.today());
        month::write(first, &agenda.occurrences, view, screen)?;
        return Ok(Exit::Done);
    }
    if agenda.occurrences.is_empty() {
        screen.line(&harmless(&agenda.text))?;
        return Ok(Exit::Done);
    }
    let scene = Scene::fetch(hub, user).await?;
    let view = View { zone: agenda.timezone, ..scene.view };
    let first = agenda.from.with_timezone(&view.zone).date_naive();
    let after = agenda.to.with_timezone(&view.zone).date_naive();
    // What takes several days stands on each of them.
    for (day, all) in month::by_day(&agenda.occurrences, view.zone, first) {
        if (first..after).contains(&day) {
            write_day(day, &all, view, screen)?;
        }
    }
    Ok(Exit::Done)
}

/// The first day and how many; no first day means today, which the hub knows best.
async fn span(hub: &Client, when: Days, user: Option<UserId>) -> Result<(Option<NaiveDate>, u32), ClientError> {
    Ok(match when {
        Days::Month(day) => {
            let day = match day {
                Some(day) => day,
                None => Scene::fetch(hub, user).await?.view.today(),
            };
            let first = day.with_day(1).unwrap_or(day);
            let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
            (Some(first), u32::try_from((next - first).num_days()).unwrap_or(31))
        }
        Days::Today => (None, 1),
        Days::Week => (None, WEEK),
        Days::From(day) => (Some(day), 1),
        Days::Tomorrow => (Scene::fetch(hub, user).await?.view.today().checked_add_days(Span::new(1)), 1),
    })
}

fn write_day(day: NaiveDate, occurrences: &[&Occurrence], view: View, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let words = view.day(day);
    let date = day.format("%a %-d %b %Y");
    let heading = if words.starts_with(|first: char| first.is_lowercase()) {
        format!("{date}, {words} ({})", view.zone)
    } else {
        format!("{date} ({})", view.zone)
    };
    screen.toned(Tone::Strong, &heading)?;
    let mut table = Table::new(&["FROM", "TO", "WHERE", "WHAT"]);
    for one in occurrences {
        let what = what(one);
        table.row([
            if one.all_day { "all day".into() } else { clock(one.start, day, view).into() },
            if one.all_day { "".into() } else { clock(one.end, day, view).into() },
            one.location.as_deref().unwrap_or("–").into(),
            what.into(),
        ]);
    }
    Ok(table.write(screen)?)
}

/// The title, who else takes part unless the title says so, and whether it repeats.
fn what(one: &Occurrence) -> String {
    let title = one.title.to_lowercase();
    let others: Vec<&str> =
        one.participants.iter().map(String::as_str).filter(|name| !title.contains(&name.to_lowercase())).collect();
    let with = if others.is_empty() { String::new() } else { format!(", with {}", others.join(", ")) };
    let repeats = if one.recurring { " (repeats)" } else { "" };
    format!("{}{with}{repeats}", one.title)
}

/// The time of day; with the date when that is another day.
fn clock(at: DateTime<Utc>, day: NaiveDate, view: View) -> String {
    let local = at.with_timezone(&view.zone);
    if local.date_naive() == day { local.format("%H:%M").to_string() } else { view.moment(at) }
}

#[derive(Deserialize)]
struct Reminders {
    reminders: Vec<Reminder>,
}

pub(super) async fn reminders(
    hub: &Client,
    options: RemindersArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let user = user_id(hub, options.user.as_deref()).await?;
    let status = options.all.then_some("all");
    let request = Request::get("/api/reminders").query("user_id", user).query("status", status);
    let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
    let Reminders { mut reminders } = document.read()?;
    reminders.sort_by_key(|reminder| reminder.due);
    if reminders.is_empty() {
        screen.line("No reminders and no timers.")?;
        return Ok(Exit::Done);
    }
    let view = Scene::fetch(hub, user).await?.view;
    let due = view.heading("DUE");
    let mut headings = vec![due.as_str(), "IN", "KIND", "BY", "REPEATS"];
    if options.all {
        headings.push("ENDED");
    }
    headings.push("WHAT");
    let mut table = Table::new(&headings);
    for reminder in &reminders {
        let mut row = vec![
            moment(reminder, view).into(),
            view.distance(reminder.due).into(),
            reminder.kind.as_str().into(),
            reminder.channel.as_str().into(),
            if reminder.recurrence.is_some() { "yes" } else { "–" }.into(),
        ];
        if options.all {
            row.push(ending(reminder));
        }
        row.push(Cell::from(&reminder.text));
        table.row(row);
    }
    table.write(screen)?;
    Ok(Exit::Done)
}

fn moment(reminder: &Reminder, view: View) -> String {
    match reminder.kind {
        ReminderKind::Timer => view.second(reminder.due),
        ReminderKind::Reminder | ReminderKind::Appointment | ReminderKind::Alarm => view.moment(reminder.due),
    }
}

/// How it ended, and why it did not end well.
fn ending(reminder: &Reminder) -> Cell {
    let why = reminder.error_message.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let Some(outcome) = reminder.outcome else {
        return match reminder.status {
            ReminderStatus::Pending => "–".into(),
            ReminderStatus::Sent => "on its way".into(),
            ReminderStatus::Failed => Cell::toned(format!("failed{why}"), Tone::Bad),
            ReminderStatus::Cancelled => Cell::toned("cancelled", Tone::Faint),
        };
    };
    let tone = match outcome {
        ReminderOutcome::Sent | ReminderOutcome::Delivered | ReminderOutcome::Acknowledged => Tone::Good,
        ReminderOutcome::Late | ReminderOutcome::Expired => Tone::Warning,
        ReminderOutcome::Failed | ReminderOutcome::Unknown => Tone::Bad,
        ReminderOutcome::Cancelled => Tone::Faint,
    };
    Cell::toned(format!("{outcome}{why}"), tone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use xswarm_core::id::AppointmentId;

    #[test]
    fn who_takes_part_is_said_once() {
        let mut one = Occurrence {
            appointment: AppointmentId::new(DateTime::UNIX_EPOCH),
            title: "Meeting with John".into(),
            location: None,
            participants: vec!["john".into()],
            recurrence_id: DateTime::UNIX_EPOCH,
            start: DateTime::UNIX_EPOCH,
            end: DateTime::UNIX_EPOCH,
            all_day: false,
            recurring: false,
        };
        assert_eq!(what(&one), "Meeting with John");
        one.participants.push("Mary".into());
        one.recurring = true;
        assert_eq!(what(&one), "Meeting with John, with Mary (repeats)");
    }

    #[test]
    fn a_time_on_another_day_is_shown_with_it() {
        let view = View { now: DateTime::UNIX_EPOCH, zone: chrono_tz::UTC };
        let at = DateTime::from_timestamp(9 * 3600, 0).unwrap();
        assert_eq!(clock(at, view.today(), view), "09:00");
        assert_eq!(clock(at + chrono::Duration::days(1), view.today(), view), "tomorrow 09:00");
    }
}
