//! The hours of each weekday at which appointments are welcome, and their one textual form:
//! `mon-fri 09:00-12:00, mon-fri 13:00-17:00, sat 10:00-14:00`, or `none`.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use crate::schema::{self, PartialSchema, RefOr, Schema, ToSchema};

/// A stretch of a day, in minutes from midnight by the clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// Its first minute, 0 to 1,439.
    pub from_minute: u16,
    /// The first minute after it, up to 1,440 (midnight).
    pub to_minute: u16,
}

/// The stretches of each weekday, from Monday, in order and apart from each other. JSON is the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkingHours([Vec<Stretch>; 7]);

/// The text does not say hours of weekdays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("weekdays with hours, such as \"mon-fri 9:00-17:00, sat 10:00-14:00\", or \"none\"")]
pub struct NotWorkingHours;

impl PartialSchema for WorkingHours {
    fn schema() -> RefOr<Schema> {
        schema::text("working-hours", "mon-fri 09:00-17:00")
    }
}

impl ToSchema for WorkingHours {}

impl WorkingHours {
    /// The stretches of a weekday.
    pub fn on(&self, day: Weekday) -> &[Stretch] {
        self.0.get(index(day)).map_or(&[], Vec::as_slice)
    }

    /// The same, but every day that has any begins at this minute or earlier.
    #[must_use]
    pub fn beginning(&self, minute: u16) -> Self {
        let mut hours = self.clone();
        for first in hours.0.iter_mut().filter_map(|stretches| stretches.first_mut()) {
            first.from_minute = first.from_minute.min(minute);
        }
        hours
    }

    /// The same, but every day that has any ends at this minute or later.
    #[must_use]
    pub fn ending(&self, minute: u16) -> Self {
        let mut hours = self.clone();
        for last in hours.0.iter_mut().filter_map(|stretches| stretches.last_mut()) {
            last.to_minute = last.to_minute.max(minute.min(1_440));
        }
        hours
    }

    /// Adds a stretch to a weekday; those that touch become one.
    fn add(&mut self, day: usize, stretch: Stretch) {
        let Some(stretches) = self.0.get_mut(day) else { return };
        stretches.push(stretch);
        stretches.sort();
        stretches.dedup_by(|later, earlier| {
            let touch = later.from_minute <= earlier.to_minute;
            if touch {
                earlier.to_minute = earlier.to_minute.max(later.to_minute);
            }
            touch
        });
    }
}

impl Default for WorkingHours {
    /// Monday to Friday, nine to five.
    fn default() -> Self {
        let mut hours = Self(Default::default());
        (0..5).for_each(|day| hours.add(day, Stretch { from_minute: 9 * 60, to_minute: 17 * 60 }));
        hours
    }
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// More than this in one text is no plan of a week.
const LONGEST: usize = 400;

fn index(day: Weekday) -> usize {
    usize::try_from(day.num_days_from_monday()).unwrap_or(0)
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from_minute, self.to_minute);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl fmt::Display for WorkingHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups = Vec::new();
        let mut days = DAYS.iter().zip(&self.0).peekable();
        while let Some((first, stretches)) = days.next() {
            let mut last = first;
            while let Some((name, _)) = days.next_if(|(_, same)| *same == stretches) {
                last = name;
            }
            let named = if first == last { (*first).to_owned() } else { format!("{first}-{last}") };
            groups.extend(stretches.iter().map(|stretch| format!("{named} {stretch}")));
        }
        f.write_str(if groups.is_empty() { "none" } else { "" })?;
        f.write_str(&groups.join(", "))
    }
}

impl FromStr for WorkingHours {
    type Err = NotWorkingHours;

    fn from_str(text: &str) -> Result<Self, NotWorkingHours> {
        let text = text.trim().to_lowercase().replace(['–', '—'], "-");
        let mut hours = Self(Default::default());
        if text == "none" {
            return Ok(hours);
        }
        if text.len() > LONGEST {
            return Err(NotWorkingHours);
        }
        // "mon, wed 9-12, 13-17": days wait for the hours that follow, and stay for further ones.
        let (mut waiting, mut last): (Vec<RangeInclusive<usize>>, Vec<_>) = (Vec::new(), Vec::new());
        for group in text.split([',', ';']) {
            let group = group.trim();
            let digit = group.find(|c: char| c.is_ascii_digit());
            let (days, times) = digit.and_then(|at| group.split_at_checked(at)).unwrap_or((group, ""));
            if !days.trim().is_empty() {
                waiting.push(named(days.trim()).ok_or(NotWorkingHours)?);
            }
            if times.is_empty() && !waiting.is_empty() {
                continue;
            }
            let stretch = stretch(times).ok_or(NotWorkingHours)?;
            if !waiting.is_empty() {
                last = std::mem::take(&mut waiting);
            }
            if last.is_empty() {
                return Err(NotWorkingHours);
            }
            for day in last.iter().cloned().flatten() {
                hours.add(day, stretch);
            }
        }
        if waiting.is_empty() { Ok(hours) } else { Err(NotWorkingHours) }
    }
}

/// "mon", "Monday", "mon-fri".
fn named(text: &str) -> Option<RangeInclusive<usize>> {
    const FULL: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let one = |name: &str| {
        let name = name.trim();
        let wanted = |full: &&str| name.len() >= 3 && full.starts_with(name);
        FULL.iter().position(wanted)
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (one(first)?, one(last)?);
    (first <= last).then_some(first..=last)
}

/// "9:00-17:00", "9-12".
fn stretch(text: &str) -> Option<Stretch> {
    let minute = |clock: &str| {
        let (hour, minute) = clock.trim().split_once(':').unwrap_or((clock.trim(), "0"));
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (minute < 60).then_some(hour.checked_mul(60)?.checked_add(minute)?).filter(|minute| *minute <= 1_440)
    };
    let (from, to) = text.split_once('-')?;
    let stretch = Stretch { from_minute: minute(from)?, to_minute: minute(to)? };
    (stretch.from_minute < stretch.to_minute).then_some(stretch)
}

impl TryFrom<String> for WorkingHours {
    type Error = NotWorkingHours;

    fn try_from(text: String) -> Result<Self, NotWorkingHours> {
        text.parse()
    }
}

impl From<WorkingHours> for String {
    fn from(hours: WorkingHours) -> Self {
        hours.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hours_are_read_in_the_forms_people_write() {
        for (text, canonical) in [
            ("mon-fri 9:00-17:00", "mon-fri 09:00-17:00"),
            ("Monday–Friday 9-17, SAT 10:30-14:00", "mon-fri 09:00-17:00, sat 10:30-14:00"),
            ("mon, wed 9-12", "mon 09:00-12:00, wed 09:00-12:00"),
            ("mon 9-12, 13-17", "mon 09:00-12:00, mon 13:00-17:00"),
            ("tue 9-12; tue 11-15", "tue 09:00-15:00"),
            ("sun 0:00-24:00", "sun 00:00-24:00"),
            ("none", "none"),
        ] {
            assert_eq!(text.parse::<WorkingHours>().unwrap().to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn what_says_no_hours_is_refused() {
        for text in ["", "mon", "9-17", "fri-mon 9-17", "mon 17-9", "mon 9-25", "mon 9:60-10", "m 9-17", "mon-fri", ","]
        {
            assert_eq!(text.parse::<WorkingHours>(), Err(NotWorkingHours), "{text}");
        }
        assert_eq!("mon 9-10,".repeat(100).parse::<WorkingHours>(), Err(NotWorkingHours));
    }

    proptest! {
        #[test]
        fn hours_read_back_as_written(all in proptest::collection::vec((0_usize..7, 0_u16..1_440, 1_u16..600), 0..12)) {
            let mut hours = WorkingHours(Default::default());
            for (day, from_minute, length) in all {
                hours.add(day, Stretch { from_minute, to_minute: (from_minute + length).min(1_440) });
            }
            prop_assert_eq!(hours.to_string().parse(), Ok(hours));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _read = text.parse::<WorkingHours>();
        }
    }
}
