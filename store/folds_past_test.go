package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
)

// pastBlog is a blog whose entries have stated something, have been edited and removed, and the clocks of which did not
// always go forward. The folds of past moments are counted.
func pastBlog(t *testing.T) (s *store, made *atomic.Int64) {
	t.Helper()
	s = openFile(t, newFile(t))
	made = new(atomic.Int64)
	s.folds.made = func(string) { made.Add(1) }
	addBlog(t, s, "summit")
	if _, _, err := s.UpdateSetup(t.Context(), "summit", foldedSetup, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	commit := func(e liveblog.Entry, minute int) liveblog.Entry {
		t.Helper()
		base := e.Revision
		e.UpdatedAt = foldMinute(minute)
		if base == 0 {
			e.Body, e.Status, e.CreatedAt, e.PublishedAt = "Said.", liveblog.Published, e.UpdatedAt, e.UpdatedAt
		}
		done, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Base: base, Audit: liveblog.Audit{At: e.UpdatedAt}})
		if err != nil {
			t.Fatal(err)
		}
		return done.Entry
	}
	first := commit(liveblog.Entry{Acts: foldedClaim("One.")}, 10)
	commit(liveblog.Entry{}, 12) // states nothing
	second := commit(liveblog.Entry{Acts: foldedClaim("Two.")}, 20)
	first.Acts = "" // taken back
	first = commit(first, 30)
	second.Status = liveblog.Removed
	commit(second, 40)
	third := commit(liveblog.Entry{Acts: foldedClaim("Three.")}, 50)
	third.Acts = ""
	third = commit(third, 60)
	third.Body = "Said by a node whose clock is slow."
	commit(third, 55)
	return s, made
}

// TestPastFoldsAreTrue asks for every moment, most of them twice and out of order. It is red where a moment shares the
// fold of another one that differs: where the timeline leaves out revisions that state nothing any more, or those that
// came with an earlier time.
func TestPastFoldsAreTrue(t *testing.T) {
	t.Parallel()
	s, made := pastBlog(t)
	var order []int
	for i := range 140 {
		order = append(order, i*37%140)
	}
	for _, half := range append(order, order...) {
		at := foldMinute(0).Add(time.Duration(half) * 30 * time.Second)
		want, err := view(t.Context(), s, "read", func(tx *sql.Tx) (*liveblog.Ledger, error) {
			return readLedgerAt(t.Context(), tx, "summit", at.UnixMicro())
		})
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := s.Talks(t.Context(), "summit", at)
		if err != nil {
			t.Fatal(err)
		}
		x, _ := json.Marshal(want.Fold())
		if y, _ := json.Marshal(got); string(x) != string(y) {
			t.Fatalf("at minute %v the talks are\n%s, want\n%s", float64(half)/2, y, x)
		}
	}
	if n := made.Load(); n > 9 {
		t.Errorf("%d folds were made for 280 requests; the talks had 8 moments", n)
	}
}

// TestPastFoldsAreShared asks for one moment many times at once, and for many moments between two changes. It is red
// without a turn, and where the key of a fold is the moment that was asked for.
func TestPastFoldsAreShared(t *testing.T) {
	t.Parallel()
	s, made := pastBlog(t)
	var readers sync.WaitGroup
	for i := range 40 {
		readers.Go(func() {
			at := foldMinute(20).Add(time.Duration(i) * time.Second)
			if _, talks, err := s.Talks(t.Context(), "summit", at); err != nil || len(talks.Claims) != 1 {
				t.Error(talks.Claims, err)
			}
			if _, talks, err := s.Briefing(t.Context(), "summit", at); err != nil || len(talks.Claims) != 1 {
				t.Error(talks.Claims, err)
			}
		})
	}
	readers.Wait()
	if n := made.Load(); n != 1 {
		t.Errorf("%d folds were made, want 1", n)
	}
	if _, _, err := s.UpdateSetup(t.Context(), "summit", liveblog.Setup{Tracks: foldedSetup.Tracks, Parties: foldedSetup.Parties,
		Meetings: []liveblog.Meeting{{ID: "m", Name: "M"}}}, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	if _, talks, err := s.Talks(t.Context(), "summit", foldMinute(20)); err != nil || len(talks.Setup.Meetings) != 1 {
		t.Errorf("after a change of the setup: %v, %v", talks.Setup, err)
	}
}

// TestPastFoldsWait: while a blog's turn is taken, who asks for a past moment waits without a connection, for no longer
// than its context says, and readers of the present do not wait. It is red where the turn is taken inside the
// transaction: the database has few connections for readers.
func TestPastFoldsWait(t *testing.T) {
	t.Parallel()
	s, _ := pastBlog(t)
	done, err := s.folds.turn(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range 50 {
		waiting.Go(func() {
			if _, _, err := s.Talks(ctx, "summit", foldMinute(20)); liveblog.CodeOf(err) != liveblog.Unavailable {
				t.Errorf("a request that waited in vain: %v", err)
			}
		})
	}
	for range 5 {
		if _, _, err := s.Talks(t.Context(), "summit", time.Time{}); err != nil {
			t.Error(err)
		}
	}
	if n := s.read.Stats().InUse; n != 0 {
		t.Errorf("%d connections are in use", n)
	}
	stop()
	waiting.Wait()
	done()
	if _, _, err := s.Talks(t.Context(), "summit", foldMinute(20)); err != nil {
		t.Error(err)
	}
}

// TestPastFoldsAreBounded: more moments than there is room for drive out others, never those of the present.
func TestPastFoldsAreBounded(t *testing.T) {
	t.Parallel()
	f := newFolds()
	f.keep("summit", fold{size: 1000})
	for i := range 100 {
		f.past.put(pastKey{"summit", int64(i)}, fold{}, pastFoldBytes/8)
	}
	if n := f.past.order.Len(); n != 8 || f.past.size > pastFoldBytes {
		t.Errorf("%d past folds are kept", n)
	}
	if _, ok := f.at("summit", liveblog.Cursor{}); !ok {
		t.Error("the present fold is gone")
	}
}

// TestTwoNodesFillABlog: two nodes that write at once do not pass the limit of acts together. It is red where the check
// reads what is there before the transaction.
func TestTwoNodesFillABlog(t *testing.T) {
	t.Parallel()
	nodes := openTwo(t, newFile(t))
	addBlog(t, nodes[0], "summit")
	figures := func(n, entry int) liveblog.Acts {
		var list []liveblog.Act
		for i := range n {
			list = append(list, liveblog.Act{Kind: liveblog.ActFigure, Figure: fmt.Sprintf("f-%d-%d", entry, i), Value: "1"})
		}
		return liveblog.NewActs(list)
	}
	commit := func(s *store, n, minute int) error {
		at := foldMinute(minute)
		e := liveblog.Entry{Acts: figures(n, minute), Body: "Said.", Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at}
		_, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Audit: liveblog.Audit{At: at}})
		return err
	}
	// Almost full: the entries come into the database as an import of rows would bring them.
	if err := commit(nodes[0], 1, 0); err != nil {
		t.Fatal(err)
	}
	const rows = liveblog.MaxBlogActs/liveblog.MaxActs - 1
	tx, err := nodes[0].write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for i := range rows {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO entries (blog, `+entryColumns+`)
			SELECT blog, $1, revision, headline, body, author, author_id, edited_by, key_event, pinned, summary, status, created_at, published_at,
				updated_at, NULL, $2, correction FROM entries WHERE number = 1`, 1000+i, string(figures(liveblog.MaxActs, 1000+i)))
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tx.ExecContext(t.Context(), `UPDATE blogs SET talks_seq = seq + 1, seq = seq + 1, last_number = 5000`); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	const each = 20 // of the 49 that are left
	var writers sync.WaitGroup
	var taken, refused atomic.Int64
	for i := range 6 {
		writers.Go(func() {
			err := commit(nodes[i%2], each, i+1)
			e, _ := errors.AsType[*liveblog.Error](err)
			switch {
			case err == nil:
				taken.Add(1)
			case e.Code == liveblog.Invalid && e.Fields[0].Field == "acts":
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	writers.Wait()
	if taken.Load() != 2 || refused.Load() != 4 {
		t.Errorf("%d commits were taken and %d refused, want 2 and 4", taken.Load(), refused.Load())
	}
}
