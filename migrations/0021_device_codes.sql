-- Whom a device will serve once its code is used. Until then whatever device has the name goes on as it is: a code that nobody
-- uses must not show somebody's calendar to a room of guests.
CREATE TABLE device_code_users (
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position > 0),
    PRIMARY KEY (device_id, user_id),
    UNIQUE (device_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_code_users_user ON device_code_users (user_id);

INSERT INTO device_code_users SELECT device_id, user_id, position FROM device_users
    WHERE device_id IN (SELECT id FROM devices WHERE code_digest IS NOT NULL);
