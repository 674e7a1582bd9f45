package storetest

import (
	"testing"

	"readout/liveblog"
)

func archiveTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){"Archived blog": testArchive}
}

// testArchive fails if an archived blog takes a write, if readers do not learn of the archive, or if the blog cannot be
// read, or not be written again afterwards.
func testArchive(t *testing.T, f *fixture) {
	e := f.post(t, publishedAt(1)).Entry
	before, err := f.Cursor(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second changes nothing
		b, changes, err := f.Archive(t.Context(), slug, true, audit(5, "blog.archive"))
		if err != nil || !b.ArchivedAt.Equal(minute(5)) {
			t.Fatalf("archived at %v: %v", b.ArchivedAt, err)
		}
		if len(changes) > 0 && (changes[0].Head == nil || !changes[0].Head.Blog.Archived()) {
			t.Errorf("the change is %+v", changes[0])
		}
	}
	after, err := f.ChangesAfter(t.Context(), slug, before, 10)
	if err != nil || len(after.List) != 1 || after.Cursor.Seq != before.Seq+1 ||
		!after.List[0].Head.Blog.Archived() {
		t.Errorf("the log has %+v, error %v", after, err)
	}
	title := "Changed"
	writes := map[string]func() error{
		"a new entry": func() error {
			_, err := f.Commit(t.Context(),
				liveblog.Commit{Slug: slug, Entry: newEntry(), Audit: audit(6, "entry.post")})
			return err
		},
		"an edit": func() error {
			e := e
			e.Body = "Other."
			_, err := f.Commit(t.Context(),
				liveblog.Commit{Slug: slug, Entry: e, Base: 1, Audit: audit(6, "entry.edit")})
			return err
		},
		"a version set aside": func() error {
			return f.AddSetAside(t.Context(), slug, liveblog.SetAside{Number: 1, Base: 1, At: minute(6)})
		},
		"settings": func() error {
			_, _, err := f.UpdateBlog(t.Context(), slug, liveblog.BlogPatch{Title: &title}, audit(6, "blog.update"))
			return err
		},
		"a setup": func() error {
			setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "x", Name: "X"}}}
			_, _, err := f.UpdateSetup(t.Context(), slug, setup, audit(6, "blog.setup"))
			return err
		},
	}
	for name, write := range writes {
		wantError(t, name, write(), liveblog.Conflict, "")
	}
	if c, err := f.Cursor(t.Context(), slug); err != nil || c != after.Cursor {
		t.Errorf("the cursor has moved to %v, error %v", c, err)
	}
	if p, err := f.Page(t.Context(), liveblog.PageQuery{Slug: slug, Limit: 5}); err != nil || len(p.Entries) != 1 {
		t.Errorf("the page has %d entries, error %v", len(p.Entries), err)
	}
	if _, _, err := f.Archive(t.Context(), slug, false, audit(7, "blog.unarchive")); err != nil {
		t.Fatal(err)
	}
	for name, write := range writes {
		if err := write(); err != nil {
			t.Errorf("%s after the archive: %v", name, err)
		}
	}
	equal(t, "audit", brief(f.audit(t, liveblog.AuditQuery{Blog: slug, Until: minute(6), Since: minute(5)})),
		[]string{"blog.archive Ada → summit"})
	_, _, err = f.Archive(t.Context(), "nowhere", true, audit(8, "blog.archive"))
	wantError(t, "Archive", err, liveblog.NotFound, "slug")
}
