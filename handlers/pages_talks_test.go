package handlers

import (
	"net/http"
	"strings"
	"testing"

	"readout/handlers/web"
	"readout/liveblog"
)

const boardSetup = `{"tracks":[{"id":"rare-earths","name":"Rare earths"}],"parties":[{"id":"china","name":"China"}]}`

// newTalks returns a site whose blog, in Seoul, has one track that is in talks.
func newTalks(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit", `{"time_zone":"Asia/Seoul"}`).want(t, http.StatusOK)
	s.call(t, liveblog.Admin, "PUT", "/blogs/summit/setup", boardSetup).want(t, http.StatusOK)
	s.post(t, `{"body":"They talk.","acts":[{"kind":"move","track":"rare-earths","to":"in_talks"},
		{"kind":"claim","claim":"pause","status":"reported","text":"There will be a pause."},
		{"kind":"position","party":"china","track":"rare-earths","text":"The controls stay."},
		{"kind":"figure","figure":"average-tariff","value":"47","unit":"%"}]}`)
	return s
}

func TestTalksPages(t *testing.T) {
	t.Parallel()
	s := newTalks(t)
	for path, holds := range map[string]string{
		"board":             `data-standing="track rare-earths"`,
		"board/rare-earths": `id="chart-rare-earths-desc"`,
		"positions":         "The controls stay.",
		"claims":            `id="claim-pause"`,
		"figures":           `id="figure-average-tariff"`,
	} {
		a := s.do(t, "GET", "/live/summit/"+path, "").want(t, http.StatusOK)
		if !strings.Contains(string(a.body), holds) {
			t.Errorf("%s lacks %s", path, holds)
		}
		a = s.do(t, "GET", "/live/summit/"+path+"?at=2001-01-01T00:00:00Z", "").want(t, http.StatusOK).
			header(t, "Cache-Control", web.CachePast)
		if strings.Contains(string(a.body), "The controls stay.") ||
			strings.Contains(string(a.body), `id="claim-pause"`) {
			t.Errorf("%s shows at a past moment what was stated later", path)
		}
	}
	for _, path := range []string{"/live/summit/board/tariffs", "/live/nowhere/board", "/live/nowhere/claims"} {
		s.do(t, "GET", path, "").want(t, http.StatusNotFound)
	}
}

// A form sends a time in the venue's zone, in either of the two formats that browsers use.
func TestVenueTimesRedirect(t *testing.T) {
	t.Parallel()
	s := newTalks(t)
	for text, leads := range map[string]string{
		"2025-10-30T11:00":    "/live/summit/board?at=2025-10-30T11%3A00%3A00%2B09%3A00",
		"2025-10-30T11:00:30": "/live/summit/board?at=2025-10-30T11%3A00%3A30%2B09%3A00",
	} {
		s.do(t, "GET", "/live/summit/board?at="+text, "").want(t, http.StatusFound).header(t, "Location", leads)
	}
	s.do(t, "GET", "/live/summit/board?at=", "").want(t, http.StatusOK)
	for _, text := range []string{"yesterday", "2025-10-30", "2025-13-30T11:00",
		"1969-10-30T11:00", "2025-10-30T11:00Z"} {
		s.do(t, "GET", "/live/summit/board?at="+text, "").want(t, http.StatusBadRequest)
	}
	s.do(t, "GET", "/live/nowhere/board?at=2025-10-30T11:00", "").want(t, http.StatusNotFound)
	berlin := newSiteAt(t, "Europe/Berlin")
	// the first of two, as clocks are set back
	berlin.do(t, "GET", "/live/summit/board?at=2025-10-26T02:30", "").want(t, http.StatusFound).
		header(t, "Location", "/live/summit/board?at=2025-10-26T02%3A30%3A00%2B02%3A00")
	// Programs must send the offset.
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/board?at=2025-10-30T11:00", "").want(t, http.StatusBadRequest)
}

// Whatever queries clients make up, the cache has one page per answer.
func TestTalksPagesAreCachedOnce(t *testing.T) {
	t.Parallel()
	s := newRecordSite(t)
	kept := func() int {
		n, _ := s.server.reader.Current.Held()
		return n
	}
	for _, path := range []string{"board", "board/rare-earths", "positions", "claims", "figures", "agenda",
		"agenda.ics", "speakers", "speakers/wu-xinbo",
		"readouts", "readouts/leaders", "texts", "texts/joint-statement", "briefing"} {
		path = "/live/summit/" + path
		s.do(t, "GET", path, "").want(t, http.StatusOK)
		before := kept()
		for _, query := range []string{"?from=1", "?from=2&to=3", "?to=" + strings.Repeat("x", 8000), "?at=&x=1"} {
			s.do(t, "GET", path+query, "")
		}
		if n := kept() - before; n != 0 {
			t.Errorf("queries of %s added %d pages to the cache", path, n)
		}
	}
	before := kept()
	for range 2 {
		for _, query := range []string{"?from=draft+1", "?to=draft+1", "?to=draft+1&x=2", "?from=draft+2&to=draft+1"} {
			s.do(t, "GET", "/live/summit/texts/joint-statement"+query, "").want(t, http.StatusOK)
		}
	}
	if n := kept() - before; n != 3 {
		t.Errorf("three comparisons added %d pages to the cache", n)
	}
}
