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

// streamRow is an entry in the stream, or the note that replaces a removed one.
type streamRow struct {
	Number, Revision int
	Gone             string // the text of the note
}

// streamRows is a JavaScript function that returns the rows of a document.
const streamRows = `(doc) => [...doc.querySelectorAll('[data-stream] > [data-number]')].map((a) => ({
	Number: Number(a.dataset.number), Revision: Number(a.dataset.revision),
	Gone: 'removed' in a.dataset ? a.querySelector('.gone').textContent.replace(/\s+/g, ' ').trim() : '',
}))`

// rows returns the rows in the page.
func rows(p *browser.Tab) []streamRow {
	return browser.Get[[]streamRow](p, "("+streamRows+")(document)")
}

// servedRows returns the rows that the server has at a path.
func servedRows(p *browser.Tab, path string) []streamRow {
	return browser.Get[[]streamRow](p, fmt.Sprintf(`fetch(%q, { cache: 'no-store' }).then((r) => r.text())
		.then((html) => (%s)(new DOMParser().parseFromString(html, 'text/html')))`, path, streamRows))
}

// numbers returns the numbers of the rows.
func numbers(rows []streamRow) (list []int) {
	for _, r := range rows {
		list = append(list, r.Number)
	}
	return list
}

// countdown returns the numbers from, from-1 and so on down to to.
func countdown(from, to int) (list []int) {
	for n := from; n >= to; n-- {
		list = append(list, n)
	}
	return list
}

// follow clicks a link to another page and returns when that has loaded.
func follow(p *browser.Tab, href string) {
	click := chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('a[href=%q]').click()`, href))
	p.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.RunResponse(ctx, click)
		return err
	}))
}

// loadInPlace clicks the link to older or newer entries, and waits for the last of the entries that it loads. It
// returns by how many pixels the entry that is read has moved at most, in any frame.
func loadInPlace(p *browser.Tab, direction string, reading, last int) float64 {
	browser.Get[any](p, fmt.Sprintf(`new Promise((done) => {
		const top = () => document.getElementById('entry-%d').getBoundingClientRect().top
		const start = top()
		const watch = window.watch = { moved: 0, frames: 0, over: false }
		const sample = () => {
			watch.moved = Math.max(watch.moved, Math.abs(top() - start))
			watch.frames++
			if (!watch.over) requestAnimationFrame(sample)
		}
		requestAnimationFrame(() => { sample(); document.querySelector('a[data-%s]').click(); done() })
	})`, reading, direction))
	p.Until(fmt.Sprintf(`document.getElementById('entry-%d') && !document.querySelector('.way-on [aria-busy]')`, last))
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
	follow(p, "/live/summit?around=200#entry-200")
	p.Live()

	if d := cmp.Diff(countdown(210, 190), numbers(rows(p))); d != "" {
		t.Errorf("the entries around entry 200 (-want +got):\n%s", d)
	}
	p.Until(`document.querySelector('#entry-200:target')`)
	top := browser.Get[float64](p, `document.getElementById('entry-200').getBoundingClientRect().top`)
	if top < 0 || top > 400 {
		t.Errorf("the linked entry is at %v px, want it in view", top)
	}
	if browser.Get[bool](p, `(() => {
		const style = (number) => getComputedStyle(document.getElementById('entry-' + number))
		return ['backgroundColor', 'boxShadow', 'borderInlineStartColor', 'outline']
			.every((name) => style(200)[name] === style(199)[name])
	})()`) {
		t.Error("the linked entry looks like the others")
	}

	// Load newer and older entries in place: none may be missing or come twice, and the entry that is read must not
	// move.
	newest, oldest := 210, 190
	for range 4 {
		newest += 20
		if moved := loadInPlace(p, "newer", 200, newest); moved >= 1 {
			t.Errorf("loading entries up to %d moved the entry that is read by %v px", newest, moved)
		}
		oldest -= 20
		if moved := loadInPlace(p, "older", 200, oldest); moved >= 1 {
			t.Errorf("loading entries down to %d moved the entry that is read by %v px", oldest, moved)
		}
	}
	if d := cmp.Diff(countdown(newest, oldest), numbers(rows(p))); d != "" {
		t.Errorf("the entries after loading newer and older ones (-want +got):\n%s", d)
	}
	if got := browser.Get[string](p, `location.search`); got != "?around=200" {
		t.Errorf("the address has changed to %s", got)
	}

	// At the ends of the stream there is no link.
	p.GoTo(n.BaseURL + "/live/summit?around=380#entry-380")
	p.Live()
	loadInPlace(p, "newer", 380, 400)
	if browser.Get[bool](p, `!!document.querySelector('a[data-newer]')`) {
		t.Error("above the newest entry there is a link to newer ones")
	}
	p.GoTo(n.BaseURL + "/live/summit?around=15#entry-15")
	p.Live()
	loadInPlace(p, "older", 15, 1)
	if browser.Get[bool](p, `!!document.querySelector('a[data-older]')`) {
		t.Error("below the first entry there is a link to older ones")
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
		p.Until(fmt.Sprintf(
			`(document.querySelector('[data-new]:not([hidden]) [data-count]')?.textContent ?? 'none') === %q`, want))
	}
	for i := range 5 { // 101 to 105
		n.Post("summit", liveblog.EntryInput{Headline: fmt.Sprintf("New %d", i), Body: "News from the table."})
	}
	counts("5 new updates")
	body := "It has another text now."
	n.Edit("summit", 102, liveblog.EntryPatch{Body: &body})
	n.Edit("summit", 80, liveblog.EntryPatch{Body: &body})
	n.Remove("summit", 103)
	n.Remove("summit", 81)
	counts("4 new updates")
	n.Remove("summit", 102)
	counts("3 new updates")
	p.Until(`document.querySelector('#entry-80[data-revision="2"]') &&
		document.querySelector('#entry-81[data-removed]')`)
	link := browser.Get[string](p, `document.querySelector('[data-new]').getAttribute('href')`)
	if link != "/live/summit" {
		t.Errorf("the notice links to %q, want the blog", link)
	}

	// New entries are loaded with the link to newer ones, and are no longer new once they have been in view.
	if moved := loadInPlace(p, "newer", 80, 105); moved >= 1 {
		t.Errorf("loading newer entries moved the entry that is read by %v px", moved)
	}
	counts("3 new updates")
	want := slices.DeleteFunc(countdown(105, 70), func(number int) bool { return number == 103 || number == 102 })
	if d := cmp.Diff(want, numbers(rows(p))); d != "" {
		t.Errorf("the entries in the page (-want +got):\n%s", d)
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
	browser.Get[any](newest,
		`document.getElementById('entry-45').scrollIntoView({ block: 'start', behavior: 'instant' })`)
	for range 4 { // 61 to 64
		n.Post("summit", liveblog.EntryInput{Body: "News from the table."})
	}
	yes := true
	n.Edit("summit", 47, liveblog.EntryPatch{Pinned: &yes})
	n.Edit("summit", 5, liveblog.EntryPatch{Pinned: &yes}) // from an older page
	newest.Until(`document.querySelector('[data-new]:not([hidden]) [data-count]')?.textContent === '4 new updates'`)

	// 60, 50, the last entry of the page, and two pinned entries were public for long, so notes replace them. 62 was
	// not.
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
		t.Errorf("there are notes for %v, want %v", noted, want)
	}
	want := servedRows(newest, "/live/summit")
	if len(want) < len(got) {
		t.Errorf("the server shows %d rows, the page %d", len(want), len(got))
	}
	if d := cmp.Diff(want[:min(len(want), len(got))], got); d != "" {
		t.Errorf("the server's page and the reader's differ (-server +reader):\n%s", d)
	}
	around.Until(`document.querySelectorAll('[data-stream] > [data-removed]').length === 3`)
	// The server's page around an entry now reaches further up, since removed entries do not count. Compare the common
	// part.
	common := func(rows []streamRow) []streamRow {
		return slices.DeleteFunc(rows, func(r streamRow) bool { return r.Number < 45 || r.Number > 60 })
	}
	if d := cmp.Diff(common(servedRows(around, "/live/summit?around=52")), common(rows(around))); d != "" {
		t.Errorf("around an entry the server's page and the reader's differ (-server +reader):\n%s", d)
	}

	// The entry's own page gets the note, and a new request for it is answered with 410.
	own.Until(`document.querySelector('#entry-50 .note')`)
	if strings.Contains(browser.Get[string](own, `document.getElementById('entry-50').textContent`), "Both sides") {
		t.Error("the removed entry's own page still shows its text")
	}
	own.ExpectFailedRequests()
	if got := browser.Get[int](own, `fetch(location.href, { cache: 'no-store' }).then((r) => r.status)`); got != 410 {
		t.Errorf("the removed entry's own page answers %d, want 410", got)
	}

	// Older entries come with their notes, as on the server's page.
	n.Remove("summit", 30)
	loadInPlace(newest, "older", 45, 21)
	got = rows(newest)
	want = servedRows(newest, "/live/summit?before=41")
	if d := cmp.Diff(want, got[len(got)-len(want):]); d != "" {
		t.Errorf("the server's older page and what was loaded of it differ (-server +reader):\n%s", d)
	}
	if i := slices.IndexFunc(got, func(r streamRow) bool { return r.Number == 30 }); i < 0 || got[i].Gone == "" {
		t.Errorf("there is no note for entry 30, which was removed before it was loaded: %v", numbers(got))
	}
}

// TestRemovalNotesOldestFirst removes entries while the page has the oldest ones first, and pinned ones at their time.
func TestRemovalNotesOldestFirst(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Backfill("summit", 50)
	yes := true
	n.Edit("summit", 10, liveblog.EntryPatch{Pinned: &yes})
	p := browser.Open(t, n.BaseURL+"/live/summit?order=oldest")
	p.Live()
	if moved := loadInPlace(p, "newer", 1, 40); moved >= 1 {
		t.Errorf("loading newer entries below moved the entry that is read by %v px", moved)
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
		t.Errorf("the entries in the page (-want +got):\n%s", d)
	}
	if d := cmp.Diff(servedRows(p, "/live/summit?order=oldest")[:20], got[:20]); d != "" {
		t.Errorf("the server's page and the reader's differ (-server +reader):\n%s", d)
	}
}
