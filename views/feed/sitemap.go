package feed

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views"
	"readout/views/talks"
)

// Limits of sitemaps.
const (
	MaxSitemap = 50_000         // addresses; set by sitemaps.org
	MaxNews    = 1_000          // addresses; set by Google News
	NewsAge    = 48 * time.Hour // set by Google News
)

// SitemapPage is the input of a sitemap.
type SitemapPage struct {
	Site    views.Site
	Blogs   []liveblog.Blog
	Talks   map[string][]string // by the slug of a blog, its pages of the talks; see [FilledTalks]
	Entries []liveblog.Address  // newest first
	Since   time.Time           // a news sitemap leaves out blogs that went live earlier
}

type urlset struct {
	XMLName xml.Name     `xml:"urlset"`
	XMLNS   string       `xml:"xmlns,attr"`
	News    string       `xml:"xmlns:news,attr,omitempty"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Loc     string       `xml:"loc"`
	LastMod string       `xml:"lastmod,omitempty"`
	News    *sitemapNews `xml:"news:news"`
}

type sitemapNews struct {
	Publication struct {
		Name     string `xml:"news:name"`
		Language string `xml:"news:language"`
	} `xml:"news:publication"`
	Date  string `xml:"news:publication_date"`
	Title string `xml:"news:title"`
}

const sitemapNamespace = "http://www.sitemaps.org/schemas/sitemap/0.9"

// FilledTalks returns the names of the pages of the talks that are not empty.
func FilledTalks(t *liveblog.Talks) (pages []string) {
	accounts := slices.ContainsFunc(t.Readouts, func(m liveblog.MeetingAccounts) bool { return len(m.Accounts) > 0 })
	filled := map[string]bool{"board": len(t.Board) > 0, "positions": len(t.Positions) > 0, "claims": len(t.Claims) > 0,
		"figures": len(t.Figures) > 0, "agenda": len(t.Agenda) > 0, "speakers": len(t.Quotes) > 0, "readouts": accounts,
		"texts": len(t.Texts) > 0, "briefing": talks.HasContent(t)}
	for _, page := range talks.Pages {
		if filled[page] {
			pages = append(pages, page)
		}
	}
	return pages
}

// Sitemap lists the site's pages, at most [MaxSitemap]: first those of the blogs, then entries, newest first.
func Sitemap(p SitemapPage) ([]byte, error) {
	set := urlset{XMLNS: sitemapNamespace, URLs: []sitemapURL{{Loc: p.Site.BaseURL + "/"}}}
	for _, b := range p.Blogs {
		blog := p.Site.BaseURL + "/live/" + b.Slug
		set.URLs = append(set.URLs, sitemapURL{Loc: blog, LastMod: formatTime(b.ChangedAt)})
		for _, page := range p.Talks[b.Slug] {
			set.URLs = append(set.URLs, sitemapURL{Loc: blog + "/" + page})
		}
		set.URLs = append(set.URLs, sitemapURL{Loc: blog + "/corrections"})
	}
	for _, e := range p.Entries {
		set.URLs = append(set.URLs, sitemapURL{Loc: p.Site.BaseURL + entryAddress(e), LastMod: formatTime(e.UpdatedAt)})
	}
	set.URLs = set.URLs[:min(len(set.URLs), MaxSitemap)]
	return marshalXML(set)
}

// NewsSitemap lists the new blogs and entries, at most [MaxNews], in the format of Google News.
func NewsSitemap(p SitemapPage) ([]byte, error) {
	set := urlset{XMLNS: sitemapNamespace, News: "http://www.google.com/schemas/sitemap-news/0.9"}
	add := func(path, language, title string, published time.Time) {
		u := sitemapURL{Loc: p.Site.BaseURL + path, News: &sitemapNews{Date: formatTime(published), Title: title}}
		u.News.Publication.Name, u.News.Publication.Language = p.Site.Name, newsLanguage(language)
		set.URLs = append(set.URLs, u)
	}
	for _, b := range p.Blogs {
		if b.StartedAt.After(p.Since) { // upcoming blogs, which have not started, are not news yet
			add("/live/"+b.Slug, b.Language, b.Title, b.StartedAt)
		}
	}
	for _, e := range p.Entries {
		title := views.NameOf(liveblog.Entry{Headline: e.Headline, Body: e.Beginning})
		if title != "" {
			add(entryAddress(e), e.Language, title, e.PublishedAt)
		}
	}
	set.URLs = set.URLs[:min(len(set.URLs), MaxNews)]
	return marshalXML(set)
}

func entryAddress(e liveblog.Address) string { return "/live/" + e.Slug + "/" + strconv.Itoa(e.Number) }

// newsLanguage returns the ISO 639 code of a language, or one of Google's two codes for Chinese.
func newsLanguage(tag string) string {
	primary, second, _ := cutTag(tag)
	if primary != "zh" {
		return primary
	}
	switch second {
	case "hant", "tw", "hk", "mo":
		return "zh-tw"
	}
	return "zh-cn"
}

// cutTag returns the first two subtags of a language tag in lower case.
func cutTag(tag string) (primary, second string, ok bool) {
	primary, rest, ok := strings.Cut(strings.ToLower(tag), "-")
	second, _, _ = strings.Cut(rest, "-")
	return primary, second, ok
}
