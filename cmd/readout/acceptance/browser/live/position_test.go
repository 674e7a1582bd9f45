package live_test

import (
	"fmt"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

// TestReadingPositionStays changes much above the entry that is read, which must not move in any frame.
func TestReadingPositionStays(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 20)
	p := browser.Open(t, n.BaseURL+"/live/summit")
	p.Live()

	// Entry 11 is read, and 12 to 20 are above the window. The page records in every frame how far entry 11 has moved.
	browser.Get[any](p, `new Promise((done) => {
		const reading = document.getElementById('entry-11')
		reading.scrollIntoView({ block: 'start', behavior: 'instant' })
		const top = () => reading.getBoundingClientRect().top
		const start = top()
		window.frames_ = 0
		window.moved = 0
		const sample = () => {
			window.frames_++
			window.moved = Math.max(window.moved, Math.abs(top() - start))
			requestAnimationFrame(sample)
		}
		requestAnimationFrame(() => { sample(); done() })
	})`)
	before := browser.Get[float64](p, `scrollY`)
	if before < 800 {
		t.Fatalf("the page is scrolled by only %v px", before)
	}

	long := strings.Repeat("A longer text than before, of several lines. ", 12)
	short := "Short."
	for round, edits := range [][]int{{12, 21, 22}, {13, 14, 23}, {15, 24, 25, 26}} {
		for i := range 10 {
			n.Post("summit", liveblog.EntryInput{
				Headline: fmt.Sprintf("New %d.%d", round, i), Body: strings.Repeat("News from the table. ", 5+i*3),
			})
		}
		for i, number := range edits {
			if number > 20+10*(round+1) {
				t.Fatalf("entry %d does not exist yet", number)
			}
			body := long
			if i%2 == 1 {
				body = short
			}
			n.Edit("summit", number, liveblog.EntryPatch{Body: &body})
		}
		p.Until(fmt.Sprintf(`document.querySelector('#entry-%d[data-revision="2"]')`, edits[len(edits)-1]))
	}
	for _, number := range []int{16, 17, 18, 19, 20, 27, 30, 31, 40, 50} { // five of them new
		n.Remove("summit", number)
	}
	p.Until(`!document.getElementById('entry-50')`)

	const count = `document.querySelector('[data-new]:not([hidden]) [data-count]')?.textContent ?? 'none'`
	if got, want := browser.Get[string](p, count), "25 new updates"; got != want {
		t.Errorf("the notice says %q, want %q", got, want)
	}
	if got, want := browser.Get[string](p, `document.title`), "(25) The summit"; !strings.HasPrefix(got, want) {
		t.Errorf("the page's title is %q, want it to begin with %q", got, want)
	}
	moved, frames := browser.Get[float64](p, `window.moved`), browser.Get[int](p, `window.frames_`)
	after := browser.Get[float64](p, `scrollY`)
	t.Logf("moved by %v px at most in %d frames, while the page scrolled from %v to %v", moved, frames, before, after)
	if moved >= 1 { // pages scroll by whole pixels, so less than one is rounding
		t.Errorf("the entry that is read moved by %v px", moved)
	}
	if after == before {
		t.Error("the page did not get longer above the entry that is read, so the test proves nothing")
	}

	browser.Get[any](p, `document.querySelector('[data-new]').click()`)
	if got := browser.Get[string](p, count); got != "none" {
		t.Errorf("after a click the notice still says %q", got)
	}
	top := browser.Get[float64](p, `document.getElementById('entry-49').getBoundingClientRect().top`)
	if top < 0 || top > 400 {
		t.Errorf("the newest entry is at %v px, want it in view", top)
	}
}

// TestNoLayoutShifts checks that the browser measures no layout shift when the page opens, and none when fifty updates
// come above what is read.
func TestNoLayoutShifts(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Post("summit", liveblog.EntryInput{Headline: "It begins", Body: "The delegations meet.", KeyEvent: true})
	n.Fill("summit", 20)
	// Observers get a shift after the frame that shows it.
	const shifts = `(async () => {
		const found = []
		const take = (list) => {
			for (const e of list.filter((e) => !e.hadRecentInput)) {
				found.push(e.value + ': ' + e.sources.map(({ node, previousRect: a, currentRect: b }) =>
					(node ? node.outerHTML || node.textContent : '?').slice(0, 60) +
					' from ' + a.y + ' to ' + b.y).join('; '))
			}
		}
		const observer = new PerformanceObserver((list) => take(list.getEntries()))
		observer.observe({ type: 'layout-shift', buffered: true })
		for (let drawn = 0; drawn < 10; drawn++) await new Promise((next) => requestAnimationFrame(next))
		await new Promise((next) => setTimeout(next))
		take(observer.takeRecords())
		observer.disconnect()
		return found
	})()`
	for _, width := range []int64{360, 1280} {
		p := browser.Blank(t)
		p.Do(browser.Size(width, 800))
		p.GoTo(n.BaseURL + "/live/summit")
		p.Live()
		if got := browser.Get[[]string](p, shifts); len(got) != 0 {
			t.Errorf("at %d px the page shifts when it opens: %q", width, got)
		}
		browser.Get[any](p, `new Promise((done) => {
			document.querySelectorAll('.entry')[10].scrollIntoView({ block: 'start', behavior: 'instant' })
			requestAnimationFrame(() => requestAnimationFrame(done))
		})`)
		var last liveblog.Entry
		for i := range 50 {
			last = n.Post("summit", liveblog.EntryInput{
				Headline: "New", Body: strings.Repeat("News from the table. ", 5+i%20), KeyEvent: i%10 == 0,
			})
		}
		p.Until(fmt.Sprintf(`document.querySelector('#entry-%d')`, last.Number))
		if got := browser.Get[[]string](p, shifts); len(got) != 0 {
			t.Errorf("at %d px fifty updates shift the page: %q", width, got)
		}
		// Cause a shift, to show that the test would notice one.
		p.Run(`const spacer = Object.assign(document.createElement('p'), { style: 'height: 90px' })
			document.querySelectorAll('.entry')[12].before(spacer)`)
		p.Run(`document.querySelector('[data-stream]').style.overflowAnchor = 'none'
			document.querySelectorAll('.entry')[12].style.paddingTop = '200px'`)
		if len(browser.Get[[]string](p, shifts)) == 0 {
			t.Errorf("at %d px the test would not notice a shift", width)
		}
	}
}
