-- +goose Up

-- When the coverage of a blog began and ended; NULL while it has not.
ALTER TABLE blogs ADD COLUMN started_at BIGINT;
ALTER TABLE blogs ADD COLUMN ended_at BIGINT;

UPDATE blogs SET started_at = (SELECT min(published_at) FROM entries e WHERE e.blog = blogs.slug AND e.published_at IS NOT NULL);
UPDATE blogs SET started_at = created_at WHERE started_at IS NULL AND status <> 'upcoming';
UPDATE blogs SET ended_at = updated_at WHERE status = 'ended';
