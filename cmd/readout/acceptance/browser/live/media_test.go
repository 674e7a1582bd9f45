package live_test

import (
	"slices"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

// testPaper prints each page from a dark screen, at the width of A4 between its margins.
func TestPaper(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	n.Record()
	n.Post("summit", liveblog.EntryInput{Headline: "What we know", Summary: true, Body: strings.Repeat("Both sides have confirmed it. ", 30) + "The end."})
	// What is to be seen of text that is not dark, and of what is of use only on a screen.
	const look = `(() => {
		const light = (color) => {
			const [r, g, b] = color.match(/[\d.]+/g).map(Number)
			return 0.2126 * r + 0.7152 * g + 0.0722 * b > 128
		}
		const seen = [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.visually-hidden'))
		const pale = seen.filter((e) => [...e.childNodes].some((c) => c.nodeType === 3 && c.data.trim()) && light(getComputedStyle(e).color))
		const idle = seen.filter((e) => e.matches('button, select, input, [data-settings], .new, .ways, .skip, .talks-pages, a[data-older]'))
		return [...pale, ...idle].map((e) => e.outerHTML.slice(0, 120))
	})()`
	const wide = `document.documentElement.scrollWidth - innerWidth`
	p := browser.Blank(t)
	p.ExpectFailedRequests() // some of the pages are for mistakes
	p.Do(browser.Size(680, 1000))
	for _, path := range node.PublicPages() {
		if path == "/embed/summit" {
			continue // partners print their own pages
		}
		p.Do(browser.Media("screen", "prefers-color-scheme", "dark"))
		p.GoTo(n.BaseURL + path)
		if len(browser.Get[[]string](p, look)) == 0 {
			t.Errorf("on a dark screen %s has no light text", path) // or else this test sees none
		}
		p.Do(browser.Media("print", "prefers-color-scheme", "dark"))
		for _, e := range browser.Get[[]string](p, look) {
			t.Errorf("%s prints %s", path, e)
		}
		if over := browser.Get[float64](p, wide); over > 0 {
			t.Errorf("on paper %s is %v px too wide", path, over)
		}
	}
	p.GoTo(n.BaseURL + "/live/summit")
	if !browser.Get[bool](p, `(() => { const { clientHeight, scrollHeight } = document.querySelector('.summary .prose'); return scrollHeight <= clientHeight })()`) {
		t.Error("a long summary is not printed whole")
	}
}

// testMotion inserts an entry and looks for what moves.
func TestMotion(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 3)
	p := browser.Blank(t)
	// What moves in any frame until the new entry has been drawn: an animation may be over before anybody can ask for it.
	moving := func(wish string) []string {
		p.Do(browser.Media("screen", "prefers-reduced-motion", wish))
		p.GoTo(n.BaseURL + "/live/summit")
		p.Live()
		p.Run(`window.moves = []
			const look = () => {
				window.moves.push(...document.getAnimations().map((a) => a.animationName ?? a.transitionProperty))
				requestAnimationFrame(look)
			}
			look()`)
		n.Post("summit", liveblog.EntryInput{Headline: "Another", Body: "Text."})
		p.Until(`document.querySelector('.fresh')`)
		p.Drawn(3)
		return browser.Get[[]string](p, `window.moves`)
	}
	if got := moving("no-preference"); !slices.Contains(got, "fresh") {
		t.Errorf("what is new moves as %q", got)
	}
	if got := moving("reduce"); len(got) != 0 {
		t.Errorf("for those who want no motion %q move", got)
	}
}
