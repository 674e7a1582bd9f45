package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"

	"readout/liveblog"
)

func sqliteWords() wordIndex {
	return wordIndex{put: putSQLiteWords, remove: removeSQLiteWords, compact: compactSQLiteWords, find: findSQLiteWords}
}

// idsPerMicrosecond is how many ids are reserved for entries of one microsecond. If there are more entries, they take
// ids of the next microsecond.
const idsPerMicrosecond = 1 << 10

func firstID(published int64, number int) int64 {
	return published*idsPerMicrosecond + int64(number)%idsPerMicrosecond
}

// sqliteScope encodes a blog's slug as one word for the tokenizer.
func sqliteScope(slug string) string { return hex.EncodeToString([]byte(slug)) }

func putSQLiteWords(ctx context.Context, tx *sql.Tx, slug string, e indexed) error {
	if err := removeSQLiteWords(ctx, tx, slug, e.number); err != nil {
		return err
	}
	id := firstID(e.published, e.number)
	for {
		added, err := exec(ctx, tx, `INSERT INTO search_entries (id, entry_blog, entry_number) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO NOTHING`, id, slug, e.number)
		if err != nil {
			return err
		}
		if added {
			break
		}
		id++
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO search_words (rowid, scope, words, pairs) VALUES ($1, $2, $3, $4)`,
		id, sqliteScope(slug), e.Words, e.Pairs)
	return err
}

func removeSQLiteWords(ctx context.Context, tx *sql.Tx, slug string, number int) error {
	var id int64
	err := tx.QueryRowContext(ctx, `DELETE FROM search_entries
		WHERE entry_blog = $1 AND entry_number = $2 RETURNING id`, slug, number).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM search_words WHERE rowid = $1`, id)
	return err
}

// compactSQLiteWords merges the segments of the index, since a deleted row only hides its words in older segments.
func compactSQLiteWords(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO search_words (search_words) VALUES ('optimize')`)
	return err
}

const (
	selectSearchID = `SELECT id FROM search_entries WHERE entry_blog = $1 AND entry_number = $2`
	selectFound    = `SELECT ` + entryColumns + ` FROM search_words
		JOIN search_entries ON search_entries.id = search_words.rowid
		JOIN entries ON blog = entry_blog AND number = entry_number
		WHERE search_words MATCH $1 AND search_words.rowid < $2
		ORDER BY search_words.rowid DESC LIMIT $3`
)

func findSQLiteWords(
	ctx context.Context, tx *sql.Tx, slug string, q liveblog.SearchQuery, before *liveblog.Entry, limit int,
) ([]liveblog.Entry, error) {
	end := int64(1<<63 - 1)
	if before != nil {
		err := tx.QueryRowContext(ctx, selectSearchID, slug, before.Number).Scan(&end)
		if errors.Is(err, sql.ErrNoRows) {
			end, err = firstID(before.PublishedAt.UnixMicro(), before.Number), nil // the entry has been removed
		}
		if err != nil {
			return nil, err
		}
	}
	return collect(ctx, tx, scanEntry, selectFound, sqliteMatch(slug, q), end, limit)
}

// sqliteMatch formats a query for FTS5. Words contain no quotes. A term of several unspaced characters becomes a
// phrase of character pairs, which are rarer than single characters.
func sqliteMatch(slug string, q liveblog.SearchQuery) string {
	format := func(t liveblog.SearchTerm) string {
		switch {
		case len(t.Words) > 1:
			return `pairs : "` + t.Pairs() + `"`
		case t.Prefix:
			return `words : "` + t.Plain() + `" *`
		}
		return `words : "` + t.Plain() + `"`
	}
	return `scope : "` + sqliteScope(slug) + `" AND ` + joinTerms(q, " AND ", " OR ", format)
}
