//! Habits: from counts of what a person did lately to what may be said about it, or to nothing.
//!
//! Pure, and never more than counting: whoever calls brings what was counted. What is too little or too mixed is no habit.
//! Nothing is suggested here ([`crate::suggestion`]) and nothing is changed.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    message::Channel,
    preferences::{Stretch, WorkingHours},
    text_enum,
};

/// How many appointments are looked at, the last ones.
pub const APPOINTMENTS: usize = 20;

/// How many messages are looked at, the last ones.
pub const MESSAGES: usize = 25;

/// How many days questions are looked at: four of each weekday.
pub const DAYS: u64 = 28;

/// How many appointments must agree.
const AGREEING: usize = 8;

/// How many messages must have come the same way.
const SAME_WAY: usize = 20;

/// In how many of the four weeks it must have been asked.
const WEEKS: usize = 3;

text_enum! {
    /// What can be told again and again, because it is asked again and again.
    pub enum Glance {
        /// What the day holds.
        Day = "day",
        /// What the week holds.
        Week = "week",
        /// Which reminders are set.
        Reminders = "reminders",
    }
}

text_enum! {
    /// At which end working hours are too short.
    pub enum Side {
        /// At their beginning.
        Early = "early",
        /// At their end.
        Late = "late",
    }
}

/// What a person is used to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HabitKind {
    /// Their appointments take so long.
    MeetingLength {
        /// How many minutes.
        minutes: u32,
    },
    /// They have appointments before or after their working hours.
    WorkingHours {
        /// The hours with that time.
        hours: WorkingHours,
        /// Which end is new.
        side: Side,
    },
    /// They write to the Boss this way.
    Channel {
        /// Which.
        channel: Channel,
    },
    /// They ask for the same on the same weekday.
    Weekly {
        /// For what.
        glance: Glance,
        /// On which day.
        #[schema(value_type = String, example = "Mon")]
        weekday: Weekday,
        /// At about which hour of their day, 0 to 23.
        hour: u8,
    },
}

text_enum! {
    /// The kinds of habits.
    pub enum HabitName {
        /// How long appointments take.
        MeetingLength = "meeting_length",
        /// When appointments are welcome.
        WorkingHours = "working_hours",
        /// By which way they write.
        Channel = "channel",
        /// What is asked every week.
        Weekly = "weekly",
    }
}

impl HabitKind {
    /// Which kind it is.
    pub const fn name(&self) -> HabitName {
        match self {
            Self::MeetingLength { .. } => HabitName::MeetingLength,
            Self::WorkingHours { .. } => HabitName::WorkingHours,
            Self::Channel { .. } => HabitName::Channel,
            Self::Weekly { .. } => HabitName::Weekly,
        }
    }

    /// What it is about, so that the same is not suggested twice: hours that are a little different are the same again.
    pub fn subject(&self) -> String {
        match self {
            Self::MeetingLength { minutes } => minutes.to_string(),
            Self::WorkingHours { side, .. } => side.to_string(),
            Self::Channel { channel } => channel.to_string(),
            Self::Weekly { glance, weekday, .. } => format!("{glance} {weekday}"),
        }
    }
}

/// How often it was so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// So often.
    pub matching: u32,
    /// Of so many.
    pub of: u32,
}

impl Evidence {
    fn new(matching: usize, of: usize) -> Self {
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Self { matching: number(matching), of: number(of) }
    }
}

/// A habit and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habit {
    /// Which.
    pub kind: HabitKind,
    /// How often it was so.
    pub evidence: Evidence,
}

/// How long appointments take, in minutes, when that is not the `usual`. Looks at the first [`APPOINTMENTS`] given. What
/// comes next in number must come to half of it at most.
pub fn length(minutes: &[u32], usual: u32) -> Option<Habit> {
    let lately = minutes.get(..APPOINTMENTS).unwrap_or(minutes);
    let (minutes, count) = leading(lately.iter().copied(), AGREEING)?;
    let evidence = Evidence::new(count, lately.len());
    (minutes != usual).then_some(Habit { kind: HabitKind::MeetingLength { minutes }, evidence })
}

/// Working hours that take in what is booked before or after them, when enough is. Looks at the first [`APPOINTMENTS`]
/// given, each by its weekday and minute of the day. Days off stay days off.
pub fn hours(starts: &[(Weekday, u16)], current: &WorkingHours) -> Option<Habit> {
    let lately = starts.get(..APPOINTMENTS).unwrap_or(starts);
    let mut early: Vec<u16> = outside(lately, current, |minute, first, _| minute < first.from_minute);
    let mut late: Vec<u16> = outside(lately, current, |minute, _, last| minute >= last.to_minute);
    // Only as far as it takes for enough of them to lie inside: the odd one stays outside.
    early.sort_unstable_by(|one, other| other.cmp(one));
    late.sort_unstable();
    let (side, hours, minute, found) = if let Some(minute) = early.get(AGREEING - 1) {
        let hour = minute / 60 * 60;
        (Side::Early, current.beginning(hour), hour, &early)
    } else {
        let hour = (late.get(AGREEING - 1)? / 60 + 1) * 60;
        (Side::Late, current.ending(hour), hour, &late)
    };
    let inside = |start: &&u16| match side {
        Side::Early => **start >= minute,
        Side::Late => **start < minute,
    };
    let evidence = Evidence::new(found.iter().filter(inside).count(), lately.len());
    Some(Habit { kind: HabitKind::WorkingHours { hours, side }, evidence })
}

fn outside(starts: &[(Weekday, u16)], hours: &WorkingHours, is: impl Fn(u16, &Stretch, &Stretch) -> bool) -> Vec<u16> {
    let ends = |day| hours.on(day).first().zip(hours.on(day).last());
    let outside = |(day, minute): &(Weekday, u16)| ends(*day).is_some_and(|(first, last)| is(*minute, first, last));
    starts.iter().filter(|start| outside(start)).map(|(_, minute)| *minute).collect()
}

/// By which way they write, when that is not the way by which they are reminded first. Looks at the first [`MESSAGES`]
/// given. Only what reaches a person who is not looking counts as a way.
pub fn channel(ways: &[Channel], first: Channel) -> Option<Habit> {
    let lately = ways.get(..MESSAGES).unwrap_or(ways);
    let (channel, count) = leading(lately.iter().copied(), SAME_WAY)?;
    let reaches = match channel {
        Channel::Sms | Channel::Email => true,
        Channel::Voice | Channel::ClaudeCode | Channel::Console | Channel::Room => false,
    };
    let evidence = Evidence::new(count, lately.len());
    (reaches && channel != first).then_some(Habit { kind: HabitKind::Channel { channel }, evidence })
}

/// Something that was asked: what, on which day and in which hour of the person's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// For what.
    pub glance: Glance,
    /// On which day.
    pub day: NaiveDate,
    /// In which hour, 0 to 23; the first of the day.
    pub hour: u8,
}

/// What is asked every week: in at least three of the last four weeks on the same weekday, and on every other weekday at
/// most half as often. Whoever asks every day has no such habit.
pub fn weekly(asked: &[Asked], today: NaiveDate) -> Option<Habit> {
    let lately = |day: NaiveDate| day <= today && day.checked_add_days(Days::new(DAYS)).is_some_and(|end| end > today);
    Glance::ALL.iter().find_map(|glance| {
        // One of each day, however often it was asked then.
        let days: BTreeMap<NaiveDate, u8> = asked
            .iter()
            .filter(|one| one.glance == *glance && lately(one.day))
            .map(|one| (one.day, one.hour.min(23)))
            .collect();
        let (weekday, count) = leading(days.keys().map(chrono::Datelike::weekday), WEEKS)?;
        let mut hours: Vec<u8> =
            days.iter().filter(|(day, _)| chrono::Datelike::weekday(*day) == weekday).map(|(_, hour)| *hour).collect();
        hours.sort_unstable();
        let hour = *hours.get((hours.len() - 1) / 2)?;
        let kind = HabitKind::Weekly { glance: *glance, weekday, hour };
        Some(Habit { kind, evidence: Evidence::new(count, usize::try_from(DAYS / 7).unwrap_or(4)) })
    })
}

/// What comes most often, when that is at least `least` times and nothing else comes more than half as often.
fn leading<T: Copy + PartialEq>(all: impl Iterator<Item = T>, least: usize) -> Option<(T, usize)> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for one in all {
        match counts.iter_mut().find(|(known, _)| *known == one) {
            Some((_, count)) => *count += 1,
            None => counts.push((one, 1)),
        }
    }
    let (first, most) = counts.iter().copied().max_by_key(|(_, count)| *count)?;
    let next = counts.iter().filter(|(one, _)| *one != first).map(|(_, count)| *count).max().unwrap_or(0);
    (most >= least && next * 2 <= most).then_some((first, most))
}

#[cfg(test)]
mod tests;
