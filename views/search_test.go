package views_test

import (
	"strings"
	"testing"

	"readout/liveblog"
	"readout/views/reader"

	"github.com/PuerkitoBio/goquery"
)

func searchFor(t *testing.T, text string, entries ...liveblog.Entry) reader.SearchPage {
	t.Helper()
	q, err := liveblog.ParseSearch(text)
	if err != nil {
		t.Fatal(err)
	}
	return reader.SearchPage{Site: site, Query: q, Found: liveblog.Found{Blog: sampleBlog(), Entries: entries}}
}

func TestSearchPage(t *testing.T) {
	t.Parallel()
	e := liveblog.Entry{
		Number: 42, Headline: "Tariffs <cut>", Author: "Mara Lindqvist",
		Body:   "Both sides say the *tariff*\nquestion is [open](https://example.org/tariff). `<script>`",
		Status: liveblog.Published, PublishedAt: start, UpdatedAt: start,
	}
	p := searchFor(t, `tariff <mara> "open"`, e)
	p.Found.Older = true
	_, doc := render(t, reader.Search(p))
	expect{
		"title":                       `tariff <mara> "open" – Search – Talks in Seoul – Readout`,
		"h1 a@href":                   "/live/talks",
		".way-back a@href":            "/live/talks",
		"meta[name=robots]@content":   "noindex",
		"link[rel=canonical]":         "none",
		".settings [data-times]":      "Venue (Seoul time) Your time UTC",
		"form[role=search]@action":    "/live/talks/search",
		"form[role=search]@method":    "get",
		"input[name=q]@value":         `tariff <mara> "open"`,
		"label[for=search]":           "Search this live blog",
		"input[name=q][aria-invalid]": "none",
		"h2":                          `Results for “tariff <mara> "open"”, newest first`,
		".results li > a@href":        "/live/talks?around=42#entry-42",
		".results .what":              "Tariffs <cut>",
		".results .what mark":         "Tariffs",
		".results li > p:not(.meta)":  "Both sides say the tariff question is open. <script>",
		".results time@datetime":      "2025-10-25T14:03:00+09:00",
		".results .meta mark":         "Mara",
		".older a[rel=next]@href":     "/live/talks/search?q=tariff+%3Cmara%3E+%22open%22&before=42",
		".older a:not([rel])":         "none",
	}.check(t, doc)
	if got := texts(doc, ".results li > p mark"); got != "tariff|open|Mara" {
		t.Errorf("marked: %s", got)
	}
	p.Before, p.Found.Older = 50, false
	_, doc = render(t, reader.Search(p))
	expect{
		".older a@href": "/live/talks/search?q=tariff+%3Cmara%3E+%22open%22", ".older a": "Newest results",
	}.check(t, doc)
}

func texts(doc *goquery.Document, selector string) string {
	var all []string
	for _, e := range doc.Find(selector).EachIter() {
		all = append(all, e.Text())
	}
	return strings.Join(all, "|")
}

func TestSearchExcerpts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Nothing of it is said here. ", 20)
	act := func(text string) liveblog.Acts {
		return liveblog.NewActs([]liveblog.Act{
			{Kind: liveblog.ActClaim, Claim: "a", Status: "reported", Text: "Other."},
			{Kind: liveblog.ActClaim, Claim: "b", Status: "reported", Text: text},
		})
	}
	longEnd := strings.Repeat("Nothing of it is said here. ", 6) + "Nothing of …"
	for name, c := range map[string]struct {
		query string
		entry liveblog.Entry
		want  string
	}{
		"whole": {
			"cafe", liveblog.Entry{Body: "The “CAFÉ”, a cafe\u0301."},
			"The “[CAFÉ]”, a [cafe\u0301].",
		},
		"part of a word": {"sum", liveblog.Entry{Body: "Summit(s)"}, "[Summit](s)"},
		"phrase": {
			"贸易战", liveblog.Entry{Body: "中美贸易战缓和，贸易。"},
			"中美[贸易战]缓和，贸易。",
		},
		"within": {
			"soy", liveblog.Entry{Body: long + "China buys soybeans. " + long},
			"… China buys [soybeans]. " + longEnd,
		},
		"a long sentence": {
			"soy", liveblog.Entry{Body: strings.Repeat("and ", 60) + "soy"},
			"… " + strings.Repeat("and ", 14) + "[soy]",
		},
		"both words": {
			"soy corn", liveblog.Entry{Body: "Soy. " + long + "More corn than soy. " + long},
			"… More [corn] than [soy]. " + longEnd,
		},
		"Chinese within": {
			"大豆", liveblog.Entry{Body: strings.Repeat("会谈仍在继续", 40) + "。中国购买大豆。"},
			"… 中国购买[大豆]。",
		},
		"Chinese run": {
			"大豆", liveblog.Entry{Body: strings.Repeat("会谈仍在继续", 40) + "大豆"},
			"… " + strings.Repeat("会谈仍在继续", 10) + "[大豆]",
		},
		// These fail if an excerpt begins or ends within a letter with its marks.
		"Thai within": {
			"กรุงเทพ",
			liveblog.Entry{Body: strings.Repeat("นที่นี่", 30) + "กรุงเทพ" + strings.Repeat("ที่นี่ๆ", 60)},
			"… นี่" + strings.Repeat("นที่นี่", 8) + "[กรุงเทพ]" + strings.Repeat("ที่นี่ๆ", 19) + " …",
		},
		"Arabic without its article": {
			"محادثات", liveblog.Entry{Body: "بدأت المحادثات في سيول."}, "بدأت [المحادثات] في سيول.",
		},
		"half-width kana": {"バイデン", liveblog.Entry{Body: "米ﾊﾞｲﾃﾞﾝ氏"}, "米[ﾊﾞｲﾃﾞﾝ]氏"},
		"headline alone":  {"soy", liveblog.Entry{Headline: "Soy", Body: "Short.", Acts: act("Soy.")}, "Short."},
		"an act": {
			"soy beans",
			liveblog.Entry{Headline: "Claim", Body: "Short.", Acts: act("They  buy\nsoy & beans.")},
			"They buy [soy] & [beans].",
		},
		"no match": {"soy", liveblog.Entry{Body: "Short."}, "Short."},
	} {
		_, doc := render(t, reader.Search(searchFor(t, c.query, c.entry)))
		found := doc.Find(".results li > p:not(.meta)")
		for _, m := range found.Find("mark").EachIter() {
			m.SetText("[" + m.Text() + "]")
		}
		if got := strings.TrimSpace(found.Text()); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

func TestSearchWithoutResults(t *testing.T) {
	t.Parallel()
	_, doc := render(t, reader.Search(searchFor(t, "<b>foo</b> OR")))
	expect{
		"h2": "Nothing found for “<b>foo</b> OR”.", "h2 b": "none", ".results": "none",
		".advice span": "An update is found when all words are in it. Fewer or shorter words find more.",
	}.check(t, doc)
	_, doc = render(t, reader.Search(searchFor(t, "")))
	expect{
		"h2": "none", ".results": "none", "title": "Search – Talks in Seoul – Readout",
		"input[name=q]@value": "",
	}.check(t, doc)
	p := searchFor(t, "")
	p.Typed, p.TooLong = strings.Repeat("é", 10_000), true
	_, doc = render(t, reader.Search(p))
	expect{
		"input[name=q]@aria-invalid":     "true",
		"input[name=q]@aria-describedby": "search-problem",
		"#search-problem":                "The search is too long: it takes up to 200 characters.",
		"input[name=q]@value":            strings.Repeat("é", 200),
	}.check(t, doc)
	p = searchFor(t, "محادثات")
	p.Found.Blog.Language = "ar"
	_, doc = render(t, reader.Search(p))
	expect{
		"html@dir":       "rtl",
		"h2":             "لم يُعثر على شيء يطابق «محادثات».",
		".search button": "بحث",
	}.check(t, doc)
}
