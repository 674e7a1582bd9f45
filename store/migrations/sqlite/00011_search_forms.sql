-- The forms of words have changed. Go code fills the empty index again.
DELETE FROM search_entries;
INSERT INTO search_words (search_words) VALUES ('delete-all');
