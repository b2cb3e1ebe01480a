-- Telephone calls. What was said stands in communication_logs, like everything that was ever said; here is how it went.

CREATE TABLE calls (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    phone TEXT,
    our_phone TEXT,
    provider_id TEXT UNIQUE,
    -- What is to be said, for a call that we make.
    message_id TEXT REFERENCES communication_logs (id) ON DELETE SET NULL,
    state TEXT NOT NULL DEFAULT 'ringing' CHECK (state IN ('ringing', 'connected', 'ended')),
    ended_because TEXT CHECK (ended_because IN ('finished', 'hung_up', 'silence', 'too_long', 'loop', 'engine_failed',
        'at_capacity', 'not_answered', 'voicemail', 'refused', 'bad_protocol', 'hub_stopped')),
    engine TEXT,
    -- Whoever opens the call's stream shows this once; kept as a digest, gone once shown.
    token_digest TEXT UNIQUE,
    token_expires_at TEXT,
    created_at TEXT NOT NULL,
    connected_at TEXT,
    ended_at TEXT,
    CHECK ((state = 'ended') = (ended_because IS NOT NULL AND ended_at IS NOT NULL)),
    CHECK ((token_digest IS NULL) = (token_expires_at IS NULL))
) STRICT;
CREATE INDEX calls_open ON calls (state) WHERE state <> 'ended';
CREATE INDEX calls_user ON calls (user_id, created_at);
CREATE INDEX calls_created_at ON calls (created_at);
CREATE INDEX calls_message ON calls (message_id) WHERE message_id IS NOT NULL;

-- Instants are milliseconds from the moment at which the call was connected.
CREATE TABLE call_turns (
    call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number > 0),
    message_id TEXT REFERENCES communication_logs (id) ON DELETE SET NULL,
    reply_id TEXT REFERENCES communication_logs (id) ON DELETE SET NULL,
    interrupted INTEGER NOT NULL DEFAULT 0 CHECK (interrupted IN (0, 1)),
    speech_ended_ms INTEGER,
    turn_ended_ms INTEGER,
    answered_ms INTEGER,
    first_audio_ms INTEGER,
    PRIMARY KEY (call_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX call_turns_message ON call_turns (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX call_turns_reply ON call_turns (reply_id) WHERE reply_id IS NOT NULL;
