package store

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
)

// plan is a node of PostgreSQL's query plan.
type plan struct {
	Type  string `json:"Node Type"`
	Index string `json:"Index Name"`
	Cond  string `json:"Index Cond"`
	Plans []plan
}

// On PostgreSQL too, readers' queries use an index that has the required order: they neither sort nor read more rows
// than they return. The plans are the generic ones of prepared statements, on a long blog.
func TestPostgresQueryPlans(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	s := openURL(t, url)
	addBlog(t, s, "summit")
	addBlog(t, s, "other")
	mustExec(t, s.write, `INSERT INTO entries (blog, `+entryColumns+`)
		SELECT CASE WHEN n % 5 = 0 THEN 'other' ELSE 'summit' END, n, 1, '', repeat('x', 600), '', '', '',
			n % 10 = 0, n % 1000 = 1, n % 50 = 0,
			CASE WHEN n % 20 = 0 THEN 'removed' ELSE 'published' END, n, n,
			CASE WHEN n % 20 = 0 THEN n + 100000000 ELSE n END, n, '', '', CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), ''
		FROM generate_series(1, 20000) AS n`)
	mustExec(t, rawPostgres(t, url), `ANALYZE entries`)
	for name, c := range map[string]struct {
		query, index, cond string
		args               []any
	}{
		"first page": {selectFirst, "entries_page", "(blog = ", []any{"summit", 21}},
		"next page": {unpinned.query(older), "entries_page",
			"(blog = $1) AND (pinned = false) AND (ROW(published_at, number) < ROW($2, $3))",
			[]any{"summit", 1, 1, 21}},
		"way up": {unpinned.query(newer), "entries_page",
			"(blog = $1) AND (pinned = false) AND (ROW(published_at, number) > ROW($2, $3))",
			[]any{"summit", 1, 1, 21}},
		"by event": {keyEvents.query(older), "entries_key_events",
			"(blog = $1) AND (ROW(published_at, number) < ROW($2, $3))", []any{"summit", 1, 1, 21}},
		"by author": {byAuthor.query(newer), "entries_author",
			"(author = $5) AND (ROW(published_at, number) > ROW($2, $3))", []any{"summit", 1, 1, 21, "Ana"}},
		"addresses": {selectAddresses, "entries_page", "(blog = $1) AND (pinned = $2) AND (published_at >= $3)",
			[]any{"summit", false, 1, 1000}},
		"notes": {selectNotes, "entries_notes",
			"(ROW(published_at, number) > ROW($2, $3)) AND (ROW(published_at, number) < ROW($4, $5))",
			[]any{"summit", 1, 1, 2, 2, 100}},
		"pinned":     {selectPinned, "entries_page", "(blog = $1) AND (pinned = true)", []any{"summit", 1}},
		"summary":    {selectSummary, "entries_summaries", "(blog = ", []any{"summit"}},
		"key events": {selectKeyEvents, "entries_key_events", "(blog = ", []any{"summit", 12}},
		"changes":    {selectChanged, "entries_log", "(blog = $1) AND (seq > $2)", []any{"summit", 1, 100}},
		"desk":       {selectDesk, "entries_pkey", "(blog = $1) AND (number < $2)", []any{"summit", 1, 50}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := explain(t, s, c.query, c.args...)
			for len(root.Plans) == 1 && (root.Type == "Limit" || root.Type == "Aggregate") {
				root = root.Plans[0]
			}
			cond := strings.ReplaceAll(root.Cond, "::bigint", "")
			if len(root.Plans) > 0 || !strings.HasPrefix(root.Type, "Index") || root.Index != c.index ||
				!strings.Contains(cond, c.cond) {
				t.Errorf("plan %+v, want one scan of %s with %s", root, c.index, c.cond)
			}
		})
	}
}

// The query for the talks searches only entries with acts. The one for a past moment searches only revisions with acts,
// and makes one index lookup for each to find a later revision. The one for the latest acts reads the last row of an
// index.
func TestPostgresPlansOfTalks(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	s := openURL(t, url)
	addBlog(t, s, "summit")
	const acts = `CASE WHEN n % 20 = 1 THEN '[{}]' ELSE '' END`
	mustExec(t, s.write, `INSERT INTO entries (blog, `+entryColumns+`)
		SELECT 'summit', n, 1, '', repeat('x', 600), '', '', '', FALSE, FALSE, FALSE,
			'published', n, n, n, n, `+acts+`, '', CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), ''
		FROM generate_series(1, 10001) AS n`)
	mustExec(t, s.write, `INSERT INTO revisions (blog, `+entryColumns+`)
		SELECT 'summit', n / 2, n % 2 + 1, '', repeat('x', 600), '', '', '', FALSE, FALSE, FALSE,
			'published', n, n, n, n, `+acts+`, '', CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), ''
		FROM generate_series(2, 20001) AS n`)
	mustExec(t, rawPostgres(t, url), `ANALYZE entries; ANALYZE revisions`)
	used := map[string]string{}
	var walk func(p plan)
	walk = func(p plan) {
		if p.Index != "" {
			used[p.Index] = p.Cond
		}
		if p.Type == "Seq Scan" {
			t.Errorf("the plan has a sequential scan: %+v", p)
		}
		for _, child := range p.Plans {
			walk(child)
		}
	}
	walk(explain(t, s, selectStatements, "summit"))
	if cond := used["entries_acts"]; !strings.Contains(cond, "blog = $1") {
		t.Errorf("the plan uses %v, not the entries with acts", used)
	}
	clear(used)
	walk(explain(t, s, selectStatementsAt, "summit", 1))
	if cond := used["revisions_acts"]; !strings.Contains(cond, "blog = $1") ||
		!strings.Contains(cond, "updated_at <= $2") {
		t.Errorf("the plan uses %v, not the revisions with acts", used)
	}
	clear(used)
	walk(explain(t, s, selectLatestActs, "summit"))
	if cond := used["revisions_acts"]; !strings.Contains(cond, "blog = $1") ||
		!strings.Contains(cond, "updated_at IS NOT NULL") {
		t.Errorf("the plan uses %v, not the end of the revisions with acts", used)
	}
}

// The query for a page of the log of corrections reads one index in order and looks up the entry of each line. Finding
// the beginning of the page is one lookup.
func TestPostgresPlanOfCorrections(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	s := openURL(t, url)
	addBlog(t, s, "summit")
	mustExec(t, s.write, `INSERT INTO entries (blog, `+entryColumns+`)
		SELECT 'summit', n, 1, '', repeat('x', 600), '', '', '', FALSE, FALSE, FALSE, 'published', n, n, n, n, '', '',
			CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), ''
		FROM generate_series(1, 10001) AS n`)
	mustExec(t, s.write, `INSERT INTO revisions (blog, `+entryColumns+`, amends)
		SELECT 'summit', n / 2, n % 2 + 1, '', repeat('x', 600), '', '', '', FALSE, FALSE, FALSE,
			'published', n, n, n, n, '', '', CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), '', n % 20 = 1
		FROM generate_series(2, 20001) AS n`)
	mustExec(t, rawPostgres(t, url), `ANALYZE entries; ANALYZE revisions`)
	limit := explain(t, s, selectCorrections, "summit", 1, 1, 1, 21)
	if limit.Type != "Limit" || len(limit.Plans) != 1 {
		t.Fatalf("the plan is %+v", limit)
	}
	scan := limit.Plans[0]
	cond := strings.ReplaceAll(scan.Cond, "::bigint", "")
	if scan.Index != "revisions_amends" ||
		cond != "((blog = $1) AND (ROW(updated_at, number, revision) < ROW($2, $3, $4)))" {
		t.Errorf("the plan is %+v, which does not read the index in order", scan)
	}
	if len(scan.Plans) != 1 || scan.Plans[0].Index != "entries_pkey" {
		t.Errorf("the plan has %+v for each line, want one lookup of its entry", scan.Plans)
	}
	if p := explain(t, s, selectAmending, "summit", 1, 1); p.Index != "revisions_pkey" {
		t.Errorf("the plan of the beginning is %+v", p)
	}
}

// explain returns the generic plan for a query, which does not depend on the arguments.
func explain(t *testing.T, s *store, query string, args ...any) plan {
	t.Helper()
	c, err := s.read.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var text []byte
	err = c.Raw(func(conn any) error {
		text, err = explainOn(t.Context(), conn.(*stdlib.Conn), query, len(args))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var plans []struct{ Plan plan }
	if err := json.Unmarshal(text, &plans); err != nil || len(plans) != 1 {
		t.Fatalf("%s: %v", text, err)
	}
	return plans[0].Plan
}

func explainOn(ctx context.Context, conn *stdlib.Conn, query string, args int) ([]byte, error) {
	nulls := "(" + strings.TrimSuffix(strings.Repeat("NULL, ", args), ", ") + ")"
	for _, step := range []string{"SET plan_cache_mode = force_generic_plan", "PREPARE explained AS " + query} {
		if _, err := conn.Conn().PgConn().Exec(ctx, step).ReadAll(); err != nil {
			return nil, err
		}
	}
	results, err := conn.Conn().PgConn().Exec(ctx, "EXPLAIN (FORMAT json) EXECUTE explained"+nulls).ReadAll()
	if err != nil {
		return nil, err
	}
	_, err = conn.Conn().PgConn().Exec(ctx, "DEALLOCATE explained").ReadAll()
	return results[0].Rows[0][0], err
}
