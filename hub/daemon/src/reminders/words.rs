//! The Boss's words for a reminder that is due.

use xswarm_core::{
    message::Channel,
    reminder::{Reminder, ReminderKind},
};
use xswarm_store::{Rows, StoreError};

use super::{appointments, fire::Told, glance};
use crate::{outbox, wording};

/// What is said on time. How it is answered on a call is said by the call itself.
pub(super) fn on_time(
    rows: &Rows<'_>,
    told: &Told<'_>,
    reminder: &Reminder,
    channel: Channel,
) -> Result<String, StoreError> {
    let what = what(rows, told, reminder)?;
    let again = reminder.progress.repetition > 0 && reminder.kind != ReminderKind::Alarm;
    let mut text = match reminder.progress.on_behalf_of.map_or(Ok(None), |id| rows.user(id))? {
        Some(other) => format!("{} has not answered. {what}", other.name),
        None if again => format!("Again: {what}"),
        None => what,
    };
    if channel == Channel::Voice {
        return Ok(text);
    }
    if reminder.progress.on_behalf_of.is_some() {
        text.push_str(" Reply \"done\" when you have seen to it.");
    } else if told.ladder(reminder).awaits_answer() {
        text.push_str(match reminder.kind {
            ReminderKind::Alarm => " Say \"stop\" or \"snooze\".",
            ReminderKind::Reminder | ReminderKind::Timer | ReminderKind::Appointment => {
                " Reply \"done\", \"ok\" or \"snooze\"."
            }
        });
    }
    // It fits one message, however long the words were.
    Ok(outbox::numbered(&[text]).pop().unwrap_or_default())
}

fn what(rows: &Rows<'_>, told: &Told<'_>, reminder: &Reminder) -> Result<String, StoreError> {
    let text = &reminder.text;
    let ends = |words: String| if words.ends_with(['.', '!', '?']) { words } else { format!("{words}.") };
    let words = match reminder.kind {
        ReminderKind::Reminder => match reminder.plan.tells {
            Some(glance) => format!("Reminder: {text}\n{}", glance::words(rows, told.user, glance, reminder.due)?),
            None => format!("Reminder: {text}"),
        },
        ReminderKind::Timer => format!("Timer done: {text}"),
        ReminderKind::Alarm => format!("Alarm: {text}"),
        ReminderKind::Appointment => match appointments::of(rows, reminder)? {
            Some(appointment) => {
                let occurrence = appointment.occurrence_at(reminder.step.recurrence_id).ok().flatten();
                let start = appointments::start_of(&appointment, reminder);
                let (title, location) = match occurrence {
                    Some(one) => (one.title, one.location),
                    None => (appointment.title, appointment.location),
                };
                let place = location.map(|place| format!(", {place}")).unwrap_or_default();
                format!("Coming up: {title}, {}{place}", wording::moment(start, told.user.timezone))
            }
            None => format!("Coming up: {text}"),
        },
    };
    let more_follows = reminder.progress.on_behalf_of.is_some() || told.ladder(reminder).awaits_answer();
    Ok(if more_follows { ends(words) } else { words })
}
