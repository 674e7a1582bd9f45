package live_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

// TestReading tries what readers can set and do: choose the time zone, share an entry, and see what is new since they
// left.
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
	// Before and after changes to and from summer time, and across midnight.
	browser.Get[any](p, `document.querySelector('[data-stream]').insertAdjacentHTML('beforeend', [
		'2025-11-02T05:30:00Z', '2025-11-02T06:30:00Z', '2025-03-09T06:59:00Z', '2025-03-09T07:00:00Z',
		'2025-10-30T02:10:00+09:00',
	].map((at) => '<p><time class="probe" datetime="' + at + '">served</time></p>').join(''))`)
	const probes = `[...document.querySelectorAll('.probe')].map((e) => e.textContent.replace(/\s+/g, ' ').trim())`
	for zone, want := range map[string][]string{
		"own": {
			"01:30 UTC−4, 2 Nov 2025", "01:30 UTC−5, 2 Nov 2025", "01:59 UTC−5, 9 Mar 2025",
			"03:00 UTC−4, 9 Mar 2025", "13:10 UTC−4, 29 Oct 2025",
		},
		"utc": {
			"05:30 UTC, 2 Nov 2025", "06:30 UTC, 2 Nov 2025", "06:59 UTC, 9 Mar 2025",
			"07:00 UTC, 9 Mar 2025", "17:10 UTC, 29 Oct 2025",
		},
	} {
		choose(zone)
		if got := browser.Get[[]string](p, probes); !slices.Equal(got, want) {
			t.Errorf("in %s the times read %q, want %q", zone, got, want)
		}
		e := n.Post("summit", liveblog.EntryInput{Headline: "Another", Body: "Text."})
		p.Until(fmt.Sprintf(`document.querySelector('#entry-%d')`, e.Number))
		shownZone := fmt.Sprintf(`document.querySelector('#entry-%d .when time').dataset.shown`, e.Number)
		if got := browser.Get[string](p, shownZone); got != zone {
			t.Errorf("with %s chosen the time of a new entry is in %q", zone, got)
		}
	}
	p.GoTo(n.BaseURL + "/live/summit")
	p.Live()
	zone := browser.Get[string](p, `document.querySelector('[data-times]').value + ' ' + localStorage.length`)
	if zone != "own 1" && zone != "utc 1" {
		t.Errorf("after a reload the zone is %q", zone)
	}
	choose("venue")
	if browser.Get[int](p, `localStorage.length`) != 0 {
		t.Error("the page stores the venue's zone, which is the default")
	}
	if browser.Get[int](p, `document.querySelectorAll('[data-zone], time .zone:empty').length`) != 0 {
		t.Error("in the venue's zone again, times have traces of another zone")
	}

	// Without navigator.share, sharing copies the link to the entry within the blog.
	browser.Get[any](p, `(() => {
		Object.defineProperty(navigator, 'share', { value: undefined })
		const writeText = async (text) => { window.copied = text }
		Object.defineProperty(navigator, 'clipboard', { value: { writeText } })
		document.querySelector('#entry-3 [data-share]').click()
	})()`)
	p.Until(`document.querySelector('#entry-3 [data-share]').textContent === 'Link copied'`)
	if got := browser.Get[string](p, `window.copied`); got != n.BaseURL+"/live/summit?around=3#entry-3" {
		t.Errorf("the page copied %q", got)
	}

	// The page shows what is new since the reader left only if the reader has turned that on.
	p.GoTo(n.BaseURL + "/")
	key := n.Post("summit", liveblog.EntryInput{Headline: "Missed", Body: "Text.", KeyEvent: true})
	p.GoTo(n.BaseURL + "/live/summit")
	p.Live()
	if browser.Get[bool](p, `!!document.querySelector('.away, .left-off')`) {
		t.Error("without the setting the page shows what is new since the reader left")
	}
	browser.Get[any](p, `document.querySelector('[data-keep]').click()`)
	p.GoTo(n.BaseURL + "/")
	missed := n.Post("summit", liveblog.EntryInput{Headline: "A pact", Body: "Text.", KeyEvent: true})
	n.Edit("summit", summary.Number, liveblog.EntryPatch{Body: new("More than that.")})
	p.GoTo(n.BaseURL + "/live/summit")
	p.Live()
	p.Until(`document.querySelector('.away')`)
	panel := browser.Get[string](p, `document.querySelector('.away').textContent.replace(/\s+/g, ' ')`)
	for _, part := range []string{
		"Since you left", "A pact", "The summary has changed", "Go to the first update you have not seen",
	} {
		if !strings.Contains(panel, part) {
			t.Errorf("the panel does not have %q: %s", part, panel)
		}
	}
	if strings.Contains(panel, "Missed") {
		t.Errorf("the panel has an entry that the reader has seen: %s", panel)
	}
	got := browser.Get[string](p, `document.querySelector('.left-off').closest('article').id + ' ' +
		document.querySelector('.away li:last-child a').hash`)
	if want := fmt.Sprintf("entry-%d #entry-%d", key.Number, missed.Number); got != want {
		t.Errorf("the mark and the link are %q, want %q", got, want)
	}
	browser.Get[any](p, `document.querySelector('[data-keep]').click()`)
	p.GoTo(n.BaseURL + "/live/summit")
	p.Live()
	if got := storageOf(p); got != (storage{}) {
		t.Errorf("with the setting off the page stores %+v", got)
	}
}
