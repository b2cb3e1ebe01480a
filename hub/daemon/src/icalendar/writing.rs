//! From appointments to a calendar file (RFC 5545) that other programs read without knowing us.
//!
//! The same appointments give the same bytes: stamps are those of the appointments. Who takes part is written as they were
//! named; a name without an address gets none invented, but `invalid:nomail`, as other calendars write it.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveTime, Utc};
use chrono_tz::Tz;
use icalendar::Property;
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, ChangedOccurrence, Exception},
    recurrence::RecurrenceEnd,
    time::resolve_local,
    user::User,
};

use super::{definitions, sequence, uid};

const PRODUCT: &str = "-//Boss AI//xswarm//EN";

/// How often programs should look for news.
const REFRESH: &str = "PT15M";

/// How many years ahead zones are defined for series without an end.
const YEARS_AHEAD: i64 = 25;

/// What the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be kept, or taken in elsewhere.
    File,
    /// To be fetched again and again.
    Feed,
}

/// Content lines, as they become a file.
#[derive(Debug, Default)]
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn begin(&mut self, component: &str) {
        self.property(Property::new("BEGIN", component));
    }

    pub(super) fn end(&mut self, component: &str) {
        self.property(Property::new("END", component));
    }

    /// Escaped and quoted as the property's type asks for, and folded.
    pub(super) fn property(&mut self, property: Property) {
        let line: Result<String, std::fmt::Error> = property.try_into();
        // Writing to a string does not fail. The crate's own folds may leave 76 octets in the last line.
        let line = line.unwrap_or_default().replace("\r\n ", "");
        self.folded(line.trim_end_matches("\r\n"));
    }

    /// RFC 5545 §3.1: lines of at most 75 octets; no character is folded apart.
    fn folded(&mut self, line: &str) {
        const OCTETS: usize = 75;
        let mut used = 0;
        for c in line.chars() {
            if used + c.len_utf8() > OCTETS {
                self.0.push_str("\r\n ");
                used = 1;
            }
            self.0.push(c);
            used += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// The calendar of `owner` with these appointments. `now` only decides how far zones are defined ahead.
pub(crate) fn write(appointments: &[Appointment], owner: &User, purpose: Purpose, now: DateTime<Utc>) -> String {
    let mut lines = Lines::default();
    lines.begin("VCALENDAR");
    lines.property(Property::new("VERSION", "2.0"));
    lines.property(Property::new("PRODID", PRODUCT));
    lines.property(Property::new("CALSCALE", "GREGORIAN"));
    lines.property(Property::new("X-WR-CALNAME", text(&owner.name)));
    if purpose == Purpose::Feed {
        lines.property(Property::new("REFRESH-INTERVAL", REFRESH).add_parameter("VALUE", "DURATION").done());
        lines.property(Property::new("X-PUBLISHED-TTL", REFRESH));
    }
    let begin = appointments.iter().map(Appointment::series_begin).min().unwrap_or(now);
    let ahead = now + Duration::days(366 * YEARS_AHEAD);
    let end = appointments.iter().map(|one| one.series_end().unwrap_or(ahead)).max().unwrap_or(now);
    let (first, last) = definitions::years(begin, end);
    let zones: BTreeSet<&str> =
        appointments.iter().map(|one| one.timezone).filter(|zone| !is_utc(*zone)).map(Tz::name).collect();
    for zone in zones.iter().filter_map(|name| name.parse().ok()) {
        definitions::write(&mut lines, zone, first, last);
    }
    for appointment in appointments {
        event(&mut lines, appointment);
    }
    lines.end("VCALENDAR");
    lines.into_text()
}

/// An appointment, and an event more for every occurrence that differs.
fn event(lines: &mut Lines, appointment: &Appointment) {
    // Programs take DTSTART for an occurrence; here it is one only if the rule says so.
    let rule = appointment.recurrence.as_ref();
    let mut occurrences = rule.and_then(|rule| rule.occurrences(appointment.start, appointment.timezone).ok());
    let start = occurrences.as_mut().and_then(Iterator::next).unwrap_or(appointment.start);
    drop(occurrences);
    opened(lines, appointment, start, appointment.end_of(start));
    if let Some(rule) = rule {
        let mut rule = rule.clone();
        let mut until = String::new();
        if let RecurrenceEnd::Until(last) = rule.end {
            if appointment.all_day {
                rule.end = RecurrenceEnd::Never;
                until = format!(";UNTIL={}", last.format("%Y%m%d"));
            } else {
                rule.end = RecurrenceEnd::Until(resolve_local(last, appointment.timezone).naive_utc());
            }
        }
        lines.property(Property::new("RRULE", format!("{rule}{until}")));
    }
    for date in &appointment.additional {
        lines.property(moment("RDATE", *date, appointment));
    }
    for (original, exception) in appointment.exceptions.iter() {
        match exception {
            Exception::Skipped { .. } => lines.property(moment("EXDATE", original, appointment)),
            Exception::Changed(_) => {}
        }
    }
    let description = appointment.description.as_deref();
    closed(lines, appointment, &appointment.title, description, appointment.location.as_deref());
    for (original, changed) in appointment.exceptions.moved() {
        occurrence(lines, appointment, original, changed);
    }
}

fn occurrence(lines: &mut Lines, series: &Appointment, original: DateTime<Utc>, changed: &ChangedOccurrence) {
    opened(lines, series, changed.start, changed.end);
    lines.property(moment("RECURRENCE-ID", original, series));
    let title = changed.title.as_deref().unwrap_or(&series.title);
    let description = changed.description.as_deref().or(series.description.as_deref());
    closed(lines, series, title, description, changed.location.as_deref().or(series.location.as_deref()));
}

fn opened(lines: &mut Lines, appointment: &Appointment, start: DateTime<Utc>, end: DateTime<Utc>) {
    lines.begin("VEVENT");
    lines.property(Property::new("UID", uid(appointment)));
    lines.property(Property::new("DTSTAMP", instant(appointment.updated_at)));
    lines.property(Property::new("CREATED", instant(appointment.created_at)));
    lines.property(Property::new("LAST-MODIFIED", instant(appointment.updated_at)));
    lines.property(Property::new("SEQUENCE", sequence(appointment).to_string()));
    let days = appointment.all_day && [start, end].iter().all(|at| is_midnight(*at, appointment.timezone));
    lines.property(written("DTSTART", start, appointment.timezone, days));
    lines.property(written("DTEND", end, appointment.timezone, days));
}

fn closed(
    lines: &mut Lines,
    appointment: &Appointment,
    title: &str,
    description: Option<&str>,
    location: Option<&str>,
) {
    lines.property(Property::new("SUMMARY", text(title)));
    for (name, value) in [("DESCRIPTION", description), ("LOCATION", location)] {
        if let Some(value) = value {
            lines.property(Property::new(name, text(value)));
        }
    }
    if let Some(organizer) = &appointment.source.organizer {
        lines.property(Property::new("ORGANIZER", format!("mailto:{}", text(organizer))));
    }
    for name in &appointment.participants {
        let is_mail = name.contains('@') && !name.contains(char::is_whitespace);
        let address = if is_mail { format!("mailto:{}", text(name)) } else { "invalid:nomail".to_owned() };
        lines.property(Property::new("ATTENDEE", address).add_parameter("CN", &parameter(name)).done());
    }
    lines.property(Property::new("STATUS", status(appointment.status)));
    if let Some(minutes) = appointment.reminder_minutes {
        lines.begin("VALARM");
        lines.property(Property::new("ACTION", "DISPLAY"));
        lines.property(Property::new("DESCRIPTION", text(title)));
        lines.property(Property::new("TRIGGER", format!("-PT{minutes}M")));
        lines.end("VALARM");
    }
    lines.end("VEVENT");
}

const fn status(status: AppointmentStatus) -> &'static str {
    match status {
        AppointmentStatus::Tentative => "TENTATIVE",
        AppointmentStatus::Confirmed => "CONFIRMED",
        AppointmentStatus::Cancelled => "CANCELLED",
    }
}

/// A start of the series: a day if the series is of whole days.
fn moment(name: &str, at: DateTime<Utc>, series: &Appointment) -> Property {
    written(name, at, series.timezone, series.all_day)
}

fn written(name: &str, at: DateTime<Utc>, zone: Tz, day: bool) -> Property {
    let local = at.with_timezone(&zone).naive_local();
    if day {
        return Property::new(name, local.format("%Y%m%d").to_string()).add_parameter("VALUE", "DATE").done();
    }
    // The second of two hours that the clocks show twice has no local form.
    if is_utc(zone) || resolve_local(local, zone) != at {
        return Property::new(name, instant(at));
    }
    Property::new(name, local.format("%Y%m%dT%H%M%S").to_string()).add_parameter("TZID", zone.name()).done()
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn is_midnight(at: DateTime<Utc>, zone: Tz) -> bool {
    let local = at.with_timezone(&zone);
    // Where the clocks skip midnight, the day begins later.
    local.time() == NaiveTime::MIN || at == resolve_local(local.date_naive().and_time(NaiveTime::MIN), zone)
}

fn is_utc(zone: Tz) -> bool {
    matches!(zone.name(), "UTC" | "Etc/UTC")
}

/// Text that a content line can carry.
fn text(value: &str) -> String {
    value.replace("\r\n", "\n").chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// Text that a parameter can carry. RFC 5545 §3.1 has no way to write a quote in one, and few programs know the one of
/// RFC 6868; its circumflex has to be doubled all the same for those that do.
fn parameter(value: &str) -> String {
    let kept = value.chars().map(|c| if c == '"' { '\'' } else { c }).filter(|c| !c.is_control());
    kept.collect::<String>().replace('^', "^^")
}
