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

// pastBlog returns a store with the blog "summit", whose entries with acts have been edited and removed, one of them by
// a node with a slow clock. It also returns a counter of folds of past moments.
func pastBlog(t *testing.T) (s *store, pastFolds *atomic.Int64) {
	t.Helper()
	s = openFile(t, newFile(t))
	pastFolds = new(atomic.Int64)
	s.cache.onPastFold = func(string) { pastFolds.Add(1) }
	addBlog(t, s, "summit")
	if _, _, err := s.UpdateSetup(t.Context(), "summit", smallSetup, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	commit := func(e liveblog.Entry, minute int) liveblog.Entry {
		t.Helper()
		base := e.Revision
		e.UpdatedAt = talksMinute(minute)
		if base == 0 {
			e.Body, e.Status, e.CreatedAt, e.PublishedAt = "Said.", liveblog.Published, e.UpdatedAt, e.UpdatedAt
		}
		done, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Base: base,
			Audit: liveblog.Audit{At: e.UpdatedAt}})
		if err != nil {
			t.Fatal(err)
		}
		return done.Entry
	}
	first := commit(liveblog.Entry{Acts: statedClaim("One.")}, 10)
	commit(liveblog.Entry{}, 12) // has no acts
	second := commit(liveblog.Entry{Acts: statedClaim("Two.")}, 20)
	first.Acts = ""
	first = commit(first, 30)
	second.Status = liveblog.Removed
	commit(second, 40)
	third := commit(liveblog.Entry{Acts: statedClaim("Three.")}, 50)
	third.Acts = ""
	third = commit(third, 60)
	third.Body = "Said by a node whose clock is slow."
	commit(third, 55)
	return s, pastFolds
}

// TestPastTalksMatchFold asks for every moment twice, out of order. It fails if a moment shares the cache entry of
// another one with different talks, as it would if the timeline left out revisions without acts or revisions with an
// earlier time than their predecessor.
func TestPastTalksMatchFold(t *testing.T) {
	t.Parallel()
	s, pastFolds := pastBlog(t)
	var order []int
	for i := range 140 {
		order = append(order, i*37%140)
	}
	for _, half := range append(order, order...) {
		at := talksMinute(0).Add(time.Duration(half) * 30 * time.Second)
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
	if n := pastFolds.Load(); n > 9 {
		t.Errorf("280 requests took %d folds; the talks changed 8 times", n)
	}
}

// TestPastTalksAreShared asks for many moments between two changes at once. It fails if requests do not wait for a
// slot, and if the key of a cache entry is the requested moment.
func TestPastTalksAreShared(t *testing.T) {
	t.Parallel()
	s, pastFolds := pastBlog(t)
	var readers sync.WaitGroup
	for i := range 40 {
		readers.Go(func() {
			at := talksMinute(20).Add(time.Duration(i) * time.Second)
			if _, talks, err := s.Talks(t.Context(), "summit", at); err != nil || len(talks.Claims) != 1 {
				t.Error(talks.Claims, err)
			}
			if _, talks, err := s.Briefing(t.Context(), "summit", at); err != nil || len(talks.Claims) != 1 {
				t.Error(talks.Claims, err)
			}
		})
	}
	readers.Wait()
	if n := pastFolds.Load(); n != 1 {
		t.Errorf("the requests took %d folds, want 1", n)
	}
	more := smallSetup
	more.Meetings = []liveblog.Meeting{{ID: "m", Name: "M"}}
	if _, _, err := s.UpdateSetup(t.Context(), "summit", more, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	if _, talks, err := s.Talks(t.Context(), "summit", talksMinute(20)); err != nil || len(talks.Setup.Meetings) != 1 {
		t.Errorf("after a change of the setup: %v, %v", talks.Setup, err)
	}
}

// TestPastTalksWaitWithoutConnection: while a blog's slot is taken, requests for past moments wait without a connection
// and no longer than their contexts allow, and readers of the present do not wait. It fails if the slot is acquired
// inside the transaction, since there are few connections for readers.
func TestPastTalksWaitWithoutConnection(t *testing.T) {
	t.Parallel()
	s, _ := pastBlog(t)
	release, err := s.cache.acquirePast(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range 50 {
		waiting.Go(func() {
			if _, _, err := s.Talks(ctx, "summit", talksMinute(20)); liveblog.CodeOf(err) != liveblog.Unavailable {
				t.Errorf("a cancelled request failed with %v", err)
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
	release()
	if _, _, err := s.Talks(t.Context(), "summit", talksMinute(20)); err != nil {
		t.Error(err)
	}
}

// TestPastCacheIsBounded: past entries beyond the limit evict other past entries, never present ones.
func TestPastCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newTalksCache()
	c.put("summit", cachedTalks{size: 1000})
	for i := range 100 {
		c.past.put(pastKey{"summit", int64(i)}, cachedTalks{}, pastCacheBytes/8)
	}
	if n := c.past.order.Len(); n != 8 || c.past.size > pastCacheBytes {
		t.Errorf("the cache has %d past entries, want 8", n)
	}
	if _, ok := c.get("summit", liveblog.Cursor{}); !ok {
		t.Error("the present entry was evicted")
	}
}

// TestTwoNodesShareActLimit: two nodes that write at once do not exceed the limit of acts together. It fails if the
// check reads the existing acts before the transaction.
func TestTwoNodesShareActLimit(t *testing.T) {
	t.Parallel()
	nodes := openTwo(t, newFile(t))
	addBlog(t, nodes[0], "summit")
	figures := func(n, entry int) liveblog.Acts {
		var list []liveblog.Act
		for i := range n {
			list = append(list, liveblog.Act{Kind: liveblog.ActFigure, Figure: fmt.Sprintf("f-%d-%d", entry, i),
				Value: "1"})
		}
		return liveblog.NewActs(list)
	}
	commit := func(s *store, n, minute int) error {
		at := talksMinute(minute)
		e := liveblog.Entry{Acts: figures(n, minute), Body: "Said.", Status: liveblog.Published, CreatedAt: at,
			PublishedAt: at, UpdatedAt: at}
		_, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Audit: liveblog.Audit{At: at}})
		return err
	}
	// Fill the blog almost completely by inserting rows directly.
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
			SELECT blog, $1, revision, headline, body, author, author_id, edited_by, key_event, pinned, summary, status,
				created_at, published_at, updated_at, NULL, $2, correction, NULL, NULL, '' FROM entries WHERE number = 1`,
			1000+i, string(figures(liveblog.MaxActs, 1000+i)))
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tx.ExecContext(t.Context(),
		`UPDATE blogs SET talks_seq = seq + 1, seq = seq + 1, last_number = 5000`); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	const each = 20 // of the remaining 49 acts
	var writers sync.WaitGroup
	var accepted, refused atomic.Int64
	for i := range 6 {
		writers.Go(func() {
			err := commit(nodes[i%2], each, i+1)
			e, _ := errors.AsType[*liveblog.Error](err)
			switch {
			case err == nil:
				accepted.Add(1)
			case e.Code == liveblog.Invalid && e.Fields[0].Field == "acts":
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	writers.Wait()
	if accepted.Load() != 2 || refused.Load() != 4 {
		t.Errorf("%d commits were accepted and %d refused, want 2 and 4", accepted.Load(), refused.Load())
	}
}
