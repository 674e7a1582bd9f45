package storetest

import (
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

func coverageTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Addresses": testAddresses,
		"Coverage":  testCoverage,
	}
}

func testAddresses(t *testing.T, f *fixture) {
	other := f.createBlog(t, "other")
	for i := range 5 {
		f.post(t, publishedAt(i)) // numbers 1 to 5
	}
	f.post(t, draft)
	e := f.post(t, publishedAt(9), pinned, body(strings.Repeat("é", 700))).Entry // 7
	gone := f.post(t, publishedAt(10)).Entry
	f.edit(t, gone, removed)
	if _, err := f.Commit(t.Context(), liveblog.Commit{Slug: other.Slug, Entry: newEntry(publishedAt(3)),
		Audit: audit(1, "entry.post")}); err != nil {
		t.Fatal(err)
	}
	list := func(since time.Time, limit int) (names []string) {
		t.Helper()
		all, err := f.Addresses(t.Context(), since, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			names = append(names, a.Slug+string(rune('0'+a.Number)))
		}
		return names
	}
	equal(t, "all", list(minute(-100), 100), []string{"summit7", "summit5", "other1", "summit4", "summit3", "summit2",
		"summit1"})
	equal(t, "since", list(minute(3), 100), []string{"summit7", "summit5", "other1", "summit4"})
	equal(t, "limit", list(minute(3), 2), []string{"summit7", "summit5"})
	all, err := f.Addresses(t.Context(), minute(9), 1)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "one", all, []liveblog.Address{{Slug: slug, Language: "en", Number: 7, Headline: e.Headline,
		Beginning: strings.Repeat("é", 600), PublishedAt: e.PublishedAt, UpdatedAt: e.UpdatedAt}})
}

// The start and the end of the coverage are the times of the events, and later writes do not change them.
func testCoverage(t *testing.T, f *fixture) {
	b := newBlog("fresh")
	b.Status = liveblog.Upcoming
	if _, err := f.CreateBlog(t.Context(), b, audit(0, "blog.create")); err != nil {
		t.Fatal(err)
	}
	check := func(what string, started, ended time.Time) {
		t.Helper()
		got, err := f.Blog(t.Context(), "fresh")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, what, [2]time.Time{got.StartedAt, got.EndedAt}, [2]time.Time{started, ended})
	}
	status := func(s liveblog.BlogStatus, at int) {
		t.Helper()
		a := audit(at, "blog.update")
		if _, _, err := f.UpdateBlog(t.Context(), "fresh", liveblog.BlogPatch{Status: &s}, a); err != nil {
			t.Fatal(err)
		}
	}
	post := func(at int) {
		t.Helper()
		if _, err := f.Commit(t.Context(), liveblog.Commit{Slug: "fresh", Entry: newEntry(publishedAt(at)),
			Audit: audit(at, "entry.post")}); err != nil {
			t.Fatal(err)
		}
	}
	check("upcoming", time.Time{}, time.Time{})
	post(7)
	check("a first entry", minute(7), time.Time{})
	status(liveblog.Live, 8)
	post(9)
	check("live", minute(7), time.Time{})
	post(3)
	check("an older entry", minute(3), time.Time{})
	status(liveblog.Ended, 20)
	check("ended", minute(3), minute(20))
	title := "Another"
	if _, _, err := f.UpdateBlog(t.Context(), "fresh", liveblog.BlogPatch{Title: &title},
		audit(30, "blog.update")); err != nil {
		t.Fatal(err)
	}
	check("retitled", minute(3), minute(20))
	status(liveblog.Live, 40)
	check("taken up", minute(3), time.Time{})
}
