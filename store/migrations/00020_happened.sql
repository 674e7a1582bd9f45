-- +goose Up

-- When what an entry tells happened, if its editor says so, and the name of who wrote it, if its byline is another
-- member's.
ALTER TABLE entries ADD COLUMN happened_at BIGINT;
ALTER TABLE entries ADD COLUMN written_by TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN happened_at BIGINT;
ALTER TABLE revisions ADD COLUMN written_by TEXT NOT NULL DEFAULT '';
