//! Which zone a file means by the name it gives one (RFC 5545 §3.2.19, §3.6.5).
//!
//! A name of the tz database is believed, with or without the path that some programs put before it; then Windows' names;
//! then the name's definition in the file, which is compared with the zones there are by what the clocks show. A name that
//! is nothing of that is refused: an appointment at a guessed hour is worse than none.

use std::{cell::RefCell, collections::HashMap};

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use xswarm_core::recurrence::Recurrence;

use super::{lines::Component, times, windows};

/// The zones of one file.
pub(super) struct Zones<'a> {
    definitions: HashMap<&'a str, &'a Component>,
    /// Where the person lives: the first guess where several zones have the same rules.
    home: Tz,
    /// When now is: rules are compared for the years around it.
    now: DateTime<Utc>,
    found: RefCell<HashMap<String, Result<Tz, String>>>,
}

impl<'a> Zones<'a> {
    /// The zones that some calendars define.
    pub(super) fn of(calendars: &'a [Component], home: Tz, now: DateTime<Utc>) -> Self {
        let all = calendars.iter().flat_map(|calendar| &calendar.children).filter(|child| child.name == "VTIMEZONE");
        let definitions = all.filter_map(|zone| Some((zone.value("TZID")?, zone))).collect();
        Self { definitions, home, now, found: RefCell::default() }
    }

    /// The zone of a name; `Err` says which name is unknown.
    pub(super) fn find(&self, name: &str) -> Result<Tz, String> {
        if let Some(known) = self.found.borrow().get(name) {
            return known.clone();
        }
        let shown: String = name.chars().take(60).collect();
        let zone = self.search(name.trim()).ok_or_else(|| format!("its time zone \"{shown}\" is not known"));
        self.found.borrow_mut().insert(name.to_owned(), zone.clone());
        zone
    }

    fn search(&self, name: &str) -> Option<Tz> {
        let definition = self.definitions.get(name).copied();
        // "EST" is a zone without summer time, and what some programs call New York: then the definition has one.
        let abbreviated = !name.contains('/') && name.parse::<Tz>().is_ok();
        let seasonal =
            definition.filter(|zone| abbreviated && zone.children.iter().any(|child| child.name == "DAYLIGHT"));
        seasonal
            .and_then(|zone| by_rules(zone, self.home, self.now.year()))
            .or_else(|| by_name(name))
            .or_else(|| definition?.value("X-LIC-LOCATION").and_then(by_name))
            .or_else(|| by_rules(definition?, self.home, self.now.year()))
    }
}

fn by_name(name: &str) -> Option<Tz> {
    if let Ok(zone) = name.parse() {
        return Some(zone);
    }
    if let Some(zone) = windows::zone(name) {
        return Some(zone);
    }
    // "/mozilla.org/20070129_1/Europe/Berlin", "/freeassociation.sourceforge.net/America/Argentina/Salta"
    let parts: Vec<&str> = name.trim_start_matches('/').split('/').collect();
    let mut ends = (1..parts.len()).filter_map(|from| parts.get(from..)).map(|parts| parts.join("/"));
    // "(UTC+01:00) Amsterdam, Berlin, Bern": the first city that is a zone's own.
    let cities = name.starts_with('(').then(|| name.split_once(')')).flatten();
    let cities = cities.into_iter().flat_map(|(_, cities)| cities.split([',', '&'])).filter_map(by_city);
    ends.find_map(|name| name.parse().ok()).or_else(|| cities.into_iter().next())
}

fn by_city(city: &str) -> Option<Tz> {
    let city = city.trim().replace(' ', "_");
    let named = |zone: &&Tz| zone.name().rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(&city));
    if city.is_empty() { None } else { chrono_tz::TZ_VARIANTS.iter().find(named).copied() }
}

/// When the clocks change to an offset.
struct Change {
    at: DateTime<Utc>,
    offset: Duration,
}

/// The zone whose clocks show the same as the definition's from two years ago to in two years.
fn by_rules(definition: &Component, home: Tz, year: i32) -> Option<Tz> {
    let changes = changes(definition, year + 2)?;
    let noon = |month: u32, day: u32, year: i32| NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(12, 0, 0);
    // Every week: fine enough to tell the second Sunday from the last.
    let first = noon(1, 1, year - 2)?.and_utc();
    let samples: Vec<DateTime<Utc>> = (0..4 * 52).map(|week| first + Duration::weeks(week)).collect();
    let offset = |at: DateTime<Utc>| {
        let before = changes.iter().take_while(|change| change.at <= at).last();
        before.or(changes.first()).map(|change| change.offset)
    };
    let wanted: Vec<Duration> = samples.iter().map(|at| offset(*at)).collect::<Option<_>>()?;
    let same = |zone: &Tz| {
        samples.iter().zip(&wanted).all(|(at, wanted)| {
            let shown = zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
            i64::from(shown) == wanted.num_seconds()
        })
    };
    std::iter::once(home).chain(windows::zones()).chain(chrono_tz::TZ_VARIANTS.iter().copied()).find(same)
}

/// The changes that a `VTIMEZONE` describes up to the end of `last`, in order.
fn changes(definition: &Component, last: i32) -> Option<Vec<Change>> {
    const MOST: usize = 5_000;
    let mut changes = Vec::new();
    for observance in definition.children.iter().filter(|child| matches!(child.name.as_str(), "STANDARD" | "DAYLIGHT"))
    {
        let [from, to] = ["TZOFFSETFROM", "TZOFFSETTO"].map(|name| observance.value(name).and_then(offset));
        let (from, to) = (from?, to?);
        let start = times::local_time(observance.value("DTSTART")?)?;
        let mut onsets = vec![start];
        if let Some(rule) = observance.value("RRULE").and_then(|rule| rule.parse::<Recurrence>().ok()) {
            let all = rule.local_occurrences(start).ok()?.take_while(|at| at.year() <= last).take(MOST);
            onsets.extend(all);
        }
        let dates = observance.all("RDATE").flat_map(|dates| dates.value.split(','));
        onsets.extend(dates.filter_map(|date| times::local_time(date.trim())).take(MOST));
        let change = |at: NaiveDateTime| Some(Change { at: at.checked_sub_signed(from)?.and_utc(), offset: to });
        changes.extend(onsets.into_iter().filter_map(change));
    }
    changes.sort_by_key(|change| change.at);
    (!changes.is_empty()).then_some(changes)
}

/// `+0130`, `-083000` (RFC 5545 §3.3.14).
fn offset(text: &str) -> Option<Duration> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        ("+", digits) => (1, digits),
        _ => (1, text),
    };
    let two = |at: usize| digits.get(at..at + 2)?.parse::<i64>().ok();
    let seconds = if digits.len() == 6 { two(4)? } else { 0 };
    matches!(digits.len(), 4 | 6).then_some(())?;
    Some(Duration::seconds(sign * (two(0)? * 3_600 + two(2)? * 60 + seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::icalendar::lines::calendars;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 27, 12, 0, 0).unwrap()
    }

    fn found(file: &str, name: &str) -> Result<&'static str, String> {
        let (calendars, _) = calendars(file.as_bytes()).unwrap();
        Zones::of(&calendars, chrono_tz::Europe::Vienna, now()).find(name).map(Tz::name)
    }

    const NOTHING: &str = "BEGIN:VCALENDAR\nEND:VCALENDAR\n";

    #[test]
    fn a_zone_is_found_under_the_names_that_programs_use() {
        for (name, zone) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("/mozilla.org/20070129_1/Europe/Berlin", "Europe/Berlin"),
            ("/freeassociation.sourceforge.net/America/Argentina/Salta", "America/Argentina/Salta"),
            ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome", "Europe/Amsterdam"),
            ("(GMT-05:00) New York", "America/New_York"),
            ("UTC", "UTC"),
        ] {
            assert_eq!(found(NOTHING, name), Ok(zone), "{name}");
        }
        for unknown in ["Middle-earth/Shire", "", "(", "/", "Customized Time Zone"] {
            assert!(found(NOTHING, unknown).unwrap_err().contains("is not known"), "{unknown}");
        }
    }

    fn defined(observances: &str) -> String {
        format!("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Customized\n{observances}END:VTIMEZONE\nEND:VCALENDAR\n")
    }

    #[test]
    fn a_zone_of_another_name_is_known_by_its_rules() {
        let outlook = "BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
            RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\n\
            TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\n";
        assert_eq!(found(&defined(outlook), "Customized"), Ok("Europe/Vienna"), "the person's own comes first");
        let american = outlook
            .replace("BYDAY=-1SU;BYMONTH=10", "BYDAY=1SU;BYMONTH=11")
            .replace("BYDAY=-1SU;BYMONTH=3", "BYDAY=2SU;BYMONTH=3")
            .replace("+0200", "-0400")
            .replace("+0100", "-0500");
        assert_eq!(found(&defined(&american), "Customized"), Ok("America/New_York"));
        let fixed = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0545\nTZOFFSETTO:+0545\nEND:STANDARD\n";
        assert_eq!(found(&defined(fixed), "Customized"), Ok("Asia/Katmandu"));
        for nobodys in [
            "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0117\nTZOFFSETTO:+0117\nEND:STANDARD\n",
            "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:x\nTZOFFSETTO:+01\nEND:STANDARD\n",
            "",
        ] {
            assert!(found(&defined(nobodys), "Customized").is_err(), "{nobodys}");
        }
    }
}
