-- Contacts and lists.

-- People that a person knows. Names are not unique: there are two Johns. A number may be shared: a family's.
CREATE TABLE contacts (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    nicknames TEXT NOT NULL CHECK (json_valid(nicknames)),
    phones TEXT NOT NULL CHECK (json_valid(phones)),
    mails TEXT NOT NULL CHECK (json_valid(mails)),
    relation TEXT,
    notes TEXT,
    source TEXT NOT NULL CHECK (source IN ('boss', 'program', 'import')),
    uid TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX contacts_user ON contacts (user_id, name);
CREATE UNIQUE INDEX contacts_uid ON contacts (user_id, uid) WHERE uid IS NOT NULL;

-- The numbers and addresses of contacts once more, to find who a sender is.
CREATE TABLE contact_addresses (
    address TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (address, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_addresses_contact ON contact_addresses (contact_id);

-- When a known sender was last answered: once a day is enough.
CREATE TABLE contacts_answered (
    address TEXT PRIMARY KEY,
    answered_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which contact the name of somebody who takes part stands for.
CREATE TABLE appointment_contacts (
    appointment_id TEXT NOT NULL REFERENCES appointments (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (appointment_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX appointment_contacts_contact ON appointment_contacts (contact_id);

-- user_id is null for a list of the household.
CREATE TABLE lists (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX lists_name ON lists (coalesce(user_id, ''), name COLLATE NOCASE);

CREATE TABLE list_items (
    id TEXT PRIMARY KEY,
    list_id TEXT NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    done_at TEXT,
    added_by TEXT REFERENCES users (id) ON DELETE SET NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX list_items_list ON list_items (list_id, position);
CREATE INDEX list_items_added_by ON list_items (added_by) WHERE added_by IS NOT NULL;
CREATE UNIQUE INDEX list_items_open ON list_items (list_id, text COLLATE NOCASE) WHERE done_at IS NULL;
