-- The words of each public entry. SQLite walks the rows of a full text index by their ids, so an id begins with the time of
-- publication: the newest matches are the last ids, and who wants twenty reads no more than twenty, however many there are.
CREATE TABLE search_entries (
    id           INTEGER PRIMARY KEY,
    entry_blog   TEXT    NOT NULL,
    entry_number INTEGER NOT NULL,
    UNIQUE (entry_blog, entry_number),
    FOREIGN KEY (entry_blog, entry_number) REFERENCES entries (blog, number)
);

-- What is put in is divided into words already. Scope is one word that stands for the blog, pairs are of Han characters and
-- kana. The lengths are those of the
-- beginnings of words that are looked up at once; longer ones are gathered, and few words share them.
CREATE VIRTUAL TABLE search_words USING fts5 (
    scope, words, pairs,
    content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1 2 3 4 5 6 7 8 9 10 11 12'
);
