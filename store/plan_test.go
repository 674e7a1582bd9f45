package store

import (
	"path/filepath"
	"strings"
	"testing"
)

// The queries that run for readers find their rows by an index in the order wanted, however long the blog is.
func TestQueryPlans(t *testing.T) {
	t.Parallel()
	s := openFile(t, filepath.Join(t.TempDir(), "x.db"))
	for name, c := range map[string]struct {
		query, uses string
		args        []any
	}{
		"first page": {selectFirst, "entries_page (blog=?)", []any{"summit", 21}},
		"next page":  {selectBefore, "entries_page (blog=? AND pinned=? AND (published_at,number)<(?,?))", []any{"summit", 1, 1, 21}},
		"pinned":     {countPinned, "entries_page (blog=? AND pinned=?)", []any{"summit", 1}},
		"summary":    {selectSummary, "entries_summaries (blog=?)", []any{"summit"}},
		"key events": {selectKeyEvents, "entries_key_events (blog=?)", []any{"summit", 12}},
		"changes":    {selectChanged, "entries_log (blog=? AND seq>?)", []any{"summit", 1, 100}},
		"desk":       {selectDesk, "sqlite_autoindex_entries_1 (blog=? AND number<?)", []any{"summit", 1, 50}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+c.query, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var plan []string
			for rows.Next() {
				var id, parent, unused int
				var step string
				if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
					t.Fatal(err)
				}
				plan = append(plan, step)
			}
			all := strings.Join(plan, "; ")
			if !strings.HasPrefix(all, "SEARCH entries USING ") || !strings.HasSuffix(all, "INDEX "+c.uses) {
				t.Errorf("plan %q, want one search with %s", all, c.uses)
			}
		})
	}
}
