package script_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"

	"github.com/chromedp/cdproto/page"
)

// shifts records every layout shift, except those that follow an input, in window.shifted. Set the size of the window
// before the page opens, since a new width shifts the page too.
var shifts = browser.Ahead(`window.shifted = []
new PerformanceObserver((list) => window.shifted.push(...list.getEntries().filter((e) => !e.hadRecentInput)
	.map((e) => e.value + ' ' + e.sources.map((s) => (s.node?.outerHTML ?? '?').slice(0, 80)))))
	.observe({ type: 'layout-shift', buffered: true })`)

// shifted returns the layout shifts so far.
func shifted(p *browser.Tab) []string { return browser.Get[[]string](p, `window.shifted`) }

// slowParts are the parts of a page before each of which a [slowServer] waits.
var slowParts = []string{`data-part="board"`, `data-part="agenda"`, `id="updates"`}

// slowServer sends the blog's page part by part. With ?eager it sends the page without the link that makes browsers
// wait for the whole page before they draw. It goes on with both pages when the browser has drawn a part of the eager
// one. By then it could have drawn that part of the ordinary page too.
type slowServer struct {
	*httptest.Server
	room *newsroom
	sent []chan struct{} // closed when the ordinary page has been sent up to a part

	mu    sync.Mutex      // guards drawn
	drawn []chan struct{} // closed when the eager page has been drawn up to a part
}

func newSlowServer(t *testing.T, room *newsroom) *slowServer {
	s := &slowServer{room: room}
	for range slowParts {
		s.sent, s.drawn = append(s.sent, make(chan struct{})), append(s.drawn, make(chan struct{}))
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// reportDrawn makes the eager page report each part that the browser has drawn.
var reportDrawn = browser.Ahead(`(() => {
	let reported = 0
	const check = () => {
		const parts = document.querySelectorAll('template[data-sent]').length
		if (parts > reported) {
			reported = parts
			requestAnimationFrame(() => requestAnimationFrame(() => fetch('/drawn?parts=' + parts)))
		}
		requestAnimationFrame(check)
	}
	check()
})()`)

var renderBlocking = regexp.MustCompile(`<link rel="expect"[^>]*>`)

func (s *slowServer) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/live/talks":
		s.servePage(w, r)
	case "/drawn":
		parts, _ := strconv.Atoi(r.FormValue("parts"))
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, drawn := range s.drawn[:parts] {
			select {
			case <-drawn:
			default:
				close(drawn)
			}
		}
	default:
		s.room.serve(w, r)
	}
}

func (s *slowServer) servePage(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	s.room.serve(answer, r)
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	body, eager := answer.Body.String(), r.URL.Query().Has("eager")
	if eager {
		body = renderBlocking.ReplaceAllString(body, "")
	}
	for i, part := range slowParts {
		before, _, found := strings.Cut(body, part)
		if !found {
			s.room.t.Errorf("the page has no %s", part)
			return
		}
		tag := strings.LastIndex(before, "<") // of the part's element
		fmt.Fprint(w, body[:tag])
		if eager {
			fmt.Fprint(w, `<template data-sent></template>`)
			await(r, s.sent[i])
		}
		w.(http.Flusher).Flush()
		if !eager {
			close(s.sent[i])
		}
		await(r, s.drawn[i])
		body = body[tag:]
	}
	fmt.Fprint(w, body)
}

// await waits for a channel to be closed, or for the browser to leave.
func await(r *http.Request, closed <-chan struct{}) {
	select {
	case <-closed:
	case <-r.Context().Done():
	}
}

// TestNothingShiftsWhileThePageLoads sends a page slowly. The browser must not draw it before it has everything above
// what it draws. To show that the test would notice a shift, the page without that rule must shift.
func TestNothingShiftsWhileThePageLoads(t *testing.T) {
	t.Parallel()
	eagerShifts := 0
	for _, width := range []int64{360, 1280} {
		room := newNewsroom(t, 20)
		room.talks = richTalks(richEntries()[1:])
		room.summary = 3
		room.edit(20, func(e *liveblog.Entry) { e.KeyEvent = true })
		server := newSlowServer(t, room)
		address := server.URL + "/live/talks"
		load := func(address string, before ...browser.Action) *browser.Tab {
			p := newTab(t)
			p.Do(append(before, shifts, browser.Size(width, 700),
				browser.Call(page.Navigate, page.NavigateParams{URL: address}))...)
			return p
		}
		p, eager := load(address), load(address+"?eager", reportDrawn)
		for _, p := range []*browser.Tab{p, eager} {
			p.Until(`document.readyState === 'complete' && performance.getEntriesByType('paint').length`)
			p.Drawn(3)
		}
		if got := shifted(p); len(got) != 0 {
			t.Errorf("at %d px the layout shifts: %q", width, got)
		}
		eagerShifts += len(shifted(eager))
	}
	if eagerShifts == 0 {
		t.Error("the page does not shift without the link that holds its drawing back, so the test proves nothing")
	}
}
