-- Series that leave out holidays, or days on which something else is. Those days are exceptions of the series as far as
-- looked_until; the daily sweep looks further ahead.

CREATE TABLE series_skips (
    appointment_id TEXT PRIMARY KEY REFERENCES appointments (id) ON DELETE CASCADE,
    holidays TEXT NOT NULL CHECK (holidays IN ('none', 'general', 'us')),
    conflicts INTEGER NOT NULL CHECK (conflicts IN (0, 1)),
    looked_until TEXT NOT NULL
) STRICT;
CREATE INDEX series_skips_looked_until ON series_skips (looked_until);

-- What a person called off lately.
CREATE INDEX appointments_cancelled ON appointments (user_id, updated_at) WHERE status = 'cancelled';
