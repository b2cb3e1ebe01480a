-- The certificate authority of this hub: what its own certificates are signed by. Made at first start and kept here, where it
-- is encrypted and in every backup. One row.

CREATE TABLE authority (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    certificate BLOB NOT NULL CHECK (length(certificate) > 0),
    private_key BLOB NOT NULL CHECK (length(private_key) > 0),
    created_at TEXT NOT NULL
) STRICT;
