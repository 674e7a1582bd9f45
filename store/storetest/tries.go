package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
)

func triesTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Tries":            testTries,
		"Tries at once":    testTriesAtOnce,
		"Browsers":         testBrowsers,
		"Expired browsers": testExpiredBrowsers,
	}
}

func bucket(key string, burst int) liveblog.Tries {
	return liveblog.Tries{Key: key, TryLimit: liveblog.TryLimit{Burst: burst, Every: 10 * time.Second}}
}

// It fails if a bucket gives more tries than it has, or the wrong wait, if a refusal takes a try from the other bucket,
// or if a try that is returned is lost.
func testTries(t *testing.T, f *fixture) {
	take := func(after time.Duration, want time.Duration, from ...liveblog.Tries) {
		t.Helper()
		wait, err := f.TakeTries(t.Context(), from, minute(1).Add(after))
		if err != nil || wait != want {
			t.Errorf("after %s TakeTries waits %s (%v), want %s", after, wait, err, want)
		}
	}
	a, b := bucket("b", 2), bucket("a", 3)
	take(0, 0, a, b)
	take(0, 0, a, b)
	take(0, 10*time.Second, a, b)
	take(time.Second, 9*time.Second, a, b)
	take(time.Second, 0, b) // the refusals took nothing from it
	take(time.Second, 9*time.Second, b)
	take(10*time.Second, 0, a)
	take(10*time.Second, 10*time.Second, a)
	if err := f.ReturnTries(t.Context(), []liveblog.Tries{a}); err != nil {
		t.Fatal(err)
	}
	take(10*time.Second, 0, a)
	take(10*time.Second, 10*time.Second, a)
	if err := f.Expire(t.Context(), minute(1).Add(10*time.Second)); err != nil { // they are not full yet
		t.Fatal(err)
	}
	take(10*time.Second, 10*time.Second, a)
	if err := f.Expire(t.Context(), minute(2)); err != nil {
		t.Fatal(err)
	}
	take(time.Minute, 0, a)
	if err := f.ReturnTries(t.Context(), []liveblog.Tries{bucket("unknown", 1)}); err != nil {
		t.Errorf("ReturnTries of an unknown bucket: %v", err)
	}
}

// It fails if tries that are taken at the same time exceed the burst, or wait for each other forever.
func testTriesAtOnce(t *testing.T, f *fixture) {
	var got atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			from := []liveblog.Tries{bucket("x", 5), bucket("y", 100)}
			if i%2 == 0 {
				from[0], from[1] = from[1], from[0]
			}
			for range 4 {
				wait, err := f.TakeTries(t.Context(), from, minute(1))
				if err != nil {
					t.Error(err)
				} else if wait == 0 {
					got.Add(1)
				}
			}
		})
	}
	all.Wait()
	if got.Load() != 5 {
		t.Errorf("%d tries were taken, want 5", got.Load())
	}
}

// It fails if a browser is known for somebody who has not logged in in it, if a secret that nobody has used is kept, or
// if more browsers than the limit are remembered.
func testBrowsers(t *testing.T, f *fixture) {
	f.newSession(t, "u_1", "s1", 1)
	f.newSession(t, "u_2", "s2", 1)
	remember := func(user, hash, fresh string, at int, want bool) {
		t.Helper()
		if kept, err := f.RememberBrowser(t.Context(), user, hash, fresh, minute(at)); err != nil || kept != want {
			t.Errorf("RememberBrowser(%s, %s) = %t, %v; want %t", user, hash, kept, err, want)
		}
	}
	knows := func(email, hash string, want bool) {
		t.Helper()
		if known, err := f.KnowsBrowser(t.Context(), email, hash); err != nil || known != want {
			t.Errorf("KnowsBrowser(%q, %s) = %t, %v; want %t", email, hash, known, err, want)
		}
	}
	remember("u_1", "planted", "one", 1, false)
	knows("u_1@example.org", "planted", false)
	knows("U_1@EXAMPLE.org", "one", true)
	knows("u_2@example.org", "one", false)
	knows("nobody@example.org", "one", false)
	knows("\x00", "one", false)
	remember("u_1", "one", "unused", 2, true)
	remember("u_2", "one", "unused", 2, true)
	knows("u_2@example.org", "one", true)
	knows("u_1@example.org", "one", true)
	for i := range liveblog.MaxBrowsers {
		remember("u_1", "", fmt.Sprintf("more%d", i), 3+i, false)
	}
	knows("u_1@example.org", "one", false)
	knows("u_1@example.org", "more0", true)
	knows("u_2@example.org", "one", true)
}

// It fails if a browser is forgotten too early, or never.
func testExpiredBrowsers(t *testing.T, f *fixture) {
	f.newSession(t, "u_1", "s1", 1)
	if _, err := f.RememberBrowser(t.Context(), "u_1", "", "one", minute(1)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		after time.Duration
		known bool
	}{{liveblog.BrowserMemory, true}, {liveblog.BrowserMemory + time.Microsecond, false}} {
		if err := f.Expire(t.Context(), minute(1).Add(tt.after)); err != nil {
			t.Fatal(err)
		}
		if known, err := f.KnowsBrowser(t.Context(), "u_1@example.org", "one"); err != nil || known != tt.known {
			t.Errorf("after %s the browser is known: %t, %v", tt.after, known, err)
		}
	}
}
