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
    operation::{Family, Operation, number},
};

pub(super) fn operations() -> Vec<Operation> {
    let reminders = Family("Reminders");
    vec![
        reminders
            .get("/api/reminders", "Reminders and timers.")
            .of_person()
            .query("status", status(), "Only those; pending when absent.")
            .query("limit", number(0, 4_294_967_295), "At most so many, 1,000 at most; 100 when absent.")
            .answers::<Reminders>(200),
        reminders
            .post("/api/reminders", "Set a reminder, a timer or an alarm.")
            .body::<NewReminder>()
            .answers::<OneReminder>(201),
        reminders.post("/api/reminders/process-due", "Say what is due now; an admin's.").answers::<Processed>(200),
        reminders
            .put("/api/reminders/{id}", "Change a pending reminder; what is absent stays.")
            .body::<ReminderChange>()
            .answers::<OneReminder>(200),
        reminders
            .delete("/api/reminders/{id}", "Call a pending reminder off.")
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
            .answers::<ReminderPreferencesAnswer>(200),
        reminders
            .put("/api/users/{id}/reminder-preferences", "Change that; null brings the usual back.")
            .body::<ReminderPreferencesChange>()
            .answers::<ReminderPreferencesAnswer>(200),
    ]
}

fn status() -> RefOr<Schema> {
    let mut all: Vec<_> = ReminderStatus::ALL.iter().map(|status| status.as_str()).collect();
    all.push("all");
    schema::one_of(&all)
}
