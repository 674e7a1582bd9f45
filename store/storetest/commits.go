package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

func commitTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"New":              testCommitNew,
		"Draft":            testCommitDraft,
		"Change":           testCommitChange,
		"Effects":          testEffects,
		"Head":             testCommitHead,
		"Stale":            testStale,
		"Unknown number":   testCommitUnknownNumber,
		"Pinned":           testPinnedLimit,
		"Refused":          testRefusedWritesNothing,
		"Unicode":          testUnicode,
		"Times":            testTimes,
		"Blogs are apart":  testBlogsApart,
		"Wrong conditions": testWrongConditions,
	}
}

func testCommitNew(t *testing.T, f *fixture) {
	for n := range 3 {
		done := f.post(t, body(strings.Repeat("x", n+1)))
		want := newEntry(body(strings.Repeat("x", n+1)))
		want.Number, want.Revision, want.Seq = n+1, 1, int64(n+1)
		equal(t, "committed", done, liveblog.Committed{Entry: want,
			Changes: []liveblog.Change{{Cursor: f.at(int64(n + 1)), Entry: &want}}})
		got, err := f.Entry(t.Context(), slug, n+1)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "entry read back", got, want)
		equal(t, "cursor", f.cursor(t), f.at(int64(n+1)))
	}
	b, err := f.Blog(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the blog's own time", b.UpdatedAt, f.blog.UpdatedAt)
}

func testCommitDraft(t *testing.T, f *fixture) {
	done := f.post(t, draft, keyEvent)
	want := newEntry(draft, keyEvent)
	want.Number, want.Revision = 1, 1
	equal(t, "committed", done, liveblog.Committed{Entry: want})

	public := f.edit(t, done.Entry, published(4))
	want.Status, want.PublishedAt, want.Revision, want.Seq = liveblog.Published, minute(4), 2, 1
	want.UpdatedAt, want.EditedBy = minute(2), "Grace"
	equal(t, "published", public.Entry, want)
	equal(t, "its changes", steps(public.Changes), []string{"1:1@2", "2:head"})
}

func testCommitChange(t *testing.T, f *fixture) {
	first := f.post(t).Entry
	f.post(t)
	second := f.edit(t, first, body("Both sides have left the room.")).Entry
	third := f.edit(t, second, removed).Entry

	want := first
	want.Revision, want.Body, want.Seq, want.UpdatedAt, want.EditedBy = 2, "Both sides have left the room.", 3,
		minute(2), "Grace"
	equal(t, "second revision", second, want)
	want.Revision, want.Status, want.Seq, want.UpdatedAt = 3, liveblog.Removed, 4, minute(3)
	equal(t, "third revision", third, want)

	// A change that readers do not see does not move the tombstone in the log.
	done := f.edit(t, third, body("Withdrawn."))
	fourth := done.Entry
	if len(done.Changes) != 0 || fourth.Seq != third.Seq {
		t.Errorf("the change of a tombstone has seq %d and changes %v", fourth.Seq, steps(done.Changes))
	}
	equal(t, "log", steps(f.changes(t, 3, 10).List), []string{"4:1@4"})

	all, err := f.Revisions(t.Context(), slug, 1, 0, everything)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "history", all, []liveblog.Entry{fourth, third, second, first})
}

// A commit from each state to each other takes the seqs that its effect requires.
func testEffects(t *testing.T, f *fixture) {
	states := map[string]option{
		"draft":            draft,
		"draft key event":  func(e *liveblog.Entry) { draft(e); keyEvent(e) },
		"public":           func(*liveblog.Entry) {},
		"public key event": keyEvent,
		"public summary":   summary,
		"removed":          removed,
		"removed draft":    func(e *liveblog.Entry) { draft(e); removed(e) },
	}
	for from, was := range states {
		for to, is := range states {
			before := f.post(t, was).Entry
			at := f.cursor(t).Seq
			next := newEntry(is)
			next.Number = before.Number
			effect := liveblog.EffectOf(&before, next)
			done, err := f.Commit(t.Context(),
				liveblog.Commit{Slug: slug, Entry: next, Base: 1, Audit: audit(2, "entry.edit")})
			if err != nil {
				t.Fatal(err)
			}
			want, seq := []liveblog.Change{}, before.Seq
			if effect.Entry {
				at++
				seq = at
				want = append(want, liveblog.Change{Cursor: f.at(at), Entry: &done.Entry})
			}
			if effect.Head {
				at++
				head := f.page(t, liveblog.PageQuery{Limit: 1}).Head
				want = append(want, liveblog.Change{Cursor: f.at(at), Head: &head})
			}
			got := append([]liveblog.Change{}, done.Changes...)
			equal(t, from+" to "+to+": changes", got, want)
			equal(t, from+" to "+to+": the entry's seq", done.Entry.Seq, seq)
			equal(t, from+" to "+to+": cursor", f.cursor(t), f.at(at))
		}
	}
}

func testCommitHead(t *testing.T, f *fixture) {
	old := f.post(t, summary, publishedAt(5)).Entry
	f.post(t, summary, publishedAt(4))
	for range liveblog.MaxKeyEvents {
		f.post(t, keyEvent, publishedAt(10))
	}
	done := f.post(t, keyEvent, publishedAt(9))
	head := done.Changes[1].Head
	if head == nil || head.Summary == nil {
		t.Fatalf("changes are %v, want a head with a summary", steps(done.Changes))
	}
	equal(t, "head's cursor", head.Blog.Cursor, done.Changes[1].Cursor)
	equal(t, "newest summary", *head.Summary, old)
	equal(t, "key events at one time, by number", numbers(head.KeyEvents),
		[]int{14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3})
	equal(t, "page's head", f.page(t, liveblog.PageQuery{Limit: 1}).Head, *head)

	top, err := f.Entry(t.Context(), slug, 14)
	if err != nil {
		t.Fatal(err)
	}
	head = f.edit(t, top, removed).Changes[1].Head
	equal(t, "key events after a removal", numbers(head.KeyEvents), []int{13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 15})
	head = f.edit(t, old, removed).Changes[1].Head
	equal(t, "summary after a removal", head.Summary.Number, 2)
}

func testStale(t *testing.T, f *fixture) {
	first := f.post(t).Entry
	second := f.edit(t, first, body("Two.")).Entry
	for _, base := range []int{0, 1, 3, -1} {
		c := revise(second, body("Three."))
		c.Base = base
		_, err := f.Commit(t.Context(), c)
		wantError(t, "Commit", err, liveblog.Stale, "revision")
	}
	got, err := f.Entry(t.Context(), slug, 1)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "entry", got, second)
}

func testCommitUnknownNumber(t *testing.T, f *fixture) {
	e := f.post(t).Entry
	for _, n := range []int{2, -1, 1 << 40} {
		c := revise(e)
		c.Entry.Number = n
		_, err := f.Commit(t.Context(), c)
		wantError(t, "Commit", err, liveblog.NotFound, "number")
	}
}

func testPinnedLimit(t *testing.T, f *fixture) {
	var last liveblog.Entry
	for range liveblog.MaxPinned {
		last = f.post(t, pinned).Entry
	}
	_, err := f.add(t.Context(), pinned)
	wantError(t, "one more", err, liveblog.Conflict, "pinned")
	if e, _ := errors.AsType[*liveblog.Error](err); !strings.HasPrefix(e.Message, "Entries 3 (“") ||
		!strings.Contains(e.Message, "”), 2 (“") || !strings.Contains(e.Message, "”) and 1 (“") {
		t.Errorf("the refusal does not name the pinned entries: %s", e.Message)
	}
	drafted := f.post(t, draft, pinned).Entry // drafts do not count
	_, err = f.Commit(t.Context(), revise(drafted, published(3)))
	wantError(t, "publishing a pinned draft", err, liveblog.Conflict, "pinned")
	plain := f.post(t).Entry
	_, err = f.Commit(t.Context(), revise(plain, pinned))
	wantError(t, "pinning a public entry", err, liveblog.Conflict, "pinned")

	last = f.edit(t, last, body("Still pinned.")).Entry // the entry itself does not count
	f.edit(t, last, unpinned)
	f.edit(t, plain, pinned)
	_, err = f.add(t.Context(), pinned)
	wantError(t, "one more again", err, liveblog.Conflict, "pinned")
	first, err := f.Entry(t.Context(), slug, 1)
	if err != nil {
		t.Fatal(err)
	}
	f.edit(t, first, removed)
	f.post(t, pinned)
}

// A commit that fails takes no number, seq, revision or key.
func testRefusedWritesNothing(t *testing.T, f *fixture) {
	for range liveblog.MaxPinned {
		f.post(t, pinned)
	}
	at := f.cursor(t)
	key := &liveblog.IdempotencyKey{Actor: "u_1", Key: "k", Fingerprint: "f"}
	c := liveblog.Commit{Slug: slug, Entry: newEntry(pinned), Key: key, Audit: audit(1, "entry.post")}
	_, err := f.Commit(t.Context(), c)
	wantError(t, "Commit", err, liveblog.Conflict, "pinned")
	equal(t, "cursor", f.cursor(t), at)

	c.Entry.Pinned = false
	done, err := f.Commit(t.Context(), c)
	if err != nil || done.Replayed {
		t.Fatalf("the same key after a refusal: replayed %v, error %v", done.Replayed, err)
	}
	equal(t, "number", done.Entry.Number, liveblog.MaxPinned+1)
	equal(t, "seq", done.Entry.Seq, at.Seq+1)
}

func testUnicode(t *testing.T, f *fixture) {
	for _, s := range []string{
		"习近平在釜山 — “rare earths” 🇨🇳🇺🇸 👩🏽‍💻", "שלום עולם \u200f",
		"e\u0301 is not é", "a\u2028b\tc\nd", "\ufeffbom", "'; DROP TABLE entries; --",
		strings.Repeat("稀", liveblog.MaxBody/3), "\U0010FFFF",
	} {
		done := f.post(t, func(e *liveblog.Entry) { e.Headline, e.Body, e.Author = s, s, s })
		got, err := f.Entry(t.Context(), slug, done.Entry.Number)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "entry", got, done.Entry)
		equal(t, "body", got.Body, s)
	}
}

// Times are returned in UTC and in microseconds, so that entries can be compared.
func testTimes(t *testing.T, f *fixture) {
	zone := time.FixedZone("EDT", -4*3600)
	done := f.post(t, func(e *liveblog.Entry) {
		e.CreatedAt = minute(1).In(zone)
		e.PublishedAt = minute(2).Add(999)
		e.UpdatedAt = time.Date(1969, 7, 20, 20, 17, 40, 1000, time.UTC)
	})
	got, err := f.Entry(t.Context(), slug, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got != done.Entry {
		t.Errorf("read %+v, committed %+v", got, done.Entry)
	}
	if got.CreatedAt != minute(1) || got.PublishedAt != minute(2) ||
		got.UpdatedAt != time.Date(1969, 7, 20, 20, 17, 40, 1000, time.UTC) {
		t.Errorf("times are %v, %v, %v", got.CreatedAt, got.PublishedAt, got.UpdatedAt)
	}
	unset := f.post(t, draft).Entry
	if got, err := f.Entry(t.Context(), slug, 2); err != nil || got != unset || !got.PublishedAt.IsZero() {
		t.Errorf("a draft is published at %v, error %v", got.PublishedAt, err)
	}
}

func testBlogsApart(t *testing.T, f *fixture) {
	f.post(t, pinned, keyEvent)
	f.createBlog(t, "other")
	done, err := f.Commit(t.Context(), liveblog.Commit{Slug: "other", Entry: newEntry(summary),
		Audit: audit(1, "entry.post")})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "number", done.Entry.Number, 1)
	equal(t, "changes", steps(done.Changes), []string{"1:1@1", "2:head"})
	if done.Changes[1].Head.KeyEvents != nil {
		t.Error("the other blog's key event is in the head")
	}
	p := f.page(t, liveblog.PageQuery{Limit: 10})
	if len(p.Entries) != 1 || p.Head.Summary != nil {
		t.Errorf("the other blog's entry is on the page: %v", numbers(p.Entries))
	}
	equal(t, "changes of the first", steps(f.changes(t, 0, 10).List), []string{"1:1@1", "2:head"})
}

// These commits can only result from a bug in the program.
func testWrongConditions(t *testing.T, f *fixture) {
	_, err := f.Commit(t.Context(), liveblog.Commit{Slug: slug, Entry: newEntry(), Base: 1,
		Audit: audit(1, "entry.post")})
	wantError(t, "a new entry with a base", err, liveblog.Internal, "")
	c := revise(f.post(t).Entry)
	c.Key = &liveblog.IdempotencyKey{Actor: "u_1", Key: "k", Fingerprint: "f"}
	_, err = f.Commit(t.Context(), c)
	wantError(t, "a change with a key", err, liveblog.Internal, "")
	_, err = f.add(t.Context(), publishedAt(0), func(e *liveblog.Entry) { e.PublishedAt = time.Time{} })
	wantError(t, "public without a time", err, liveblog.Internal, "")
	equal(t, "cursor", f.cursor(t), f.at(1))
}
