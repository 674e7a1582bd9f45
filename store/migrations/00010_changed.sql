-- +goose Up

-- When the log of a blog last changed. It never goes back, as the newest of what remains does where something is removed.
ALTER TABLE blogs ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;

UPDATE blogs SET changed_at = updated_at;
UPDATE blogs SET changed_at = (SELECT max(updated_at) FROM entries e WHERE e.blog = blogs.slug AND e.published_at IS NOT NULL)
	WHERE changed_at < (SELECT max(updated_at) FROM entries e WHERE e.blog = blogs.slug AND e.published_at IS NOT NULL);
