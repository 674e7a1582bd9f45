package store

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"readout/liveblog"
)

// count returns the number of rows in a table.
func count(t *testing.T, s *store, table string) (n int) {
	t.Helper()
	if err := s.write.QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// While the disk is full, writes fail with DiskFull and without an effect, reads work, and the store's condition says
// so. Writes work again as soon as there is space.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	addBlog(t, s, "summit")
	first, err := post(t.Context(), s, "summit", "First.")
	if err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := s.write.QueryRowContext(t.Context(), `PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		t.Helper()
		var got int
		if err := s.write.QueryRowContext(t.Context(),
			`PRAGMA max_page_count = `+strconv.Itoa(n)).Scan(&got); err != nil || got != n {
			t.Fatalf("the limit is %d, want %d, error %v", got, n, err)
		}
	}
	long := strings.Repeat("x", 60_000)
	// If there is room for the entry but not for its revision, the write fails halfway.
	for room := range 25 {
		limit(pages + room)
		_, err := post(t.Context(), s, "summit", long)
		if liveblog.CodeOf(err) != liveblog.DiskFull || !s.Condition().DiskFull {
			t.Fatalf("with room for %d pages: error %v, want DiskFull; condition %+v", room, err, s.Condition())
		}
	}
	for table, want := range map[string]int{"entries": 1, "revisions": 1, "audit": 2} {
		if n := count(t, s, table); n != want {
			t.Errorf("%s has %d rows, want %d", table, n, want)
		}
	}
	c, err := s.Cursor(t.Context(), "summit")
	if err != nil || c != first.Changes[0].Cursor {
		t.Errorf("cursor %v, want %v, error %v", c, first.Changes[0].Cursor, err)
	}

	limit(pages + 1000)
	second, err := post(t.Context(), s, "summit", long)
	if err != nil || second.Entry.Number != 2 || second.Entry.Seq != 2 || s.Condition().DiskFull {
		t.Errorf("after the disk had space again: entry %d at seq %d, error %v",
			second.Entry.Number, second.Entry.Seq, err)
	}
}

// If another process locks the database, writes fail with Unavailable, but reads work.
func TestLockedByAnotherProcess(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	s := openFile(t, path)
	addBlog(t, s, "summit")
	mustExec(t, s.write, `PRAGMA busy_timeout = 1`)

	other := raw(t, path)
	mustExec(t, other, `BEGIN IMMEDIATE`)
	_, err := post(t.Context(), s, "summit", "Waits in vain.")
	if liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("error %v, want Unavailable", err)
	}
	if _, err := s.Page(t.Context(), liveblog.PageQuery{Slug: "summit", Limit: 10}); err != nil {
		t.Errorf("Page: %v", err)
	}
	mustExec(t, other, `COMMIT`)
	if _, err := post(t.Context(), s, "summit", "Goes through."); err != nil {
		t.Errorf("Commit: %v", err)
	}
}

// A call whose context ends returns at once, whether it waits for the lock or for the connection.
func TestCancelWhileWaiting(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	s := openFile(t, path)
	addBlog(t, s, "summit")
	mustExec(t, s.write, `PRAGMA busy_timeout = 600000`)
	other := raw(t, path)
	mustExec(t, other, `BEGIN IMMEDIATE`)

	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, 2)
	for range 2 { // one waits for the lock, the other for the connection
		go func() {
			_, err := post(ctx, s, "summit", "Given up.")
			errs <- err
		}()
	}
	for s.write.Stats().WaitCount == 0 {
		select {
		case err := <-errs:
			t.Fatalf("a write did not wait for the lock: %v", err)
		default:
			runtime.Gosched()
		}
	}
	cancel()
	for range 2 {
		if err := <-errs; liveblog.CodeOf(err) != liveblog.Unavailable || !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want Unavailable for a cancelled context", err)
		}
	}
	mustExec(t, other, `COMMIT`)
	if done, err := post(t.Context(), s, "summit", "Goes through."); err != nil || done.Entry.Number != 1 {
		t.Errorf("entry %d, error %v", done.Entry.Number, err)
	}
}

// Writes of two stores on one file are serialized: each waits for the other's commit and sees its result.
func TestTwoStoresOnOneFile(t *testing.T) {
	t.Parallel()
	const writers, each = 4, 10
	path := newFile(t)
	stores := openTwo(t, path)
	addBlog(t, stores[0], "summit")
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			here, there := stores[w%2], stores[(w+1)%2]
			for range each {
				done, err := post(t.Context(), here, "summit", "Either side.")
				if err != nil {
					t.Errorf("Commit: %v", err)
					return
				}
				if c, err := there.Cursor(t.Context(), "summit"); err != nil || c.Seq < done.Entry.Seq {
					t.Errorf("the other store is at %v after the commit of %d, error %v", c, done.Entry.Seq, err)
				}
			}
		})
	}
	wg.Wait()
	for _, s := range stores {
		p, err := s.Page(t.Context(), liveblog.PageQuery{Slug: "summit", Limit: 2 * writers * each})
		if err != nil || len(p.Entries) != writers*each || p.Head.Blog.Cursor.Seq != writers*each {
			t.Errorf("%d entries at %v, want %d, error %v", len(p.Entries), p.Head.Blog.Cursor, writers*each, err)
		}
	}
}

// Every write adds an audit line, and the lines have the order of the writes.
func TestAudit(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	ctx := t.Context()
	addBlog(t, s, "summit")
	done, err := post(ctx, s, "summit", "First.")
	if err != nil {
		t.Fatal(err)
	}
	line := func(action string, at int) liveblog.Audit {
		return liveblog.Audit{At: done.Entry.CreatedAt.AddDate(0, 0, at), ActorID: "u_2", Actor: "Grace",
			Action: action}
	}
	edit := done.Entry
	edit.Body = "Second."
	if _, err := s.Commit(ctx, liveblog.Commit{Slug: "summit", Entry: edit, Base: 1,
		Audit: line("entry.edit", 1)}); err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{"Two", "Two"} { // the second changes nothing
		if _, _, err := s.UpdateBlog(ctx, "summit", liveblog.BlogPatch{Title: &title},
			line("blog.update", 2)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.CreateUser(ctx, liveblog.User{ID: "u_3", Email: "a@example.org"}, line("user.add", 3)); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateToken(ctx, liveblog.Token{ID: "t_1", Name: "Wire"}, line("token.add", 4)); err != nil {
		t.Fatal(err)
	}
	rows, err := s.read.QueryContext(ctx, `SELECT
		actor_id || ' ' || actor || ' ' || action || ' ' || coalesce(blog, '-') || ' ' ||
		coalesce(CAST(number AS TEXT), '-') || ' ' || coalesce(CAST(revision AS TEXT), '-') || ' ' ||
		coalesce(account, '-')
		FROM audit ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var l string
		if err := rows.Scan(&l); err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	want := []string{
		"u_1 Ada entry.post summit 1 1 -",
		"u_2 Grace entry.edit summit 1 2 -",
		"u_2 Grace blog.update summit - - -",
		"u_2 Grace user.add - - - u_3",
		"u_2 Grace token.add - - - t_1",
	}
	if len(got) == 0 || strings.Join(got[1:], "\n") != strings.Join(want, "\n") ||
		!strings.Contains(got[0], "blog.create summit") {
		t.Errorf("audit:\n%s\nwant after the first:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
