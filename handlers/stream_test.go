package handlers

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/handlers/web"
	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
)

// stream returns the numbers of the entries on a page, and the page.
func (s *site) stream(t *testing.T, path string) ([]string, *goquery.Document) {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(s.do(t, "GET", path, "").want(t, 200).body))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Find("[data-stream] > [data-number]").
		Map(func(_ int, e *goquery.Selection) string { return e.AttrOr("data-number", "") }), doc
}

// A shared link opens the stream around its entry, with links up and down to all other entries.
func TestStreamOpensAroundAnEntry(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 60 {
		s.post(t, fmt.Sprintf(`{"headline":"Number %d","body":"Text."}`, i+1))
	}
	numbers, doc := s.stream(t, "/live/summit?around=30")
	if len(numbers) != 21 || numbers[0] != "40" || numbers[20] != "20" {
		t.Errorf("the entries around 30 are %v", numbers)
	}
	for selector, want := range map[string]string{
		`link[rel=canonical]@href`:          s.server.Site.BaseURL + "/live/summit/30",
		`meta[property="og:title"]@content`: "Number 30 – The summit",
		`a[data-newer]@href`:                "/live/summit?after=40", `a[data-older]@href`: "/live/summit?before=20",
	} {
		selector, attribute, _ := strings.Cut(selector, "@")
		if got := doc.Find(selector).AttrOr(attribute, ""); got != want {
			t.Errorf("%s is %q, want %q", selector, got, want)
		}
	}
	seen := map[string]bool{}
	for _, way := range []string{"a[data-newer]", "a[data-older]"} {
		for next := "/live/summit?around=30"; next != ""; {
			numbers, doc := s.stream(t, next)
			for _, n := range numbers {
				seen[n] = true
			}
			next = doc.Find(way).AttrOr("href", "")
		}
	}
	if len(seen) != 60 {
		t.Errorf("the links up and down lead to %d of 60 entries", len(seen))
	}
	var all []string
	for next := "/live/summit?order=oldest"; next != ""; {
		numbers, doc := s.stream(t, next)
		all = append(all, numbers...)
		next = doc.Find("a[data-newer]").AttrOr("href", "")
	}
	if len(all) != 60 || all[0] != "1" || all[59] != "60" {
		t.Errorf("the entries from the beginning are %v", all)
	}
	if _, doc := s.stream(t, "/live/summit/30"); doc.Find("a[rel=next]").AttrOr("href", "") != "/live/summit/31" ||
		doc.Find("a[rel=prev]").AttrOr("href", "") != "/live/summit/29" ||
		doc.Find(`a[href="/live/summit?around=30#entry-30"]`).Length() != 1 {
		t.Error("the entry's page lacks links to its neighbors or into the stream")
	}
}

// Each kind of window links back if a reader goes beyond its end.
func TestEndsOfTheStreamLinkBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 3 {
		s.post(t, `{"body":"Text.","key_event":true}`)
	}
	author := ""
	_, doc := s.stream(t, "/live/summit")
	if author = doc.Find("a.author").First().AttrOr("href", ""); author == "" {
		t.Fatal("an entry has no author")
	}
	_, author, _ = strings.Cut(author, "?")
	for _, kind := range []string{"", "order=oldest", "by=key-events", author} {
		for end, way := range map[string]string{"before=1": "newer", "after=3": "older"} {
			numbers, doc := s.stream(t, "/live/summit?"+end+"&"+kind)
			links := doc.Find("a[data-newer], a[data-older]")
			if len(numbers) != 0 || links.Length() != 1 || links.Filter("[data-"+way+"]").Length() != 1 {
				t.Fatalf("%s of %q shows %v with %d links further on", end, kind, numbers, links.Length())
			}
			href := links.AttrOr("href", "")
			numbers, _ = s.stream(t, href)
			slices.Sort(numbers)
			if !slices.Equal(numbers, []string{"1", "2", "3"}) || !strings.Contains(href, kind) {
				t.Errorf("%s of %q links back to %s, which shows %v", end, kind, href, numbers)
			}
		}
	}
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/1", "").want(t, 204)
	_, doc = s.stream(t, "/live/summit?before=1")
	if numbers, _ := s.stream(t, doc.Find("a[data-newer]").AttrOr("href", "")); !slices.Equal(numbers,
		[]string{"3", "2"}) {
		t.Errorf("before a removed entry, the link back shows %v", numbers)
	}
}

func TestFilteredStream(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One.","key_event":true}`)
	s.post(t, `{"body":"Two."}`)
	author := "The editor"
	if numbers, doc := s.stream(t, "/live/summit?by=key-events"); !slices.Equal(numbers, []string{"1"}) ||
		doc.Find(`.ways [aria-current]`).Text() != "Key events" {
		t.Errorf("the key events are %v", numbers)
	}
	_, doc := s.stream(t, "/live/summit")
	link := doc.Find("a.author").First()
	if author = link.Text(); author == "" {
		t.Fatal("an entry has no author")
	}
	if numbers, _ := s.stream(t, link.AttrOr("href", "")); !slices.Equal(numbers, []string{"2", "1"}) {
		t.Errorf("the entries by %s are %v", author, numbers)
	}
	if numbers, doc := s.stream(t, "/live/summit?author="+url.QueryEscape("Nobody <b>")); len(numbers) != 0 ||
		!strings.Contains(doc.Find(".window-title").Text(), "Nobody <b>") {
		t.Errorf("the entries by an unknown author are %v", numbers)
	}
}

// A page that is rendered for one answer is compressed only in the form that is sent.
func TestUncachedPagesAreCompressedOnce(t *testing.T) {
	t.Parallel()
	s := newRecordSite(t)
	for _, path := range []string{"/live/summit?author=Nobody", "/live/summit/board?at=2025-10-30T11:00:00Z",
		"/live/summit/briefing?at=2025-10-30T11:00:00Z"} {
		whole := s.do(t, "GET", path, "").want(t, 200).header(t, "Content-Encoding", "").
			header(t, "Vary", "Accept-Encoding")
		packed := s.do(t, "GET", path, "", "Accept-Encoding", "br, gzip").want(t, 200).
			header(t, "Content-Encoding", "gzip").header(t, "Vary", "Accept-Encoding").
			header(t, "Content-Type", "text/html; charset=utf-8")
		if !bytes.Equal(packed.body, web.GzipFast(whole.body)) {
			t.Errorf("%s: not compressed by GzipFast", path)
		}
		r, err := gzip.NewReader(bytes.NewReader(packed.body))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(r); err != nil || !bytes.Equal(body, whole.body) {
			t.Errorf("%s: the compressed page differs, error %v", path, err)
		}
		for _, coding := range []string{"identity", "gzip"} {
			if a := s.do(t, "GET", path, "", "Accept-Encoding", coding, "If-None-Match", packed.Header.Get("ETag")).
				want(t, 304); len(a.body) != 0 {
				t.Errorf("%s: a 304 has a body", path)
			}
		}
	}
	s.do(t, "GET", "/live/summit", "", "Accept-Encoding", "br").want(t, 200).header(t, "Content-Encoding", "br")
	s.do(t, "GET", "/live/summit", "", "Accept-Encoding", "gzip").want(t, 200).header(t, "Content-Encoding", "gzip")
}

func TestStreamJumps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	for from, want := range map[string]string{
		"2001-01-01": "/live/summit?around=1#entry-1", "2001-01-01T05": "/live/summit?around=1#entry-1",
		"2001-01-01T05:30":          "/live/summit?around=1#entry-1",
		"2001-01-01T05:30:00+09:00": "/live/summit?around=1#entry-1", "2999-01-01": "/live/summit",
	} {
		s.do(t, "GET", "/live/summit?from="+url.QueryEscape(from), "").want(t, 302).header(t, "Location", want)
	}
}

// In an address typed by hand, the plus of an offset is not escaped, so the query decodes it as a space.
func TestUnescapedOffsets(t *testing.T) {
	t.Parallel()
	s := newSiteAt(t, "Asia/Seoul", "2025-10-30T14:50:00+09:00", "2025-10-30T15:10:00+09:00")
	s.do(t, "GET", "/live/summit?from=2025-10-30T15:00:00+09:00", "").want(t, 302).
		header(t, "Location", "/live/summit?around=2#entry-2")
	s.do(t, "GET", "/live/summit?from=2025-10-30T15:00:00.5+09:00", "").want(t, 302).
		header(t, "Location", "/live/summit?around=2#entry-2")
	typed := s.do(t, "GET", "/live/summit/board?at=2025-10-30T15:00:00+09:00", "").want(t, 200)
	if escaped := s.do(t, "GET", "/live/summit/board?at=2025-10-30T15:00:00%2B09:00", "").
		want(t, 200); string(typed.body) != string(escaped.body) {
		t.Error("a moment with an unescaped plus shows another page")
	}
	for _, from := range []string{"2025-10-30+15:00", "2025-10-30T15:00+09:00", "+09:00",
		"2025-10-30T15:00:00++09:00"} {
		s.do(t, "GET", "/live/summit?from="+from, "").want(t, 400)
	}
}

// Clocks that are set back show an hour, or half of one, twice. Both are reachable, and the local time alone leads to
// the first.
func TestStreamJumpsIntoHoursShownTwice(t *testing.T) {
	t.Parallel()
	for zone, c := range map[string]struct {
		first, second string            // when entries 1 and 2 came
		leads         map[string]string // from=, and the entry
	}{
		"Europe/Berlin": {"2025-10-26T02:10:00+02:00", "2025-10-26T02:10:00+01:00", map[string]string{
			"2025-10-26T02": "1", "2025-10-26T02:05": "1", "2025-10-26T02:00:00+02:00": "1",
			"2025-10-26T02:00:00+01:00": "2", "2025-10-26": "1"}},
		"America/New_York": {"2025-11-02T01:10:00-04:00", "2025-11-02T01:10:00-05:00", map[string]string{
			"2025-11-02T01": "1", "2025-11-02T01:05:00": "1", "2025-11-02T01:00:00-04:00": "1",
			"2025-11-02T01:00:00-05:00": "2"}},
		"Australia/Lord_Howe": {"2025-04-06T01:40:00+11:00", "2025-04-06T01:40:00+10:30", map[string]string{
			"2025-04-06T01": "1", "2025-04-06T01:35": "1", "2025-04-06T01:30:00+11:00": "1",
			"2025-04-06T01:30:00+10:30": "2"}},
	} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			s := newSiteAt(t, zone, c.first, c.second)
			for from, want := range c.leads {
				s.do(t, "GET", "/live/summit?from="+url.QueryEscape(from), "").want(t, 302).
					header(t, "Location", "/live/summit?around="+want+"#entry-"+want)
			}
			_, doc := s.stream(t, "/live/summit")
			if n := doc.Find(".by-day ol a").Length(); n != 2 {
				t.Errorf("the page lists %d hours", n)
			}
			for i, a := range doc.Find(".by-day ol a").EachIter() {
				n := fmt.Sprint(i + 1)
				s.do(t, "GET", a.AttrOr("href", ""), "").want(t, 302).
					header(t, "Location", "/live/summit?around="+n+"#entry-"+n)
			}
		})
	}
}

// A day begins when the venue's calendar first shows it, also if it has no midnight, or two.
func TestStreamJumpsToDays(t *testing.T) {
	t.Parallel()
	for zone, times := range map[string][]string{
		"America/Santiago": {"2025-09-06T23:30:00-04:00", "2025-09-07T01:10:00-03:00"},
		"America/Havana":   {"2025-11-01T23:30:00-04:00", "2025-11-02T00:10:00-04:00", "2025-11-02T00:10:00-05:00"},
	} {
		s := newSiteAt(t, zone, times...)
		_, doc := s.stream(t, "/live/summit")
		days := doc.Find("a.day")
		if days.Length() != 2 {
			t.Fatalf("%s: %d days", zone, days.Length())
		}
		for i, a := range days.EachIter() {
			n, path := fmt.Sprint(i+1), a.AttrOr("href", "")
			if want := "/live/summit?from=" + times[i][:10]; path != want {
				t.Errorf("%s: day %d is at %s, want %s", zone, i, path, want)
			}
			s.do(t, "GET", path, "").want(t, 302).header(t, "Location", "/live/summit?around="+n+"#entry-"+n)
		}
	}
}

func TestStreamRefusesBadQueries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	s.post(t, `{"body":"Draft.","status":"draft"}`)
	for query, want := range map[string]struct {
		status int
		field  string
	}{
		"before=01": {400, "before"}, "after=%2B1": {400, "after"}, "around=1.0": {400, "around"},
		"around=%D9%A1": {400, "around"},
		"before=0":      {400, "before"}, "before=x": {400, "before"}, "before=99999999999999999999": {400, "before"},
		"before=7": {404, "before"},
		"after=-1": {400, "after"}, "after=2": {404, "after"}, "around=2": {404, "around"}, "around=9": {404, "around"},
		"around=1&before=1": {400, "before"}, "order=sideways": {400, "order"}, "by=weight": {400, "by"},
		"by=key-events&author=A": {400, "by"},
		"from=yesterday":         {400, "from"}, "from=2025-13-01": {400, "from"}, "from=1000-01-01": {400, "from"},
	} {
		a := s.do(t, "GET", "/live/summit?"+query, "", "Accept", "application/json").want(t, want.status)
		if !strings.Contains(string(a.body), `"field":"`+want.field+`"`) {
			t.Errorf("%s: %s does not name %q", query, a.body, want.field)
		}
	}
	s.do(t, "GET", "/live/nowhere?from=2025-10-30", "").want(t, 404)
	s.do(t, "GET", "/live/nowhere?author=A", "").want(t, 404)
}

// newSiteAt returns a site whose blog, in the zone, has one entry for each time.
func newSiteAt(t *testing.T, zone string, times ...string) *site {
	t.Helper()
	s := newSite(t)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit", `{"time_zone":"`+zone+`"}`).want(t, 200)
	for _, text := range times {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		e := liveblog.Entry{Body: "Text.", Author: "The editor", AuthorID: "u_1", Status: liveblog.Published,
			CreatedAt: at, PublishedAt: at, UpdatedAt: at}
		if _, err := s.store.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Audit: liveblog.Audit{At: at,
			Action: "entry.post"}}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
