package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/handlers/reader"
	"readout/handlers/web"
	"readout/liveblog"
	"readout/views/data"

	"github.com/PuerkitoBio/goquery"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The note in place of a removed entry is not an update, and does not bring the entry back.
func TestStructuredDataOmitsNotes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, body := range []string{"One.", "A secret.", "Three."} {
		s.post(t, `{"body":"`+body+`"}`)
	}
	late := liveblog.NewDesk(s.store, silentBroker{},
		liveblog.DeskOptions{Now: func() time.Time { return time.Now().Add(2 * time.Minute) }})
	if _, err := late.Remove(t.Context(), liveblog.Actor{ID: "u_9", Name: "Eve", Role: liveblog.Editor},
		"summit", 2, 0); err != nil {
		t.Fatal(err)
	}
	s.sameAsShown(t, "a removal with a note", 2)
	a := s.do(t, "GET", "/live/summit", "")
	if a.document(t).Find("article[data-removed][data-number='2']").Length() != 1 ||
		bytes.Contains(a.body, []byte("secret")) {
		t.Errorf("the page after the removal is %s", a.body)
	}
}

// Only the first page describes the live blog; its other windows do not repeat the description.
func TestStructuredDataAppearsOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range reader.PageEntries + 5 {
		s.post(t, fmt.Sprintf(`{"headline":"Entry %d","body":"Text."}`, i+1))
	}
	s.sameAsShown(t, "more than a page", reader.PageEntries)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/2", `{"pinned":true}`).want(t, 200)
	s.sameAsShown(t, "an old entry is pinned", reader.PageEntries)
	for _, path := range []string{"/live/summit?before=10", "/live/summit?around=10", "/live/summit?order=oldest",
		"/embed/summit", "/live/summit/board"} {
		if n := s.do(t, "GET", path, "").want(t, 200).document(t).
			Find(`script[type="application/ld+json"]`).Length(); n != 0 {
			t.Errorf("%s has %d blocks of structured data", path, n)
		}
	}
}

// All structured data can also be read on the page.
func TestStructuredDataMatchesVisibleText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit",
		`{"title":"The <summit> & more","standfirst":"What both sides say.","language":"ko-KR"}`).want(t, 200)
	s.post(t, `{"headline":"What we <know>","body":"Tariffs **stay**.","summary":true}`)
	s.post(t, `{"headline":"A headline","body":"Text & more."}`)
	graph, doc := s.structuredData(t, "/live/summit")
	live, article := graph[0], graph[1]
	read := func(selector string) string { return words(doc.Find(selector).First()) }
	for what, pair := range map[string][2]any{
		"the type":               {live["@type"], "LiveBlogPosting"},
		"the article's type":     {article["@type"], "NewsArticle"},
		"the headline":           {live["headline"], read("h1")},
		"the article's headline": {article["headline"], read("h1")},
		"the description":        {live["description"], read(".standfirst")},
		"the publisher":          {live["publisher"].(map[string]any)["name"], read("header.site")},
		"the article":            {article["articleBody"], read(".summary .prose")},
		"the language":           {live["inLanguage"], doc.Find("html").AttrOr("lang", "")},
		"the address":            {live["url"], doc.Find("link[rel=canonical]").AttrOr("href", "")},
		"the beginning": {live["datePublished"],
			doc.Find(`meta[property="article:published_time"]`).AttrOr("content", "")},
		"the latest change": {live["dateModified"],
			doc.Find(`meta[property="article:modified_time"]`).AttrOr("content", "")},
		"the picture": {live["image"].(map[string]any)["url"],
			doc.Find(`meta[property="og:image"]`).AttrOr("content", "")},
		"the language of the card": {doc.Find(`meta[property="og:locale"]`).AttrOr("content", ""), "ko_KR"},
		"the kind of card": {doc.Find(`meta[name="twitter:card"]`).AttrOr("content", ""),
			"summary_large_image"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q in the data and %q on the page", what, pair[0], pair[1])
		}
	}
	articles := doc.Find("[data-stream] > article")
	for i, told := range live["liveBlogUpdate"].([]any) {
		u, shown := told.(map[string]any), articles.Eq(i)
		author := u["author"].(map[string]any)
		if u["headline"] != words(shown.Find(".headline")) || author["@type"] != "Person" ||
			author["name"] != words(shown.Find(".author")) ||
			author["url"] != testBase+shown.Find(".author").AttrOr("href", "") ||
			u["url"] != testBase+shown.Find(".permalink").AttrOr("href", "") {
			t.Errorf("update %d is %v in the data and %s on the page", i, u, words(shown))
		}
	}

	graph, doc = s.structuredData(t, "/live/summit/2")
	one := graph[0]
	if one["headline"] != read(".headline") || one["articleBody"] != read(".prose") ||
		one["url"] != doc.Find("link[rel=canonical]").AttrOr("href", "") ||
		one["datePublished"] != doc.Find(`meta[property="article:published_time"]`).AttrOr("content", "") {
		t.Errorf("the data of the entry's page is %v", one)
	}
	whole, _ := one["isPartOf"].(map[string]any)
	if whole["@type"] != "LiveBlogPosting" || whole["@id"] != live["@id"] || whole["url"] != live["url"] {
		t.Errorf("the entry is part of %v, want %v", whole, live["@id"])
	}
}

// The coverage times are those of the events, whatever else changes and whenever they are requested.
func TestCoverageTimesDoNotDrift(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	told := func() (start, end any) {
		t.Helper()
		graph, _ := s.structuredData(t, "/live/summit")
		return graph[0]["coverageStartTime"], graph[0]["coverageEndTime"]
	}
	first := s.post(t, `{"body":"One."}`)
	want := first.PublishedAt.UTC().Format(time.RFC3339)
	late := liveblog.NewDesk(s.store, silentBroker{},
		liveblog.DeskOptions{Now: func() time.Time { return time.Now().Add(time.Hour) }})
	editor := liveblog.Actor{ID: "u_9", Name: "Eve", Role: liveblog.Editor}
	status := func(to liveblog.BlogStatus) liveblog.Blog {
		t.Helper()
		b, err := late.UpdateBlog(t.Context(), editor, "summit", liveblog.BlogPatch{Status: &to})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	check := func(what string, wantEnd any) {
		t.Helper()
		if start, end := told(); start != want || end != wantEnd {
			t.Errorf("%s: the coverage is from %v to %v, want %v to %v", what, start, end, want, wantEnd)
		}
	}
	check("a first entry", nil)
	status(liveblog.Live)
	check("live", nil)
	s.post(t, `{"body":"Two."}`)
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/1", "").want(t, 204)
	check("the first entry is removed", nil)
	end := status(liveblog.Ended).EndedAt.UTC().Format(time.RFC3339)
	check("ended", end)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/2", `{"body":"Two, corrected."}`).want(t, 200)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit", `{"title":"Another title"}`).want(t, 200)
	check("changed after the end", end)
	status(liveblog.Live)
	check("taken up again", nil)
}

// The schema refuses data that lacks something or has it in another form.
func TestStructuredDataSchemaRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit", summitVenue).want(t, 200)
	s.call(t, liveblog.Editor, "PUT", "/blogs/summit/setup", summitSessions).want(t, 200)
	s.post(t, `{"body":"One."}`)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("testdata/structured.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	text := s.do(t, "GET", "/live/summit", "").document(t).Find(`script[type="application/ld+json"]`).Text()
	for _, c := range []struct {
		in    int // index in the graph
		path  []string
		value any // nil deletes it
	}{
		{0, []string{"headline"}, nil}, {0, []string{"headline"}, ""},
		{0, []string{"coverageStartTime"}, "2025-10-30 11:00"},
		{0, []string{"datePublished"}, "2025-10-30T11:00:00"}, {0, []string{"dateModified"}, "yesterday"},
		{0, []string{"url"}, "/live/summit"},
		{0, []string{"publisher", "logo"}, nil}, {0, []string{"publisher", "name"}, ""},
		{0, []string{"image", "url"}, "/card.png"}, {0, []string{"author"}, "Eve"},
		{0, []string{"liveBlogUpdate"}, nil}, {0, []string{"about", "location", "address"}, nil},
		{0, []string{"about", "startDate"}, nil}, {0, []string{"about", "location"}, "UTC"}, {0, []string{"@type"}, "BlogPosting"},
		{0, []string{"coverageEndTime"}, 7},
		{1, []string{"publisher"}, nil}, {1, []string{"@type"}, "Article"}, {1, []string{"image"}, nil},
	} {
		var whole map[string]any
		if err := json.Unmarshal([]byte(text), &whole); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(whole); err != nil {
			t.Fatal(err)
		}
		at := whole["@graph"].([]any)[c.in].(map[string]any)
		for _, name := range c.path[:len(c.path)-1] {
			at = at[name].(map[string]any)
		}
		last := c.path[len(c.path)-1]
		if at[last] = c.value; c.value == nil {
			delete(at, last)
		}
		if schema.Validate(whole) == nil {
			t.Errorf("the schema accepts %s of part %d with the value %v", strings.Join(c.path, "."), c.in, c.value)
		}
	}
}

// The pictures named for cards and search engines exist and have the stated size.
func TestNamedPicturesExist(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	graph, doc := s.structuredData(t, "/live/summit")
	sizes := map[string][2]string{doc.Find(`meta[property="og:image"]`).AttrOr("content", ""): {
		doc.Find(`meta[property="og:image:width"]`).AttrOr("content", ""),
		doc.Find(`meta[property="og:image:height"]`).AttrOr("content", "")}}
	for _, picture := range []any{graph[0]["image"], graph[0]["publisher"].(map[string]any)["logo"]} {
		p := picture.(map[string]any)
		sizes[p["url"].(string)] = [2]string{fmt.Sprint(p["width"]), fmt.Sprint(p["height"])}
	}
	sizes[testBase+doc.Find(`link[rel="apple-touch-icon"]`).AttrOr("href", "")] = [2]string{"180", "180"}
	if len(sizes) != 3 {
		t.Errorf("the pictures are %v", sizes)
	}
	for address, size := range sizes {
		path, ok := strings.CutPrefix(address, testBase)
		if !ok {
			t.Errorf("the picture %q is not on this site", address)
			continue
		}
		a := s.do(t, "GET", path, "").want(t, 200).header(t, "Content-Type", "image/png")
		got, err := png.DecodeConfig(bytes.NewReader(a.body))
		if err != nil || fmt.Sprint(got.Width) != size[0] || fmt.Sprint(got.Height) != size[1] {
			t.Errorf("%s is %d by %d, stated %v: %v", path, got.Width, got.Height, size, err)
		}
	}
	if alt := doc.Find(`meta[property="og:image:alt"]`).AttrOr("content", ""); alt == "" {
		t.Error("the picture has no alternative text")
	}
}

// Each page for search engines has a canonical address; other pages ask not to be indexed.
func TestCanonicalAddresses(t *testing.T) {
	t.Parallel()
	s := newRecordSite(t)
	for path, want := range map[string]string{
		"/": "/", "/live/summit": "/live/summit", "/live/summit?utm_source=x": "/live/summit",
		"/live/summit/1":        "/live/summit/1",
		"/live/summit?before=3": "/live/summit?before=3", "/live/summit?around=3": "/live/summit/3",
		"/live/summit/board":  "/live/summit/board",
		"/live/summit/claims": "/live/summit/claims", "/live/summit/positions": "/live/summit/positions",
		"/live/summit/briefing": "/live/summit/briefing",
		"/live/summit/agenda":   "/live/summit/agenda", "/live/summit/corrections": "/live/summit/corrections",
		"/live/summit/readouts/leaders": "/live/summit/readouts/leaders",
	} {
		doc := s.do(t, "GET", path, "").want(t, 200).document(t)
		robots := doc.Find(`meta[name=robots]`).AttrOr("content", "")
		found := doc.Find("link[rel=canonical], meta[property='og:url']").
			Map(func(_ int, e *goquery.Selection) string { return e.AttrOr("href", e.AttrOr("content", "")) })
		if !slices.Equal(found, []string{testBase + want, testBase + want}) || robots != "max-image-preview:large" {
			t.Errorf("%s has the canonical address %v and robots “%s”", path, found, robots)
		}
	}
	for _, path := range []string{"/live/summit/search?q=a", "/embed/summit", "/login"} {
		if robots := s.do(t, "GET", path, "").document(t).Find(`meta[name=robots]`).
			AttrOr("content", ""); !strings.Contains(robots, "noindex") {
			t.Errorf("%s has robots “%s”", path, robots)
		}
	}
}

// Pages and the API read the store's shared lists of what was stated; none of them may change those.
func TestReadersDoNotChangeTheTalks(t *testing.T) {
	t.Parallel()
	s := newRecordSite(t)
	s.post(t, `{"body":"B","acts":[{"kind":"claim","claim":"pause","status":"reported","text":"A pause."},
		{"kind":"move","track":"rare-earths","to":"raised"},
		{"kind":"position","party":"china","track":"rare-earths","text":"No."},
		{"kind":"figure","figure":"tariff","value":"47","unit":"%"}]}`)
	_, before, err := s.store.Talks(t.Context(), "summit", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	was, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"", "/1", "?before=5", "/board", "/board/rare-earths", "/positions", "/claims",
		"/figures", "/agenda", "/agenda.ics", "/speakers",
		"/speakers/wu-xinbo", "/readouts", "/readouts/leaders", "/texts", "/texts/joint-statement", "/briefing",
		"/feed.atom", "/feed.rss", "/feed.json"} {
		s.do(t, "GET", "/live/summit"+page, "").want(t, 200)
	}
	for _, part := range data.Parts {
		s.call(t, liveblog.Editor, "GET", "/blogs/summit/"+part.Name, "").want(t, 200)
	}
	_, after, err := s.store.Talks(t.Context(), "summit", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if &before.Claims[0] != &after.Claims[0] {
		t.Error("the talks were folded again, so they are not shared")
	}
	if is, err := json.Marshal(after); err != nil || !bytes.Equal(was, is) {
		t.Errorf("the talks were\n%s and are\n%s (%v)", was, is, err)
	}
}

func TestSitemapsFollowTheBlog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	has := func(path, entry string, want bool) {
		t.Helper()
		a := s.do(t, "GET", path, "", "Accept-Encoding", "identity").want(t, 200).
			header(t, "Cache-Control", web.CacheLive)
		if got := strings.Contains(string(a.body), "<loc>"+testBase+entry+"</loc>"); got != want {
			t.Errorf("%s has %s: %t, want %t", path, entry, got, want)
		}
	}
	for _, path := range []string{"/sitemap.xml", "/sitemap-news.xml"} {
		has(path, "/live/summit/1", true)
	}
	number := s.post(t, `{"body":"Two."}`).Number
	entry := fmt.Sprint("/live/summit/", number)
	for _, path := range []string{"/sitemap.xml", "/sitemap-news.xml"} {
		has(path, entry, true)
	}
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/"+fmt.Sprint(number), "").want(t, 204)
	for _, path := range []string{"/sitemap.xml", "/sitemap-news.xml"} {
		has(path, entry, false)
	}
	for range 10 {
		s.post(t, `{"body":"More."}`)
	}
	kept := s.do(t, "GET", "/sitemap.xml", "", "Accept-Encoding", "gzip").want(t, 200).
		header(t, "Content-Encoding", "gzip").Header.Get("ETag")
	s.store.down.Store(true)
	s.do(t, "GET", "/sitemap.xml", "", "Accept-Encoding", "gzip").want(t, 200).
		header(t, "Cache-Control", "no-cache").header(t, "ETag", kept)
}
