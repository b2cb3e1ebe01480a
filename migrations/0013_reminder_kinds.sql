-- A person's own reminders and timers are found without reading those of a thousand appointments.
CREATE INDEX appointment_reminders_kind ON appointment_reminders (user_id, kind, status, reminder_time);
