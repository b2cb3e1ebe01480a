-- Appointments: further dates and exceptions of a series, whole days, where an appointment came from, and a version that
-- tells a change based on an old reading.
--
-- series_begin is when the earliest occurrence of a series begins (one may have been moved to before the first), and
-- null for what is no series; with series_end it bounds range scans.

ALTER TABLE appointments ADD COLUMN additional TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(additional));
ALTER TABLE appointments ADD COLUMN exceptions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(exceptions));
ALTER TABLE appointments ADD COLUMN all_day INTEGER NOT NULL DEFAULT 0 CHECK (all_day IN (0, 1));
ALTER TABLE appointments ADD COLUMN origin TEXT NOT NULL DEFAULT 'boss'
    CHECK (origin IN ('boss', 'program', 'import', 'invitation'));
ALTER TABLE appointments ADD COLUMN uid TEXT;
ALTER TABLE appointments ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE appointments ADD COLUMN organizer TEXT;
ALTER TABLE appointments ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE appointments ADD COLUMN series_begin TEXT;
UPDATE appointments SET series_begin = start_time WHERE recurring_rule IS NOT NULL;

CREATE UNIQUE INDEX appointments_uid ON appointments (user_id, uid) WHERE uid IS NOT NULL;

-- What tells a series from a single appointment is no longer the rule alone: further dates make one too.
DROP INDEX appointments_recurring;
DROP INDEX appointments_single;
DROP INDEX appointments_long;
CREATE INDEX appointments_series ON appointments (user_id, series_begin) WHERE series_begin IS NOT NULL;
CREATE INDEX appointments_single ON appointments (user_id, start_time, end_time)
    WHERE series_begin IS NULL AND status <> 'cancelled';
CREATE INDEX appointments_long ON appointments (user_id, end_time)
    WHERE series_begin IS NULL AND status <> 'cancelled'
        AND unixepoch(end_time) - unixepoch(start_time) > 86400;

-- Code that knows no exceptions would show what was called off.
UPDATE meta SET value = '2' WHERE name = 'min_reader';
