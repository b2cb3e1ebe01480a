-- Reminders have ladders: a plan of their own, repetitions, somebody else who is told, quiet hours that hold them back;
-- timers can be paused; alarms are a kind. The table is made anew because of its CHECK on the kind.
--
-- The step of an appointment's reminder is how many minutes before it comes, so that adding or dropping a lead time
-- leaves the others alone. plan is what differs from the person's preferences. held_until and remaining_ms (a paused
-- timer's time still to run) are only set while a row is pending.

CREATE TABLE reminders_rebuilt (
    id TEXT PRIMARY KEY,
    appointment_id TEXT REFERENCES appointments (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reminder_time TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('sms', 'email', 'voice', 'room', 'console')),
    status TEXT NOT NULL CHECK (status IN ('pending', 'sent', 'failed', 'cancelled')),
    retry_count INTEGER NOT NULL DEFAULT 0,
    error_message TEXT,
    created_at TEXT NOT NULL,
    sent_at TEXT,
    -- Beyond the specification.
    kind TEXT NOT NULL CHECK (kind IN ('reminder', 'timer', 'appointment', 'alarm')),
    text TEXT NOT NULL,
    timezone TEXT NOT NULL,
    recurring_rule TEXT,
    series TEXT NOT NULL,
    series_start TEXT NOT NULL,
    recurrence_id TEXT NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0,
    step INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    outcome TEXT CHECK (outcome IN
        ('sent', 'delivered', 'acknowledged', 'late', 'expired', 'failed', 'unknown', 'cancelled')),
    late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)),
    message_id TEXT,
    plan TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(plan)),
    repetition INTEGER NOT NULL DEFAULT 0,
    on_behalf_of TEXT REFERENCES users (id) ON DELETE CASCADE,
    held_until TEXT,
    remaining_ms INTEGER CHECK (remaining_ms > 0),
    acknowledged_at TEXT,
    -- The judge of duplicates: one row for each occurrence, step, recipient and attempt.
    UNIQUE (series, recurrence_id, generation, step, user_id, attempt)
) STRICT;

INSERT INTO reminders_rebuilt (id, appointment_id, user_id, reminder_time, method, status, retry_count, error_message,
    created_at, sent_at, kind, text, timezone, recurring_rule, series, series_start, recurrence_id, generation, step,
    attempt, outcome, late, message_id)
SELECT r.id, r.appointment_id, r.user_id, r.reminder_time, r.method, r.status, r.retry_count, r.error_message,
    r.created_at, r.sent_at, r.kind, r.text, r.timezone, r.recurring_rule, r.series, r.series_start, r.recurrence_id,
    r.generation, coalesce(a.reminder_minutes, r.step), r.attempt, r.outcome, r.late, r.message_id
FROM appointment_reminders r
LEFT JOIN appointments a ON a.id = r.appointment_id AND r.kind = 'appointment'
ORDER BY r.rowid;

DROP TABLE appointment_reminders;
ALTER TABLE reminders_rebuilt RENAME TO appointment_reminders;

CREATE INDEX appointment_reminders_due ON appointment_reminders (reminder_time, status);
CREATE INDEX appointment_reminders_user ON appointment_reminders (user_id, status, reminder_time);
CREATE INDEX appointment_reminders_said ON appointment_reminders (user_id, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX appointment_reminders_appointment ON appointment_reminders (appointment_id);
CREATE INDEX appointment_reminders_message ON appointment_reminders (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX appointment_reminders_behalf ON appointment_reminders (on_behalf_of) WHERE on_behalf_of IS NOT NULL;

-- Where the reminders of one appointment differ from what its owner usually wants.
CREATE TABLE appointment_reminder_plans (
    appointment_id TEXT PRIMARY KEY REFERENCES appointments (id) ON DELETE CASCADE,
    plan TEXT NOT NULL CHECK (json_valid(plan))
) STRICT, WITHOUT ROWID;

-- Code that knows no alarms could not read them, and would let a paused timer ring.
UPDATE meta SET value = '4' WHERE name = 'min_reader';
