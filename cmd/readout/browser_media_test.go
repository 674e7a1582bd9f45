package main

import (
	"slices"
	"strings"
	"testing"

	"readout/liveblog"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// emulate shows the pages of the tab as in another medium or for somebody with other wishes.
func (p *tab) emulate(t *testing.T, media string, features ...*emulation.MediaFeature) {
	t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media, Features: features}); err != nil {
		t.Fatal(err)
	}
}

// testPaper prints each page from a dark screen, at the width of A4 between its margins.
func testPaper(t *testing.T, b browser) {
	n := newTalksNode(t)
	n.record(t)
	n.post(t, "summit", liveblog.EntryInput{Headline: "What we know", Summary: true, Body: strings.Repeat("Both sides have confirmed it. ", 30) + "The end."})
	// What is to be seen of text that is not dark, and of what is of use on a screen alone.
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
	p := b.blank(t)
	if err := chromedp.Do(p.ctx, chromedp.EmulateViewport(680, 1000)); err != nil {
		t.Fatal(err)
	}
	dark := &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "dark"}
	for _, path := range axePages {
		if path == "/embed/summit" {
			continue // partners print their own pages
		}
		p.emulate(t, "screen", dark)
		p.goTo(t, n.BaseURL+path)
		if len(eval[[]string](t, p, look)) == 0 {
			t.Errorf("on a dark screen %s has no light text", path) // or else this test sees none
		}
		p.emulate(t, "print", dark)
		for _, e := range eval[[]string](t, p, look) {
			t.Errorf("%s prints %s", path, e)
		}
		if over := eval[float64](t, p, wide); over > 0 {
			t.Errorf("on paper %s is %v px too wide", path, over)
		}
	}
	p.goTo(t, n.BaseURL+"/live/summit")
	if !eval[bool](t, p, `(() => { const { clientHeight, scrollHeight } = document.querySelector('.summary .prose'); return scrollHeight <= clientHeight })()`) {
		t.Error("a long summary is not printed whole")
	}
}

// testMotion inserts an entry and looks for what moves.
func testMotion(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.fill(t, "summit", 3)
	p := b.blank(t)
	moving := func(wish string) []string {
		p.emulate(t, "screen", &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: wish})
		p.goTo(t, n.BaseURL+"/live/summit")
		p.live(t)
		n.post(t, "summit", liveblog.EntryInput{Headline: "Another", Body: "Text."})
		p.wait(t, `document.querySelector('.fresh')`)
		return eval[[]string](t, p, `document.getAnimations().map((a) => a.animationName)`)
	}
	if got := moving("no-preference"); !slices.Contains(got, "fresh") {
		t.Errorf("what is new moves as %q", got)
	}
	if got := moving("reduce"); len(got) != 0 {
		t.Errorf("for those who want no motion %q move", got)
	}
}
