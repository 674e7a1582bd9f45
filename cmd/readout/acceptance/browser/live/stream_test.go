package live_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

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

func rows(p *browser.Tab) []streamRow {
	return browser.Get[[]streamRow](p, "("+streamRows+")(document)")
}

// servedRows is what the server shows at an address now.
func servedRows(p *browser.Tab, path string) []streamRow {
	return browser.Get[[]streamRow](p, fmt.Sprintf(`fetch(%q, { cache: 'no-store' }).then((r) => r.text()).then((html) => (%s)(new DOMParser().parseFromString(html, 'text/html')))`,
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
func follows(p *browser.Tab, href string) {
	click := chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('a[href=%q]').click()`, href))
	p.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.RunResponse(ctx, click)
		return err
	}))
}

// loadsInPlace follows a link of the window and waits for the row that it brings at the far end. It returns how far, in any
// frame, an entry that is being read has moved meanwhile.
func loadsInPlace(p *browser.Tab, way string, reading, brings int) float64 {
	browser.Get[any](p, fmt.Sprintf(`new Promise((done) => {
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
	p.Until(fmt.Sprintf(`document.getElementById('entry-%d') && !document.querySelector('.way-on [aria-busy]')`, brings))
	p.Until(fmt.Sprintf(`window.watch.frames > %d`, browser.Get[int](p, `window.watch.frames`)+2))
	return browser.Get[float64](p, `window.watch.over = true, window.watch.moved`)
}

func TestDeepLink(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Backfill("summit", 400)
	p := browser.Open(t, n.BaseURL+"/live/summit/200")
	p.Live()
	follows(p, "/live/summit?around=200#entry-200")
	p.Live()

	if d := cmp.Diff(countdown(210, 190), numbers(rows(p))); d != "" {
		t.Errorf("around entry 200 stand (-want +got):\n%s", d)
	}
	p.Until(`document.querySelector('#entry-200:target')`)
	if top := browser.Get[float64](p, `document.getElementById('entry-200').getBoundingClientRect().top`); top < 0 || top > 400 {
		t.Errorf("the entry that the link is about stands at %v px, want it in view", top)
	}
	if browser.Get[bool](p, `['backgroundColor', 'boxShadow', 'borderInlineStartColor', 'outline'].every((name) =>
		getComputedStyle(document.getElementById('entry-200'))[name] === getComputedStyle(document.getElementById('entry-199'))[name])`) {
		t.Error("the entry that the link is about looks like the others")
	}

	// Up and down in place: nothing is left out, nothing comes twice, and what is read stays.
	newest, oldest := 210, 190
	for range 4 {
		newest += 20
		if moved := loadsInPlace(p, "newer", 200, newest); moved >= 1 {
			t.Errorf("newer entries up to %d moved what is being read by %v px", newest, moved)
		}
		oldest -= 20
		if moved := loadsInPlace(p, "older", 200, oldest); moved >= 1 {
			t.Errorf("older entries down to %d moved what is being read by %v px", oldest, moved)
		}
	}
	if d := cmp.Diff(countdown(newest, oldest), numbers(rows(p))); d != "" {
		t.Errorf("after going up and down stand (-want +got):\n%s", d)
	}
	if got := browser.Get[string](p, `location.search`); got != "?around=200" {
		t.Errorf("the page has gone to %s", got)
	}

	// Where the stream ends, the ways end.
	p.GoTo(n.BaseURL + "/live/summit?around=380#entry-380")
	p.Live()
	loadsInPlace(p, "newer", 380, 400)
	if browser.Get[bool](p, `!!document.querySelector('a[data-newer]')`) {
		t.Error("above the newest entry there is a way to newer ones")
	}
	p.GoTo(n.BaseURL + "/live/summit?around=15#entry-15")
	p.Live()
	loadsInPlace(p, "older", 15, 1)
	if browser.Get[bool](p, `!!document.querySelector('a[data-older]')`) {
		t.Error("below the first entry there is a way to older ones")
	}
}

func TestOlderWindowCounts(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Backfill("summit", 100)
	p := browser.Open(t, n.BaseURL+"/live/summit?around=80#entry-80")
	p.Live()
	counts := func(want string) {
		t.Helper()
		p.Until(fmt.Sprintf(`(document.querySelector('[data-new]:not([hidden]) [data-count]')?.textContent ?? 'none') === %q`, want))
	}
	for i := range 5 { // 101 to 105
		n.Post("summit", liveblog.EntryInput{Headline: fmt.Sprintf("New %d", i), Body: "News from the table."})
	}
	counts("5 new updates")
	body := "It reads otherwise now."
	n.Edit("summit", 102, liveblog.EntryPatch{Body: &body})
	n.Edit("summit", 80, liveblog.EntryPatch{Body: &body})
	n.Remove("summit", 103)
	n.Remove("summit", 81)
	counts("4 new updates")
	n.Remove("summit", 102)
	counts("3 new updates")
	p.Until(`document.querySelector('#entry-80[data-revision="2"]') && document.querySelector('#entry-81[data-removed]')`)
	if got := browser.Get[string](p, `document.querySelector('[data-new]').getAttribute('href')`); got != "/live/summit" {
		t.Errorf("the notice leads to %q, want the blog", got)
	}

	// They come into the page by the way up, and count no longer once they have been in view.
	if moved := loadsInPlace(p, "newer", 80, 105); moved >= 1 {
		t.Errorf("newer entries moved what is being read by %v px", moved)
	}
	counts("3 new updates")
	want := slices.DeleteFunc(countdown(105, 70), func(number int) bool { return number == 103 || number == 102 })
	if d := cmp.Diff(want, numbers(rows(p))); d != "" {
		t.Errorf("in the page stand (-want +got):\n%s", d)
	}
	browser.Get[any](p, `document.getElementById('entry-105').scrollIntoView({ block: 'start', behavior: 'instant' })`)
	counts("none")
}

func TestRemovalNotes(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Backfill("summit", 60)
	newest := browser.Open(t, n.BaseURL+"/live/summit")
	around := browser.Open(t, n.BaseURL+"/live/summit?around=52#entry-52")
	own := browser.Open(t, n.BaseURL+"/live/summit/50")
	for _, p := range []*browser.Tab{newest, around, own} {
		p.Live()
	}
	browser.Get[any](newest, `document.getElementById('entry-45').scrollIntoView({ block: 'start', behavior: 'instant' })`)
	for range 4 { // 61 to 64
		n.Post("summit", liveblog.EntryInput{Body: "News from the table."})
	}
	yes := true
	n.Edit("summit", 47, liveblog.EntryPatch{Pinned: &yes})
	n.Edit("summit", 5, liveblog.EntryPatch{Pinned: &yes}) // from beyond the page
	newest.Until(`document.querySelector('[data-new]:not([hidden]) [data-count]')?.textContent === '4 new updates'`)

	// Seen by readers for long: 60, 50, 41 where the page ends, and two pinned. Taken back at once: 62.
	for _, number := range []int{60, 50, 47, 5, 41, 62} {
		n.Remove("summit", number)
	}
	newest.Until(`document.querySelector('[data-new]:not([hidden]) [data-count]')?.textContent === '3 new updates'`)
	if got := browser.Get[string](newest, `document.title`); !strings.HasPrefix(got, "(3) ") {
		t.Errorf("the title is %q, want it to count 3", got)
	}

	var noted []int
	got := rows(newest)
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
	want := servedRows(newest, "/live/summit")
	if len(want) < len(got) {
		t.Errorf("the server shows %d rows, the page %d", len(want), len(got))
	}
	if d := cmp.Diff(want[:min(len(want), len(got))], got); d != "" {
		t.Errorf("the server's page and the reader's differ (-server +reader):\n%s", d)
	}
	around.Until(`document.querySelectorAll('[data-stream] > [data-removed]').length === 3`)
	// A new window counts its half anew without what was removed, so that it reaches further up.
	both := func(rows []streamRow) []streamRow {
		return slices.DeleteFunc(rows, func(r streamRow) bool { return r.Number < 45 || r.Number > 60 })
	}
	if d := cmp.Diff(both(servedRows(around, "/live/summit?around=52")), both(rows(around))); d != "" {
		t.Errorf("around an entry the server's page and the reader's differ (-server +reader):\n%s", d)
	}

	// The page of the entry itself says so, and is gone when asked for again.
	own.Until(`document.querySelector('#entry-50 .note')`)
	if strings.Contains(browser.Get[string](own, `document.getElementById('entry-50').textContent`), "Both sides") {
		t.Error("the removed entry's own page still shows its text")
	}
	own.ExpectFailedRequests()
	if got := browser.Get[int](own, `fetch(location.href, { cache: 'no-store' }).then((r) => r.status)`); got != 410 {
		t.Errorf("the removed entry's own page answers %d, want 410", got)
	}

	// Older entries come below, with the notes among them, and the page is still what the server shows.
	n.Remove("summit", 30)
	loadsInPlace(newest, "older", 45, 21)
	got = rows(newest)
	want = servedRows(newest, "/live/summit?before=41")
	if d := cmp.Diff(want, got[len(got)-len(want):]); d != "" {
		t.Errorf("the server's older page and what was loaded of it differ (-server +reader):\n%s", d)
	}
	if i := slices.IndexFunc(got, func(r streamRow) bool { return r.Number == 30 }); i < 0 || got[i].Gone == "" {
		t.Errorf("no note stands for entry 30, which was removed before the page came to reach it: %v", numbers(got))
	}
}

// From the beginning on, the time runs downwards, and pinned entries stand at their own.
func TestNoteOldestFirst(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Backfill("summit", 50)
	yes := true
	n.Edit("summit", 10, liveblog.EntryPatch{Pinned: &yes})
	p := browser.Open(t, n.BaseURL+"/live/summit?order=oldest")
	p.Live()
	if moved := loadsInPlace(p, "newer", 1, 40); moved >= 1 {
		t.Errorf("newer entries below moved what is being read by %v px", moved)
	}
	n.Remove("summit", 10)
	n.Remove("summit", 35)
	p.Until(`document.querySelectorAll('[data-stream] > [data-removed]').length === 2`)
	var want []int
	for number := range 40 {
		want = append(want, number+1)
	}
	got := rows(p)
	if d := cmp.Diff(want, numbers(got)); d != "" {
		t.Errorf("from the beginning stand (-want +got):\n%s", d)
	}
	if d := cmp.Diff(servedRows(p, "/live/summit?order=oldest")[:20], got[:20]); d != "" {
		t.Errorf("the server's page and the reader's differ (-server +reader):\n%s", d)
	}
}
