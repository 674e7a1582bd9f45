package views_test

import (
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views/feed"
	"readout/views/reader"

	"github.com/PuerkitoBio/goquery"
)

// correctedEntry is an entry of the day before that was corrected after three minutes.
func correctedEntry() liveblog.Entry {
	at := start.Add(-20 * time.Hour)
	corrected := at.Add(3 * time.Minute)
	return liveblog.Entry{
		Number: 7, Revision: 2, Status: liveblog.Published, PublishedAt: at, UpdatedAt: corrected,
		Headline: "They meet on Tuesday", Body: "They meet on *Tuesday* in Seoul.",
		Correction: liveblog.Correction{
			At: corrected, Revision: 2, Note: "The day was <wrong>.",
			Headline: "They meet on Monday", Body: "They meet on *Monday* in Seoul.",
		},
	}
}

func article(t *testing.T, e liveblog.Entry) *goquery.Document {
	t.Helper()
	return parse(t, reader.EntryHTML(sampleBlog(), &liveblog.Talks{}, e))
}

func TestCorrectionInItsEntry(t *testing.T) {
	t.Parallel()
	e := correctedEntry()
	doc := article(t, e)
	expect{
		".correction .corrected":                   "Corrected 18:06 Seoul time: The day was <wrong>.",
		".correction time@datetime":                "2025-10-24T18:06:00+09:00",
		"details#correction-7:not([open]) summary": "What it said and what it says now",
		".rewording div:nth-child(1) dt":           "Headline",
		".rewording div:nth-child(1) del":          "[deleted: Monday]",
		".rewording div:nth-child(1) ins":          "[added: Tuesday]",
		".rewording div:nth-child(2) dt":           "Text",
		".rewording div:nth-child(2) dd":           "They meet on [deleted: Monday] [added: Tuesday] in Seoul.",
		".rewording div:nth-child(3)":              "none",
		".correction + .meta .updated":             "none", // the correction says when
	}.check(t, doc)

	// A later edit that is no correction keeps it; the comparison is with the present text.
	e.Revision, e.UpdatedAt, e.Body = 3, e.UpdatedAt.Add(time.Hour), "They meet on *Tuesday* in Busan."
	expect{
		".correction .corrected": "Corrected 18:06 Seoul time: The day was <wrong>.",
		".rewording div:nth-child(2) dd": "They meet on [deleted: Monday] [added: Tuesday] in [deleted: Seoul] " +
			"[added: Busan] .",
		".correction + .meta .updated":    "Updated 19:06 Seoul time",
		".rewording dt.visually-hidden":   "none",
		".rewording div:nth-child(1) del": "[deleted: Monday]",
	}.check(t, article(t, e))

	// If the entry says again what it said before, there is nothing to compare.
	e.Headline, e.Body = e.Correction.Headline, e.Correction.Body
	expect{
		".correction .corrected": "Corrected 18:06 Seoul time: The day was <wrong>.", "details": "none",
	}.check(t, article(t, e))

	e.Correction = liveblog.Correction{}
	expect{".correction": "none", "details": "none"}.check(t, article(t, e))
}

// Rewordings compare the text as readers see it, and the Markdown only if nothing else differs.
func TestRewordingsCompareWhatReadersSee(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ was, is, want string }{
		{
			"**One** [source](https://a.example/).\n\nTwo.", "**One** [source](https://b.example/).\n\nThree.",
			"One source.||[deleted: Two] [added: Three] .",
		},
		{
			"See [this](https://a.example/).", "See [this](https://b.example/).",
			"See [this](https:// [deleted: a] [added: b] .example/).",
		},
		{"- one\n- two\n\n1. three", "- one\n- too\n\n1. three", "• one|• [deleted: two] [added: too] ||1. three"},
		{"- a\n\n- b", "- a\n\n- c", "• a||• [deleted: b] [added: c]"},
		{"|a|b|\n|-|-|\n|c|d|\n|e|f|", "|a|b|\n|-|-|\n|c|d|\n|e|g|", "a | b|c | d|e | [deleted: f] [added: g]"},
		{
			"### H\n> said\nso\n\n```\nx = 1\ny = 2\n```\n***\nend",
			"### H\n> said\nso\n\n```\nx = 1\ny = 3\n```\n***\nend",
			"H||said so||x = 1|y = [deleted: 2] [added: 3] ||end",
		},
		{"a  \nb", "a  \nc", "a|[deleted: b] [added: c]"},
		{"1 < 2 &amp; 3", "1 > 2 &amp; 3", "1 [deleted: <] [added: >] 2 & 3"},
	} {
		e := correctedEntry()
		e.Correction.Headline, e.Correction.Body, e.Body = e.Headline, c.was, c.is
		doc := article(t, e)
		expect{".rewording dt.visually-hidden": "Text"}.check(t, doc)
		var lines []string
		for line := range strings.SplitSeq(doc.Find(".rewording dd").Text(), "\n") {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		spaced := strings.NewReplacer("[deleted:", " [deleted:", "[added:", " [added:", "]", "] ")
		want := strings.Join(strings.Fields(spaced.Replace(c.want)), " ")
		if got := strings.Join(strings.Fields(spaced.Replace(strings.Join(lines, "|"))), " "); got != want {
			t.Errorf("from %q to %q:\n got %q\nwant %q", c.was, c.is, got, want)
		}
	}
}

func TestLongRewordingsAreShortened(t *testing.T) {
	t.Parallel()
	e := correctedEntry()
	e.Correction.Body = strings.Repeat("Words that stay as they are. ", 200)
	e.Body = e.Correction.Body + "One more."
	doc := article(t, e)
	text := doc.Find(".rewording div:nth-child(2)")
	got := text.Find("dd").Text()
	if !strings.HasPrefix(got, " … ") || len(got) > 400 || text.Find("ins").Length() != 1 {
		t.Errorf("of a long text the page shows %q", got)
	}
}

func correctionsPage(lines ...liveblog.Entry) reader.CorrectionsPage {
	return reader.CorrectionsPage{Site: site, Log: liveblog.Corrections{Blog: sampleBlog(), Lines: lines}}
}

func TestCorrectionsPage(t *testing.T) {
	t.Parallel()
	gone := liveblog.Entry{
		Number: 4, Revision: 5, Status: liveblog.Removed, PublishedAt: start,
		UpdatedAt: start.Add(17 * time.Minute),
	}
	nameless := correctedEntry()
	nameless.Number, nameless.Headline, nameless.Correction.Headline = 3, "", ""
	p := correctionsPage(gone, correctedEntry(), nameless)
	_, doc := render(t, reader.Corrections(p))
	expect{
		"title":                    "Corrections – Talks in Seoul – Readout",
		`link[rel=canonical]@href`: "https://readout.example/live/talks/corrections",
		"h1 a@href":                "/live/talks",
		".way-back a@href":         "/live/talks",
		"h2":                       "Corrections",
		"main[data-window=talks] .corrections[data-talks][data-at] #line-4-5": "An update of 14:03 Seoul time, 25 " +
			"Oct 2025 was removed at 14:20 Seoul time.",
		"#line-7-2 .corrected": "Corrected 18:06 Seoul time, 24 Oct 2025: The day was <wrong>.",
		"#line-7-2 .corrected-in": "In the update of 18:03 Seoul time, 24 Oct 2025 They meet on " +
			"Tuesday",
		"#line-7-2 .rewording div:nth-child(1) dd":     "They meet on [deleted: Monday] [added: Tuesday]",
		"#line-7-2 .rewording div:nth-child(2) dd":     "They meet on [deleted: Monday] [added: Tuesday] in Seoul.",
		"#line-3-2 .what":                              "They meet on Tuesday in Seoul.",
		"#line-3-2 dd":                                 "They meet on [deleted: Monday] [added: Tuesday] in Seoul.",
		"#line-4-5 + #line-7-2 + #line-3-2 .corrected": "Corrected 18:06 Seoul time, 24 Oct 2025: The day was <wrong>.",
		"#line-4-5 a":                                  "none",
		"#line-4-5 del":                                "none",
		"#line-7-2 a@href":                             "/live/talks?around=7#entry-7",
		"#line-3-2 a@href":                             "/live/talks?around=3#entry-3",
		".older":                                       "none",
		`meta[name=robots]@content`:                    "max-image-preview:large",
	}.check(t, doc)
	if n := doc.Find(`link[rel=alternate][href^="/live/talks/feed."]`).Length(); n != 3 {
		t.Errorf("the page names %d feeds", n)
	}

	p.Log.Older, p.Before = true, liveblog.RevisionID{Number: 9, Revision: 2}
	_, doc = render(t, reader.Corrections(p))
	expect{
		`link[rel=canonical]@href`:               "https://readout.example/live/talks/corrections?before=9.2",
		".older a[rel=next]@href":                "/live/talks/corrections?before=3.2",
		".older a[rel=next]":                     "Older corrections",
		`.older a[href$="/talks/corrections"]`:   "Newest corrections",
		".older a[rel=next] + a:not([rel])@href": "/live/talks/corrections",
	}.check(t, doc)

	for before, want := range map[liveblog.RevisionID]string{
		{}:                       "Nothing has been corrected so far.",
		{Number: 9, Revision: 2}: "There are no older corrections.",
	} {
		p := correctionsPage()
		p.Before = before
		_, doc := render(t, reader.Corrections(p))
		expect{".corrections .about": want, ".corrections ol": "none"}.check(t, doc)
	}
}

func TestBlogLinksToItsCorrections(t *testing.T) {
	t.Parallel()
	for name, c := range everyPage(samplePage(20)) {
		_, doc := render(t, c)
		want := "none"
		if name == "blog" || name == "older" {
			want = "/live/talks/corrections"
		}
		if want == "none" {
			expect{".to-corrections": want}.check(t, doc)
		} else {
			expect{"[data-stream] ~ .to-corrections a@href": want}.check(t, doc)
		}
	}
}

// If the interface is not available in the blog's language, its texts are marked as English, and the editors' are not.
func TestCorrectionsInOtherLanguages(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]struct{ told, fold string }{
		"zh": {"更正于 18:06 UTC+9：", "原文与现文对照"},
		"ar": {"صُحِّح الساعة 18:06 UTC+9:", "ما كان منشورًا وما هو منشور الآن"},
		"ru": {"Corrected 18:06 Seoul time:", "What it said and what it says now"},
	} {
		b := sampleBlog()
		b.Language = language
		doc := parse(t, reader.EntryHTML(b, &liveblog.Talks{}, correctedEntry()))
		expect{".corrected strong": want.told, ".correction summary": want.fold}.check(t, doc)
		marked := doc.Find(".corrected strong[lang=en][dir=ltr], .correction summary span[lang=en][dir=ltr]").Length()
		wantMarked := 0
		if language == "ru" {
			wantMarked = 2
		}
		if marked != wantMarked {
			t.Errorf("in %s %d interface texts are marked as English, want %d", language, marked, wantMarked)
		}
		if doc.Find(".corrected[lang], .rewording dd[lang]").Length() != 0 {
			t.Errorf("in %s the editors' texts are marked with a language", language)
		}
	}
}

func TestFeedsBeginWithTheCorrection(t *testing.T) {
	t.Parallel()
	p := samplePage(2)
	p.Entries = []liveblog.Entry{correctedEntry(), p.Entries[1]}
	for form, write := range map[string]func(feed.Page) ([]byte, time.Time, error){
		"Atom": feed.Atom, "RSS": feed.RSS, "JSON": feed.JSON,
	} {
		body, _, err := write(feed.Page{Site: site, Page: p})
		if err != nil {
			t.Fatal(err)
		}
		const want = "Correction (18:06 Seoul time, 24 Oct 2025):"
		text := string(body)
		if strings.Count(text, want) != 1 || strings.Contains(text, "<wrong>") {
			t.Errorf("%s: %s", form, text)
		}
		before := strings.Index(text, want) < strings.Index(text, "They meet on &lt;em")
		if form != "JSON" && (!before || !strings.Contains(text, "The day was &")) {
			t.Errorf("%s: the correction does not come first: %s", form, text)
		}
	}
}
