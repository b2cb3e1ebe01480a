//! Instants as people read them: in their zone, with words such as "tomorrow" where these are shorter.
//!
//! What time it is comes from the hub; nothing here asks a clock.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

/// From where and when a person looks at instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// What time it is, says the hub.
    pub now: DateTime<Utc>,
    /// The person's zone.
    pub zone: Tz,
}

impl View {
    /// Day and time in the zone: "today 15:00", "Fri 27 Nov 09:00". The zone is said by [`View::heading`].
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.zone);
        format!("{} {}", self.day(local.date_naive()), local.format("%H:%M"))
    }

    /// The same to the second.
    pub fn second(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.zone);
        format!("{} {}", self.day(local.date_naive()), local.format("%H:%M:%S"))
    }

    /// Day, time and zone in full: "Fri 27 Nov 2026 09:00:00 CET".
    pub fn in_full(&self, at: DateTime<Utc>) -> String {
        format!("{} ({})", at.with_timezone(&self.zone).format("%a %-d %b %Y %H:%M:%S %Z"), self.distance(at))
    }

    /// A column's heading with the zone: "DUE (Europe/Berlin)".
    pub fn heading(&self, name: &str) -> String {
        format!("{name} ({})", self.zone)
    }

    /// The day on which it is now.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// A day, seen from today.
    pub fn day(&self, day: NaiveDate) -> String {
        let today = self.today();
        if day == today {
            "today".to_owned()
        } else if Some(day) == today.checked_add_days(Days::new(1)) {
            "tomorrow".to_owned()
        } else if Some(day) == today.checked_sub_days(Days::new(1)) {
            "yesterday".to_owned()
        } else if day.year() == today.year() {
            day.format("%a %-d %b").to_string()
        } else {
            day.format("%a %-d %b %Y").to_string()
        }
    }

    /// How far away it is: "in 5 min", "2 h ago", "now".
    pub fn distance(&self, at: DateTime<Utc>) -> String {
        let distance = at - self.now;
        let length = length(distance);
        match distance.num_seconds() {
            0 => "now".to_owned(),
            1.. => format!("in {length}"),
            ..0 => format!("{length} ago"),
        }
    }
}

/// A length of time in its one or two largest units: "45 s", "3 h 12 min", "5 days". Its sign is left out.
pub fn length(length: Duration) -> String {
    let seconds = length.num_seconds().abs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let with_rest = |whole: i64, unit: &str, rest: i64, rest_unit: &str| {
        if rest == 0 { format!("{whole} {unit}") } else { format!("{whole} {unit} {rest} {rest_unit}") }
    };
    match (days, hours, minutes) {
        (2.., _, _) => format!("{days} days"),
        (1, _, _) => with_rest(1, "day", hours % 24, "h"),
        (_, 1.., _) => with_rest(hours, "h", minutes % 60, "min"),
        (_, _, 1..=9) => with_rest(minutes, "min", seconds % 60, "s"),
        (_, _, 10..) => format!("{minutes} min"),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, day, hour, minute, 0).unwrap()
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let view = View { now: at(24, 23, 30), zone: Tz::Europe__Berlin };
        assert_eq!(view.today(), NaiveDate::from_ymd_opt(2026, 11, 25).unwrap(), "it is past midnight in Berlin");
        assert_eq!(view.moment(at(25, 8, 0)), "today 09:00");
        assert_eq!(view.moment(at(24, 12, 0)), "yesterday 13:00");
        assert_eq!(view.moment(at(26, 8, 5)), "tomorrow 09:05");
        assert_eq!(view.moment(at(27, 8, 0)), "Fri 27 Nov 09:00");
        assert_eq!(view.moment(at(27, 8, 0) + Duration::days(365)), "Sat 27 Nov 2027 09:00");
        assert_eq!(view.heading("DUE"), "DUE (Europe/Berlin)");
        assert_eq!(view.in_full(at(27, 8, 0)), "Fri 27 Nov 2026 09:00:00 CET (in 2 days)");
    }

    #[test]
    fn distances_have_a_direction_and_at_most_two_units() {
        let view = View { now: at(24, 12, 0), zone: Tz::UTC };
        for (seconds, expected) in [
            (0, "now"),
            (45, "in 45 s"),
            (-90, "1 min 30 s ago"),
            (15 * 60 + 20, "in 15 min"),
            (3600, "in 1 h"),
            (3600 * 3 + 720, "in 3 h 12 min"),
            (-86_400 - 7200, "1 day 2 h ago"),
            (86_400 * 5 + 1, "in 5 days"),
        ] {
            assert_eq!(view.distance(view.now + Duration::seconds(seconds)), expected);
        }
    }
}
