package store

import (
	"context"
	"database/sql"

	"readout/liveblog"
)

const selectChanged = `SELECT ` + entryColumns + ` FROM entries
	WHERE blog = $1 AND seq > $2 ORDER BY seq LIMIT $3`

// ChangesAfter implements [liveblog.LogStore].
func (s *store) ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (liveblog.Changes, error) {
	return view(ctx, s, "read changes", func(tx *sql.Tx) (c liveblog.Changes, err error) {
		b, err := readBlog(ctx, tx, slug)
		if err != nil {
			return c, err
		}
		c.Cursor, c.Blog = b.Cursor, b.Blog
		if after == b.Cursor {
			return c, nil
		}
		if after.Epoch != b.Cursor.Epoch || after.Seq > b.Cursor.Seq {
			c.Reload = true
			return c, nil
		}
		// One more than the limit tells that there are too many, without reading how many.
		entries, err := collect(ctx, tx, scanEntry, selectChanged, slug, after.Seq, max(limit, 0)+1)
		if err != nil {
			return c, err
		}
		things := len(entries)
		if b.headSeq > after.Seq {
			things++
		}
		if things > limit {
			c.Reload = true
			return c, nil
		}
		c.List, err = merge(ctx, tx, b, entries, after.Seq)
		return c, err
	})
}

// merge puts the head, where it changed after seq, to its place among the entries.
func merge(ctx context.Context, tx *sql.Tx, b blogRow, entries []liveblog.Entry, seq int64) ([]liveblog.Change, error) {
	list := make([]liveblog.Change, 0, len(entries)+1)
	at := func(seq int64) liveblog.Cursor { return liveblog.Cursor{Epoch: b.Cursor.Epoch, Seq: seq} }
	var head *liveblog.Change
	if b.headSeq > seq {
		h, err := readHead(ctx, tx, b.Blog)
		if err != nil {
			return nil, err
		}
		head = &liveblog.Change{Cursor: at(b.headSeq), Head: &h}
	}
	for i := range entries {
		e := &entries[i]
		if head != nil && b.headSeq < e.Seq {
			list, head = append(list, *head), nil
		}
		list = append(list, liveblog.Change{Cursor: at(e.Seq), Entry: e})
	}
	if head != nil {
		list = append(list, *head)
	}
	return list, nil
}
