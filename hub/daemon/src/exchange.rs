//! Whole calendars in and out: taking a file in, and what a file or a feed of a person's calendar contains.
//!
//! Taking in is idempotent: an event is known by its `UID`, and only a newer revision replaces it. It goes in portions, a
//! transaction each, so that the writer has time for others; cut off in between, the same file goes on where it stopped.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::{
        Appointment, AppointmentOrigin, AppointmentSource, AppointmentStatus, ChangedOccurrence, Exception, SkipReason,
    },
    exchange::{ImportReport, Remark},
    id::UserId,
    message::Channel,
    user::User,
};
use xswarm_store::{Rows, Store, StoreError, Tx};

use crate::{
    calendar,
    error::Error,
    icalendar::{self, Entry},
    outbox::{OurAddresses, To},
};

/// How many events are written in one transaction.
const PORTION: usize = 100;

/// How many appointments a file or feed may have.
pub(crate) const APPOINTMENTS: u32 = 20_000;

/// How far back a feed reaches, and how far ahead. Series are in it whole.
pub(crate) const FEED_BACK: Duration = Duration::days(366);
/// See [`FEED_BACK`].
pub(crate) const FEED_AHEAD: Duration = Duration::days(2 * 366);

/// How a person is reminded of what comes from elsewhere: by text if they can be reached so.
pub(crate) fn reminders_by(user: &User, ours: &OurAddresses) -> Channel {
    if To::user(user, Channel::Sms, ours).is_some() { Channel::Sms } else { Channel::Console }
}

/// Takes a calendar file in.
pub(crate) async fn take_in(
    store: &Store,
    user: User,
    bytes: Vec<u8>,
    by: Channel,
    now: DateTime<Utc>,
) -> Result<ImportReport, Error> {
    // Reading a long file takes a while: a reader's thread does it, so that neither the writer nor the network waits.
    let owner = user.clone();
    let unreadable = |error| Error::invalid(format!("{error}. Nothing was changed."));
    let reading = store.read(move |_| icalendar::read(&bytes, &owner, now).map_err(unreadable)).await?;
    let mut report = ImportReport { skipped: reading.skipped, notes: reading.notes, ..ImportReport::default() };
    let mut entries = reading.entries.into_iter().peekable();
    while entries.peek().is_some() {
        let portion: Vec<Entry> = entries.by_ref().take(PORTION).collect();
        let user = user.id;
        let done = store
            .write(move |tx| {
                let done: Result<Vec<_>, StoreError> =
                    portion.into_iter().map(|entry| place(tx, user, entry, by, now)).collect();
                done.map_err(Error::from)
            })
            .await?;
        for placed in done {
            match placed {
                Placed::New => report.imported += 1,
                Placed::Newer => report.updated += 1,
                Placed::Known => report.unchanged += 1,
                Placed::LeftOut(remark) => report.skipped.push(remark),
            }
        }
    }
    Ok(report)
}

/// What became of one event.
enum Placed {
    New,
    Newer,
    Known,
    LeftOut(Remark),
}

fn place(tx: &Tx<'_>, user: UserId, entry: Entry, by: Channel, now: DateTime<Utc>) -> Result<Placed, StoreError> {
    let cancelled = entry.appointment.status == AppointmentStatus::Cancelled;
    match target(tx, user, &entry)? {
        Target::Nothing if cancelled => {
            let uid = entry.appointment.source.uid.unwrap_or_default();
            Ok(Placed::LeftOut(Remark { uid, reason: "it is called off".to_owned() }))
        }
        Target::Nothing => {
            calendar::book(tx, &entry.appointment, by, now)?;
            Ok(Placed::New)
        }
        Target::Series { series, at } => {
            let after = with_occurrence(&series, at, &entry.appointment, now);
            if after.exceptions == series.exceptions {
                return Ok(Placed::Known);
            }
            calendar::change(tx, &series, &after, by, now)?;
            Ok(Placed::Newer)
        }
        Target::Same(before) => {
            if !is_newer(&entry.appointment, &before) || says_the_same(&entry.appointment, &before) {
                return Ok(Placed::Known);
            }
            calendar::change(tx, &before, &merged(&before, entry.appointment, now), by, now)?;
            Ok(Placed::Newer)
        }
    }
}

/// What an event from elsewhere is about, in a person's calendar.
pub(crate) enum Target {
    /// Nothing that is there.
    Nothing,
    /// This appointment.
    Same(Box<Appointment>),
    /// One occurrence of this series, by its original start.
    Series {
        /// The series.
        series: Box<Appointment>,
        /// The original start.
        at: DateTime<Utc>,
    },
}

/// Finds what an event is about.
pub(crate) fn target(rows: &Rows<'_>, user: UserId, entry: &Entry) -> Result<Target, StoreError> {
    if let Some((uid, at)) = &entry.part_of
        && let Some(series) = known(rows, user, uid)?
    {
        return Ok(Target::Series { series: Box::new(series), at: *at });
    }
    let uid = entry.appointment.source.uid.as_deref().unwrap_or_default();
    Ok(known(rows, user, uid)?.map_or(Target::Nothing, |found| Target::Same(Box::new(found))))
}

/// A person's appointment of a `UID`, given here or elsewhere.
fn known(rows: &Rows<'_>, user: UserId, uid: &str) -> Result<Option<Appointment>, StoreError> {
    if let Some(found) = rows.appointment_by_uid(user, uid)? {
        return Ok(Some(found));
    }
    let own = icalendar::own_id(uid).map_or(Ok(None), |id| rows.appointment(id))?;
    Ok(own.filter(|found| found.user_id == user))
}

/// Whether an event is a newer revision than what is there (RFC 5546 §2.1.5).
pub(crate) fn is_newer(event: &Appointment, known: &Appointment) -> bool {
    let (sequence, known_sequence) = (event.source.sequence, icalendar::sequence(known));
    let revised = event.source.revised.is_some_and(|revised| revised > icalendar::revised(known));
    sequence > known_sequence || (sequence == known_sequence && revised)
}

fn says_the_same(event: &Appointment, known: &Appointment) -> bool {
    let normal = |one: &Appointment| Appointment {
        id: known.id,
        source: AppointmentSource::BOSS,
        reminder_minutes: event.reminder_minutes.and(one.reminder_minutes),
        generation: 0,
        version: 0,
        created_at: known.created_at,
        updated_at: known.updated_at,
        ..one.clone()
    };
    normal(event) == normal(known)
}

/// What is there, as the event says it is now. Where it came from first stays.
pub(crate) fn merged(before: &Appointment, event: Appointment, now: DateTime<Utc>) -> Appointment {
    Appointment {
        id: before.id,
        user_id: before.user_id,
        source: AppointmentSource {
            origin: before.source.origin,
            uid: before.source.uid.clone(),
            ..event.source.clone()
        },
        reminder_minutes: event.reminder_minutes.or(before.reminder_minutes),
        generation: before.generation.max(event.source.sequence) + 1,
        version: before.version,
        created_at: before.created_at,
        updated_at: now,
        ..event
    }
}

/// A series in which one occurrence is as the event says.
pub(crate) fn with_occurrence(
    series: &Appointment,
    at: DateTime<Utc>,
    event: &Appointment,
    now: DateTime<Utc>,
) -> Appointment {
    let exception = if event.status == AppointmentStatus::Cancelled {
        Exception::Skipped { reason: SkipReason::Cancelled }
    } else {
        let differs = |ours: &Option<String>, theirs: &Option<String>| ours.clone().filter(|_| ours != theirs);
        Exception::Changed(ChangedOccurrence {
            start: event.start,
            end: event.end,
            title: (event.title != series.title).then(|| event.title.clone()),
            description: differs(&event.description, &series.description),
            location: differs(&event.location, &series.location),
        })
    };
    let mut after = Appointment { generation: series.generation + 1, updated_at: now, ..series.clone() };
    after.exceptions.insert(at, exception);
    after
}

/// An event as it is booked when somebody invited the person.
pub(crate) fn invited(event: Appointment, reminder_minutes: u32) -> Appointment {
    Appointment {
        source: AppointmentSource { origin: AppointmentOrigin::Invitation, ..event.source.clone() },
        reminder_minutes: event.reminder_minutes.or(Some(reminder_minutes)),
        ..event
    }
}
