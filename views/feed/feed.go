// Package feed renders a blog as Atom, RSS and JSON Feed, and the site's pages as sitemaps.
package feed

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views"
	"readout/views/markdown"
)

// Page is the input of a page of a feed, with the entries by time, the newest first.
type Page struct {
	Site   views.Site
	Page   liveblog.Page
	Path   string // of the feed's first page
	Before int    // the number of the entry behind which the page begins; 0 for the first page
}

// feed is the content that all three formats share, with absolute addresses.
type feed struct {
	title, subtitle string
	language        string
	id, self, home  string
	first, next     string // the feed's first and next page; empty on that page and on the last one
	author          string // for entries that name none
	updated         time.Time
	items           []feedItem
}

// feedItem is an entry in a feed. Its id never changes. updated is when the entry was last changed, or when a later
// entry last changed the status of a claim in it. If a claim changes because an older entry is edited or removed,
// html changes but updated does not.
type feedItem struct {
	id, link             string
	title, summary, html string
	author               string
	published, updated   time.Time
}

func newFeed(p Page) feed {
	ed := views.NewEdition(p.Page.Head.Blog)
	f := feed{
		title: views.Directed(ed.Title, ed.Language), subtitle: views.Directed(ed.Standfirst, ed.Language),
		language: ed.Language, id: tagURI(p.Site, ed, ed.Path()),
		self: p.address(p.Before), home: p.Site.BaseURL + ed.Path(), author: p.Site.Name, updated: ed.ChangedAt,
	}
	if p.Before != 0 {
		f.first = p.address(0)
	}
	if n := len(p.Page.Entries); p.Page.Older && n > 0 {
		f.next = p.address(p.Page.Entries[n-1].Number)
	}
	for _, e := range p.Page.Entries {
		item := feedItem{
			id: tagURI(p.Site, ed, ed.EntryPath(e.Number)), link: p.Site.BaseURL + ed.EntryPath(e.Number),
			title:   views.Directed(views.NameOf(e), ed.Language),
			summary: views.Directed(markdown.Excerpt(e.Body), ed.Language),
			html:    views.Fragment(content(ed, &p.Page.Talks, e)),
			author:  e.Author, published: e.PublishedAt, updated: e.UpdatedAt,
		}
		for _, c := range claimsOf(&p.Page.Talks, e.Acts) {
			if c.By.At.After(item.updated) {
				item.updated = c.By.At
			}
		}
		f.items = append(f.items, item)
	}
	return f
}

// address returns the address of the page that begins behind an entry, or of the first page for 0.
func (p Page) address(before int) string {
	if before == 0 {
		return p.Site.BaseURL + p.Path
	}
	return p.Site.BaseURL + p.Path + "?before=" + strconv.Itoa(before)
}

// Limits on the claims that an entry repeats in a feed because its own claims rest on them. A chain of claims can be as
// long as the blog has claims, and every entry of the feed would repeat it.
const (
	maxBasisDepth  = 8  // per claim of the entry
	maxBasisClaims = 50 // per entry
)

// claimsOf returns the present state of the claims that acts make or cite, and of the claims that these rest on.
func claimsOf(t *liveblog.Talks, acts liveblog.Acts) (all []liveblog.ClaimStanding) {
	seen := map[string]bool{}
	remaining := maxBasisClaims
	for _, id := range acts.Cited() {
		for depth := 0; id != "" && !seen[id] && depth <= maxBasisDepth; depth++ {
			if depth > 0 {
				if remaining == 0 {
					break
				}
				remaining--
			}
			seen[id] = true
			c, ok := t.Claim(id)
			if !ok {
				break
			}
			all = append(all, c)
			id = liveblog.RestsOn(c.Attribution)
		}
	}
	return all
}

// tagURI returns a permanent id (RFC 4151) for the page at path. It does not depend on the scheme and port of the site.
func tagURI(site views.Site, ed views.Edition, path string) string {
	authority := "readout.invalid"
	if u, err := url.Parse(site.BaseURL); err == nil && u.Hostname() != "" {
		authority = strings.ReplaceAll(strings.ToLower(u.Hostname()), ":", "-") // an IPv6 address has colons
	}
	return "tag:" + authority + "," + ed.CreatedAt.UTC().Format(time.DateOnly) + ":" + path
}
