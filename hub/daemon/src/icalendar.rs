//! Calendar files (iCalendar, RFC 5545): appointments become text that other programs read, and the other way round.
//!
//! The one border between their world and ours. Theirs has zones by many names, floating times, `UNTIL` in UTC, lengths
//! instead of ends; ours has instants with a zone, and local `UNTIL`. Nothing here knows the database or what is to be
//! done with what was read; text that was read is only ever handed on as text.
//!
//! Content lines (names, parameters, quoting, escaping, folding) are the `icalendar` crate's. Components are framed here,
//! so that one broken event costs only itself, and nesting and length are bounded whatever the file says.

mod definitions;
mod lines;
mod reading;
mod times;
mod windows;
mod writing;
mod zones;

use chrono::{DateTime, Utc};
use xswarm_core::{appointment::Appointment, id::AppointmentId};

pub(crate) use reading::{Entry, Reading, read};
pub(crate) use writing::{Purpose, write};

/// The largest file that is taken in.
pub(crate) const FILE_BYTES: usize = 4 << 20;

/// How many events one file may have.
pub(crate) const EVENTS: usize = 10_000;

/// What our own `UID`s end in. It names no host: an appointment keeps its name wherever the box is.
const OWN: &str = "@appointments.xswarm";

/// What an appointment is called in calendar files.
pub(crate) fn uid(appointment: &Appointment) -> String {
    appointment.source.uid.clone().unwrap_or_else(|| format!("{}{OWN}", appointment.id))
}

/// The appointment that we gave this `UID`, if it looks like one of ours.
pub(crate) fn own_id(uid: &str) -> Option<AppointmentId> {
    uid.strip_suffix(OWN)?.parse().ok()
}

/// Its revision (RFC 5545 §3.8.7.4): the organizer's, or how often its time changed here.
pub(crate) fn sequence(appointment: &Appointment) -> u32 {
    if appointment.source.uid.is_some() { appointment.source.sequence } else { appointment.generation }
}

/// When what an appointment says was last revised: where it came from, else here.
pub(crate) fn revised(appointment: &Appointment) -> DateTime<Utc> {
    appointment.source.revised.unwrap_or(appointment.updated_at)
}

#[cfg(test)]
mod tests;
