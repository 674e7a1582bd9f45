package views_test

import (
	"strings"
	"testing"

	"readout/liveblog"
	"readout/views"
	"readout/views/inerttest"
	"readout/views/reader"

	"github.com/a-h/templ"
)

// TestPagesDefusePayloads puts payloads into all texts that an editor can write, on every page for readers.
func TestPagesDefusePayloads(t *testing.T) {
	t.Parallel()
	own := strings.NewReplacer(`<form class="search"`, `<div class="search"`, "</form>", "</div>")
	for _, p := range inerttest.Payloads {
		line := strings.Join(strings.Fields(p), " ")
		b := liveblog.Blog{
			Slug: "s", Title: line, Standfirst: line, Status: liveblog.Live, TimeZone: "UTC", Language: "en",
		}
		e := liveblog.Entry{
			Number: 1, Headline: line, Body: p, Author: line, Status: liveblog.Published, Revision: 2,
			KeyEvent: true, Summary: true, Pinned: true,
			Correction: liveblog.Correction{Revision: 2, Note: line, Headline: line + ".", Body: p + "\n\nMore."},
		}
		nameless := e
		nameless.Number, nameless.Headline = 2, ""
		entries := []liveblog.Entry{e, nameless}
		page := liveblog.Page{Head: liveblog.Head{Blog: b, Summary: &e, KeyEvents: entries}, Entries: entries}
		log := liveblog.Corrections{Blog: b, Lines: entries}
		older := liveblog.PageQuery{Before: 9}
		site := views.Site{Name: "Readout", BaseURL: "https://readout.example"}
		for name, c := range map[string]templ.Component{
			"front":      reader.Front(reader.FrontPage{Site: site, Blogs: []liveblog.Blog{b}}),
			"blog":       reader.Blog(reader.BlogPage{Site: site, Page: page}),
			"older page": reader.Blog(reader.BlogPage{Site: site, Page: page, Query: older}),
			"entry":      reader.Entry(reader.EntryPage{Site: site, Page: page}),
			"embed":      reader.Embed(reader.EmbedPage{Site: site, Page: page}),
			"log":        reader.Corrections(reader.CorrectionsPage{Site: site, Log: log}),
			"error":      views.Error(views.ErrorPage{Site: site, Status: 404, Message: line}),
			"fragments":  templ.Raw(reader.EntryHTML(b, &liveblog.Talks{}, e) + reader.HeadHTML(page.Head)),
		} {
			if err := inerttest.Page(own.Replace(views.Fragment(c))); err != nil {
				t.Errorf("%s with %q: %v", name, p, err)
			}
		}
	}
}
