-- +goose Up

-- What people have typed into the form of an entry and neither saved nor discarded. Only its owner is shown it. A row
-- that is used up stays as long as others, so that what is sent late does not bring the copy back.
CREATE TABLE working_copies (
    owner    TEXT    NOT NULL, -- user
    id       TEXT    NOT NULL, -- random, chosen by the browser
    blog     TEXT    NOT NULL REFERENCES blogs (slug),
    number   BIGINT  NOT NULL, -- of the entry; 0 for a new one
    base     BIGINT  NOT NULL, -- the revision that the form shows
    revision BIGINT  NOT NULL, -- of the copy
    writer   TEXT    NOT NULL, -- the page that wrote it last
    at       BIGINT  NOT NULL,
    used     BOOLEAN NOT NULL, -- saved or discarded
    title    TEXT    NOT NULL,
    fields   TEXT    NOT NULL, -- JSON
    PRIMARY KEY (owner, id)
);
CREATE INDEX working_copies_by_entry ON working_copies (blog, number);
CREATE INDEX working_copies_by_age ON working_copies (at);
