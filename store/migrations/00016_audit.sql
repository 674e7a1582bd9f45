-- +goose Up

-- What an audit line is about beyond its subject: the fields that changed, a reason. It never has a secret.
ALTER TABLE audit ADD COLUMN detail TEXT NOT NULL DEFAULT '';

-- The audit of one blog, and of what one person did and what others did to their account.
CREATE INDEX audit_blog ON audit (blog, id);
CREATE INDEX audit_actor ON audit (actor_id, id);
CREATE INDEX audit_account ON audit (account, id);

-- How often logins of an account were refused within an hour; the account is empty for addresses of nobody. Only the
-- first of an hour have audit lines of their own, so that strangers cannot fill the audit.
CREATE TABLE refused_logins (
    account TEXT   NOT NULL,
    hour    BIGINT NOT NULL, -- since 1970
    times   BIGINT NOT NULL,
    PRIMARY KEY (account, hour)
);

-- An archived blog is read-only.
ALTER TABLE blogs ADD COLUMN archived_at BIGINT;

-- When the text of an entry, or of one of its revisions, was deleted for good; NULL if it was not.
ALTER TABLE entries ADD COLUMN purged_at BIGINT;
ALTER TABLE revisions ADD COLUMN purged_at BIGINT;
CREATE INDEX revisions_purged ON revisions (purged_at) WHERE purged_at IS NOT NULL;
