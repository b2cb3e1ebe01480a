-- PINs that persons type on a call for what is risky. Only a slow hash is kept, and how often wrong ones were typed, so that
-- whoever tries does not begin anew with the next call or the next start.

CREATE TABLE pins (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash TEXT NOT NULL CHECK (hash LIKE '$argon2id$%'),
    set_at TEXT NOT NULL,
    -- Tries since the right one was last typed, or since the entry was last locked.
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    -- How often the entry was locked since the right one was last typed.
    lockouts INTEGER NOT NULL DEFAULT 0 CHECK (lockouts >= 0),
    locked_until TEXT
) STRICT, WITHOUT ROWID;
