package storetest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"readout/liveblog"
)

func keyTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Replay":           testReplay,
		"Replay is as was": testReplayAsWas,
		"Reused":           testKeyReused,
		"Actors":           testKeysOfActors,
		"Concurrent":       testKeyConcurrent,
		"Expire":           testExpireKeys,
	}
}

func keyed(actor, key, fingerprint string) liveblog.Commit {
	return liveblog.Commit{Slug: slug, Entry: newEntry(), Audit: audit(1, "entry.post"),
		Key: &liveblog.IdempotencyKey{Actor: actor, Key: key, Fingerprint: fingerprint}}
}

func (f *fixture) commit(t *testing.T, c liveblog.Commit) liveblog.Committed {
	t.Helper()
	done, err := f.Commit(t.Context(), c)
	if err != nil {
		t.Fatalf("Commit: %v", err)
	}
	return done
}

func testReplay(t *testing.T, f *fixture) {
	for i, key := range []string{"k", "K", " k", strings.Repeat("é", 127) + "x"} {
		first := f.commit(t, keyed("u_1", key, "print"))
		if first.Replayed {
			t.Fatalf("the new key %q counts as used", key)
		}
		again := f.commit(t, keyed("u_1", key, "print"))
		equal(t, "replay", again, liveblog.Committed{Entry: first.Entry, Replayed: true})
		equal(t, "cursor", f.cursor(t), f.at(int64(i+1)))
	}
	equal(t, "next number", f.post(t).Entry.Number, 5)
}

func testReplayAsWas(t *testing.T, f *fixture) {
	first := f.commit(t, keyed("u_1", "k", "print")).Entry
	f.edit(t, f.edit(t, first, body("Changed.")).Entry, removed)
	again := f.commit(t, keyed("u_1", "k", "print"))
	equal(t, "replay", again, liveblog.Committed{Entry: first, Replayed: true})
}

func testKeyReused(t *testing.T, f *fixture) {
	f.createBlog(t, "other")
	f.commit(t, keyed("u_1", "k", "print"))
	_, err := f.Commit(t.Context(), keyed("u_1", "k", "another print"))
	wantError(t, "another request", err, liveblog.KeyReused, "Idempotency-Key")
	elsewhere := keyed("u_1", "k", "print")
	elsewhere.Slug = "other"
	_, err = f.Commit(t.Context(), elsewhere)
	wantError(t, "another blog", err, liveblog.KeyReused, "Idempotency-Key")
	equal(t, "cursor", f.cursor(t), f.at(1))
}

func testKeysOfActors(t *testing.T, f *fixture) {
	f.commit(t, keyed("u_1", "k", "print"))
	if done := f.commit(t, keyed("u_2", "k", "another print")); done.Replayed || done.Entry.Number != 2 {
		t.Errorf("the key of another actor made entry %d, replayed %v", done.Entry.Number, done.Replayed)
	}
}

func testKeyConcurrent(t *testing.T, f *fixture) {
	const callers = 20
	f.concurrent = true
	var done [callers]liveblog.Committed
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			var err error
			if done[i], err = f.Commit(t.Context(), keyed("u_1", "k", "print")); err != nil {
				t.Errorf("Commit: %v", err)
			}
		})
	}
	wg.Wait()
	fresh := 0
	for _, d := range done {
		if !d.Replayed {
			fresh++
		}
		equal(t, "entry", d.Entry, done[0].Entry)
	}
	equal(t, "commits that wrote", fresh, 1)
	equal(t, "cursor", f.cursor(t), f.at(1))
}

func testExpireKeys(t *testing.T, f *fixture) {
	f.commit(t, keyed("u_1", "k", "print")) // at minute 1
	if err := f.Expire(t.Context(), minute(1).Add(liveblog.KeyLifetime)); err != nil {
		t.Fatal(err)
	}
	if !f.commit(t, keyed("u_1", "k", "print")).Replayed {
		t.Error("the key expired too early")
	}
	if err := f.Expire(t.Context(), minute(1).Add(liveblog.KeyLifetime+time.Microsecond)); err != nil {
		t.Fatal(err)
	}
	if done := f.commit(t, keyed("u_1", "k", "another print")); done.Replayed || done.Entry.Number != 2 {
		t.Error("the key did not expire")
	}
	if _, err := f.Entry(t.Context(), slug, 1); err != nil {
		t.Errorf("the entry of an expired key: %v", err)
	}
}
