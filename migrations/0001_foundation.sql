-- The specification's tables with their names and columns, and what the foundation needs beyond them.
--
-- Conventions: ids are UUID v7 text; instants are ISO 8601 UTC text of fixed width, so that order by text is order by
-- time; JSON is text that json_valid() accepts; booleans are INTEGER 0 or 1; every status is CHECKed.
--
-- Where this relaxes the specification:
--   users.email may be null: a person may have only a telephone.
--   appointment_reminders.appointment_id may be null: plain reminders and timers belong to no appointment.
--   appointment_reminders.method gains room and console.
--   communication_logs.user_id may be null: strangers write too. channel gains console and room.
--   agents.auth_token is always null: secrets live in credentials. The column stays for its name.
-- The specification's `status` values stay as they are; the finer state of a reminder is in `outcome`.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The oldest schema version whose code can still read and write this database (one release back).
INSERT INTO meta (name, value) VALUES ('min_reader', '1');

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT UNIQUE,
    phone TEXT UNIQUE,
    name TEXT NOT NULL CHECK (name <> ''),
    timezone TEXT NOT NULL,
    preferences TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(preferences)),
    boss_phone TEXT,
    boss_email TEXT,
    can_provision_numbers INTEGER NOT NULL DEFAULT 0 CHECK (can_provision_numbers IN (0, 1)),
    role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('admin', 'member')),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX users_email ON users (email);
CREATE INDEX users_phone ON users (phone);
CREATE INDEX users_boss_phone ON users (boss_phone);

CREATE TABLE appointments (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL CHECK (title <> ''),
    description TEXT,
    start_time TEXT NOT NULL,
    end_time TEXT NOT NULL,
    timezone TEXT NOT NULL,
    location TEXT,
    participants TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(participants)),
    recurring_rule TEXT CHECK (recurring_rule IS NULL OR json_valid(recurring_rule)),
    reminder_minutes INTEGER CHECK (reminder_minutes >= 0),
    status TEXT NOT NULL CHECK (status IN ('tentative', 'confirmed', 'cancelled')),
    generation INTEGER NOT NULL DEFAULT 0,
    -- No occurrence of a finished series ends after this; null while the series never ends. Bounds range scans.
    series_end TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (end_time > start_time)
) STRICT;
CREATE INDEX appointments_user_start ON appointments (user_id, start_time);
CREATE INDEX appointments_start_end ON appointments (start_time, end_time);
-- Series are few; single appointments are many. Each kind is found by its own index.
CREATE INDEX appointments_recurring ON appointments (user_id, start_time) WHERE recurring_rule IS NOT NULL;
CREATE INDEX appointments_single ON appointments (user_id, start_time, end_time)
    WHERE recurring_rule IS NULL AND status <> 'cancelled';
-- Appointments longer than a day are fewer still; looking back one day finds all the others.
CREATE INDEX appointments_long ON appointments (user_id, end_time)
    WHERE recurring_rule IS NULL AND status <> 'cancelled'
        AND unixepoch(end_time) - unixepoch(start_time) > 86400;

CREATE TABLE appointment_reminders (
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
    kind TEXT NOT NULL CHECK (kind IN ('reminder', 'timer', 'appointment')),
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
    -- The judge of duplicates: one row for each occurrence, step and recipient.
    UNIQUE (series, recurrence_id, generation, step, user_id, attempt)
) STRICT;
CREATE INDEX appointment_reminders_due ON appointment_reminders (reminder_time, status);
CREATE INDEX appointment_reminders_user ON appointment_reminders (user_id, status, reminder_time);
CREATE INDEX appointment_reminders_appointment ON appointment_reminders (appointment_id);
CREATE INDEX appointment_reminders_message ON appointment_reminders (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    description TEXT,
    status TEXT NOT NULL CHECK (status IN ('planning', 'active', 'on_hold', 'completed', 'cancelled')),
    priority TEXT NOT NULL CHECK (priority IN ('low', 'medium', 'high', 'critical')),
    owner_id TEXT NOT NULL REFERENCES users (id),
    repository_url TEXT,
    local_path TEXT,
    technology_stack TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(technology_stack)),
    agent_assignments TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(agent_assignments)),
    due_date TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX projects_owner_status ON projects (owner_id, status);

CREATE TABLE project_tasks (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    title TEXT NOT NULL CHECK (title <> ''),
    description TEXT,
    status TEXT NOT NULL CHECK (status IN ('todo', 'in_progress', 'done', 'blocked')),
    priority TEXT NOT NULL CHECK (priority IN ('low', 'medium', 'high')),
    assigned_agent TEXT,
    estimated_hours REAL,
    actual_hours REAL,
    due_date TEXT,
    dependencies TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(dependencies)),
    tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX project_tasks_project_status ON project_tasks (project_id, status);
CREATE INDEX project_tasks_assigned_agent ON project_tasks (assigned_agent);

CREATE TABLE agents (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    type TEXT NOT NULL,
    capabilities TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(capabilities)),
    endpoint_url TEXT,
    auth_token TEXT CHECK (auth_token IS NULL),
    status TEXT NOT NULL,
    last_health_check TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE agent_tasks (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES agents (id),
    task_id TEXT NOT NULL REFERENCES project_tasks (id) ON DELETE CASCADE,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    assigned_at TEXT NOT NULL,
    started_at TEXT,
    completed_at TEXT,
    status TEXT NOT NULL,
    result TEXT CHECK (result IS NULL OR json_valid(result)),
    error_message TEXT
) STRICT;

CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    -- What the Boss asked and waits to hear, and until when it counts.
    question TEXT CHECK (question IS NULL OR json_valid(question)),
    question_expires_at TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (user_id, channel)
) STRICT;

CREATE TABLE communication_logs (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('sms', 'email', 'voice', 'claude_code', 'console', 'room')),
    direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    message_content TEXT NOT NULL,
    metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    status TEXT NOT NULL CHECK
        (status IN ('pending', 'processed', 'sending', 'sent', 'delivered', 'failed', 'unknown')),
    created_at TEXT NOT NULL,
    processed_at TEXT,
    -- Beyond the specification.
    conversation_id TEXT REFERENCES conversations (id) ON DELETE SET NULL,
    sender TEXT,
    recipient TEXT,
    provider_id TEXT UNIQUE,
    in_reply_to TEXT,
    sending INTEGER NOT NULL DEFAULT 0,
    error_code INTEGER,
    error_message TEXT
) STRICT;
CREATE INDEX communication_logs_user_channel ON communication_logs (user_id, channel);
CREATE INDEX communication_logs_created_at ON communication_logs (created_at);
CREATE INDEX communication_logs_reply ON communication_logs (in_reply_to) WHERE in_reply_to IS NOT NULL;
CREATE INDEX communication_logs_conversation ON communication_logs (conversation_id)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX communication_logs_open ON communication_logs (status, channel)
    WHERE direction = 'outbound' AND status IN ('pending', 'sending', 'failed', 'unknown');

-- What a client made up to recognise its own request when it sends it again.
CREATE UNIQUE INDEX communication_logs_client ON communication_logs (metadata ->> 'client_id')
    WHERE metadata ->> 'client_id' IS NOT NULL;

-- Provider ids of messages that retention deleted, as SHA-256, so that a replay never works.
CREATE TABLE provider_ids_seen (
    digest BLOB PRIMARY KEY,
    seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    payload TEXT NOT NULL CHECK (json_valid(payload)),
    lane TEXT,
    due_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'running', 'done', 'dead', 'parked')),
    last_error TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_ready ON jobs (due_at, id) WHERE state = 'ready';
-- At most one job of a lane is at its head; the database is the judge.
CREATE UNIQUE INDEX jobs_lane_head ON jobs (lane) WHERE lane IS NOT NULL AND state IN ('ready', 'running');
CREATE INDEX jobs_lane_waiting ON jobs (lane, id) WHERE state = 'waiting';
CREATE INDEX jobs_attention ON jobs (state, id) WHERE state IN ('running', 'dead', 'parked');
CREATE INDEX jobs_done ON jobs (updated_at) WHERE state = 'done';

-- Committed effects of a turn, in the order they happened: what undo reverses.
CREATE TABLE receipts (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    effect TEXT NOT NULL CHECK (json_valid(effect)),
    created_at TEXT NOT NULL,
    undone_at TEXT
) STRICT;
CREATE INDEX receipts_user ON receipts (user_id, created_at);

CREATE TABLE system_events (
    id TEXT PRIMARY KEY,
    event_type TEXT NOT NULL,
    event_data TEXT CHECK (event_data IS NULL OR json_valid(event_data)),
    severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
    user_id TEXT,
    project_id TEXT,
    created_at TEXT NOT NULL,
    -- The chain: hash = SHA-256 over the previous hash, the columns above and the digest of event_data. The digest
    -- stays when the data is erased, so the chain still verifies.
    sequence INTEGER NOT NULL UNIQUE,
    data_digest BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX system_events_type ON system_events (event_type, created_at);
CREATE INDEX system_events_user ON system_events (user_id);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at TEXT
) STRICT;

CREATE TABLE pairings (
    code TEXT PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    answered_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Numbers that said STOP.
CREATE TABLE opt_outs (
    address TEXT PRIMARY KEY,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
