package storetest

import (
	"cmp"
	"slices"
	"testing"

	"readout/liveblog"
)

func pageTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Empty":          testPageEmpty,
		"Order":          testPageOrder,
		"Each once":      testPagesEachOnce,
		"Anchors":        testPageAnchors,
		"Unknown anchor": testPageUnknownAnchor,
		"One":            testPageOfOne,
		"Small limits":   testPageSmallLimits,
	}
}

func testPageEmpty(t *testing.T, f *fixture) {
	f.post(t, draft)
	got := f.page(t, liveblog.PageQuery{Limit: 10})
	equal(t, "page", got, liveblog.Page{Head: liveblog.Head{Blog: f.blog}, Talks: liveblog.Fold(liveblog.Setup{}, nil)})
}

// fill adds entries for every case of the order: equal times, times in a different order from the numbers, pinned
// entries, drafts and removed entries. It returns the public entries in order.
func fill(t *testing.T, f *fixture) []liveblog.Entry {
	t.Helper()
	for i := range 40 {
		opts := []option{publishedAt((i * 7) % 11)}
		switch i % 10 {
		case 3:
			opts = append(opts, draft)
		case 5:
			opts = append(opts, keyEvent)
		case 8:
			if i < 30 {
				opts = append(opts, pinned)
			}
		}
		e := f.post(t, opts...).Entry
		if i%10 == 6 {
			f.removeAt(t, e, minute(i)) // some had been public long enough to leave a note
		}
	}
	var seen []liveblog.Entry
	all, err := f.Entries(t.Context(), slug, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.Public() {
			seen = append(seen, e)
		}
	}
	slices.SortFunc(seen, pageOrder)
	return seen
}

// pageOrder is the order that [liveblog.PageQuery] documents.
func pageOrder(a, b liveblog.Entry) int {
	if a.Pinned != b.Pinned {
		if a.Pinned {
			return -1
		}
		return 1
	}
	return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(b.Number, a.Number))
}

func testPageOrder(t *testing.T, f *fixture) {
	want := fill(t, f)
	got := f.page(t, liveblog.PageQuery{Limit: 100})
	equal(t, "entries", got.Entries, want)
	newest := slices.MaxFunc(want, func(a, b liveblog.Entry) int { return a.PublishedAt.Compare(b.PublishedAt) })
	equal(t, "newest", got.Newest, newest.PublishedAt)
	if got.Older {
		t.Error("the page with everything says that older entries follow")
	}
	for _, limit := range []int{len(want), len(want) - 1, 5} {
		got := f.page(t, liveblog.PageQuery{Limit: limit})
		equal(t, "entries", got.Entries, want[:limit])
		equal(t, "older", got.Older, limit < len(want))
	}
}

func testPagesEachOnce(t *testing.T, f *fixture) {
	want := fill(t, f)
	for limit := range len(want) + 2 {
		var got []liveblog.Entry
		q := liveblog.PageQuery{Limit: limit}
		for {
			p := f.page(t, q)
			got = append(got, p.Entries...)
			if !p.Older {
				break
			}
			if len(p.Entries) == 0 || len(got) > len(want) {
				t.Fatalf("with a limit of %d, the pages after the one before %d do not end", limit, q.Before)
			}
			q.Before = p.Entries[len(p.Entries)-1].Number
		}
		equal(t, "all pages", numbers(got), numbers(want))
	}
}

func testPageAnchors(t *testing.T, f *fixture) {
	for i := range 6 {
		f.post(t, publishedAt(i)) // numbers 1 to 6, oldest first
	}
	before := func(n int) []int { return numbers(f.page(t, liveblog.PageQuery{Before: n, Limit: 10}).Entries) }
	get := func(n int) liveblog.Entry {
		e, err := f.Entry(t.Context(), slug, n)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	equal(t, "before a public one", before(4), []int{3, 2, 1})
	f.edit(t, get(4), removed)
	equal(t, "before a tombstone", before(4), []int{3, 2, 1})
	f.edit(t, get(2), pinned)
	equal(t, "without the pinned", before(4), []int{3, 1})
	f.edit(t, get(5), pinned)
	equal(t, "before one that has been pinned", before(5), []int{3, 1})
	p := f.page(t, liveblog.PageQuery{Before: 1, Limit: 10})
	if len(p.Entries) != 0 || p.Older {
		t.Errorf("the page before the oldest holds %v", numbers(p.Entries))
	}
	equal(t, "its head", p.Head, f.page(t, liveblog.PageQuery{Limit: 1}).Head)
}

func testPageUnknownAnchor(t *testing.T, f *fixture) {
	f.post(t)
	f.post(t, draft)
	f.edit(t, f.post(t, draft).Entry, removed)
	for _, n := range []int{2, 3, 4, -1} {
		_, err := f.Page(t.Context(), liveblog.PageQuery{Slug: slug, Before: n, Limit: 10})
		wantError(t, "Page", err, liveblog.NotFound, "before")
	}
}

func testPageOfOne(t *testing.T, f *fixture) {
	key := f.post(t, keyEvent).Entry
	e := f.post(t, pinned).Entry
	got := f.page(t, liveblog.PageQuery{Number: 2})
	equal(t, "entries", got.Entries, []liveblog.Entry{e})
	equal(t, "key events", got.Head.KeyEvents, []liveblog.Entry{key})
	equal(t, "cursor", got.Head.Blog.Cursor, f.at(3))
	if got.Older {
		t.Error("the page of one entry says that older entries follow")
	}

	f.edit(t, e, removed)
	f.post(t, draft)
	f.edit(t, f.post(t, draft).Entry, removed)
	for n, code := range map[int]liveblog.Code{2: liveblog.Gone, 3: liveblog.NotFound, 4: liveblog.NotFound,
		5: liveblog.NotFound, -1: liveblog.NotFound} {
		_, err := f.Page(t.Context(), liveblog.PageQuery{Slug: slug, Number: n})
		wantError(t, "Page of one", err, code, "number")
	}
}

// The first page ends with an entry that is not pinned, so that the next page can begin after it.
func testPageSmallLimits(t *testing.T, f *fixture) {
	for i := range 3 {
		f.post(t, publishedAt(i))
	}
	equal(t, "none pinned", numbers(f.page(t, liveblog.PageQuery{Limit: 1}).Entries), []int{3})
	f.post(t, pinned, publishedAt(1))
	f.post(t, pinned, publishedAt(0))
	for limit, want := range map[int][]int{-1: {4, 5, 3}, 0: {4, 5, 3}, 1: {4, 5, 3}, 3: {4, 5, 3}, 4: {4, 5, 3, 2}} {
		p := f.page(t, liveblog.PageQuery{Limit: limit})
		equal(t, "page", numbers(p.Entries), want)
		equal(t, "older", p.Older, true)
	}
}
