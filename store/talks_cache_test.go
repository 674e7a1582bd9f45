package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"readout/liveblog"
)

// freshTalks reads and folds all statements without using the cache.
func freshTalks(t *testing.T, s *store, slug string) liveblog.Talks {
	t.Helper()
	talks, err := view(t.Context(), s, "read talks", func(tx *sql.Tx) (liveblog.Talks, error) {
		l, err := readLedger(t.Context(), tx, slug)
		if err != nil {
			return liveblog.Talks{}, err
		}
		return l.Fold(), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return talks
}

// talksMinute returns a moment; a higher n gives a later one.
func talksMinute(n int) time.Time {
	return time.UnixMicro(1_761_555_600_000_000).Add(time.Duration(n) * time.Minute).UTC()
}

func statedClaim(text string) liveblog.Acts {
	return liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActClaim, Claim: "pause", Status: "reported", Text: text},
		{Kind: liveblog.ActPosition, Track: "tariffs", Party: "us", Text: text}})
}

var smallSetup = liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}},
	Parties: []liveblog.Party{{ID: "us", Name: "United States"}}}

// Two nodes share a database. After each write, every read on both nodes returns the same talks as a fold of all
// statements, although both nodes cache talks.
func TestCachedTalksMatchFold(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		testCachedTalks(t, "sqlite:"+newFile(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		testCachedTalks(t, newPostgres(t))
	})
}

func testCachedTalks(t *testing.T, url string) {
	writer, other := openURL(t, url), openURL(t, url)
	addBlog(t, writer, "summit")
	n := 0
	commit := func(e liveblog.Entry, base int) liveblog.Entry {
		t.Helper()
		n++
		e.UpdatedAt = talksMinute(n)
		if base == 0 {
			e.Status, e.Body, e.CreatedAt, e.PublishedAt = liveblog.Published, "Said.", e.UpdatedAt, e.UpdatedAt
		}
		done, err := writer.Commit(t.Context(),
			liveblog.Commit{Slug: "summit", Entry: e, Base: base, Audit: liveblog.Audit{At: e.UpdatedAt}})
		if err != nil {
			t.Fatal(err)
		}
		return done.Entry
	}
	check := func(what string) {
		t.Helper()
		want := freshTalks(t, other, "summit")
		for name, s := range map[string]*store{"the writer": writer, "the other node": other} {
			for range 2 { // the second time from the cache
				_, talks, err := s.Talks(t.Context(), "summit", time.Time{})
				if err != nil {
					t.Fatal(err)
				}
				p, err := s.Page(t.Context(), liveblog.PageQuery{Slug: "summit", Limit: 5})
				if err != nil {
					t.Fatal(err)
				}
				_, briefed, err := s.Briefing(t.Context(), "summit", time.Time{})
				if err != nil {
					t.Fatal(err)
				}
				reload, err := s.ChangesAfter(t.Context(), "summit", liveblog.Cursor{Epoch: "another"}, 5)
				if err != nil {
					t.Fatal(err)
				}
				changes, err := s.ChangesAfter(t.Context(), "summit", liveblog.Cursor{Epoch: p.Head.Blog.Cursor.Epoch},
					50)
				if err != nil {
					t.Fatal(err)
				}
				for read, got := range map[string]liveblog.Talks{"talks": talks, "page": p.Talks, "briefing": briefed,
					"reload": reload.Talks, "changes": talksIn(changes, want)} {
					if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(liveblog.Talks{})); diff != "" {
						t.Fatalf("after %s, %s returns in its %s (-want +got):\n%s", what, name, read, diff)
					}
				}
			}
		}
	}
	check("nothing")
	if _, _, err := writer.UpdateSetup(t.Context(), "summit", smallSetup, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	check("a setup")
	first := commit(liveblog.Entry{Acts: statedClaim("One.")}, 0)
	check("a claim")
	second := commit(liveblog.Entry{Acts: statedClaim("Two.")}, 0)
	check("another")
	plain := commit(liveblog.Entry{}, 0)
	check("a post without acts")
	first.Acts = statedClaim("One and a half.")
	first = commit(first, 1)
	check("an edit")
	plain.Body = "Said differently."
	commit(plain, 1)
	check("an edit of a post without acts")
	second.Status = liveblog.Removed
	commit(second, 1)
	check("a removal")
	first.Acts = ""
	commit(first, 2)
	check("all acts withdrawn")
	more := smallSetup
	more.Tracks = append(more.Tracks[:1:1], liveblog.Track{ID: "soybeans", Name: "Soybeans"})
	if _, _, err := writer.UpdateSetup(t.Context(), "summit", more, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	check("another setup")
}

// talksIn returns the talks in a list of changes, or none if no change has talks.
func talksIn(c liveblog.Changes, none liveblog.Talks) liveblog.Talks {
	for _, change := range c.List {
		if change.Talks != nil {
			return *change.Talks
		}
	}
	return none
}

// Reads after a commit use the talks that it has folded, and so do reads after later commits without acts.
func TestCommitFillsCache(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	addBlog(t, s, "summit")
	if _, _, err := s.UpdateSetup(t.Context(), "summit", smallSetup, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	at := talksMinute(1)
	e := liveblog.Entry{Acts: statedClaim("One."), Body: "Said.", Status: liveblog.Published, CreatedAt: at,
		PublishedAt: at, UpdatedAt: at}
	done, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Audit: liveblog.Audit{At: at}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := post(t.Context(), s, "summit", "More."); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, talks, err := s.Talks(t.Context(), "summit", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if len(talks.Claims) != 1 || &talks.Claims[0] != &done.Changes[0].Talks.Claims[0] {
			t.Error("the talks were folded again")
		}
	}
}

// A transaction that fails must leave nothing in the cache: the next transaction takes the same cursor.
func TestFailedCommitLeavesCache(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	s, other := openFile(t, file), openFile(t, file)
	addBlog(t, s, "summit")
	if _, _, err := s.UpdateSetup(t.Context(), "summit", smallSetup, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	commit := func(s *store, text string) error {
		at := talksMinute(1)
		e := liveblog.Entry{Acts: statedClaim(text), Body: "Said.", Status: liveblog.Published, CreatedAt: at,
			PublishedAt: at, UpdatedAt: at}
		_, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Audit: liveblog.Audit{At: at}})
		return err
	}
	// The commit writes the activity after it has folded the talks.
	rename := func(from, to string) {
		t.Helper()
		if _, err := s.write.ExecContext(t.Context(), `ALTER TABLE `+from+` RENAME TO `+to); err != nil {
			t.Fatal(err)
		}
	}
	rename("activity", "away")
	if commit(s, "Refused.") == nil {
		t.Fatal("the commit did not fail")
	}
	rename("away", "activity")
	if err := commit(other, "Taken."); err != nil {
		t.Fatal(err)
	}
	_, talks, err := s.Talks(t.Context(), "summit", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if len(talks.Claims) != 1 || talks.Claims[0].Text != "Taken." {
		t.Errorf("the claims are %+v", talks.Claims)
	}
}

// TestCacheIsBounded: the cache is bounded in bytes and keeps the newest entry of a blog. It fails if put does not
// subtract the size of what it replaces, and if it replaces an entry by an older one.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newTalksCache()
	at := func(seq int64) liveblog.Cursor { return liveblog.Cursor{Epoch: "e", Seq: seq} }
	entry := func(at liveblog.Cursor, id string) cachedTalks {
		talks := liveblog.Talks{Claims: []liveblog.ClaimStanding{{Claim: id}}}
		return cachedTalks{at: at, talks: talks, size: presentCacheBytes / 10}
	}
	for i := range 30 {
		slug := fmt.Sprint("blog-", i)
		for range 2 {
			c.put(slug, entry(at(5), slug))
		}
		if got, ok := c.get(slug, at(5)); !ok || got.talks.Claims[0].Claim != slug {
			t.Fatalf("the cache has no entry for %s", slug)
		}
		if n := c.present.order.Len(); n != min(i+1, 9) || len(c.present.byKey) != n ||
			c.present.size > presentCacheBytes {
			t.Fatalf("the cache has %d entries of %d bytes", n, c.present.size)
		}
	}
	c.put("blog-29", entry(at(7), "new"))
	if n := c.present.order.Len(); n != 9 {
		t.Error("a newer entry of a blog evicted another blog's")
	}
	c.put("blog-29", entry(at(6), "old"))
	if got, ok := c.get("blog-29", at(7)); !ok || got.talks.Claims[0].Claim != "new" {
		t.Error("an older entry replaced a newer one")
	}
	if _, ok := c.get("blog-29", at(6)); ok {
		t.Error("the cache returned the entry of another cursor")
	}
	c.put("blog-29", entry(liveblog.Cursor{Epoch: "restored", Seq: 1}, "restored"))
	if _, ok := c.get("blog-29", liveblog.Cursor{Epoch: "restored", Seq: 1}); !ok {
		t.Error("the cache did not take the entry of a restored database")
	}
	full := c.present.order.Len()
	huge := entry(at(1), "huge")
	huge.size = 2 * presentCacheBytes
	c.put("huge", huge)
	if c.present.order.Len() != full {
		t.Error("an entry that is larger than the cache evicted others")
	}
}

// Readers and writers use the cache at the same time; the race detector reports unguarded accesses.
func TestCacheConcurrency(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	addBlog(t, s, "summit")
	if _, _, err := s.UpdateSetup(t.Context(), "summit", smallSetup, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			last := 0
			for ctx.Err() == nil {
				p, err := s.Page(t.Context(), liveblog.PageQuery{Slug: "summit", Limit: 30})
				if err != nil {
					t.Error(err)
					return
				}
				stated := 0
				if len(p.Talks.Claims) > 0 {
					stated = len(p.Talks.Claims[0].History)
				}
				if stated != len(p.Entries) || stated < last {
					t.Errorf("a page of %d entries has a claim with %d steps", len(p.Entries), stated)
					return
				}
				last = stated
			}
		})
	}
	for i := range 25 {
		at := talksMinute(i)
		e := liveblog.Entry{Acts: statedClaim(fmt.Sprint("Text ", i)), Body: "Said.", Status: liveblog.Published,
			CreatedAt: at, PublishedAt: at, UpdatedAt: at}
		if _, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e,
			Audit: liveblog.Audit{At: at}}); err != nil {
			t.Error(err)
			break
		}
	}
	stop()
	readers.Wait()
}
