-- The sound of calls, where it is recorded. It lies in a file of its own, encrypted with this key: once the row is gone,
-- nobody can read the file any more, whoever has a copy of it.

CREATE TABLE recordings (
    call_id TEXT PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
    file TEXT NOT NULL UNIQUE,
    key BLOB NOT NULL CHECK (length(key) = 32),
    -- How sound travels on the line: 'mulaw' (8,000 bytes a second and side) or 'linear' (48,000).
    format TEXT NOT NULL CHECK (format IN ('mulaw', 'linear')),
    started_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX recordings_started_at ON recordings (started_at);
