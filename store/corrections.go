package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"readout/liveblog"
)

// formatCorrection returns the form in which a correction is stored.
func formatCorrection(c liveblog.Correction) string {
	if c == (liveblog.Correction{}) {
		return ""
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings, numbers and a time that the store itself has set always encode
	}
	return string(text)
}

func parseCorrection(text string) (c liveblog.Correction, err error) {
	if text == "" {
		return c, nil
	}
	if err = json.Unmarshal([]byte(text), &c); err != nil {
		err = fmt.Errorf("a correction: %w", err)
	}
	return c, err
}

// Corrections implements [liveblog.ReadStore].
func (s *store) Corrections(ctx context.Context, q liveblog.CorrectionsQuery) (liveblog.Corrections, error) {
	return view(ctx, s, "read corrections", func(tx *sql.Tx) (c liveblog.Corrections, err error) {
		b, err := readBlog(ctx, tx, q.Slug)
		if err != nil {
			return c, err
		}
		c.Blog = b.Blog
		before := int64(math.MaxInt64) // in microseconds, later than any line
		if q.Before != (liveblog.RevisionID{}) {
			err = tx.QueryRowContext(ctx, selectAmending, q.Slug, q.Before.Number, q.Before.Revision).Scan(&before)
			if errors.Is(err, sql.ErrNoRows) {
				err = liveblog.FieldErrorf(liveblog.NotFound, "before",
					"There is no such line in the log of corrections.")
			}
			if err != nil {
				return c, err
			}
		}
		limit := max(q.Limit, 1)
		c.Lines, err = collect(ctx, tx, scanEntry, selectCorrections,
			q.Slug, before, q.Before.Number, q.Before.Revision, limit+1)
		if err != nil {
			return c, err
		}
		c.Lines, c.Older = cut(c.Lines, limit)
		for i, e := range c.Lines {
			if e.Status == liveblog.Removed {
				c.Lines[i] = liveblog.Entry{
					Number: e.Number, Revision: e.Revision, Status: e.Status,
					PublishedAt: e.PublishedAt, UpdatedAt: e.UpdatedAt,
				}
			}
		}
		return c, nil
	})
}

const selectAmending = `SELECT updated_at FROM revisions WHERE blog = $1 AND number = $2 AND revision = $3 AND amends`

// The corrections of an entry disappear with it: a removed entry has only the line of its removal.
const selectCorrections = `SELECT ` + entryColumns + ` FROM revisions r
	WHERE blog = $1 AND amends AND (updated_at, number, revision) < ($2, $3, $4)
		AND status = (SELECT e.status FROM entries e WHERE e.blog = r.blog AND e.number = r.number)
	ORDER BY updated_at DESC, number DESC, revision DESC LIMIT $5`
