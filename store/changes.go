package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"readout/liveblog"
)

const selectChanged = `SELECT ` + entryColumns + ` FROM entries
	WHERE blog = $1 AND seq > $2 ORDER BY seq LIMIT $3`

// ChangesAfter implements [liveblog.ReadStore].
func (s *store) ChangesAfter(
	ctx context.Context, slug string, after liveblog.Cursor, limit int,
) (liveblog.Changes, error) {
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
			c.Talks, err = s.currentTalks(ctx, tx, b)
			return c, err
		}
		// One row more than the limit shows that there are too many, without reading all of them.
		entries, err := collect(ctx, tx, scanEntry, selectChanged, slug, after.Seq, max(limit, 0)+1)
		if err != nil {
			return c, err
		}
		things := len(entries)
		if b.headSeq > after.Seq {
			things++
		}
		if b.talksSeq > after.Seq {
			things++
		}
		if things > limit {
			c.Reload = true
			c.Talks, err = s.currentTalks(ctx, tx, b)
			return c, err
		}
		c.List, err = s.merge(ctx, tx, b, entries, after.Seq)
		return c, err
	})
}

// merge returns the changes of the entries, and those of the head and the talks if they changed after seq, in log
// order.
func (s *store) merge(
	ctx context.Context, tx *sql.Tx, b blogRow, entries []liveblog.Entry, seq int64,
) ([]liveblog.Change, error) {
	at := func(seq int64) liveblog.Cursor { return liveblog.Cursor{Epoch: b.Cursor.Epoch, Seq: seq} }
	list := make([]liveblog.Change, 0, len(entries)+2)
	for i := range entries {
		list = append(list, liveblog.Change{Cursor: at(entries[i].Seq), Entry: &entries[i]})
	}
	if b.headSeq > seq {
		head, err := readHead(ctx, tx, b.Blog)
		if err != nil {
			return nil, err
		}
		list = append(list, liveblog.Change{Cursor: at(b.headSeq), Head: &head})
	}
	if b.talksSeq > seq {
		talks, err := s.currentTalks(ctx, tx, b)
		if err != nil {
			return nil, err
		}
		list = append(list, liveblog.Change{Cursor: at(b.talksSeq), Talks: &talks})
	}
	slices.SortFunc(list, func(a, b liveblog.Change) int { return cmp.Compare(a.Cursor.Seq, b.Cursor.Seq) })
	return list, nil
}
