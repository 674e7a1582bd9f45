package store

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"strings"

	"readout/liveblog"
)

func postgresWords() wordIndex {
	return wordIndex{put: putPostgresWords, remove: removePostgresWords, find: findPostgresWords}
}

func putPostgresWords(ctx context.Context, tx *sql.Tx, slug string, e indexed) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO search_entries (entry_blog, entry_number, published, words, plain)
		VALUES ($1, $2, $3, CAST(CAST($4 AS TEXT) AS TSVECTOR), $5)
		ON CONFLICT (entry_blog, entry_number) DO UPDATE
			SET published = excluded.published, words = excluded.words, plain = excluded.plain`,
		slug, e.number, e.published, lexemes(slug, e.Indexed), e.Words)
	return err
}

// scopeMark begins the lexeme for a blog; no word contains it.
const scopeMark = "="

// lexemes formats words as a tsvector, each word once and without positions. One of the lexemes is the blog, so that
// the index itself excludes entries of other blogs.
func lexemes(slug string, in liveblog.Indexed) string {
	words := append(strings.Fields(in.Words+in.Pairs), scopeMark+slug)
	slices.Sort(words)
	var b strings.Builder
	for _, w := range slices.Compact(words) {
		b.WriteString(lexeme(w) + " ")
	}
	return b.String()
}

func lexeme(word string) string {
	return "'" + strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(word) + "'"
}

func removePostgresWords(ctx context.Context, tx *sql.Tx, slug string, number int) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM search_entries WHERE entry_blog = $1 AND entry_number = $2`,
		slug, number)
	return err
}

// newestSearched is how many of the newest entries are scanned before the index is used. A page of results for frequent
// words is found among them, at a cost that does not grow with the number of matches. Other words are rare enough to
// collect all matches from the index and sort them.
const newestSearched = 100

const (
	found = `words @@ CAST(CAST($2 AS TEXT) AS TSQUERY)
		AND NOT EXISTS (SELECT FROM unnest(CAST($3 AS TEXT[])) AS phrase WHERE strpos(plain, phrase) = 0)`

	selectFoundNewest = `SELECT ` + entryColumns + ` FROM (
			SELECT entry_number FROM (
				SELECT entry_number, published, words, plain FROM search_entries
				WHERE entry_blog = $1 AND (published, entry_number) < ($4, $5)
				ORDER BY published DESC, entry_number DESC LIMIT $6
			) AS newest WHERE ` + found + ` ORDER BY published DESC, entry_number DESC LIMIT $7
		) AS results JOIN entries ON blog = $1 AND number = entry_number
		ORDER BY published_at DESC, number DESC`

	selectFoundAll = `SELECT ` + entryColumns + ` FROM (
			SELECT entry_number FROM search_entries
			WHERE entry_blog = $1 AND (published, entry_number) < ($4, $5) AND ` + found + `
			ORDER BY published DESC, entry_number DESC LIMIT $6
		) AS results JOIN entries ON blog = $1 AND number = entry_number
		ORDER BY published_at DESC, number DESC`
)

func findPostgresWords(
	ctx context.Context, tx *sql.Tx, slug string, q liveblog.SearchQuery, before *liveblog.Entry, limit int,
) ([]liveblog.Entry, error) {
	at, number := int64(math.MaxInt64), math.MaxInt
	if before != nil {
		at, number = before.PublishedAt.UnixMicro(), before.Number
	}
	phrases := []string{} // terms of more than two characters without spaces between them
	match := lexeme(scopeMark+slug) + " & " + joinTerms(q, " & ", " | ", func(t liveblog.SearchTerm) string {
		switch n := len(t.Words); {
		case n > 2:
			phrases = append(phrases, " "+t.Plain()+" ")
			fallthrough
		case n == 2:
			return strings.ReplaceAll(lexeme(t.Pairs()), " ", "' & '")
		case t.Prefix:
			return lexeme(t.Plain()) + ":*"
		}
		return lexeme(t.Plain())
	})
	all, err := collect(ctx, tx, scanEntry, selectFoundNewest, slug, match, phrases, at, number, newestSearched, limit)
	if err != nil || len(all) == limit {
		return all, err
	}
	return collect(ctx, tx, scanEntry, selectFoundAll, slug, match, phrases, at, number, limit)
}
