package views_test

import (
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views/reader"
	"readout/views/talks"

	"github.com/a-h/templ"
)

// talksPage is the data of the page with this name at present.
func talksPage(name string) talks.Page {
	p := richPage()
	return talks.Page{Site: site, Blog: p.Head.Blog, Talks: p.Talks, Path: "/live/talks/" + name}
}

func TestBoardAboveTheStream(t *testing.T) {
	t.Parallel()
	_, doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: richPage()}))
	const track = `[data-part=board] [data-standing="track rare-earths"]`
	expect{
		"[data-part=board] h2":        "Where the talks stand",
		"[data-part=board] h2 a@href": "/live/talks/board",
		"[data-part=board] .tally": "1 agreed · 1 in talks · 1 not raised · 1 stalled · 1 " +
			"collapsed",
		"[data-part=board] .zone-note":                                      "All times Seoul time",
		track + " .name@href":                                               "/live/talks/board/rare-earths",
		track + " .state":                                                   "Agreed",
		track + " a[data-entry]@data-entry":                                 "4",
		track + " a[data-entry]@href":                                       "/live/talks/4",
		track + " time":                                                     "14:03, 28 Oct 2025",
		track + " time@datetime":                                            "2025-10-28T14:03:00+09:00",
		`[data-standing="track port-fees"] .state`:                          "Not raised",
		`[data-standing="track port-fees"] a[data-entry]`:                   "none",
		"[data-part=figures] [data-standing='figure average-tariff'] .name": "Average tariff",
		"[data-standing='figure average-tariff'] .value":                    "47 %",
		"[data-standing='figure average-tariff'] .change":                   "down from 52 %",
		"[data-standing='figure average-tariff'] .source":                   "Source: news.example",
		"[data-standing='figure average-tariff'] .source@href":              "https://www.news.example/a",
		"[data-standing='figure average-tariff'] time":                      "14:03 Seoul time, 28 Oct 2025",
		"[data-standing='figure truce-ends'] .change":                       "was 10 Nov 2025",
	}.check(t, doc)
	if n := doc.Find("[data-part=board] [data-standing]").Length(); n != 5 {
		t.Errorf("%d tracks, want 5", n)
	}
	// The marks must differ in shape, for readers who do not see colors.
	shapes := map[string]string{}
	for _, li := range doc.Find("[data-part=board] [data-standing]").EachIter() {
		shape, _ := li.Find("svg").Html()
		state := li.Find(".state").Text()
		if other, ok := shapes[shape]; ok {
			t.Errorf("%s and %s have the same mark", other, state)
		}
		shapes[shape] = state
	}
	for _, svg := range doc.Find("[data-part=board] svg").EachIter() {
		if hidden, _ := svg.Attr("aria-hidden"); hidden != "true" {
			t.Error("screen readers read a mark as well as its text")
		}
	}
}

func TestNoBoardWithoutTracks(t *testing.T) {
	t.Parallel()
	page := samplePage(3)
	for name, c := range everyPage(page) {
		_, doc := render(t, c)
		if got := doc.Find(".board, .figures, .talks-pages, .acts").Length(); got != 0 {
			t.Errorf("the %s page shows %d parts of talks without content", name, got)
		}
	}
	_, doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: page}))
	expect{"[data-part=board]": "", "[data-part=figures]": "", "[data-part=agenda]": ""}.check(t, doc)
}

// TestPartsEqualThePage checks that the parts sent over the live connection are identical to those in the page.
func TestPartsEqualThePage(t *testing.T) {
	t.Parallel()
	page := richPage()
	_, doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: page}))
	for selector, html := range map[string]string{
		"[data-part=board]":                             talks.BoardHTML(page.Head.Blog, &page.Talks),
		"[data-part=figures]":                           talks.FiguresHTML(page.Head.Blog, &page.Talks),
		"[data-part=agenda]":                            talks.AgendaHTML(page.Head.Blog, &page.Talks),
		"#entry-3 [data-act='2'] [data-claim=soybeans]": talks.ClaimHTML(page.Head.Blog, &page.Talks, "soybeans"),
		"#entry-5 [data-claim=nothing]":                 talks.ClaimHTML(page.Head.Blog, &page.Talks, "nothing"),
	} {
		got, err := doc.Find(selector).Html()
		if err != nil {
			t.Fatal(err)
		}
		want, err := parse(t, html).Find("body").Html()
		if err != nil {
			t.Fatal(err)
		}
		if got != want || strings.TrimSpace(got) == "" {
			t.Errorf("the page has in %s\n%s\nthe live connection sends\n%s", selector, got, want)
		}
	}
}

func TestActsInEntries(t *testing.T) {
	t.Parallel()
	_, doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: richPage()}))
	expect{
		"#entry-4 [data-act='0'] .act-line":      "Rare earths moved to Agreed",
		"#entry-4 [data-act='0'] .act-of@href":   "/live/talks/board/rare-earths",
		"#entry-4 [data-act='0'] .source":        "Source: news.example",
		"#entry-5 [data-act='2'] .act-line":      "United States on Tariffs",
		"#entry-5 [data-act='2'] .position-text": "The average goes to 47%.",
		"#entry-5 [data-act='2'] .speaker":       "Scott Bessent, U.S. Treasury Secretary",
		"#entry-4 [data-act='3'] .act-line":      "Average tariff 47 %",
		"#entry-2 [data-claim=soybeans] .state":  "Corroborated", // the present status, not that of the entry's act
		"#entry-2 [data-claim=soybeans] .name":   "China will buy soybeans again.",
		"#entry-2 [data-claim=soybeans] a@href":  "/live/talks/claims#claim-soybeans",
		"#entry-2 [data-act='2'] .act-line":      "Claim reported in this update",
		"#entry-3 [data-act='2'] .act-line":      "Rests on this claim",
		"#entry-4 [data-act='2'] .act-line":      "Claim denied by this update",
		"#entry-5 [data-claim=handshake] .state": "Withdrawn",
		"#entry-5 [data-claim=nothing] .state":   "Taken back",
		"#entry-5 [data-claim=nothing] a":        "none",
	}.check(t, doc)
	for i, acts := range richActs() {
		e := doc.Find("#entry-" + string(rune('1'+i)) + " .acts > li")
		if e.Length() != len(acts) {
			t.Errorf("entry %d shows %d acts, want %d", i+1, e.Length(), len(acts))
		}
		for k, li := range e.EachIter() {
			if strings.TrimSpace(li.Text()) == "" {
				t.Errorf("entry %d shows nothing of its act %d, a %s", i+1, k, acts[k].Kind)
			}
		}
	}
}

func TestTrackPage(t *testing.T) {
	t.Parallel()
	_, doc := render(t, talks.Track(talksPage("board/rare-earths"), "rare-earths"))
	expect{
		"head > title":                  "Rare earths – Talks in Seoul – Readout",
		"main@data-window":              "talks",
		"[data-talks] > h2":             "Rare earths",
		".stands .state":                "Agreed",
		"svg[role=img]@aria-labelledby": "chart-rare-earths-title chart-rare-earths-desc",
		"#chart-rare-earths-title":      "The course of “Rare earths” so far",
		"#chart-rare-earths-desc": "From not raised to raised at 14:03 Seoul time, 25 Oct 2025, then in talks at " +
			"14:03 Seoul " +
			"time, 26 Oct 2025, then agreed at 14:03 Seoul time, 28 Oct 2025.",
		".chart-line@d":                     "M0 688H60V563H347V438H920V188H1000",
		".chart-dots@d":                     "M60 563h.01M347 438h.01M920 188h.01",
		".held h4":                          "China",
		".held > .held-by > .position-text": "The controls are suspended for a year.",
		"#before-china-rare-earths summary": "Before (1): China",
		`nav a[aria-current="true"]`:        "Board",
		"[data-connection][hidden] button":  "Pause",
	}.check(t, doc)
	var moves []string
	for _, li := range doc.Find(".steps > li").EachIter() {
		moves = append(moves, strings.Join(strings.Fields(li.Text()), " "))
	}
	want := "14:03 Seoul time, 28 Oct 2025 From in talks to Agreed Update 4 Source: news.example|" +
		"14:03 Seoul time, 26 Oct 2025 From raised to In talks Update 2|" +
		"14:03 Seoul time, 25 Oct 2025 From not raised to Raised Update 1"
	if got := strings.Join(moves, "|"); got != want {
		t.Errorf("the moves are\n%s\nwant\n%s", got, want)
	}

	_, doc = render(t, talks.Track(talksPage("board/port-fees"), "port-fees"))
	expect{"svg[role=img]": "none", ".steps": "none"}.check(t, doc)
	if got := doc.Find("[data-talks] .nothing").First().Text(); got != "No update has raised it yet." {
		t.Errorf("of a track that was not raised the page says %q", got)
	}
}

func TestBoardPage(t *testing.T) {
	t.Parallel()
	_, doc := render(t, talks.Board(talksPage("board")))
	expect{
		"#track-taiwan > .item-head .state":            "Collapsed",
		"#track-taiwan h3 a@href":                      "/live/talks/board/taiwan",
		"#track-taiwan > .facts":                       "Since 14:03 Seoul time, 27 Oct 2025 Update 3",
		"#moves-taiwan summary":                        "All 2 moves of Taiwan",
		"#track-port-fees .facts":                      "No update has raised it yet.",
		`nav a[aria-current="page"]`:                   "Board",
		"#track-tariffs .about":                        "Duties on both sides.",
		"form.earlier@action":                          "/live/talks/board",
		"form.earlier label":                           "See it at an earlier moment, Seoul time",
		"form.earlier input[type=datetime-local]@name": "at",
		"meta[name=robots]@content":                    "max-image-preview:large",
	}.check(t, doc)
}

func TestPositionsPage(t *testing.T) {
	t.Parallel()
	_, doc := render(t, talks.Positions(talksPage("positions")))
	if got := texts(doc, "thead th[scope=col]"); got != "Track|United States|China" {
		t.Errorf("the columns are %q", got)
	}
	if n := doc.Find(`tbody th[scope=row]`).Length(); n != 5 {
		t.Errorf("%d rows have a heading, want 5", n)
	}
	const cell = "#positions-rare-earths td:nth-of-type(2)"
	expect{
		cell + " > .position-text": "The controls are suspended for a year.",
		cell + " > .facts": "He Lifeng, Vice Premier of China Changed 14:03 Seoul time, 28 Oct 2025 Update 4 Source: " +
			"news.example",
		cell + " > .party":                      "China",
		cell + " > .recent[hidden]@data-recent": "2025-10-28T14:03:00+09:00",
		cell + " > .recent":                     "Changed in the last 24 hours",
		cell + " details .position-text":        "The controls stay.",
		cell + " details .facts": "Said 14:03 Seoul time, 25 Oct 2025 Update 1 Source: " +
			"news.example",
		"#positions-tariffs td:nth-of-type(1) details": "none",
		"#positions-chips td:nth-of-type(1) .nothing":  "Nothing yet",
	}.check(t, doc)
}

func TestClaimsPage(t *testing.T) {
	t.Parallel()
	_, doc := render(t, talks.Claims(talksPage("claims")))
	expect{
		"[data-talks] > .tally":                            "1 corroborated · 1 reported · 1 denied · 1 withdrawn",
		"#claim-soybeans h3":                               "China will buy soybeans again.",
		"#claim-soybeans > .item-head .state":              "Corroborated",
		"#claim-soybeans > .facts:nth-of-type(1)":          "According to Scott Bessent, U.S. Treasury Secretary",
		"#claim-soybeans > .facts:last-child":              "Cited in Update 3",
		"#claim-soybeans .steps > li:nth-child(1) .state":  "Corroborated",
		"#claim-soybeans .steps > li:nth-child(2) .facts":  "According to two officials",
		"#claim-soybeans .steps > li:nth-child(2) .stated": "Update 2",
		"#claim-truce > .facts": "Rests on the claim China will buy soybeans again. " +
			"(corroborated)",
		"#claim-truce > .facts a@href":        "#claim-soybeans",
		"#claim-licences > .item-head .state": "Denied",
		"#claim-handshake > .facts":           "According to a pool reporter",
	}.check(t, doc)
}

func TestFiguresPage(t *testing.T) {
	t.Parallel()
	_, doc := render(t, talks.Figures(talksPage("figures")))
	expect{
		"#figure-average-tariff > .item-head .value": "47 %",
		"#figure-average-tariff > .facts": "Down from 52 % Since 14:03 Seoul time, 28 Oct 2025 Source: " +
			"news.example",
		"#chart-average-tariff-desc": "First 57 % at 14:03 Seoul time, 25 Oct 2025, then 52 % at 14:03 Seoul time, " +
			"27 Oct 2025, " +
			"then 47 % at 14:03 Seoul time, 28 Oct 2025.",
		"#figure-average-tariff .chart-line@d": "M60 80H633V500H920V920H1000",
		"#figure-average-tariff caption":       "Average tariff: values so far",
		"#figure-truce-ends svg":               "none", // dates are not plotted
	}.check(t, doc)
	if n := doc.Find("#figure-average-tariff tbody tr").Length(); n != 3 {
		t.Errorf("%d values, want 3", n)
	}
}

// TestTalksPageOfThePast checks that a page of a past moment says so, keeps it in its links and is not updated.
func TestTalksPageOfThePast(t *testing.T) {
	t.Parallel()
	p := talksPage("positions")
	p.At = start.Add(3*24*time.Hour + time.Hour)
	_, doc := render(t, talks.Positions(p))
	expect{
		"[data-talks][data-at] > .moment":              "As it stood at 15:03 Seoul time, 28 Oct 2025. See it now",
		".moment a@href":                               "/live/talks/positions",
		"meta[name=robots]@content":                    "noindex",
		"form.earlier input@value":                     "2025-10-28T15:03",
		"[data-connection]":                            "none",
		"#positions-chips th a@href":                   "/live/talks/board/chips?at=2025-10-28T15%3A03%3A00%2B09%3A00",
		"#positions-rare-earths .recent:not([hidden])": "Changed in the 24 hours before",
		"#positions-tariffs .recent":                   "none", // stated a day later
	}.check(t, doc)

	p.At = start.Add(4 * 24 * time.Hour).Add(time.Hour)
	_, doc = render(t, talks.Positions(p))
	expect{
		"#positions-tariffs .recent:not([hidden])": "New in the 24 hours before",
		"#positions-rare-earths .recent":           "none",
	}.check(t, doc)
}

func source(t *testing.T, c templ.Component) string {
	t.Helper()
	s, _ := render(t, c)
	return s
}

func TestEmptyTalksPages(t *testing.T) {
	t.Parallel()
	p := talks.Page{Site: site, Blog: sampleBlog(), Talks: liveblog.Talks{}, Path: "/live/talks/board"}
	for want, got := range map[string]string{
		"No tracks have been set up yet.":             source(t, talks.Board(p)),
		"No tracks and parties have been set up yet.": source(t, talks.Positions(p)),
		"No claims have been recorded yet.":           source(t, talks.Claims(p)),
		"No figures have been recorded yet.":          source(t, talks.Figures(p)),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// Interface texts are marked with their language in a blog of another language.
func TestTalksInAnotherLanguage(t *testing.T) {
	t.Parallel()
	page := richPage()
	page.Head.Blog.Language = "fa"
	_, doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: page}))
	expect{
		"main@dir":                  "rtl",
		".board .tally > span@lang": "en",
		`.board [data-standing="track rare-earths"] .standing@lang`: "en",
		`.board [data-standing="track rare-earths"] time`:           "14:03, 28 Oct 2025",
		`.board .zone-note`: "All times Seoul time",
	}.check(t, doc)
}
