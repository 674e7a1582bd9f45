package store

import (
	"strings"
	"testing"
)

// Readers' queries use an index that has the required order, so their cost does not depend on the length of the blog.
func TestQueryPlans(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	for name, c := range map[string]struct {
		query, uses string
		args        []any
	}{
		"first page": {selectFirst, "entries_page (blog=?)", []any{"summit", 21}},
		"next page": {unpinned.query(older), "entries_page (blog=? AND pinned=? AND (published_at,number)<(?,?))",
			[]any{"summit", 1, 1, 21}},
		"way up": {unpinned.query(newer), "entries_page (blog=? AND pinned=? AND (published_at,number)>(?,?))",
			[]any{"summit", 1, 1, 21}},
		"pins": {pinned.query(newer), "entries_page (blog=? AND pinned=? AND (published_at,number)>(?,?))",
			[]any{"summit", 1, 1, 21}},
		"by event": {keyEvents.query(older), "entries_key_events (blog=? AND (published_at,number)<(?,?))",
			[]any{"summit", 1, 1, 21}},
		"events on": {keyEvents.query(newer), "entries_key_events (blog=? AND (published_at,number)>(?,?))",
			[]any{"summit", 1, 1, 21}},
		"by author": {byAuthor.query(older), "entries_author (blog=? AND author=? AND (published_at,number)<(?,?))",
			[]any{"summit", 1, 1, 21, "Ana"}},
		"author on": {byAuthor.query(newer), "entries_author (blog=? AND author=? AND (published_at,number)>(?,?))",
			[]any{"summit", 1, 1, 21, "Ana"}},
		"addresses": {selectAddresses, "entries_page (blog=? AND pinned=? AND published_at>?)",
			[]any{"summit", false, 1, 1000}},
		"notes": {selectNotes, "entries_notes (blog=? AND (published_at,number)>(?,?) AND (published_at,number)<(?,?))",
			[]any{"summit", 1, 1, 2, 2, 100}},
		"pinned":     {selectPinned, "entries_page (blog=? AND pinned=?)", []any{"summit", 1}},
		"summary":    {selectSummary, "entries_summaries (blog=?)", []any{"summit"}},
		"key events": {selectKeyEvents, "entries_key_events (blog=?)", []any{"summit", 12}},
		"changes":    {selectChanged, "entries_log (blog=? AND seq>?)", []any{"summit", 1, 100}},
		"desk":       {selectDesk, "sqlite_autoindex_entries_1 (blog=? AND number<?)", []any{"summit", 1, 50}},
		"talks":      {selectStatements, "entries_acts (blog=?)", []any{"summit"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := steps(t, s, c.query, c.args...)
			if !strings.HasPrefix(all, "SEARCH entries USING ") || !strings.HasSuffix(all, "INDEX "+c.uses) {
				t.Errorf("plan %q, want one search with %s", all, c.uses)
			}
		})
	}
}

// The query for the talks of a past moment searches only revisions with acts, and makes one index lookup for each to
// find a later revision. The query for the latest acts reads the last row of an index.
func TestQueryPlansOfPastTalks(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	then := steps(t, s, selectStatementsAt, "summit", 1)
	if !strings.HasPrefix(then,
		"SEARCH r USING INDEX revisions_acts (blog=? AND updated_at<?); CORRELATED SCALAR SUBQUERY 1; "+
			"SEARCH n USING ") || !strings.Contains(then, "(blog=? AND number=? AND revision>?)") ||
		strings.Contains(then, "SCAN") {
		t.Errorf("the plan of a past moment is %q", then)
	}
	latest := steps(t, s, selectLatestActs, "summit")
	if latest != "SEARCH revisions USING INDEX revisions_acts (blog=?)" {
		t.Errorf("the plan of the newest moment is %q", latest)
	}
}

// The query for a page of the log of corrections reads one index in order and looks up the entry of each line. Finding
// the beginning of the page is one lookup.
func TestQueryPlanOfCorrections(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	const want = "SEARCH r USING INDEX revisions_amends (blog=? AND (updated_at,number,revision)<(?,?,?)); " +
		"CORRELATED SCALAR SUBQUERY 1; SEARCH e USING INDEX sqlite_autoindex_entries_1 (blog=? AND number=?)"
	if got := steps(t, s, selectCorrections, "summit", 1, 1, 1, 21); got != want {
		t.Errorf("the plan is %q, want %q", got, want)
	}
	if got := steps(t, s, selectAmending, "summit", 1, 1); !strings.HasSuffix(got,
		"(blog=? AND number=? AND revision=?)") {
		t.Errorf("the plan of the beginning is %q", got)
	}
}

// steps returns the steps of SQLite's plan for a query.
func steps(t *testing.T, s *store, query string, args ...any) string {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
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
	return strings.Join(plan, "; ")
}
