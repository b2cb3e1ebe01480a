//! What an appointment may be, checked in one place for new and changed ones; every mistake is named.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    admin::FieldError,
    appointment::Appointment,
    recurrence::{Frequency, Recurrence},
};

use crate::error::Error;

const TITLE: usize = 500;
const DESCRIPTION: usize = 10_000;
const LOCATION: usize = 500;
const PARTICIPANTS: usize = 100;
const PARTICIPANT: usize = 200;
const DATES: usize = 1_000;
const REMINDER_MINUTES: u32 = 4 * 7 * 24 * 60;
const LONGEST: Duration = Duration::days(366);
const SHORTEST_PERIOD_MINUTES: u64 = 15;

/// Mistakes, as they are found.
#[derive(Default)]
pub(super) struct Mistakes(Vec<FieldError>);

impl Mistakes {
    /// Notes one.
    pub(super) fn note(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), detail: detail.into() });
    }

    /// All is well, or all that is not.
    pub(super) fn none(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::fields(self.0)) }
    }

    /// At most so many of something.
    pub(super) fn at_most(&mut self, pointer: &str, count: usize, most: usize) {
        if count > most {
            self.note(pointer, format!("has {count} entries, and may have {most}"));
        }
    }

    /// A line, or with `lines` several, of at most so many characters.
    fn text(&mut self, pointer: &str, text: &str, most: usize, lines: bool) {
        if text.chars().count() > most {
            self.note(pointer, format!("has more than {most} characters"));
        }
        if text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'))) {
            self.note(pointer, "has control characters");
        }
    }
}

/// Checks all but when it is.
pub(super) fn check_words(appointment: &Appointment, mistakes: &mut Mistakes) {
    if appointment.title.trim().is_empty() {
        mistakes.note("/title", "is empty: say what the appointment is");
    }
    mistakes.text("/title", &appointment.title, TITLE, false);
    mistakes.text("/description", appointment.description.as_deref().unwrap_or_default(), DESCRIPTION, true);
    mistakes.text("/location", appointment.location.as_deref().unwrap_or_default(), LOCATION, false);
    mistakes.at_most("/participants", appointment.participants.len(), PARTICIPANTS);
    for (n, participant) in appointment.participants.iter().enumerate().take(PARTICIPANTS) {
        let pointer = format!("/participants/{n}");
        if participant.trim().is_empty() {
            mistakes.note(&pointer, "is empty");
        }
        mistakes.text(&pointer, participant, PARTICIPANT, false);
    }
    mistakes.at_most("/additional_dates", appointment.additional.len(), DATES);
    mistakes.at_most("/exceptions", appointment.exceptions.len(), DATES);
    if appointment.reminder_minutes.is_some_and(|minutes| minutes > REMINDER_MINUTES) {
        mistakes.note("/reminder_minutes", format!("is at most {REMINDER_MINUTES}, which is four weeks"));
    }
}

/// Checks when it is. Of a rule that does not occur at the start, the start moves to its first occurrence.
pub(super) fn check_times(appointment: &mut Appointment, mistakes: &mut Mistakes) {
    let zone = appointment.timezone;
    if appointment.end <= appointment.start {
        return mistakes.note("/end_time", "is not after start_time");
    }
    if appointment.length() > LONGEST {
        mistakes.note("/end_time", "is more than 366 days after start_time");
    }
    if appointment.all_day {
        for (pointer, at) in [("/start_time", appointment.start), ("/end_time", appointment.end)] {
            if !is_midnight(at, zone) {
                mistakes.note(pointer, format!("is not midnight in {zone}, and the appointment takes whole days"));
            }
        }
    }
    for (id, changed) in appointment.exceptions.moved() {
        if changed.end <= changed.start || changed.end - changed.start > LONGEST {
            mistakes.note("/exceptions", format!("the occurrence of {id} ends before it begins, or lasts too long"));
        }
        mistakes.text("/exceptions", changed.title.as_deref().unwrap_or_default(), TITLE, false);
        mistakes.text("/exceptions", changed.location.as_deref().unwrap_or_default(), LOCATION, false);
        mistakes.text("/exceptions", changed.description.as_deref().unwrap_or_default(), DESCRIPTION, true);
    }
    let Some(rule) = &appointment.recurrence else { return };
    if period_minutes(rule) < SHORTEST_PERIOD_MINUTES {
        let detail =
            format!("repeats more often than every {SHORTEST_PERIOD_MINUTES} minutes: an appointment does not");
        return mistakes.note("/recurring_rule", detail);
    }
    let first = rule.occurrences(appointment.start, zone).map(|mut all| all.next());
    match first {
        Err(error) => mistakes.note("/recurring_rule", error.to_string()),
        Ok(None) => mistakes.note("/recurring_rule", "never occurs at or after start_time"),
        Ok(Some(first)) => {
            let length = appointment.length();
            (appointment.start, appointment.end) = (first, first + length);
        }
    }
}

fn is_midnight(at: DateTime<Utc>, zone: Tz) -> bool {
    let local = at.with_timezone(&zone);
    // Some zones skip midnight when daylight saving begins: their day starts with what follows.
    let begins = xswarm_core::time::resolve_local(local.date_naive().and_time(NaiveTime::MIN), zone);
    begins == at
}

/// The least time between two occurrences, as far as the rule's frequency says.
fn period_minutes(rule: &Recurrence) -> u64 {
    let minutes = match rule.frequency {
        Frequency::Secondly => return u64::from(rule.interval) / 60,
        Frequency::Minutely => 1,
        Frequency::Hourly if !rule.by_minute.is_empty() || !rule.by_second.is_empty() => {
            return often(&rule.by_minute, 60).min(often(&rule.by_second, 1));
        }
        Frequency::Hourly => 60,
        Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {
            return often(&rule.by_minute, 60).min(often(&rule.by_second, 1)).min(60);
        }
    };
    u64::from(rule.interval) * minutes
}

/// How far apart several of these are at least, in minutes, when they share `period`.
fn often(parts: &[u8], period: u64) -> u64 {
    let parts: std::collections::BTreeSet<_> = parts.iter().copied().collect();
    if parts.len() < 2 {
        return 60;
    }
    if period == 1 {
        return 0;
    }
    let gaps = parts.iter().zip(parts.iter().skip(1)).map(|(earlier, later)| u64::from(later - earlier));
    let (first, last) = (parts.first().copied().unwrap_or(0), parts.last().copied().unwrap_or(0));
    gaps.chain([period + u64::from(first) - u64::from(last)]).min().unwrap_or(60)
}
