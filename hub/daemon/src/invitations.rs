//! Invitations by mail (iTIP, RFC 5546): what somebody proposes is kept as a proposal and never has an effect by itself.
//!
//! Here is what a calendar file that came by mail proposes, whether it is news, and what accepting it would change; asking
//! the person, and hearing their answer, is the assistant's business. No answer is sent to the organizer: that would write
//! to other people in the person's name.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus},
    id::{InvitationId, MessageId},
    invitation::{Invitation, InvitationMethod, InvitationState, Proposal},
    user::User,
};
use xswarm_store::{Rows, StoreError, Tx};

use crate::{
    error::Error,
    exchange::{self, Target},
    icalendar::{self, Entry, Reading},
};

/// The largest invitation. What is larger is a calendar, to be taken in by its owner.
pub(crate) const INVITATION_BYTES: usize = 256 << 10;

/// How many minutes before it the person is reminded of what they accepted, when the invitation says nothing.
const REMINDER_MINUTES: u32 = 15;

/// A calendar file that came by mail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived<'a> {
    /// The file.
    pub(crate) ics: &'a [u8],
    /// The mail address that it came from, if the mail was found to be genuine.
    pub(crate) sender: Option<&'a str>,
    /// The message that brought it.
    pub(crate) message: MessageId,
}

/// What a file that arrived comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum News {
    /// A proposal, kept and to be asked about.
    Proposed(Box<Invitation>),
    /// What had been proposed no longer is; nothing was on the calendar.
    Withdrawn(Box<Proposal>),
    /// Nothing to ask about; why, in words.
    Nothing(String),
}

/// Keeps what a file proposes, if that is news.
pub(crate) fn keep(tx: &Tx<'_>, user: &User, arrived: Arrived<'_>, now: DateTime<Utc>) -> Result<News, StoreError> {
    let nothing = |why: &str| Ok(News::Nothing(why.to_owned()));
    if arrived.ics.len() > INVITATION_BYTES {
        return nothing(
            "the calendar file is too large to be an invitation: import it with `xswarm appointment import`",
        );
    }
    let reading = match icalendar::read(arrived.ics, user, now) {
        Ok(reading) => reading,
        Err(error) => return Ok(News::Nothing(error.to_string())),
    };
    let method = match reading.method.as_deref() {
        Some("REQUEST") => InvitationMethod::Request,
        Some("CANCEL") => InvitationMethod::Cancel,
        Some("PUBLISH") | None => InvitationMethod::Publish,
        Some(_) => return nothing("it is an answer or a question between calendars, not an invitation"),
    };
    let Some(first) = reading.entries.first() else {
        let why = reading.skipped.first().map_or("it has no event", |remark| remark.reason.as_str());
        return nothing(why);
    };
    let about = proposal(method, first, arrived.sender);
    let earlier = tx.invitations_about(user.id, &about.uid)?;
    if earlier.iter().any(|known| overtakes(&known.about, &about)) {
        return nothing("it is known already, or older than what is known");
    }
    if method == InvitationMethod::Request
        && let Target::Same(known) = exchange::target(tx, user.id, first)?
        && known.status != AppointmentStatus::Cancelled
        && !exchange::is_newer(&first.appointment, &known)
    {
        return nothing("it is on the calendar already");
    }
    let overtaken: Vec<_> = earlier
        .iter()
        .filter(|known| known.state == InvitationState::Proposed && (is_genuine(&about) || !is_genuine(&known.about)))
        .collect();
    if method == InvitationMethod::Cancel && steps_of(tx, user, method, reading, now)?.is_empty() {
        for known in &overtaken {
            tx.invitation_decide(known.id, InvitationState::Proposed, InvitationState::Withdrawn, now)?;
        }
        return if overtaken.is_empty() {
            nothing("it calls off what is not on the calendar")
        } else {
            Ok(News::Withdrawn(Box::new(about)))
        };
    }
    for known in overtaken {
        tx.invitation_decide(known.id, InvitationState::Proposed, InvitationState::Superseded, now)?;
    }
    let invitation = Invitation {
        id: InvitationId::new(now),
        user_id: user.id,
        about,
        ics: String::from_utf8_lossy(arrived.ics).into_owned(),
        state: InvitationState::Proposed,
        message_id: Some(arrived.message),
        created_at: now,
        decided_at: None,
    };
    tx.invitation_insert(&invitation)?;
    Ok(News::Proposed(Box::new(invitation)))
}

fn proposal(method: InvitationMethod, entry: &Entry, sender: Option<&str>) -> Proposal {
    let source = &entry.appointment.source;
    Proposal {
        method,
        uid: source.uid.clone().unwrap_or_default(),
        sequence: source.sequence,
        revised: source.revised,
        organizer: source.organizer.clone(),
        organizer_name: entry.organizer.as_ref().and_then(|organizer| organizer.name.clone()),
        sender: sender.map(str::to_lowercase),
        title: entry.appointment.title.clone(),
    }
}

/// Whether it came from the address that it says it is from.
pub(crate) fn is_genuine(about: &Proposal) -> bool {
    about.sender.is_some() && about.sender == about.organizer
}

/// Whether `known` leaves nothing new in `arrived`. What somebody else sent in the organizer's name never keeps the
/// organizer's own from being heard.
fn overtakes(known: &Proposal, arrived: &Proposal) -> bool {
    let (known_revision, revision) = ((known.sequence, known.revised), (arrived.sequence, arrived.revised));
    let heard = is_genuine(known) || !is_genuine(arrived);
    heard && (known_revision > revision || (known_revision == revision && known.method == arrived.method))
}

/// A change that accepting makes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// A new appointment.
    Book(Box<Appointment>),
    /// One becomes another.
    Change {
        /// As it is.
        before: Box<Appointment>,
        /// As it would be.
        after: Box<Appointment>,
    },
}

impl Step {
    /// The appointment as it would be.
    pub(crate) fn after(&self) -> &Appointment {
        match self {
            Self::Book(appointment) => appointment,
            Self::Change { after, .. } => after,
        }
    }
}

/// What accepting a proposal would change, as the calendar is now.
pub(crate) fn steps(
    rows: &Rows<'_>,
    user: &User,
    invitation: &Invitation,
    now: DateTime<Utc>,
) -> Result<Vec<Step>, Error> {
    let reading = icalendar::read(invitation.ics.as_bytes(), user, now)
        .map_err(|error| Error::internal("a kept invitation cannot be read").with_source(error))?;
    Ok(steps_of(rows, user, invitation.about.method, reading, now)?)
}

fn steps_of(
    rows: &Rows<'_>,
    user: &User,
    method: InvitationMethod,
    reading: Reading,
    now: DateTime<Utc>,
) -> Result<Vec<Step>, StoreError> {
    let mut steps = Vec::new();
    for entry in reading.entries {
        let target = exchange::target(rows, user.id, &entry)?;
        let mut event = entry.appointment;
        if method == InvitationMethod::Cancel {
            event.status = AppointmentStatus::Cancelled;
        }
        let cancelled = event.status == AppointmentStatus::Cancelled;
        let change = |before: Box<Appointment>, after: Appointment| Step::Change { before, after: Box::new(after) };
        steps.extend(match target {
            Target::Nothing if cancelled => None,
            Target::Nothing => Some(Step::Book(Box::new(exchange::invited(event, REMINDER_MINUTES)))),
            Target::Series { series, at } => {
                let after = exchange::with_occurrence(&series, at, &event, now);
                (after.exceptions != series.exceptions).then(|| change(series, after))
            }
            Target::Same(before) if cancelled && before.status == AppointmentStatus::Cancelled => None,
            Target::Same(before) if cancelled => {
                let source = xswarm_core::appointment::AppointmentSource {
                    sequence: event.source.sequence.max(before.source.sequence),
                    revised: event.source.revised.or(before.source.revised),
                    ..before.source.clone()
                };
                let after = Appointment {
                    status: AppointmentStatus::Cancelled,
                    generation: before.generation + 1,
                    updated_at: now,
                    source,
                    ..Appointment::clone(&before)
                };
                Some(change(before, after))
            }
            Target::Same(before) => {
                let after = exchange::merged(&before, event, now);
                Some(change(before, after))
            }
        });
    }
    Ok(steps)
}

/// What gets in the way of what accepting would put on the calendar, for its next occurrence.
pub(crate) fn in_the_way(
    rows: &Rows<'_>,
    user: &User,
    after: &Appointment,
    now: DateTime<Utc>,
) -> Result<Vec<xswarm_core::conflict::Conflict>, StoreError> {
    let next = after.occurrences_from(now - Duration::minutes(1)).ok().and_then(|mut all| all.next());
    match next {
        Some(next) if after.status != AppointmentStatus::Cancelled => {
            crate::calendar::conflicts(rows, user.id, next.start, next.end, Some(after.id))
        }
        Some(_) | None => Ok(Vec::new()),
    }
}
