-- One conversation per person, whatever way they speak by: what is asked by text may be answered at the console.
--
-- question_message_id is the message that asked. topic is what was last spoken of: what "it" and "the second one" mean.
-- The oldest conversation of each person stays, with the question that was asked last in any of them.

CREATE TEMP TABLE threads_made_one AS
    SELECT id AS old,
        first_value(id) OVER (PARTITION BY user_id ORDER BY created_at, id) AS kept,
        user_id, question, question_expires_at, created_at
    FROM conversations;
CREATE UNIQUE INDEX temp.threads_made_one_old ON threads_made_one (old);

-- Dropping the table clears these.
CREATE TEMP TABLE messages_of_threads AS
    SELECT id, conversation_id FROM communication_logs WHERE conversation_id IS NOT NULL;

DROP TABLE conversations;
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    -- What the Boss asked and waits to hear, in which message, and until when it counts.
    question TEXT CHECK (question IS NULL OR json_valid(question)),
    question_message_id TEXT REFERENCES communication_logs (id) ON DELETE SET NULL,
    question_expires_at TEXT,
    topic TEXT CHECK (topic IS NULL OR json_valid(topic)),
    created_at TEXT NOT NULL
) STRICT;

INSERT INTO conversations (id, user_id, question, question_message_id, question_expires_at, created_at)
    SELECT one.kept, one.user_id, asked.question,
        CASE WHEN asked.question IS NOT NULL THEN
            (SELECT said.id FROM communication_logs said JOIN messages_of_threads of ON of.id = said.id
             WHERE of.conversation_id = asked.old AND said.direction = 'outbound'
             ORDER BY said.rowid DESC LIMIT 1)
        END,
        CASE WHEN asked.question IS NOT NULL THEN asked.question_expires_at END,
        one.created_at
    FROM threads_made_one one
    JOIN threads_made_one asked ON asked.old =
        (SELECT latest.old FROM threads_made_one latest WHERE latest.user_id = one.user_id
         ORDER BY latest.question IS NULL, latest.question_expires_at DESC, latest.old LIMIT 1)
    WHERE one.old = one.kept;

UPDATE communication_logs SET conversation_id =
    (SELECT made.kept FROM messages_of_threads of JOIN threads_made_one made ON made.old = of.conversation_id
     WHERE of.id = communication_logs.id)
    WHERE id IN (SELECT id FROM messages_of_threads);

-- Lanes become one as well, in the order in which their jobs were written. What was running when the hub ended runs again.
UPDATE jobs SET state = 'waiting' WHERE lane GLOB 'conversation/*' AND state IN ('ready', 'running');
UPDATE jobs SET lane = 'conversation/' || (SELECT kept FROM threads_made_one WHERE 'conversation/' || old = jobs.lane)
    WHERE lane IN (SELECT 'conversation/' || old FROM threads_made_one WHERE old <> kept);
UPDATE jobs SET state = 'ready' WHERE id IN
    (SELECT min(id) FROM jobs WHERE lane GLOB 'conversation/*' AND state = 'waiting' GROUP BY lane);

DROP TABLE threads_made_one;
DROP TABLE messages_of_threads;

-- Receipts say how a change was asked for, and by which way, after the message that asked is gone too.
ALTER TABLE receipts ADD COLUMN channel TEXT;
ALTER TABLE receipts ADD COLUMN asked_by TEXT NOT NULL DEFAULT 'words' CHECK (asked_by IN ('words', 'model', 'api'));
UPDATE receipts SET channel = (SELECT channel FROM communication_logs WHERE id = receipts.message_id);
UPDATE receipts SET asked_by = 'api' WHERE channel IS NULL;
CREATE INDEX receipts_created_at ON receipts (created_at);

-- Code that looks for one conversation per channel finds none.
UPDATE meta SET value = '11' WHERE name = 'min_reader';
