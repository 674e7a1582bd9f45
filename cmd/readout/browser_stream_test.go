package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/liveblog"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// TestBrowserStream is what a person sees of a long stream's windows, in a real browser on a real node.
func TestBrowserStream(t *testing.T) {
	b := startBrowser(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, browser)
	}{
		{"a link opens deep in the stream, with the way up and down", testDeepLink},
		{"what is new is counted exactly in an older window", testOlderWindowCounts},
		{"a removal leaves a note where the server has one", testRemovalNotes},
		{"a note stands at its own time from the beginning on", testNoteOldestFirst},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, b) })
	}
}

// backfill writes count entries of the past, the last of them two minutes old, past the desk: nobody listens yet.
func (n *testNode) backfill(t *testing.T, slug string, count int) {
	t.Helper()
	last := time.Now().Add(-2 * time.Minute).UTC().Truncate(time.Microsecond)
	for i := range count {
		at := last.Add(time.Duration(i+1-count) * time.Minute)
		e := liveblog.Entry{Headline: fmt.Sprintf("Update %d", i+1), Body: strings.Repeat("Both sides are in the room. ", 10+i%7*3), Author: "Ana Ruiz",
			Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at}
		if _, err := n.Store.Commit(t.Context(), liveblog.Commit{Slug: slug, Entry: e, Audit: liveblog.Audit{At: at}}); err != nil {
			t.Fatal(err)
		}
	}
}

// streamRow is an entry, or the note of one that was removed.
type streamRow struct {
	Number, Revision int
	Gone             string // what the note says
}

// streamRows is a function of a document that returns its rows.
const streamRows = `(doc) => [...doc.querySelectorAll('[data-stream] > [data-number]')].map((a) => ({
	Number: Number(a.dataset.number), Revision: Number(a.dataset.revision),
	Gone: 'removed' in a.dataset ? a.querySelector('.gone').textContent.replace(/\s+/g, ' ').trim() : '',
}))`

func (p *tab) rows(t *testing.T) []streamRow {
	t.Helper()
	return eval[[]streamRow](t, p, "("+streamRows+")(document)")
}

// servedRows is what the server shows at an address now.
func (p *tab) servedRows(t *testing.T, path string) []streamRow {
	t.Helper()
	return eval[[]streamRow](t, p, fmt.Sprintf(`fetch(%q, { cache: 'no-store' }).then((r) => r.text()).then((html) => (%s)(new DOMParser().parseFromString(html, 'text/html')))`,
		path, streamRows))
}

// numbers are those of rows.
func numbers(rows []streamRow) (list []int) {
	for _, r := range rows {
		list = append(list, r.Number)
	}
	return list
}

// countdown is from, from-1 and so on to to.
func countdown(from, to int) (list []int) {
	for n := from; n >= to; n-- {
		list = append(list, n)
	}
	return list
}

// follows clicks a link to another page and returns when that has loaded.
func (p *tab) follows(t *testing.T, href string) {
	t.Helper()
	click := chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('a[href=%q]').click()`, href))
	if _, err := chromedp.RunResponse(p.ctx, click); err != nil {
		t.Fatalf("following %s: %v", href, err)
	}
}

// loadsInPlace follows a link of the window and waits for the row that it brings at the far end. It returns how far, in any
// frame, an entry that is being read has moved meanwhile.
func (p *tab) loadsInPlace(t *testing.T, way string, reading, brings int) float64 {
	t.Helper()
	eval[any](t, p, fmt.Sprintf(`new Promise((done) => {
		const top = () => document.getElementById('entry-%d').getBoundingClientRect().top
		const start = top()
		const watch = window.watch = { moved: 0, frames: 0, over: false }
		const look = () => {
			watch.moved = Math.max(watch.moved, Math.abs(top() - start))
			watch.frames++
			if (!watch.over) requestAnimationFrame(look)
		}
		requestAnimationFrame(() => { look(); document.querySelector('a[data-%s]').click(); done() })
	})`, reading, way))
	p.wait(t, fmt.Sprintf(`document.getElementById('entry-%d') && !document.querySelector('.way-on [aria-busy]')`, brings))
	p.wait(t, fmt.Sprintf(`window.watch.frames > %d`, eval[int](t, p, `window.watch.frames`)+2))
	return eval[float64](t, p, `window.watch.over = true, window.watch.moved`)
}

func testDeepLink(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.backfill(t, "summit", 3200)
	p := b.open(t, n.BaseURL+"/live/summit/200")
	p.live(t)
	p.follows(t, "/live/summit?around=200#entry-200")
	p.live(t)

	if d := cmp.Diff(countdown(210, 190), numbers(p.rows(t))); d != "" {
		t.Errorf("around entry 200 stand (-want +got):\n%s", d)
	}
	p.wait(t, `document.querySelector('#entry-200:target')`)
	if top := eval[float64](t, p, `document.getElementById('entry-200').getBoundingClientRect().top`); top < 0 || top > 400 {
		t.Errorf("the entry that the link is about stands at %v px, want it in view", top)
	}
	if eval[bool](t, p, `['backgroundColor', 'boxShadow', 'borderInlineStartColor', 'outline'].every((name) =>
		getComputedStyle(document.getElementById('entry-200'))[name] === getComputedStyle(document.getElementById('entry-199'))[name])`) {
		t.Error("the entry that the link is about looks like the others")
	}

	// Up and down in place: nothing is left out, nothing comes twice, and what is read stays.
	newest, oldest := 210, 190
	for range 4 {
		newest += 20
		if moved := p.loadsInPlace(t, "newer", 200, newest); moved >= 1 {
			t.Errorf("newer entries up to %d moved what is being read by %v px", newest, moved)
		}
		oldest -= 20
		if moved := p.loadsInPlace(t, "older", 200, oldest); moved >= 1 {
			t.Errorf("older entries down to %d moved what is being read by %v px", oldest, moved)
		}
	}
	if d := cmp.Diff(countdown(newest, oldest), numbers(p.rows(t))); d != "" {
		t.Errorf("after going up and down stand (-want +got):\n%s", d)
	}
	if got := eval[string](t, p, `location.search`); got != "?around=200" {
		t.Errorf("the page has gone to %s", got)
	}

	// Where the stream ends, the ways end.
	p.goTo(t, n.BaseURL+"/live/summit?around=3180#entry-3180")
	p.live(t)
	p.loadsInPlace(t, "newer", 3180, 3200)
	if eval[bool](t, p, `!!document.querySelector('a[data-newer]')`) {
		t.Error("above the newest entry there is a way to newer ones")
	}
	p.goTo(t, n.BaseURL+"/live/summit?around=15#entry-15")
	p.live(t)
	p.loadsInPlace(t, "older", 15, 1)
	if eval[bool](t, p, `!!document.querySelector('a[data-older]')`) {
		t.Error("below the first entry there is a way to older ones")
	}
	p.clean(t, false)
}

func testOlderWindowCounts(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.backfill(t, "summit", 100)
	p := b.open(t, n.BaseURL+"/live/summit?around=80#entry-80")
	p.live(t)
	counts := func(want string) {
		t.Helper()
		p.wait(t, fmt.Sprintf(`(document.querySelector('[data-new]:not([hidden]) [data-count]')?.textContent ?? 'none') === %q`, want))
	}
	for i := range 5 { // 101 to 105
		n.post(t, "summit", liveblog.EntryInput{Headline: fmt.Sprintf("New %d", i), Body: "News from the table."})
	}
	counts("5 new updates")
	body := "It reads otherwise now."
	n.edit(t, "summit", 102, liveblog.EntryPatch{Body: &body})
	n.edit(t, "summit", 80, liveblog.EntryPatch{Body: &body})
	n.remove(t, "summit", 103)
	n.remove(t, "summit", 81)
	counts("4 new updates")
	n.remove(t, "summit", 102)
	counts("3 new updates")
	p.wait(t, `document.querySelector('#entry-80[data-revision="2"]') && document.querySelector('#entry-81[data-removed]')`)
	if got := eval[string](t, p, `document.querySelector('[data-new]').getAttribute('href')`); got != "/live/summit" {
		t.Errorf("the notice leads to %q, want the blog", got)
	}

	// They come into the page by the way up, and count no longer once they have been in view.
	if moved := p.loadsInPlace(t, "newer", 80, 105); moved >= 1 {
		t.Errorf("newer entries moved what is being read by %v px", moved)
	}
	counts("3 new updates")
	want := slices.DeleteFunc(countdown(105, 70), func(number int) bool { return number == 103 || number == 102 })
	if d := cmp.Diff(want, numbers(p.rows(t))); d != "" {
		t.Errorf("in the page stand (-want +got):\n%s", d)
	}
	eval[any](t, p, `document.getElementById('entry-105').scrollIntoView({ block: 'start', behavior: 'instant' })`)
	counts("none")
	p.clean(t, false)
}

func testRemovalNotes(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.backfill(t, "summit", 60)
	newest := b.open(t, n.BaseURL+"/live/summit")
	around := b.open(t, n.BaseURL+"/live/summit?around=52#entry-52")
	own := b.open(t, n.BaseURL+"/live/summit/50")
	for _, p := range []*tab{newest, around, own} {
		p.live(t)
	}
	eval[any](t, newest, `document.getElementById('entry-45').scrollIntoView({ block: 'start', behavior: 'instant' })`)
	for range 4 { // 61 to 64
		n.post(t, "summit", liveblog.EntryInput{Body: "News from the table."})
	}
	yes := true
	n.edit(t, "summit", 47, liveblog.EntryPatch{Pinned: &yes})
	n.edit(t, "summit", 5, liveblog.EntryPatch{Pinned: &yes}) // from beyond the page
	newest.wait(t, `document.querySelector('[data-new]:not([hidden]) [data-count]')?.textContent === '4 new updates'`)

	// Seen by readers for long: 60, 50, 41 where the page ends, and two pinned. Taken back at once: 62.
	for _, number := range []int{60, 50, 47, 5, 41, 62} {
		n.remove(t, "summit", number)
	}
	newest.wait(t, `document.querySelector('[data-new]:not([hidden]) [data-count]')?.textContent === '3 new updates'`)
	if got := eval[string](t, newest, `document.title`); !strings.HasPrefix(got, "(3) ") {
		t.Errorf("the title is %q, want it to count 3", got)
	}

	var noted []int
	got := newest.rows(t)
	for _, r := range got {
		if r.Gone != "" {
			noted = append(noted, r.Number)
			if !strings.HasPrefix(r.Gone, "An update published here was removed at ") {
				t.Errorf("the note of %d says %q", r.Number, r.Gone)
			}
		}
	}
	if want := []int{60, 50, 47, 41}; !slices.Equal(noted, want) {
		t.Errorf("notes stand for %v, want %v", noted, want)
	}
	want := newest.servedRows(t, "/live/summit")
	if len(want) < len(got) {
		t.Errorf("the server shows %d rows, the page %d", len(want), len(got))
	}
	if d := cmp.Diff(want[:min(len(want), len(got))], got); d != "" {
		t.Errorf("the server's page and the reader's differ (-server +reader):\n%s", d)
	}
	around.wait(t, `document.querySelectorAll('[data-stream] > [data-removed]').length === 3`)
	// A new window counts its half anew without what was removed, so that it reaches further up.
	both := func(rows []streamRow) []streamRow {
		return slices.DeleteFunc(rows, func(r streamRow) bool { return r.Number < 45 || r.Number > 60 })
	}
	if d := cmp.Diff(both(around.servedRows(t, "/live/summit?around=52")), both(around.rows(t))); d != "" {
		t.Errorf("around an entry the server's page and the reader's differ (-server +reader):\n%s", d)
	}

	// The page of the entry itself says so, and is gone when asked for again.
	own.wait(t, `document.querySelector('#entry-50 .note')`)
	if strings.Contains(eval[string](t, own, `document.getElementById('entry-50').textContent`), "Both sides") {
		t.Error("the removed entry's own page still shows its text")
	}
	if got := eval[int](t, own, `fetch(location.href, { cache: 'no-store' }).then((r) => r.status)`); got != 410 {
		t.Errorf("the removed entry's own page answers %d, want 410", got)
	}

	// Older entries come below, with the notes among them, and the page is still what the server shows.
	n.remove(t, "summit", 30)
	newest.loadsInPlace(t, "older", 45, 21)
	got = newest.rows(t)
	want = newest.servedRows(t, "/live/summit?before=41")
	if d := cmp.Diff(want, got[len(got)-len(want):]); d != "" {
		t.Errorf("the server's older page and what was loaded of it differ (-server +reader):\n%s", d)
	}
	if i := slices.IndexFunc(got, func(r streamRow) bool { return r.Number == 30 }); i < 0 || got[i].Gone == "" {
		t.Errorf("no note stands for entry 30, which was removed before the page came to reach it: %v", numbers(got))
	}
	newest.clean(t, false)
	around.clean(t, false)
}

// From the beginning on, the time runs downwards, and pinned entries stand at their own.
func testNoteOldestFirst(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.backfill(t, "summit", 50)
	yes := true
	n.edit(t, "summit", 10, liveblog.EntryPatch{Pinned: &yes})
	p := b.open(t, n.BaseURL+"/live/summit?order=oldest")
	p.live(t)
	if moved := p.loadsInPlace(t, "newer", 1, 40); moved >= 1 {
		t.Errorf("newer entries below moved what is being read by %v px", moved)
	}
	n.remove(t, "summit", 10)
	n.remove(t, "summit", 35)
	p.wait(t, `document.querySelectorAll('[data-stream] > [data-removed]').length === 2`)
	var want []int
	for number := range 40 {
		want = append(want, number+1)
	}
	got := p.rows(t)
	if d := cmp.Diff(want, numbers(got)); d != "" {
		t.Errorf("from the beginning stand (-want +got):\n%s", d)
	}
	if d := cmp.Diff(p.servedRows(t, "/live/summit?order=oldest")[:20], got[:20]); d != "" {
		t.Errorf("the server's page and the reader's differ (-server +reader):\n%s", d)
	}
	p.clean(t, false)
}
