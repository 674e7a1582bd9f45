-- +goose Up

-- Tokens belong to the user who made them, may end, and can be revoked. Those made at the command line belong to nobody.
ALTER TABLE tokens ADD COLUMN owner      TEXT NOT NULL DEFAULT ''; -- id of a user
ALTER TABLE tokens ADD COLUMN expires_at BIGINT;
ALTER TABLE tokens ADD COLUMN used_at    BIGINT; -- to about a minute
ALTER TABLE tokens ADD COLUMN revoked_at BIGINT;

-- The roles of an invitation on single blogs are in the table roles, under its id.
CREATE TABLE invitations (
    id         TEXT   NOT NULL PRIMARY KEY,
    hash       TEXT   NOT NULL UNIQUE, -- of the secret in the link
    email      TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    inviter_id TEXT   NOT NULL, -- id of a user, or "cli"
    inviter    TEXT   NOT NULL, -- display name
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX invitations_end ON invitations (expires_at);

-- One row that writes of users' roles lock, so that two admins cannot take the last role from each other.
CREATE TABLE members_lock (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1)
);
INSERT INTO members_lock (id) VALUES (1);

-- The states of a track, separated by spaces, whose moves in a draft still need a second editor although the states have
-- left the list of the setup since.
ALTER TABLE entries ADD COLUMN held TEXT NOT NULL DEFAULT '';

-- Moves that one admin published without the second editor whom they need, and why. Readers are not shown it.
CREATE TABLE published_alone (
    blog     TEXT   NOT NULL REFERENCES blogs (slug),
    number   BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    actor    TEXT   NOT NULL, -- display name
    reason   TEXT   NOT NULL,
    PRIMARY KEY (blog, number, revision)
);
