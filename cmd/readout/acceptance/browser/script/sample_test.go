package script_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views"
	"readout/views/talks"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

var (
	site  = views.Site{Name: "Readout", BaseURL: "https://readout.example"}
	start = time.Date(2025, 10, 25, 5, 3, 0, 0, time.UTC)
)

// sampleBlog returns the blog of a newsroom.
func sampleBlog() liveblog.Blog {
	return liveblog.Blog{
		Slug: "talks", Title: "Talks in Seoul", Standfirst: "Two delegations meet.", Status: liveblog.Live,
		TimeZone: "Asia/Seoul", Language: "en", Cursor: liveblog.Cursor{Epoch: "9f2c41d07ab3", Seq: 118},
		CreatedAt: start, UpdatedAt: start, ChangedAt: start.Add(time.Minute),
	}
}

// talksPage returns the data of a page of the talks, such as "board".
func talksPage(name string) talks.Page {
	p := richPage()
	return talks.Page{Site: site, Blog: p.Head.Blog, Talks: p.Talks, Path: "/live/talks/" + name}
}

// correctedEntry returns an entry of yesterday that was corrected three minutes later.
func correctedEntry() liveblog.Entry {
	at := start.Add(-20 * time.Hour)
	e := liveblog.Entry{
		Number: 7, Revision: 2, Headline: "They meet on Tuesday", Body: "They meet on *Tuesday* in Seoul.",
		Status: liveblog.Published, PublishedAt: at, UpdatedAt: at.Add(3 * time.Minute),
	}
	e.Correction = liveblog.Correction{
		At: e.UpdatedAt, Revision: 2, Note: "The day was <wrong>.",
		Headline: "They meet on Monday", Body: "They meet on *Monday* in Seoul.",
	}
	return e
}

// lorem returns a text of n different words. Each seed has another text.
func lorem(seed, n int) string {
	var b bytes.Buffer
	x := uint32(seed)*2654435761 + 1
	for i := range n {
		for range 3 + x>>16%7 {
			x = x*1664525 + 1013904223
			b.WriteByte("etaoinshrdlucmfwypvbgk"[x>>16%22])
		}
		b.WriteByte(" \n"[(i+1)%40/39])
	}
	return b.String()
}

// render renders a page and parses it.
func render(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
