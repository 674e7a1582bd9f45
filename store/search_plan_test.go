package store

import (
	"strings"
	"testing"
)

// A search reads matches from the index, newest first, and looks up each entry by its key. Nothing is sorted, so it
// reads only the matches of the page.
func TestSearchPlan(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	plan := steps(t, s, selectFound, `words : "talks"`, 1, 21)
	parts := strings.Split(plan, "; ")
	if len(parts) != 3 || !strings.HasPrefix(parts[0], "SCAN search_words VIRTUAL TABLE INDEX ") ||
		parts[1] != "SEARCH search_entries USING INTEGER PRIMARY KEY (rowid=?)" ||
		!strings.HasPrefix(parts[2], "SEARCH entries USING INDEX ") ||
		!strings.HasSuffix(parts[2], " (blog=? AND number=?)") {
		t.Errorf("the plan is %q", plan)
	}
}

// On PostgreSQL the newest entries are scanned in order, and matches in all entries are found with the index of words.
func TestPostgresSearchPlans(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	s := openURL(t, url)
	addBlog(t, s, "summit")
	mustExec(t, s.write, `INSERT INTO entries (blog, `+entryColumns+`)
		SELECT 'summit', n, 1, '', repeat('x', 600), '', '', '', FALSE, FALSE, FALSE, 'published', n, n, n, n, '', '',
			CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), ''
		FROM generate_series(1, 10000) AS n`)
	mustExec(t, s.write, `INSERT INTO search_entries (entry_blog, entry_number, published, words, plain)
		SELECT 'summit', n, n, CAST('''=summit'' ''word' || n % 1000 || '''' AS TSVECTOR), repeat('x', 600)
		FROM generate_series(1, 10000) AS n`)
	mustExec(t, rawPostgres(t, url), `ANALYZE entries; ANALYZE search_entries`)
	for _, c := range []struct {
		query, index string
		args         []any
	}{
		{selectFoundNewest, "search_entries_newest", []any{"summit", "x", []string{}, 1, 1, newestSearched, 21}},
		{selectFoundAll, "search_entries_words", []any{"summit", "x", []string{}, 1, 1, 21}},
	} {
		used := map[string]bool{}
		var walk func(p plan)
		walk = func(p plan) {
			used[p.Index] = true
			if p.Type == "Seq Scan" {
				t.Errorf("the plan has a sequential scan: %+v", p)
			}
			for _, child := range p.Plans {
				walk(child)
			}
		}
		walk(explain(t, s, c.query, c.args...))
		if !used[c.index] || !used["entries_pkey"] {
			t.Errorf("the plan uses %v, want %s", used, c.index)
		}
	}
}
