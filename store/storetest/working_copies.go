package storetest

import (
	"fmt"
	"strings"
	"testing"

	"readout/liveblog"
)

func workingCopyTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Kept":         testCopiesKept,
		"Pages":        testCopiesOfPages,
		"Used":         testCopiesUsed,
		"The newest":   testCopiesNewest,
		"Purged":       testCopiesPurged,
		"Purged bases": testCopiesOfPurgedBases,
		"Expired":      testCopiesExpired,
	}
}

// copyID returns the name of a working copy, or of a page.
func copyID(n int) string { return fmt.Sprintf("0123456789-%05d", n) }

func copyOf(n, number int, text string) liveblog.WorkingCopy {
	return liveblog.WorkingCopy{ID: copyID(n), Owner: "u_2", Slug: slug, Number: number, Base: min(number, 1),
		Writer: copyID(100 + n), At: minute(n), Title: text, Fields: map[string]string{"body": text, "pinned": "1"}}
}

func (f *fixture) putCopy(t *testing.T, c liveblog.WorkingCopy, seen int) liveblog.WorkingCopy {
	t.Helper()
	c, err := f.PutCopy(t.Context(), c, seen)
	if err != nil {
		t.Fatalf("PutCopy(%+v): %v", c, err)
	}
	return c
}

// titles returns the working copies of u_2, as a list of titles.
func (f *fixture) titles(t *testing.T, slug string) string {
	t.Helper()
	list, err := f.Copies(t.Context(), "u_2", slug, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range list {
		all = append(all, c.Title)
	}
	return strings.Join(all, ", ")
}

// testCopiesKept fails if a copy changes on its way, is lost by a restart, is shown to somebody else, moves readers'
// cursors, or is listed without what has become of its entry.
func testCopiesKept(t *testing.T, f *fixture) {
	e := f.post(t).Entry
	before := f.cursor(t)
	first := f.putCopy(t, copyOf(1, 0, "New."), 0)
	second := f.putCopy(t, copyOf(2, 1, "Edit."), 0)
	if f.cursor(t) != before {
		t.Error("readers' cursors move")
	}
	e = f.edit(t, e, body("Theirs.")).Entry
	f.reopen(t)
	got, err := f.Copy(t.Context(), "u_2", first.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "copy", got, first)
	list, err := f.Copies(t.Context(), "u_2", slug, 10)
	if err != nil || len(list) != 2 {
		t.Fatalf("there are %+v, error %v", list, err)
	}
	equal(t, "newest copy", list[0].ID, second.ID)
	equal(t, "fields in a list", list[0].Fields, nil)
	equal(t, "its entry", list[0].Entry, liveblog.Entry{Number: 1, Revision: 2, Status: e.Status, EditedBy: e.EditedBy,
		AuthorID: e.AuthorID, UpdatedAt: e.UpdatedAt})
	equal(t, "the entry of a new one", list[1].Entry, liveblog.Entry{})
	if list, err := f.Copies(t.Context(), "u_1", "", 10); err != nil || len(list) > 0 {
		t.Errorf("somebody else sees %+v, error %v", list, err)
	}
	_, err = f.Copy(t.Context(), "u_1", first.ID)
	wantError(t, "Copy of somebody else", err, liveblog.NotFound, "copy")
	_, err = f.PutCopy(t.Context(), liveblog.WorkingCopy{ID: copyID(9), Owner: "u_2", Slug: "nowhere"}, 0)
	wantError(t, "PutCopy", err, liveblog.NotFound, "slug")
	equal(t, "copies in all blogs", f.titles(t, ""), "Edit., New.")
	equal(t, "copies in another blog", f.titles(t, "other"), "")
}

// testCopiesOfPages fails if two pages can overwrite each other's text, or if a page that did not get an answer cannot
// go on.
func testCopiesOfPages(t *testing.T, f *fixture) {
	mine := f.putCopy(t, copyOf(1, 0, "One."), 0)
	mine.Fields = map[string]string{"body": "One, two."}
	equal(t, "revision", f.putCopy(t, mine, 1).Revision, 2)
	equal(t, "revision after a lost answer", f.putCopy(t, mine, 1).Revision, 3)
	other := mine
	other.Writer = copyID(200)
	_, err := f.PutCopy(t.Context(), other, 2)
	wantError(t, "PutCopy of another page", err, liveblog.Stale, "copy")
	_, err = f.PutCopy(t.Context(), other, 0)
	wantError(t, "PutCopy of another page as new", err, liveblog.Stale, "copy")
	equal(t, "revision of a page that continues it", f.putCopy(t, other, 3).Revision, 4)
	_, err = f.PutCopy(t.Context(), mine, 3)
	wantError(t, "PutCopy of the first page", err, liveblog.Stale, "copy")
	f.createBlog(t, "other")
	elsewhere := other
	elsewhere.Slug = "other"
	_, err = f.PutCopy(t.Context(), elsewhere, 4)
	wantError(t, "PutCopy in another blog", err, liveblog.Gone, "copy")
}

// testCopiesUsed fails if a copy outlives the save of its text, also one that is repeated, or comes back because it is
// sent once more, also for the first time.
func testCopiesUsed(t *testing.T, f *fixture) {
	c := f.putCopy(t, copyOf(1, 0, "One."), 0)
	gone := func(c liveblog.WorkingCopy, seen int) {
		t.Helper()
		_, err := f.PutCopy(t.Context(), c, seen)
		wantError(t, "PutCopy", err, liveblog.Gone, "copy")
		_, err = f.Copy(t.Context(), c.Owner, c.ID)
		wantError(t, "Copy", err, liveblog.NotFound, "copy")
		equal(t, "copies", f.titles(t, slug), "")
	}
	uses := func(x liveblog.Commit, c liveblog.WorkingCopy) liveblog.Commit {
		x.Copy = liveblog.UsedCopy{Owner: c.Owner, ID: c.ID}
		return x
	}
	saved := liveblog.Commit{Slug: slug, Entry: newEntry(), Audit: audit(1, "entry.post"),
		Key: &liveblog.IdempotencyKey{Actor: "u_2", Key: "k", Fingerprint: "f"}}
	f.commit(t, uses(saved, c))
	gone(c, 1)
	gone(c, 0)
	late := copyOf(2, 0, "Late.")
	if done := f.commit(t, uses(saved, late)); !done.Replayed {
		t.Error("the second save was no repetition")
	}
	gone(late, 0)
	e := f.post(t).Entry
	edit := f.putCopy(t, copyOf(3, e.Number, "Edit."), 0)
	f.commit(t, uses(revise(e, body("Edit.")), edit))
	gone(edit, 1)
	discarded := f.putCopy(t, copyOf(4, 0, "Discarded."), 0)
	u := liveblog.UsedCopy{Owner: discarded.Owner, ID: discarded.ID}
	if err := f.UseCopy(t.Context(), slug, u, minute(9)); err != nil {
		t.Fatal(err)
	}
	gone(discarded, 1)
	other := f.putCopy(t, copyOf(5, 0, "Stays."), 0)
	_, err := f.Commit(t.Context(), uses(revise(e), other))
	wantError(t, "Commit of an old revision", err, liveblog.Stale, "revision")
	equal(t, "copies after a failed save", f.titles(t, slug), "Stays.")
}

// testCopiesNewest fails if copies grow without bound, or if those of another person or blog make room.
func testCopiesNewest(t *testing.T, f *fixture) {
	f.createBlog(t, "other")
	there := copyOf(0, 0, "There.")
	there.Slug = "other"
	f.putCopy(t, there, 0)
	theirs := copyOf(0, 0, "Theirs.")
	theirs.Owner = "u_1"
	f.putCopy(t, theirs, 0)
	for i := range liveblog.MaxCopies + 2 {
		f.putCopy(t, copyOf(i+1, 0, fmt.Sprint(i)), 0)
	}
	list := strings.Split(f.titles(t, slug), ", ")
	if len(list) != liveblog.MaxCopies || list[0] != fmt.Sprint(liveblog.MaxCopies+1) || list[len(list)-1] != "2" {
		t.Errorf("there are %d copies: %v", len(list), list)
	}
	equal(t, "copies in the other blog", f.titles(t, "other"), "There.")
	if list, err := f.Copies(t.Context(), "u_1", "", 10); err != nil || len(list) != 1 {
		t.Errorf("the other person has %+v, error %v", list, err)
	}
}

// testCopiesPurged fails if a copy of an entry outlives its purge, whoever has it, or comes back after it.
func testCopiesPurged(t *testing.T, f *fixture) {
	f.post(t)
	mine := f.putCopy(t, copyOf(1, 1, "Mine."), 0)
	theirs := copyOf(2, 1, "Theirs.")
	theirs.Owner = "u_1"
	f.putCopy(t, theirs, 0)
	f.putCopy(t, copyOf(3, 0, "New."), 0)
	if _, err := f.Purge(t.Context(), liveblog.Purge{Slug: slug, Number: 1}, audit(9, "entry.purge")); err != nil {
		t.Fatal(err)
	}
	equal(t, "copies", f.titles(t, slug), "New.")
	_, err := f.Copy(t.Context(), "u_1", theirs.ID)
	wantError(t, "Copy", err, liveblog.NotFound, "copy")
	_, err = f.PutCopy(t.Context(), mine, 1)
	wantError(t, "PutCopy of a purged entry", err, liveblog.Gone, "copy")
	_, err = f.PutCopy(t.Context(), copyOf(4, 1, "Late."), 0)
	wantError(t, "PutCopy of a purged entry, late", err, liveblog.Gone, "number")
}

// testCopiesOfPurgedBases fails if a copy that is based on a purged revision outlives the purge or comes back after it,
// or if one that is based on a later revision is refused.
func testCopiesOfPurgedBases(t *testing.T, f *fixture) {
	f.edit(t, f.post(t).Entry, body("New."))
	f.putCopy(t, copyOf(1, 1, "Old."), 0)
	p := liveblog.Purge{Slug: slug, Number: 1, Revision: 1}
	if _, err := f.Purge(t.Context(), p, audit(9, "entry.purge")); err != nil {
		t.Fatal(err)
	}
	equal(t, "copies", f.titles(t, slug), "")
	_, err := f.PutCopy(t.Context(), copyOf(2, 1, "Old."), 0)
	wantError(t, "PutCopy of a purged revision", err, liveblog.Gone, "base")
	later := copyOf(3, 1, "Later.")
	later.Base = 2
	f.putCopy(t, later, 0)
	equal(t, "copies after the purge", f.titles(t, slug), "Later.")
}

// testCopiesExpired fails if copies are kept for longer than they may be, or not as long.
func testCopiesExpired(t *testing.T, f *fixture) {
	f.putCopy(t, copyOf(1, 0, "Old."), 0)
	f.putCopy(t, copyOf(2, 0, "New."), 0)
	if err := f.Expire(t.Context(), minute(2).Add(liveblog.CopyLifetime)); err != nil {
		t.Fatal(err)
	}
	equal(t, "copies", f.titles(t, slug), "New.")
}
