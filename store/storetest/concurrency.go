package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"readout/liveblog"
)

func concurrencyTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Numbers and seqs":       testConcurrentPosts,
		"Stale under contention": testConcurrentEdits,
		"Pinned":                 testConcurrentPins,
		"Slug":                   testConcurrentBlogs,
		"Reader of changes":      testConcurrentReader,
		"Page and cursor":        testConcurrentPages,
	}
}

const writers = 8

// inParallel runs fn for every writer and waits for all.
func inParallel(fn func(writer int)) {
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { fn(w) })
	}
	wg.Wait()
}

func testConcurrentPosts(t *testing.T, f *fixture) {
	const each = 20
	var mu sync.Mutex // guards ns and seqs
	var ns, seqs []int
	inParallel(func(int) {
		for i := range each {
			opts := []option{}
			if i%4 == 0 {
				opts = append(opts, keyEvent)
			}
			done, err := f.add(t.Context(), opts...)
			if err != nil {
				t.Errorf("Commit: %v", err)
				return
			}
			mu.Lock()
			ns = append(ns, done.Entry.Number)
			for _, c := range done.Changes {
				seqs = append(seqs, int(c.Cursor.Seq))
			}
			mu.Unlock()
		}
	})
	upTo := func(n int) (all []int) {
		for i := range n {
			all = append(all, i+1)
		}
		return all
	}
	slices.Sort(ns)
	slices.Sort(seqs)
	equal(t, "numbers", ns, upTo(writers*each))
	equal(t, "seqs", seqs, upTo(writers*each*5/4))
	equal(t, "cursor", f.cursor(t), f.at(writers*each*5/4))

	// A later number was committed later: numbers and seqs have the same order.
	list := f.changes(t, 0, len(seqs)).List
	last := 0
	for _, c := range list {
		if c.Entry == nil {
			continue
		}
		if c.Entry.Number != last+1 {
			t.Errorf("entry %d follows entry %d in the log", c.Entry.Number, last)
		}
		last = c.Entry.Number
	}
}

// Of several writers with the same base, exactly one succeeds; the others can read the entry and try again.
func testConcurrentEdits(t *testing.T, f *fixture) {
	const each = 10
	f.post(t)
	inParallel(func(w int) {
		for i := 0; i < each; {
			prev, err := f.Entry(t.Context(), slug, 1)
			if err != nil {
				t.Errorf("Entry: %v", err)
				return
			}
			_, err = f.Commit(t.Context(), revise(prev, body(fmt.Sprintf("%s %d.%d", prev.Body, w, i))))
			switch liveblog.CodeOf(err) {
			case "":
				i++
			case liveblog.Stale:
			default:
				t.Errorf("Commit: %v", err)
				return
			}
		}
	})
	all, err := f.Revisions(t.Context(), slug, 1, 0, everything)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "revisions", len(all), 1+writers*each)
	for i, e := range all[:len(all)-1] {
		before := all[i+1]
		if e.Revision != before.Revision+1 || e.Seq != before.Seq+1 || len(e.Body) <= len(before.Body) ||
			e.Body[:len(before.Body)] != before.Body {
			t.Errorf("revision %d (seq %d) does not build on revision %d (seq %d)", e.Revision, e.Seq, before.Revision,
				before.Seq)
		}
	}
}

func testConcurrentPins(t *testing.T, f *fixture) {
	var made atomic.Int64
	inParallel(func(int) {
		_, err := f.add(t.Context(), pinned)
		switch liveblog.CodeOf(err) {
		case "":
			made.Add(1)
		case liveblog.Conflict:
		default:
			t.Errorf("Commit: %v", err)
		}
	})
	equal(t, "pinned", made.Load(), int64(liveblog.MaxPinned))
}

func testConcurrentBlogs(t *testing.T, f *fixture) {
	var made atomic.Int64
	inParallel(func(int) {
		_, err := f.CreateBlog(t.Context(), newBlog("race"), audit(1, "blog.create"))
		switch liveblog.CodeOf(err) {
		case "":
			made.Add(1)
		case liveblog.Conflict:
		default:
			t.Errorf("CreateBlog: %v", err)
		}
	})
	equal(t, "made", made.Load(), int64(1))
}

// busy writes all kinds of changes from many goroutines and closes done after the last commit.
func busy(t *testing.T, f *fixture, each int) (done chan struct{}) {
	done = make(chan struct{})
	t.Cleanup(func() { <-done })
	go func() {
		defer close(done)
		inParallel(func(w int) {
			for i := range each {
				if err := f.writeSomething(t, w, i); err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
			}
		})
	}()
	return done
}

func (f *fixture) writeSomething(t *testing.T, w, i int) error {
	made, err := f.add(t.Context(), publishedAt(i%5))
	if err != nil {
		return err
	}
	switch (w + i) % 4 {
	case 0:
		_, err = f.Commit(t.Context(), revise(made.Entry, keyEvent))
	case 1:
		_, err = f.Commit(t.Context(), revise(made.Entry, removed))
	case 2:
		_, _, err = f.UpdateBlog(t.Context(), slug, liveblog.BlogPatch{Title: new(fmt.Sprintf("Title %d.%d", w, i))},
			audit(2, "blog.update"))
	}
	return err
}

// replica is the state of a reader that applies changes.
type replica struct {
	cursor  liveblog.Cursor
	entries map[int]liveblog.Entry // the public ones
	head    liveblog.Head
}

// apply applies changes and reports invalid ones.
func (r *replica) apply(t *testing.T, c liveblog.Changes) {
	t.Helper()
	if c.Reload {
		t.Fatal("a reader within the limit is told to reload")
	}
	if c.Cursor.Seq < r.cursor.Seq || c.Cursor != c.Blog.Cursor {
		t.Errorf("the cursor went from %v to %v, the blog's is %v", r.cursor, c.Cursor, c.Blog.Cursor)
	}
	at := r.cursor.Seq
	for _, step := range c.List {
		if step.Cursor.Seq <= at || step.Cursor.Seq > c.Cursor.Seq {
			t.Errorf("seq %d follows %d, up to %d", step.Cursor.Seq, at, c.Cursor.Seq)
		}
		at = step.Cursor.Seq
		switch {
		case step.Head != nil:
			r.head = *step.Head
		case step.Entry.Public():
			r.entries[step.Entry.Number] = *step.Entry
		default:
			delete(r.entries, step.Entry.Number)
		}
	}
	if len(c.List) > 0 && at != c.Cursor.Seq {
		t.Errorf("the last change is %d, the cursor %d", at, c.Cursor.Seq)
	}
	r.cursor = c.Cursor
}

// wantPage reports differences between the replica and the page.
func (r *replica) wantPage(t *testing.T, p liveblog.Page) {
	t.Helper()
	var mine []liveblog.Entry
	for _, e := range r.entries {
		mine = append(mine, e)
	}
	slices.SortFunc(mine, pageOrder)
	equal(t, "entries", mine, p.Entries)
	equal(t, "cursor", r.cursor, p.Head.Blog.Cursor)
	r.head.Blog.Cursor = p.Head.Blog.Cursor // the head was read with the cursor of its change
	equal(t, "head", r.head, p.Head)
}

const everything = 1 << 20

// A reader that polls for changes ends with exactly the content of the page. It would miss a change that becomes
// visible with a seq below the reader's cursor.
func testConcurrentReader(t *testing.T, f *fixture) {
	done := busy(t, f, 15)
	r := replica{cursor: f.at(0), entries: map[int]liveblog.Entry{}, head: liveblog.Head{Blog: f.blog}}
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		r.apply(t, f.changes(t, r.cursor.Seq, everything))
	}
	r.wantPage(t, f.page(t, liveblog.PageQuery{Limit: everything}))
}

// A page and its cursor are of the same moment: a reader that continues from the cursor misses no change and receives
// none twice.
func testConcurrentPages(t *testing.T, f *fixture) {
	done := busy(t, f, 8)
	var readers []*replica
	kept := int64(-1)
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		p := f.page(t, liveblog.PageQuery{Limit: everything})
		at := p.Head.Blog.Cursor
		// start a reader only for some pages, since each reads the whole rest of the log
		if at.Seq < kept+4 && running {
			continue
		}
		kept = at.Seq
		r := &replica{cursor: at, entries: map[int]liveblog.Entry{}, head: p.Head}
		for _, e := range p.Entries {
			r.entries[e.Number] = e
			if e.Seq > at.Seq {
				t.Errorf("the page at %v holds seq %d", at, e.Seq)
			}
		}
		readers = append(readers, r)
	}
	p := f.page(t, liveblog.PageQuery{Limit: everything})
	for _, r := range readers {
		r.apply(t, f.changes(t, r.cursor.Seq, everything))
		r.wantPage(t, p)
	}
}
