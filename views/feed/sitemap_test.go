package feed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views"
)

// sitemapEntry is an address in a sitemap as crawlers read it, with elements in their namespaces.
type sitemapEntry struct {
	Loc     []string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 loc"`
	LastMod []string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 lastmod"`
	News    []struct {
		Name     []string `xml:"http://www.google.com/schemas/sitemap-news/0.9 publication>name"`
		Language []string `xml:"http://www.google.com/schemas/sitemap-news/0.9 publication>language"`
		Date     []string `xml:"http://www.google.com/schemas/sitemap-news/0.9 publication_date"`
		Title    []string `xml:"http://www.google.com/schemas/sitemap-news/0.9 title"`
	} `xml:"http://www.google.com/schemas/sitemap-news/0.9 news"`
}

// readSitemap parses a sitemap and fails if it breaks the schema.
func readSitemap(t *testing.T, body []byte) []sitemapEntry {
	t.Helper()
	if !bytes.HasPrefix(body, []byte(xml.Header)) || len(body) > 50<<20 {
		t.Errorf("a sitemap of %d bytes begins with %.60q", len(body), body)
	}
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	var set struct {
		XMLName xml.Name       `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []sitemapEntry `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 url"`
	}
	if err := xml.Unmarshal(body, &set); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range set.URLs {
		if len(e.Loc) != 1 || len(e.LastMod) > 1 || len(e.News) > 1 {
			t.Fatalf("an address is %+v", e)
		}
		u, err := url.Parse(e.Loc[0])
		if err != nil || !u.IsAbs() || u.Host != "readout.example" || seen[e.Loc[0]] || len(e.Loc[0]) >= 2048 {
			t.Errorf("the address %q: %v, there before: %v", e.Loc[0], err, seen[e.Loc[0]])
		}
		seen[e.Loc[0]] = true
		dates := e.LastMod
		for _, n := range e.News {
			if len(n.Name) != 1 || len(n.Language) != 1 || len(n.Date) != 1 || len(n.Title) != 1 || n.Title[0] == "" {
				t.Fatalf("news are %+v", n)
			}
			dates = append(dates, n.Date[0])
		}
		for _, d := range dates {
			if _, err := time.Parse("2006-01-02T15:04:05Z07:00", d); err != nil { // W3C Datetime
				t.Error(err)
			}
		}
	}
	return set.URLs
}

const base = "https://readout.example"

// sitemapOf is a sitemap with blogs and with entries of the first blog, numbered from the oldest.
func sitemapOf(blogs, entries int) SitemapPage {
	at := time.Date(2025, 10, 30, 2, 0, 0, 123456000, time.UTC)
	p := SitemapPage{Site: views.Site{Name: "The <Readout>", BaseURL: base}, Since: at.Add(-NewsAge)}
	for i := range blogs {
		p.Blogs = append(p.Blogs, liveblog.Blog{
			Slug: fmt.Sprint("talks-", i), Title: "Talks & more", Language: "ko", TimeZone: "Asia/Seoul",
			CreatedAt: at, UpdatedAt: at, ChangedAt: at.Add(time.Hour), StartedAt: at,
		})
	}
	for i := range entries {
		e := liveblog.Address{
			Slug: "talks-0", Number: entries - i, Headline: "What is <said>", Language: "ko",
			PublishedAt: at.Add(-time.Duration(i) * time.Second),
		}
		e.UpdatedAt = e.PublishedAt.Add(time.Minute)
		p.Entries = append(p.Entries, e)
	}
	return p
}

func TestSitemapKeepsItsLimit(t *testing.T) {
	t.Parallel()
	body, err := Sitemap(sitemapOf(3, MaxSitemap))
	if err != nil {
		t.Fatal(err)
	}
	all := readSitemap(t, body)
	if len(all) != 50_000 || all[0].Loc[0] != base+"/" || all[1].Loc[0] != base+"/live/talks-0" {
		t.Fatalf("the sitemap has %d addresses, the first ones %+v", len(all), all[:2])
	}
	// The newest entries come first; the oldest are left out.
	const pages = 1 + 3*2
	first, last := all[pages], all[len(all)-1]
	if first.Loc[0] != base+"/live/talks-0/50000" || last.Loc[0] != fmt.Sprint(base+"/live/talks-0/", pages+1) {
		t.Errorf("the entries are those from %s to %s", first.Loc[0], last.Loc[0])
	}
	if first.LastMod[0] != "2025-10-30T02:01:00.123456Z" {
		t.Errorf("the newest entry was changed %s", first.LastMod[0])
	}
	if all[1].LastMod[0] != "2025-10-30T03:00:00.123456Z" {
		t.Errorf("the blog was changed %s", all[1].LastMod[0])
	}
}

func TestNewsSitemapKeepsItsLimits(t *testing.T) {
	t.Parallel()
	p := sitemapOf(2, MaxNews+200)
	p.Blogs[1].StartedAt = p.Since.Add(-time.Second)
	created := p.Since.Add(time.Hour)
	p.Blogs = append(p.Blogs, liveblog.Blog{
		Slug: "announced", Title: "Announced", Language: "en", TimeZone: "UTC", CreatedAt: created, UpdatedAt: created,
	})
	body, err := NewsSitemap(p)
	if err != nil {
		t.Fatal(err)
	}
	all := readSitemap(t, body)
	if len(all) != 1000 || all[0].Loc[0] != base+"/live/talks-0" || all[1].Loc[0] != base+"/live/talks-0/1200" {
		t.Fatalf("the news are %d, the first ones %+v", len(all), all[:2])
	}
	for _, e := range all {
		if len(e.News) != 1 || e.News[0].Name[0] != "The <Readout>" || e.News[0].Language[0] != "ko" {
			t.Fatalf("news are %+v", e)
		}
		if strings.Contains(e.Loc[0], "talks-1") || strings.Contains(e.Loc[0], "announced") {
			t.Errorf("%s should not be in the news", e.Loc[0])
		}
	}
	if n := all[1].News[0]; n.Title[0] != "What is <said>" || n.Date[0] != "2025-10-30T02:00:00.123456Z" {
		t.Errorf("the newest entry is %+v", n)
	}
}

func TestNewsLanguages(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"en": "en", "en-GB": "en", "KO": "ko", "pt-BR": "pt", "ar": "ar",
		"zh": "zh-cn", "zh-Hans": "zh-cn", "zh-CN": "zh-cn",
		"zh-Hant": "zh-tw", "zh-TW": "zh-tw", "zh-HK": "zh-tw", "zh-Hant-HK": "zh-tw",
	} {
		if got := newsLanguage(tag); got != want {
			t.Errorf("the language of %s is %s, want %s", tag, got, want)
		}
	}
}
