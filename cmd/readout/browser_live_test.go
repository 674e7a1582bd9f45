package main

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"readout/liveblog"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// promised is how soon every reader sees a change. It is part of what the product is.
const promised = time.Second

// watch notes in the page when each revision of an entry came into it and when the entry went.
const watch = `
window.seen = {}
new MutationObserver((list) => {
	for (const { addedNodes, removedNodes } of list) {
		for (const n of addedNodes) if (n.dataset?.number) window.seen[n.dataset.number + '/' + n.dataset.revision] ??= Date.now()
		for (const n of removedNodes) {
			const number = n.dataset?.number // which an edit takes out as well, and puts in again
			if (number && !document.getElementById('entry-' + number)) window.seen[number + '/gone'] ??= Date.now()
		}
	}
}).observe(document.querySelector('[data-stream]'), { childList: true })`

func testUpdatesArrive(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.fill(t, "summit", 3)
	readers := []*tab{b.open(t, n.BaseURL+"/live/summit"), b.open(t, n.BaseURL+"/live/summit")}
	for _, r := range readers {
		r.live(t)
		eval[any](t, r, watch)
	}
	entries := "/blogs/summit/entries"
	arrived := func(event string, answered time.Time) {
		t.Helper()
		for i, r := range readers {
			r.wait(t, fmt.Sprintf("window.seen[%q]", event))
			seen := time.UnixMilli(eval[int64](t, r, fmt.Sprintf("window.seen[%q]", event)))
			took := seen.Sub(answered)
			t.Logf("%s: reader %d saw it %v after the answer", event, i+1, took.Round(time.Millisecond))
			if took >= promised {
				t.Errorf("%s: reader %d saw it %v after the answer, want less than %v", event, i+1, took, promised)
			}
		}
	}

	e, at := n.call(t, http.MethodPost, entries, map[string]any{"headline": "A truce", "body": "Both sides *confirmed* it."}, http.StatusCreated)
	arrived(fmt.Sprintf("%d/1", e.Number), at)
	path := entries + "/" + strconv.Itoa(e.Number)
	_, at = n.call(t, http.MethodPatch, path, map[string]any{"body": "One side denied it."}, http.StatusOK)
	arrived(fmt.Sprintf("%d/2", e.Number), at)
	for _, r := range readers {
		if got := r.shows(t).Entries[0]; got.Text != "One side denied it." || got.Headline != "A truce" {
			t.Errorf("after the edit the reader sees %+v", got)
		}
	}
	_, at = n.call(t, http.MethodDelete, path, nil, http.StatusNoContent)
	arrived(fmt.Sprintf("%d/gone", e.Number), at)
	for _, r := range readers {
		if got := len(r.shows(t).Entries); got != 3 {
			t.Errorf("after the removal the reader has %d entries, want 3", got)
		}
		r.clean(t, false)
	}
}

func testReaderWasAway(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.fill(t, "summit", 25)
	line := newCuttableLine(t, n.Addr().String())
	reader := b.open(t, line.url+"/live/summit")
	reader.live(t)

	setOffline(t, reader, true)
	line.cut()
	reader.wait(t, `document.querySelector('[data-connection]:not([data-connection="live"])')`)

	const floor = 6 // of the 25 entries the page shows the newest 20
	removed := []int{25, 20, 3, 26, 8}
	for i := range 12 { // 26 to 37
		n.post(t, "summit", liveblog.EntryInput{Headline: fmt.Sprintf("While away %d", i), Body: "Talks **go on**.", KeyEvent: i%4 == 0})
	}
	for _, number := range []int{24, 19, 10, 6, 4, 27, 30, 24} {
		body := fmt.Sprintf("Entry %d reads otherwise now, after revision.", number)
		if number == 24 {
			body += time.Now().String()
		}
		n.edit(t, "summit", number, liveblog.EntryPatch{Body: &body})
	}
	for _, number := range removed {
		n.remove(t, "summit", number)
	}
	yes, title, standfirst := true, "The summit, day two", "What both sides say."
	n.edit(t, "summit", 15, liveblog.EntryPatch{KeyEvent: &yes})
	n.edit(t, "summit", 2, liveblog.EntryPatch{Pinned: &yes}) // from beyond the page to its top
	n.edit(t, "summit", 12, liveblog.EntryPatch{Pinned: &yes})
	for _, p := range []liveblog.BlogPatch{{Title: &title}, {Standfirst: &standfirst}} {
		if _, err := n.Desk.UpdateBlog(t.Context(), n.editor, "summit", p); err != nil {
			t.Fatal(err)
		}
	}
	if got := reader.shows(t); len(got.Entries) != 20 || got.Title != "The summit" {
		t.Fatalf("the reader was not away: %d entries under %q", len(got.Entries), got.Title)
	}

	line.mend()
	setOffline(t, reader, false)
	reader.live(t)
	reader.wait(t, fmt.Sprintf("document.querySelector('[data-title]').textContent === %q && document.querySelector('.standfirst')", title))

	got, want := reader.shows(t), reader.served(t, "/live/summit")
	var numbers []string
	for _, number := range []int{12, 2} { // pinned ones first
		numbers = append(numbers, strconv.Itoa(number))
	}
	for number := 37; number >= floor; number-- {
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
	reader.clean(t, true)
}

// setOffline makes the browser believe that it has, or has not, a network. It leaves open WebSockets alone.
func setOffline(t *testing.T, p *tab, offline bool) {
	t.Helper()
	_, err := chromedp.Call(p.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: offline, DownloadThroughput: -1, UploadThroughput: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testWithoutScripts(t *testing.T, b browser) {
	n := newTestNode(t)
	n.createBlog(t, "summit", "The summit")
	n.fill(t, "summit", 23)
	n.post(t, "summit", liveblog.EntryInput{Body: "A pinned one without a headline.", Pinned: true, KeyEvent: true})
	n.remove(t, "summit", 20)

	with := b.open(t, n.BaseURL+"/live/summit")
	with.live(t)
	without := b.blank(t)
	_, err := chromedp.Call(without.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	if err != nil {
		t.Fatal(err)
	}
	without.goTo(t, n.BaseURL+"/live/summit")
	if eval[bool](t, without, `!!document.querySelector('main').dataset.connection || !document.querySelector('[data-connection]').hidden`) {
		t.Error("the page without scripts ran its script")
	}
	got := without.shows(t)
	if len(got.Entries) != 20 {
		t.Errorf("without scripts the page shows %d entries, want 20", len(got.Entries))
	}
	for _, e := range got.Entries {
		if e.Hidden {
			t.Errorf("without scripts entry %s is not to be seen", e.Number)
		}
	}
	if d := cmp.Diff(with.shows(t), got); d != "" {
		t.Errorf("the page with scripts and without differ (-with +without):\n%s", d)
	}
	without.clean(t, false)
}
