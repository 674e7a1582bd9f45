package storetest

import (
	"testing"

	"readout/liveblog"
)

func changesTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"None":                  testChangesNone,
		"As they are committed": testChangesAsCommitted,
		"Collapsed":             testChangesCollapsed,
		"Head":                  testChangesHead,
		"Unseen":                testChangesUnseen,
		"Limit":                 testChangesLimit,
		"Reload":                testChangesReload,
	}
}

func testChangesNone(t *testing.T, f *fixture) {
	equal(t, "of a new blog", f.changes(t, 0, 10), liveblog.Changes{Cursor: f.at(0), Blog: f.blog})
	f.post(t)
	b, err := f.Blog(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "at the end", f.changes(t, 1, 0), liveblog.Changes{Cursor: f.at(1), Blog: b})
}

// The log that is read after several commits has the changes that the commits returned.
func testChangesAsCommitted(t *testing.T, f *fixture) {
	f.post(t, keyEvent)
	check := func(done liveblog.Committed) {
		t.Helper()
		from := done.Changes[0].Cursor.Seq - 1
		got := f.changes(t, from, 10)
		equal(t, "changes", got.List, done.Changes)
		equal(t, "cursor", got.Cursor, done.Changes[len(done.Changes)-1].Cursor)
	}
	e := f.post(t)
	check(e)
	e = f.edit(t, e.Entry, keyEvent)
	check(e)
	e = f.edit(t, e.Entry, body("Three."))
	check(e)
	check(f.edit(t, e.Entry, removed))
}

func testChangesCollapsed(t *testing.T, f *fixture) {
	one := f.post(t).Entry                 // 1
	two := f.post(t).Entry                 // 2
	one = f.edit(t, one, body("1.")).Entry // 3
	three := f.post(t).Entry               // 4
	f.edit(t, two, removed)                // 5
	one = f.edit(t, one, body("1!")).Entry // 6
	for after, want := range map[int64][]string{
		0: {"4:3@1", "5:2@2", "6:1@3"},
		3: {"4:3@1", "5:2@2", "6:1@3"},
		4: {"5:2@2", "6:1@3"},
		5: {"6:1@3"},
		6: {},
	} {
		c := f.changes(t, after, 3)
		equal(t, "changes", steps(c.List), want)
		equal(t, "cursor", c.Cursor, f.at(6))
		equal(t, "the blog's cursor", c.Blog.Cursor, f.at(6))
	}
	list := f.changes(t, 0, 3).List
	equal(t, "entry as it is", *list[0].Entry, three)
	equal(t, "tombstone", list[1].Entry.Status, liveblog.Removed)
	equal(t, "entry in its newest state", *list[2].Entry, one)
}

func testChangesHead(t *testing.T, f *fixture) {
	f.post(t)           // 1
	f.post(t, keyEvent) // 2 and 3
	f.post(t)           // 4
	update := func(title string) liveblog.Blog {
		b, _, err := f.UpdateBlog(t.Context(), slug, liveblog.BlogPatch{Title: &title}, audit(2, "blog.update"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	equal(t, "between", steps(f.changes(t, 0, 10).List), []string{"1:1@1", "2:2@1", "3:head", "4:3@1"})
	update("Two") // 5
	f.post(t)     // 6
	equal(t, "once", steps(f.changes(t, 0, 10).List), []string{"1:1@1", "2:2@1", "4:3@1", "5:head", "6:4@1"})
	b := update("Three") // 7
	got := f.changes(t, 5, 10)
	equal(t, "last", steps(got.List), []string{"6:4@1", "7:head"})
	equal(t, "the head's blog", got.List[1].Head.Blog, b)
	equal(t, "the blog", got.Blog, b)
	equal(t, "the head", *got.List[1].Head, f.page(t, liveblog.PageQuery{Limit: 1}).Head)
	equal(t, "alone", steps(f.changes(t, 6, 1).List), []string{"7:head"})
}

// The log has neither entries that were never public nor their tombstones.
func testChangesUnseen(t *testing.T, f *fixture) {
	e := f.post(t, draft, keyEvent).Entry
	f.edit(t, e, removed)
	f.edit(t, f.post(t, draft).Entry, body("Still a draft."))
	equal(t, "changes", f.changes(t, 0, 10), liveblog.Changes{Cursor: f.at(0), Blog: f.blog})
}

func testChangesLimit(t *testing.T, f *fixture) {
	for range 3 {
		f.post(t)
	}
	f.post(t, keyEvent) // in all 4 entries and the head
	for _, c := range []struct {
		after  int64
		limit  int
		reload bool
	}{{0, 5, false}, {0, 6, false}, {0, 4, true}, {1, 4, false}, {1, 3, true}, {4, 1, false}, {4, 0, true},
		{4, -1, true}, {5, 0, false}} {
		got := f.changes(t, c.after, c.limit)
		equal(t, "reload", got.Reload, c.reload)
		if got.Reload && len(got.List) != 0 {
			t.Errorf("a reload carries %v", steps(got.List))
		}
		equal(t, "cursor", got.Cursor, f.at(5))
		equal(t, "the blog's cursor", got.Blog.Cursor, f.at(5))
	}
}

func testChangesReload(t *testing.T, f *fixture) {
	f.post(t)
	other := f.createBlog(t, "other")
	b, err := f.Blog(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	for name, after := range map[string]liveblog.Cursor{
		"zero":          {},
		"another epoch": {Epoch: other.Cursor.Epoch, Seq: 1},
		"ahead":         f.at(2),
		"far ahead":     f.at(1 << 62),
	} {
		got, err := f.ChangesAfter(t.Context(), slug, after, 10)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, name, got, liveblog.Changes{Cursor: f.at(1), Blog: b, Reload: true,
			Talks: liveblog.Fold(liveblog.Setup{}, nil)})
	}
}
