-- +goose Up

-- The previous changed_at, so that a second in which a blog changed once is told from one in which it changed more often.
ALTER TABLE blogs ADD COLUMN changed_before BIGINT NOT NULL DEFAULT 0;

UPDATE blogs SET changed_before = changed_at;
