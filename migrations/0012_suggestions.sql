-- What is asked again and again, and what the Boss suggested because of it.

-- When a person asked for what only tells something: the first time of each of their own days, and its hour.
CREATE TABLE glances (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    glance TEXT NOT NULL CHECK (glance IN ('day', 'week', 'reminders')),
    day TEXT NOT NULL,
    hour INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    PRIMARY KEY (user_id, glance, day)
) STRICT, WITHOUT ROWID;

-- One row for each thing that was ever suggested, so that it is not suggested again.
CREATE TABLE suggestions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('meeting_length', 'working_hours', 'channel', 'weekly')),
    subject TEXT NOT NULL,
    habit TEXT NOT NULL CHECK (json_valid(habit)),
    evidence TEXT NOT NULL,
    proposal TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('offered', 'accepted', 'declined', 'expired')),
    offered_at TEXT NOT NULL,
    decided_at TEXT,
    UNIQUE (user_id, kind, subject),
    CHECK ((state = 'offered') = (decided_at IS NULL))
) STRICT;
CREATE INDEX suggestions_user ON suggestions (user_id, offered_at);
CREATE INDEX suggestions_open ON suggestions (offered_at) WHERE state = 'offered';

-- The last appointments that a person booked.
CREATE INDEX appointments_booked ON appointments (user_id, created_at)
    WHERE origin = 'boss' AND series_begin IS NULL AND all_day = 0;

-- By which ways a person wrote lately.
CREATE INDEX communication_logs_wrote ON communication_logs (user_id, created_at, channel)
    WHERE direction = 'inbound' AND user_id IS NOT NULL;

-- Reminders may tell what the day or the week holds; code that knows nothing of that could not read them.
UPDATE meta SET value = '12' WHERE name = 'min_reader';
