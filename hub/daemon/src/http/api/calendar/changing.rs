//! What a body that changes an appointment means: fields that are absent stay, null takes away. Of a series it changes one
//! occurrence, one and all that follow, or all.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use xswarm_core::{
    admin::calendar::AppointmentChange,
    appointment::{Appointment, AppointmentStatus, ChangedOccurrence, Exceptions},
    series::{self, Edited, Scope, SeriesError, Target},
};

use super::limits::{Mistakes, check_times, check_words};
use crate::{assistant::effect, error::Error};

/// What of a series is meant.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// How much of a series: `this` occurrence, it and all that are `following`, or `all`. `this` when `recurrence_id` is
    /// given, else `all`.
    scope: Option<Scope>,
    /// The occurrence's original start.
    recurrence_id: Option<DateTime<Utc>>,
}

impl Which {
    /// The occurrence and how much beside it.
    pub(super) fn of(self, appointment: &Appointment) -> Result<Target, Error> {
        let scope = self.scope.unwrap_or(if self.recurrence_id.is_some() { Scope::This } else { Scope::All });
        match (scope, self.recurrence_id) {
            (Scope::This | Scope::Following, None) if appointment.is_series() => {
                Err(Error::invalid("say which occurrence is meant with `recurrence_id`: its original start"))
            }
            (_, id) => Ok(Target { scope, recurrence_id: id.unwrap_or(appointment.start) }),
        }
    }
}

/// Why a series was not edited, for the one who asked.
pub(super) fn refused(error: SeriesError) -> Error {
    let words = error.to_string();
    let refusal = match &error {
        SeriesError::NoSuchOccurrence => Error::not_found(words),
        SeriesError::EndsBeforeStart => Error::field("/end_time", words),
        SeriesError::TooFar | SeriesError::Immovable | SeriesError::Rule(_) => Error::invalid(words),
    };
    refusal.with_source(error)
}

/// The appointment as the body wants it.
pub(super) fn changed(
    before: &Appointment,
    change: AppointmentChange,
    target: Target,
    now: DateTime<Utc>,
) -> Result<Edited, Error> {
    let taken_back = matches!(change.status, Some(AppointmentStatus::Confirmed | AppointmentStatus::Tentative));
    if before.status == AppointmentStatus::Cancelled && !taken_back {
        return Err(Error::conflict("this appointment was called off: set `status` to `confirmed` to take that back"));
    }
    if before.is_series() && target.scope == Scope::This {
        return one_occurrence(before, &change, target, now);
    }
    let zone = change.timezone.unwrap_or(before.timezone);
    let (start, end) = if before.is_series() && target.recurrence_id != before.start {
        let one = before.occurrence_at(target.recurrence_id).map_err(SeriesError::Rule).map_err(refused)?;
        let one = one.ok_or(SeriesError::NoSuchOccurrence).map_err(refused)?;
        (one.start, one.end)
    } else {
        (before.start, before.end)
    };
    let new_start = change.start_time.map_or(start, |moment| moment.at(zone));
    let new_end = change.end_time.map_or(new_start + (end - start), |moment| moment.at(zone));
    if new_end <= new_start {
        return Err(Error::field("/end_time", "is not after start_time"));
    }
    let rule_before = before.recurrence.as_ref();
    let new_rule = change.recurring_rule.clone().map(|rule| rule.map(|rule| rule.local(zone)));
    let another_rule = new_rule.is_some_and(|rule| rule.as_ref() != rule_before);
    let moves = (new_start, new_end) != (start, end);
    let to = |start, end| ChangedOccurrence { start, end, title: None, description: None, location: None };
    let mut edited = match target.scope {
        Scope::Following if before.is_series() => {
            let (start, end) = if another_rule { (start, end) } else { (new_start, new_end) };
            series::changed(before, target, &to(start, end), now).map_err(refused)?
        }
        Scope::This | Scope::Following | Scope::All if moves && !another_rule => {
            series::changed(before, target, &to(new_start, new_end), now).map_err(refused)?
        }
        Scope::This | Scope::Following | Scope::All => Edited { series: effect::revised(before, now), rest: None },
    };
    let subject = edited.rest.as_mut().unwrap_or(&mut edited.series);
    if another_rule {
        (subject.start, subject.end) = (new_start, new_end);
    }
    overwrite(subject, change);
    let mut mistakes = Mistakes::default();
    check_words(subject, &mut mistakes);
    check_times(subject, &mut mistakes);
    mistakes.none()?;
    if another_rule {
        drop_strays(subject);
    }
    Ok(edited)
}

fn overwrite(subject: &mut Appointment, change: AppointmentChange) {
    fn set<T>(field: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *field = value;
        }
    }
    set(&mut subject.timezone, change.timezone);
    let zone = subject.timezone;
    set(&mut subject.title, change.title);
    set(&mut subject.description, change.description);
    set(&mut subject.location, change.location);
    set(&mut subject.participants, change.participants);
    set(&mut subject.recurrence, change.recurring_rule.map(|rule| rule.map(|rule| rule.local(zone))));
    let dates = change.additional_dates.map(|dates| dates.iter().map(|date| date.at(zone)).collect());
    set(&mut subject.additional, dates);
    set(&mut subject.exceptions, change.exceptions);
    set(&mut subject.all_day, change.all_day);
    set(&mut subject.reminder_minutes, change.reminder_minutes);
    set(&mut subject.status, change.status);
}

/// Exceptions of occurrences that the new rule does not have are gone with the old one.
fn drop_strays(subject: &mut Appointment) {
    let plain = Appointment { exceptions: Exceptions::default(), ..subject.clone() };
    subject.exceptions.retain(|id| matches!(plain.occurrence_at(id), Ok(Some(_))));
}

/// One occurrence becomes otherwise; what only a whole series can have is refused.
fn one_occurrence(
    before: &Appointment,
    change: &AppointmentChange,
    target: Target,
    now: DateTime<Utc>,
) -> Result<Edited, Error> {
    let mut mistakes = Mistakes::default();
    let rule = change.recurring_rule.clone().map(|rule| rule.map(|rule| rule.local(before.timezone)));
    for (pointer, differs) in [
        ("/timezone", change.timezone.is_some_and(|zone| zone != before.timezone)),
        ("/participants", change.participants.as_ref().is_some_and(|all| *all != before.participants)),
        ("/recurring_rule", rule.is_some_and(|rule| rule != before.recurrence)),
        (
            "/additional_dates",
            change.additional_dates.as_ref().is_some_and(|dates| {
                dates.iter().map(|date| date.at(before.timezone)).ne(before.additional.iter().copied())
            }),
        ),
        ("/exceptions", change.exceptions.as_ref().is_some_and(|all| *all != before.exceptions)),
        ("/all_day", change.all_day.is_some_and(|all_day| all_day != before.all_day)),
        ("/reminder_minutes", change.reminder_minutes.is_some_and(|minutes| minutes != before.reminder_minutes)),
        ("/status", change.status.is_some_and(|status| status != before.status)),
    ] {
        if differs {
            mistakes.note(pointer, "cannot differ for one occurrence: say `scope=following` or `scope=all`");
        }
    }
    for (pointer, cleared) in [
        ("/description", change.description == Some(None) && before.description.is_some()),
        ("/location", change.location == Some(None) && before.location.is_some()),
    ] {
        if cleared {
            mistakes.note(pointer, "cannot be taken away from one occurrence: give it another text");
        }
    }
    let one = before.occurrence_at(target.recurrence_id).map_err(SeriesError::Rule).map_err(refused)?;
    let one = one.ok_or(SeriesError::NoSuchOccurrence).map_err(refused)?;
    let zone = before.timezone;
    let start = change.start_time.map_or(one.start, |moment| moment.at(zone));
    let end = change.end_time.map_or(start + (one.end - one.start), |moment| moment.at(zone));
    let differing = |new: Option<&String>, old: Option<&String>| new.filter(|new| Some(*new) != old).cloned();
    let to = ChangedOccurrence {
        start,
        end,
        title: differing(change.title.as_ref(), Some(&before.title)),
        description: differing(change.description.as_ref().and_then(Option::as_ref), before.description.as_ref()),
        location: differing(change.location.as_ref().and_then(Option::as_ref), before.location.as_ref()),
    };
    if to.title.as_deref().is_some_and(|title| title.trim().is_empty()) {
        mistakes.note("/title", "is empty: say what the appointment is");
    }
    let mut edited = series::changed(before, target, &to, now).map_err(refused)?;
    check_words(&edited.series, &mut mistakes);
    check_times(&mut edited.series, &mut mistakes);
    mistakes.none()?;
    Ok(edited)
}
