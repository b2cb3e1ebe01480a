//! The letter that confirms a booking, with its calendar file, for whoever wants one.
//!
//! Wanted in the transaction that books, written by a job of its own: the letter says how the appointment stands then, and
//! the job's key, kept for ever, lets none be sent twice. What was called off in between is not confirmed. Whole calendars
//! that are taken in are not confirmed either: they come from a calendar.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus},
    id::AppointmentId,
    job::Job,
    mail::{Attachment, Layout, Letter},
    message::Channel,
};
use xswarm_store::{StoreError, Tx};

use crate::{
    error::Error,
    icalendar::{self, Purpose},
    letters::{self, MailPreferences},
    outbox::{self, OurAddresses, Saying, To},
};

/// Sees to a letter about what was just booked, if its owner wants one.
pub(crate) fn want(tx: &Tx<'_>, appointment: &Appointment, now: DateTime<Utc>) -> Result<(), StoreError> {
    let user = tx.user(appointment.user_id)?;
    if user.is_some_and(|user| MailPreferences::of(&user).confirmations) {
        tx.job_enqueue(&Job::ConfirmBooking { appointment: appointment.id }, None, now, now)?;
    }
    Ok(())
}

/// Writes the letter.
pub(crate) fn send(tx: &Tx<'_>, id: AppointmentId, ours: &OurAddresses, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(appointment) = tx.appointment(id)?.filter(|one| one.status != AppointmentStatus::Cancelled) else {
        return Ok(());
    };
    let Some(user) = tx.user(appointment.user_id)? else { return Ok(()) };
    let Some(to) = To::user(&user, Channel::Email, ours) else {
        log::warn!(user:% = user.id; "a booking is not confirmed: mail is not set up, or this person has no address");
        return Ok(());
    };
    let written = letters::confirmation(&appointment)?;
    let calendar = icalendar::write(std::slice::from_ref(&appointment), &user, Purpose::File, now);
    let attachment = Attachment {
        filename: "appointment.ics".to_owned(),
        // Somebody's own calendar, which asks nobody for an answer (RFC 5546 §3.2.1).
        media_type: "text/calendar; charset=utf-8; method=PUBLISH".to_owned(),
        content: STANDARD.encode(calendar),
    };
    let to = to.with_letter(Letter {
        subject: written.subject,
        attachments: vec![attachment],
        ..Letter::of(Layout::Own { html: Some(written.html) })
    });
    let saying = Saying {
        user: Some(&user),
        conversation: None,
        to: &to,
        text: &written.text,
        in_reply_to: None,
        metadata: serde_json::json!({ "purpose": "confirmation" }),
    };
    outbox::say(tx, &saying, now)?;
    Ok(())
}
