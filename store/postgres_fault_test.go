package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"readout/liveblog"
	"readout/store/postgrestest"
)

// eventually calls fn until it succeeds. Until then, its errors must be Unavailable.
func eventually(t *testing.T, fn func() error) {
	t.Helper()
	limit := time.NewTimer(patience)
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
			t.Fatalf("after %v it still does not succeed: %v", patience, err)
		case <-tick.C:
		}
	}
}

// During a restart, a crash and a hang of the server, every call returns either a correct result or Unavailable.
// Acknowledged writes are not lost, and the store recovers without being reopened.
func TestPostgresServerFaults(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	url := postgrestest.Patient(server.NewDatabase(t))
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
				// No deadline is needed: the server answers every request or closes the connection after each fault.
				_, err := post(t.Context(), s, "summit", body)
				switch liveblog.CodeOf(err) {
				case "":
					mu.Lock()
					acknowledged[body] = true
					mu.Unlock()
				case liveblog.Unavailable:
				default:
					t.Errorf("Commit: %v", err)
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
			if len(acknowledged) > before+5 {
				return nil
			}
			return &liveblog.Error{Code: liveblog.Unavailable,
				Message: fmt.Sprintf("%d writes more are acknowledged, not yet 6", len(acknowledged)-before)}
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
			t.Errorf("while the server is down: %v", err)
		}
		cancel()
		server.Start(t)
		more()
	}
	server.Pause(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit) // nothing else would end the call
	if _, err := s.Page(ctx, liveblog.PageQuery{Slug: "summit",
		Limit: 1}); liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("while the server hangs: %v", err)
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
			t.Errorf("%q was acknowledged and is lost", body)
		}
	}
}

// A node that hangs in a write blocks a blog only until the server ends its transaction, after
// idle_in_transaction_session_timeout. TestPostgresSession checks the default of that setting.
func TestPostgresHangingWriter(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
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
	done := make(chan error, 1)
	go func() { _, err := post(t.Context(), other, "summit", "Goes through."); done <- err }()
	waitForLock(t, other.read)
	// The transaction is idle from here on.
	if _, err := tx.ExecContext(t.Context(), `SET LOCAL idle_in_transaction_session_timeout = 10`); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("Commit: %v", err)
	}
	// When the hanging node continues, its write fails.
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

// A write that waits for a lock fails after lock_timeout, or when its context ends.
func TestPostgresLockTimeout(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	s, waits := openURL(t, with(url, "lock_timeout=200")), openURL(t, url)
	addBlog(t, waits, "summit")
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
	go func() { _, err := post(ctx, waits, "summit", "Given up."); done <- err }()
	waitForLock(t, waits.read)
	cancel()
	if err := <-done; liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("error %v, want Unavailable", err)
	}
}

// A new connection that stops responding before its origin is checked is closed after connect_timeout, even if the
// caller has a longer deadline.
func TestPostgresUnresponsiveConnection(t *testing.T) {
	t.Parallel()
	server, url := PostgresServer.Server(t), newPostgres(t)
	const connect = "5" // seconds; enough for the last line of the test, even on a busy machine
	var s *store
	eventually(t, func() error {
		var err error
		if s, err = open(t.Context(), with(url, "pool_max_conns=2&connect_timeout="+connect), bringUp); err != nil {
			return &liveblog.Error{Code: liveblog.Unavailable, Err: err}
		}
		return nil
	})
	defer s.Close()
	eventually(t, func() error {
		_, err := s.CreateBlog(t.Context(), liveblog.Blog{Slug: "summit"}, liveblog.Audit{})
		return err
	})
	db := rawPostgres(t, url)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	// checkOrigin reads this table first, so every new connection now waits for the lock.
	if _, err := tx.ExecContext(t.Context(), `LOCK TABLE origin IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	server.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), `+
		`(SELECT pid FROM pg_locks WHERE relation = 'origin'::regclass AND mode = 'AccessExclusiveLock' AND granted))`)

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var wg sync.WaitGroup
	for range 4 { // more than there are connections
		wg.Go(func() {
			if _, err := s.Cursor(ctx, "summit"); liveblog.CodeOf(err) != liveblog.Unavailable {
				t.Errorf("error %v, want Unavailable", err)
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		t.Errorf("the calls returned only when their contexts ended: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error { _, err := s.Cursor(t.Context(), "summit"); return err })
}

// A full disk of the server is told apart from a server that does not answer. Reads may need space, too, but to readers
// it makes no difference.
func TestPostgresDiskFull(t *testing.T) {
	t.Parallel()
	s := openURL(t, newPostgres(t))
	addBlog(t, s, "summit")
	mustExec(t, s.write, `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'could not extend file'; END $$`)
	mustExec(t, s.write, `CREATE TRIGGER fail BEFORE INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION fail()`)
	if _, err := post(t.Context(), s, "summit", "First."); liveblog.CodeOf(err) != liveblog.DiskFull {
		t.Errorf("error %v, want DiskFull", err)
	}
	if !s.Condition().DiskFull {
		t.Error("the store's condition does not tell of the full disk")
	}
	if _, err := s.Blogs(t.Context()); err != nil || !s.Condition().DiskFull {
		t.Errorf("a read failed with %v, or made the condition %+v", err, s.Condition())
	}
	mustExec(t, s.write, `DROP TRIGGER fail ON revisions`)
	if _, err := post(t.Context(), s, "summit", "First."); err != nil || s.Condition().DiskFull {
		t.Errorf("when there is space again: error %v, condition %+v", err, s.Condition())
	}
	_, err := view(t.Context(), s, "sort", func(tx *sql.Tx) (none struct{}, err error) {
		_, err = tx.ExecContext(t.Context(), `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$`)
		return none, err
	})
	if liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("a read on a full disk: error %v, want Unavailable", err)
	}
}
