package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"readout/liveblog"
)

func correctionTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Carried forward":     testCorrectionStays,
		"Log":                 testCorrectionsLog,
		"Removals":            testRemovalsInLog,
		"What goes":           testCorrectionsGoWithTheirEntry,
		"Each once":           testCorrectionsEachOnce,
		"Where it begins":     testCorrectionsBefore,
		"Their times":         testCorrectionTimes,
		"Of one blog":         testCorrectionsOfOneBlog,
		"Random corrections":  testCorrectionsModel,
		"Unknown blog of log": testCorrectionsUnknownBlog,
	}
}

// corrected makes a change a correction with a note and a new text.
func corrected(text, note string) option {
	return func(e *liveblog.Entry) {
		e.Correction = liveblog.Correction{Revision: e.Revision + 1, Note: note, Headline: e.Headline, Body: e.Body}
		e.Body = text
	}
}

// editAt commits a change at a minute.
func (f *fixture) editAt(t *testing.T, n int, prev liveblog.Entry, opts ...option) liveblog.Entry {
	t.Helper()
	c := revise(prev, opts...)
	c.Entry.UpdatedAt = minute(n)
	done, err := f.Commit(t.Context(), c)
	if err != nil {
		t.Fatalf("Commit of a change: %v", err)
	}
	return done.Entry
}

func (f *fixture) corrections(t *testing.T, q liveblog.CorrectionsQuery) liveblog.Corrections {
	t.Helper()
	q.Slug = slug
	c, err := f.Corrections(t.Context(), q)
	if err != nil {
		t.Fatalf("Corrections(%+v): %v", q, err)
	}
	return c
}

// lines formats a page of the log as "entry@revision: note" and "entry@revision removed".
func lines(c liveblog.Corrections) []string {
	list := []string{}
	for _, e := range c.Lines {
		if e.Status == liveblog.Removed {
			list = append(list, fmt.Sprintf("%d@%d removed", e.Number, e.Revision))
		} else {
			list = append(list, fmt.Sprintf("%d@%d: %s", e.Number, e.Revision, e.Correction.Note))
		}
	}
	return list
}

func testCorrectionStays(t *testing.T, f *fixture) {
	e := f.post(t, body("Monday.")).Entry
	equal(t, "a new entry's correction", e.Correction, liveblog.Correction{})
	e = f.edit(t, e, corrected("Tuesday.", "The day was wrong.")).Entry
	first := liveblog.Correction{At: e.UpdatedAt, Revision: 2, Note: "The day was wrong.", Headline: "Talks begin",
		Body: "Monday."}
	equal(t, "correction", e.Correction, first)
	e = f.edit(t, e, body("Tuesday, they say.")).Entry
	equal(t, "correction after an edit", e.Correction, first)
	for what, got := range map[string]liveblog.Entry{
		"of the page":    f.page(t, liveblog.PageQuery{Number: e.Number}).Entries[0],
		"of the changes": *f.changes(t, e.Seq-1, 1).List[0].Entry,
	} {
		equal(t, "correction "+what, got.Correction, first)
	}
	e = f.edit(t, e, corrected("Wednesday.", "<“The day”> & the\u2028hour.")).Entry
	equal(t, "second correction", e.Correction,
		liveblog.Correction{At: e.UpdatedAt, Revision: 4, Note: "<“The day”> & the\u2028hour.",
			Headline: "Talks begin", Body: "Tuesday, they say."})
	f.reopen(t)
	got, err := f.Entry(t.Context(), slug, e.Number)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "entry", got, e)
}

func testCorrectionsLog(t *testing.T, f *fixture) {
	equal(t, "no log", f.corrections(t, liveblog.CorrectionsQuery{Limit: 9}), liveblog.Corrections{Blog: f.blog})
	one, two := f.post(t, body("One.")).Entry, f.post(t, body("Two.")).Entry
	f.post(t)
	one = f.editAt(t, 5, one, corrected("Uno.", "a"))
	two = f.editAt(t, 6, two, corrected("Due.", "b"))
	one = f.editAt(t, 7, one, body("Uno!"))
	one = f.editAt(t, 8, one, corrected("Eins.", "c"))
	got := f.corrections(t, liveblog.CorrectionsQuery{Limit: 9})
	equal(t, "log", lines(got), []string{"1@4: c", "2@2: b", "1@2: a"})
	equal(t, "a line", got.Lines[0], one)
	equal(t, "another line", got.Lines[1], two)
	equal(t, "cursor", got.Blog.Cursor, f.cursor(t))
}

func testRemovalsInLog(t *testing.T, f *fixture) {
	for _, after := range []time.Duration{0, time.Second, liveblog.NoticedAfter, liveblog.NoticedAfter +
		time.Microsecond, time.Hour} {
		e := f.post(t).Entry
		c := revise(e, removed)
		c.Entry.UpdatedAt = e.PublishedAt.Add(after)
		if _, err := f.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	f.editAt(t, 90, f.post(t, draft).Entry, removed)
	got := f.corrections(t, liveblog.CorrectionsQuery{Limit: 9})
	equal(t, "log", lines(got), []string{"5@2 removed", "4@2 removed"})
}

func testCorrectionsGoWithTheirEntry(t *testing.T, f *fixture) {
	e := f.post(t, body("A secret.")).Entry
	e = f.editAt(t, 5, e, corrected("Another secret.", "A third secret."))
	f.post(t)
	equal(t, "log", lines(f.corrections(t, liveblog.CorrectionsQuery{Limit: 9})), []string{"1@2: A third secret."})
	f.editAt(t, 6, e, removed)
	got := f.corrections(t, liveblog.CorrectionsQuery{Limit: 9})
	equal(t, "log", got.Lines, []liveblog.Entry{{Number: 1, Revision: 3, Status: liveblog.Removed,
		PublishedAt: minute(1), UpdatedAt: minute(6)}})
	if strings.Contains(fmt.Sprintf("%+v", got.Lines), "secret") {
		t.Errorf("the text of a removed entry is in the log: %+v", got.Lines)
	}
}

// recorrect makes a log of 12 lines, many of them at the same time, mixed with edits that are not corrections.
func recorrect(t *testing.T, f *fixture) []string {
	for i := range 4 {
		e := f.post(t).Entry
		for j := range 3 {
			e = f.editAt(t, 5+j/2, e, corrected(fmt.Sprint("Text ", j), fmt.Sprintf("%d.%d", i, j)))
			e = f.editAt(t, 5+j/2, e, keyEvent, body(fmt.Sprint("More ", j)))
		}
	}
	return []string{"4@6: 3.2", "3@6: 2.2", "2@6: 1.2", "1@6: 0.2",
		"4@4: 3.1", "4@2: 3.0", "3@4: 2.1", "3@2: 2.0", "2@4: 1.1", "2@2: 1.0", "1@4: 0.1", "1@2: 0.0"}
}

func testCorrectionsEachOnce(t *testing.T, f *fixture) {
	want := recorrect(t, f)
	for limit := range len(want) + 2 {
		got := []string{}
		q := liveblog.CorrectionsQuery{Limit: limit}
		for {
			c := f.corrections(t, q)
			got = append(got, lines(c)...)
			if !c.Older {
				break
			}
			if len(c.Lines) != max(limit, 1) || len(got) > len(want) {
				t.Fatalf("with parts of %d the one before %v has %d lines", limit, q.Before, len(c.Lines))
			}
			last := c.Lines[len(c.Lines)-1]
			q.Before = liveblog.RevisionID{Number: last.Number, Revision: last.Revision}
		}
		equal(t, fmt.Sprintf("all parts of %d", limit), got, want)
	}
}

func testCorrectionsBefore(t *testing.T, f *fixture) {
	all := recorrect(t, f)
	f.post(t, draft)
	before := func(number, revision int) []string {
		return lines(f.corrections(t, liveblog.CorrectionsQuery{Before: liveblog.RevisionID{Number: number,
			Revision: revision}, Limit: 20}))
	}
	equal(t, "before a correction", before(3, 4), all[7:])
	e, err := f.Entry(t.Context(), slug, 3)
	if err != nil {
		t.Fatal(err)
	}
	f.editAt(t, 9, e, removed)
	rest := slices.DeleteFunc(slices.Clone(all[7:]), func(line string) bool { return strings.HasPrefix(line, "3@") })
	equal(t, "before a correction that is shown no longer", before(3, 4), rest)
	equal(t, "before a removal", len(before(3, 8)), 9)
	for _, id := range []liveblog.RevisionID{{Number: 1, Revision: 1}, {Number: 1, Revision: 3}, {Number: 1},
		{Revision: 1}, {Number: 5, Revision: 1}, {Number: -1, Revision: 2}, {Number: 99, Revision: 1}} {
		_, err := f.Corrections(t.Context(), liveblog.CorrectionsQuery{Slug: slug, Before: id, Limit: 5})
		wantError(t, fmt.Sprint("Corrections before ", id), err, liveblog.NotFound, "before")
	}
}

// A correction has the time of its revision, which the store may have corrected.
func testCorrectionTimes(t *testing.T, f *fixture) {
	if _, _, err := f.UpdateSetup(t.Context(), slug,
		liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}}}, audit(0, "setup")); err != nil {
		t.Fatal(err)
	}
	e := f.post(t, func(e *liveblog.Entry) {
		e.Acts = liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActMove, Track: "tariffs", To: liveblog.Raised}})
	}).Entry
	c := revise(e, corrected("Otherwise.", "It was wrong."))
	c.Entry.UpdatedAt = e.UpdatedAt.Add(-time.Second) // another node's clock
	done, err := f.Commit(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !done.Entry.UpdatedAt.After(e.UpdatedAt) || done.Entry.Correction.At != done.Entry.UpdatedAt {
		t.Errorf("the correction is of %v, its revision of %v, the one before of %v", done.Entry.Correction.At,
			done.Entry.UpdatedAt, e.UpdatedAt)
	}
}

func testCorrectionsOfOneBlog(t *testing.T, f *fixture) {
	f.createBlog(t, "other")
	e := f.post(t).Entry
	f.edit(t, e, corrected("Two.", "a"))
	c, err := f.Corrections(t.Context(), liveblog.CorrectionsQuery{Slug: "other", Limit: 5})
	if err != nil || len(c.Lines) != 0 || c.Blog.Slug != "other" {
		t.Errorf("another blog's log is %+v, error %v", c, err)
	}
	_, err = f.Corrections(t.Context(), liveblog.CorrectionsQuery{Slug: "other",
		Before: liveblog.RevisionID{Number: 1, Revision: 2}, Limit: 5})
	wantError(t, "Corrections before another blog's", err, liveblog.NotFound, "before")
}

func testCorrectionsUnknownBlog(t *testing.T, f *fixture) {
	_, err := f.Corrections(t.Context(), liveblog.CorrectionsQuery{Slug: "nowhere", Limit: 5})
	wantError(t, "Corrections", err, liveblog.NotFound, "slug")
}

// testCorrectionsModel compares the log after random histories with that of a reference implementation.
func testCorrectionsModel(t *testing.T, f *fixture) {
	blogs := 0
	rapid.Check(t, func(r *rapid.T) {
		blogs++
		name := fmt.Sprintf("corrected-%d", blogs)
		if _, err := f.CreateBlog(t.Context(), newBlog(name), audit(0, "blog.create")); err != nil {
			r.Fatal(err)
		}
		var newest, all []liveblog.Entry
		clock := 1
		for i := range rapid.IntRange(1, 25).Draw(r, "steps") {
			clock += rapid.IntRange(0, 1).Draw(r, "minutes")
			c := liveblog.Commit{Slug: name, Entry: newEntry(publishedAt(clock)), Audit: audit(clock, "entry.post")}
			if len(newest) > 0 && rapid.IntRange(0, 3).Draw(r, "new") > 0 {
				prev := rapid.SampledFrom(newest).Draw(r, "entry")
				if prev.Status == liveblog.Removed {
					continue
				}
				changes := []option{body(fmt.Sprint("Text ", i)), removed, published(clock)}
				if prev.Public() {
					changes[2] = corrected(fmt.Sprint("Text ", i), fmt.Sprint("Note ", i))
				}
				c = revise(prev, rapid.SampledFrom(changes).Draw(r, "change"))
				c.Slug = name
			} else if rapid.IntRange(0, 3).Draw(r, "draft") == 0 {
				draft(&c.Entry)
			}
			c.Entry.UpdatedAt = minute(clock)
			done, err := f.Commit(t.Context(), c)
			if err != nil {
				r.Fatal(err)
			}
			if done.Entry.Revision == 1 {
				newest = append(newest, done.Entry)
			} else {
				newest[done.Entry.Number-1] = done.Entry
			}
			all = append(all, done.Entry)
		}
		limit := rapid.IntRange(1, 6).Draw(r, "limit")
		q := liveblog.CorrectionsQuery{Slug: name, Limit: limit}
		var got []liveblog.Entry
		for {
			part, err := f.Corrections(t.Context(), q)
			if err != nil {
				r.Fatal(err)
			}
			got = append(got, part.Lines...)
			if !part.Older {
				break
			}
			last := part.Lines[len(part.Lines)-1]
			q.Before = liveblog.RevisionID{Number: last.Number, Revision: last.Revision}
		}
		equal(r, "all parts", got, naiveCorrections(newest, all))
	})
}

// naiveCorrections is a reference implementation, which searches all revisions.
func naiveCorrections(newest, all []liveblog.Entry) (log []liveblog.Entry) {
	for _, e := range all {
		now := newest[e.Number-1]
		switch {
		case e.Status == liveblog.Removed && !e.PublishedAt.IsZero() &&
			e.UpdatedAt.After(e.PublishedAt.Add(time.Minute)):
			log = append(log, liveblog.Entry{Number: e.Number, Revision: e.Revision, Status: e.Status,
				PublishedAt: e.PublishedAt, UpdatedAt: e.UpdatedAt})
		case e.Public() && now.Public() && e.Correction.Revision == e.Revision:
			log = append(log, e)
		}
	}
	slices.SortFunc(log, func(a, b liveblog.Entry) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(b.Number, a.Number),
			cmp.Compare(b.Revision, a.Revision))
	})
	return log
}
