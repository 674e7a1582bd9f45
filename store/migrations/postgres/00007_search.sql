-- The words of each public entry. What is put in is divided into words already; plain is the same words in their order, for
-- those that must stand side by side.
CREATE TABLE search_entries (
    entry_blog   TEXT     NOT NULL,
    entry_number BIGINT   NOT NULL,
    published    BIGINT   NOT NULL,
    words        TSVECTOR NOT NULL,
    plain        TEXT     NOT NULL,
    PRIMARY KEY (entry_blog, entry_number),
    FOREIGN KEY (entry_blog, entry_number) REFERENCES entries (blog, number)
);

-- Words that many entries have are found among the newest, others by the index of words. Without a list of what is to be added
-- later, which each search would read.
CREATE INDEX search_entries_newest ON search_entries (entry_blog, published DESC, entry_number DESC);
CREATE INDEX search_entries_words ON search_entries USING gin (words) WITH (fastupdate = off);
