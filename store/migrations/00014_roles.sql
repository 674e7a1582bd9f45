-- +goose Up

-- The roles of users and tokens on single blogs. users.role and tokens.role are roles on all blogs, also later ones, and
-- empty for none.
CREATE TABLE roles (
    member TEXT NOT NULL, -- the id of a user or a token
    blog   TEXT NOT NULL REFERENCES blogs (slug),
    role   TEXT NOT NULL,
    PRIMARY KEY (member, blog)
);
CREATE INDEX roles_blog ON roles (blog);
