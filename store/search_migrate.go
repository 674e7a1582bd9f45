package store

import (
	"context"
	"database/sql"
	"path"

	"github.com/pressly/goose/v3"

	"readout/liveblog"
)

// searchSteps returns the schema's steps for an engine's search index. They are not in SQL alone, because Go code
// splits texts into words. A change of the forms of words adds a step that fills the index again; only the last step
// fills it.
func searchSteps(e engine) []*goose.Migration {
	return []*goose.Migration{
		goStep(7, func(ctx context.Context, tx *sql.Tx) error {
			return execStep(ctx, tx, e, "00007_search.sql")
		}),
		goStep(11, func(ctx context.Context, tx *sql.Tx) error {
			if err := execStep(ctx, tx, e, "00011_search_forms.sql"); err != nil {
				return err
			}
			return fillWords(ctx, tx, e)
		}),
	}
}

func goStep(version int64, run func(context.Context, *sql.Tx) error) *goose.Migration {
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: run}, nil)
}

// execStep executes the SQL that an engine has for a step.
func execStep(ctx context.Context, tx *sql.Tx, e engine, file string) error {
	text, err := migrations.ReadFile(path.Join("migrations", e.steps, file))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, string(text))
	return err
}

// searchBatch is how many entries are in memory at a time while the index is filled.
const searchBatch = 200

// The columns are those at the time of the last step; entries may have more later.
const selectPublic = `SELECT blog, number, headline, body, author, acts, published_at FROM entries
	WHERE status = 'published' AND (blog, number) > ($1, $2) ORDER BY blog, number LIMIT $3 `

// fillWords puts all public entries into the index. A node of an older version may change entries at the same time, so
// each entry stays locked until its words are committed: otherwise one that is removed meanwhile would be found again.
func fillWords(ctx context.Context, tx *sql.Tx, e engine) error {
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
		batch, err := collect(ctx, tx, scan, selectPublic+e.lockRow, last.blog, last.Number, searchBatch)
		if err != nil {
			return err
		}
		for _, entry := range batch {
			if err := e.words.put(ctx, tx, entry.blog, indexedOf(entry.Entry)); err != nil {
				return err
			}
			last = entry
		}
		if len(batch) == 0 {
			return nil
		}
	}
}
