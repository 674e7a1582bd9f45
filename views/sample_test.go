package views_test

import (
	"fmt"
	"time"

	"readout/liveblog"
	"readout/views"
	"readout/views/reader"

	"github.com/a-h/templ"
)

var (
	site  = views.Site{Name: "Readout", BaseURL: "https://readout.example"}
	start = time.Date(2025, 10, 25, 5, 3, 0, 0, time.UTC)
)

func sampleBlog() liveblog.Blog {
	return liveblog.Blog{
		Slug: "talks", Title: "Talks in Seoul", Standfirst: "Two delegations meet.", Status: liveblog.Live,
		TimeZone: "Asia/Seoul", Language: "en", Cursor: liveblog.Cursor{Epoch: "9f2c41d07ab3", Seq: 118},
		CreatedAt: start, UpdatedAt: start, ChangedAt: start.Add(time.Minute),
	}
}

// samplePage is the first page of a blog, with n entries from number 100 down, half an hour apart, the first one
// pinned.
func samplePage(n int) liveblog.Page {
	page := liveblog.Page{Head: liveblog.Head{Blog: sampleBlog()}, Older: n > 0}
	for i := range n {
		at := start.Add(-time.Duration(i) * 30 * time.Minute)
		e := liveblog.Entry{Number: 100 - i, Revision: 1, Headline: fmt.Sprintf(
			"Headline %d", 100-i,
		), Author: "Mara Lindqvist",
			Body:        fmt.Sprintf("The text of number %d, with a *grid* or two.\n\n|a|b|\n|-|-|\n|1|2|", 100-i),
			KeyEvent:    i%5 == 0,
			Pinned:      i == 0,
			Status:      liveblog.Published,
			PublishedAt: at, UpdatedAt: at}
		if i%2 == 1 {
			e.Body = fmt.Sprintf("The text of number %d, with a grid or two.", 100-i)
		}
		if i == 2 {
			e.Headline, e.Revision, e.UpdatedAt = "", 2, at.Add(27*time.Minute)
		}
		if i == 3 {
			e.Summary, e.Body = true, "# Known\n\n- One thing"
			page.Head.Summary = &e
		}
		page.Entries = append(page.Entries, e)
		if e.KeyEvent {
			page.Head.KeyEvents = append(page.Head.KeyEvents, e)
		}
	}
	page.Activity = []liveblog.QuarterHour{{Start: start.Truncate(liveblog.QuarterLength), Entries: n, KeyEvents: 1}}
	return page
}

func everyPage(p liveblog.Page) map[string]templ.Component {
	single := p
	single.Entries = p.Entries[:1]
	return map[string]templ.Component{
		"front": reader.Front(reader.FrontPage{Site: site, Blogs: []liveblog.Blog{p.Head.Blog}}),
		"blog":  reader.Blog(reader.BlogPage{Site: site, Page: p}),
		"older": reader.Blog(reader.BlogPage{Site: site, Page: p, Query: liveblog.PageQuery{Before: 3}}),
		"entry": reader.Entry(reader.EntryPage{Site: site, Page: single}),
		"embed": reader.Embed(reader.EmbedPage{Site: site, Page: p}),
		"search": reader.Search(reader.SearchPage{Site: site, Query: liveblog.SearchQuery{Text: p.Head.Blog.Title},
			Found: liveblog.Found{Blog: p.Head.Blog, Entries: p.Entries}}),
		"corrections": reader.Corrections(
			reader.CorrectionsPage{Site: site, Log: liveblog.Corrections{Blog: p.Head.Blog}},
		),
		"error": views.Error(views.ErrorPage{Site: site, Status: 404, Message: p.Head.Blog.Title}),
	}
}
