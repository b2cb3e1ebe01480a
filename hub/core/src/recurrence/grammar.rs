//! The text of a rule: RFC 5545 §3.3.10, read whatever the case of its names and written in one canonical order.
//!
//! What the grammar allows but the RFC forbids (`FREQ=WEEKLY` with `BYMONTHDAY`) is refused here, by [`check`].

use std::{fmt, str::FromStr};

use chrono::{NaiveDate, NaiveDateTime, Weekday};

use super::{ByDay, Frequency, Recurrence, RecurrenceEnd, RecurrenceError};

pub(super) const DAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

const FREQUENCIES: [(&str, Frequency); 7] = [
    ("SECONDLY", Frequency::Secondly),
    ("MINUTELY", Frequency::Minutely),
    ("HOURLY", Frequency::Hourly),
    ("DAILY", Frequency::Daily),
    ("WEEKLY", Frequency::Weekly),
    ("MONTHLY", Frequency::Monthly),
    ("YEARLY", Frequency::Yearly),
];

const UNTIL_FORMAT: &str = "%Y%m%dT%H%M%S";

/// The two letters of a weekday.
fn code(weekday: Weekday) -> &'static str {
    DAYS.iter().find(|(_, day)| *day == weekday).map_or("", |(name, _)| name)
}

fn weekday(code: &str) -> Option<Weekday> {
    DAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(code)).map(|(_, day)| *day)
}

impl fmt::Display for ByDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        f.write_str(code(self.weekday))
    }
}

impl FromStr for ByDay {
    type Err = RecurrenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unread = || RecurrenceError::Part(format!("BYDAY={text}"));
        let split = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at)).ok_or_else(unread)?;
        let (nth, name) = text.split_at(split);
        let weekday = weekday(name).ok_or_else(unread)?;
        let nth = match nth {
            "" => None,
            digits => Some(digits.parse().ok().filter(|nth| within(*nth, 53)).ok_or_else(unread)?),
        };
        Ok(Self { nth, weekday })
    }
}

/// Counted from 1, or from the end when negative.
fn within(nth: impl Into<i32>, most: i32) -> bool {
    let nth = nth.into();
    nth != 0 && (-most..=most).contains(&nth)
}

fn joined<T: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, items: &[T]) -> fmt::Result {
    for (n, item) in items.iter().enumerate() {
        match n {
            0 => write!(f, ";{name}={item}")?,
            _ => write!(f, ",{item}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = FREQUENCIES.iter().find(|(_, frequency)| *frequency == self.frequency).map_or("", |(name, _)| name);
        write!(f, "FREQ={name}")?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        joined(f, "BYMONTH", &self.by_month)?;
        joined(f, "BYWEEKNO", &self.by_week_number)?;
        joined(f, "BYYEARDAY", &self.by_year_day)?;
        joined(f, "BYMONTHDAY", &self.by_month_day)?;
        joined(f, "BYDAY", &self.by_day)?;
        joined(f, "BYHOUR", &self.by_hour)?;
        joined(f, "BYMINUTE", &self.by_minute)?;
        joined(f, "BYSECOND", &self.by_second)?;
        joined(f, "BYSETPOS", &self.by_set_position)?;
        if self.week_start != Weekday::Mon {
            write!(f, ";WKST={}", code(self.week_start))?;
        }
        match self.end {
            RecurrenceEnd::Never => Ok(()),
            RecurrenceEnd::Count(count) => write!(f, ";COUNT={count}"),
            // Most calendars expect the trailing Z; the value is floating.
            RecurrenceEnd::Until(until) => write!(f, ";UNTIL={}Z", until.format(UNTIL_FORMAT)),
        }
    }
}

fn list<T: FromStr>(part: &str, value: &str, valid: impl Fn(&T) -> bool) -> Result<Vec<T>, RecurrenceError> {
    value
        .split(',')
        .map(|item| item.parse::<T>().ok().filter(&valid).ok_or_else(|| RecurrenceError::Part(part.to_owned())))
        .collect()
}

/// The parts of a rule, of which each may stand only once.
const PARTS: [&str; 14] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYMONTH",
    "BYWEEKNO",
    "BYYEARDAY",
    "BYMONTHDAY",
    "BYDAY",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
    "BYSETPOS",
    "WKST",
];

impl FromStr for Recurrence {
    type Err = RecurrenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let body = match text.split_at_checked("RRULE:".len()) {
            Some((name, body)) if name.eq_ignore_ascii_case("RRULE:") => body,
            Some(_) | None => text,
        };
        let mut seen = [false; PARTS.len()];
        let mut frequency = None;
        let mut rule = Self::every(Frequency::Daily);
        let (mut count, mut until) = (None, None);
        for part in body.split(';').filter(|part| !part.is_empty()) {
            let unread = || RecurrenceError::Part(part.to_owned());
            let (name, value) = part.split_once('=').ok_or_else(unread)?;
            let known = PARTS.iter().zip(&mut seen).find(|(known, _)| known.eq_ignore_ascii_case(name));
            let (name, seen) = known.ok_or_else(unread)?;
            if std::mem::replace(seen, true) {
                return Err(RecurrenceError::Twice(name));
            }
            match *name {
                "FREQ" => {
                    let known = FREQUENCIES.iter().find(|(name, _)| name.eq_ignore_ascii_case(value));
                    frequency = Some(known.ok_or_else(unread)?.1);
                }
                "INTERVAL" => rule.interval = value.parse().ok().filter(|n| *n > 0).ok_or_else(unread)?,
                "COUNT" => count = Some(value.parse().ok().filter(|n| *n > 0).ok_or_else(unread)?),
                "UNTIL" => until = Some(read_until(value).ok_or_else(unread)?),
                "BYMONTH" => rule.by_month = list(part, value, |month| (1..=12).contains(month))?,
                "BYWEEKNO" => rule.by_week_number = list(part, value, |week: &i8| within(*week, 53))?,
                "BYYEARDAY" => rule.by_year_day = list(part, value, |day: &i16| within(*day, 366))?,
                "BYMONTHDAY" => rule.by_month_day = list(part, value, |day: &i8| within(*day, 31))?,
                "BYDAY" => rule.by_day = list(part, value, |_| true)?,
                "BYHOUR" => rule.by_hour = list(part, value, |hour| (0..=23).contains(hour))?,
                "BYMINUTE" => rule.by_minute = list(part, value, |minute| (0..=59).contains(minute))?,
                "BYSECOND" => {
                    // Without leap seconds the sixtieth is the fifty-ninth (RFC 5545 §3.3.12).
                    let seconds = list(part, value, |second| (0..=60).contains(second))?;
                    rule.by_second = seconds.into_iter().map(|second: u8| second.min(59)).collect();
                }
                "BYSETPOS" => rule.by_set_position = list(part, value, |nth: &i32| within(*nth, 366))?,
                _ => rule.week_start = weekday(value).ok_or_else(unread)?,
            }
        }
        rule.frequency = frequency.ok_or(RecurrenceError::NoFrequency)?;
        rule.end = match (count, until) {
            (Some(_), Some(_)) => return Err(RecurrenceError::TwoEnds),
            (Some(count), None) => RecurrenceEnd::Count(count),
            (None, Some(until)) => RecurrenceEnd::Until(until),
            (None, None) => RecurrenceEnd::Never,
        };
        check(&rule)?;
        Ok(rule)
    }
}

/// Refuses what RFC 5545 §3.3.10 says a rule must not have.
pub(super) fn check(rule: &Recurrence) -> Result<(), RecurrenceError> {
    use Frequency::{Daily, Monthly, Weekly, Yearly};
    let refuse = |part, reason| Err(RecurrenceError::Forbidden { part, reason });
    let counted = rule.by_day.iter().any(|day| day.nth.is_some());
    if rule.interval == 0 {
        return refuse("INTERVAL", "is at least 1");
    }
    if !rule.by_week_number.is_empty() && rule.frequency != Yearly {
        return refuse("BYWEEKNO", "goes only with FREQ=YEARLY");
    }
    if !rule.by_year_day.is_empty() && matches!(rule.frequency, Daily | Weekly | Monthly) {
        return refuse("BYYEARDAY", "does not go with FREQ=DAILY, WEEKLY or MONTHLY");
    }
    if !rule.by_month_day.is_empty() && rule.frequency == Weekly {
        return refuse("BYMONTHDAY", "does not go with FREQ=WEEKLY");
    }
    if counted && !matches!(rule.frequency, Monthly | Yearly) {
        return refuse("BYDAY", "counts its days (as in 2MO) only with FREQ=MONTHLY or YEARLY");
    }
    if counted && !rule.by_week_number.is_empty() {
        return refuse("BYDAY", "does not count its days (as in 2MO) beside BYWEEKNO");
    }
    let others = rule.by_month.len()
        + rule.by_week_number.len()
        + rule.by_year_day.len()
        + rule.by_month_day.len()
        + rule.by_day.len()
        + rule.by_hour.len()
        + rule.by_minute.len()
        + rule.by_second.len();
    if !rule.by_set_position.is_empty() && others == 0 {
        return refuse("BYSETPOS", "needs another BY part to choose from");
    }
    Ok(())
}

fn read_until(value: &str) -> Option<NaiveDateTime> {
    let value = value.strip_suffix(['Z', 'z']).unwrap_or(value);
    let value = value.to_ascii_uppercase();
    NaiveDateTime::parse_from_str(&value, UNTIL_FORMAT).ok().or_else(|| {
        let date = NaiveDate::parse_from_str(&value, "%Y%m%d").ok()?;
        date.and_hms_opt(23, 59, 59)
    })
}

impl TryFrom<String> for Recurrence {
    type Error = RecurrenceError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Recurrence> for String {
    fn from(rule: Recurrence) -> Self {
        rule.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_back_as_written() {
        for rule in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
            "FREQ=MONTHLY;BYDAY=1MO",
            "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3",
            "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
            "FREQ=YEARLY;BYWEEKNO=12;BYDAY=TU,FR",
            "FREQ=YEARLY;BYYEARDAY=1,-1",
            "FREQ=SECONDLY;INTERVAL=90",
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20260630T235959Z",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=4",
            "FREQ=DAILY;BYHOUR=9,17;BYMINUTE=0,30;BYSECOND=15;BYSETPOS=1,-1",
        ] {
            assert_eq!(rule.parse::<Recurrence>().unwrap().to_string(), rule);
        }
    }

    #[test]
    fn any_case_and_order_is_read_and_one_is_written() {
        for (rule, written) in [
            ("rrule:freq=weekly;byday=mo,We", "FREQ=WEEKLY;BYDAY=MO,WE"),
            ("COUNT=3;byday=+1MO;FREQ=Monthly", "FREQ=MONTHLY;BYDAY=1MO;COUNT=3"),
            ("FREQ=DAILY;UNTIL=20260630t120000z", "FREQ=DAILY;UNTIL=20260630T120000Z"),
            ("FREQ=DAILY;UNTIL=20260630", "FREQ=DAILY;UNTIL=20260630T235959Z"),
            ("FREQ=DAILY;WKST=MO;INTERVAL=1;", "FREQ=DAILY"),
            ("FREQ=MINUTELY;BYSECOND=60", "FREQ=MINUTELY;BYSECOND=59"),
        ] {
            assert_eq!(rule.parse::<Recurrence>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (rule, error) in [
            ("INTERVAL=2", RecurrenceError::NoFrequency),
            ("", RecurrenceError::NoFrequency),
            ("FREQ=DAILY;COUNT=1;UNTIL=20260101", RecurrenceError::TwoEnds),
            ("FREQ=DAILY;freq=WEEKLY", RecurrenceError::Twice("FREQ")),
            ("FREQ=DAILY;INTERVAL=0", RecurrenceError::Part("INTERVAL=0".into())),
            ("FREQ=DAILY;INTERVAL=99999999999", RecurrenceError::Part("INTERVAL=99999999999".into())),
            ("FREQ=DAILY;COUNT=-1", RecurrenceError::Part("COUNT=-1".into())),
            ("FREQ=DAILY;UNTIL=20260231", RecurrenceError::Part("UNTIL=20260231".into())),
            ("FREQ=DAILY;BYDAY=XX", RecurrenceError::Part("BYDAY=XX".into())),
            ("FREQ=MONTHLY;BYDAY=54MO", RecurrenceError::Part("BYDAY=54MO".into())),
            ("FREQ=YEARLY;BYWEEKNO=54", RecurrenceError::Part("BYWEEKNO=54".into())),
            ("FREQ=YEARLY;BYWEEKNO=-128", RecurrenceError::Part("BYWEEKNO=-128".into())),
            ("FREQ=YEARLY;BYYEARDAY=0", RecurrenceError::Part("BYYEARDAY=0".into())),
            ("FREQ=DAILY;BYHOUR=24", RecurrenceError::Part("BYHOUR=24".into())),
            ("FREQ=DAILY;BYDAY=é", RecurrenceError::Part("BYDAY=é".into())),
            ("FREQ=SOMETIMES", RecurrenceError::Part("FREQ=SOMETIMES".into())),
            ("FREQ=DAILY;BYEASTER=1", RecurrenceError::Part("BYEASTER=1".into())),
        ] {
            assert_eq!(rule.parse::<Recurrence>(), Err(error), "{rule}");
        }
    }

    #[test]
    fn what_the_rfc_forbids_is_refused_with_the_part() {
        for (rule, named) in [
            ("FREQ=MONTHLY;BYWEEKNO=3", "BYWEEKNO"),
            ("FREQ=DAILY;BYYEARDAY=3", "BYYEARDAY"),
            ("FREQ=WEEKLY;BYYEARDAY=3", "BYYEARDAY"),
            ("FREQ=MONTHLY;BYYEARDAY=3", "BYYEARDAY"),
            ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY"),
            ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
            ("FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO", "BYDAY"),
            ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ] {
            let refused = rule.parse::<Recurrence>();
            assert!(matches!(&refused, Err(RecurrenceError::Forbidden { part, .. }) if *part == named), "{refused:?}");
        }
    }
}
