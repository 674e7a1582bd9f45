package handlers

import (
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
)

// It fails if an Arabic text that begins with a Latin word is laid out from left to right by whoever shows it: feed
// readers, link previews, the desk's lists, forms and preview.
func TestDirectionIsThatOfTheBlogsLanguage(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	b.post(t, "/desk/summit/settings", b.fill(t, "/desk/summit/settings", "main form", url.Values{
		"title": {"APEC قمة"}, "standfirst": {"APEC هو المكان"}, "language": {"ar"}})).want(t, 303)
	const headline, body = "APEC تبدأ", "TikTok على الطاولة."
	b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "main form[data-composer]",
		url.Values{"headline": {headline}, "body": {body}, "action": {"publish"}})).want(t, 303)

	const mark = "\u200f"
	for name := range feedNames {
		f := s.feed(t, name).read(t)
		item := f.Items[0]
		if !strings.HasPrefix(f.Title, mark) || !strings.HasPrefix(item.Title, mark+"APEC") ||
			item.Description != "" && !strings.HasPrefix(item.Description, mark) {
			t.Errorf("%s: the texts are %q, %q and %q", name, f.Title, item.Title, item.Description)
		}
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(item.Content))
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Find("body > *").AttrOr("dir", ""); got != "rtl" {
			t.Errorf("%s: the direction of the content is %q: %s", name, got, item.Content)
		}
	}
	doc := s.do(t, "GET", "/live/summit/1", "").document(t)
	for _, selector := range []string{`meta[property="og:title"]`, `meta[property="og:description"]`,
		`meta[name=description]`} {
		if got := doc.Find(selector).AttrOr("content", ""); !strings.HasPrefix(got, mark) {
			t.Errorf("%s is %q", selector, got)
		}
	}
	for path, selectors := range map[string][]string{
		"/live/summit":                   {"html", "main"},
		"/embed/summit":                  {"html", "main"},
		"/":                              {"h3", ".about"},
		"/desk/summit":                   {".row h3", ".row-text", "#entry-headline", "#entry-body"},
		"/desk/summit/settings":          {"#blog-title", "#blog-standfirst"},
		"/desk/summit/entries/1":         {"#entry-headline", "#entry-body", "#entry-correction"},
		"/desk/summit/entries/1/remove":  {},
		"/desk/summit/entries/1/history": {"details h3", ".source"},
	} {
		answer := b.get(t, path).want(t, 200)
		for _, frame := range answer.frames(t) {
			if got := frame.Find("html").AttrOr("dir", ""); got != "rtl" {
				t.Errorf("%s: the direction of the preview is %q", path, got)
			}
		}
		page := answer.doc(t)
		for _, selector := range selectors {
			if got := page.Find(selector).First().AttrOr("dir", ""); got != "rtl" {
				t.Errorf("%s: the direction of %s is %q", path, selector, got)
			}
		}
	}
}
