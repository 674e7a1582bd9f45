package store

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"readout/liveblog"
)

// Entry implements [liveblog.ReadStore].
func (s *store) Entry(ctx context.Context, slug string, number int) (liveblog.Entry, error) {
	return view(ctx, s, "read entry", func(tx *sql.Tx) (liveblog.Entry, error) {
		if _, err := readBlog(ctx, tx, slug); err != nil {
			return liveblog.Entry{}, err
		}
		return findEntry(ctx, tx, slug, number)
	})
}

// Before implements [liveblog.LogStore].
func (s *store) Before(ctx context.Context, slug string, number int) (liveblog.Before, error) {
	return view(ctx, s, "read before a write", func(tx *sql.Tx) (was liveblog.Before, err error) {
		b, err := readBlog(ctx, tx, slug)
		if err != nil {
			return was, err
		}
		was.Blog = b.Blog
		if was.Members, err = collect(ctx, tx, scanName, selectWriters, slug); err != nil {
			return was, err
		}
		if was.Members == nil {
			was.Members = []string{} // nobody, and not anybody
		}
		if was.Setup, err = readSetup(ctx, tx, slug); err != nil || number == 0 {
			return was, err
		}
		was.Entry, err = findEntry(ctx, tx, slug, number)
		return was, err
	})
}

func scanName(r row) (name string, err error) {
	err = r.Scan(&name)
	return name, err
}

// selectWriters has the names of those who may write in a blog; see [liveblog.WriteDrafts].
const selectWriters = `SELECT DISTINCT name FROM users
	WHERE disabled = FALSE AND (role IN ('admin', 'editor', 'contributor')
	OR id IN (SELECT member FROM roles WHERE blog = $1 AND role IN ('admin', 'editor', 'contributor'))) ORDER BY name`

// Revisions implements [liveblog.ReadStore].
func (s *store) Revisions(ctx context.Context, slug string, number, before, limit int) ([]liveblog.Entry, error) {
	if before == 0 {
		before = math.MaxInt
	}
	return view(ctx, s, "read revisions", func(tx *sql.Tx) ([]liveblog.Entry, error) {
		if _, err := readBlog(ctx, tx, slug); err != nil {
			return nil, err
		}
		list, err := collect(ctx, tx, scanEntry, `SELECT `+entryColumns+` FROM revisions
			WHERE blog = $1 AND number = $2 AND revision < $3 ORDER BY revision DESC LIMIT $4`,
			slug, number, before, max(limit, 0))
		if err == nil && len(list) == 0 {
			_, err = findEntry(ctx, tx, slug, number)
		}
		return list, err
	})
}

// Entries implements [liveblog.ReadStore].
func (s *store) Entries(ctx context.Context, slug string, before, limit int) ([]liveblog.Entry, error) {
	if before == 0 {
		before = math.MaxInt
	}
	return view(ctx, s, "read entries", func(tx *sql.Tx) ([]liveblog.Entry, error) {
		if _, err := readBlog(ctx, tx, slug); err != nil {
			return nil, err
		}
		return collect(ctx, tx, scanEntry, selectDesk, slug, before, max(limit, 0))
	})
}

const selectDesk = `SELECT ` + entryColumns + ` FROM entries
	WHERE blog = $1 AND status <> 'removed' AND number < $2 ORDER BY number DESC LIMIT $3`

// findEntry returns the newest revision of an entry, or a [liveblog.NotFound] error.
func findEntry(ctx context.Context, tx *sql.Tx, slug string, number int) (liveblog.Entry, error) {
	e, err := readEntry(ctx, tx, slug, number)
	if errors.Is(err, sql.ErrNoRows) {
		err = noEntry("number", number)
	}
	return e, err
}

// readEntry returns the newest revision of an entry, or sql.ErrNoRows.
func readEntry(ctx context.Context, tx *sql.Tx, slug string, number int) (liveblog.Entry, error) {
	return scanEntry(tx.QueryRowContext(ctx, `SELECT `+entryColumns+` FROM entries
		WHERE blog = $1 AND number = $2`, slug, number))
}
