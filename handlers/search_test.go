package handlers

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/url"
	"strings"
	"testing"

	"readout/handlers/reader"
	"readout/liveblog"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range reader.PageResults + 1 {
		s.post(t, `{"body":"Both sides speak of soybeans."}`)
	}
	s.post(t, `{"body":"<b>Tariffs</b>, said \"nobody\"."}`)
	page := func(query string, headers ...string) answer {
		t.Helper()
		return s.do(t, "GET", "/live/summit/search?"+query, "", headers...)
	}
	first := page("q=soybean").want(t, 200).header(t, "Content-Type", "text/html; charset=utf-8").
		header(t, "Cache-Control", "public, max-age=0, s-maxage=1").header(t, "Vary", "Accept-Encoding")
	if n := strings.Count(string(first.body), "<mark>soybeans</mark>"); n != reader.PageResults {
		t.Errorf("%d results, want %d", n, reader.PageResults)
	}
	if !strings.Contains(string(first.body), `href="/live/summit/search?q=soybean&amp;before=2"`) {
		t.Errorf("the page does not link to older results: %s", first.body)
	}
	second := page("q=soybean&before=2").want(t, 200)
	if n := strings.Count(string(second.body), "<mark>soybeans</mark>"); n != 1 {
		t.Errorf("%d older results, want 1", n)
	}
	if got := page("q=tariffs").
		want(t, 200); !strings.Contains(string(got.body), "&lt;b&gt;<mark>Tariffs</mark>&lt;/b&gt;, said") {
		t.Errorf("the page lacks the result: %s", got.body)
	}
	packed := page("q=soybean", "Accept-Encoding", "gzip").want(t, 200).header(t, "Content-Encoding", "gzip")
	r, err := gzip.NewReader(bytes.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if whole, err := io.ReadAll(r); err != nil || !bytes.Equal(whole, first.body) {
		t.Errorf("the compressed page differs, error %v", err)
	}
	// It is not cached, because each query would take up room.
	_, kept := s.server.reader.Current.Held()
	page("q=sides").want(t, 200)
	if _, now := s.server.reader.Current.Held(); now != kept {
		t.Error("the answer to a search is cached")
	}
	if strings.Contains(s.log.String(), "soybean") {
		t.Error("the log contains the query")
	}
	for name, query := range map[string]string{"nothing": "", "blank": "q=+%09",
		"operators": "q=" + url.QueryEscape(`foo OR -bar* (NEAR "`), "NUL": "q=a%00b", "no UTF-8": "q=%ff",
		"200 characters": "q=" + url.QueryEscape(strings.Repeat("关", 200))} {
		if got := page(query).want(t, 200); !strings.Contains(string(got.body), `role="search"`) ||
			strings.Contains(string(got.body), "<mark>") {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	s.do(t, "HEAD", "/live/summit/search?q=soybean", "").want(t, 200)
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	long := "/live/summit/search?q=" + strings.Repeat("x", 10_000)
	a := s.do(t, "GET", long, "").want(t, 422).header(t, "Cache-Control", "no-store").
		header(t, "Content-Type", "text/html; charset=utf-8")
	if body := string(a.body); !strings.Contains(body, "The search is too long: it takes up to 200 characters.") ||
		!strings.Contains(body, `aria-invalid="true"`) || strings.Contains(body, strings.Repeat("x", 201)) {
		t.Errorf("the page is %s", body)
	}
	if !strings.Contains(s.log.String(), "status=422") || !strings.Contains(s.log.String(), "code=invalid") {
		t.Errorf("the log has %s", s.log)
	}
	s.do(t, "GET", long, "", "Accept", "application/json").problem(t, 422, liveblog.Invalid, "q")
	s.do(t, "GET", "/live/nowhere/search?q=one", "").want(t, 404)
	s.do(t, "GET", "/live/nowhere/search?q="+strings.Repeat("x", 300), "").want(t, 404)
	s.do(t, "GET", "/live/summit/search?q=one&before=99", "", "Accept", "application/json").
		problem(t, 404, liveblog.NotFound, "before")
	s.do(t, "GET", "/live/summit/search?q=one&before=-1", "", "Accept", "application/json").
		problem(t, 400, liveblog.Malformed, "before")
}
