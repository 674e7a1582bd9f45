package store

import (
	"testing"
	"time"

	"readout/liveblog"
)

// The migrations index and count the entries that were public before, and set a blog's ChangedAt to the latest change
// of its entries, including removed ones, or of the blog itself.
func TestMigrateOlderEntries(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + newFile(t) },
		"postgres": newPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migrateOlderEntries(t, url(t))
		})
	}
}

func migrateOlderEntries(t *testing.T, url string) {
	const entries = 2*searchBatch + 3
	day := time.Date(2025, 10, 29, 0, 0, 0, 0, time.UTC)
	s := openURL(t, url)
	addBlog(t, s, "other")
	addBlog(t, s, "summit")
	write := func(slug string, e liveblog.Entry) {
		t.Helper()
		e.Status, e.CreatedAt, e.UpdatedAt = liveblog.Published, day, day
		if _, err := s.Commit(t.Context(), liveblog.Commit{Slug: slug, Entry: e,
			Audit: liveblog.Audit{At: day}}); err != nil {
			t.Fatal(err)
		}
	}
	write("other", liveblog.Entry{Body: "Soybeans.", PublishedAt: day})
	for i := range entries {
		write("summit", liveblog.Entry{Body: "Tariffs 关税.", PublishedAt: day.Add(time.Duration(i) * time.Minute),
			KeyEvent: i%2 == 0})
	}
	mustExec(t, s.write, `UPDATE entries SET status = 'removed', updated_at = $1 WHERE blog = 'summit' AND number = 3`,
		day.Add(time.Hour).UnixMicro())
	addBlog(t, s, "empty")
	page := func(s *store) liveblog.Page {
		t.Helper()
		p, err := s.Page(t.Context(), liveblog.PageQuery{Slug: "summit", Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	counted := page(s).Activity
	undoTo(t, s.write, 5)

	s = openURL(t, url)
	q, err := liveblog.ParseSearch("tariff 关税")
	if err != nil {
		t.Fatal(err)
	}
	for slug, want := range map[string]int{"summit": entries - 1, "other": 0} {
		f, err := s.Search(t.Context(), slug, q, 0, 10*entries)
		if err != nil || len(f.Entries) != want {
			t.Errorf("%d entries of %s are found, want %d; error %v", len(f.Entries), slug, want, err)
		}
	}
	for slug, want := range map[string]time.Time{"summit": day.Add(time.Hour), "other": day, "empty": {}} {
		if b, err := s.Blog(t.Context(), slug); err != nil || !b.ChangedAt.Equal(want) {
			t.Errorf("%s was changed %v, want %v; error %v", slug, b.ChangedAt, want, err)
		}
	}
	counted[0].Entries, counted[0].KeyEvents = counted[0].Entries-1, counted[0].KeyEvents-1 // the removed entry
	got := page(s).Activity
	if len(got) != len(counted) {
		t.Fatalf("%d quarters, want %d", len(got), len(counted))
	}
	for i := range got {
		if got[i] != counted[i] {
			t.Errorf("quarter %+v, want %+v", got[i], counted[i])
		}
	}
	// Later entries are added to these counts.
	write("summit", liveblog.Entry{Body: "Tariffs.", PublishedAt: day, KeyEvent: true})
	if now := page(s).Activity[0]; now.Entries != got[0].Entries+1 || now.KeyEvents != got[0].KeyEvents+1 {
		t.Errorf("the first quarter is %+v after %+v and one more", now, got[0])
	}
}
