-- +goose Up

-- What the acts of a blog's entries refer to, as JSON, and the seq of the latest change of where the talks stand.
ALTER TABLE blogs ADD COLUMN setup TEXT NOT NULL DEFAULT '';
ALTER TABLE blogs ADD COLUMN talks_seq BIGINT NOT NULL DEFAULT 0;

-- The acts of an entry in canonical JSON, empty for none.
ALTER TABLE entries ADD COLUMN acts TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN acts TEXT NOT NULL DEFAULT '';

-- What the state of the talks is folded from: now, and at a past moment.
CREATE INDEX entries_acts ON entries (blog, published_at, number) WHERE status = 'published' AND acts <> '';
CREATE INDEX revisions_acts ON revisions (blog, updated_at) WHERE acts <> '';

-- Who wrote a revision: a second editor must be another one.
CREATE INDEX audit_revisions ON audit (blog, number, revision);
