//! The calendar: appointments and their occurrences, what is in the way of something, and where there is room.
//!
//! Handlers read requests and word answers. What a body means is in [`drafting`] and [`changing`]; effects go through the
//! same books as the assistant's, so that reminders, facts and "undo" follow.

mod appointments;
mod changing;
mod drafting;
mod free;
mod limits;
mod range;

use axum::{
    Router,
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use xswarm_core::{
    admin::calendar::{CalendarAppointment, CalendarConflict, ConflictingOccurrence},
    appointment::Appointment,
    id::UserId,
    user::User,
};
use xswarm_language::say;
use xswarm_store::Rows;

use crate::{
    calendar::{self, Clash},
    error::Error,
    http::App,
};

/// Routes under `/api`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/calendar/appointments", get(range::list).post(appointments::create))
        .route(
            "/calendar/appointments/{id}",
            get(appointments::show).put(appointments::update).delete(appointments::cancel),
        )
        .route("/calendar/appointments/{id}/occurrences", get(range::of_one))
        .route("/calendar/today", get(range::today))
        .route("/calendar/week", get(range::week))
        .route("/calendar/conflicts", post(free::conflicts))
        .route("/calendar/free-slots", post(free::slots))
}

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Success {
    /// Always true; what was not done is an error.
    success: bool,
}

/// Whose calendar it is.
pub(super) fn person(rows: &Rows<'_>, id: UserId) -> Result<User, Error> {
    rows.user(id)?.ok_or_else(|| Error::not_found("there is no such person"))
}

/// An appointment as it is answered.
pub(crate) fn shown(appointment: &Appointment) -> CalendarAppointment {
    let start = appointment.start.with_timezone(&appointment.timezone).time();
    let words = |rule| say::recurrence(rule, &[start]);
    let repeats = appointment.recurrence.as_ref().map(words).filter(|_| !appointment.all_day);
    CalendarAppointment::of(appointment, repeats)
}

/// What is in the way of an appointment from now on, apart from the others that belong to it.
fn in_the_way(
    rows: &Rows<'_>,
    user: &User,
    appointment: &Appointment,
    now: DateTime<Utc>,
) -> Result<Vec<CalendarConflict>, Error> {
    Ok(calendar::clashes(rows, user, appointment, &[appointment.id], now)?.into_iter().map(conflict).collect())
}

fn conflict(Clash { occurrence, conflict }: Clash) -> CalendarConflict {
    let with = conflict.with;
    CalendarConflict {
        kind: conflict.kind,
        start_time: occurrence.start,
        end_time: occurrence.end,
        with: ConflictingOccurrence {
            appointment_id: with.appointment,
            title: with.title,
            start_time: with.start,
            end_time: with.end,
            recurrence_id: with.recurrence_id,
        },
    }
}
