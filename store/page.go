package store

import (
	"context"
	"database/sql"
	"errors"

	"readout/liveblog"
)

// Page implements [liveblog.LogStore].
func (s *store) Page(ctx context.Context, q liveblog.PageQuery) (liveblog.Page, error) {
	return view(ctx, s, "read page", func(tx *sql.Tx) (p liveblog.Page, err error) {
		b, err := readBlog(ctx, tx, q.Slug)
		if err != nil {
			return p, err
		}
		switch {
		case q.Number != 0:
			p.Entries, err = readOne(ctx, tx, q)
		case q.Before != 0:
			p.Entries, p.Older, err = readBefore(ctx, tx, q)
		default:
			p.Entries, p.Older, err = readFirst(ctx, tx, q)
		}
		if err != nil {
			return p, err
		}
		if p.Head, err = readHead(ctx, tx, b.Blog); err != nil {
			return p, err
		}
		if q.Number == 0 && q.Before == 0 {
			if p.Activity, err = readActivity(ctx, tx, q.Slug); err != nil {
				return p, err
			}
		}
		p.Talks, err = readTalks(ctx, tx, q.Slug)
		return p, err
	})
}

func readOne(ctx context.Context, tx *sql.Tx, q liveblog.PageQuery) ([]liveblog.Entry, error) {
	e, err := readEntry(ctx, tx, q.Slug, q.Number)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, noEntry("number", q.Number)
	case err != nil:
		return nil, err
	case e.Public():
		return []liveblog.Entry{e}, nil
	case e.PublishedAt.IsZero():
		return nil, noEntry("number", q.Number)
	}
	return nil, liveblog.FieldErrorf(liveblog.Gone, "number", "Entry %d has been removed.", q.Number)
}

const selectFirst = `SELECT ` + entryColumns + ` FROM entries
	WHERE blog = $1 AND status = 'published'
	ORDER BY pinned DESC, published_at DESC, number DESC LIMIT $2`

// readFirst gives every pinned entry and at least one other, whatever the limit: the next page begins after the
// last of them by time, and a pinned entry does not stand at its time.
func readFirst(ctx context.Context, tx *sql.Tx, q liveblog.PageQuery) ([]liveblog.Entry, bool, error) {
	most := max(q.Limit, liveblog.MaxPinned+1)
	all, err := collect(ctx, tx, scanEntry, selectFirst, q.Slug, most+1)
	if err != nil {
		return nil, false, err
	}
	pinned := 0
	for pinned < len(all) && all[pinned].Pinned {
		pinned++
	}
	page, older := cut(all, max(q.Limit, pinned+1))
	return page, older, nil
}

const selectBefore = `SELECT ` + entryColumns + ` FROM entries
	WHERE blog = $1 AND status = 'published' AND pinned = FALSE AND (published_at, number) < ($2, $3)
	ORDER BY published_at DESC, number DESC LIMIT $4`

func readBefore(ctx context.Context, tx *sql.Tx, q liveblog.PageQuery) ([]liveblog.Entry, bool, error) {
	anchor, err := readEntry(ctx, tx, q.Slug, q.Before)
	if errors.Is(err, sql.ErrNoRows) || err == nil && anchor.PublishedAt.IsZero() {
		return nil, false, noEntry("before", q.Before)
	}
	if err != nil {
		return nil, false, err
	}
	limit := max(q.Limit, 1)
	all, err := collect(ctx, tx, scanEntry, selectBefore, q.Slug, anchor.PublishedAt.UnixMicro(), anchor.Number, limit+1)
	if err != nil {
		return nil, false, err
	}
	page, older := cut(all, limit)
	return page, older, nil
}

// cut returns the first n entries and whether there were more.
func cut(all []liveblog.Entry, n int) ([]liveblog.Entry, bool) {
	if len(all) <= n {
		return all, false
	}
	return all[:n], true
}

const selectSummary = `SELECT ` + entryColumns + ` FROM entries
	WHERE blog = $1 AND status = 'published' AND summary
	ORDER BY published_at DESC, number DESC LIMIT 1`

const selectKeyEvents = `SELECT ` + entryColumns + ` FROM entries
	WHERE blog = $1 AND status = 'published' AND key_event
	ORDER BY published_at DESC, number DESC LIMIT $2`

// readHead returns the head with b, which must be the blog as tx sees it.
func readHead(ctx context.Context, tx *sql.Tx, b liveblog.Blog) (h liveblog.Head, err error) {
	h.Blog = b
	e, err := scanEntry(tx.QueryRowContext(ctx, selectSummary, b.Slug))
	switch {
	case err == nil:
		h.Summary = &e
	case !errors.Is(err, sql.ErrNoRows):
		return h, err
	}
	h.KeyEvents, err = collect(ctx, tx, scanEntry, selectKeyEvents, b.Slug, liveblog.MaxKeyEvents)
	return h, err
}
