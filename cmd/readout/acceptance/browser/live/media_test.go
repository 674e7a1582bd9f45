package live_test

import (
	"slices"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

// TestPrinting prints each page at the width of A4 between its margins, with a dark color scheme on the screen.
func TestPrinting(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	n.Record()
	n.Post("summit", liveblog.EntryInput{
		Headline: "What we know", Summary: true,
		Body: strings.Repeat("Both sides have confirmed it. ", 30) + "The end.",
	})
	// Visible elements with light text, and those that are useful only on a screen.
	const unprintable = `(() => {
		const light = (color) => {
			const [r, g, b] = color.match(/[\d.]+/g).map(Number)
			return 0.2126 * r + 0.7152 * g + 0.0722 * b > 128
		}
		const visible = [...document.querySelectorAll('body *')]
			.filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.visually-hidden'))
		const pale = visible.filter((e) => light(getComputedStyle(e).color) &&
			[...e.childNodes].some((c) => c.nodeType === 3 && c.data.trim()))
		const controls = visible.filter((e) =>
			e.matches('button, select, input, [data-settings], .new, .ways, .skip, .talks-pages, a[data-older]'))
		return [...pale, ...controls].map((e) => e.outerHTML.slice(0, 120))
	})()`
	const overflow = `document.documentElement.scrollWidth - innerWidth`
	p := browser.Blank(t)
	p.ExpectFailedRequests() // some pages are errors
	p.Do(browser.Size(680, 1000))
	for _, path := range node.PublicPages() {
		if path == "/embed/summit" {
			continue // partners print their own pages
		}
		p.Do(browser.Media("screen", "prefers-color-scheme", "dark"))
		p.GoTo(n.BaseURL + path)
		if len(browser.Get[[]string](p, unprintable)) == 0 {
			t.Errorf("on a dark screen %s has no light text, so the test proves nothing", path)
		}
		p.Do(browser.Media("print", "prefers-color-scheme", "dark"))
		for _, e := range browser.Get[[]string](p, unprintable) {
			t.Errorf("%s prints %s", path, e)
		}
		if over := browser.Get[float64](p, overflow); over > 0 {
			t.Errorf("on paper %s is %v px too wide", path, over)
		}
	}
	p.GoTo(n.BaseURL + "/live/summit")
	if browser.Get[bool](p, `document.querySelector('.summary .prose').scrollHeight >
		document.querySelector('.summary .prose').clientHeight`) {
		t.Error("a long summary is not printed completely")
	}
}

// TestMotion checks that a new entry is animated, unless the reader prefers reduced motion.
func TestMotion(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 3)
	p := browser.Blank(t)
	// animations returns the animations and transitions in any frame until the new entry has been drawn. It records
	// them in the page, since they may be over before the test could ask for them.
	animations := func(preference string) []string {
		p.Do(browser.Media("screen", "prefers-reduced-motion", preference))
		p.GoTo(n.BaseURL + "/live/summit")
		p.Live()
		p.Run(`window.animations = []
			const record = () => {
				window.animations.push(...document.getAnimations().map((a) => a.animationName ?? a.transitionProperty))
				requestAnimationFrame(record)
			}
			record()`)
		n.Post("summit", liveblog.EntryInput{Headline: "Another", Body: "Text."})
		p.Until(`document.querySelector('.fresh')`)
		p.Drawn(3)
		return browser.Get[[]string](p, `window.animations`)
	}
	if got := animations("no-preference"); !slices.Contains(got, "fresh") {
		t.Errorf("the animations are %q, want fresh among them", got)
	}
	if got := animations("reduce"); len(got) != 0 {
		t.Errorf("with reduced motion the animations are %q, want none", got)
	}
}
