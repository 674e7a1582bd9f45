package live_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"

	"github.com/google/go-cmp/cmp"
)

// watch records in the page when each revision of an entry appears, and when the entry disappears.
const watch = `
window.seen = {}
new MutationObserver((list) => {
	for (const { target, addedNodes, removedNodes } of list) {
		for (const { dataset } of [target, ...addedNodes]) {
			if (dataset?.number) window.seen[dataset.number + '/' + dataset.revision] ??= Date.now()
		}
		for (const { dataset } of removedNodes) {
			const number = dataset?.number // an entry that moves is removed and inserted again
			if (number && !document.getElementById('entry-' + number)) window.seen[number + '/gone'] ??= Date.now()
		}
	}
}).observe(document.querySelector('[data-stream]'),
	{ childList: true, subtree: true, attributeFilter: ['data-revision'] })`

func TestUpdatesArrive(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 3)
	readers := []*browser.Tab{browser.Open(t, n.BaseURL+"/live/summit"), browser.Open(t, n.BaseURL+"/live/summit")}
	for _, r := range readers {
		r.Live()
		browser.Get[any](r, watch)
	}
	api := node.NewAPI(n)
	arrived := func(event string, answered time.Time) {
		t.Helper()
		for i, r := range readers {
			r.Until(fmt.Sprintf("window.seen[%q]", event))
			seen := time.UnixMilli(browser.Get[int64](r, fmt.Sprintf("window.seen[%q]", event)))
			t.Logf("%s: reader %d saw it %v after the answer", event, i+1, seen.Sub(answered).Round(time.Millisecond))
		}
	}

	const entries = "/blogs/summit/entries"
	e, at := api.Call(http.MethodPost, entries,
		map[string]any{"headline": "A truce", "body": "Both sides *confirmed* it."}, http.StatusCreated)
	arrived(fmt.Sprintf("%d/1", e.Number), at)
	path := entries + "/" + strconv.Itoa(e.Number)
	_, at = api.Call(http.MethodPatch, path, map[string]any{"body": "One side denied it."}, http.StatusOK)
	arrived(fmt.Sprintf("%d/2", e.Number), at)
	for _, r := range readers {
		if got := shows(r).Entries[0]; got.Text != "One side denied it." || got.Headline != "A truce" {
			t.Errorf("after the edit the reader sees %+v", got)
		}
	}
	_, at = api.Call(http.MethodDelete, path, nil, http.StatusNoContent)
	arrived(fmt.Sprintf("%d/gone", e.Number), at)
	for _, r := range readers {
		if got := len(shows(r).Entries); got != 3 {
			t.Errorf("after the removal the reader has %d entries, want 3", got)
		}
	}
}

// TestCatchUp cuts a reader's network while much changes. After the reconnect the page must show what the server does.
func TestCatchUp(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 25)
	proxy := newCuttableProxy(t, n.Addr().String())
	reader := browser.Open(t, proxy.url+"/live/summit")
	reader.Live()

	reader.Offline(true)
	proxy.cut()
	reader.Until(`document.querySelector('[data-connection]:not([data-connection="live"])')`)

	const oldest = 6 // the page shows the newest 20 of the 25 entries
	removed := []int{25, 20, 3, 26, 8}
	for i := range 12 { // 26 to 37
		n.Post("summit", liveblog.EntryInput{
			Headline: fmt.Sprintf("While away %d", i), Body: "Talks **go on**.", KeyEvent: i%4 == 0,
		})
	}
	for _, number := range []int{24, 19, 10, 6, 4, 27, 30, 24} {
		body := fmt.Sprintf("Entry %d has a new text.", number)
		if number == 24 {
			body += time.Now().String()
		}
		n.Edit("summit", number, liveblog.EntryPatch{Body: &body})
	}
	for _, number := range removed {
		n.Remove("summit", number)
	}
	yes, title, standfirst := true, "The summit, day two", "What both sides say."
	n.Edit("summit", 15, liveblog.EntryPatch{KeyEvent: &yes})
	n.Edit("summit", 2, liveblog.EntryPatch{Pinned: &yes}) // from an older page to the top
	n.Edit("summit", 12, liveblog.EntryPatch{Pinned: &yes})
	for _, p := range []liveblog.BlogPatch{{Title: &title}, {Standfirst: &standfirst}} {
		n.UpdateBlog("summit", p)
	}
	if got := shows(reader); len(got.Entries) != 20 || got.Title != "The summit" {
		t.Fatalf("the reader was not offline: %d entries under %q", len(got.Entries), got.Title)
	}

	proxy.restore()
	reader.Offline(false)
	reader.Live()
	reader.Until(fmt.Sprintf(
		"document.querySelector('[data-title]').textContent === %q && document.querySelector('.standfirst')", title))

	got, want := shows(reader), served(reader, "/live/summit")
	var numbers []string
	for _, number := range []int{12, 2} { // pinned ones first
		numbers = append(numbers, strconv.Itoa(number))
	}
	for number := 37; number >= oldest; number-- {
		if number != 12 && !slices.Contains(removed, number) {
			numbers = append(numbers, strconv.Itoa(number))
		}
	}
	var shownNumbers []string
	for _, e := range got.Entries {
		shownNumbers = append(shownNumbers, e.Number)
	}
	if d := cmp.Diff(numbers, shownNumbers); d != "" {
		t.Errorf("the entries in the page (-want +got):\n%s", d)
	}
	want.Entries = want.Entries[:min(len(want.Entries), len(got.Entries))]
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the server's pages and the reader's differ (-server +reader):\n%s", d)
	}
	reader.ExpectFailedRequests()
}

func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 23)
	n.Post("summit", liveblog.EntryInput{Body: "A pinned one without a headline.", Pinned: true, KeyEvent: true})
	n.Remove("summit", 20)

	with := browser.Open(t, n.BaseURL+"/live/summit")
	with.Live()
	without := browser.Blank(t)
	without.Do(browser.WithoutScripts())
	without.GoTo(n.BaseURL + "/live/summit")
	if browser.Get[bool](without, `!!document.querySelector('main').dataset.connection ||
		!document.querySelector('[data-connection]').hidden`) {
		t.Error("the page without scripts ran its script")
	}
	got := shows(without)
	if len(got.Entries) != 20 {
		t.Errorf("without scripts the page shows %d entries, want 20", len(got.Entries))
	}
	for _, e := range got.Entries {
		if e.Hidden {
			t.Errorf("without scripts entry %s is not visible", e.Number)
		}
	}
	if d := cmp.Diff(shows(with), got); d != "" {
		t.Errorf("the page with scripts and without differ (-with +without):\n%s", d)
	}
}
