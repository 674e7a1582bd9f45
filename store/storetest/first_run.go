package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"readout/liveblog"
)

func firstRunTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"First run":       testFirstRun,
		"First run twice": testFirstRunAtOnce,
	}
}

func finished(hash, id string, at int) liveblog.FinishedFirstRun {
	u := user(id, id+"@example.org")
	u.Role, u.CreatedAt = liveblog.Admin, minute(at)
	return liveblog.FinishedFirstRun{Hash: hash, User: u, Blog: newBlog("first-" + id),
		Session: liveblog.Session{Hash: "session " + id, UserID: id, CreatedAt: minute(at),
			ExpiresAt: minute(at + 9)},
		AddedUser: audit(at, "user.add"), AddedBlog: audit(at, "blog.create")}
}

// It fails if an offer works after its time, twice, with another secret, or once there is a user, or if a part of what
// a first run adds is missing.
func testFirstRun(t *testing.T, f *fixture) {
	offer := func(hash string, at int, want bool) {
		t.Helper()
		if got, err := f.OfferFirstRun(t.Context(), hash, minute(at), minute(at+60)); err != nil || got != want {
			t.Errorf("OfferFirstRun(%s) = %t, %v; want %t", hash, got, err, want)
		}
	}
	open := func(hash string, at int, want bool) {
		t.Helper()
		if got, err := f.FirstRunIsOpen(t.Context(), hash, minute(at)); err != nil || got != want {
			t.Errorf("FirstRunIsOpen(%s, %d) = %t, %v; want %t", hash, at, got, err, want)
		}
	}
	finish := func(hash, id string, at int, want bool) {
		t.Helper()
		if got, err := f.FinishFirstRun(t.Context(), finished(hash, id, at)); err != nil || got != want {
			t.Errorf("FinishFirstRun(%s, %s) = %t, %v; want %t", hash, id, got, err, want)
		}
	}
	open("one", 1, false)
	offer("one", 1, true)
	offer("two", 30, true)
	open("one", 60, true)
	open("one", 61, false)
	open("two", 61, true)
	finish("one", "u_1", 61, false)
	finish("other", "u_1", 31, false)
	finish("two", "u_1", 61, true)
	if _, u, err := f.SessionUser(t.Context(), "session u_1"); err != nil || u.Role != liveblog.Admin {
		t.Errorf("the session's user is %+v, %v", u, err)
	}
	if _, err := f.Blog(t.Context(), "first-u_1"); err != nil {
		t.Error(err)
	}
	open("two", 61, false)
	finish("two", "u_2", 61, false)
	offer("three", 62, false)
	open("three", 62, false)
	_, err := f.Blog(t.Context(), "first-u_2")
	wantError(t, "Blog", err, liveblog.NotFound, "slug")
}

// It fails if two people who send the form at the same time, with the same address or with those of two nodes, both
// become admins.
func testFirstRunAtOnce(t *testing.T, f *fixture) {
	for _, hash := range []string{"one", "two"} {
		if _, err := f.OfferFirstRun(t.Context(), hash, minute(1), minute(61)); err != nil {
			t.Fatal(err)
		}
	}
	var done atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			ok, err := f.FinishFirstRun(t.Context(), finished([]string{"one", "two"}[i%2], fmt.Sprint("u_", i), 2))
			if err != nil && liveblog.CodeOf(err) != liveblog.Unavailable {
				t.Error(err)
			}
			if ok {
				done.Add(1)
			}
		})
	}
	all.Wait()
	users := 0
	for i := range 8 {
		if _, err := f.UserByEmail(t.Context(), fmt.Sprintf("u_%d@example.org", i)); err == nil {
			users++
		}
	}
	if done.Load() != 1 || users != 1 {
		t.Errorf("%d first runs were finished, and there are %d users", done.Load(), users)
	}
}
