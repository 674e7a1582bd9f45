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

// unfolded reads and folds what was stated, whatever the store keeps.
func unfolded(t *testing.T, s *store, slug string) liveblog.Talks {
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

// foldMinute is a moment; a later one for a higher n.
func foldMinute(n int) time.Time {
	return time.UnixMicro(1_761_555_600_000_000).Add(time.Duration(n) * time.Minute).UTC()
}

func foldedClaim(text string) liveblog.Acts {
	return liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActClaim, Claim: "pause", Status: "reported", Text: text},
		{Kind: liveblog.ActPosition, Track: "tariffs", Party: "us", Text: text}})
}

var foldedSetup = liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}}, Parties: []liveblog.Party{{ID: "us", Name: "United States"}}}

// Two nodes share a database. Whatever one of them writes, each read of both says what a fold of everything comes to, though
// both keep folds.
func TestFoldsAreTrue(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		testFolds(t, "sqlite:"+newFile(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		testFolds(t, newPostgres(t))
	})
}

func testFolds(t *testing.T, url string) {
	writer, other := openURL(t, url), openURL(t, url)
	addBlog(t, writer, "summit")
	n := 0
	commit := func(e liveblog.Entry, base int) liveblog.Entry {
		t.Helper()
		n++
		e.UpdatedAt = foldMinute(n)
		if base == 0 {
			e.Status, e.Body, e.CreatedAt, e.PublishedAt = liveblog.Published, "Said.", e.UpdatedAt, e.UpdatedAt
		}
		done, err := writer.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Base: base, Audit: liveblog.Audit{At: e.UpdatedAt}})
		if err != nil {
			t.Fatal(err)
		}
		return done.Entry
	}
	check := func(what string) {
		t.Helper()
		want := unfolded(t, other, "summit")
		for name, s := range map[string]*store{"the writer": writer, "the other node": other} {
			for range 2 { // anew, and kept
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
				changes, err := s.ChangesAfter(t.Context(), "summit", liveblog.Cursor{Epoch: p.Head.Blog.Cursor.Epoch}, 50)
				if err != nil {
					t.Fatal(err)
				}
				for read, got := range map[string]liveblog.Talks{"talks": talks, "page": p.Talks, "briefing": briefed, "reload": reload.Talks, "changes": talksIn(changes, want)} {
					if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(liveblog.Talks{})); diff != "" {
						t.Fatalf("after %s, %s says in its %s (-want +got):\n%s", what, name, read, diff)
					}
				}
			}
		}
	}
	check("nothing")
	if _, _, err := writer.UpdateSetup(t.Context(), "summit", foldedSetup, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	check("a setup")
	first := commit(liveblog.Entry{Acts: foldedClaim("One.")}, 0)
	check("a claim")
	second := commit(liveblog.Entry{Acts: foldedClaim("Two.")}, 0)
	check("another")
	plain := commit(liveblog.Entry{}, 0)
	check("a post that states nothing")
	first.Acts = foldedClaim("One and a half.")
	first = commit(first, 1)
	check("an edit")
	plain.Body = "Said otherwise."
	commit(plain, 1)
	check("an edit of what states nothing")
	second.Status = liveblog.Removed
	commit(second, 1)
	check("a removal")
	first.Acts = ""
	commit(first, 2)
	check("all taken back")
	more := foldedSetup
	more.Tracks = append(more.Tracks[:1:1], liveblog.Track{ID: "soybeans", Name: "Soybeans"})
	if _, _, err := writer.UpdateSetup(t.Context(), "summit", more, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	check("another setup")
}

// talksIn returns the talks in a list of changes, or none where nothing has changed them.
func talksIn(c liveblog.Changes, none liveblog.Talks) liveblog.Talks {
	for _, change := range c.List {
		if change.Talks != nil {
			return *change.Talks
		}
	}
	return none
}

// What a commit has folded need not be folded once more, nor what later ones leave as it is.
func TestFoldsAreKept(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	addBlog(t, s, "summit")
	if _, _, err := s.UpdateSetup(t.Context(), "summit", foldedSetup, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	at := foldMinute(1)
	e := liveblog.Entry{Acts: foldedClaim("One."), Body: "Said.", Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at}
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

// A transaction that fails leaves nothing on its node by which the next one, which takes the same seqs, would be read.
func TestFoldsOfFailedCommitsAreNotKept(t *testing.T) {
	t.Parallel()
	file := newFile(t)
	s, other := openFile(t, file), openFile(t, file)
	addBlog(t, s, "summit")
	if _, _, err := s.UpdateSetup(t.Context(), "summit", foldedSetup, liveblog.Audit{}); err != nil {
		t.Fatal(err)
	}
	commit := func(s *store, text string) error {
		at := foldMinute(1)
		e := liveblog.Entry{Acts: foldedClaim(text), Body: "Said.", Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at}
		_, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Audit: liveblog.Audit{At: at}})
		return err
	}
	// The activity is written after the talks are folded.
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

// TestFoldsAreFew: what is kept is bounded in bytes, and the newest of a blog stays. It is red where put does not count what
// it replaces, and where keep takes an older fold.
func TestFoldsAreFew(t *testing.T) {
	t.Parallel()
	f := newFolds()
	at := func(seq int64) liveblog.Cursor { return liveblog.Cursor{Epoch: "e", Seq: seq} }
	made := func(at liveblog.Cursor, id string) fold {
		return fold{at: at, talks: liveblog.Talks{Claims: []liveblog.ClaimStanding{{Claim: id}}}, size: presentFoldBytes / 10}
	}
	for i := range 30 {
		slug := fmt.Sprint("blog-", i)
		for range 2 {
			f.keep(slug, made(at(5), slug))
		}
		if kept, ok := f.at(slug, at(5)); !ok || kept.talks.Claims[0].Claim != slug {
			t.Fatalf("the fold of %s is not there", slug)
		}
		if n := f.present.order.Len(); n != min(i+1, 9) || len(f.present.byKey) != n || f.present.size > presentFoldBytes {
			t.Fatalf("%d folds of %d bytes are kept", n, f.present.size)
		}
	}
	f.keep("blog-29", made(at(7), "new"))
	if n := f.present.order.Len(); n != 9 {
		t.Error("a newer fold of a blog drove another blog's out")
	}
	f.keep("blog-29", made(at(6), "old"))
	if kept, ok := f.at("blog-29", at(7)); !ok || kept.talks.Claims[0].Claim != "new" {
		t.Error("an older fold came in the place of a newer one")
	}
	if _, ok := f.at("blog-29", at(6)); ok {
		t.Error("a fold stands for another moment")
	}
	f.keep("blog-29", made(liveblog.Cursor{Epoch: "restored", Seq: 1}, "restored"))
	if _, ok := f.at("blog-29", liveblog.Cursor{Epoch: "restored", Seq: 1}); !ok {
		t.Error("the fold of a restored database is not kept")
	}
	full := f.present.order.Len()
	huge := made(at(1), "huge")
	huge.size = 2 * presentFoldBytes
	f.keep("huge", huge)
	if f.present.order.Len() != full {
		t.Error("a fold that is too large to be kept drove others out")
	}
}

// Readers fold and writers keep at the same time; under the race detector this shows a fold that is not guarded.
func TestFoldsAtOnce(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	addBlog(t, s, "summit")
	if _, _, err := s.UpdateSetup(t.Context(), "summit", foldedSetup, liveblog.Audit{}); err != nil {
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
					t.Errorf("a page of %d entries tells of %d", len(p.Entries), stated)
					return
				}
				last = stated
			}
		})
	}
	for i := range 25 {
		at := foldMinute(i)
		e := liveblog.Entry{Acts: foldedClaim(fmt.Sprint("Text ", i)), Body: "Said.", Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at}
		if _, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Audit: liveblog.Audit{At: at}}); err != nil {
			t.Error(err)
			break
		}
	}
	stop()
	readers.Wait()
}
