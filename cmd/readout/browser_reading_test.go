package main

import (
	"fmt"
	"strings"
	"testing"

	"readout/liveblog"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// testReading is what readers set for themselves: the zone of the times, sharing, and what came since they left.
func testReading(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.fill(t, "summit", 5)
	summary := n.post(t, "summit", liveblog.EntryInput{Headline: "What we know", Body: "Little.", Summary: true})
	p := b.blank(t)
	if _, err := chromedp.Call(p.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "America/New_York"}); err != nil {
		t.Fatal(err)
	}
	p.goTo(t, n.BaseURL+"/live/summit")
	p.live(t)
	choose := func(zone string) {
		t.Helper()
		eval[any](t, p, fmt.Sprintf(`(() => {
			const select = document.querySelector('[data-times]')
			select.value = %q
			select.dispatchEvent(new Event('change'))
		})()`, zone))
	}
	// Before and after the clocks go back, and over midnight.
	eval[any](t, p, `document.querySelector('[data-stream]').insertAdjacentHTML('beforeend', ['2025-11-02T05:30:00Z', '2025-11-02T06:30:00Z', '2025-03-09T06:59:00Z', '2025-03-09T07:00:00Z', '2025-10-30T02:10:00+09:00']
		.map((at) => '<p><time class="probe" datetime="' + at + '">served</time></p>').join(''))`)
	probes := `[...document.querySelectorAll('.probe')].map((e) => e.textContent.replace(/\s+/g, ' ').trim()).join(' | ')`
	for zone, want := range map[string]string{
		"own": "01:30 UTC−4, 2 Nov 2025 | 01:30 UTC−5, 2 Nov 2025 | 01:59 UTC−5, 9 Mar 2025 | 03:00 UTC−4, 9 Mar 2025 | 13:10 UTC−4, 29 Oct 2025",
		"utc": "05:30 UTC, 2 Nov 2025 | 06:30 UTC, 2 Nov 2025 | 06:59 UTC, 9 Mar 2025 | 07:00 UTC, 9 Mar 2025 | 17:10 UTC, 29 Oct 2025",
	} {
		choose(zone)
		if got := eval[string](t, p, probes); got != want {
			t.Errorf("in %s the times read %q, want %q", zone, got, want)
		}
		e := n.post(t, "summit", liveblog.EntryInput{Headline: "Another", Body: "Text."})
		p.wait(t, fmt.Sprintf(`document.querySelector('#entry-%d')`, e.Number))
		if got := eval[string](t, p, fmt.Sprintf(`document.querySelector('#entry-%d .when time').dataset.shown`, e.Number)); got != zone {
			t.Errorf("what comes in %s is shown in %q", zone, got)
		}
	}
	p.goTo(t, n.BaseURL+"/live/summit")
	p.live(t)
	if got := eval[string](t, p, `document.querySelector('[data-times]').value + ' ' + localStorage.length`); got != "own 1" && got != "utc 1" {
		t.Errorf("after a reload the zone is %q", got)
	}
	choose("venue")
	if got := eval[int](t, p, `localStorage.length + document.querySelectorAll('[data-zone], time .zone:empty').length`); got != 0 {
		t.Error("the venue's times leave something behind")
	}

	// Sharing copies the way into the stream where the device has nothing of its own.
	eval[any](t, p, `(() => {
		Object.defineProperty(navigator, 'share', { value: undefined })
		Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text } } })
		document.querySelector('#entry-3 [data-share]').click()
	})()`)
	p.wait(t, `document.querySelector('#entry-3 [data-share]').textContent === 'Link copied'`)
	if got := eval[string](t, p, `window.copied`); got != n.BaseURL+"/live/summit?around=3#entry-3" {
		t.Errorf("what is copied is %q", got)
	}

	// What came since the reader left is told to those alone who asked for it.
	p.goTo(t, n.BaseURL+"/")
	key := n.post(t, "summit", liveblog.EntryInput{Headline: "Missed", Body: "Text.", KeyEvent: true})
	p.goTo(t, n.BaseURL+"/live/summit")
	p.live(t)
	if eval[bool](t, p, `!!document.querySelector('.away, .left-off')`) {
		t.Error("somebody who asked for nothing is told what came")
	}
	eval[any](t, p, `document.querySelector('[data-keep]').click()`)
	p.goTo(t, n.BaseURL+"/")
	missed := n.post(t, "summit", liveblog.EntryInput{Headline: "A pact", Body: "Text.", KeyEvent: true})
	more := "More than that."
	n.edit(t, "summit", summary.Number, liveblog.EntryPatch{Body: &more})
	p.goTo(t, n.BaseURL+"/live/summit")
	p.live(t)
	p.wait(t, `document.querySelector('.away')`)
	told := eval[string](t, p, `document.querySelector('.away').textContent.replace(/\s+/g, ' ')`)
	for _, part := range []string{"Since you left", "A pact", "The summary has changed", "Go to the first update you have not seen"} {
		if !strings.Contains(told, part) {
			t.Errorf("%q is not among what came: %s", part, told)
		}
	}
	if strings.Contains(told, "Missed") {
		t.Errorf("what the reader has seen is told again: %s", told)
	}
	if got := eval[string](t, p, `document.querySelector('.left-off').closest('article').id + ' ' + document.querySelector('.away li:last-child a').hash`); got != fmt.Sprintf("entry-%d #entry-%d", key.Number, missed.Number) {
		t.Errorf("the reader left off at %q", got)
	}
	eval[any](t, p, `document.querySelector('[data-keep]').click()`)
	p.goTo(t, n.BaseURL+"/live/summit")
	p.live(t)
	if got := p.kept(t); got != (kept{}) {
		t.Errorf("switched off it leaves %+v", got)
	}
	p.clean(t, false)
}
