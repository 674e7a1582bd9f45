package storetest

import (
	"testing"
	"time"

	"readout/liveblog"
)

func blogTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Create":             testCreateBlog,
		"SlugTaken":          testSlugTaken,
		"Newest first":       testBlogsNewestFirst,
		"Update":             testUpdateBlog,
		"Update to the same": testUpdateBlogToTheSame,
		"Update breaks rule": testUpdateBlogInvalid,
		"Unknown slugs":      testUnknownSlugs,
		"Changed":            testChangedAt,
	}
}

func testCreateBlog(t *testing.T, f *fixture) {
	in := newBlog("second")
	in.Cursor = liveblog.Cursor{Epoch: "000000000000", Seq: 9} // the store's to set
	in.Title = "中美首脑会晤 — 釜山 🇰🇷"
	in.CreatedAt = minute(3).In(time.FixedZone("KST", 9*3600)).Add(789)
	made, err := f.CreateBlog(t.Context(), in, audit(3, "blog.create"))
	if err != nil {
		t.Fatal(err)
	}
	if parsed, err := liveblog.ParseCursor(made.Cursor.String()); err != nil || parsed != made.Cursor ||
		made.Cursor.Seq != 0 {
		t.Errorf("the new blog's cursor is %q", made.Cursor)
	}
	if made.Cursor.Epoch == in.Cursor.Epoch || made.Cursor.Epoch == f.blog.Cursor.Epoch {
		t.Error("the new blog's epoch is not new")
	}
	want := in
	want.Cursor, want.CreatedAt, want.StartedAt, want.ChangedAt = made.Cursor, minute(3), minute(3), in.UpdatedAt
	want.ChangedBefore = in.UpdatedAt
	equal(t, "created blog", made, want)
	got, err := f.Blog(t.Context(), "second")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "blog read back", got, want)
}

func testSlugTaken(t *testing.T, f *fixture) {
	other := newBlog(slug)
	other.Title = "Another"
	_, err := f.CreateBlog(t.Context(), other, audit(1, "blog.create"))
	wantError(t, "CreateBlog", err, liveblog.Conflict, "slug")
	got, err := f.Blog(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the blog that was there", got, f.blog)
}

func testBlogsNewestFirst(t *testing.T, f *fixture) {
	for i, s := range []string{"c", "a", "b"} {
		b := newBlog(s)
		b.CreatedAt = minute(i + 1)
		if _, err := f.CreateBlog(t.Context(), b, audit(i, "blog.create")); err != nil {
			t.Fatal(err)
		}
	}
	all, err := f.Blogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slugs := []string{}
	for _, b := range all {
		slugs = append(slugs, b.Slug)
		one, err := f.Blog(t.Context(), b.Slug)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "a blog of the list", b, one)
	}
	equal(t, "order", slugs, []string{"b", "a", "c", slug})
}

func testUpdateBlog(t *testing.T, f *fixture) {
	key := f.post(t, keyEvent).Entry // seqs 1 and 2
	sum := f.post(t, summary).Entry  // seqs 3 and 4
	got, changes, err := f.UpdateBlog(t.Context(), slug, liveblog.BlogPatch{
		Title: new("  Day two "), Standfirst: new("New."), Status: new(liveblog.Paused),
		TimeZone: new("America/New_York"),
		Language: new("fr"), Venue: new("Gimhae"), Address: new("Busan")}, audit(7, "blog.update"))
	if err != nil {
		t.Fatal(err)
	}
	want := f.blog
	want.Title, want.Standfirst, want.Status = "Day two", "New.", liveblog.Paused
	want.Venue, want.Address = "Gimhae", "Busan"
	want.TimeZone, want.Language, want.UpdatedAt, want.ChangedAt, want.Cursor = "America/New_York", "fr", minute(7),
		minute(7), f.at(5)
	want.ChangedBefore = sum.UpdatedAt
	equal(t, "updated blog", got, want)
	read, err := f.Blog(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "blog read back", read, want)
	head := liveblog.Head{Blog: want, Summary: &sum, KeyEvents: []liveblog.Entry{key}}
	equal(t, "changes", changes, []liveblog.Change{{Cursor: f.at(5), Head: &head}})
	equal(t, "the change in the log", f.changes(t, 4, 10).List, changes)

	if _, _, err := f.UpdateBlog(t.Context(), slug, liveblog.BlogPatch{Status: new(liveblog.Ended)},
		audit(8, "blog.update")); err != nil {
		t.Fatal(err)
	}
	want.Status, want.UpdatedAt, want.EndedAt, want.ChangedAt, want.Cursor = liveblog.Ended, minute(8), minute(8),
		minute(8), f.at(6)
	want.ChangedBefore = minute(7)
	if read, err = f.Blog(t.Context(), slug); err != nil {
		t.Fatal(err)
	}
	equal(t, "a patch leaves the other fields", read, want)
}

// ChangedAt is the time of the latest change that readers see, including removals, and never goes back. ChangedBefore
// is what it was before that change, also if the change has left it as it was.
func testChangedAt(t *testing.T, f *fixture) {
	changed := func(what string, want, before time.Time) {
		t.Helper()
		b, err := f.Blog(t.Context(), slug)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, what, [2]time.Time{b.ChangedAt, b.ChangedBefore}, [2]time.Time{want, before})
		equal(t, what+", in the head", f.page(t, liveblog.PageQuery{}).Head.Blog, b)
	}
	at := func(n int) option { return func(e *liveblog.Entry) { e.UpdatedAt = minute(n) } }
	commit := func(prev liveblog.Entry, opts ...option) liveblog.Committed {
		t.Helper()
		c := revise(prev, opts...)
		for _, opt := range opts {
			opt(&c.Entry)
		}
		done, err := f.Commit(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	changed("a new blog", minute(0), minute(0))
	f.post(t, at(2))
	e := f.post(t, at(5)).Entry
	changed("a new entry", minute(5), minute(2))
	private := f.post(t, draft, at(6)).Entry
	commit(private, body("Other."), at(7))
	changed("a draft", minute(5), minute(2))
	e = commit(e, keyEvent, at(8)).Entry
	changed("an edit", minute(8), minute(5))
	done := commit(e, removed, at(10))
	changed("a removal", minute(10), minute(8))
	equal(t, "the head of the removal", done.Changes[1].Head.Blog.ChangedAt, minute(10))
	if _, _, err := f.UpdateBlog(t.Context(), slug, liveblog.BlogPatch{Title: new("Day two")},
		audit(12, "blog.update")); err != nil {
		t.Fatal(err)
	}
	changed("a new title", minute(12), minute(10))
	if _, _, err := f.UpdateSetup(t.Context(), slug,
		liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}}},
		audit(14, "setup.update")); err != nil {
		t.Fatal(err)
	}
	changed("a new setup", minute(14), minute(12))
	f.post(t, at(13))
	changed("a clock that is slow", minute(14), minute(14))
	b, _, err := f.UpdateBlog(t.Context(), slug, liveblog.BlogPatch{Title: new("Day three")}, audit(13, "blog.update"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "a title by a slow clock", [2]time.Time{b.UpdatedAt, b.ChangedAt}, [2]time.Time{minute(13), minute(14)})
}

func testUpdateBlogToTheSame(t *testing.T, f *fixture) {
	b, changes, err := f.UpdateBlog(t.Context(), slug,
		liveblog.BlogPatch{Title: new(" " + f.blog.Title), Status: new(f.blog.Status)},
		audit(7, "blog.update"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "blog", b, f.blog)
	if len(changes) != 0 {
		t.Errorf("%d changes, want none", len(changes))
	}
	equal(t, "cursor", f.cursor(t), f.at(0))
}

func testUpdateBlogInvalid(t *testing.T, f *fixture) {
	_, changes, err := f.UpdateBlog(t.Context(), slug,
		liveblog.BlogPatch{Title: new("Fine"), TimeZone: new("Mars/Olympus")},
		audit(7, "blog.update"))
	wantError(t, "UpdateBlog", err, liveblog.Invalid, "time_zone")
	if len(changes) != 0 {
		t.Errorf("%d changes, want none", len(changes))
	}
	b, err := f.Blog(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "blog", b, f.blog)
}

// calls calls every method that takes a slug and returns their errors.
func (f *fixture) calls(t *testing.T, slug string) map[string]error {
	t.Helper()
	ctx := t.Context()
	errs := map[string]error{}
	_, _, errs["UpdateBlog"] = f.UpdateBlog(ctx, slug, liveblog.BlogPatch{Title: new("New")}, audit(1, "blog.update"))
	_, errs["Blog"] = f.Blog(ctx, slug)
	_, errs["Cursor"] = f.Cursor(ctx, slug)
	_, errs["Commit"] = f.Commit(ctx, liveblog.Commit{Slug: slug, Entry: newEntry(), Audit: audit(1, "entry.post"),
		Key: &liveblog.IdempotencyKey{Actor: "u_1", Key: "k", Fingerprint: "f"}})
	edit := newEntry()
	edit.Number = 1
	_, errs["Commit of a change"] = f.Commit(ctx,
		liveblog.Commit{Slug: slug, Entry: edit, Base: 1, Audit: audit(1, "entry.edit")})
	_, errs["Before"] = f.Before(ctx, slug, 1)
	_, errs["Entry"] = f.Entry(ctx, slug, 1)
	_, errs["Revisions"] = f.Revisions(ctx, slug, 1, 0, everything)
	_, errs["Entries"] = f.Entries(ctx, slug, 0, 10)
	_, errs["Page"] = f.Page(ctx, liveblog.PageQuery{Slug: slug, Limit: 10})
	_, errs["Page before"] = f.Page(ctx, liveblog.PageQuery{Slug: slug, Before: 1, Limit: 10})
	_, errs["Page of one"] = f.Page(ctx, liveblog.PageQuery{Slug: slug, Number: 1})
	_, errs["ChangesAfter"] = f.ChangesAfter(ctx, slug, f.at(0), 10)
	return errs
}

func testUnknownSlugs(t *testing.T, f *fixture) {
	f.post(t)
	for _, slug := range []string{"absent", "", "Summit", "summit ", "summit\x00", "\xff", "' OR 1=1 --", "su%it",
		"峰会"} {
		for method, err := range f.calls(t, slug) {
			wantError(t, method+" of "+slug, err, liveblog.NotFound, "slug")
		}
	}
}
