package main

import (
	"fmt"
	"strings"
	"testing"

	"readout/liveblog"

	"github.com/chromedp/chromedp"
)

func testPlaceStays(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.fill(t, "summit", 20)
	p := b.open(t, n.BaseURL+"/live/summit")
	p.live(t)

	// Entry 11 is being read: 12 to 20 stand above what is in view. Where it stands is noted at every frame.
	eval[any](t, p, `new Promise((done) => {
		const reading = document.getElementById('entry-11')
		reading.scrollIntoView({ block: 'start', behavior: 'instant' })
		const top = () => reading.getBoundingClientRect().top
		const start = top()
		window.frames_ = 0
		window.moved = 0
		const look = () => {
			window.frames_++
			window.moved = Math.max(window.moved, Math.abs(top() - start))
			requestAnimationFrame(look)
		}
		requestAnimationFrame(() => { look(); done() })
	})`)
	before := eval[float64](t, p, `scrollY`)
	if before < 800 {
		t.Fatalf("the page is scrolled by %v px only, so that there is nothing above", before)
	}

	long := strings.Repeat("A longer text than was there before, of several lines. ", 12)
	short := "Short."
	for round, edits := range [][]int{{12, 21, 22}, {13, 14, 23}, {15, 24, 25, 26}} {
		for i := range 10 {
			n.post(t, "summit", liveblog.EntryInput{Headline: fmt.Sprintf("New %d.%d", round, i), Body: strings.Repeat("News from the table. ", 5+i*3)})
		}
		for i, number := range edits {
			if number > 20+10*(round+1) {
				t.Fatalf("entry %d is not there yet", number)
			}
			body := long
			if i%2 == 1 {
				body = short
			}
			n.edit(t, "summit", number, liveblog.EntryPatch{Body: &body})
		}
		p.wait(t, fmt.Sprintf(`document.querySelector('#entry-%d[data-revision="2"]')`, edits[len(edits)-1]))
	}
	for _, number := range []int{16, 17, 18, 19, 20, 27, 30, 31, 40, 50} { // five of them new
		n.remove(t, "summit", number)
	}
	p.wait(t, `!document.getElementById('entry-50')`)

	const count = `document.querySelector('[data-new]:not([hidden]) [data-count]')?.textContent ?? 'none'`
	if got, want := eval[string](t, p, count), "25 new updates"; got != want {
		t.Errorf("the notice says %q, want %q", got, want)
	}
	if got, want := eval[string](t, p, `document.title`), "(25) The summit"; !strings.HasPrefix(got, want) {
		t.Errorf("the page's title is %q, want it to begin with %q", got, want)
	}
	// Layout is finer than the whole pixels that a page can be scrolled by: less than one is not moved.
	moved, frames := eval[float64](t, p, `window.moved`), eval[int](t, p, `window.frames_`)
	t.Logf("moved by %v px at most in %d frames, while the page scrolled from %v to %v", moved, frames, before, eval[float64](t, p, `scrollY`))
	if moved >= 1 {
		t.Errorf("the entry being read moved by %v px", moved)
	}
	if eval[float64](t, p, `scrollY`) == before {
		t.Error("what came above did not make the page longer, so that nothing was put to the test")
	}

	eval[any](t, p, `document.querySelector('[data-new]').click()`)
	if got := eval[string](t, p, count); got != "none" {
		t.Errorf("after going there the notice still says %q", got)
	}
	if got := eval[float64](t, p, `document.getElementById('entry-49').getBoundingClientRect().top`); got < 0 || got > 400 {
		t.Errorf("the newest entry stands at %v px, want it in view", got)
	}
	p.clean(t, false)
}

// testLayoutStays holds what browsers measure as the shift of the layout: none when the page opens, and none when fifty updates
// come while somebody reads further down.
func testLayoutStays(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.post(t, "summit", liveblog.EntryInput{Headline: "It begins", Body: "The delegations meet.", KeyEvent: true})
	n.fill(t, "summit", 20)
	const shifts = `new Promise((done) => {
		const found = []
		new PerformanceObserver((list) => {
			for (const e of list.getEntries().filter((e) => !e.hadRecentInput)) {
				found.push(e.value + ': ' + e.sources.map(({ node, previousRect: a, currentRect: b }) =>
					(node ? node.outerHTML || node.textContent : '?').slice(0, 60) + ' from ' + a.y + ' to ' + b.y).join('; '))
			}
		}).observe({ type: 'layout-shift', buffered: true })
		setTimeout(() => done(found), 500)
	})`
	for _, width := range []int64{360, 1280} {
		p := b.blank(t)
		if err := chromedp.Do(p.ctx, chromedp.EmulateViewport(width, 800)); err != nil {
			t.Fatal(err)
		}
		p.goTo(t, n.BaseURL+"/live/summit")
		p.live(t)
		if got := eval[[]string](t, p, shifts); len(got) != 0 {
			t.Errorf("at %d px the page shifts when it opens: %q", width, got)
		}
		eval[any](t, p, `new Promise((done) => {
			document.querySelectorAll('.entry')[10].scrollIntoView({ block: 'start', behavior: 'instant' })
			setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 300)
		})`)
		var last liveblog.Entry
		for i := range 50 {
			last = n.post(t, "summit", liveblog.EntryInput{Headline: "New", Body: strings.Repeat("News from the table. ", 5+i%20), KeyEvent: i%10 == 0})
		}
		p.wait(t, fmt.Sprintf(`document.querySelector('#entry-%d')`, last.Number))
		if got := eval[[]string](t, p, shifts); len(got) != 0 {
			t.Errorf("at %d px fifty updates shift the page: %q", width, got)
		}
	}
}
