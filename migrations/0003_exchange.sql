-- Calendars exchanged with other programs: when what was taken in was last revised there, feeds that others may read, and
-- what others propose.

ALTER TABLE appointments ADD COLUMN revised_at TEXT;

CREATE TABLE calendar_feeds (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- SHA-256 of the secret part of the address. The address itself is kept nowhere.
    digest BLOB NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at TEXT
) STRICT;

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    method TEXT NOT NULL CHECK (method IN ('publish', 'request', 'cancel')),
    uid TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    revised_at TEXT,
    organizer TEXT,
    organizer_name TEXT,
    sender TEXT,
    title TEXT NOT NULL,
    -- The calendar file as it came.
    ics TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined', 'superseded', 'withdrawn')),
    message_id TEXT REFERENCES communication_logs (id) ON DELETE SET NULL,
    created_at TEXT NOT NULL,
    decided_at TEXT
) STRICT;
CREATE INDEX invitations_uid ON invitations (user_id, uid);
CREATE INDEX invitations_open ON invitations (user_id, created_at) WHERE state = 'proposed';
