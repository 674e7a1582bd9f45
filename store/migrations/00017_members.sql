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
