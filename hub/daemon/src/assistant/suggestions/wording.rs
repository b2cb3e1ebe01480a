//! The Boss's words for habits: what speaks for one, with numbers, and what is proposed.

use chrono::{Duration, NaiveTime};
use xswarm_core::{
    habit::{Evidence, Glance, Habit, HabitKind, Side},
    message::Channel,
    suggestion::SuggestionState,
};
use xswarm_language::say;

use crate::wording;

/// What speaks for it: "You have booked 9 of your last 12 appointments for 45 minutes."
pub(super) fn evidence(habit: &Habit) -> String {
    let Evidence { matching, of } = habit.evidence;
    match &habit.kind {
        HabitKind::MeetingLength { minutes } => {
            let length = wording::length(Duration::minutes(i64::from(*minutes)));
            format!("You have booked {matching} of your last {of} appointments for {length}.")
        }
        HabitKind::WorkingHours { side, .. } => {
            let side = match side {
                Side::Early => "before",
                Side::Late => "after",
            };
            format!("{matching} of your last {of} appointments begin {side} your working hours.")
        }
        HabitKind::Channel { channel } => format!("{matching} of your last {of} messages came{}.", way(*channel)),
        HabitKind::Weekly { glance, weekday, .. } => {
            let asked = match glance {
                Glance::Day => "what the day holds",
                Glance::Week => "what the week holds",
                Glance::Reminders => "which reminders are set",
            };
            format!("On {matching} of the last {of} {}s you asked {asked}.", say::weekday(*weekday))
        }
    }
}

/// What is proposed: "Shall I make that the usual length?"
pub(super) fn proposal(habit: &HabitKind) -> String {
    match habit {
        HabitKind::MeetingLength { .. } => "Shall I make that the usual length?".to_owned(),
        HabitKind::WorkingHours { hours, .. } => format!("Shall I make these your working hours: {hours}?"),
        HabitKind::Channel { channel } => format!("Shall I remind you{} first?", way(*channel)),
        HabitKind::Weekly { glance: what, weekday, hour } => {
            let at = NaiveTime::from_hms_opt(u32::from(*hour), 0, 0).unwrap_or_default();
            let (weekday, at) = (say::weekday(*weekday), say::time_of_day(at));
            format!("Shall I tell you {} every {weekday} at {at}?", glance(*what))
        }
    }
}

/// Both, and how to answer.
pub(super) fn question(evidence: &str, proposal: &str) -> String {
    format!("{evidence} {proposal} (yes or no, or \"no suggestions\")")
}

/// What is told every week.
pub(super) fn glance(glance: Glance) -> &'static str {
    match glance {
        Glance::Day => "your day",
        Glance::Week => "your week",
        Glance::Reminders => "your reminders",
    }
}

/// What became of one.
pub(super) fn state(state: SuggestionState) -> &'static str {
    match state {
        SuggestionState::Offered => "not answered yet",
        SuggestionState::Accepted => "you said yes",
        SuggestionState::Declined => "you said no",
        SuggestionState::Expired => "not answered",
    }
}

fn way(channel: Channel) -> &'static str {
    wording::by(channel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Weekday;

    #[test]
    fn evidence_has_numbers_and_a_proposal_says_what_would_change() {
        let evidenced = |kind: HabitKind, matching, of| {
            let habit = Habit { kind, evidence: Evidence { matching, of } };
            question(&evidence(&habit), &proposal(&habit.kind))
        };
        let hours = "mon-fri 7:00-17:00".parse().unwrap();
        let weekly = |glance| HabitKind::Weekly { glance, weekday: Weekday::Mon, hour: 8 };
        for (said, words) in [
            (
                evidenced(HabitKind::MeetingLength { minutes: 45 }, 9, 12),
                "You have booked 9 of your last 12 appointments for 45 minutes. Shall I make that the usual length?",
            ),
            (
                evidenced(HabitKind::WorkingHours { hours, side: Side::Early }, 8, 20),
                "8 of your last 20 appointments begin before your working hours. Shall I make these your working \
                 hours: mon-fri 07:00-17:00?",
            ),
            (
                evidenced(HabitKind::Channel { channel: Channel::Email }, 22, 25),
                "22 of your last 25 messages came by mail. Shall I remind you by mail first?",
            ),
            (
                evidenced(weekly(Glance::Week), 3, 4),
                "On 3 of the last 4 Mondays you asked what the week holds. Shall I tell you your week every Monday \
                 at 8:00 AM?",
            ),
            (
                evidenced(weekly(Glance::Reminders), 4, 4),
                "On 4 of the last 4 Mondays you asked which reminders are set. Shall I tell you your reminders every \
                 Monday at 8:00 AM?",
            ),
        ] {
            assert_eq!(said, format!("{words} (yes or no, or \"no suggestions\")"));
        }
    }
}
