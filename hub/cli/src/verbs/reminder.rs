//! `xswarm reminder` and `xswarm user reminders`: setting, moving, answering and calling off, and how somebody wants to be
//! reminded.

use chrono::{DateTime, Days, Duration, NaiveDateTime, NaiveTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use xswarm_core::{
    admin::calendar::Moment,
    id::UserId,
    reminder::{
        Reminder, ReminderKind, ReminderPreferences,
        preferences::QuietHours,
        requests::{Acknowledgement, NewReminder, ReminderChange, SnoozeRequest},
    },
    time::resolve_local,
};

use crate::{
    arguments::{AddReminder, ReminderVerb, WhichReminder},
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Household, Scene, user_id},
    ids::{Found, choices, find},
    screen::{Screen, one_line},
    table::{Cell, pairs},
    when::View,
};

use super::answer;

#[derive(Deserialize)]
struct OneReminder {
    reminder: Reminder,
}

#[derive(Deserialize)]
struct Reminders {
    reminders: Vec<Reminder>,
}

pub(super) async fn reminder(hub: &Client, verb: ReminderVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match verb {
        ReminderVerb::Add(new) => add(hub, new, screen).await?,
        ReminderVerb::Move { which, time, user } => {
            let which = WhichReminder { which, user };
            let (found, scene) = meant(hub, &which, "pending").await?;
            let change = ReminderChange {
                reminder_time: Some(Moment::Instant(instant(&time, scene.view)?)),
                ..Default::default()
            };
            let request = Request::put(format!("/api/reminders/{}", found.id)).json(&change)?;
            told(hub, request, "Moved", screen).await?;
        }
        ReminderVerb::Done(which) => {
            let found = said(hub, &which).await?;
            let request = Request::post(format!("/api/reminders/{}/acknowledge", found.id));
            told(hub, request.json(&Acknowledgement { done: true })?, "Done", screen).await?;
        }
        ReminderVerb::Snooze { which, minutes } => {
            let found = said(hub, &which).await?;
            let wanted = SnoozeRequest { minutes: Some(minutes), until: None };
            let request = Request::post(format!("/api/reminders/{}/snooze", found.id)).json(&wanted)?;
            told(hub, request, "Again", screen).await?;
        }
        ReminderVerb::Cancel(which) => {
            let (found, _) = meant(hub, &which, "pending").await?;
            let request = Request::delete(format!("/api/reminders/{}", found.id));
            if answer(hub, request, screen).await?.is_some() {
                screen.line(&format!("Cancelled: {}.", one_line(&found.text)))?;
            }
        }
    }
    Ok(Exit::Done)
}

async fn add(hub: &Client, new: AddReminder, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let user = user_id(hub, new.user.as_deref()).await?;
    let view = Scene::fetch(hub, user).await?.view;
    let request = NewReminder {
        user_id: user,
        appointment_id: None,
        text: Some(new.text),
        reminder_time: Moment::Instant(instant(&new.time, view)?),
        kind: new.alarm.then_some(ReminderKind::Alarm),
        recurring_rule: new.repeat,
        method: None,
        urgent: new.urgent,
        repeat: None,
        sound: new.sound,
    };
    told(hub, Request::post("/api/reminders").json(&request)?, "Set", screen).await
}

async fn told(hub: &Client, request: Request, word: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let OneReminder { reminder } = document.read()?;
    let view = Scene::fetch(hub, Some(reminder.user_id)).await?.view;
    let text = one_line(&reminder.text);
    screen.line(&format!("{word}: {text}, {} ({}).", view.in_full(reminder.due), reminder.channel))?;
    Ok(())
}

/// The reminder that was said and is answered now. Of one that was not said yet it is told why there is no answering it.
async fn said(hub: &Client, which: &WhichReminder) -> anyhow::Result<Reminder> {
    let Some((said, _)) = look_up(hub, which, "sent").await? else {
        return Err(match look_up(hub, which, "pending").await? {
            Some((waits, scene)) => unsaid(&waits, scene.view).into(),
            None => missing(which).into(),
        });
    };
    Ok(said)
}

/// Why a reminder cannot be answered yet.
fn unsaid(waits: &Reminder, view: View) -> Failure {
    let text = one_line(&waits.text);
    let why = match waits.progress.held_until.filter(|until| *until > view.now) {
        Some(until) => format!("`{text}` was not said yet: quiet hours hold it back until {}", view.in_full(until)),
        None => format!("`{text}` was not said yet: it is due {}", view.in_full(waits.say_at())),
    };
    Failure::failed(why, "`xswarm reminder cancel` calls it off, `xswarm reminder move` sets another time.")
}

fn missing(which: &WhichReminder) -> Failure {
    Failure::failed(format!("no such reminder: `{}`", which.which), "See `xswarm reminders --all`.")
}

/// The reminder in a state that is meant.
async fn meant(hub: &Client, which: &WhichReminder, status: &str) -> anyhow::Result<(Reminder, Scene)> {
    look_up(hub, which, status).await?.ok_or_else(|| missing(which).into())
}

/// The reminder in a state that is meant, if there is one.
async fn look_up(hub: &Client, which: &WhichReminder, status: &str) -> anyhow::Result<Option<(Reminder, Scene)>> {
    let user: Option<UserId> = user_id(hub, which.user.as_deref()).await?;
    let request = Request::get("/api/reminders").query("user_id", user).query("status", Some(status));
    let Reminders { mut reminders } = hub.send(request).await?.read()?;
    // Of several sayings of the same reminder the last is meant.
    reminders.sort_by_key(|one| std::cmp::Reverse((one.sent_at, one.due)));
    let mut seen = std::collections::HashSet::new();
    reminders.retain(|one| status == "pending" || seen.insert(one.step.series.clone()));
    let found = find(&which.which, &reminders, |one| vec![one.id.to_string(), one.text.clone()]);
    match found {
        Found::One(one) => Ok(Some((one, Scene::fetch(hub, user).await?))),
        Found::None => Ok(None),
        Found::Several(several) => {
            Err(Failure::failed(format!("`{}` may be {}", which.which, choices(&several)), "Write the id.").into())
        }
    }
}

/// A time as it is typed on the command line.
fn instant(text: &str, view: View) -> Result<DateTime<Utc>, Failure> {
    let text = text.trim();
    let read = || {
        if let Some(distance) = text.strip_prefix('+') {
            let (count, unit) = distance.split_at_checked(distance.len().checked_sub(1)?)?;
            let count: i64 = count.parse().ok()?;
            let distance = match unit {
                "m" => Duration::try_minutes(count)?,
                "h" => Duration::try_hours(count)?,
                "d" => Duration::try_days(count)?,
                _ => return None,
            };
            return view.now.checked_add_signed(distance);
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Some(at.with_timezone(&Utc));
        }
        if let Ok(local) = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M") {
            return Some(resolve_local(local, view.zone));
        }
        let time = NaiveTime::parse_from_str(text, "%H:%M").ok()?;
        let days = [view.today(), view.today().checked_add_days(Days::new(1))?];
        days.into_iter().map(|day| resolve_local(day.and_time(time), view.zone)).find(|at| *at > view.now)
    };
    read().ok_or_else(|| {
        let next = "Write +20m, 17:00, \"2026-11-27 17:00\" or RFC 3339.";
        Failure::usage(format!("`{text}` is no time."), next)
    })
}

/// `GET /api/users/{id}/reminder-preferences`.
#[derive(Deserialize)]
pub(super) struct Preferences {
    /// How the person is reminded.
    pub(super) preferences: ReminderPreferences,
}

/// `xswarm user reminders WHO [NAME=VALUE …]`
pub(super) async fn preferences(
    hub: &Client,
    id: &str,
    changes: Vec<(String, String)>,
    screen: &mut Screen<'_>,
) -> anyhow::Result<()> {
    let path = format!("/api/users/{id}/reminder-preferences");
    let request = if changes.is_empty() {
        Request::get(path)
    } else {
        let household = Household::fetch(hub).await?;
        let Preferences { preferences } = hub.send(Request::get(path.as_str())).await?.read()?;
        let mut body = Map::new();
        for (name, value) in changes {
            let (name, value) = changed(&name, &value, &preferences, &household)?;
            body.insert(name.to_owned(), value);
        }
        Request::put(path).json(&body)?
    };
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Preferences { preferences } = document.read()?;
    pairs(screen, in_words(&preferences, &Household::fetch(hub).await?))?;
    Ok(())
}

/// How a person is reminded, named as on the command line.
pub(super) fn in_words(preferences: &ReminderPreferences, household: &Household) -> [(&'static str, Cell); 5] {
    let list = |all: Vec<String>| if all.is_empty() { "none".to_owned() } else { all.join(",") };
    let repeat = preferences.repeat;
    let escalation = preferences.escalation.map_or_else(
        || "off".to_owned(),
        |one| format!("{}:{}", one_line(&household.name_of(Some(one.to))), one.after_minutes),
    );
    [
        ("channels", list(preferences.channels.iter().map(ToString::to_string).collect()).into()),
        ("leads", list(preferences.lead_minutes.iter().map(ToString::to_string).collect()).into()),
        ("quiet", preferences.quiet_hours.map_or_else(|| "off".to_owned(), |quiet| quiet.to_string()).into()),
        ("repeat", format!("{},{}x{}", preferences.repeat_when, repeat.every_minutes, repeat.times).into()),
        ("escalate", escalation.into()),
    ]
}

/// One change as the hub takes it.
fn changed(
    name: &str,
    value: &str,
    before: &ReminderPreferences,
    household: &Household,
) -> Result<(&'static str, Value), Failure> {
    let parts = || value.split(',').map(str::trim).filter(|part| !part.is_empty());
    let wrong = |next: &str| Failure::usage(format!("`{name}={value}` is not understood."), next.to_owned());
    Ok(match name {
        "channels" => ("channels", parts().collect()),
        "leads" if value == "none" => ("lead_minutes", json!([])),
        "leads" => {
            let minutes: Result<Vec<u32>, _> = parts().map(str::parse).collect();
            ("lead_minutes", json!(minutes.map_err(|_number| wrong("Write minutes: leads=1440,60,15"))?))
        }
        "quiet" if value == "off" => ("quiet_hours", Value::Null),
        "quiet" => {
            let quiet: QuietHours = value.parse().map_err(|_quiet| wrong("Write quiet=22:00-07:00 or quiet=off"))?;
            ("quiet_hours", json!(quiet))
        }
        "repeat_when" => ("repeat_when", json!(value)),
        "repeat" => {
            let numbers = value.split_once('x').and_then(|(every, times)| {
                Some((every.trim().parse::<u32>().ok()?, times.trim().parse::<u32>().ok()?))
            });
            let (every_minutes, times) = numbers.ok_or_else(|| wrong("Write minutes and times: repeat=10x3"))?;
            let growth = before.repeat.growth;
            ("repeat", json!({ "every_minutes": every_minutes, "times": times, "growth": growth }))
        }
        "escalate" if value == "off" => ("escalation", Value::Null),
        "escalate" => {
            let (who, minutes) = value.split_once(':').unwrap_or((value, "30"));
            let minutes: u32 = minutes.trim().parse().map_err(|_number| wrong("Write escalate=WHO:MINUTES"))?;
            ("escalation", json!({ "to": household.find(who)?.id, "after_minutes": minutes }))
        }
        _ => return Err(wrong("There are: channels, leads, quiet, repeat, repeat_when, escalate.")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_typed() {
        let now = "2026-11-24T16:30:00Z".parse().unwrap();
        let view = View { now, zone: chrono_tz::Europe::Berlin };
        for (typed, expected) in [
            ("+20m", "2026-11-24T16:50:00Z"),
            ("+2h", "2026-11-24T18:30:00Z"),
            ("18:00", "2026-11-24T17:00:00Z"),
            ("17:00", "2026-11-25T16:00:00Z"),
            ("2026-11-27 17:00", "2026-11-27T16:00:00Z"),
            ("2026-11-27T17:00:00+05:00", "2026-11-27T12:00:00Z"),
        ] {
            assert_eq!(instant(typed, view).unwrap(), expected.parse::<DateTime<Utc>>().unwrap(), "{typed}");
        }
        for typed in ["", "+", "+20", "+m", "+99999999999999d", "25:00", "tomorrow", "2026-02-30 10:00"] {
            assert!(instant(typed, view).is_err(), "{typed}");
        }
    }

    #[test]
    fn preferences_are_read_as_they_are_typed() {
        let usual = ReminderPreferences::default();
        let household = Household { users: Vec::new() };
        let read = |name: &str, value: &str| changed(name, value, &usual, &household).map(|(_, value)| value);
        assert_eq!(read("leads", "1440, 60,15").unwrap(), json!([1_440, 60, 15]));
        assert_eq!(read("quiet", "22:00-07:00").unwrap(), json!({ "from": "22:00", "to": "07:00" }));
        assert_eq!(read("quiet", "off").unwrap(), Value::Null);
        assert_eq!(read("channels", "sms,console").unwrap(), json!(["sms", "console"]));
        assert_eq!(read("repeat", "5x2").unwrap()["times"], json!(2));
        for (name, value) in [("leads", "soon"), ("quiet", "night"), ("repeat", "5"), ("escalate", "Bob:x"), ("x", "y")]
        {
            assert!(read(name, value).is_err(), "{name}={value}");
        }
    }
}
