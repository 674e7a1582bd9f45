-- +goose Up

-- What people typed into the form of an entry and could not save, because others had changed the same. Readers are not
-- shown it.
CREATE TABLE set_aside (
    blog     TEXT   NOT NULL REFERENCES blogs (slug),
    number   BIGINT NOT NULL,
    id       BIGINT NOT NULL, -- counts up within the entry
    base     BIGINT NOT NULL, -- the revision that the form began with
    by_id    TEXT   NOT NULL,
    by_name  TEXT   NOT NULL, -- display name
    at       BIGINT NOT NULL,
    headline TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    acts     TEXT   NOT NULL,
    PRIMARY KEY (blog, number, id)
);
