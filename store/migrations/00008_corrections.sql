-- +goose Up

-- The latest correction of an entry in canonical JSON, empty for none.
ALTER TABLE entries ADD COLUMN correction TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN correction TEXT NOT NULL DEFAULT '';

-- The log of corrections: revisions that are a correction, and removals of what had been public for over a minute.
ALTER TABLE revisions ADD COLUMN amends BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE revisions SET amends = TRUE WHERE status = 'removed' AND updated_at - published_at > 60000000;
CREATE INDEX revisions_amends ON revisions (blog, updated_at DESC, number DESC, revision DESC) WHERE amends;
