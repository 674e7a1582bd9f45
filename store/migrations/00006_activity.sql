-- +goose Up

-- How many public entries were first published in each quarter of an hour, a row for each day in UTC, since a row for each
-- quarter would be many to read for a page. Quarters are "INDEX:ENTRIES:KEY_EVENTS" divided by spaces, without those in which
-- nothing was published. They are counted in the transaction that changes the entries.
CREATE TABLE activity (
    blog     TEXT   NOT NULL REFERENCES blogs (slug),
    day      BIGINT NOT NULL, -- since 1970
    quarters TEXT   NOT NULL,
    PRIMARY KEY (blog, day)
);

INSERT INTO activity (blog, day, quarters)
    SELECT blog, day, string_agg(quarter || ':' || entries || ':' || key_events, ' ')
    FROM (
        SELECT blog, published_at / 86400000000 AS day, published_at % 86400000000 / 900000000 AS quarter,
            count(*) AS entries, count(CASE WHEN key_event THEN 1 END) AS key_events
        FROM entries WHERE status = 'published' GROUP BY 1, 2, 3
    ) AS counted GROUP BY blog, day;
