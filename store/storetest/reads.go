package storetest

import (
	"fmt"
	"testing"

	"readout/liveblog"
)

func readTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Entry":           testEntry,
		"Before":          testBefore,
		"Revisions":       testRevisions,
		"Entries":         testEntries,
		"Reads own write": testReadsOwnWrite,
	}
}

func testEntry(t *testing.T, f *fixture) {
	for _, e := range []liveblog.Entry{f.post(t).Entry, f.post(t, draft).Entry,
		f.edit(t, f.post(t).Entry, removed).Entry} {
		got, err := f.Entry(t.Context(), slug, e.Number)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "entry", got, e)
	}
	for _, n := range []int{0, 4, -1} {
		_, err := f.Entry(t.Context(), slug, n)
		wantError(t, "Entry", err, liveblog.NotFound, "number")
	}
}

// testBefore: Before returns the same entry as Entry, and the setup; number 0 is not an error.
func testBefore(t *testing.T, f *fixture) {
	setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}}}
	if _, _, err := f.UpdateSetup(t.Context(), slug, setup, audit(1, "blog.setup")); err != nil {
		t.Fatal(err)
	}
	blog, setup, _, err := f.Statements(t.Context(), slug)
	if err != nil || len(setup.Tracks) != 1 {
		t.Fatal(setup, err)
	}
	none, err := f.Before(t.Context(), slug, 0)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "members", none.Members, []string{})
	none.Members = nil
	equal(t, "before a new entry", none, liveblog.Before{Blog: blog, Setup: setup})
	f.createBlog(t, "other")
	f.member(t, "u_everywhere", liveblog.Contributor, nil)
	f.member(t, "u_here", "", map[string]liveblog.Role{slug: liveblog.Editor, "other": liveblog.Viewer})
	f.member(t, "u_there", "", map[string]liveblog.Role{"other": liveblog.Editor})
	f.member(t, "u_viewer", liveblog.Viewer, nil)
	some, err := f.Before(t.Context(), slug, 0)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "those who may write", some.Members, []string{"Name u_everywhere", "Name u_here"})
	for _, e := range []liveblog.Entry{f.post(t).Entry, f.post(t, draft).Entry,
		f.edit(t, f.post(t).Entry, removed).Entry} {
		got, err := f.Before(t.Context(), slug, e.Number)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "entry", got.Entry, e)
	}
	for _, n := range []int{4, -1} {
		_, err := f.Before(t.Context(), slug, n)
		wantError(t, "Before", err, liveblog.NotFound, "number")
	}
}

func testRevisions(t *testing.T, f *fixture) {
	want := []liveblog.Entry{f.post(t, draft).Entry}
	for _, change := range []option{body("Two."), published(5), body("Four."), keyEvent, removed} {
		want = append([]liveblog.Entry{f.edit(t, want[0], change).Entry}, want...)
		got, err := f.Revisions(t.Context(), slug, 1, 0, everything)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "revisions", got, want)
	}
	for before := range len(want) + 3 {
		for limit := range len(want) + 2 {
			rest := want
			if before > 0 {
				rest = want[max(0, len(want)+1-before):]
			}
			got, err := f.Revisions(t.Context(), slug, 1, before, limit)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, fmt.Sprintf("%d revisions below %d", limit, before), got,
				append([]liveblog.Entry(nil), rest[:min(limit, len(rest))]...))
		}
	}
	f.post(t)
	for _, n := range []int{0, 3, -1} {
		_, err := f.Revisions(t.Context(), slug, n, 0, everything)
		wantError(t, "Revisions", err, liveblog.NotFound, "number")
	}
}

func testEntries(t *testing.T, f *fixture) {
	none, err := f.Entries(t.Context(), slug, 0, 10)
	if err != nil || len(none) != 0 {
		t.Errorf("an empty blog has entries %v, error %v", none, err)
	}
	for i := range 9 {
		opts := []option{publishedAt(-i)}
		if i%2 == 1 {
			opts = []option{draft}
		}
		f.post(t, opts...)
	}
	for _, n := range []int{3, 4, 9} { // 3 and 9 were public, 4 a draft
		e, err := f.Entry(t.Context(), slug, n)
		if err != nil {
			t.Fatal(err)
		}
		f.edit(t, e, removed)
	}
	for _, c := range []struct {
		before, limit int
		want          []int
	}{
		{0, 10, []int{8, 7, 6, 5, 2, 1}},
		{0, 6, []int{8, 7, 6, 5, 2, 1}},
		{0, 2, []int{8, 7}},
		{7, 2, []int{6, 5}},
		{5, 2, []int{2, 1}},
		{3, 10, []int{2, 1}}, // before a removed one
		{100, 1, []int{8}},
		{1, 10, []int{}},
		{0, 0, []int{}},
		{0, -1, []int{}},
	} {
		got, err := f.Entries(t.Context(), slug, c.before, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "Entries", numbers(got), c.want)
		for _, e := range got {
			one, err := f.Entry(t.Context(), slug, e.Number)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "an entry of the list", e, one)
		}
	}
}

// A read that begins after a write has returned sees it, on every connection.
func testReadsOwnWrite(t *testing.T, f *fixture) {
	for range 50 {
		e := f.post(t, body("One.")).Entry
		equal(t, "cursor", f.cursor(t), f.at(e.Seq))
		e = f.edit(t, e, body("Two.")).Entry
		got, err := f.Entry(t.Context(), slug, e.Number)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "revision", got.Revision, 2)
		equal(t, "changes", steps(f.changes(t, e.Seq-1, 10).List),
			steps([]liveblog.Change{{Cursor: f.at(e.Seq), Entry: &e}}))
		equal(t, "page", f.page(t, liveblog.PageQuery{Number: e.Number}).Entries, []liveblog.Entry{e})
	}
}
