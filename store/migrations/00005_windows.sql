-- +goose Up

-- The stream of one author.
CREATE INDEX entries_author ON entries (blog, author, published_at DESC, number DESC) WHERE status = 'published';

-- Removed entries that leave a note, since they had been public for more than a minute.
CREATE INDEX entries_notes ON entries (blog, published_at DESC, number DESC)
    WHERE status = 'removed' AND updated_at - published_at > 60000000;
