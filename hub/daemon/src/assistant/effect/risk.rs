//! What a caller's number is not enough for: it can be forged, so on a call these need a PIN.
//!
//! It is what reaches others, what is gone for good, and what deletes: contacts, lists and all that is on them, memories,
//! reminders and alarms, and appointments that stand. What merely adds or moves is asked, read back and undone without one;
//! so are timers, and single things that are taken off a list.

use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, Exception, SkipReason},
    id::ReceiptId,
    recurrence::RecurrenceEnd,
    reminder::ReminderKind,
};

use super::Effect;
use crate::{contacts, lists};

/// Whether any of these needs a PIN on a call.
pub(crate) fn needs_pin(effects: &[Effect]) -> bool {
    // What is moved is taken away and set anew: the rest of a series from some day on, and reminders.
    let splits = effects.iter().any(|effect| matches!(effect, Effect::Book { split: true, .. }));
    let sets = effects.iter().filter(|effect| matches!(effect, Effect::SetReminder { .. })).count();
    let cancels = |effect: &&Effect| matches!(effect, Effect::CancelReminder { reminder } if reminder.kind != ReminderKind::Timer);
    effects.iter().filter(cancels).count() > sets || effects.iter().any(|effect| effect.is_risky(splits))
}

/// The receipts that these mark as taken back.
pub(crate) fn taken_back(effects: &[Effect]) -> Vec<ReceiptId> {
    let marked = |effect: &Effect| if let Effect::MarkUndone { receipt } = effect { Some(*receipt) } else { None };
    effects.iter().filter_map(marked).collect()
}

impl Effect {
    fn is_risky(&self, splits: bool) -> bool {
        match self {
            Self::Send { .. } | Self::Forget { .. } => true,
            Self::Change { before, after, .. } => takes_away(before, after, splits),
            Self::Contact { change } => match change {
                contacts::Change::Delete { .. } => true,
                contacts::Change::Create { .. } | contacts::Change::Update { .. } => false,
            },
            Self::List { change, .. } => match change {
                lists::Change::Delete { .. } | lists::Change::Clear { .. } => true,
                lists::Change::Create { .. }
                | lists::Change::Add { .. }
                | lists::Change::Remove { .. }
                | lists::Change::CheckOff { .. }
                | lists::Change::Reopen { .. } => false,
            },
            Self::Book { .. }
            | Self::LeaveOut { .. }
            | Self::SetReminder { .. }
            | Self::CancelReminder { .. }
            | Self::RestoreReminder { .. }
            | Self::SnoozeReminder { .. }
            | Self::AcknowledgeReminder { .. }
            | Self::PauseTimer { .. }
            | Self::ResumeTimer { .. }
            | Self::PlanReminders { .. }
            | Self::NamePeople { .. }
            | Self::Remember { .. }
            | Self::DecideInvitation { .. }
            | Self::Prefer { .. }
            | Self::DecideSuggestion { .. }
            | Self::AnswerLater { .. }
            | Self::MarkUndone { .. } => false,
        }
    }
}

/// Whether a change calls an appointment off, or some of its occurrences.
fn takes_away(before: &Appointment, after: &Appointment, splits: bool) -> bool {
    let is_off = |one: &Appointment| one.status == AppointmentStatus::Cancelled;
    let called_off = |one: &Appointment| {
        let off = |(id, exception): (_, &Exception)| {
            matches!(exception, Exception::Skipped { reason: SkipReason::Cancelled }).then_some(id)
        };
        one.exceptions.iter().filter_map(off).collect::<Vec<_>>()
    };
    let ends_earlier = !splits && ends_earlier(before, after);
    let known = called_off(before);
    !is_off(before) && (is_off(after) || ends_earlier || called_off(after).iter().any(|id| !known.contains(id)))
}

/// Whether a series ends earlier than it did, or repeats no more. One that is moved takes its last day along.
fn ends_earlier(before: &Appointment, after: &Appointment) -> bool {
    let Some(old) = &before.recurrence else { return false };
    let Some(new) = &after.recurrence else { return true };
    let at = |one: &Appointment| one.start.with_timezone(&one.timezone).naive_local();
    match (old.end, new.end) {
        (_, RecurrenceEnd::Never) => false,
        (RecurrenceEnd::Count(old), RecurrenceEnd::Count(new)) => new < old,
        (RecurrenceEnd::Until(old), RecurrenceEnd::Until(new)) => {
            let moved = at(after) - at(before);
            new < old && new - old < moved
        }
        (RecurrenceEnd::Never | RecurrenceEnd::Count(_) | RecurrenceEnd::Until(_), _) => true,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use xswarm_core::{
        appointment::AppointmentSource,
        id::{AppointmentId, UserId},
        recurrence::{Frequency, Recurrence},
    };

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn series(end: RecurrenceEnd) -> Appointment {
        let start = at("2026-12-07T18:00:00Z");
        Appointment {
            id: AppointmentId::new(start),
            user_id: UserId::new(start),
            title: "Yoga".to_owned(),
            description: None,
            start,
            end: start + TimeDelta::hours(1),
            timezone: chrono_tz::UTC,
            location: None,
            participants: Vec::new(),
            recurrence: Some(Recurrence { end, ..Recurrence::every(Frequency::Weekly) }),
            additional: Vec::new(),
            exceptions: xswarm_core::appointment::Exceptions::default(),
            all_day: false,
            source: AppointmentSource::BOSS,
            reminder_minutes: None,
            status: AppointmentStatus::Confirmed,
            generation: 0,
            version: 0,
            created_at: start,
            updated_at: start,
        }
    }

    fn moved(mut one: Appointment, by: TimeDelta) -> Appointment {
        one.start += by;
        one.end += by;
        one
    }

    #[test]
    fn a_series_that_ends_earlier_loses_something_wherever_it_is_moved() {
        let until = |text: &str| RecurrenceEnd::Until(at(text).naive_utc());
        let (year, may) = (series(until("2027-12-31T18:00:00Z")), series(until("2027-05-31T18:00:00Z")));
        let endless = series(RecurrenceEnd::Never);
        for by in [TimeDelta::zero(), TimeDelta::days(1), -TimeDelta::days(1)] {
            for (before, after) in [(&year, &may), (&endless, &year), (&series(RecurrenceEnd::Count(9)), &endless)] {
                let fewer = [(before, moved(after.clone(), by)), (after, moved(before.clone(), by))];
                let ends: Vec<bool> = fewer.iter().map(|(before, after)| takes_away(before, after, false)).collect();
                assert!(ends[0] != ends[1], "one way only: {before:?} {after:?}");
            }
            assert!(takes_away(&year, &moved(may.clone(), by), false));
            let single = Appointment { recurrence: None, ..year.clone() };
            assert!(takes_away(&year, &moved(single, by), false));
        }
        let (day, last) = (TimeDelta::days(-1), series(until("2027-12-30T18:00:00Z")));
        assert!(!takes_away(&year, &moved(last.clone(), day), false), "it takes its last day along");
        assert!(takes_away(&year, &last, false));
        assert!(!takes_away(&year, &last, true), "the rest is booked anew");
    }
}
