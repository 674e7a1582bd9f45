package store

import (
	"context"
	"database/sql"
	"path"

	"github.com/pressly/goose/v3"

	"readout/liveblog"
)

// searchVersion is the number of the schema step that adds the search index.
const searchVersion = 7

// searchBatch is how many entries are read at a time while the index is filled.
const searchBatch = 200

// searchStep creates the tables of an engine's search index and fills them with the entries that are public. It is not
// in SQL because Go code splits texts into words.
func searchStep(e engine) *goose.Migration {
	return goose.NewGoMigration(searchVersion, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		text, err := migrations.ReadFile(path.Join("migrations", e.steps, "00007_search.sql"))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, string(text)); err != nil {
			return err
		}
		return fillWords(ctx, tx, e.words)
	}}, nil)
}

// The columns are those at the time of this step; entries may have more later.
const selectUnindexed = `SELECT blog, number, headline, body, author, acts, published_at FROM entries
	WHERE status = 'published' AND (blog, number) > ($1, $2) ORDER BY blog, number LIMIT $3`

func fillWords(ctx context.Context, tx *sql.Tx, index wordIndex) error {
	type public struct {
		blog string
		liveblog.Entry
	}
	scan := func(r row) (e public, err error) {
		err = r.Scan(&e.blog, &e.Number, &e.Headline, &e.Body, &e.Author, &e.Acts, instant{&e.PublishedAt})
		return e, err
	}
	var last public
	for {
		batch, err := collect(ctx, tx, scan, selectUnindexed, last.blog, last.Number, searchBatch)
		if err != nil {
			return err
		}
		for _, e := range batch {
			if err := index.put(ctx, tx, e.blog, indexedOf(e.Entry)); err != nil {
				return err
			}
			last = e
		}
		if len(batch) < searchBatch {
			return nil
		}
	}
}
