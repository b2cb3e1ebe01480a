-- What the Boss remembers for a person, and the index of words by which it and the conversation are found.
--
-- Tables with a TEXT primary key have no rowid that VACUUM leaves alone, so what is indexed has an INTEGER PRIMARY KEY of
-- its own. The indexes keep no words beside the tables': their content is read where it stands. Triggers keep them in
-- step, also when a row goes because its owner does (a foreign key's action fires triggers), and 'secure-delete' takes a
-- deleted word out of the index instead of noting that it is gone.

-- What a person told the Boss to remember. Only their own words.
CREATE TABLE memories (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    text TEXT NOT NULL CHECK (text <> ''),
    source TEXT NOT NULL CHECK (source = 'own'),
    -- Not a foreign key: a memory outlives the message that asked for it.
    message_id TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX memories_user ON memories (user_id, number);

CREATE VIRTUAL TABLE memory_words USING fts5 (
    text, content = 'memories', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO memory_words (memory_words, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER memories_added AFTER INSERT ON memories BEGIN
    INSERT INTO memory_words (rowid, text) VALUES (NEW.number, NEW.text);
END;
CREATE TRIGGER memories_removed AFTER DELETE ON memories BEGIN
    INSERT INTO memory_words (memory_words, rowid, text) VALUES ('delete', OLD.number, OLD.text);
END;
CREATE TRIGGER memories_changed AFTER UPDATE OF text ON memories BEGIN
    INSERT INTO memory_words (memory_words, rowid, text) VALUES ('delete', OLD.number, OLD.text);
    INSERT INTO memory_words (rowid, text) VALUES (NEW.number, NEW.text);
END;

-- What older stretches of a person's conversation were about.
CREATE TABLE summaries (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    text TEXT NOT NULL CHECK (text <> ''),
    -- Where the summarised words come from: a list of sources.
    sources TEXT NOT NULL CHECK (json_valid(sources)),
    from_at TEXT NOT NULL,
    until_at TEXT NOT NULL CHECK (until_at >= from_at),
    made_by TEXT NOT NULL CHECK (made_by IN ('model', 'person')),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX summaries_user ON summaries (user_id, from_at);

-- Whose messages lie where in the index: those of owner n have the numbers from n * 2^40 on, in the order in which they
-- came. So the index walks one person's messages and nobody else's, newest first.
CREATE TABLE message_owners (
    number INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE
) STRICT;
CREATE TRIGGER users_added AFTER INSERT ON users BEGIN
    INSERT INTO message_owners (user_id) VALUES (NEW.id);
END;

-- What of a message is indexed: part 0 is what it says, part n the nth of the words that were merely read
-- (`tainted` in its metadata).
CREATE TABLE message_parts (
    number INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES communication_logs (id) ON DELETE CASCADE,
    part INTEGER NOT NULL CHECK (part >= 0),
    UNIQUE (message_id, part)
) STRICT;

-- What each part says.
CREATE VIEW message_texts AS
    SELECT parts.number AS number,
        CASE parts.part WHEN 0 THEN logs.message_content
            ELSE logs.metadata ->> ('$.tainted[' || (parts.part - 1) || '].text') END AS text
    FROM message_parts AS parts JOIN communication_logs AS logs ON logs.id = parts.message_id;

CREATE VIRTUAL TABLE message_words USING fts5 (
    text, content = 'message_texts', content_rowid = 'number', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
-- The words themselves, in order: to complete what was only begun.
CREATE VIRTUAL TABLE message_vocabulary USING fts5vocab (message_words, instance);
CREATE VIRTUAL TABLE memory_vocabulary USING fts5vocab (memory_words, instance);

CREATE TRIGGER message_parts_added AFTER INSERT ON message_parts BEGIN
    INSERT INTO message_words (rowid, text) SELECT number, text FROM message_texts WHERE number = NEW.number;
END;
-- Before: the message that holds the words is still there.
CREATE TRIGGER message_parts_removed BEFORE DELETE ON message_parts BEGIN
    INSERT INTO message_words (message_words, rowid, text)
        SELECT 'delete', number, text FROM message_texts WHERE number = OLD.number;
END;

-- Strangers' messages belong to nobody's conversation, and nobody searches them.
CREATE VIEW message_places AS
    SELECT owners.user_id AS user_id, coalesce(
        (SELECT number + 1 FROM message_parts WHERE number >= owners.number << 40
            AND number < (owners.number + 1) << 40 ORDER BY number DESC LIMIT 1),
        owners.number << 40) AS free
    FROM message_owners AS owners;
CREATE TRIGGER communication_logs_added AFTER INSERT ON communication_logs WHEN NEW.user_id IS NOT NULL BEGIN
    INSERT INTO message_parts (number, message_id, part)
        SELECT free, NEW.id, 0 FROM message_places WHERE user_id = NEW.user_id;
    INSERT INTO message_parts (number, message_id, part)
        SELECT free + key, NEW.id, key + 1 FROM message_places, json_each(NEW.metadata, '$.tainted')
        WHERE user_id = NEW.user_id AND json_type(NEW.metadata, '$.tainted') = 'array';
END;
-- A summary of what is no longer kept is not kept either.
CREATE TRIGGER communication_logs_removed BEFORE DELETE ON communication_logs WHEN OLD.user_id IS NOT NULL BEGIN
    DELETE FROM message_parts WHERE message_id = OLD.id;
    DELETE FROM summaries
        WHERE user_id = OLD.user_id AND from_at <= OLD.created_at AND until_at >= OLD.created_at;
END;
-- A message that says something else, or becomes somebody else's, is indexed anew, as the newest.
CREATE TRIGGER communication_logs_changing BEFORE UPDATE OF message_content, metadata, user_id ON communication_logs
    WHEN OLD.message_content IS NOT NEW.message_content OR OLD.user_id IS NOT NEW.user_id
        OR OLD.metadata -> 'tainted' IS NOT NEW.metadata -> 'tainted' BEGIN
    DELETE FROM message_parts WHERE message_id = OLD.id;
END;
CREATE TRIGGER communication_logs_changed AFTER UPDATE OF message_content, metadata, user_id ON communication_logs
    WHEN OLD.message_content IS NOT NEW.message_content OR OLD.user_id IS NOT NEW.user_id
        OR OLD.metadata -> 'tainted' IS NOT NEW.metadata -> 'tainted' BEGIN
    INSERT INTO message_parts (number, message_id, part)
        SELECT free, NEW.id, 0 FROM message_places WHERE user_id = NEW.user_id;
    INSERT INTO message_parts (number, message_id, part)
        SELECT free + key, NEW.id, key + 1 FROM message_places, json_each(NEW.metadata, '$.tainted')
        WHERE user_id = NEW.user_id AND json_type(NEW.metadata, '$.tainted') = 'array';
END;

-- What was said before there was an index.
INSERT INTO message_owners (user_id) SELECT id FROM users ORDER BY created_at, id;
INSERT INTO message_parts (number, message_id, part)
    SELECT (owners.number << 40) + row_number() OVER (PARTITION BY owners.number ORDER BY created_at, id, part) - 1, id, part
    FROM (
        SELECT id, user_id, 0 AS part, created_at FROM communication_logs
        UNION ALL
        SELECT logs.id, logs.user_id, tainted.key + 1, logs.created_at
            FROM communication_logs AS logs, json_each(logs.metadata, '$.tainted') AS tainted
            WHERE json_type(logs.metadata, '$.tainted') = 'array'
    ) AS parts JOIN message_owners AS owners ON owners.user_id = parts.user_id;
