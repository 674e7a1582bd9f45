package handlers

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// summitVenue and summitSessions make the blog of the tests an event with a place and a time.
const (
	summitVenue    = `{"venue":"Gimhae International Airport","address":"108 Gonghangjinip-ro, Busan, South Korea"}`
	summitSessions = `{"sessions":[
		{"id":"leaders","name":"Leaders","starts":"2031-10-30T11:00:00+09:00","ends":"2031-10-30T13:00:00+09:00"},
		{"id":"opening","name":"Opening","starts":"2031-10-29T10:00:00+09:00","ends":"2031-10-29T12:00:00+09:00"}]}`
)

// An upcoming blog claims no coverage before its first session, and an event has a place with an address and a time, or
// is not told. It fails if the coverage of a blog begins with its creation, or the place is its time zone.
func TestStructuredDataOfTheEvent(t *testing.T) {
	t.Parallel()
	const zone = `{"time_zone":"Asia/Seoul"}`
	const cancelled = `{"body":"Off.","acts":[{"kind":"session","session":"opening","status":"cancelled"}]}`
	event := func(start string) map[string]any {
		return map[string]any{"@type": "Event", "name": "Summit", "startDate": start,
			"endDate": "2031-10-30T13:00:00+09:00", "location": map[string]any{"@type": "Place",
				"name": "Gimhae International Airport", "address": "108 Gonghangjinip-ro, Busan, South Korea"}}
	}
	for name, row := range map[string]struct {
		blog, setup, entry string
		starts             string // "entry" for the time of the entry
		event              map[string]any
	}{
		"nothing is known":    {zone, "", "", "", nil},
		"only sessions":       {zone, summitSessions, "", "2031-10-29T01:00:00Z", nil},
		"only a place":        {summitVenue, "", "", "", nil},
		"a venue, no address": {`{"venue":"Busan"}`, summitSessions, "", "2031-10-29T01:00:00Z", nil},
		"a place and sessions": {summitVenue, summitSessions, "", "2031-10-29T01:00:00Z",
			event("2031-10-29T10:00:00+09:00")},
		"an entry": {zone, "", `{"body":"One."}`, "entry", nil},
		"an entry before": {summitVenue, summitSessions, `{"body":"One."}`, "entry",
			event("2031-10-29T10:00:00+09:00")},
		"the first session is cancelled": {summitVenue, summitSessions, cancelled, "entry",
			event("2031-10-30T11:00:00+09:00")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.call(t, liveblog.Editor, "POST", "/blogs", `{"slug":"next","title":"Summit","time_zone":"Asia/Seoul"}`).
				want(t, 201)
			s.call(t, liveblog.Editor, "PATCH", "/blogs/next", row.blog).want(t, 200)
			if row.setup != "" {
				s.call(t, liveblog.Editor, "PUT", "/blogs/next/setup", row.setup).want(t, 200)
			}
			if row.entry != "" {
				s.call(t, liveblog.Editor, "POST", "/blogs/next/entries", row.entry).want(t, 201)
				p, err := s.store.Page(t.Context(), liveblog.PageQuery{Slug: "next", Limit: 1})
				if err != nil {
					t.Fatal(err)
				}
				row.starts = p.Entries[0].PublishedAt.UTC().Format(time.RFC3339)
			}
			graph, _ := s.structuredData(t, "/live/next")
			if start, _ := graph[0]["coverageStartTime"].(string); start != row.starts {
				t.Errorf("the coverage begins at %q, want %q", start, row.starts)
			}
			if about, _ := graph[0]["about"].(map[string]any); !reflect.DeepEqual(about, row.event) {
				t.Errorf("the event is\n%v, want\n%v", about, row.event)
			}
		})
	}
}

// The venue and its address are fields of a blog, at the desk and in the API.
func TestVenueOfABlog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for body, field := range map[string]string{
		`{"venue":"` + strings.Repeat("x", 121) + `"}`:               "venue",
		`{"venue":"A","address":"` + strings.Repeat("x", 401) + `"}`: "address",
		`{"address":"1 Main Street"}`:                                "venue",
	} {
		s.call(t, liveblog.Editor, "PATCH", "/blogs/summit", body).problem(t, 422, liveblog.Invalid, field)
	}
	a := s.call(t, liveblog.Editor, "PATCH", "/blogs/summit", summitVenue).want(t, 200)
	for _, member := range strings.Split(strings.Trim(summitVenue, "{}"), `",`) {
		if !strings.Contains(string(a.body), member) {
			t.Errorf("the answer %s lacks %s", a.body, member)
		}
	}
}

// Search engines report an empty sitemap as an error. It fails if robots.txt names the news sitemap at any time, and if
// it is missing while the store is away, for which crawlers leave the whole site alone.
func TestRobotsAnnounceNews(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	announced := func(want bool) {
		t.Helper()
		a := s.do(t, "GET", "/robots.txt", "").want(t, http.StatusOK).
			header(t, "Content-Type", "text/plain; charset=utf-8")
		for path, want := range map[string]bool{"/sitemap.xml": true, "/sitemap-news.xml": want} {
			if got := strings.Contains(string(a.body), "Sitemap: "+testBase+path+"\n"); got != want {
				t.Errorf("robots.txt names %s: %t, want %t", path, got, want)
			}
		}
	}
	s.store.down.Store(true)
	announced(true)
	s.store.down.Store(false)
	announced(false)
	s.post(t, `{"body":"One."}`)
	announced(true)
	s.store.ahead.Store(int64(72 * time.Hour))
	announced(false)
}
