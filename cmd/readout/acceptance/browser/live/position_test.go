package live_test

import (
	"fmt"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

func TestPlaceStays(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 20)
	p := browser.Open(t, n.BaseURL+"/live/summit")
	p.Live()

	// Entry 11 is being read: 12 to 20 stand above what is in view. Where it stands is noted at every frame.
	browser.Get[any](p, `new Promise((done) => {
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
	before := browser.Get[float64](p, `scrollY`)
	if before < 800 {
		t.Fatalf("the page is scrolled by %v px only, so that there is nothing above", before)
	}

	long := strings.Repeat("A longer text than was there before, of several lines. ", 12)
	short := "Short."
	for round, edits := range [][]int{{12, 21, 22}, {13, 14, 23}, {15, 24, 25, 26}} {
		for i := range 10 {
			n.Post("summit", liveblog.EntryInput{Headline: fmt.Sprintf("New %d.%d", round, i), Body: strings.Repeat("News from the table. ", 5+i*3)})
		}
		for i, number := range edits {
			if number > 20+10*(round+1) {
				t.Fatalf("entry %d is not there yet", number)
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
	// Layout is finer than the whole pixels that a page can be scrolled by: less than one is not moved.
	moved, frames := browser.Get[float64](p, `window.moved`), browser.Get[int](p, `window.frames_`)
	t.Logf("moved by %v px at most in %d frames, while the page scrolled from %v to %v", moved, frames, before, browser.Get[float64](p, `scrollY`))
	if moved >= 1 {
		t.Errorf("the entry being read moved by %v px", moved)
	}
	if browser.Get[float64](p, `scrollY`) == before {
		t.Error("what came above did not make the page longer, so that nothing was put to the test")
	}

	browser.Get[any](p, `document.querySelector('[data-new]').click()`)
	if got := browser.Get[string](p, count); got != "none" {
		t.Errorf("after going there the notice still says %q", got)
	}
	if got := browser.Get[float64](p, `document.getElementById('entry-49').getBoundingClientRect().top`); got < 0 || got > 400 {
		t.Errorf("the newest entry stands at %v px, want it in view", got)
	}
}

// testLayoutStays holds what browsers measure as the shift of the layout: none when the page opens, and none when fifty updates
// come while somebody reads further down.
func TestLayoutStays(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Post("summit", liveblog.EntryInput{Headline: "It begins", Body: "The delegations meet.", KeyEvent: true})
	n.Fill("summit", 20)
	// A shift is told to observers after the frame that shows it.
	const shifts = `(async () => {
		const found = []
		const take = (list) => {
			for (const e of list.filter((e) => !e.hadRecentInput)) {
				found.push(e.value + ': ' + e.sources.map(({ node, previousRect: a, currentRect: b }) =>
					(node ? node.outerHTML || node.textContent : '?').slice(0, 60) + ' from ' + a.y + ' to ' + b.y).join('; '))
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
			last = n.Post("summit", liveblog.EntryInput{Headline: "New", Body: strings.Repeat("News from the table. ", 5+i%20), KeyEvent: i%10 == 0})
		}
		p.Until(fmt.Sprintf(`document.querySelector('#entry-%d')`, last.Number))
		if got := browser.Get[[]string](p, shifts); len(got) != 0 {
			t.Errorf("at %d px fifty updates shift the page: %q", width, got)
		}
		p.Run(`document.querySelectorAll('.entry')[12].before(Object.assign(document.createElement('p'), { style: 'height: 90px' }))`)
		p.Run(`document.querySelector('[data-stream]').style.overflowAnchor = 'none'; document.querySelectorAll('.entry')[12].style.paddingTop = '200px'`)
		if len(browser.Get[[]string](p, shifts)) == 0 {
			t.Errorf("at %d px the test would not notice a shift", width)
		}
	}
}
