//! Further reminders before an appointment.

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use xswarm_core::{
    admin::calendar::Moment,
    appointment::{Appointment, AppointmentStatus},
    id::AppointmentId,
    message::Channel,
    reminder::{
        Reminder, ReminderPlan, ReminderPreferences, StepPlan, ladder,
        requests::{NewLeads, NewReminder},
    },
};

use super::{existing_user, ours};
use crate::{
    error::Error,
    http::{
        App,
        body::{Body, Path},
        caller::Caller,
    },
    reminders,
};

/// Routes under `/api`.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/appointments/{id}/reminders", post(add))
}

/// What is wanted before an appointment.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    minutes: Vec<u32>,
    at: Option<Moment>,
    method: Option<Channel>,
    urgent: bool,
}

impl Wanted {
    /// One at a time of its own.
    pub(super) fn at(new: &NewReminder) -> Self {
        Self { minutes: Vec::new(), at: Some(new.reminder_time), method: new.method, urgent: new.urgent }
    }
}

async fn add(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AppointmentId>,
    Body(new): Body<NewLeads>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let mut minutes = new.lead_minutes.unwrap_or_default();
    minutes.extend(new.minutes_before);
    if minutes.is_empty() && new.reminder_time.is_none() {
        return Err(Error::invalid("say when: `minutes_before`, `lead_minutes` or `reminder_time`"));
    }
    let urgent = new.urgent.unwrap_or(false);
    let wanted = Wanted { minutes, at: new.reminder_time, method: new.method, urgent };
    Ok((StatusCode::CREATED, create(&app, caller, id, wanted).await?))
}

/// Adds them to the appointment's plan; answers with all of its reminders that are ahead.
pub(super) async fn create(app: &App, caller: Caller, id: AppointmentId, wanted: Wanted) -> Result<Json<Value>, Error> {
    let (now, ours) = (app.clock.now(), ours(app));
    let rows = app
        .store
        .write(move |tx| {
            let gone = || Error::not_found("there is no such thing, or it is not yours");
            let appointment = tx.appointment(id)?.ok_or_else(gone)?;
            caller.may_see(Some(appointment.user_id))?;
            if appointment.status == AppointmentStatus::Cancelled {
                return Err(Error::conflict("this appointment was called off"));
            }
            let user = existing_user(tx, appointment.user_id)?;
            let mut minutes = wanted.minutes.clone();
            if let Some(at) = wanted.at {
                minutes.push(lead(&appointment, at.at(appointment.timezone), now)?);
            }
            let plan = tx.appointment_plan(id)?;
            let mut leads = ladder::leads(&appointment, &plan, &ReminderPreferences::of(&user.preferences));
            leads.extend(&minutes);
            let mut plan = ReminderPlan { lead_minutes: Some(leads), ..plan };
            for lead in &minutes {
                plan.set_step(StepPlan { lead_minutes: *lead, channel: wanted.method, urgent: wanted.urgent });
            }
            let plan = plan.checked().map_err(|error| Error::invalid(error.to_string()))?;
            let ahead = reminders::leads_ahead(&appointment, &plan, &user, now);
            if !minutes.iter().any(|lead| ahead.contains(lead)) {
                return Err(Error::invalid("the time of this reminder has gone by"));
            }
            reminders::plan(tx, id, &plan, reminders::usual_channel(&user, &ours), now)?;
            Ok::<_, Error>((tx.reminders_of_appointment(id)?, minutes))
        })
        .await?;
    let (all, minutes) = rows;
    let new: Option<&Reminder> = all.iter().find(|one| minutes.contains(&one.step.step));
    Ok(Json(json!({ "reminder": new, "reminders": all })))
}

/// How many minutes before the next start an instant lies.
fn lead(appointment: &Appointment, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<u32, Error> {
    let next = appointment.next_start(at.max(now)).ok().flatten();
    let before = next.map(|start| (start - at).num_minutes());
    before
        .and_then(|minutes| u32::try_from(minutes).ok())
        .ok_or_else(|| Error::field("/reminder_time", "lies before no start of this appointment"))
}
