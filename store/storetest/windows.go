package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"readout/liveblog"
)

func windowTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Windows":         testWindows,
		"All pages":       testWindowPages,
		"Unknown anchors": testWindowAnchors,
		"Odd authors":     testWindowAuthors,
		"Neighbors":       testNeighbors,
		"From":            testFirstFrom,
		"Notes":           testNotes,
	}
}

// everPublic returns every entry of the blog that is or was public, newest first.
func everPublic(t *testing.T, f *fixture) []liveblog.Entry {
	t.Helper()
	var all []liveblog.Entry
	for n := 1; ; n++ {
		e, err := f.Entry(t.Context(), slug, n)
		if liveblog.CodeOf(err) == liveblog.NotFound {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !e.PublishedAt.IsZero() {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, byTime)
	return all
}

// removeAt removes an entry at a given time.
func (f *fixture) removeAt(t *testing.T, e liveblog.Entry, at time.Time) {
	t.Helper()
	c := revise(e, removed)
	c.Entry.UpdatedAt = at
	if _, err := f.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// byTime compares entries for the order newest first.
func byTime(a, b liveblog.Entry) int {
	return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(b.Number, a.Number))
}

// naive is a reference implementation of [liveblog.PageQuery], which searches all entries.
func naive(all []liveblog.Entry, q liveblog.PageQuery) (p liveblog.Page) {
	in := func(e liveblog.Entry) bool {
		switch {
		case !e.Public() || e.Pinned && !q.Complete():
			return false
		case q.KeyEvents:
			return e.KeyEvent
		}
		return q.Author == "" || e.Author == q.Author
	}
	var rows []liveblog.Entry
	for _, e := range all {
		if in(e) || e.Public() && e.Number == q.Around {
			rows = append(rows, e)
		}
	}
	var at liveblog.Entry
	for _, e := range all {
		if e.Number == cmp.Or(q.Before, q.After, q.Around) {
			at = e
		}
	}
	low, high := len(rows), 0 // rows[high:low] is the page
	newerThan := func() (n int) {
		for n < len(rows) && byTime(rows[n], at) < 0 {
			n++
		}
		return n
	}
	switch {
	case q.Around != 0:
		high = newerThan()
		behind := high
		if behind < len(rows) && rows[behind].Number == at.Number {
			behind++
		}
		low = min(len(rows), behind+q.Limit/2)
		high = max(0, high-q.Limit/2)
	case q.After != 0:
		low = newerThan()
		high = max(0, low-q.Limit)
	case q.Before != 0:
		for high < len(rows) && byTime(rows[high], at) <= 0 {
			high++
		}
		low = min(len(rows), high+q.Limit)
	case q.Order == liveblog.OldestFirst:
		high = max(0, low-q.Limit)
	default:
		low = min(low, q.Limit)
	}
	p.Entries = slices.Clone(rows[high:low])
	p.Newer, p.Older = high > 0 || q.Before != 0, low < len(rows) || q.After != 0
	for _, e := range all {
		if !e.LeavesNote() || q.KeyEvents || q.Author != "" {
			continue
		}
		// A note belongs to the page in whose time range it is: from after the page above down to the last row.
		above := high == 0 && q.Before == 0 || high > 0 && q.Before == 0 && byTime(rows[high], e) < 0 ||
			q.Before != 0 && byTime(at, e) < 0
		below := low == len(rows) && q.After == 0 || low < len(rows) && q.After == 0 && byTime(e, rows[low-1]) < 0 ||
			q.After != 0 && byTime(e, at) < 0
		if above && below {
			p.Removed = append(p.Removed, liveblog.Entry{Number: e.Number, Revision: e.Revision, Status: e.Status,
				PublishedAt: e.PublishedAt, UpdatedAt: e.UpdatedAt, Seq: e.Seq})
		}
	}
	if q.Order == liveblog.OldestFirst {
		slices.Reverse(p.Entries)
		slices.Reverse(p.Removed)
	}
	return p
}

func testWindows(t *testing.T, f *fixture) {
	fill(t, f)
	f.post(t, publishedAt(4), func(e *liveblog.Entry) { e.Author = "Another" })
	all := everPublic(t, f)
	var newest time.Time
	for _, e := range all {
		if e.Public() && e.PublishedAt.After(newest) {
			newest = e.PublishedAt
		}
	}
	for _, limit := range []int{2, 100} { // less than all entries, and more
		for turn, kind := range []liveblog.PageQuery{{}, {Order: liveblog.OldestFirst}, {KeyEvents: true},
			{Author: "Another"},
			{Author: all[0].Author}, {Author: all[0].Author, Order: liveblog.OldestFirst}, {Author: "nobody"}} {
			kind.Limit = limit
			var queries []liveblog.PageQuery
			if !kind.First() {
				queries = append(queries, kind)
			}
			for i, e := range all {
				if (i+turn)%2 == 1 {
					continue // use this anchor with the next kind of query
				}
				before, after, around := kind, kind, kind
				before.Before, after.After, around.Around = e.Number, e.Number, e.Number
				queries = append(queries, before, after, around)
			}
			for _, q := range queries {
				got, want := f.page(t, q), naive(all, q)
				name := fmt.Sprintf("%+v", q)
				equal(t, name, numbers(got.Entries), numbers(want.Entries))
				equal(t, name+" notes", got.Removed, want.Removed)
				equal(t, name+" newest", got.Newest, newest)
				equal(t, name+" newer, older", []bool{got.Newer, got.Older}, []bool{want.Newer, want.Older})
			}
		}
	}
}

// Clients can ask for any author. An author that cannot be stored has no entries.
func testWindowAuthors(t *testing.T, f *fixture) {
	e := f.post(t).Entry
	for _, author := range []string{"\xff", e.Author + "\x00", "\x00"} {
		for _, q := range []liveblog.PageQuery{{}, {Before: e.Number}, {After: e.Number},
			{Order: liveblog.OldestFirst}} {
			q.Author, q.Limit = author, 5
			equal(t, fmt.Sprintf("%+q", q.Author), numbers(f.page(t, q).Entries), []int{})
		}
	}
}

// Following After or Before through all pages returns each entry and each note once.
func testWindowPages(t *testing.T, f *fixture) {
	fill(t, f)
	all := everPublic(t, f)
	for _, kind := range []liveblog.PageQuery{{Order: liveblog.OldestFirst}, {KeyEvents: true}} {
		var rows, notes []liveblog.Entry
		q := kind
		q.Limit = 3
		for range len(all) {
			p := f.page(t, q)
			rows, notes = append(rows, p.Entries...), append(notes, p.Removed...)
			more := p.Older
			if q.Order == liveblog.OldestFirst {
				more = p.Newer
			}
			if !more {
				break
			}
			last := p.Entries[len(p.Entries)-1].Number
			if q.Order == liveblog.OldestFirst {
				q.After = last
			} else {
				q.Before = last
			}
		}
		kind.Limit = len(all)
		want := naive(all, kind)
		equal(t, "rows", numbers(rows), numbers(want.Entries))
		equal(t, "notes", numbers(notes), numbers(want.Removed))
	}
}

func testWindowAnchors(t *testing.T, f *fixture) {
	f.post(t)
	f.post(t, draft)
	f.edit(t, f.post(t, draft).Entry, removed)
	for _, n := range []int{2, 3, 4, -1} {
		for field, q := range map[string]liveblog.PageQuery{"before": {Before: n}, "after": {After: n},
			"around": {Around: n}} {
			q.Slug, q.Limit = slug, 10
			_, err := f.Page(t.Context(), q)
			wantError(t, "Page", err, liveblog.NotFound, field)
		}
	}
}

func testNeighbors(t *testing.T, f *fixture) {
	for i := range 5 {
		f.post(t, publishedAt(i)) // numbers 1 to 5
	}
	get := func(n int) liveblog.Entry {
		e, err := f.Entry(t.Context(), slug, n)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	f.edit(t, get(2), pinned)
	f.edit(t, get(4), removed)
	for n, want := range map[int][2]int{1: {2, 0}, 2: {3, 1}, 3: {5, 2}, 5: {0, 3}} {
		p := f.page(t, liveblog.PageQuery{Number: n})
		number := func(e *liveblog.Entry) int {
			if e == nil {
				return 0
			}
			return e.Number
		}
		equal(t, fmt.Sprint("beside ", n), [2]int{number(p.Next), number(p.Previous)}, want)
	}
}

func testFirstFrom(t *testing.T, f *fixture) {
	for i := range 4 {
		f.post(t, publishedAt(2*i)) // numbers 1 to 4
	}
	f.post(t, publishedAt(3), pinned) // 5
	f.post(t, draft)
	for from, want := range map[time.Time]int{
		minute(0): 1, minute(1): 2, minute(2): 2, minute(3): 5, minute(3).Add(time.Microsecond): 3, minute(6): 4,
		minute(7): 0, minute(-1000): 1, {}: 1,
	} {
		got, err := f.FirstFrom(t.Context(), slug, from)
		if err != nil || got != want {
			t.Errorf("from %v: %d, %v; want %d", from, got, err, want)
		}
	}
	_, err := f.FirstFrom(t.Context(), "nowhere", minute(0))
	wantError(t, "FirstFrom", err, liveblog.NotFound, "slug")
}

// A removed entry leaves a note if it had been public for over a minute. The note has none of its content.
func testNotes(t *testing.T, f *fixture) {
	for i, after := range []time.Duration{time.Minute, time.Minute + time.Microsecond} {
		e := f.post(t, publishedAt(i)).Entry
		f.removeAt(t, e, e.PublishedAt.Add(after))
		equal(t, fmt.Sprint("notes after ", after), len(f.page(t, liveblog.PageQuery{Limit: 5}).Removed), i)
	}
	p := f.page(t, liveblog.PageQuery{Limit: 5})
	if len(p.Removed) != 1 || !p.Removed[0].LeavesNote() || p.Removed[0].Body != "" || p.Removed[0].Author != "" {
		t.Errorf("notes: %+v", p.Removed)
	}
	if len(p.Entries) != 0 || p.Older {
		t.Error("a note counts as an entry")
	}
}
