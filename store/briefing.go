package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"readout/liveblog"
)

// Briefing implements [liveblog.ReadStore].
func (s *store) Briefing(ctx context.Context, slug string, at time.Time) (liveblog.Head, liveblog.Talks, error) {
	type briefing struct {
		head  liveblog.Head
		talks liveblog.Talks
	}
	got, err := viewAt(ctx, s, "read briefing", slug, at, func(tx *sql.Tx) (got briefing, err error) {
		b, err := readBlog(ctx, tx, slug)
		if err != nil {
			return got, err
		}
		if at.IsZero() {
			if got.head, err = readHead(ctx, tx, b.Blog); err == nil {
				got.talks, err = s.currentTalks(ctx, tx, b)
			}
			return got, err
		}
		if got.head, err = readHeadAt(ctx, tx, b.Blog, at); err == nil {
			got.talks, err = s.pastTalks(ctx, tx, b, at)
		}
		return got, err
	})
	return got.head, got.talks, err
}

// newestAt restricts revisions r to the newest revision that each entry had at the moment $2.
const newestAt = ` AND r.updated_at <= $2 AND NOT EXISTS (
	SELECT 1 FROM revisions n
	WHERE n.blog = r.blog AND n.number = r.number AND n.revision > r.revision AND n.updated_at <= $2)`

const selectSummaryAt = `SELECT ` + entryColumns + ` FROM revisions r
	WHERE blog = $1 AND status = 'published' AND summary AND purged_at IS NULL` + newestAt + `
	ORDER BY published_at DESC, number DESC LIMIT 1`

const selectKeyEventsAt = `SELECT ` + entryColumns + ` FROM revisions r
	WHERE blog = $1 AND status = 'published' AND key_event AND purged_at IS NULL` + newestAt + `
	ORDER BY published_at DESC, number DESC LIMIT $3`

// readHeadAt returns the head as it was at a past moment, but with the present blog.
func readHeadAt(ctx context.Context, tx *sql.Tx, b liveblog.Blog, at time.Time) (h liveblog.Head, err error) {
	h.Blog = b
	e, err := scanEntry(tx.QueryRowContext(ctx, selectSummaryAt, b.Slug, at.UnixMicro()))
	switch {
	case err == nil:
		h.Summary = &e
	case !errors.Is(err, sql.ErrNoRows):
		return h, err
	}
	h.KeyEvents, err = collect(ctx, tx, scanEntry, selectKeyEventsAt, b.Slug, at.UnixMicro(), liveblog.MaxKeyEvents)
	return h, err
}
