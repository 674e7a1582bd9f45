package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"readout/liveblog"
)

func modelTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){"Random operations": testModel}
}

// model is a simple reference implementation of a store with one blog.
type model struct {
	slug      string
	blog      liveblog.Blog
	headSeq   int64
	revisions [][]liveblog.Entry // of entry i+1, oldest first
	keys      map[string]int     // the number of the entry that was created with a key
	clock     int
}

func (m *model) newest(number int) liveblog.Entry {
	all := m.revisions[number-1]
	return all[len(all)-1]
}

func (m *model) public() []liveblog.Entry {
	var all []liveblog.Entry
	for i := range m.revisions {
		if e := m.newest(i + 1); e.Public() {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, pageOrder)
	return all
}

func (m *model) head() liveblog.Head {
	h := liveblog.Head{Blog: m.blog}
	all := m.public()
	slices.SortStableFunc(all, func(a, b liveblog.Entry) int { // as if none were pinned
		a.Pinned, b.Pinned = false, false
		return pageOrder(a, b)
	})
	for _, e := range all {
		if e.Summary && h.Summary == nil {
			h.Summary = &e
		}
		if e.KeyEvent && len(h.KeyEvents) < liveblog.MaxKeyEvents {
			h.KeyEvents = append(h.KeyEvents, e)
		}
	}
	return h
}

func (m *model) at(seq int64) liveblog.Cursor {
	return liveblog.Cursor{Epoch: m.blog.Cursor.Epoch, Seq: seq}
}

// commit applies a valid commit.
func (m *model) commit(e liveblog.Entry) liveblog.Committed {
	var prev *liveblog.Entry
	if e.Number == 0 {
		m.revisions = append(m.revisions, nil)
		e.Number, e.Revision = len(m.revisions), 1
	} else {
		p := m.newest(e.Number)
		prev, e.Revision, e.Seq = &p, p.Revision+1, p.Seq
	}
	var done liveblog.Committed
	effect := liveblog.EffectOf(prev, e)
	if effect.Entry || effect.Head {
		m.changed(e.UpdatedAt)
	}
	if effect.Entry {
		m.blog.Cursor.Seq++
		e.Seq = m.blog.Cursor.Seq
		done.Changes = append(done.Changes, liveblog.Change{Cursor: m.blog.Cursor, Entry: &e})
	}
	m.revisions[e.Number-1] = append(m.revisions[e.Number-1], e)
	if effect.Head {
		m.blog.Cursor.Seq++
		m.headSeq = m.blog.Cursor.Seq
		h := m.head()
		done.Changes = append(done.Changes, liveblog.Change{Cursor: m.blog.Cursor, Head: &h})
	}
	done.Entry = e
	return done
}

func (m *model) changed(at time.Time) {
	m.blog.ChangedBefore = m.blog.ChangedAt
	if at.After(m.blog.ChangedAt) {
		m.blog.ChangedAt = at
	}
}

// tooManyPinned reports whether e would be pinned beyond the limit.
func (m *model) tooManyPinned(e liveblog.Entry) bool {
	others := 0
	for _, p := range m.public() {
		if p.Pinned && p.Number != e.Number {
			others++
		}
	}
	return e.Pinned && e.Public() && others >= liveblog.MaxPinned
}

func (m *model) changesAfter(seq int64, limit int) liveblog.Changes {
	c := liveblog.Changes{Cursor: m.blog.Cursor, Blog: m.blog}
	for i := range m.revisions {
		if e := m.newest(i + 1); e.Seq > seq {
			c.List = append(c.List, liveblog.Change{Cursor: m.at(e.Seq), Entry: &e})
		}
	}
	if m.headSeq > seq {
		h := m.head()
		c.List = append(c.List, liveblog.Change{Cursor: m.at(m.headSeq), Head: &h})
	}
	slices.SortFunc(c.List, func(a, b liveblog.Change) int { return int(a.Cursor.Seq - b.Cursor.Seq) })
	if len(c.List) > limit || seq > m.blog.Cursor.Seq {
		c.List, c.Reload = nil, true
		c.Talks = liveblog.Fold(liveblog.Setup{}, nil)
	}
	return c
}

// testModel runs random operations on the store and the model side by side.
func testModel(t *testing.T, f *fixture) {
	blogs := 0
	rapid.Check(t, func(r *rapid.T) {
		blogs++
		m := &model{slug: fmt.Sprintf("model-%d", blogs), keys: map[string]int{}}
		var err error
		if m.blog, err = f.CreateBlog(t.Context(), newBlog(m.slug), audit(0, "blog.create")); err != nil {
			r.Fatal(err)
		}
		x := &exercise{r: r, f: f, m: m, t: t}
		r.Repeat(map[string]func(*rapid.T){
			"post":    x.post,
			"revise":  x.revise,
			"update":  x.update,
			"page":    x.page,
			"changes": x.changes,
			"read":    x.read,
		})
	})
}

// exercise is one run of the model test.
type exercise struct {
	r *rapid.T
	f *fixture
	m *model
	t *testing.T
}

// draw returns prev with random fields, in a state that a desk can produce.
func (x *exercise) draw(r *rapid.T, prev liveblog.Entry) liveblog.Entry {
	x.m.clock++
	e := prev
	e.Body = rapid.SampledFrom([]string{"One.", "Deux.", "三。"}).Draw(r, "body")
	e.KeyEvent = rapid.Bool().Draw(r, "key event")
	e.Summary = rapid.Bool().Draw(r, "summary")
	e.Pinned = rapid.Bool().Draw(r, "pinned")
	e.UpdatedAt = minute(x.m.clock)
	statuses := []liveblog.EntryStatus{liveblog.Draft, liveblog.Published}
	if prev.Number != 0 {
		statuses = append(statuses, liveblog.Removed)
	}
	if prev.Status == liveblog.Published {
		statuses = statuses[1:]
	}
	e.Status = rapid.SampledFrom(statuses).Draw(r, "status")
	switch {
	case e.Status == liveblog.Removed:
		e.Pinned = false
	case e.Public() && !prev.Public():
		e.PublishedAt = minute(rapid.IntRange(0, 3).Draw(r, "published at"))
	}
	return e
}

func (x *exercise) post(r *rapid.T) {
	e := x.draw(r, liveblog.Entry{Author: "Ada", AuthorID: "u_1", EditedBy: "Ada", CreatedAt: minute(1)})
	c := liveblog.Commit{Slug: x.m.slug, Entry: e, Audit: audit(1, "entry.post")}
	if key := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(r, "key"); key != "" {
		fingerprint := rapid.SampledFrom([]string{"print", "print", "other"}).Draw(r, "fingerprint")
		c.Key = &liveblog.IdempotencyKey{Actor: x.m.slug, Key: key, Fingerprint: fingerprint}
		used := key + " " + fingerprint
		if number, ok := x.m.keys[used]; ok {
			done, err := x.f.Commit(x.t.Context(), c)
			x.must(r, err)
			equal(r, "replay", done, liveblog.Committed{Entry: x.m.revisions[number-1][0], Replayed: true})
			return
		}
		for k := range x.m.keys {
			if k[:1] == key {
				_, err := x.f.Commit(x.t.Context(), c)
				wantError(r, "Commit", err, liveblog.KeyReused, "Idempotency-Key")
				return
			}
		}
		if !x.m.tooManyPinned(e) {
			x.m.keys[used] = len(x.m.revisions) + 1
		}
	}
	x.commit(r, c)
}

func (x *exercise) revise(r *rapid.T) {
	if len(x.m.revisions) == 0 {
		r.Skip("no entry")
	}
	number := rapid.IntRange(1, len(x.m.revisions)).Draw(r, "number")
	prev := x.m.newest(number)
	if prev.Status == liveblog.Removed {
		r.Skip("removed")
	}
	base := rapid.IntRange(max(prev.Revision-1, 1), prev.Revision).Draw(r, "base")
	c := liveblog.Commit{Slug: x.m.slug, Entry: x.draw(r, prev), Base: base, Audit: audit(1, "entry.edit")}
	if base != prev.Revision {
		_, err := x.f.Commit(x.t.Context(), c)
		wantError(r, "Commit", err, liveblog.Stale, "revision")
		return
	}
	x.commit(r, c)
}

func (x *exercise) commit(r *rapid.T, c liveblog.Commit) {
	done, err := x.f.Commit(x.t.Context(), c)
	if x.m.tooManyPinned(c.Entry) {
		wantError(r, "Commit", err, liveblog.Conflict, "pinned")
		return
	}
	x.must(r, err)
	equal(r, "committed", done, x.m.commit(c.Entry))
}

func (x *exercise) update(r *rapid.T) {
	title := rapid.SampledFrom([]string{"One", "Two", "Three"}).Draw(r, "title")
	x.m.clock++
	b, changes, err := x.f.UpdateBlog(x.t.Context(), x.m.slug, liveblog.BlogPatch{Title: &title},
		audit(x.m.clock, "blog.update"))
	x.must(r, err)
	var want []liveblog.Change
	if title != x.m.blog.Title {
		x.m.blog.Title, x.m.blog.UpdatedAt = title, minute(x.m.clock)
		x.m.changed(minute(x.m.clock))
		x.m.blog.Cursor.Seq++
		x.m.headSeq = x.m.blog.Cursor.Seq
		h := x.m.head()
		want = []liveblog.Change{{Cursor: x.m.blog.Cursor, Head: &h}}
	}
	equal(r, "blog", b, x.m.blog)
	equal(r, "changes", changes, want)
}

// page reads all pages of a random size.
func (x *exercise) page(r *rapid.T) {
	q := liveblog.PageQuery{Slug: x.m.slug, Limit: rapid.SampledFrom([]int{2, 5, everything}).Draw(r, "limit")}
	var got []liveblog.Entry
	for {
		p, err := x.f.Page(x.t.Context(), q)
		x.must(r, err)
		equal(r, "head", p.Head, x.m.head())
		got = append(got, p.Entries...)
		if !p.Older {
			break
		}
		q.Before = p.Entries[len(p.Entries)-1].Number
	}
	equal(r, "all pages", got, x.m.public())
}

func (x *exercise) changes(r *rapid.T) {
	seq := rapid.Int64Range(0, x.m.blog.Cursor.Seq+1).Draw(r, "after")
	limit := rapid.SampledFrom([]int{1, 3, everything}).Draw(r, "limit")
	got, err := x.f.ChangesAfter(x.t.Context(), x.m.slug, x.m.at(seq), limit)
	x.must(r, err)
	want := x.m.changesAfter(seq, limit)
	if len(got.List) == 0 && len(want.List) == 0 {
		got.List, want.List = nil, nil
	}
	equal(r, "changes", got, want)
}

// read reads a random entry in every other way.
func (x *exercise) read(r *rapid.T) {
	number := rapid.IntRange(1, len(x.m.revisions)+1).Draw(r, "number")
	ctx := x.t.Context()
	if number > len(x.m.revisions) {
		_, err := x.f.Entry(ctx, x.m.slug, number)
		wantError(r, "Entry", err, liveblog.NotFound, "number")
		return
	}
	want := x.m.newest(number)
	got, err := x.f.Entry(ctx, x.m.slug, number)
	x.must(r, err)
	equal(r, "entry", got, want)

	history := slices.Clone(x.m.revisions[number-1])
	slices.Reverse(history)
	all, err := x.f.Revisions(ctx, x.m.slug, number, 0, everything)
	x.must(r, err)
	equal(r, "revisions", all, history)

	p, err := x.f.Page(ctx, liveblog.PageQuery{Slug: x.m.slug, Number: number})
	switch {
	case want.Public():
		x.must(r, err)
		equal(r, "page of one", p.Entries, []liveblog.Entry{want})
	case want.PublishedAt.IsZero():
		wantError(r, "page of one", err, liveblog.NotFound, "number")
	default:
		wantError(r, "page of one", err, liveblog.Gone, "number")
	}
}

func (x *exercise) must(r *rapid.T, err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}
