//! Series that leave days out: "except holidays", "unless I have something else", "except 24 December".
//!
//! A rule cannot say any of these. Such days are left out one by one for the coming year when the series is booked, and
//! the daily sweep looks further ahead as time goes by ([`crate::calendar::skips`]). Weekdays and months that are left out
//! become part of the rule.

use chrono::{DateTime, NaiveDate, Utc};
use xswarm_core::{
    appointment::{Appointment, Exception as Exempt, SkipReason},
    conflict,
    message::Channel,
    preferences::CalendarPreferences,
    recurrence::{ByDay, Frequency, Recurrence},
    series::Skips,
};
use xswarm_language::{
    command::{AppointmentDraft, When},
    time::{Exception, Value},
};

use super::{
    appointments,
    effect::Effect,
    turn::{Decision, Turn},
};
use crate::{calendar::skips, error::Error, wording};

/// What is to be left out of a series.
pub(super) struct LeftOut {
    days: Vec<Exception>,
    conflicts: bool,
}

impl LeftOut {
    /// What the sentence says.
    pub(super) fn of(draft: &AppointmentDraft) -> Self {
        let days = match draft.when.as_ref().map(|when| &when.value) {
            Some(Value::Recurrence(repeat)) => repeat.exceptions.clone(),
            Some(Value::Instant { .. } | Value::Date { .. } | Value::Interval { .. } | Value::Duration(_)) | None => {
                Vec::new()
            }
        };
        Self { days, conflicts: draft.skip_conflicts }
    }

    /// Whether nothing is.
    pub(super) fn is_nothing(&self) -> bool {
        self.days.is_empty() && !self.conflicts
    }

    /// The time without what is left out of it, as far as a rule cannot say it.
    pub(super) fn without(&self, when: &When) -> When {
        let mut when = when.clone();
        if let Value::Recurrence(repeat) = &mut when.value {
            repeat.exceptions.clear();
            self.days.iter().for_each(|left_out| narrow(&mut repeat.rule, left_out));
        }
        when
    }

    fn on(&self, day: NaiveDate) -> bool {
        self.days.iter().any(|left_out| match left_out {
            Exception::Day(other) => *other == day,
            Exception::Days(first, after) => (*first..*after).contains(&day),
            Exception::Weekday(_) | Exception::Month(_) | Exception::Holidays => false,
        })
    }
}

/// Takes weekdays and months out of a rule.
fn narrow(rule: &mut Recurrence, left_out: &Exception) {
    match left_out {
        Exception::Weekday(weekday) => {
            if rule.by_day.is_empty() && rule.frequency == Frequency::Daily {
                let mut day = chrono::Weekday::Mon;
                for _ in 0..7 {
                    rule.by_day.push(ByDay { nth: None, weekday: day });
                    day = day.succ();
                }
            }
            rule.by_day.retain(|day| day.weekday != *weekday);
        }
        Exception::Month(month) => {
            if rule.by_month.is_empty() {
                rule.by_month = (1..=12).collect();
            }
            rule.by_month.retain(|kept| u32::from(*kept) != *month);
        }
        Exception::Day(_) | Exception::Days(..) | Exception::Holidays => {}
    }
}

/// Books a series without what it leaves out.
pub(super) fn book(
    turn: &Turn<'_>,
    mut series: Appointment,
    channel: Channel,
    (left_out, remark): (&LeftOut, &str),
) -> Result<Decision, Error> {
    const NAMED: usize = 3;
    let Some(rule) = &series.recurrence else {
        let words = format!("{remark} Only a series can leave days out, so this one stands as it is.");
        return appointments::book(turn, series, channel, &words);
    };
    if rule.frequency < Frequency::Daily {
        return Ok(Decision::say("Only a series of days or longer can leave days out. Nothing was booked."));
    }
    let unreadable = |error| Error::internal("a series cannot be expanded").with_source(error);
    let zone = series.timezone;
    let mut days: Vec<(DateTime<Utc>, SkipReason)> = Vec::new();
    for one in conflict::checked(&series, turn.now).map_err(unreadable)? {
        if left_out.on(one.start.with_timezone(&zone).date_naive()) {
            days.push((one.recurrence_id, SkipReason::Cancelled));
            series.exceptions.insert(one.recurrence_id, Exempt::Skipped { reason: SkipReason::Cancelled });
        }
    }
    let holidays = left_out.days.contains(&Exception::Holidays);
    let region = if holidays { Some(CalendarPreferences::of(turn.user).holidays) } else { None };
    let mut effects = Vec::new();
    if region.is_some() || left_out.conflicts {
        let region = region.unwrap_or(xswarm_core::preferences::HolidayRegion::None);
        let mut policy = Skips { holidays: region, conflicts: left_out.conflicts, until: turn.now };
        days.extend(skips::leave_out(turn.rows, &mut series, &mut policy, turn.now)?);
        effects.push(Effect::LeaveOut { series: series.id, skips: policy });
    }
    days.sort_by_key(|(at, _)| *at);
    let why = |reason: SkipReason| match reason {
        SkipReason::Cancelled => "",
        SkipReason::Holiday => " (holiday)",
        SkipReason::Conflict => " (something else)",
    };
    let day = |at: DateTime<Utc>| wording::date(at.with_timezone(&zone).date_naive());
    let mut named: Vec<_> =
        days.iter().take(NAMED).map(|(at, reason)| format!("{}{}", day(*at), why(*reason))).collect();
    if days.len() > NAMED {
        named.push(format!("{} more", days.len() - NAMED));
    }
    let words = if named.is_empty() {
        " Nothing is to be left out in the coming year.".to_owned()
    } else {
        format!(" Left out: {}.", named.join("; "))
    };
    let mut decision = appointments::book(turn, series, channel, &format!("{remark}{words}"))?;
    decision.effects.extend(effects);
    Ok(decision)
}
