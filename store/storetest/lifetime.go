package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"readout/liveblog"
)

func lifetimeTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Reopen":    testReopen,
		"Cancelled": testCancelled,
		"Deadline":  testDeadline,
	}
}

func testReopen(t *testing.T, f *fixture) {
	fill(t, f)
	key := keyed("u_1", "k", "print")
	made := f.commit(t, key)
	ada := user("u_1", "ada@example.org")
	if err := f.CreateUser(t.Context(), ada, audit(1, "user.add")); err != nil {
		t.Fatal(err)
	}
	session := liveblog.Session{Hash: "hash", UserID: "u_1", CSRF: "csrf", CreatedAt: minute(1), ExpiresAt: minute(2)}
	if err := f.CreateSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	page := f.page(t, liveblog.PageQuery{Limit: 100})
	changes := f.changes(t, 0, 100)
	entries, err := f.Entries(t.Context(), slug, 0, 100)
	if err != nil {
		t.Fatal(err)
	}

	f.reopen(t)
	equal(t, "page", f.page(t, liveblog.PageQuery{Limit: 100}), page)
	equal(t, "changes", f.changes(t, 0, 100), changes)
	again, err := f.Entries(t.Context(), slug, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "entries", again, entries)
	equal(t, "replay", f.commit(t, key), liveblog.Committed{Entry: made.Entry, Replayed: true})
	s, u, err := f.SessionUser(t.Context(), "hash")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "session", s, session)
	equal(t, "user", u, ada)
	next := f.post(t)
	equal(t, "next number", next.Entry.Number, made.Entry.Number+1)
	equal(t, "next seq", next.Changes[0].Cursor, f.at(changes.Cursor.Seq+1))
}

// ended calls every method with ctx and returns their errors.
func (f *fixture) ended(t *testing.T, ctx context.Context) map[string]error {
	t.Helper()
	errs := map[string]error{}
	_, errs["CreateBlog"] = f.CreateBlog(ctx, newBlog("late"), audit(1, "blog.create"))
	_, _, errs["UpdateBlog"] = f.UpdateBlog(ctx, slug, liveblog.BlogPatch{Title: new("Late")}, audit(1, "blog.update"))
	_, errs["Blogs"] = f.Blogs(ctx)
	_, errs["Blog"] = f.Blog(ctx, slug)
	_, errs["Cursor"] = f.Cursor(ctx, slug)
	_, errs["Commit"] = f.add(ctx)
	_, errs["Before"] = f.Before(ctx, slug, 1)
	_, errs["Entry"] = f.Entry(ctx, slug, 1)
	_, errs["Revisions"] = f.Revisions(ctx, slug, 1, 0, everything)
	_, errs["Entries"] = f.Entries(ctx, slug, 0, 10)
	_, errs["Page"] = f.Page(ctx, liveblog.PageQuery{Slug: slug, Limit: 10})
	_, errs["ChangesAfter"] = f.ChangesAfter(ctx, slug, f.at(0), 10)
	errs["CreateUser"] = f.CreateUser(ctx, user("u_1", "late@example.org"), audit(1, "user.add"))
	_, errs["UserByEmail"] = f.UserByEmail(ctx, "late@example.org")
	errs["CreateSession"] = f.CreateSession(ctx, liveblog.Session{Hash: "late", UserID: "u_1"})
	_, _, errs["SessionUser"] = f.SessionUser(ctx, "late")
	tries := []liveblog.Tries{{Key: "late", TryLimit: liveblog.TriesByEmail()}}
	_, errs["TakeTries"] = f.TakeTries(ctx, tries, minute(1))
	errs["ReturnTries"] = f.ReturnTries(ctx, tries)
	_, errs["KnowsBrowser"] = f.KnowsBrowser(ctx, "late@example.org", "late")
	_, errs["RememberBrowser"] = f.RememberBrowser(ctx, "u_1", "late", "later", minute(1))
	_, errs["OfferFirstRun"] = f.OfferFirstRun(ctx, "late", minute(1), minute(2))
	_, errs["FirstRunIsOpen"] = f.FirstRunIsOpen(ctx, "late", minute(1))
	_, errs["FinishFirstRun"] = f.FinishFirstRun(ctx, finished("late", "u_1", 1))
	errs["UseSession"] = f.UseSession(ctx, "late", minute(1))
	_, errs["SessionsOf"] = f.SessionsOf(ctx, "u_1")
	_, errs["EndSessions"] = f.EndSessions(ctx, "u_1", liveblog.EndedSessions{}, audit(1, "session.end"))
	errs["SetPassword"] = f.SetPassword(ctx, liveblog.NewPassword{UserID: "u_1", Hash: "late"},
		audit(1, "user.password"))
	errs["RenameUser"] = f.RenameUser(ctx, "u_1", "Late", audit(1, "user.name"))
	errs["DeleteSession"] = f.DeleteSession(ctx, "late")
	errs["CreateToken"] = f.CreateToken(ctx, liveblog.Token{ID: "t_1", Hash: "late", Name: "late"},
		audit(1, "token.add"))
	_, errs["TokenByHash"] = f.TokenByHash(ctx, "late")
	errs["Expire"] = f.Expire(ctx, minute(0))
	return errs
}

func testCancelled(t *testing.T, f *fixture) {
	f.post(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for method, err := range f.ended(t, ctx) {
		wantError(t, method, err, liveblog.Unavailable, "")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the error of %s does not wrap context.Canceled: %v", method, err)
		}
	}
	equal(t, "cursor", f.cursor(t), f.at(1))
	equal(t, "next number", f.post(t).Entry.Number, 2)
}

func testDeadline(t *testing.T, f *fixture) {
	f.post(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for method, err := range f.ended(t, ctx) {
		wantError(t, method, err, liveblog.Unavailable, "")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error of %s does not wrap context.DeadlineExceeded: %v", method, err)
		}
	}
	equal(t, "cursor", f.cursor(t), f.at(1))
}
