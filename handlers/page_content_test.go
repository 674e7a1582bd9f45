package handlers

import (
	"bytes"
	"fmt"
	"testing"

	"readout/handlers/partner"
	"readout/handlers/reader"
	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
)

// document parses an answer's HTML.
func (a answer) document(t *testing.T) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestPagesShowTheRequestedEntries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range reader.PageEntries + 3 {
		s.post(t, fmt.Sprintf(`{"body":"Entry number %d."}`, i+1))
	}
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"A mistake."}`).want(t, 201)
	s.call(t, liveblog.Editor, "DELETE", fmt.Sprintf("/blogs/summit/entries/%d", reader.PageEntries+4), "").want(t, 204)
	for path, want := range map[string]struct {
		entries     int
		first, last string
	}{
		"/live/summit":          {reader.PageEntries, "Entry number 23.", "Entry number 4."},
		"/live/summit?before=4": {3, "Entry number 3.", "Entry number 1."},
		"/live/summit/7":        {1, "Entry number 7.", "Entry number 7."},
		"/embed/summit":         {partner.EmbedEntries, "Entry number 23.", "Entry number 14."},
	} {
		articles := s.do(t, "GET", path, "").want(t, 200).document(t).Find("article")
		if n := articles.Length(); n != want.entries {
			t.Errorf("%s shows %d entries, want %d", path, n, want.entries)
			continue
		}
		for text, article := range map[string]*goquery.Selection{want.first: articles.First(),
			want.last: articles.Last()} {
			if article.Find("p").FilterFunction(func(_ int, p *goquery.Selection) bool { return p.Text() == text }).
				Length() != 1 {
				t.Errorf("%s lacks “%s” at its position: %s", path, text, article.Text())
			}
		}
	}
	if s.do(t, "GET", "/", "").document(t).Find(`a[href$="/live/summit"]`).Length() == 0 {
		t.Error("the front page does not link to the blog")
	}
	if got := s.do(t, "GET", "/live/nowhere", "").want(t, 404).document(t).Find("h1").Length(); got != 1 {
		t.Errorf("the error page has %d headings", got)
	}
}

func TestPagesObeyTheirSecurityPolicy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"headline":"<script>alert(1)</script>","body":"<img src=x onerror=alert(1)> [x](javascript:alert(1))"}`)
	for _, path := range []string{"/", "/live/summit", "/live/summit/1", "/embed/summit", "/live/nowhere"} {
		doc := s.do(t, "GET", path, "").document(t)
		for what, n := range map[string]int{
			"inline scripts":      doc.Find(`script:not([src]):not([type="application/ld+json"])`).Length(),
			"inline styles":       doc.Find("style, [style]").Length(),
			"event handlers":      doc.Find("[onerror], [onload], [onclick]").Length(),
			"script addresses":    doc.Find(`[href^="javascript:"]`).Length(),
			"foreign scripts":     doc.Find(`script[src^="http"], script[src^="//"]`).Length(),
			"foreign stylesheets": doc.Find(`link[rel="stylesheet"][href^="http"]`).Length(),
		} {
			if n > 0 {
				t.Errorf("%s has %d %s, which its policy forbids", path, n, what)
			}
		}
		doc.Find("script[src], link[rel=stylesheet], link[rel=icon]").Each(func(_ int, sel *goquery.Selection) {
			address := sel.AttrOr("src", sel.AttrOr("href", ""))
			s.do(t, "GET", address, "").want(t, 200)
		})
	}
}
