package handlers

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/handlers/partner"
	"readout/handlers/web"
	"readout/liveblog"
	"readout/views/data"

	"github.com/PuerkitoBio/goquery"
	"github.com/mmcdole/gofeed"
)

var feedNames = map[string]string{"feed.atom": "application/atom+xml", "feed.rss": "application/rss+xml",
	"feed.json": "application/feed+json"}

// read parses a feed with an independent library.
func (a answer) read(t *testing.T) *gofeed.Feed {
	t.Helper()
	f, err := gofeed.NewParser().Parse(bytes.NewReader(a.want(t, 200).body))
	if err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return f
}

func (s *site) feed(t *testing.T, name string, headers ...string) answer {
	t.Helper()
	return s.do(t, "GET", "/live/summit/"+name, "", headers...)
}

func TestFeedsWithAnIndependentParser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit",
		`{"title":"The <summit> & its ]]> talks","standfirst":"What is agreed.","language":"en-GB"}`).want(t, 200)
	const headline = `Tariffs <b>& more ]]> “now” </title>`
	e := s.post(t, `{"headline":"Tariffs <b>& more ]]> “now” </title>",`+
		`"body":"One <script>alert(1)</script> & ]]> two \uffff.\n\n`+
		`| a | b |\n| - | - |\n| 1 | 2 |\n\n[A source](https://news.example/?a=1&b=2)"}`)
	s.post(t, `{"body":"Without a headline, so that the beginning of the text has to stand for it."}`)
	for name, kind := range feedNames {
		f := s.feed(t, name).header(t, "Content-Type", kind+"; charset=utf-8").read(t)
		if f.Title != "The <summit> & its ]]> talks" || f.Description != "What is agreed." || f.Language != "en-GB" {
			t.Errorf("%s has the title %q, the description %q and the language %q", name, f.Title,
				f.Description, f.Language)
		}
		if f.Link != testBase+"/live/summit" || f.FeedLink != testBase+"/live/summit/"+name {
			t.Errorf("%s links to %q and says that its own address is %q", name, f.Link, f.FeedLink)
		}
		if len(f.Items) != 2 {
			t.Fatalf("%s has %d items", name, len(f.Items))
		}
		newer, item := f.Items[0], f.Items[1]
		if newer.Title != "Without a headline, so that the beginning of the text has to stand for it." {
			t.Errorf("%s: the title of the entry without a headline is %q", name, newer.Title)
		}
		if item.Title != headline || item.Link != testBase+"/live/summit/1" || len(item.Authors) != 1 ||
			item.Authors[0].Name != e.Author {
			t.Errorf("%s: the item has the title %q, the link %q and the authors %v", name, item.Title,
				item.Link, item.Authors)
		}
		if !strings.HasPrefix(item.GUID, "tag:live.example,20") || !strings.HasSuffix(item.GUID, ":/live/summit/1") {
			t.Errorf("%s: the id is %q", name, item.GUID)
		}
		if p := item.PublishedParsed; p == nil || e.PublishedAt.Sub(*p).Abs() >= time.Second {
			t.Errorf("%s: published %v, want %v", name, item.Published, e.PublishedAt)
		}
		if u := item.UpdatedParsed; u == nil || !u.Equal(e.UpdatedAt) {
			t.Errorf("%s: updated %v, want %v", name, item.Updated, e.UpdatedAt)
		}
		for what, html := range map[string]string{"content": item.Content} {
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
			if err != nil {
				t.Fatal(err)
			}
			if doc.Find("script").Length() != 0 ||
				!strings.Contains(doc.Text(), "One <script>alert(1)</script> & ]]> two") {
				t.Errorf("%s: the %s is %s", name, what, html)
			}
			if doc.Find("table td").Length() != 2 || doc.Find(`a[href="https://news.example/?a=1&b=2"]`).Length() != 1 {
				t.Errorf("%s: the %s has lost its table or its link: %s", name, what, html)
			}
		}
	}
}

// It checks rules of the formats that lenient parsers ignore.
func TestFeedsFollowTheirFormats(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	empty := func(name string) string { return string(s.feed(t, name).want(t, 200).body) }
	for name := range feedNames {
		if f := s.feed(t, name).read(t); len(f.Items) != 0 || f.Title == "" ||
			strings.Contains(empty(name), "0001-01-01") {
			t.Errorf("%s of a blog without entries is %s", name, empty(name))
		}
	}
	for i := range 3 {
		s.post(t, fmt.Sprintf(`{"headline":"Entry %d","body":"Text."}`, i))
	}

	var atom struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
		ID      []string `xml:"id"`
		Title   []string `xml:"title"`
		Updated []string `xml:"updated"`
		Author  []string `xml:"author>name"`
		Links   []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
		Entries []struct {
			ID      []string `xml:"id"`
			Title   []string `xml:"title"`
			Updated []string `xml:"updated"`
			Content []struct {
				Type string `xml:"type,attr"`
			} `xml:"content"`
			Links []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	body := s.feed(t, "feed.atom").body
	strictXML(t, body)
	if err := xml.Unmarshal(body, &atom); err != nil {
		t.Fatal(err)
	}
	if len(atom.ID) != 1 || len(atom.Title) != 1 || len(atom.Updated) != 1 || len(atom.Author) != 1 ||
		len(atom.Links) != 2 || atom.Lang != "en" {
		t.Errorf("the Atom feed is %+v", atom)
	}
	ids := slices.Clone(atom.ID)
	for _, e := range atom.Entries {
		if len(e.ID) != 1 || len(e.Title) != 1 || len(e.Updated) != 1 || len(e.Content) != 1 ||
			e.Content[0].Type != "html" || len(e.Links) != 1 {
			t.Errorf("an Atom entry is %+v", e)
		}
		if _, err := time.Parse(time.RFC3339, e.Updated[0]); err != nil {
			t.Error(err)
		}
		if e.Links[0].Rel != "alternate" {
			t.Errorf("the entry’s link is %+v", e.Links[0])
		}
		atom.Links, ids = append(atom.Links, e.Links[0]), append(ids, e.ID[0])
	}
	for _, l := range atom.Links {
		if u, err := url.Parse(l.Href); err != nil || !u.IsAbs() {
			t.Errorf("the link %q is not absolute", l.Href)
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != 4 {
		t.Errorf("ids are not unique: %v", ids)
	}

	body = s.feed(t, "feed.rss").body
	strictXML(t, body)
	var rss struct {
		Version string `xml:"version,attr"`
		Items   []struct {
			GUID struct {
				PermaLink string `xml:"isPermaLink,attr"`
			} `xml:"guid"`
			PubDate string `xml:"pubDate"`
			Content string `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
			Creator string `xml:"http://purl.org/dc/elements/1.1/ creator"`
		} `xml:"channel>item"`
		Self []struct {
			Href string `xml:"href,attr"`
		} `xml:"channel>http://www.w3.org/2005/Atom link"`
	}
	if err := xml.Unmarshal(body, &rss); err != nil {
		t.Fatal(err)
	}
	if rss.Version != "2.0" || len(rss.Items) != 3 {
		t.Fatalf("the RSS feed is %+v", rss)
	}
	for _, i := range rss.Items {
		if _, err := time.Parse(time.RFC1123, i.PubDate); err != nil || i.GUID.PermaLink != "false" ||
			i.Content == "" || i.Creator == "" {
			t.Errorf("an RSS item is %+v: %v", i, err)
		}
	}

	var feed map[string]any
	s.feed(t, "feed.json").json(t, &feed)
	if feed["version"] != "https://jsonfeed.org/version/1.1" || feed["feed_url"] != testBase+"/live/summit/feed.json" ||
		feed["language"] != "en" {
		t.Errorf("the JSON feed is %v", feed)
	}
	for _, item := range feed["items"].([]any) {
		for _, field := range []string{"id", "url", "title", "content_html", "date_published",
			"date_modified", "authors"} {
			if item.(map[string]any)[field] == nil {
				t.Errorf("an item has no %s: %v", field, item)
			}
		}
	}
}

// strictXML fails if a strict parser does.
func strictXML(t *testing.T, body []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
	}
}

func TestFeedHasTheNewestByTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range partner.FeedEntries + 5 {
		s.post(t, fmt.Sprintf(`{"headline":"Entry %d","body":"Text."}`, i+1))
	}
	for _, n := range []int{1, 2, 30} {
		s.call(t, liveblog.Editor, "PATCH", fmt.Sprintf("/blogs/summit/entries/%d", n), `{"pinned":true}`).want(t, 200)
	}
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"Not yet.","status":"draft"}`).want(t, 201)
	for name := range feedNames {
		items := s.feed(t, name).read(t).Items
		if len(items) != partner.FeedEntries {
			t.Fatalf("%s has %d items", name, len(items))
		}
		for i, item := range items {
			if want := fmt.Sprintf("Entry %d", partner.FeedEntries+5-i); item.Title != want {
				t.Errorf("%s has %q at index %d, want %q", name, item.Title, i, want)
			}
		}
	}
}

func TestFeedsFollowAnEntrysChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"headline":"First","body":"Text."}`)
	s.post(t, `{"headline":"Second","body":"Text."}`)
	for name := range feedNames {
		before := s.feed(t, name)
		was := before.read(t).Items[1]
		var edited data.Entry
		s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1",
			fmt.Sprintf(`{"body":"Other text, for %s."}`, name)).want(t, 200).json(t, &edited)
		is := s.feed(t, name, "If-None-Match", before.Header.Get("ETag")).read(t).Items[1]
		if is.GUID != was.GUID || !is.UpdatedParsed.Equal(edited.UpdatedAt) ||
			!is.UpdatedParsed.After(*was.UpdatedParsed) || is.Published != was.Published {
			t.Errorf("%s: the entry had the id %s and the time %s, and now has %s and %s", name, was.GUID,
				was.Updated, is.GUID, is.Updated)
		}
		if !strings.Contains(is.Content, "Other text, for "+name) {
			t.Errorf("%s: the entry is %s", name, is.Content)
		}
	}
	last := map[string]string{}
	for name := range feedNames {
		last[name] = s.feed(t, name).Header.Get("Last-Modified")
	}
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/2", "").want(t, 204)
	for name := range feedNames {
		// A client that only compares dates notices it as well.
		if items := s.feed(t, name, "If-Modified-Since", last[name]).read(t).Items; len(items) != 1 ||
			items[0].Title != "First" {
			t.Errorf("%s after the removal has %d items", name, len(items))
		}
	}
}

func TestClaimChangesReachTheFeeds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"It is said.","acts":[{"kind":"claim","claim":"walkout","status":"reported","text":"One side `+
		`has left."}]}`)
	s.post(t, `{"body":"So more is said.","acts":[{"kind":"claim","claim":"no-summit","status":"reported",
		"text":"The summit is off.","attribution":"claim:walkout"}]}`)
	for i := range 200 {
		claim := []string{"walkout", "no-summit"}[i%2]
		s.post(t, fmt.Sprintf(`{"headline":"Entry %d","body":"Text.","acts":[{"kind":"cite","claim":"%s"}]}`, i, claim))
	}
	tags := map[string]string{}
	for name := range feedNames {
		a := s.feed(t, name)
		tags[name] = a.Header.Get("ETag")
		for _, item := range a.read(t).Items {
			if !strings.Contains(item.Content, "Reported") || strings.Contains(item.Content, "Denied") {
				t.Fatalf("%s: the content of an entry is %s", name, item.Content)
			}
		}
	}
	denial := s.post(t, `{"headline":"Denied","body":"Nobody has `+
		`left.","acts":[{"kind":"claim","claim":"walkout","status":"denied","attribution":"both sides"}]}`)
	for name := range feedNames {
		items := s.feed(t, name, "If-None-Match", tags[name]).read(t).Items
		if len(items) != partner.FeedEntries {
			t.Fatalf("%s has %d items", name, len(items))
		}
		for _, item := range items {
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(item.Content))
			if err != nil {
				t.Fatal(err)
			}
			if got := doc.Find("li strong").Text(); !strings.Contains(got, "Denied") {
				t.Errorf("%s: the content of %s is %s", name, item.Title, item.Content)
			}
			if !item.UpdatedParsed.Equal(*denial.PublishedAt) {
				t.Errorf("%s: %s is updated %s, want the time of the denial, %v", name, item.Title,
					item.Updated, denial.PublishedAt)
			}
		}
	}
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/1", "").want(t, 204)
	s.call(t, liveblog.Editor, "DELETE", fmt.Sprintf("/blogs/summit/entries/%d", denial.Number), "").want(t, 204)
	for name := range feedNames {
		if item := s.feed(t, name).read(t).Items[0]; !strings.Contains(item.Content, "has been taken back") {
			t.Errorf("%s: the content of an entry whose claim was taken back is %s", name, item.Content)
		}
	}
}

func TestFeedsAreCached(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	e := s.post(t, `{"headline":"First","body":"Text."}`)
	for name := range feedNames {
		reads := s.store.pages.Load()
		a := s.feed(t, name).want(t, 200).header(t, "Cache-Control", web.CacheLive).
			header(t, "X-Content-Type-Options", "nosniff")
		a.header(t, "Last-Modified", e.UpdatedAt.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
		tag := a.Header.Get("ETag")
		if tag == "" {
			t.Fatalf("%s has no ETag", name)
		}
		again := s.feed(t, name, "If-None-Match", tag).want(t, 304).header(t, "ETag", tag)
		if len(again.body) != 0 {
			t.Errorf("%s: a 304 has a body of %d bytes", name, len(again.body))
		}
		s.feed(t, name+"?utm_source=reader", "Accept-Encoding", "gzip").want(t, 200)
		if got := s.store.pages.Load() - reads; got != 1 {
			t.Errorf("%s took %d reads of the store for one version", name, got)
		}
	}
	s.store.down.Store(true)
	for name := range feedNames {
		s.feed(t, name).want(t, 200).header(t, "Cache-Control", "no-cache")
	}
	s.store.down.Store(false)
	for name := range feedNames {
		s.do(t, "GET", "/live/nowhere/"+name, "").want(t, 404)
	}
	s.feed(t, "feed.xml").want(t, 404)
}

func TestPagesLinkToTheirFeeds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"headline":"First","body":"Text."}`)
	s.post(t, `{"headline":"Second","body":"Text."}`)
	for path, want := range map[string]int{
		"/live/summit": 3, "/live/summit/1": 3, "/live/summit?before=2": 3, "/live/summit/board": 3,
		"/": 0, "/embed/summit": 0,
	} {
		links := s.do(t, "GET", path, "").want(t, 200).document(t).Find(`head link[rel="alternate"]`)
		if links.Length() != want {
			t.Errorf("%s links to %d feeds, want %d", path, links.Length(), want)
		}
		links.Each(func(_ int, l *goquery.Selection) {
			kind, title := l.AttrOr("type", ""), l.AttrOr("title", "")
			s.do(t, "GET", l.AttrOr("href", ""), "").want(t, 200).header(t, "Content-Type", kind+"; charset=utf-8")
			if title == "" {
				t.Errorf("%s links to a feed without a title", path)
			}
		})
	}
}
