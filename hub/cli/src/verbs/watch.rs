//! `xswarm watch`: what happens at the hub, as it happens.

use xswarm_core::{
    admin::calendar::CalendarAppointment,
    supervisor::{Frame, HealthStatus, News},
};

use crate::{
    arguments::WatchArguments,
    client::{Client, Watched},
    failure::Exit,
    household::Scene,
    screen::{Screen, Tone, one_line},
    when::View,
};

/// Follows what happens until somebody ends it.
pub(super) async fn watch(hub: &Client, options: &WatchArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let mut watching = hub.watch(options.after).await?;
    let scene = if screen.json() { None } else { Some(Scene::fetch(hub, None).await?) };
    loop {
        let shown = match (watching.next().await?, &scene) {
            (Watched::News(text, _), None) => screen.line(&text),
            (Watched::Lost, None) => Ok(()),
            (Watched::Lost, Some(_)) => screen.toned(Tone::Warning, "(The hub is away. I go on when it is back.)"),
            (Watched::News(_, Some(frame)), Some(scene)) => screen.line(&line(&frame, scene)),
            (Watched::News(text, None), Some(_)) => screen.line(&one_line(&text)),
        };
        shown?;
    }
}

/// "42  today 15:00:01  reminder due  Anna  call mom"
fn line(frame: &Frame, scene: &Scene) -> String {
    let view = View { now: frame.timestamp, ..scene.view };
    let number = frame.sequence.map_or_else(|| "–".to_owned(), |sequence| sequence.to_string());
    let at = frame.timestamp.with_timezone(&view.zone).format("%Y-%m-%d %H:%M:%S");
    let who = scene.household.name_of(frame.user_id);
    one_line(&format!("{number:>6}  {at}  {who}  {}", what(&frame.news, view)))
}

fn what(news: &News, view: View) -> String {
    let appointment = |verb: &str, one: &Option<Box<CalendarAppointment>>| match one {
        Some(one) => format!("{verb}: {}, {}", one.title, view.moment(one.start_time)),
        None => format!("{verb}: an appointment that is gone"),
    };
    match news {
        News::AppointmentCreated(one) => appointment("booked", one),
        News::AppointmentChanged(one) => appointment("changed", one),
        News::AppointmentCancelled(one) => appointment("cancelled", one),
        News::ReminderDue(Some(one)) => {
            let late = if one.late { ", late" } else { "" };
            format!("{} due: {} ({}{late})", one.kind, one.text, view.moment(one.due))
        }
        News::ReminderDue(None) => "due: a reminder that is gone".to_owned(),
        News::SystemHealth(health) => match health.status {
            HealthStatus::Ok => format!("the hub is well, {} jobs open", health.counts.jobs),
            HealthStatus::Degraded => "the hub cannot write to its database".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use xswarm_core::{id::ReminderId, reminder::ReminderKind, supervisor::ReminderDue};

    use super::*;

    #[test]
    fn news_are_told_in_words() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let view = View { now, zone: chrono_tz::UTC };
        let due = ReminderDue {
            reminder_id: ReminderId::new(now),
            text: "call mom".into(),
            kind: ReminderKind::Reminder,
            due: now,
            late: true,
        };
        assert_eq!(what(&News::ReminderDue(Some(due)), view), "reminder due: call mom (today 08:00, late)");
        assert_eq!(what(&News::AppointmentCreated(None), view), "booked: an appointment that is gone");
    }
}
