-- +goose Up

-- The place of the event and its postal address; empty if they are not known.
ALTER TABLE blogs ADD COLUMN venue TEXT NOT NULL DEFAULT '';
ALTER TABLE blogs ADD COLUMN address TEXT NOT NULL DEFAULT '';
