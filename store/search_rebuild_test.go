package store

import (
	"slices"
	"testing"
	"time"

	"readout/liveblog"
)

// A database of schema 10 has an index with the forms of words at that time. Opening it puts the forms of this program
// in their place. It fails if the step does not fill the index, keeps words of before, stops after a batch, or adds
// entries that are not public.
func TestRebuildSearchIndex(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + newFile(t) },
		"postgres": newPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := url(t)
			s := openURL(t, url)
			addBlog(t, s, "summit")
			at := time.Date(2025, 10, 29, 0, 0, 0, 0, time.UTC)
			last := searchBatch + 2
			for i := range last {
				e := liveblog.Entry{Body: "ประชุมที่กรุงเทพมหานคร", Status: liveblog.Published,
					CreatedAt: at, UpdatedAt: at, PublishedAt: at.Add(time.Duration(i) * time.Second)}
				if i == 0 {
					e.Status, e.PublishedAt = liveblog.Draft, time.Time{}
				}
				if _, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e,
					Audit: liveblog.Audit{At: at}}); err != nil {
					t.Fatal(err)
				}
			}
			age(t, s)

			s = openURL(t, url)
			if got := foundIn(t, s, "กรุงเทพ"); len(got) != last-1 || got[0] != last || slices.Contains(got, 1) {
				t.Errorf("%d entries are found, want %d: %v", len(got), last-1, got)
			}
			if got := foundIn(t, s, "obsolete"); len(got) != 0 {
				t.Errorf("words of before still find %v", got)
			}
		})
	}
}

// A node of the older version removes an entry while another migrates. It fails if the migration does not lock what it
// reads: then the removed entry would be found again.
func TestRebuildSearchIndexBesideOlderNode(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	s := openURL(t, url)
	addBlog(t, s, "summit")
	for range 3 {
		if _, err := post(t.Context(), s, "summit", "Soybeans."); err != nil {
			t.Fatal(err)
		}
	}
	age(t, s)
	older, err := rawPostgres(t, url).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer older.Rollback()
	for _, change := range []string{`UPDATE entries SET status = 'removed' WHERE number = 2`,
		`DELETE FROM search_entries WHERE entry_number = 2`} {
		if _, err := older.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	migrated := make(chan error, 1)
	go func() {
		_, err := Migrate(t.Context(), url)
		migrated <- err
	}()
	waitForLock(t, s.read)
	if err := older.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Fatal(err)
	}
	if got := foundIn(t, s, "soybeans"); len(got) != 2 || slices.Contains(got, 2) {
		t.Errorf("entries %v are found, want 1 and 3", got)
	}
}

// age turns a database into one of schema 10, whose index has other words.
func age(t *testing.T, s *store) {
	t.Helper()
	tx, err := s.write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	all, err := collect(t.Context(), tx, scanEntry, `SELECT `+entryColumns+` FROM entries WHERE status = 'published'`)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		in := indexedOf(e)
		in.Indexed = liveblog.Indexed{Words: " obsolete "}
		if err := s.engine.words.put(t.Context(), tx, "summit", in); err != nil {
			t.Fatal(err)
		}
	}
	undoTo(t, tx, 10)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// foundIn returns the numbers of all entries that a query finds.
func foundIn(t *testing.T, s *store, text string) (numbers []int) {
	t.Helper()
	q, err := liveblog.ParseSearch(text)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Search(t.Context(), "summit", q, 0, 10*searchBatch)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	for _, e := range f.Entries {
		numbers = append(numbers, e.Number)
	}
	return numbers
}
