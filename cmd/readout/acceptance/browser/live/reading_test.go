package live_test

import (
	"fmt"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

// testReading is what readers set for themselves: the zone of the times, sharing, and what came since they left.
func TestReading(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 5)
	summary := n.Post("summit", liveblog.EntryInput{Headline: "What we know", Body: "Little.", Summary: true})
	p := browser.Blank(t)
	p.Do(browser.InZone("America/New_York"))
	p.GoTo(n.BaseURL + "/live/summit")
	p.Live()
	choose := func(zone string) {
		t.Helper()
		browser.Get[any](p, fmt.Sprintf(`(() => {
			const select = document.querySelector('[data-times]')
			select.value = %q
			select.dispatchEvent(new Event('change'))
		})()`, zone))
	}
	// Before and after the clocks go back, and over midnight.
	browser.Get[any](p, `document.querySelector('[data-stream]').insertAdjacentHTML('beforeend', ['2025-11-02T05:30:00Z', '2025-11-02T06:30:00Z', '2025-03-09T06:59:00Z', '2025-03-09T07:00:00Z', '2025-10-30T02:10:00+09:00']
		.map((at) => '<p><time class="probe" datetime="' + at + '">served</time></p>').join(''))`)
	probes := `[...document.querySelectorAll('.probe')].map((e) => e.textContent.replace(/\s+/g, ' ').trim()).join(' | ')`
	for zone, want := range map[string]string{
		"own": "01:30 UTC−4, 2 Nov 2025 | 01:30 UTC−5, 2 Nov 2025 | 01:59 UTC−5, 9 Mar 2025 | 03:00 UTC−4, 9 Mar 2025 | 13:10 UTC−4, 29 Oct 2025",
		"utc": "05:30 UTC, 2 Nov 2025 | 06:30 UTC, 2 Nov 2025 | 06:59 UTC, 9 Mar 2025 | 07:00 UTC, 9 Mar 2025 | 17:10 UTC, 29 Oct 2025",
	} {
		choose(zone)
		if got := browser.Get[string](p, probes); got != want {
			t.Errorf("in %s the times read %q, want %q", zone, got, want)
		}
		e := n.Post("summit", liveblog.EntryInput{Headline: "Another", Body: "Text."})
		p.Until(fmt.Sprintf(`document.querySelector('#entry-%d')`, e.Number))
		if got := browser.Get[string](p, fmt.Sprintf(`document.querySelector('#entry-%d .when time').dataset.shown`, e.Number)); got != zone {
			t.Errorf("what comes in %s is shown in %q", zone, got)
		}
	}
	p.GoTo(n.BaseURL + "/live/summit")
	p.Live()
	if got := browser.Get[string](p, `document.querySelector('[data-times]').value + ' ' + localStorage.length`); got != "own 1" && got != "utc 1" {
		t.Errorf("after a reload the zone is %q", got)
	}
	choose("venue")
	if got := browser.Get[int](p, `localStorage.length + document.querySelectorAll('[data-zone], time .zone:empty').length`); got != 0 {
		t.Error("the venue's times leave something behind")
	}

	// Sharing copies the way into the stream where the device has nothing of its own.
	browser.Get[any](p, `(() => {
		Object.defineProperty(navigator, 'share', { value: undefined })
		Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text } } })
		document.querySelector('#entry-3 [data-share]').click()
	})()`)
	p.Until(`document.querySelector('#entry-3 [data-share]').textContent === 'Link copied'`)
	if got := browser.Get[string](p, `window.copied`); got != n.BaseURL+"/live/summit?around=3#entry-3" {
		t.Errorf("what is copied is %q", got)
	}

	// What came since the reader left is told only to those who asked for it.
	p.GoTo(n.BaseURL + "/")
	key := n.Post("summit", liveblog.EntryInput{Headline: "Missed", Body: "Text.", KeyEvent: true})
	p.GoTo(n.BaseURL + "/live/summit")
	p.Live()
	if browser.Get[bool](p, `!!document.querySelector('.away, .left-off')`) {
		t.Error("somebody who asked for nothing is told what came")
	}
	browser.Get[any](p, `document.querySelector('[data-keep]').click()`)
	p.GoTo(n.BaseURL + "/")
	missed := n.Post("summit", liveblog.EntryInput{Headline: "A pact", Body: "Text.", KeyEvent: true})
	more := "More than that."
	n.Edit("summit", summary.Number, liveblog.EntryPatch{Body: &more})
	p.GoTo(n.BaseURL + "/live/summit")
	p.Live()
	p.Until(`document.querySelector('.away')`)
	told := browser.Get[string](p, `document.querySelector('.away').textContent.replace(/\s+/g, ' ')`)
	for _, part := range []string{"Since you left", "A pact", "The summary has changed", "Go to the first update you have not seen"} {
		if !strings.Contains(told, part) {
			t.Errorf("%q is not among what came: %s", part, told)
		}
	}
	if strings.Contains(told, "Missed") {
		t.Errorf("what the reader has seen is told again: %s", told)
	}
	if got := browser.Get[string](p, `document.querySelector('.left-off').closest('article').id + ' ' + document.querySelector('.away li:last-child a').hash`); got != fmt.Sprintf("entry-%d #entry-%d", key.Number, missed.Number) {
		t.Errorf("the reader left off at %q", got)
	}
	browser.Get[any](p, `document.querySelector('[data-keep]').click()`)
	p.GoTo(n.BaseURL + "/live/summit")
	p.Live()
	if got := keptIn(p); got != (kept{}) {
		t.Errorf("switched off it leaves %+v", got)
	}
}
