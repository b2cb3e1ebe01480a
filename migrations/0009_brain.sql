-- What thinking costs, and how far a turn that thinks has come.

-- One row for each request to a language model, written before it is sent. `reserved_microdollars` is what it may cost at
-- most; it counts against the caps until the true cost is known, and for ever when a crash left it unknown.
CREATE TABLE model_calls (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('turn', 'summary')),
    message_id TEXT,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'failed', 'unknown')),
    input_tokens INTEGER NOT NULL DEFAULT 0,
    cache_read_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    reserved_microdollars INTEGER NOT NULL CHECK (reserved_microdollars >= 0),
    cost_microdollars INTEGER CHECK (cost_microdollars >= 0),
    error TEXT,
    began_at TEXT NOT NULL,
    ended_at TEXT,
    CHECK ((state = 'open') = (ended_at IS NULL))
) STRICT;
-- Covers the sums that the caps ask for.
CREATE INDEX model_calls_cost ON model_calls (began_at, cost_microdollars, reserved_microdollars);
CREATE INDEX model_calls_open ON model_calls (id) WHERE state = 'open';

-- What a turn that thinks has done so far. A crash is followed by reading this instead of asking the model again; the
-- answer of the turn deletes it.
CREATE TABLE turn_steps (
    message_id TEXT NOT NULL REFERENCES communication_logs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL CHECK (step >= 0),
    content TEXT NOT NULL CHECK (json_valid(content)),
    created_at TEXT NOT NULL,
    PRIMARY KEY (message_id, step)
) STRICT, WITHOUT ROWID;

-- How often a capability was used, by whom, on which day (UTC), and whether a sentence or the model asked for it.
CREATE TABLE capability_uses (
    capability TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    asked_by TEXT NOT NULL CHECK (asked_by IN ('words', 'model')),
    uses INTEGER NOT NULL CHECK (uses > 0),
    last_used_at TEXT NOT NULL,
    PRIMARY KEY (capability, user_id, day, asked_by)
) STRICT, WITHOUT ROWID;
