package store

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"readout/liveblog"
	"readout/store/postgrestest"
)

// eventually calls fn until it succeeds. Errors until then must be Unavailable.
func eventually(t *testing.T, fn func() error) {
	t.Helper()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := fn()
		if err == nil {
			return
		}
		if liveblog.CodeOf(err) != liveblog.Unavailable {
			t.Fatalf("error %v, want Unavailable", err)
		}
		select {
		case <-limit.C:
			t.Fatalf("still: %v", err)
		case <-tick.C:
		}
	}
}

// Through a restart, a crash and a hang of the server each answer is right or Unavailable and comes in time, what
// was acknowledged is there, and the store heals without being opened anew.
func TestPostgresServerFaults(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, "fsync=on")
	url := server.NewDatabase(t)
	s := openURL(t, url)
	addBlog(t, s, "summit")

	const limit = time.Second
	var mu sync.Mutex // guards acknowledged
	acknowledged := map[string]bool{}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				body := fmt.Sprintf("%d.%d", w, i)
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				began := time.Now()
				_, err := post(ctx, s, "summit", body)
				took := time.Since(began)
				cancel()
				switch liveblog.CodeOf(err) {
				case "":
					mu.Lock()
					acknowledged[body] = true
					mu.Unlock()
				case liveblog.Unavailable:
				default:
					t.Errorf("Commit: %v", err)
				}
				if took > limit+3*time.Second {
					t.Errorf("an answer took %v", took)
				}
			}
		})
	}
	write := func() error { _, err := s.Cursor(t.Context(), "summit"); return err }
	more := func() {
		t.Helper()
		mu.Lock()
		before := len(acknowledged)
		mu.Unlock()
		eventually(t, func() error {
			mu.Lock()
			defer mu.Unlock()
			if len(acknowledged) > before+20 {
				return nil
			}
			return &liveblog.Error{Code: liveblog.Unavailable}
		})
	}
	more()
	server.Restart(t)
	eventually(t, write)
	more()
	for range 3 {
		server.Kill(t)
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		if _, err := s.Cursor(ctx, "summit"); liveblog.CodeOf(err) != liveblog.Unavailable {
			t.Errorf("without a server: %v", err)
		}
		cancel()
		server.Start(t)
		more()
	}
	server.Pause(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	began := time.Now()
	if _, err := s.Page(ctx, liveblog.PageQuery{Slug: "summit", Limit: 1}); liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("of a server that hangs: %v", err)
	}
	if took := time.Since(began); took > 2*limit {
		t.Errorf("the answer took %v", took)
	}
	cancel()
	server.Resume(t)
	more()
	close(stop)
	wg.Wait()

	all, err := s.Entries(t.Context(), "summit", 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for i, e := range all {
		if there[e.Body] || e.Number != len(all)-i || e.Seq != int64(e.Number) {
			t.Errorf("entry %d at seq %d: %q", e.Number, e.Seq, e.Body)
		}
		there[e.Body] = true
	}
	for body := range acknowledged {
		if !there[body] {
			t.Errorf("%q was acknowledged and is not there", body)
		}
	}
}

// A node that hangs in the middle of a write keeps a blog from others for the server's few seconds alone.
func TestPostgresHolderHangs(t *testing.T) {
	t.Parallel()
	url := PostgresServer.Server(t).NewDatabase(t)
	hangs, other := openURL(t, url), openURL(t, url)
	addBlog(t, other, "summit")
	tx, err := hangs.write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := hangs.lockBlog(t.Context(), tx, "summit"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := post(t.Context(), other, "summit", "Goes through."); err != nil {
		t.Errorf("Commit: %v", err)
	}
	if took := time.Since(began); took < time.Second {
		t.Errorf("the blog was free after %v, so nobody had it", took)
	}
	// The node that wakes up learns that its write has not happened.
	_, err = tx.ExecContext(t.Context(), `UPDATE blogs SET seq = 7`)
	if err == nil {
		err = tx.Commit()
	}
	if code := liveblog.CodeOf(hangs.failure(t.Context(), "wake", err)); err == nil || code != liveblog.Unavailable {
		t.Errorf("code %q, error %v", code, err)
	}
	if _, err := post(t.Context(), hangs, "summit", "And after it."); err != nil {
		t.Errorf("Commit: %v", err)
	}
}

// Somebody who waits for a lock that is never given gets an answer, and so does one that has given up.
func TestPostgresLockNeverGiven(t *testing.T) {
	t.Parallel()
	url := with(PostgresServer.Server(t).NewDatabase(t), "lock_timeout=200")
	s := openURL(t, url)
	addBlog(t, s, "summit")
	db := rawPostgres(t, url)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(t.Context(), `SELECT 1 FROM blogs FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	if _, err := post(t.Context(), s, "summit", "In vain."); liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("error %v, want Unavailable", err)
	}
	if _, err := s.Page(t.Context(), liveblog.PageQuery{Slug: "summit", Limit: 10}); err != nil {
		t.Errorf("a reader waits for a writer: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := post(ctx, s, "summit", "Given up."); done <- err }()
	waitForLock(t, s.read)
	cancel()
	if err := <-done; liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("error %v, want Unavailable", err)
	}
}

// A new connection that falls silent before it is admitted is given up after the time to connect, however patient
// who asked for it is, and whoever it was opened for.
func TestPostgresNewConnectionFallsSilent(t *testing.T) {
	t.Parallel()
	server := PostgresServer.Server(t)
	url := server.NewDatabase(t)
	s := openURL(t, with(url, "connect_timeout=1&lock_timeout=0&statement_timeout=0&pool_max_conns=2"))
	addBlog(t, s, "summit")
	db := rawPostgres(t, url)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	// Who is admitted reads this table first, and now nobody gets an answer.
	if _, err := tx.ExecContext(t.Context(), `LOCK TABLE origin IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	server.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), `+
		`(SELECT pid FROM pg_locks WHERE relation = 'origin'::regclass AND mode = 'AccessExclusiveLock' AND granted))`)

	const patient = 20 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	var wg sync.WaitGroup
	began := time.Now()
	for range 4 { // more than there are connections
		wg.Go(func() {
			if _, err := s.Cursor(ctx, "summit"); liveblog.CodeOf(err) != liveblog.Unavailable {
				t.Errorf("error %v, want Unavailable", err)
			}
		})
	}
	wg.Wait()
	if took := time.Since(began); took > patient/2 {
		t.Errorf("the answers took %v", took)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error { _, err := s.Cursor(t.Context(), "summit"); return err })
}
