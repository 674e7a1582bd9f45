-- +goose Up

-- When a generated password ends; NULL for one that the person has chosen.
ALTER TABLE users ADD COLUMN password_ends BIGINT;

-- The last use is written at most once a minute. It is NULL for sessions that were started before this step, until their
-- next use.
ALTER TABLE sessions ADD COLUMN used_at BIGINT;
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT ''; -- in a few words
ALTER TABLE sessions ADD COLUMN place TEXT NOT NULL DEFAULT '';   -- the network, never the whole address
CREATE INDEX sessions_user ON sessions (user_id);

-- Browsers in which somebody has logged in: the hash of the secret in a cookie that lasts longer than a session.
CREATE TABLE browsers (
    hash    TEXT   NOT NULL,
    user_id TEXT   NOT NULL REFERENCES users (id),
    used_at BIGINT NOT NULL,
    PRIMARY KEY (hash, user_id)
);
CREATE INDEX browsers_user ON browsers (user_id, used_at);
CREATE INDEX browsers_used ON browsers (used_at);

-- Tries to log in that failed. A key is the hash of an e-mail address, a network or a browser. All its tries are back at
-- full_at, so a row is needed only until then.
CREATE TABLE login_tries (
    key     TEXT   NOT NULL PRIMARY KEY,
    full_at BIGINT NOT NULL
);
CREATE INDEX login_tries_full ON login_tries (full_at);

-- The hashes of one-time addresses under which the first admin can be made.
CREATE TABLE first_runs (
    hash    TEXT   NOT NULL PRIMARY KEY,
    ends_at BIGINT NOT NULL
);
