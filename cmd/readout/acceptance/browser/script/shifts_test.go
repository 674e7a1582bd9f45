package script_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

// shifts notes every shift of the layout that counts: one that follows a key does not. The window has its size before the page
// opens, since a new width shifts the page too.
var shifts = browser.Ahead(`window.shifted = []
new PerformanceObserver((list) => window.shifted.push(...list.getEntries().filter((e) => !e.hadRecentInput).map((e) => e.value + ' ' + e.sources.map((s) => (s.node?.outerHTML ?? '?').slice(0, 80)))))
	.observe({ type: 'layout-shift', buffered: true })`)

// TestNothingShiftsWhileThePageComes holds that nothing is drawn before all is there that stands above what was drawn. It is red
// where the page does not say so.
func TestNothingShiftsWhileThePageComes(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 20)
	room.talks = richTalks(richEntries()[1:])
	room.summary = 3
	room.edit(20, func(e *liveblog.Entry) { e.KeyEvent = true })
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/live/talks" {
			room.serve(w, r)
			return
		}
		answer := httptest.NewRecorder()
		room.serve(answer, r)
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		body := answer.Body.String()
		for _, part := range []string{`data-part="board"`, `data-part="agenda"`, `id="updates"`} {
			if at := strings.Index(body, part); at >= 0 {
				io.WriteString(w, body[:at])
				w.(http.Flusher).Flush()
				body = body[at:]
				time.Sleep(300 * time.Millisecond) // for as long as a browser that may draw needs to do so
			}
		}
		io.WriteString(w, body)
	}))
	t.Cleanup(slow.Close)
	for _, width := range []int64{360, 1280} {
		p := open(t, slow.URL+"/live/talks", shifts, browser.Size(width, 700))
		p.Until(`performance.getEntriesByType('paint').length`)
		if got := browser.Get[[]string](p, `window.shifted`); len(got) != 0 {
			t.Errorf("at %d px the layout shifts: %q", width, got)
		}
	}
}
