package views_test

import (
	"strings"
	"testing"

	"readout/liveblog"
	"readout/views"
	"readout/views/reader"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

func render(t *testing.T, c templ.Component) (source string, doc *goquery.Document) {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String(), parse(t, b.String())
}

func parse(t *testing.T, source string) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// expect maps selectors to the text of the only element that they match, or of its attribute after "@"; "none" means
// that they match nothing.
type expect map[string]string

func (want expect) check(t *testing.T, doc *goquery.Document) {
	t.Helper()
	for selector, text := range want {
		selector, attribute, _ := strings.Cut(selector, "@")
		found := doc.Find(selector)
		if text == "none" {
			if found.Length() != 0 {
				t.Errorf("%q matches %d elements, want none", selector, found.Length())
			}
			continue
		}
		if found.Length() != 1 {
			t.Errorf("%q matches %d elements, want one", selector, found.Length())
			continue
		}
		got := strings.Join(strings.Fields(found.Text()), " ")
		if attribute != "" {
			var ok bool
			if got, ok = found.Attr(attribute); !ok {
				t.Errorf("%q has no %s", selector, attribute)
			}
		}
		if got != text {
			t.Errorf("%q %s: %q, want %q", selector, attribute, got, text)
		}
	}
}

func TestBlogPage(t *testing.T) {
	t.Parallel()
	page := samplePage(20)
	_, doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: page}))
	expect{
		"title":                             "Talks in Seoul – Readout",
		"h1":                                "Talks in Seoul",
		`link[rel=canonical]@href`:          "https://readout.example/live/talks",
		`meta[property="og:url"]@content`:   "https://readout.example/live/talks",
		`meta[property="og:title"]@content`: "Talks in Seoul",
		`meta[name=description]@content`:    "Two delegations meet.",
		"main@data-blog":                    "talks",
		"main@data-cursor":                  "9f2c41d07ab3.118",
		"main@data-window":                  "newest",
		"main@data-status":                  "live",
		"main@data-socket":                  "/live/talks/ws",
		"main@data-changes":                 "/live/talks/changes",
		"main@lang":                         "en",
		"main@dir":                          "ltr",
		"[data-head] .status-live":          "Live",
		"[data-head] .standfirst":           "Two delegations meet.",
		"[data-head] .summary .prose h3":    "Known",
		"[data-head] .summary a[data-entry]@data-entry": "97",
		"a[data-older]@href":                            "/live/talks?before=81",
		"[role=status][data-announce]":                  "",
		"button[data-new][hidden]":                      "",
		"[data-connection][hidden] button":              "Pause",
		"[data-frame]":                                  "none",
		`meta[name=robots]@content`:                     "max-image-preview:large",
		"#entry-100@data-published":                     "1761368580000000",
		"#entry-100@data-revision":                      "1",
		"#entry-100[data-pinned] .pinned":               "Pinned",
		"#entry-100 .key-event":                         "Key event",
		"#entry-100 time@datetime":                      "2025-10-25T14:03:00+09:00",
		"#entry-100 time":                               "14:03 Seoul time, 25 Oct 2025",
		"#entry-100 .permalink@href":                    "/live/talks/100",
		"#entry-100 .author":                            "Mara Lindqvist",
		"#entry-100 .updated":                           "none",
		"#entry-98 .updated":                            "Updated 13:30 Seoul time",
		"#entry-98 h2":                                  "none",
		"#entry-98[aria-labelledby]":                    "none",
		"#entry-97 .labels":                             "Summary",
		"#entry-99 .labels":                             "none",
		"#headline-99":                                  "Headline 99",
	}.check(t, doc)

	if n := doc.Find("[data-stream] > article[data-number]").Length(); n != 20 {
		t.Errorf("%d entries, want 20", n)
	}
	if got := doc.Find(".key-events li").Length(); got != len(page.Head.KeyEvents) {
		t.Errorf("%d key events, want %d", got, len(page.Head.KeyEvents))
	}
	first := doc.Find(".key-events li a").First()
	if href, _ := first.Attr("href"); href != "/live/talks/100" {
		t.Errorf("the first key event leads to %q", href)
	}
	if strings.Join(strings.Fields(first.Find("time").Text()), " ") != "14:03 Seoul time, 25 Oct 2025" {
		t.Errorf("the first key event has the time %q", first.Find("time").Text())
	}
}

func TestEmptyBlog(t *testing.T) {
	t.Parallel()
	page := samplePage(0)
	_, doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: page}))
	expect{
		"[data-stream] > [data-empty]": "There are no updates yet.",
		".summary":                     "none",
		".key-events":                  "none",
		"a[data-older]":                "none",
	}.check(t, doc)
}

func TestOlderPage(t *testing.T) {
	t.Parallel()
	page := samplePage(5)
	_, doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: page, Query: liveblog.PageQuery{Before: 101}}))
	expect{
		"main@data-window":         "older",
		`link[rel=canonical]@href`: "https://readout.example/live/talks?before=101",
		".way-back a@href":         "/live/talks",
		"a[data-new]@href":         "/live/talks",
		"button[data-new]":         "none",
		"[data-head]":              "none",
		"[data-title]":             "Talks in Seoul",
		"[data-badge]":             "Live",
		"a[data-older]@href":       "/live/talks?before=96",
	}.check(t, doc)

	page.Older = false
	_, doc = render(t, reader.Blog(reader.BlogPage{Site: site, Page: page, Query: liveblog.PageQuery{Before: 101}}))
	expect{"a[data-older]": "none"}.check(t, doc)
}

func TestEntryPage(t *testing.T) {
	t.Parallel()
	page := samplePage(3)
	page.Entries = page.Entries[1:2]
	_, doc := render(t, reader.Entry(reader.EntryPage{Site: site, Page: page}))
	expect{
		"title":                          "Headline 99 – Talks in Seoul – Readout",
		`link[rel=canonical]@href`:       "https://readout.example/live/talks/99",
		`meta[name=description]@content`: "The text of number 99, with a grid or two.",
		`meta[property="article:published_time"]@content`: "2025-10-25T04:33:00Z",
		"main@data-window":         "entry",
		"main article@data-number": "99",
		".way-back a@href":         "/live/talks#entry-99",
		"[data-head]":              "none",
		"h1":                       "Talks in Seoul",
		"article h2":               "Headline 99",
		"template[data-removed]":   "This update has been removed. Go to the newest updates.",
		`a[href="/live/talks?around=99#entry-99"]`: "Read it in the stream",
	}.check(t, doc)
	if _, ok := doc.Find("h1 a").Attr("href"); !ok {
		t.Error("the blog's title does not lead back to it")
	}

	// The title of an entry without a headline is the beginning of its text.
	page.Entries[0].Headline = ""
	_, doc = render(t, reader.Entry(reader.EntryPage{Site: site, Page: page}))
	expect{"title": "The text of number 99, with a grid or two. – Talks in Seoul – Readout"}.check(t, doc)
}

func TestEmbedPage(t *testing.T) {
	t.Parallel()
	_, doc := render(t, reader.Embed(reader.EmbedPage{Site: site, Page: samplePage(3)}))
	expect{
		"base@target":                "_blank",
		"main@data-window":           "newest",
		"main[data-frame]@data-blog": "talks",
		`meta[name=robots]@content`:  "noindex",
		`link[rel=canonical]@href`:   "https://readout.example/live/talks",
		"footer a@href":              "/live/talks",
		"header.site":                "none",
		"[data-head] h1":             "Talks in Seoul",
	}.check(t, doc)
}

func TestFrontPage(t *testing.T) {
	t.Parallel()
	var blogs []liveblog.Blog
	for _, b := range []struct {
		slug   string
		status liveblog.BlogStatus
	}{{"d", liveblog.Ended}, {"c", liveblog.Upcoming}, {"b", liveblog.Live}, {"a", liveblog.Live}} {
		blogs = append(blogs, liveblog.Blog{
			Slug: b.slug, Title: "Blog " + b.slug, Status: b.status, TimeZone: "Asia/Seoul", Language: "en",
			CreatedAt: start,
		})
	}
	blogs[0].Language = "ar"
	_, doc := render(t, reader.Front(reader.FrontPage{Site: site, Blogs: blogs}))
	var shelves, order []string
	doc.Find("section h2").Each(func(_ int, s *goquery.Selection) { shelves = append(shelves, s.Text()) })
	doc.Find("section h3 a").Each(func(_ int, s *goquery.Selection) { order = append(order, s.AttrOr("href", "")) })
	if got := strings.Join(shelves, ", "); got != "Live now, Coming up, Earlier coverage" {
		t.Errorf("shelves: %s", got)
	}
	if got := strings.Join(order, " "); got != "/live/b /live/a /live/c /live/d" {
		t.Errorf("order: %s", got)
	}
	expect{
		"title": "Readout", ".shelf-ended h3@dir": "rtl", ".shelf-upcoming .opened": "Opened 25 October 2025",
	}.check(t, doc)

	_, doc = render(t, reader.Front(reader.FrontPage{Site: site}))
	expect{".empty": "There is no coverage yet."}.check(t, doc)
}

func TestErrorPage(t *testing.T) {
	t.Parallel()
	for status, title := range map[int]string{
		404: "This page is not here", 410: "This update has been removed", 400: "This request could not be read",
		503: "We will be back in a moment", 500: "Something went wrong on our side",
	} {
		_, doc := render(t, views.Error(views.ErrorPage{Site: site, Status: status, Message: "There is no “x”."}))
		expect{
			"h1": title, "main h1 + p": "There is no “x”.", `meta[name=robots]@content`: "noindex",
			"main a@href": "/", "script": "none",
		}.check(t, doc)
	}
}

// TestErrorPageOfABlog checks that an error below a blog's path is in the blog's language and links to the blog.
func TestErrorPageOfABlog(t *testing.T) {
	t.Parallel()
	blog := sampleBlog()
	_, doc := render(t, views.Error(views.ErrorPage{
		Site: site, Blog: &blog, Status: 410, Message: "Entry 7 has been removed.", Field: "number",
	}))
	expect{
		"html@lang":                  "en",
		"h1":                         "This update has been removed",
		"h1 + p":                     "Entry 7 has been removed.",
		".of a@href":                 "/live/talks",
		".of":                        blog.Title,
		".on li:nth-child(1) a@href": "/live/talks", ".on li:nth-child(2) a@href": "/live/talks/corrections",
		".on li:nth-child(3) a@href": "/live/talks/search", ".on li:nth-child(4) a@href": "/",
	}.check(t, doc)

	blog.Language = "zh-CN"
	for _, c := range []struct {
		page            views.ErrorPage
		title, sentence string
	}{
		{
			views.ErrorPage{Status: 404, Message: "There is no such entry.", Field: "number"},
			"找不到此页面", "此地址下没有任何内容。",
		},
		{
			views.ErrorPage{Status: 400, Message: "“before” must be a number from 1.", Field: "before"},
			"无法读取此请求", "地址中的“before”有误。",
		},
	} {
		c.page.Site, c.page.Blog = site, &blog
		_, doc := render(t, views.Error(c.page))
		expect{
			"html@lang": "zh-CN", "h1": c.title, "h1 + p": c.sentence,
			`.on a[href="/live/talks/corrections"]`: "none",
		}.check(t, doc)
	}

	// If the interface is not available in the blog's language, the page is marked as English.
	blog.Language = "fa"
	_, doc = render(t, views.Error(views.ErrorPage{Site: site, Blog: &blog, Status: 503, Request: "r-1"}))
	expect{
		"html@lang": "en", ".of a@lang": "fa", ".of a@dir": "rtl",
		"h1 + p":     "The service is temporarily unavailable. Please try again.",
		"h1 + p + p": "When you report this, name the request r-1.",
	}.check(t, doc)
}

func TestOtherLanguages(t *testing.T) {
	t.Parallel()
	page := samplePage(4)
	page.Head.Blog.Language = "fa"
	_, doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: page}))
	expect{
		"main@lang":               "fa",
		"main@dir":                "rtl",
		"html@lang":               "en",
		"#entry-100 .pinned@lang": "en",
		"#entry-100 .pinned@dir":  "ltr",
		"#entry-100 time":         "14:03 Seoul time, 25 Oct 2025",
	}.check(t, doc)
	if doc.Find(".prose[lang], .headline[lang]").Length() != 0 {
		t.Error("the editors' text is marked as being in a language other than the blog's")
	}

	page.Head.Blog.Language = "ar-EG"
	_, doc = render(t, reader.Blog(reader.BlogPage{Site: site, Page: page}))
	expect{
		"html@lang":          "ar-EG",
		"html@dir":           "rtl",
		"main@lang":          "ar-EG",
		"#entry-100 .pinned": "مثبّت",
		// The right-to-left mark keeps the day apart from the Latin text before it.
		"#entry-100 time": "14:03 UTC+9،\u200f 25 أكتوبر 2025",
		".key-events h2":  "أحداث رئيسية",
	}.check(t, doc)
	if doc.Find("#entry-100 [lang], .key-events [lang]").Length() != 0 {
		t.Error("texts in the blog's language are marked as another one")
	}
}

func TestFragmentsAreIdenticalInThePage(t *testing.T) {
	t.Parallel()
	page := samplePage(4)
	source, _ := render(t, reader.Blog(reader.BlogPage{Site: site, Page: page}))
	if !strings.Contains(source, reader.HeadHTML(page.Head)) {
		t.Error("the page does not contain HeadHTML")
	}
	for _, e := range page.Entries {
		if !strings.Contains(source, reader.EntryHTML(page.Head.Blog, &page.Talks, e)) {
			t.Errorf("the page does not contain EntryHTML of %d", e.Number)
		}
	}
}

func TestIDsAreUnique(t *testing.T) {
	t.Parallel()
	for name, c := range everyPage(samplePage(20)) {
		_, doc := render(t, c)
		seen := map[string]bool{}
		doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if seen[id] {
				t.Errorf("%s: duplicate id %q", name, id)
			}
			seen[id] = true
		})
		doc.Find("[aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
			if id := s.AttrOr("aria-labelledby", ""); !seen[id] {
				t.Errorf("%s: nothing has the id %q", name, id)
			}
		})
	}
}

// TestCardLocale checks og:locale, which OpenGraph only has for a language with a territory.
func TestCardLocale(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"ko-KR": "ko_KR", "EN-gb": "en_GB", "zh-Hant-TW": "zh_TW",
		"en": "none", "zh-Hans": "none", "es-419": "none", "de-x-at": "none", "sl-rozaj": "none",
	} {
		p := reader.BlogPage{Site: site, Page: samplePage(1)}
		p.Page.Head.Blog.Language = tag
		_, doc := render(t, reader.Blog(p))
		expect{`meta[property="og:locale"]@content`: want}.check(t, doc)
	}
	_, doc := render(t, reader.Front(reader.FrontPage{Site: site}))
	expect{`meta[property="og:locale"]@content`: "none"}.check(t, doc)
}
