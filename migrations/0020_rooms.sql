-- A conversation in a room is a call without numbers. The name is the device's as it was then, and outlives the device.
ALTER TABLE calls ADD COLUMN room TEXT;

-- Timers that ring in a room are looked up by it whenever something was written.
CREATE INDEX appointment_reminders_room ON appointment_reminders (json_extract(plan, '$.room'))
    WHERE json_extract(plan, '$.room') IS NOT NULL;
