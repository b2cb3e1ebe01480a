//! What a body that proposes an appointment means.

use chrono::{DateTime, Days, Duration, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    admin::calendar::{ConflictSearch, Moment, NewAppointment},
    appointment::{
        Appointment, AppointmentOrigin, AppointmentSource, AppointmentStatus, Exception, Exceptions, SkipReason,
    },
    id::AppointmentId,
    preferences::CalendarPreferences,
    reminder::ReminderPreferences,
    user::User,
};

use super::limits::{Mistakes, check_times, check_words};
use crate::error::Error;

/// The appointment that a body asks for.
pub(super) fn new(
    body: NewAppointment,
    user: &User,
    origin: AppointmentOrigin,
    now: DateTime<Utc>,
) -> Result<Appointment, Error> {
    let zone = body.timezone.unwrap_or(user.timezone);
    let (start, end) = times(body.start_time, body.end_time, body.all_day, (zone, user));
    let mut mistakes = Mistakes::default();
    let dates = |dates: &[Moment]| -> Vec<_> { dates.iter().map(|date| date.at(zone)).collect() };
    let status = body.status.unwrap_or(AppointmentStatus::Confirmed);
    if status == AppointmentStatus::Cancelled {
        mistakes.note("/status", "is confirmed or tentative for something new");
    }
    mistakes.at_most("/excluded_dates", body.excluded_dates.len(), 1_000);
    let mut exceptions = Exceptions::default();
    for excluded in dates(&body.excluded_dates) {
        exceptions.insert(excluded, Exception::Skipped { reason: SkipReason::Cancelled });
    }
    let mut additional = dates(&body.additional_dates);
    additional.sort_unstable();
    additional.dedup();
    let mut appointment = Appointment {
        title: body.title,
        description: body.description,
        location: body.location,
        participants: body.participants,
        recurrence: body.recurring_rule.map(|rule| rule.local(zone)),
        additional,
        exceptions,
        all_day: body.all_day,
        source: AppointmentSource { origin, ..AppointmentSource::BOSS },
        reminder_minutes: body.reminder_minutes.flatten(),
        status,
        ..bare(user, zone, (start, end), now)
    };
    check_words(&appointment, &mut mistakes);
    check_times(&mut appointment, &mut mistakes);
    mistakes.none()?;
    if body.reminder_minutes.is_none() {
        appointment.reminder_minutes = ReminderPreferences::of(&user.preferences).usual_lead();
    }
    Ok(appointment)
}

/// The appointment that somebody asks about.
pub(super) fn proposed(body: &ConflictSearch, user: &User, now: DateTime<Utc>) -> Result<Appointment, Error> {
    let zone = body.timezone.unwrap_or(user.timezone);
    let mut appointment = Appointment {
        recurrence: body.recurring_rule.clone().map(|rule| rule.local(zone)),
        all_day: body.all_day,
        ..bare(user, zone, times(body.start_time, body.end_time, body.all_day, (zone, user)), now)
    };
    let mut mistakes = Mistakes::default();
    mistakes.at_most("/except", body.except.len(), 100);
    check_times(&mut appointment, &mut mistakes);
    mistakes.none()?;
    Ok(appointment)
}

fn times(
    start: Moment,
    end: Option<Moment>,
    all_day: bool,
    (zone, user): (Tz, &User),
) -> (DateTime<Utc>, DateTime<Utc>) {
    let begins = start.at(zone);
    let next_day = || {
        let day = begins.with_timezone(&zone).date_naive().checked_add_days(Days::new(1));
        day.map_or(begins + Duration::days(1), |day| Moment::Day(day).at(zone))
    };
    let ends = match end {
        Some(end) => end.at(zone),
        None if all_day => next_day(),
        None => begins + CalendarPreferences::of(user).default_length(),
    };
    (begins, ends)
}

/// An appointment of which only the time is known.
fn bare(user: &User, timezone: Tz, (start, end): (DateTime<Utc>, DateTime<Utc>), now: DateTime<Utc>) -> Appointment {
    Appointment {
        id: AppointmentId::new(now),
        user_id: user.id,
        title: String::new(),
        description: None,
        start,
        end,
        timezone,
        location: None,
        participants: Vec::new(),
        recurrence: None,
        additional: Vec::new(),
        exceptions: Exceptions::default(),
        all_day: false,
        source: AppointmentSource::BOSS,
        reminder_minutes: None,
        status: AppointmentStatus::Confirmed,
        generation: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}
