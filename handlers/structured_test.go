package handlers

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// structuredData returns a page's data for search engines, validated by the schema, and the page.
func (s *site) structuredData(t *testing.T, path string) ([]map[string]any, *goquery.Document) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("testdata/structured.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	a := s.do(t, "GET", path, "").want(t, 200)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	scripts := doc.Find(`script[type="application/ld+json"]`)
	if scripts.Length() != 1 {
		t.Fatalf("%s has %d blocks of structured data", path, scripts.Length())
	}
	data, err := jsonschema.UnmarshalJSON(strings.NewReader(scripts.Text()))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(data); err != nil {
		t.Errorf("%s: %v\n%s", path, err, scripts.Text())
	}
	var whole struct {
		Graph []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal([]byte(scripts.Text()), &whole); err != nil {
		t.Fatal(err)
	}
	return whole.Graph, doc
}

// sameAsShown checks that the updates in the data are the entries on the page, in the same order and with the same
// dates.
func (s *site) sameAsShown(t *testing.T, after string, want int) {
	t.Helper()
	graph, doc := s.structuredData(t, "/live/summit")
	updates := graph[0]["liveBlogUpdate"].([]any)
	articles := doc.Find("[data-stream] > article:not([data-removed])")
	if articles.Length() != want || len(updates) != want {
		t.Fatalf("%s: %d updates for %d entries, want %d", after, len(updates), articles.Length(), want)
	}
	articles.Each(func(i int, e *goquery.Selection) {
		u := updates[i].(map[string]any)
		squeeze := func(text string) string { return strings.Join(strings.Fields(text), " ") }
		number, _ := e.Attr("data-number")
		if u["url"] != "https://readout.example/live/summit/"+number &&
			!strings.HasSuffix(u["url"].(string), "/live/summit/"+number) {
			t.Errorf("%s: the data has update %v where the page shows entry %s", after, u["url"], number)
		}
		if shown := squeeze(e.Find(".prose").Text()); squeeze(u["articleBody"].(string)) != shown {
			t.Errorf("%s: the text is %q in the data and %q on the page", after, u["articleBody"], shown)
		}
		for attribute, key := range map[string]string{"data-published": "datePublished",
			"data-updated": "dateModified"} {
			micros, _ := e.Attr(attribute)
			at, err := time.Parse(time.RFC3339, u[key].(string))
			if err != nil || !strings.HasPrefix(micros, fmt.Sprint(at.Unix())) {
				t.Errorf("%s: %s is %v in the data and %s on the page", after, key, u[key], micros)
			}
		}
	})
}

func TestStructuredDataMatchesThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"headline":"First","body":"One **bold** word."}`)
	s.post(t, `{"body":"Two </script><script>alert(1)</script> <!-- & so on."}`)
	s.post(t, `{"headline":"Pinned","body":"Three.","pinned":true,"key_event":true}`)
	s.sameAsShown(t, "three posts", 3)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"body":"One *other* word."}`).want(t, 200)
	s.sameAsShown(t, "an edit", 3)
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/2", "").want(t, 204)
	s.sameAsShown(t, "a removal", 2)

	graph, _ := s.structuredData(t, "/live/summit/1")
	if graph[0]["headline"] != "First" || graph[0]["articleBody"] != "One other word." {
		t.Errorf("the data of the entry's page is %v", graph)
	}
}

// The published time of the latest change never goes back, whatever is removed.
func TestDatesNeverGoBack(t *testing.T) {
	t.Parallel()
	base := time.Now().UTC().Truncate(time.Second)
	// later than the blog's creation
	hour := func(n int) time.Time { return base.Add(time.Duration(n) * time.Hour) }
	s := newSiteAt(t, "UTC", hour(1).Format(time.RFC3339), hour(2).Format(time.RFC3339))
	s.store.ahead.Store(int64(24 * time.Hour)) // no date is in the future
	check := func(what string, want time.Time) {
		t.Helper()
		graph, doc := s.structuredData(t, "/live/summit")
		dates := map[string]string{"article:modified_time": doc.Find(`meta[property="article:modified_time"]`).
			AttrOr("content", "")}
		for _, thing := range graph {
			dates[fmt.Sprint("dateModified of ", thing["@type"])] = thing["dateModified"].(string)
		}
		_, rest, _ := strings.Cut(string(s.do(t, "GET", "/sitemap.xml", "").body), "/live/summit</loc><lastmod>")
		dates["lastmod"], _, _ = strings.Cut(rest, "<")
		_, rest, _ = strings.Cut(string(s.feed(t, "feed.atom").body), "<updated>")
		dates["updated of feed.atom"], _, _ = strings.Cut(rest, "<")
		for name, date := range dates {
			if date != want.Format(time.RFC3339) {
				t.Errorf("%s: %s is %s, want %s", what, name, date, want.Format(time.RFC3339))
			}
		}
		for name := range feedNames {
			s.feed(t, name).header(t, "Last-Modified", want.Format(http.TimeFormat))
		}
		if _, rest, _ := strings.Cut(string(s.feed(t, "feed.rss").body), "<lastBuildDate>"); !strings.HasPrefix(rest,
			want.Format(http.TimeFormat)) {
			t.Errorf("%s: lastBuildDate is %.40s, want %s", what, rest, want.Format(http.TimeFormat))
		}
	}
	check("two entries", hour(2))
	for i, number := range []int{2, 1} {
		e, err := s.store.Entry(t.Context(), "summit", number)
		if err != nil {
			t.Fatal(err)
		}
		e.Status, e.UpdatedAt = liveblog.Removed, hour(3+i)
		if _, err := s.store.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: e, Base: e.Revision,
			Audit: liveblog.Audit{At: e.UpdatedAt, Action: "entry.remove"}}); err != nil {
			t.Fatal(err)
		}
		check(fmt.Sprint("without ", number), hour(3+i))
	}
}

// The sitemap lists the pages of the talks that have content.
func TestSitemapListsTheTalks(t *testing.T) {
	t.Parallel()
	listed := func(s *site) (pages []string) {
		for _, part := range strings.Split(string(s.do(t, "GET", "/sitemap.xml", "").want(t, 200).body), "<loc>")[1:] {
			loc, _, _ := strings.Cut(part, "<")
			page, below := strings.CutPrefix(loc, testBase+"/live/summit/")
			if _, err := strconv.Atoi(page); below && err != nil {
				pages = append(pages, page)
				s.do(t, "GET", "/live/summit/"+page, "").want(t, 200)
			}
		}
		slices.Sort(pages)
		return pages
	}
	s := newSite(t)
	s.post(t, `{"body":"Text."}`)
	if got := listed(s); !slices.Equal(got, []string{"corrections"}) {
		t.Errorf("without talks the sitemap lists %v", got)
	}
	// The sitemap is updated by the change that brings content.
	s.call(t, liveblog.Editor, "PUT", "/blogs/summit/setup",
		`{"meetings":[{"id":"leaders","name":"Leaders"}],"parties":[{"id":"china","name":"China"}],`+
			`"speakers":[{"id":"wu","name":"Wu"}]}`).want(t, 200)
	s.post(t, `{"body":"Text.","acts":[{"kind":"figure","figure":"average-tariff","value":"47","unit":"%"},
		{"kind":"text","document":"joint-statement","version":"draft 1","body":"They agree."}]}`)
	if got := listed(s); !slices.Equal(got, []string{"briefing", "corrections", "figures", "texts"}) {
		t.Errorf("with a figure and a text the sitemap lists %v", got)
	}
	if got := listed(newRecordSite(t)); !slices.Equal(got,
		[]string{"agenda", "board", "briefing", "corrections", "readouts", "speakers", "texts"}) {
		t.Errorf("with a record the sitemap lists %v", got)
	}
	if got := listed(newTalks(t)); !slices.Equal(got,
		[]string{"board", "briefing", "claims", "corrections", "figures", "positions"}) {
		t.Errorf("with talks the sitemap lists %v", got)
	}
}

func TestSitemaps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"headline":"Tea & talks <now>","body":"One."}`)
	s.post(t, `{"body":"A draft.","status":"draft"}`)
	s.post(t, `{"body":"Removed."}`)
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/3", "").want(t, 204)
	type urlset struct {
		XMLName xml.Name
		URLs    []struct {
			Loc     string `xml:"loc"`
			LastMod string `xml:"lastmod"`
			News    struct {
				Publication struct {
					Name     string `xml:"name"`
					Language string `xml:"language"`
				} `xml:"publication"`
				Date  string `xml:"publication_date"`
				Title string `xml:"title"`
			} `xml:"http://www.google.com/schemas/sitemap-news/0.9 news"`
		} `xml:"url"`
	}
	read := func(path string) (set urlset, paths []string) {
		t.Helper()
		a := s.do(t, "GET", path, "").want(t, 200).header(t, "Content-Type", "application/xml; charset=utf-8")
		if err := xml.Unmarshal(a.body, &set); err != nil {
			t.Fatal(err)
		}
		if set.XMLName.Space != "http://www.sitemaps.org/schemas/sitemap/0.9" || set.XMLName.Local != "urlset" {
			t.Errorf("%s is a %v", path, set.XMLName)
		}
		for _, u := range set.URLs {
			rest, ok := strings.CutPrefix(u.Loc, s.server.Site.BaseURL)
			if !ok {
				t.Errorf("%s: the address %q is not absolute", path, u.Loc)
			}
			paths = append(paths, rest)
			if _, err := time.Parse(time.RFC3339, u.LastMod); u.LastMod != "" && err != nil {
				t.Error(err)
			}
			s.do(t, "GET", rest, "").want(t, 200)
		}
		s.do(t, "GET", path, "", "If-None-Match", a.Header.Get("ETag")).want(t, 304)
		return set, paths
	}
	if _, paths := read("/sitemap.xml"); !slices.Contains(paths, "/live/summit/1") || !slices.Contains(paths, "/") ||
		slices.Contains(paths, "/live/summit/claims") ||
		slices.Contains(paths, "/live/summit/2") || slices.Contains(paths, "/live/summit/3") {
		t.Errorf("the pages are %v", paths)
	}
	news, paths := read("/sitemap-news.xml")
	if !slices.Equal(paths, []string{"/live/summit", "/live/summit/1"}) {
		t.Fatalf("the news are %v", paths)
	}
	n := news.URLs[1].News
	if n.Title != "Tea & talks <now>" || n.Publication.Name != s.server.Site.Name || n.Publication.Language != "en" {
		t.Errorf("the news entry is %+v", n)
	}
	if at, err := time.Parse(time.RFC3339, n.Date); err != nil || time.Since(at) > time.Hour {
		t.Errorf("its publication date is %q, %v", n.Date, err)
	}
	robots := string(s.do(t, "GET", "/robots.txt", "").want(t, 200).body)
	for _, line := range []string{"Sitemap: " + s.server.Site.BaseURL + "/sitemap.xml\n",
		"Sitemap: " + s.server.Site.BaseURL + "/sitemap-news.xml\n"} {
		if !strings.Contains(robots, line) {
			t.Errorf("robots.txt lacks %q: %s", line, robots)
		}
	}
}
