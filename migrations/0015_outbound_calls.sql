-- Calls that the Boss makes: who took them, as the provider told us.
ALTER TABLE calls ADD COLUMN answered_by TEXT CHECK (answered_by IN ('person', 'machine', 'fax', 'unclear'));
