package views_test

import (
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views/talks"

	"github.com/PuerkitoBio/goquery"
)

func recordSetup() liveblog.Setup {
	at := start.Add(24 * time.Hour)
	ends := at.Add(time.Hour)
	return liveblog.Setup{
		Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}},
		Parties: []liveblog.Party{
			{ID: "us", Name: "United States", Capital: "Washington", TimeZone: "America/New_York"},
			{ID: "iran", Name: "Iran"},
		},
		Speakers: []liveblog.Speaker{{ID: "spokesman", Name: "A spokesman", Office: "Foreign ministry", Party: "iran"},
			{ID: "analyst", Name: "An analyst"}},
		Meetings: []liveblog.Meeting{{ID: "first", Name: "First round", At: &at}, {ID: "second", Name: "Second round"}},
		Sessions: []liveblog.AgendaItem{{ID: "opening", Name: "Opening", Place: "The palace", Starts: at, Ends: &ends}},
	}
}

func recordActs() []liveblog.Act {
	late := start.Add(24*time.Hour + 40*time.Minute)
	return []liveblog.Act{
		{
			Kind: liveblog.ActQuote, Speaker: "spokesman", Text: "We are ready.",
			Original: "ما آماده\u200cایم.", Language: "fa",
			Translator: "Mara Lindqvist", Record: "background",
			Source: "https://news.example/a",
		},
		{
			Kind: liveblog.ActReadout, Meeting: "first", Party: "us",
			Points: []string{"[sanctions] They stay.", "They meet again next week."},
			Source: "https://state.example/r",
		},
		{
			Kind: liveblog.ActReadout, Meeting: "first", Party: "iran",
			Points: []string{
				"[sanctions] They go.", "The two sides meet again next week.",
				"The talks were held in dignity.",
			},
		},
		{Kind: liveblog.ActText, Document: "joint-statement", Version: "draft 1", Body: "The two sides agree to meet."},
		{Kind: liveblog.ActText, Document: "joint-statement", Version: "draft 2", Body: "The two sides agree to talk."},
		{Kind: liveblog.ActSession, Session: "opening", Status: liveblog.UnderWay, Starts: &late},
		{Kind: liveblog.ActPosition, Party: "us", Track: "tariffs", Text: "They stay."},
		{Kind: liveblog.ActClaim, Claim: "deal", Status: "reported", Text: "A deal is near."},
		{Kind: liveblog.ActClaim, Claim: "gone", Status: "withdrawn", Text: "Nobody says so any more."},
	}
}

func recordPage(language string) talks.Page {
	b := sampleBlog()
	b.Language = language
	statement := liveblog.Statement{By: liveblog.By{Entry: 7, At: start}, Acts: liveblog.NewActs(recordActs())}
	state := liveblog.Fold(recordSetup(), []liveblog.Statement{statement})
	return talks.Page{Site: site, Blog: b, Talks: state, Path: "/live/talks/x"}
}

func TestAgendaPage(t *testing.T) {
	t.Parallel()
	_, doc := render(t, talks.Agenda(recordPage("en")))
	expect{
		".day h3":                                 "Sunday, 26 October 2025",
		"#session-opening h4":                     "Opening",
		"#session-opening .place":                 "The palace",
		"#session-opening .state":                 "Under way 40 min later than planned",
		"#session-opening .venue .clock":          "14:43",
		"#session-opening .venue .clock@datetime": "2025-10-26T14:43:00+09:00",
		"#session-opening .end time":              "15:43",
		"#session-opening .venue .zone":           "Seoul time",
		".capitals dt":                            "Washington",
		".capitals dd":                            "01:43",
		"#session-opening .changes .stated@href":  "/live/talks/7",
		"#session-opening .planned":               "Planned first for 14:03 Seoul time, 26 Oct 2025",
		`a[type="text/calendar"]@href`:            "/live/talks/agenda.ics",
	}.check(t, doc)
}

func TestAgendaAboveTheStream(t *testing.T) {
	t.Parallel()
	p := recordPage("en")
	doc := parse(t, talks.AgendaHTML(p.Blog, &p.Talks))
	expect{
		".now .what": "Opening", ".now .slip": "40 min later than planned",
		".whole a@href": "/live/talks/agenda", ".next": "none",
	}.check(t, doc)
	if got := talks.AgendaHTML(p.Blog, &liveblog.Talks{}); got != "" {
		t.Errorf("a blog without sessions has %q", got)
	}
}

func TestSpeakerPage(t *testing.T) {
	t.Parallel()
	p := recordPage("en")
	speaker, _ := p.Talks.Setup.Speaker("spokesman")
	_, doc := render(t, talks.Speaker(talks.SpeakerPage{Page: p, Speaker: speaker}))
	expect{
		"[data-talks] > h2":                    "A spokesman",
		"[data-talks] > .about":                "Foreign ministry, Iran",
		"figure > blockquote:first-child@cite": "https://news.example/a",
		"figure > blockquote:first-child":      "We are ready.",
		"blockquote.original@lang":             "fa",
		"blockquote.original@dir":              "rtl",
		"blockquote.original":                  "ما آماده\u200cایم.",
		"figcaption .record":                   "On background",
		"figcaption .translation":              "Translated from Persian by Mara Lindqvist",
		"figcaption .source":                   "Source: news.example",
		"figcaption a.source@href":             "https://news.example/a",
		"figcaption .stated@href":              "/live/talks/7",
		"cite":                                 "none", // that is for works, not for persons
		"blockquote figcaption":                "none",
	}.check(t, doc)
}

func TestSpeakersByParty(t *testing.T) {
	t.Parallel()
	_, doc := render(t, talks.Speakers(recordPage("en")))
	expect{
		"#speaker-spokesman h4 a@href":        "/live/talks/speakers/spokesman",
		".side-speakers:nth-of-type(1) h3":    "Iran",
		".side-speakers:nth-of-type(2) h3":    "Of neither side",
		".side-speakers:nth-of-type(2) .none": "Not quoted yet: An analyst",
	}.check(t, doc)
}

func TestReadoutsSideBySide(t *testing.T) {
	t.Parallel()
	p := recordPage("en")
	_, doc := render(t, talks.Readout(talks.ReadoutPage{Page: p, Meeting: p.Talks.Readouts[0]}))
	var rows []string
	doc.Find(".point").Each(func(_ int, row *goquery.Selection) {
		var parts []string
		row.Find("h3, p").Each(func(_ int, part *goquery.Selection) { parts = append(parts, part.Text()) })
		rows = append(rows, strings.Join(parts, " "))
	})
	want := []string{
		"Sanctions United States They stay. Iran They go.",
		"Likely match United States They meet again next week. Iran The two sides meet again next week.",
		"Only Iran says this United States Nothing on this Iran The talks were held in dignity.",
	}
	if strings.Join(rows, "|") != strings.Join(want, "|") {
		t.Errorf("%q, want %q", rows, want)
	}
	about := doc.Find(".about").Text()
	if !strings.Contains(about, "by an editor") || !strings.Contains(about, "no editor has confirmed") {
		t.Errorf("the page does not say who joined the points: %q", about)
	}
	_, none := render(t, talks.Readout(talks.ReadoutPage{Page: p, Meeting: p.Talks.Readouts[1]}))
	expect{".comparison": "none", ".none": "Nobody has given an account of this meeting yet."}.check(t, none)
	_, list := render(t, talks.Readouts(p))
	expect{
		"#meeting-first .accounts": "Accounts of the United States and Iran",
		"#meeting-second .none":    "No account yet.",
	}.check(t, list)
}

func TestTextPage(t *testing.T) {
	t.Parallel()
	p := recordPage("en")
	d := p.Talks.Texts[0]
	_, doc := render(t, talks.Text(talks.TextPage{Page: p, Document: d, From: &d.Versions[0], To: d.Versions[1]}))
	expect{
		".text-body":                             "The two sides agree to [deleted: meet] [added: talk] .",
		".text-body del":                         "[deleted: meet]",
		".text-body ins":                         "[added: talk]",
		".changed":                               "1 word added, 1 word deleted.",
		"form.choose@method":                     "get",
		"select[name=from] option[selected]":     "draft 1",
		"select[name=to] option[selected]@value": "draft 2",
	}.check(t, doc)
	if doc.Find("form label select").Length() != 2 {
		t.Error("a select element without a label")
	}
	d.Versions = d.Versions[:1]
	_, doc = render(t, talks.Text(talks.TextPage{Page: p, Document: d, To: d.Versions[0]}))
	expect{"form.choose": "none", ".text-body": "The two sides agree to meet.", "ins, del": "none"}.check(t, doc)
}

func TestBriefingPage(t *testing.T) {
	t.Parallel()
	page := samplePage(4)
	head := page.Head
	p := recordPage("en")
	_, doc := render(t, talks.Briefing(talks.BriefingPage{Page: p, Head: head}))
	expect{
		"#known":              head.Summary.Headline,
		".known .stated@href": "/live/talks/97",
		".held-positions dt":  "Tariffs",
		".held-positions dd":  "United States: They stay.",
		".told li b":          "reported",
		".told .told-text":    "A deal is near.",
		".events li a":        "Headline 100",
		".glance .now .what":  "Opening",
		".printed":            "From https://readout.example/live/talks/x",
	}.check(t, doc)
}

func TestLinksKeepThePastMoment(t *testing.T) {
	t.Parallel()
	p := recordPage("en")
	p.At = start.Add(time.Hour)
	const at = "?at=2025-10-25T15%3A03%3A00%2B09%3A00"
	d := p.Talks.Texts[0]
	for name, row := range map[string]struct {
		page interface {
			Find(string) *goquery.Selection
		}
		selector string
		want     string
	}{
		"speakers": {
			second(render(t, talks.Speakers(p))), "#speaker-spokesman h4 a",
			"/live/talks/speakers/spokesman" + at,
		},
		"readouts": {second(render(t, talks.Readouts(p))), "#meeting-first a", "/live/talks/readouts/first" + at},
		"texts": {
			second(render(t, talks.Texts(p))), "#text-joint-statement h3 a",
			"/live/talks/texts/joint-statement" + at,
		},
		"briefing": {
			second(render(t, talks.Briefing(talks.BriefingPage{Page: p}))), ".glance .whole a",
			"/live/talks/agenda" + at,
		},
	} {
		if got, _ := row.page.Find(row.selector).Attr("href"); got != row.want {
			t.Errorf("%s leads to %q, want %q", name, got, row.want)
		}
	}
	_, text := render(t, talks.Text(talks.TextPage{Page: p, Document: d, To: d.Versions[0]}))
	expect{
		"form.choose input[name=at]@value": "2025-10-25T06:03:00Z", ".moment a@href": "/live/talks/x",
		"meta[name=robots]@content": "noindex",
	}.check(t, text)
}

func second(_ string, doc *goquery.Document) *goquery.Document { return doc }

// In a blog of another language all interface texts are marked as English, and none that people said.
func TestRecordPagesInAnotherLanguage(t *testing.T) {
	t.Parallel()
	p := recordPage("fa")
	speaker, _ := p.Talks.Setup.Speaker("spokesman")
	d := p.Talks.Texts[0]
	head := samplePage(4).Head
	head.Summary.Headline = ""
	english := []string{
		"On background", "Likely match", "Only Iran", "Nothing on this", "Under way", "Planned first", "Update of",
		"Show", "What we know", "Claims", "Not quoted yet", "word added", "All texts", "All meetings", "Accounts of",
		"versions, the newest",
	}
	seen := map[string]bool{}
	for name, doc := range map[string]*goquery.Document{
		"agenda":   second(render(t, talks.Agenda(p))),
		"speakers": second(render(t, talks.Speakers(p))),
		"speaker":  second(render(t, talks.Speaker(talks.SpeakerPage{Page: p, Speaker: speaker}))),
		"readouts": second(render(t, talks.Readouts(p))),
		"readout":  second(render(t, talks.Readout(talks.ReadoutPage{Page: p, Meeting: p.Talks.Readouts[0]}))),
		"texts":    second(render(t, talks.Texts(p))),
		"text": second(
			render(t, talks.Text(talks.TextPage{Page: p, Document: d, From: &d.Versions[0], To: d.Versions[1]})),
		),
		"briefing": second(render(t, talks.Briefing(talks.BriefingPage{Page: p, Head: head}))),
	} {
		expect{"main@lang": "fa", "main@dir": "rtl"}.check(t, doc)
		doc.Find("[data-talks] *").Each(func(_ int, s *goquery.Selection) {
			own := s.Clone().Children().Remove().End().Text()
			for _, words := range english {
				if strings.Contains(own, words) {
					seen[words] = true
					if lang, _ := s.Closest("[lang]").Attr("lang"); lang != "en" {
						t.Errorf("%s: %q is marked as %q", name, words, lang)
					}
				}
			}
		})
		if doc.Find("[data-talks] [lang=en]").FilterFunction(func(_ int, s *goquery.Selection) bool {
			return strings.Contains(s.Text(), "We are ready.") || strings.Contains(s.Text(), "The talks were held")
		}).Length() != 0 {
			t.Errorf("%s: what was said is marked as English", name)
		}
	}
	for _, words := range english {
		if !seen[words] {
			t.Errorf("no page has %q", words)
		}
	}
}
