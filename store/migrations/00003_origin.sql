-- +goose Up

-- Where the data was when the epochs were made, in one row. Data found elsewhere has been restored, and then the
-- epochs are made anew.
CREATE TABLE origin (
    id    BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    place TEXT   NOT NULL
);
