package reader

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"

	"readout/liveblog"
	"readout/views"
	"readout/views/markdown"
)

// streamPath is the address of a window of the stream.
func streamPath(ed views.Edition, q liveblog.PageQuery) string {
	v := url.Values{}
	for name, number := range map[string]int{"before": q.Before, "after": q.After, "around": q.Around} {
		if number != 0 {
			v.Set(name, strconv.Itoa(number))
		}
	}
	if q.Order == liveblog.OldestFirst {
		v.Set("order", "oldest")
	}
	if q.KeyEvents {
		v.Set("by", "key-events")
	}
	if q.Author != "" {
		v.Set("author", q.Author)
	}
	if len(v) == 0 {
		return ed.Path()
	}
	return ed.Path() + "?" + v.Encode()
}

// withoutAnchor returns the query without its position in the stream.
func withoutAnchor(q liveblog.PageQuery) liveblog.PageQuery {
	q.Before, q.After, q.Around = 0, 0, 0
	return q
}

// newerPath is the address of the page with the entries newer than those on p, "" if there are none.
func (p BlogPage) newerPath(ed views.Edition) string {
	if !p.Page.Newer {
		return ""
	}
	if len(p.Page.Entries) == 0 {
		return p.anchorPath(ed)
	}
	q := withoutAnchor(p.Query)
	q.After = p.outermost(true).Number
	return streamPath(ed, q)
}

// olderPath is the address of the page with the entries older than those on p, "" if there are none.
func (p BlogPage) olderPath(ed views.Edition) string {
	if !p.Page.Older {
		return ""
	}
	if len(p.Page.Entries) == 0 {
		return p.anchorPath(ed)
	}
	q := withoutAnchor(p.Query)
	q.Before = p.outermost(false).Number
	return streamPath(ed, q)
}

// anchorPath is the way back from an empty page beyond an end of the stream: the page around the entry that the query
// names.
func (p BlogPage) anchorPath(ed views.Edition) string {
	q := withoutAnchor(p.Query)
	q.Around = cmp.Or(p.Query.Before, p.Query.After)
	return streamPath(ed, q)
}

// outermost returns the newest or the oldest entry of the page.
func (p BlogPage) outermost(newest bool) liveblog.Entry {
	if newest != (p.Query.Order == liveblog.OldestFirst) {
		return p.Page.Entries[0]
	}
	return p.Page.Entries[len(p.Page.Entries)-1]
}

// title is the title of this part of the stream.
func (p BlogPage) title(ed views.Edition) string {
	switch q := p.Query; {
	case q.Author != "":
		return ed.Say("window-author", "author", q.Author)
	case q.KeyEvents:
		return ed.Say("key-events")
	case q.Around != 0:
		return ed.Say("window-around")
	case q.Order == liveblog.OldestFirst:
		return ed.Say("window-oldest")
	case q.After != 0:
		return ed.Say("newer-updates")
	}
	return ed.Say("older-updates")
}

// linked returns the entry that the query asks for with the entries around it.
func (p BlogPage) linked() (liveblog.Entry, bool) {
	i := slices.IndexFunc(p.Page.Entries, func(e liveblog.Entry) bool { return e.Number == p.Query.Around })
	if i < 0 {
		return liveblog.Entry{}, false
	}
	return p.Page.Entries[i], true
}

// meta describes this part of the stream. If the query asks for the entries around one, previews of the link describe
// that entry and its own page is the canonical one. For other pages that repeat what the blog's page has, the blog's
// page is the canonical one.
func (p BlogPage) meta(ed *views.Edition) views.Meta {
	m := views.Meta{
		Edition: ed, Site: p.Site, Script: true,
		Title: ed.Title + " – " + p.title(*ed), Path: streamPath(*ed, p.Query),
		Description: markdown.Clip(ed.Standfirst, markdown.ExcerptRunes),
	}
	if e, ok := p.linked(); ok {
		m.Title, m.Path = views.NameOf(e)+" – "+ed.Title, ed.EntryPath(e.Number)
		m.Description = markdown.Excerpt(e.Body)
		m.Article, m.Published, m.Modified = true, e.PublishedAt, e.UpdatedAt
	} else if p.Query.Around != 0 || p.Query.Author != "" {
		m.Path = ed.Path()
	}
	return m
}

// rows returns the entries of a page and those removed from among them, in the order of the page.
func rows(p liveblog.Page, q liveblog.PageQuery) []liveblog.Entry {
	all := slices.Concat(p.Entries, p.Removed)
	slices.SortStableFunc(all, func(a, b liveblog.Entry) int {
		if a.Pinned != b.Pinned && q.First() {
			if a.Pinned {
				return -1
			}
			return 1
		}
		if q.Order == liveblog.OldestFirst {
			a, b = b, a
		}
		return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(b.Number, a.Number))
	})
	return all
}
