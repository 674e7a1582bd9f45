package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"time"

	"readout/liveblog"
)

// Page implements [liveblog.ReadStore].
func (s *store) Page(ctx context.Context, q liveblog.PageQuery) (liveblog.Page, error) {
	return view(ctx, s, "read page", func(tx *sql.Tx) (p liveblog.Page, err error) {
		b, err := readBlog(ctx, tx, q.Slug)
		if err != nil {
			return p, err
		}
		switch {
		case q.Number != 0:
			err = readOne(ctx, tx, q, &p)
		case q.First():
			err = readFirst(ctx, tx, q, &p)
		default:
			err = readWindow(ctx, tx, q, &p)
		}
		if err != nil {
			return p, err
		}
		if p.Head, err = readHead(ctx, tx, b.Blog); err != nil {
			return p, err
		}
		if q.Number == 0 && q.First() {
			if p.Activity, err = readActivity(ctx, tx, q.Slug); err != nil {
				return p, err
			}
		}
		p.Talks, err = s.currentTalks(ctx, tx, b)
		return p, err
	})
}

// position is the position of an entry in the stream, which is ordered by publication time and number.
type position struct {
	micros int64
	number int
}

func positionOf(e liveblog.Entry) position { return position{e.PublishedAt.UnixMicro(), e.Number} }

// Positions before and after every entry.
var (
	oldest = position{math.MinInt64, 0}
	newest = position{math.MaxInt64, math.MaxInt64}
)

func readOne(ctx context.Context, tx *sql.Tx, q liveblog.PageQuery, p *liveblog.Page) error {
	e, err := readEntry(ctx, tx, q.Slug, q.Number)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && !e.Public() && e.PublishedAt.IsZero():
		return noEntry("number", q.Number)
	case err != nil:
		return err
	case !e.Public():
		return liveblog.FieldErrorf(liveblog.Gone, "number", "Entry %d has been removed.", q.Number)
	}
	p.Entries = []liveblog.Entry{e}
	w := window{slug: q.Slug, filter: everyEntry}
	for _, side := range []struct {
		direction
		into **liveblog.Entry
	}{{newer, &p.Next}, {older, &p.Previous}} {
		beside, err := w.read(ctx, tx, side.direction, positionOf(e), 1)
		if err != nil {
			return err
		}
		if len(beside) > 0 {
			*side.into = &beside[0]
		}
	}
	return nil
}

const selectFirst = `SELECT ` + entryColumns + ` FROM entries
	WHERE blog = $1 AND status = 'published'
	ORDER BY pinned DESC, published_at DESC, number DESC LIMIT $2`

// readFirst returns every pinned entry and at least one other, whatever the limit. The next page begins after the last
// entry by time, and a pinned entry cannot be that one, since it is not shown at its own time.
func readFirst(ctx context.Context, tx *sql.Tx, q liveblog.PageQuery, p *liveblog.Page) error {
	most := max(q.Limit, liveblog.MaxPinned+1)
	all, err := collect(ctx, tx, scanEntry, selectFirst, q.Slug, most+1)
	if err != nil {
		return err
	}
	above := 0
	for above < len(all) && all[above].Pinned {
		above++
	}
	p.Entries, p.Older = cut(all, max(q.Limit, above+1))
	for _, e := range p.Entries {
		if e.PublishedAt.After(p.Newest) {
			p.Newest = e.PublishedAt
		}
	}
	down := oldest
	if p.Older {
		down = positionOf(p.Entries[len(p.Entries)-1])
	}
	p.Removed, err = readNotes(ctx, tx, q.Slug, down, newest)
	return err
}

// direction is a direction in the stream.
type direction bool

const (
	newer direction = true
	older direction = false
)

// filter is an SQL condition that selects the entries of a window; each is covered by an index.
type filter string

const (
	unpinned   filter = `pinned = FALSE`
	pinned     filter = `pinned = TRUE`
	everyEntry filter = `` // read as two windows, unpinned and pinned, since the index begins with the column pinned
	keyEvents  filter = `key_event`
	byAuthor   filter = `author = $5`
)

// window is the part of the stream that a filter selects.
type window struct {
	slug   string
	filter filter
	author string // for byAuthor
}

// query selects the entries beyond a position, the nearest first.
func (f filter) query(d direction) string {
	text := `SELECT ` + entryColumns + ` FROM entries
	WHERE blog = $1 AND status = 'published' AND ` + string(f)
	if d == newer {
		return text + ` AND (published_at, number) > ($2, $3)
	ORDER BY published_at, number LIMIT $4`
	}
	return text + ` AND (published_at, number) < ($2, $3)
	ORDER BY published_at DESC, number DESC LIMIT $4`
}

// read returns at most n entries beyond a position, the nearest first.
func (w window) read(ctx context.Context, tx *sql.Tx, to direction, from position, n int) ([]liveblog.Entry, error) {
	if w.filter == everyEntry {
		return w.readEvery(ctx, tx, to, from, n)
	}
	args := []any{w.slug, from.micros, from.number, n}
	if w.filter == byAuthor {
		if !storable(w.author) {
			return nil, nil
		}
		args = append(args, w.author)
	}
	return collect(ctx, tx, scanEntry, w.filter.query(to), args...)
}

func (w window) readEvery(
	ctx context.Context, tx *sql.Tx, to direction, from position, n int,
) ([]liveblog.Entry, error) {
	var all []liveblog.Entry
	for _, w.filter = range []filter{unpinned, pinned} {
		some, err := w.read(ctx, tx, to, from, n)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b liveblog.Entry) int {
		if to == older {
			a, b = b, a
		}
		return cmp.Or(a.PublishedAt.Compare(b.PublishedAt), cmp.Compare(a.Number, b.Number))
	})
	all, _ = cut(all, n)
	return all, nil
}

// beyond reports whether the window has an entry beyond a position.
func (w window) beyond(ctx context.Context, tx *sql.Tx, to direction, from position) (bool, error) {
	all, err := w.read(ctx, tx, to, from, 1)
	return len(all) > 0, err
}

// readWindow reads every page but the first one.
func readWindow(ctx context.Context, tx *sql.Tx, q liveblog.PageQuery, p *liveblog.Page) error {
	w := window{slug: q.Slug, filter: unpinned}
	switch {
	case q.KeyEvents:
		w.filter = keyEvents
	case q.Author != "":
		w.filter, w.author = byAuthor, q.Author
	case q.ByTime, q.Order == liveblog.OldestFirst:
		w.filter = everyEntry
	}
	limit := max(q.Limit, 1)
	var low, high position // the bounds of this page
	var err error
	switch {
	case q.Around != 0:
		low, high, err = w.around(ctx, tx, q, limit, p)
	case q.After != 0 || q.Order == liveblog.OldestFirst && q.Before == 0:
		from := oldest
		if q.After != 0 {
			if from, err = anchor(ctx, tx, q.Slug, "after", q.After); err != nil {
				return err
			}
		}
		low = from
		high, err = w.page(ctx, tx, newer, from, limit, p)
	default:
		from := newest
		if q.Before != 0 {
			if from, err = anchor(ctx, tx, q.Slug, "before", q.Before); err != nil {
				return err
			}
		}
		high = from
		low, err = w.page(ctx, tx, older, from, limit, p)
	}
	if err != nil {
		return err
	}
	if p.Newest, err = readNewest(ctx, tx, q.Slug); err != nil {
		return err
	}
	if w.filter == unpinned || w.filter == everyEntry {
		if p.Removed, err = readNotes(ctx, tx, q.Slug, low, high); err != nil {
			return err
		}
	}
	if q.Order == liveblog.OldestFirst {
		slices.Reverse(p.Entries)
		slices.Reverse(p.Removed)
	}
	return nil
}

// readNewest returns when the newest entry was published; the zero time where there is none.
func readNewest(ctx context.Context, tx *sql.Tx, slug string) (at time.Time, err error) {
	all, err := window{slug: slug, filter: everyEntry}.read(ctx, tx, older, newest, 1)
	if len(all) > 0 {
		at = all[0].PublishedAt
	}
	return at, err
}

// page reads the page that begins at a position into p, newest first. It returns the position of the page's last entry,
// or one beyond every entry if no other page follows.
func (w window) page(
	ctx context.Context, tx *sql.Tx, to direction, from position, limit int, p *liveblog.Page,
) (end position, err error) {
	all, err := w.read(ctx, tx, to, from, limit+1)
	if err != nil {
		return end, err
	}
	all, more := cut(all, limit)
	behind, err := w.beyond(ctx, tx, !to, from)
	if err != nil {
		return end, err
	}
	// The entry at the position itself belongs to the page before as well.
	behind = behind || from != oldest && from != newest
	end = oldest
	if to == newer {
		end = newest
	}
	if more {
		end = positionOf(all[len(all)-1])
	}
	p.Newer, p.Older = behind, more
	if to == newer {
		p.Newer, p.Older = more, behind
		slices.Reverse(all)
	}
	p.Entries = all
	return end, nil
}

// around reads half a page on both sides of an entry, and the entry itself if it is public.
func (w window) around(
	ctx context.Context, tx *sql.Tx, q liveblog.PageQuery, limit int, p *liveblog.Page,
) (low, high position, err error) {
	low, high = oldest, newest
	middle, err := readEntry(ctx, tx, q.Slug, q.Around)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return low, high, err
	}
	if err != nil || middle.PublishedAt.IsZero() {
		return low, high, noEntry("around", q.Around)
	}
	half := max(limit/2, 1)
	above, err := w.read(ctx, tx, newer, positionOf(middle), half+1)
	if err != nil {
		return low, high, err
	}
	below, err := w.read(ctx, tx, older, positionOf(middle), half+1)
	if err != nil {
		return low, high, err
	}
	above, p.Newer = cut(above, half)
	below, p.Older = cut(below, half)
	slices.Reverse(above)
	if middle.Public() {
		above = append(above, middle)
	}
	p.Entries = append(above, below...)
	if p.Newer {
		high = positionOf(p.Entries[0])
	}
	if p.Older {
		low = positionOf(p.Entries[len(p.Entries)-1])
	}
	return low, high, nil
}

// anchor returns the position of an entry that is or was public.
func anchor(ctx context.Context, tx *sql.Tx, slug, field string, number int) (position, error) {
	e, err := readEntry(ctx, tx, slug, number)
	if errors.Is(err, sql.ErrNoRows) || err == nil && e.PublishedAt.IsZero() {
		return position{}, noEntry(field, number)
	}
	return positionOf(e), err
}

const selectNotes = `SELECT ` + entryColumns + ` FROM entries
	WHERE blog = $1 AND status = 'removed' AND updated_at - published_at > 60000000
		AND (published_at, number) > ($2, $3) AND (published_at, number) < ($4, $5)
	ORDER BY published_at DESC, number DESC LIMIT $6`

// readNotes returns the removed entries between two positions that leave a note, without their content.
func readNotes(ctx context.Context, tx *sql.Tx, slug string, low, high position) ([]liveblog.Entry, error) {
	all, err := collect(ctx, tx, scanEntry, selectNotes, slug,
		low.micros, low.number, high.micros, high.number, liveblog.MaxNotes)
	for i, e := range all {
		all[i] = liveblog.Entry{
			Number: e.Number, Revision: e.Revision, Status: e.Status,
			PublishedAt: e.PublishedAt, UpdatedAt: e.UpdatedAt, Seq: e.Seq,
		}
	}
	return all, err
}

// FirstFrom implements [liveblog.ReadStore].
func (s *store) FirstFrom(ctx context.Context, slug string, from time.Time) (int, error) {
	return view(ctx, s, "find an entry by time", func(tx *sql.Tx) (number int, err error) {
		if _, err := readBlog(ctx, tx, slug); err != nil {
			return 0, err
		}
		all, err := window{slug: slug, filter: everyEntry}.read(ctx, tx, newer, position{from.UnixMicro(), 0}, 1)
		if len(all) > 0 {
			number = all[0].Number
		}
		return number, err
	})
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

// readHead returns the head of b, which must be the blog as tx sees it.
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
