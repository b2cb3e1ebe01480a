//! Reminders, timers and alarms.

use xswarm_core::{
    reminder::{
        ReminderStatus,
        requests::{Acknowledgement, NewLeads, NewReminder, ReminderChange, SnoozeRequest},
    },
    schema::{self, RefOr, Schema},
};

use super::{
    answers::{
        Added, OneReminder, Processed, ReminderPreferencesAnswer, ReminderPreferencesChange, Reminders, Success,
    },
    operation::{ETAG, Family, LINK, Operation},
};

pub(super) fn operations() -> Vec<Operation> {
    let reminders = Family("Reminders");
    vec![
        reminders
            .get("/api/reminders", "Reminders and timers.")
            .more("Those of a status soonest first, all of them latest first. `next_cursor` and `Link` lead on.")
            .of_person()
            .query("status", status(), "Only those; pending when absent.")
            .page("At most so many on a page; 100 when absent.")
            .answers::<Reminders>(200)
            .with(&[LINK]),
        reminders
            .post("/api/reminders", "Set a reminder, a timer or an alarm.")
            .body::<NewReminder>()
            .answers::<OneReminder>(201),
        reminders.post("/api/reminders/process-due", "Say what is due now; an admin's.").answers::<Processed>(200),
        reminders
            .get("/api/reminders/{id}", "Show a reminder.")
            .answers::<OneReminder>(200)
            .with(&[ETAG])
            .if_none_match(),
        reminders
            .put("/api/reminders/{id}", "Change a pending reminder; what is absent stays.")
            .if_match()
            .body::<ReminderChange>()
            .answers::<OneReminder>(200)
            .with(&[ETAG]),
        reminders
            .delete("/api/reminders/{id}", "Call a pending reminder off.")
            .if_match()
            .answers::<Success>(200)
            .refuses(409, "It is not pending."),
        reminders
            .post("/api/reminders/{id}/acknowledge", "Say that a reminder was seen.")
            .optional_body::<Acknowledgement>()
            .answers::<OneReminder>(200),
        reminders
            .post("/api/reminders/{id}/snooze", "Be reminded again, in ten minutes when nothing is said.")
            .optional_body::<SnoozeRequest>()
            .answers::<OneReminder>(201),
        reminders
            .post("/api/appointments/{id}/reminders", "Set further reminders before an appointment.")
            .body::<NewLeads>()
            .answers::<Added>(201),
        reminders
            .get("/api/users/{id}/reminder-preferences", "How a person wants to be reminded.")
            .answers::<ReminderPreferencesAnswer>(200)
            .with(&[ETAG])
            .if_none_match(),
        reminders
            .put("/api/users/{id}/reminder-preferences", "Change that; null brings the usual back.")
            .if_match()
            .body::<ReminderPreferencesChange>()
            .answers::<ReminderPreferencesAnswer>(200)
            .with(&[ETAG]),
    ]
}

fn status() -> RefOr<Schema> {
    let mut all: Vec<_> = ReminderStatus::ALL.iter().map(|status| status.as_str()).collect();
    all.push("all");
    schema::one_of(&all)
}
