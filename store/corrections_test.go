package store

import (
	"testing"
	"time"

	"readout/liveblog"
)

// The migration adds removals from before its time to the log of corrections.
func TestMigrateCorrections(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	s := openFile(t, path)
	addBlog(t, s, "summit")
	for _, after := range []time.Duration{time.Minute, time.Hour} {
		done, err := post(t.Context(), s, "summit", "A secret.")
		if err != nil {
			t.Fatal(err)
		}
		e := done.Entry
		e.Status, e.UpdatedAt = liveblog.Removed, e.PublishedAt.Add(after)
		if _, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Base: e.Revision,
			Audit: liveblog.Audit{Action: "entry.remove"}}); err != nil {
			t.Fatal(err)
		}
	}
	step, err := migrations.ReadFile("migrations/00008_corrections.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`DROP INDEX revisions_amends`, `ALTER TABLE revisions DROP COLUMN amends`,
		`ALTER TABLE revisions DROP COLUMN correction`, `ALTER TABLE entries DROP COLUMN correction`, string(step)} {
		mustExec(t, s.write, sql)
	}
	c, err := s.Corrections(t.Context(), liveblog.CorrectionsQuery{Slug: "summit", Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Lines) != 1 || c.Lines[0].Number != 2 || c.Lines[0].Status != liveblog.Removed || c.Lines[0].Body != "" {
		t.Errorf("the log is %+v, want only the removal of entry 2", c.Lines)
	}
}
