-- Files that came with messages. Their content lies outside the database, encrypted, under a name made from it (blob);
-- a file that was not kept has none, and says why.

CREATE TABLE attachments (
    id TEXT PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES communication_logs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    -- What the sender said it is, and what its content looks like.
    media_type TEXT NOT NULL,
    looks_like TEXT,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    blob TEXT,
    not_kept TEXT,
    -- Nothing in a file is ever the sender's own words.
    source TEXT NOT NULL DEFAULT 'attachment' CHECK (source = 'attachment'),
    created_at TEXT NOT NULL,
    UNIQUE (message_id, position),
    CHECK ((blob IS NULL) = (not_kept IS NOT NULL))
) STRICT;
CREATE INDEX attachments_blob ON attachments (blob) WHERE blob IS NOT NULL;
