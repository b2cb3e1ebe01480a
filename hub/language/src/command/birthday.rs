//! Birthdays and anniversaries: they come every year, and last the whole day.
//!
//! Only where the day itself is meant: a birthday party is an appointment like any other.

use xswarm_core::recurrence::{Frequency, Recurrence};

use super::types::{AppointmentDraft, When};
use crate::time::{Grain, Repeat, Value};

/// The draft with a birthday as the whole day that it is, every year; any other as it was.
pub(super) fn yearly(draft: AppointmentDraft) -> AppointmentDraft {
    let (Some(title), Some(when)) = (&draft.title, &draft.when) else { return draft };
    let Some(day) = day_of(when).filter(|_| draft.duration.is_none() && draft.participants.is_empty()) else {
        return draft;
    };
    let Some(title) = called(title) else { return draft };
    let rule = Recurrence::every(Frequency::Yearly);
    let repeat = Repeat { rule, times: Vec::new(), until_time: None, start: Some(day), exceptions: Vec::new() };
    let when = When { value: Value::Recurrence(Box::new(repeat)), alternatives: Vec::new(), ..when.clone() };
    AppointmentDraft { title: Some(title), when: Some(when), all_day: true, ..draft }
}

/// The day, where one was named and no time of day.
fn day_of(when: &When) -> Option<chrono::NaiveDate> {
    if when.time_said {
        return None;
    }
    match &when.value {
        Value::Date { start, grain: Grain::Day } => Some(*start),
        Value::Instant { at, grain: Grain::Day } => Some(at.date_naive()),
        Value::Date { .. }
        | Value::Instant { .. }
        | Value::Interval { .. }
        | Value::Duration(_)
        | Value::Recurrence(_) => None,
    }
}

/// What the day is called, the same whichever way it was said: "Birthday of Anna" is "Anna's birthday".
fn called(title: &str) -> Option<String> {
    let lower = title.to_lowercase();
    if let Some(who) =
        title.get("Birthday of ".len()..).filter(|who| lower.starts_with("birthday of ") && !who.is_empty())
    {
        return Some(format!("{who}'s birthday"));
    }
    let whose = |noun: &str| lower.strip_suffix(noun).is_some_and(|before| before.ends_with(' '));
    (whose("birthday") || whose("anniversary")).then(|| title.to_owned())
}
