//! One `VEVENT` (RFC 5545 §3.6.1) as an appointment.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Days, Duration, NaiveTime, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use xswarm_core::{
    appointment::{
        Appointment, AppointmentOrigin, AppointmentSource, AppointmentStatus, Exception, Exceptions, SkipReason,
    },
    id::AppointmentId,
    recurrence::{Frequency, Recurrence, RecurrenceEnd},
    time::resolve_local,
    user::User,
};

use super::{Entry, Organizer};
use crate::icalendar::{
    lines::{Component, Property},
    times::{self, Length, Moment},
    zones::Zones,
};

/// How many further dates and exceptions one series may have.
const DATES: usize = 5_000;

/// How many people one event may name.
const PARTICIPANTS: usize = 100;

/// The longest title, place and `UID`, in characters.
const LINE: usize = 500;

/// The longest description, in characters.
const TEXT: usize = 20_000;

/// Reads the events of one file.
pub(super) struct Reader<'a> {
    pub(super) zones: &'a Zones<'a>,
    pub(super) user: &'a User,
    pub(super) now: DateTime<Utc>,
}

/// When an event takes place.
struct Times {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    zone: Tz,
    all_day: bool,
}

impl Reader<'_> {
    /// The appointment that an event describes. `note` hears of what is taken in otherwise than it stands.
    pub(super) fn entry(&self, uid: &str, event: &Component, note: &mut impl FnMut(&str)) -> Result<Entry, String> {
        let times = self.times(event, note)?;
        let recurrence = recurrence(event, &times)?;
        let organizer = event.property("ORGANIZER").map(organizer);
        let (sequence, revised) = revision(event);
        let mut appointment = Appointment {
            id: AppointmentId::new(self.now),
            user_id: self.user.id,
            title: line(event.value("SUMMARY")).unwrap_or_else(|| "Untitled".to_owned()),
            description: event.value("DESCRIPTION").map(|text| clean(text, TEXT)).filter(|text| !text.is_empty()),
            start: times.start,
            end: times.end,
            timezone: times.zone,
            location: line(event.value("LOCATION")),
            participants: self.participants(event, organizer.as_ref()),
            recurrence,
            additional: Vec::new(),
            exceptions: Exceptions::default(),
            all_day: times.all_day,
            source: AppointmentSource {
                origin: AppointmentOrigin::Import,
                uid: Some(uid.to_owned()),
                sequence,
                organizer: organizer.as_ref().and_then(|organizer| organizer.mail.clone()),
                revised,
            },
            reminder_minutes: reminder_minutes(event),
            status: match event.value("STATUS").map(str::to_ascii_uppercase).as_deref() {
                Some("CANCELLED") => AppointmentStatus::Cancelled,
                Some("TENTATIVE") => AppointmentStatus::Tentative,
                Some(_) | None => AppointmentStatus::Confirmed,
            },
            generation: 0,
            version: 1,
            created_at: self.now,
            updated_at: self.now,
        };
        self.dates(event, &mut appointment)?;
        let attendees = event.all("ATTENDEE").filter_map(|attendee| address(&attendee.value)).take(PARTICIPANTS);
        Ok(Entry { appointment, organizer, attendees: attendees.collect(), part_of: None })
    }

    fn times(&self, event: &Component, note: &mut impl FnMut(&str)) -> Result<Times, String> {
        let home = self.user.timezone;
        let first = event.property("DTSTART").ok_or("it has no beginning (DTSTART)")?;
        let first = times::single(first, self.zones)?;
        let zone = match first {
            Moment::Local(_, zone) => zone,
            // A rule of an instant repeats by UTC's clock; a single instant is shown where the person is.
            Moment::Instant(_) if event.property("RRULE").is_some() => Tz::UTC,
            Moment::Day(_) | Moment::Floating(_) | Moment::Instant(_) => home,
        };
        let start = first.instant(zone);
        let last = event.property("DTEND").map(|end| times::single(end, self.zones)).transpose()?;
        let length = match event.value("DURATION") {
            Some(text) => Some(Length::read(text).ok_or_else(|| format!("\"{}\" is no length", clean(text, 40)))?),
            None => None,
        };
        let whole_days = |end: DateTime<Utc>| end.with_timezone(&zone).time() == NaiveTime::MIN;
        let mut end = match (first, last, length) {
            // The day after the last; some programs name the last.
            (Moment::Day(day), Some(Moment::Day(end)), _) if end == day => next_midnight(start, zone),
            (_, Some(end), _) => end.instant(zone),
            (_, None, Some(length)) => length.after(start, zone).ok_or("it ends beyond the end of time")?,
            (Moment::Day(_), None, None) => next_midnight(start, zone),
            (Moment::Local(..) | Moment::Floating(_) | Moment::Instant(_), None, None) => start,
        };
        if end < start {
            return Err("it ends before it begins".to_owned());
        }
        if end == start {
            end = start + Duration::minutes(1);
            note("it has no length; it was given a minute");
        }
        let all_day = matches!(first, Moment::Day(_)) && whole_days(end);
        Ok(Times { start, end, zone, all_day })
    }

    /// Further dates (`RDATE`) and dates left out (`EXDATE`).
    fn dates(&self, event: &Component, appointment: &mut Appointment) -> Result<(), String> {
        let too_many = || Err(format!("it has more than {DATES} dates of its own"));
        let mut additional = Vec::new();
        for property in event.all("RDATE") {
            let more = times::moments(property, self.zones)?;
            additional.extend(more.into_iter().map(|moment| occurrence(appointment, moment)));
            if additional.len() > DATES {
                return too_many();
            }
        }
        additional.retain(|at| *at != appointment.start || appointment.recurrence.is_some());
        additional.sort();
        additional.dedup();
        appointment.additional = additional;
        for property in event.all("EXDATE") {
            for moment in times::moments(property, self.zones)? {
                let skipped = Exception::Skipped { reason: SkipReason::Cancelled };
                appointment.exceptions.insert(occurrence(appointment, moment), skipped);
            }
            if appointment.exceptions.len() > DATES {
                return too_many();
            }
        }
        Ok(())
    }

    /// Who else takes part, as named: neither the person nor rooms.
    fn participants(&self, event: &Component, organizer: Option<&Organizer>) -> Vec<String> {
        let own = self.user.email.as_deref();
        let others = event.all("ATTENDEE").filter(|attendee| {
            let mail = address(&attendee.value);
            let thing = matches!(attendee.parameter("CUTYPE"), Some("ROOM" | "RESOURCE"));
            !thing && (mail.is_none() || mail.as_deref() != own)
        });
        let caller = organizer.filter(|organizer| organizer.mail.as_deref() != own);
        let caller = caller.and_then(|organizer| organizer.name.clone().or_else(|| organizer.mail.clone()));
        let mut names: Vec<String> = Vec::new();
        for name in caller.into_iter().chain(others.filter_map(name_or_address)) {
            if names.len() < PARTICIPANTS && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// The midnight after the one at `start`.
fn next_midnight(start: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let day = start.with_timezone(&zone).date_naive();
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    resolve_local(next.and_time(NaiveTime::MIN), zone)
}

/// The instant of an occurrence that a date list names; a mere day is that day's occurrence.
pub(super) fn occurrence(series: &Appointment, moment: Moment) -> DateTime<Utc> {
    let zone = series.timezone;
    match moment {
        Moment::Day(day) => resolve_local(day.and_time(series.start.with_timezone(&zone).time()), zone),
        Moment::Local(..) | Moment::Floating(_) | Moment::Instant(_) => moment.instant(zone),
    }
}

/// `RRULE`, with its `UNTIL` in the event's own local time.
fn recurrence(event: &Component, times: &Times) -> Result<Option<Recurrence>, String> {
    let mut rules = event.all("RRULE");
    let Some(property) = rules.next() else { return Ok(None) };
    if rules.next().is_some() || event.property("EXRULE").is_some() {
        return Err("it repeats by several rules at once, which is not taken in".to_owned());
    }
    let mut rule: Recurrence = property.value.parse().map_err(|error| format!("{error}"))?;
    match rule.frequency {
        Frequency::Secondly | Frequency::Minutely => {
            return Err("it repeats more often than every hour, which is not taken in".to_owned());
        }
        Frequency::Hourly | Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {}
    }
    if let RecurrenceEnd::Until(until) = rule.end
        && property.value.to_ascii_uppercase().split(';').any(|part| part.starts_with("UNTIL=") && part.ends_with('Z'))
    {
        rule.end = RecurrenceEnd::Until(until.and_utc().with_timezone(&times.zone).naive_local());
    }
    let local = times.start.with_timezone(&times.zone).naive_local();
    let mut all = rule.local_occurrences(local).map_err(|error| error.to_string())?;
    if all.next().is_none() { Err("its rule never matches".to_owned()) } else { Ok(Some(rule)) }
}

/// How many occurrences have to be counted out to know when a series ends.
pub(super) fn counted(appointment: &Appointment) -> u32 {
    match appointment.recurrence.as_ref().map(|rule| rule.end) {
        Some(RecurrenceEnd::Count(count)) if count <= 10_000 => count,
        Some(RecurrenceEnd::Count(_) | RecurrenceEnd::Never | RecurrenceEnd::Until(_)) | None => 0,
    }
}

/// What tells a newer revision from an older one (RFC 5546 §2.1.5): `SEQUENCE`, then `LAST-MODIFIED`, else `DTSTAMP`.
pub(super) fn revision(event: &Component) -> (u32, Option<DateTime<Utc>>) {
    let instant = |name: &str| {
        let local = event.value(name)?.trim_end_matches(['Z', 'z']);
        times::local_time(local).map(|at| at.and_utc())
    };
    let sequence = event.value("SEQUENCE").and_then(|text| text.parse().ok()).unwrap_or(0);
    (sequence, instant("LAST-MODIFIED").or_else(|| instant("DTSTAMP")))
}

/// `UID`; what has none is known by what it says.
pub(super) fn uid(component: &Component) -> String {
    if let Some(uid) = component.value("UID").filter(|uid| uid.chars().count() <= LINE) {
        return clean(uid, LINE);
    }
    let mut digest = Sha256::new();
    for name in ["UID", "SUMMARY", "DTSTART", "RRULE"] {
        digest.update(component.value(name).unwrap_or_default());
        digest.update([0]);
    }
    format!("{}@no-uid.xswarm", URL_SAFE_NO_PAD.encode(digest.finalize()))
}

/// The shortest lead of the alarms before the beginning, in minutes.
fn reminder_minutes(event: &Component) -> Option<u32> {
    const YEAR: u32 = 527_040;
    let alarms = event.children.iter().filter(|child| child.name == "VALARM");
    let leads = alarms.filter_map(|alarm| {
        let trigger = alarm.property("TRIGGER").filter(|trigger| trigger.parameter("RELATED") != Some("END"))?;
        u32::try_from(-Length::read(&trigger.value)?.total().num_minutes()).ok()
    });
    leads.filter(|lead| *lead <= YEAR).min()
}

fn organizer(property: &Property) -> Organizer {
    Organizer { name: line(property.parameter("CN")), mail: address(&property.value) }
}

fn name_or_address(attendee: &Property) -> Option<String> {
    line(attendee.parameter("CN")).or_else(|| address(&attendee.value))
}

/// The mail address of a `mailto:` URI, in small letters.
fn address(uri: &str) -> Option<String> {
    let (scheme, address) = uri.trim().split_at_checked("mailto:".len())?;
    let address = clean(address, LINE).to_lowercase();
    (scheme.eq_ignore_ascii_case("mailto:") && address.contains('@')).then_some(address)
}

/// One line of text; `None` when there is nothing in it.
fn line(text: Option<&str>) -> Option<String> {
    let text = clean(text?, LINE).split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// Text without control characters but line feeds, at most so many characters long.
fn clean(text: &str, most: usize) -> String {
    let kept = text.replace("\r\n", "\n").replace('\t', " ");
    let kept = kept.chars().filter(|c| *c == '\n' || !c.is_control()).take(most).collect::<String>();
    kept.trim().to_owned()
}
