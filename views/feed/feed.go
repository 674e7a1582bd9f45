package feed

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views"
	"readout/views/markdown"
)

// Page is what a feed of a blog tells: the newest of Page.Entries by their time, at most Limit.
type Page struct {
	Site  views.Site
	Page  liveblog.Page
	Self  string // the feed's own path
	Limit int
}

// feed is what all three forms say, with absolute addresses.
type feed struct {
	title, subtitle string
	language        string
	id, self, home  string
	author          string // where an entry names none
	updated         time.Time
	items           []feedItem
}

// feedItem is an entry. Its id never changes; updated is the latest change of what html says, as far as entries tell it:
// of the entry, or of the status of a claim that it rests on. A claim that changes by an edit or a removal of an older
// entry changes only html.
type feedItem struct {
	id, link             string
	title, summary, html string
	author               string
	published, updated   time.Time
}

func newFeed(p Page) feed {
	ed := views.NewEdition(p.Page.Head.Blog)
	f := feed{
		title: ed.Title, subtitle: ed.Standfirst, language: ed.Language, id: tagURI(p.Site, ed, ed.Path()),
		self: p.Site.BaseURL + p.Self, home: p.Site.BaseURL + ed.Path(), author: p.Site.Name, updated: ed.ChangedAt,
	}
	entries := slices.Clone(p.Page.Entries)
	slices.SortFunc(entries, func(a, b liveblog.Entry) int {
		return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), b.Number-a.Number)
	})
	for _, e := range entries[:min(len(entries), p.Limit)] {
		item := feedItem{
			id: tagURI(p.Site, ed, ed.EntryPath(e.Number)), link: p.Site.BaseURL + ed.EntryPath(e.Number),
			title: views.NameOf(e), summary: markdown.Excerpt(e.Body), html: views.Fragment(feedContent(ed, &p.Page.Talks, e)),
			author: e.Author, published: e.PublishedAt, updated: e.UpdatedAt,
		}
		for _, c := range feedClaimsOf(&p.Page.Talks, e.Acts) {
			item.updated = feedLater(item.updated, c.By.At)
		}
		f.items = append(f.items, item)
	}
	return f
}

func feedLater(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// How far an entry of a feed follows what its claims rest on. Chains may be as long as a blog has claims, and each entry
// of a feed would repeat them.
const (
	feedGroundSteps = 8  // of one claim
	feedGrounds     = 50 // of an entry
)

// feedClaimsOf returns the claims that acts state or cite, and those that these rest on, as they stand.
func feedClaimsOf(t *liveblog.Talks, acts liveblog.Acts) (all []liveblog.ClaimStanding) {
	seen := map[string]bool{}
	grounds := feedGrounds
	for _, id := range acts.Cited() {
		for step := 0; id != "" && !seen[id] && step <= feedGroundSteps; step++ {
			if step > 0 {
				if grounds == 0 {
					break
				}
				grounds--
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

// tagURI names a thing for ever (RFC 4151), whatever scheme and port the site is read at.
func tagURI(site views.Site, ed views.Edition, path string) string {
	authority := "readout.invalid"
	if u, err := url.Parse(site.BaseURL); err == nil && u.Hostname() != "" {
		authority = strings.ReplaceAll(strings.ToLower(u.Hostname()), ":", "-") // of an IPv6 address
	}
	return "tag:" + authority + "," + ed.CreatedAt.UTC().Format(time.DateOnly) + ":" + path
}
