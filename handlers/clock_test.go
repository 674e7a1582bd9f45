package handlers

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// Every time that a node tells or keeps is the store's, whatever its own clock says. The test fails if one of them is
// taken from the machine.
func TestTimesAreTheStores(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		s := newSite(t)
		s.store.ahead.Store(int64(ahead))
		near := func(what string, at time.Time) {
			t.Helper()
			if off := at.Sub(s.store.Now()); off.Abs() > time.Minute {
				t.Errorf("with a store %v ahead, %s is off by %v", ahead, what, off)
			}
		}
		a := s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"One."}`).want(t, 201)
		var e struct {
			Published time.Time `json:"published_at"`
			Updated   time.Time `json:"updated_at"`
		}
		if err := json.Unmarshal(a.body, &e); err != nil {
			t.Fatal(err)
		}
		near("published_at", e.Published)
		near("updated_at", e.Updated)
		for _, path := range []string{"/", "/live/summit", "/live/summit/feed.atom", "/live/summit/changes", "/nothing",
			"/healthz", "/assets/nothing", "/api/v1/blogs"} {
			a := s.do(t, "GET", path, "")
			date, err := http.ParseTime(a.Header.Get("Date"))
			if err != nil || len(a.Header.Values("Date")) != 1 {
				t.Errorf("the Date of %s is %q", path, a.Header.Values("Date"))
			}
			near("the Date of "+path, date)
			if at := a.Header.Get("Last-Modified"); at != "" {
				modified, err := http.ParseTime(at)
				if err != nil || modified.After(date) {
					t.Errorf("%s was modified at %s, after the Date %s", path, at, date)
				}
			}
		}
		news := s.do(t, "GET", "/sitemap-news.xml", "").want(t, 200)
		if !strings.Contains(string(news.body), "/live/summit") {
			t.Errorf("with a store %v ahead, the news have no entry: %s", ahead, news.body)
		}
	}
}
