package store

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// canary is one word, so that it is in the index of words as well.
const canary = "xylocanary"

// texts returns where a text is in a database: "table.column" of every table, whatever the type of the column.
func texts(t *testing.T, s *store, text string) (found []string) {
	t.Helper()
	columns := `SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.sql NOT LIKE '%VIRTUAL%'`
	contains := `SELECT count(*) FROM "%s" WHERE instr(lower(CAST("%s" AS TEXT)), '%s') > 0`
	if s.engine.steps == kindPostgres {
		columns = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()`
		contains = `SELECT count(*) FROM "%s" WHERE position('%[3]s' in lower(CAST("%[2]s" AS TEXT))) > 0`
	}
	rows, err := s.write.QueryContext(t.Context(), columns)
	if err != nil {
		t.Fatal(err)
	}
	var all [][2]string
	for rows.Next() {
		var c [2]string
		if err := rows.Scan(&c[0], &c[1]); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	rows.Close()
	for _, c := range all {
		var n int
		if err := s.write.QueryRowContext(t.Context(), fmt.Sprintf(contains, c[0], c[1], text)).Scan(&n); err != nil {
			t.Fatal(c, err)
		}
		if n > 0 {
			found = append(found, c[0]+"."+c[1])
		}
	}
	if len(all) < 60 {
		t.Fatalf("only %d columns were read", len(all))
	}
	return found
}

// eachEngine runs a test on a new database of each engine, and gives it the file of SQLite's.
func eachEngine(t *testing.T, test func(t *testing.T, s *store, file string)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		file := newFile(t)
		test(t, openURL(t, "sqlite:"+file), file)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, openURL(t, newPostgres(t)), "")
	})
}

// canaryEntry commits an entry with the canary in every text that an entry has, and an edit that corrects it. The setup
// must have the track "tariffs".
func canaryEntry(t *testing.T, s *store, then liveblog.EntryStatus) liveblog.Entry {
	t.Helper()
	ctx, at := t.Context(), s.Now().Add(-time.Hour)
	line := liveblog.Audit{At: at, ActorID: "u_1", Actor: "Ada", Action: "entry.edit"}
	e := liveblog.Entry{Headline: "The " + canary, Body: "Say " + canary + ".", Author: "Ada", AuthorID: "u_1",
		EditedBy: "Ada", Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at,
		Acts: liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActClaim, Claim: "soy", Status: "reported",
			Text: "A " + canary + "."}})}
	done, err := s.Commit(ctx, liveblog.Commit{Slug: "summit", Entry: e, Audit: line,
		Key: &liveblog.IdempotencyKey{Actor: "u_1", Key: "k", Fingerprint: "f"}})
	if err != nil {
		t.Fatal(err)
	}
	e = done.Entry
	e.UpdatedAt = at.Add(time.Minute)
	e.Correction = liveblog.Correction{Revision: 2, Note: "Not a " + canary, Headline: e.Headline, Body: e.Body}
	e.Body = "Say " + canary + " again."
	if then == liveblog.Removed {
		e.Status, e.UpdatedAt, e.Correction = liveblog.Removed, at.Add(2*time.Minute), liveblog.Correction{}
	}
	if done, err = s.Commit(ctx, liveblog.Commit{Slug: "summit", Entry: e, Base: 1, Audit: line}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddSetAside(ctx, "summit", liveblog.SetAside{Number: e.Number, Base: 1, ByID: "u_2", At: at,
		Headline: "No " + canary, Body: "Not " + canary + ".", Acts: e.Acts}); err != nil {
		t.Fatal(err)
	}
	return done.Entry
}

// It fails if any column of any table, or the file of SQLite, still has a text of an entry that was purged: a revision,
// a version that was set aside, a correction, an act, or a word of the index.
func TestPurgedEntryIsInNoTable(t *testing.T) {
	t.Parallel()
	for _, then := range []liveblog.EntryStatus{liveblog.Published, liveblog.Removed} {
		t.Run(string(then), func(t *testing.T) {
			t.Parallel()
			eachEngine(t, func(t *testing.T, s *store, file string) {
				addBlog(t, s, "summit")
				for i := range 30 { // so that the index of words has more than one segment
					if _, err := post(t.Context(), s, "summit", fmt.Sprint("Others met ", i)); err != nil {
						t.Fatal(err)
					}
				}
				e := canaryEntry(t, s, then)
				if found := strings.Join(texts(t, s, canary), " "); !strings.Contains(found, "entries.body") ||
					!strings.Contains(found, "revisions.acts") || !strings.Contains(found, "set_aside.body") ||
					then == liveblog.Published && !strings.Contains(found, "search_") {
					t.Fatalf("the test does not find the text where it is: %s", found)
				}
				before, err := s.Cursor(t.Context(), "summit")
				if err != nil {
					t.Fatal(err)
				}
				a := liveblog.Audit{At: s.Now(), ActorID: "u_0", Actor: "Root", Action: "entry.purge",
					Detail: "a court"}
				done, err := s.Purge(t.Context(), liveblog.Purge{Slug: "summit", Number: e.Number}, a)
				if err != nil {
					t.Fatal(err)
				}
				if got := done.Entry; got.Status != liveblog.Removed || !got.Purged() || got.Number != e.Number ||
					!got.PublishedAt.Equal(e.PublishedAt) || !got.CreatedAt.Equal(e.CreatedAt) {
					t.Errorf("the purged entry is %+v", got)
				}
				if found := texts(t, s, canary); len(found) > 0 {
					t.Errorf("the text is still in %v", found)
				}
				checkPurgeIsInTheLog(t, s, before, done.Changes)
				again, err := s.Purge(t.Context(), liveblog.Purge{Slug: "summit", Number: e.Number}, a)
				if err != nil || len(again.Changes) != 0 {
					t.Errorf("a second purge: %+v, error %v", again, err)
				}
				lines, err := s.AuditLines(t.Context(), liveblog.AuditQuery{What: "entry.purge", Limit: 9})
				if err != nil || len(lines) != 1 || lines[0].Detail != "a court" || lines[0].Number != e.Number {
					t.Errorf("the audit has %+v, error %v", lines, err)
				}
				checkFile(t, file)
			})
		})
	}
}

// checkPurgeIsInTheLog checks that a reader with the cursor from before learns of a removal, as the notice says.
func checkPurgeIsInTheLog(t *testing.T, s *store, before liveblog.Cursor, changes []liveblog.Change) {
	t.Helper()
	missed, err := s.ChangesAfter(t.Context(), "summit", before, 10)
	if err != nil || missed.Reload || len(missed.List) == 0 || len(missed.List) != len(changes) {
		t.Fatalf("the log has %+v and the notice %+v, error %v", missed, changes, err)
	}
	removed := false
	for i, c := range missed.List {
		if c.Cursor != changes[i].Cursor || (c.Entry == nil) != (changes[i].Entry == nil) {
			t.Errorf("change %d is %+v in the log and %+v in the notice", i, c, changes[i])
		}
		removed = removed || c.Entry != nil && c.Entry.Status == liveblog.Removed
	}
	if !removed {
		t.Error("no reader learns that the entry has gone")
	}
}

// checkFile fails if SQLite's file, or its log, still has the text where no table reaches it.
func checkFile(t *testing.T, file string) {
	t.Helper()
	for _, name := range []string{file, file + "-wal"} {
		data, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		if bytes.Contains(data, []byte(canary)) {
			t.Errorf("%s still has the text", name[len(file)-min(len(file), 10):])
		}
	}
}

// It fails if a text of a purged revision stays anywhere, also in the corrections that later revisions carry, if a text
// of another revision goes, or if the newest revision can be purged alone.
func TestPurgedRevisionIsInNoTable(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *store, file string) {
		ctx := t.Context()
		addBlog(t, s, "summit")
		e := canaryEntry(t, s, liveblog.Published)
		for _, edit := range []string{"Clean text.", "Clean text, edited."} {
			e.Headline, e.Body, e.Acts, e.UpdatedAt = "Clean", edit, "", e.UpdatedAt.Add(time.Minute)
			done, err := s.Commit(ctx, liveblog.Commit{Slug: "summit", Entry: e, Base: e.Revision,
				Audit: liveblog.Audit{At: e.UpdatedAt, Action: "entry.edit"}})
			if err != nil {
				t.Fatal(err)
			}
			e = done.Entry
		}
		before, err := s.Cursor(ctx, "summit")
		if err != nil {
			t.Fatal(err)
		}
		a := liveblog.Audit{At: s.Now(), Action: "entry.purge"}
		for revision, code := range map[int]liveblog.Code{4: liveblog.Conflict, 5: liveblog.NotFound} {
			_, err := s.Purge(ctx, liveblog.Purge{Slug: "summit", Number: 1, Revision: revision}, a)
			if liveblog.CodeOf(err) != code {
				t.Errorf("purging revision %d: %v, want %s", revision, err, code)
			}
		}
		for _, revision := range []int{1, 2} {
			done, err := s.Purge(ctx, liveblog.Purge{Slug: "summit", Number: 1, Revision: revision}, a)
			if err != nil {
				t.Fatal(err)
			}
			if now := done.Entry; now.Body != "Clean text, edited." || now.Status != liveblog.Published ||
				now.Revision != 4 || len(done.Changes) == 0 {
				t.Errorf("after the purge of revision %d the entry is %+v", revision, now)
			}
		}
		if found := texts(t, s, canary); len(found) > 0 {
			t.Errorf("the text is still in %v", found)
		}
		checkFile(t, file)
		if missed, err := s.ChangesAfter(ctx, "summit", before, 10); err != nil || len(missed.List) == 0 {
			t.Errorf("the log has %+v, error %v", missed, err)
		}
		revisions, err := s.Revisions(ctx, "summit", 1, 0, 10)
		if err != nil || len(revisions) != 4 || !revisions[3].Purged() || !revisions[2].Purged() ||
			revisions[1].Body != "Clean text." || revisions[1].Purged() {
			t.Errorf("the revisions are %+v, error %v", revisions, err)
		}
		head, talks, err := s.Briefing(ctx, "summit", revisions[2].UpdatedAt)
		if err != nil || strings.Contains(fmt.Sprintf("%+v %+v", head, talks), canary) {
			t.Errorf("a past moment still has the text, error %v", err)
		}
	})
}

// It fails if another node does not notice a purge, or takes an ordinary edit afterwards for one.
func TestPurgesTellsOtherNodes(t *testing.T) {
	t.Parallel()
	stores := openTwo(t, newFile(t))
	here, there := stores[0], stores[1]
	addBlog(t, here, "summit")
	e := canaryEntry(t, here, liveblog.Published)
	read := func(s *store) string {
		t.Helper()
		version, err := s.Purges(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return version
	}
	was := read(there)
	if _, err := here.Purge(t.Context(), liveblog.Purge{Slug: "summit", Number: e.Number, Revision: 1},
		liveblog.Audit{At: here.Now(), Action: "entry.purge"}); err != nil {
		t.Fatal(err)
	}
	now := read(there)
	if now == was {
		t.Error("the other node does not notice the purge")
	}
	kept, err := here.Entry(t.Context(), "summit", e.Number)
	if err != nil {
		t.Fatal(err)
	}
	kept.Body, kept.UpdatedAt = "Edited.", here.Now()
	if _, err := here.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: kept, Base: kept.Revision,
		Audit: liveblog.Audit{At: kept.UpdatedAt, Action: "entry.edit"}}); err != nil {
		t.Fatal(err)
	}
	if again := read(there); again != now {
		t.Error("the other node takes an edit for a purge")
	}
}

// It fails if what was set aside outlives a purge by a node of an older version, which does not know of it, or if other
// versions go as well.
func TestExpireForgetsWhatAPurgeLeft(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *store, _ string) {
		ctx := t.Context()
		addBlog(t, s, "summit")
		canaryEntry(t, s, liveblog.Published)
		other, err := post(ctx, s, "summit", "Another entry.")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.AddSetAside(ctx, "summit", liveblog.SetAside{Number: other.Entry.Number, Base: 1, ByID: "u_2",
			At: s.Now(), Body: "Stays."}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.write.ExecContext(ctx, `UPDATE entries SET purged_at = $1 WHERE number = 1`,
			s.Now().UnixMicro()); err != nil {
			t.Fatal(err)
		}
		if err := s.Expire(ctx, s.Now()); err != nil {
			t.Fatal(err)
		}
		for number, want := range map[int]int{1: 0, other.Entry.Number: 1} {
			if list, err := s.SetAside(ctx, "summit", number); err != nil || len(list) != want {
				t.Errorf("entry %d has %+v, error %v", number, list, err)
			}
		}
	})
}
