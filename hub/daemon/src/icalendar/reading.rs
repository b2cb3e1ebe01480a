//! From a calendar file to appointments: events of one `UID` belong together, the newest revision counts, and what cannot
//! be taken in is left out by itself, with the reason in words.

mod event;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, ChangedOccurrence, Exception, SkipReason},
    exchange::Remark,
    user::User,
};

use super::{
    lines::{self, Component, Unreadable},
    times,
    zones::Zones,
};
use event::Reader;

/// How many occurrences the series of one file that end after a number of times may have together. Each is counted out
/// once when it is written.
const COUNTED: u32 = 500_000;

/// What stood in a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// `METHOD`, in capital letters (RFC 5546 §1.4).
    pub(crate) method: Option<String>,
    /// Its events.
    pub(crate) entries: Vec<Entry>,
    /// What could not be taken in.
    pub(crate) skipped: Vec<Remark>,
    /// What was taken in otherwise than it stood.
    pub(crate) notes: Vec<Remark>,
}

/// An event, single or a series with its exceptions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The appointment that it would be, with an id of its own.
    pub(crate) appointment: Appointment,
    /// Who called it.
    pub(crate) organizer: Option<Organizer>,
    /// The mail addresses of those who are to come, in small letters.
    pub(crate) attendees: Vec<String>,
    /// For one occurrence that came without its series: the series' `UID`, and the occurrence's original start.
    pub(crate) part_of: Option<(String, DateTime<Utc>)>,
}

/// Who called an event (RFC 5545 §3.8.4.3). Somebody else's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Organizer {
    /// The name.
    pub(crate) name: Option<String>,
    /// The mail address, in small letters.
    pub(crate) mail: Option<String>,
}

/// Reads a file as `user` would: floating times and whole days are those of their zone.
pub(crate) fn read(bytes: &[u8], user: &User, now: DateTime<Utc>) -> Result<Reading, Unreadable> {
    let (calendars, guessed) = lines::calendars(bytes)?;
    let zones = Zones::of(&calendars, user.timezone, now);
    let reader = Reader { zones: &zones, user, now };
    let method = calendars.iter().find_map(|calendar| calendar.value("METHOD")).map(str::to_ascii_uppercase);
    let mut reading = Reading { method, entries: Vec::new(), skipped: Vec::new(), notes: Vec::new() };
    if guessed {
        let reason = "the file is not in UTF-8; it was read in the western charset (windows-1252)".to_owned();
        reading.notes.push(Remark { uid: String::new(), reason });
    }
    let mut order = Vec::new();
    let mut groups: HashMap<String, Vec<&Component>> = HashMap::new();
    for child in calendars.iter().flat_map(|calendar| &calendar.children) {
        let uid = event::uid(child);
        let other = match child.name.as_str() {
            "VEVENT" => {
                let group = groups.entry(uid.clone()).or_default();
                if group.is_empty() {
                    order.push(uid);
                }
                group.push(child);
                continue;
            }
            "VTODO" => "it is a to-do (VTODO), and only events are taken in",
            "VJOURNAL" => "it is a journal entry (VJOURNAL), and only events are taken in",
            "VFREEBUSY" => "it says when somebody is busy (VFREEBUSY), and only events are taken in",
            _ => continue,
        };
        reading.skipped.push(Remark { uid, reason: other.to_owned() });
    }
    let mut counted = 0;
    for uid in order {
        let events = groups.remove(&uid).unwrap_or_default();
        let read = group(&reader, &uid, &events, &mut reading.notes).and_then(|entries| {
            counted += entries.iter().map(|entry| event::counted(&entry.appointment)).sum::<u32>();
            if counted > COUNTED { Err(TOO_MANY.to_owned()) } else { Ok(entries) }
        });
        match read {
            Ok(entries) => reading.entries.extend(entries),
            Err(reason) => reading.skipped.push(Remark { uid, reason }),
        }
    }
    Ok(reading)
}

const TOO_MANY: &str = "together with those before it, it occurs too often to be counted out";

/// The events of one `UID`; `Err` says why none of them is taken in.
fn group(reader: &Reader<'_>, uid: &str, events: &[&Component], notes: &mut Vec<Remark>) -> Result<Vec<Entry>, String> {
    let (occurrences, masters): (Vec<&Component>, Vec<&Component>) =
        events.iter().partition(|event| event.property("RECURRENCE-ID").is_some());
    let mut note = |reason: &str| notes.push(Remark { uid: uid.to_owned(), reason: reason.to_owned() });
    if masters.len() > 1 {
        note("it stands in the file more than once: the newest revision was taken");
    }
    let newest = masters.into_iter().max_by_key(|event| event::revision(event));
    let Some(master) = newest else {
        return occurrences.into_iter().map(|event| alone(reader, uid, event)).collect();
    };
    let mut entry = reader.entry(uid, master, &mut note)?;
    let mut revisions = HashMap::new();
    for event in occurrences {
        let (at, revision) = (original_start(reader, &entry.appointment, event)?, event::revision(event));
        if revisions.get(&at).is_some_and(|known| *known > revision) {
            continue;
        }
        revisions.insert(at, revision);
        let exception = exception(reader, uid, &entry.appointment, event)?;
        entry.appointment.exceptions.insert(at, exception);
    }
    Ok(vec![entry])
}

/// One occurrence whose series is not in the file.
fn alone(reader: &Reader<'_>, uid: &str, event: &Component) -> Result<Entry, String> {
    let mut entry = reader.entry(uid, event, &mut |_| {})?;
    let at = original_start(reader, &entry.appointment, event)?;
    entry.appointment.source.uid = Some(format!("{uid}#{}", at.format("%Y%m%dT%H%M%SZ")));
    entry.part_of = Some((uid.to_owned(), at));
    Ok(entry)
}

/// `RECURRENCE-ID` as an instant: a mere day is the day's occurrence.
fn original_start(reader: &Reader<'_>, series: &Appointment, event: &Component) -> Result<DateTime<Utc>, String> {
    let property = event.property("RECURRENCE-ID").ok_or("it has no RECURRENCE-ID")?;
    if property.parameter("RANGE").is_some() {
        return Err(
            "it changes this and all following occurrences at once (RANGE=THISANDFUTURE), which is not taken in: \
                    export the series anew after splitting it, please"
                .to_owned(),
        );
    }
    let moment = times::single(property, reader.zones)?;
    Ok(event::occurrence(series, moment))
}

/// How one occurrence differs from its series.
fn exception(reader: &Reader<'_>, uid: &str, series: &Appointment, event: &Component) -> Result<Exception, String> {
    let one = reader.entry(uid, event, &mut |_| {})?.appointment;
    if one.status == AppointmentStatus::Cancelled {
        return Ok(Exception::Skipped { reason: SkipReason::Cancelled });
    }
    let differs = |ours: Option<String>, theirs: Option<&String>| ours.filter(|ours| Some(ours) != theirs);
    Ok(Exception::Changed(ChangedOccurrence {
        start: one.start,
        end: one.end,
        title: differs(Some(one.title), Some(&series.title)),
        description: differs(one.description, series.description.as_ref()),
        location: differs(one.location, series.location.as_ref()),
    }))
}
