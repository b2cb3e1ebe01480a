-- Devices of rooms: paired once by a code that an admin passes on, known by a token from then on. Only digests are kept: code
-- and token are random and long.

CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name <> ''),
    code_digest BLOB UNIQUE,
    code_expires_at TEXT,
    token_digest BLOB UNIQUE,
    created_at TEXT NOT NULL,
    paired_at TEXT,
    last_seen_at TEXT,
    CHECK ((code_digest IS NULL) = (code_expires_at IS NULL)),
    CHECK ((token_digest IS NULL) = (paired_at IS NULL))
) STRICT;

-- Whose words a device may bring. The first is whom it takes for the speaker unless somebody says who they are.
CREATE TABLE device_users (
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position > 0),
    PRIMARY KEY (device_id, user_id),
    UNIQUE (device_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_users_user ON device_users (user_id);
