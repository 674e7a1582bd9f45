-- +goose Up

-- A blog's seq is the place of its latest change that readers can see. It is taken in the transaction of the
-- change itself, so the order of commits is the order of seqs.
CREATE TABLE blogs (
    slug        TEXT   NOT NULL PRIMARY KEY,
    title       TEXT   NOT NULL,
    standfirst  TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    time_zone   TEXT   NOT NULL,
    language    TEXT   NOT NULL,
    epoch       TEXT   NOT NULL,
    seq         BIGINT NOT NULL,
    head_seq    BIGINT NOT NULL, -- of the latest change of the head
    last_number BIGINT NOT NULL, -- the highest number that an entry has
    created_at  BIGINT NOT NULL, -- times are microseconds since 1970 in UTC
    updated_at  BIGINT NOT NULL,
    CHECK (head_seq >= 0 AND head_seq <= seq),
    CHECK (last_number >= 0)
);

-- Each entry in its newest state. Rows are never deleted: a removed entry is a tombstone.
CREATE TABLE entries (
    blog         TEXT    NOT NULL REFERENCES blogs (slug),
    number       BIGINT  NOT NULL,
    revision     BIGINT  NOT NULL,
    headline     TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    author       TEXT    NOT NULL,
    author_id    TEXT    NOT NULL,
    edited_by    TEXT    NOT NULL,
    key_event    BOOLEAN NOT NULL,
    pinned       BOOLEAN NOT NULL,
    summary      BOOLEAN NOT NULL,
    status       TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    published_at BIGINT, -- NULL while it has never been public
    updated_at   BIGINT  NOT NULL,
    seq          BIGINT, -- NULL while it has never been public
    PRIMARY KEY (blog, number),
    CHECK (number > 0 AND revision > 0 AND seq > 0),
    CHECK (status <> 'published' OR published_at IS NOT NULL)
);

-- The order of the page.
CREATE INDEX entries_page ON entries (blog, pinned DESC, published_at DESC, number DESC)
    WHERE status = 'published';

-- What the head gathers.
CREATE INDEX entries_key_events ON entries (blog, published_at DESC, number DESC)
    WHERE status = 'published' AND key_event;
CREATE INDEX entries_summaries ON entries (blog, published_at DESC, number DESC)
    WHERE status = 'published' AND summary;

-- The order of the log. No two entries share a seq.
CREATE UNIQUE INDEX entries_log ON entries (blog, seq);

-- Every state that an entry has had, the newest among them.
CREATE TABLE revisions (
    blog         TEXT    NOT NULL,
    number       BIGINT  NOT NULL,
    revision     BIGINT  NOT NULL,
    headline     TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    author       TEXT    NOT NULL,
    author_id    TEXT    NOT NULL,
    edited_by    TEXT    NOT NULL,
    key_event    BOOLEAN NOT NULL,
    pinned       BOOLEAN NOT NULL,
    summary      BOOLEAN NOT NULL,
    status       TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    published_at BIGINT,
    updated_at   BIGINT  NOT NULL,
    seq          BIGINT,
    PRIMARY KEY (blog, number, revision),
    FOREIGN KEY (blog, number) REFERENCES entries (blog, number)
);

-- Which entry a request with an Idempotency-Key has made.
CREATE TABLE idempotency_keys (
    actor           TEXT   NOT NULL,
    idempotency_key TEXT   NOT NULL,
    fingerprint     TEXT   NOT NULL,
    blog            TEXT   NOT NULL,
    number          BIGINT NOT NULL,
    revision        BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (actor, idempotency_key),
    FOREIGN KEY (blog, number, revision) REFERENCES revisions (blog, number, revision)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
