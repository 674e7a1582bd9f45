package talks

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views"
	"readout/views/inerttest"

	"github.com/a-h/templ"
)

// The interface's own forms and marks, in an exact spelling that no payload has.
var (
	ourForm = regexp.MustCompile(`<form class="(choose|earlier)" method="get" action="/live/s/x">`)
	ourMark = regexp.MustCompile(
		`(?s)<svg class="[a-z ]+" viewBox="[0-9 ]+" width="[0-9]+" height="[0-9]+" aria-hidden="true">.*?</svg>`)
)

// withoutInterface removes the elements that only the interface may have, and the harmless address with which templ
// replaces a dangerous one.
func withoutInterface(source string) string {
	source = ourMark.ReplaceAllString(ourForm.ReplaceAllString(source, "<div>"), "")
	const replaced = "about:invalid#TemplFailedSanitizationURL"
	return strings.NewReplacer("</form>", "</div>", replaced, "https://news.example/").Replace(source)
}

// TestRecordPagesDefusePayloads puts payloads into every text of an act and of the setup, on every page of the record
// and within an entry.
func TestRecordPagesDefusePayloads(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 10, 30, 2, 0, 0, 0, time.UTC)
	for _, payload := range inerttest.Payloads {
		x := strings.Join(strings.Fields(payload), " ")
		setup := liveblog.Setup{
			Tracks: []liveblog.Track{{ID: "t", Name: x, Description: x}},
			Parties: []liveblog.Party{
				{ID: "p", Name: x, Capital: x, TimeZone: "America/New_York"}, {ID: "q", Name: x},
			},
			Speakers: []liveblog.Speaker{{ID: "s", Name: x, Office: x, Party: "p"}},
			Meetings: []liveblog.Meeting{{ID: "m", Name: x, At: &at}},
			Sessions: []liveblog.AgendaItem{{ID: "a", Name: x, Place: x, Starts: at}},
		}
		later := at.Add(time.Hour)
		acts := liveblog.NewActs([]liveblog.Act{
			{
				Kind: liveblog.ActQuote, Speaker: "s", Text: x, Original: x, Language: x, Translator: x,
				Record: x, Source: x,
			},
			{Kind: liveblog.ActReadout, Meeting: "m", Party: "p", Points: []string{"[" + x + "] " + x, x}, Source: x},
			{Kind: liveblog.ActReadout, Meeting: "m", Party: "q", Points: []string{x}, Source: x},
			{Kind: liveblog.ActText, Document: x, Version: x, Body: payload},
			{Kind: liveblog.ActText, Document: x, Version: x + "2", Body: payload + x},
			{Kind: liveblog.ActSession, Session: "a", Status: liveblog.UnderWay, Starts: &later, Ends: &later},
			{Kind: liveblog.ActPosition, Party: "p", Track: "t", Text: x},
			{Kind: liveblog.ActClaim, Claim: x, Status: x, Text: x, Attribution: x},
		})
		talks := liveblog.Fold(setup, []liveblog.Statement{{By: liveblog.By{Entry: 1, At: at}, Acts: acts}})
		p := Page{
			Site:  views.Site{Name: "Readout", BaseURL: "https://readout.example"},
			Blog:  liveblog.Blog{Slug: "s", Title: x, Status: liveblog.Live, TimeZone: "UTC", Language: "en"},
			Talks: talks, Path: "/live/s/x", At: at,
		}
		e := liveblog.Entry{Number: 1, Headline: x, Body: payload}
		d := talks.Texts[0]
		pages := map[string]templ.Component{
			"agenda":   Agenda(p),
			"speakers": Speakers(p),
			"speaker":  Speaker(SpeakerPage{Page: p, Speaker: setup.Speakers[0]}),
			"readouts": Readouts(p),
			"readout":  Readout(ReadoutPage{Page: p, Meeting: talks.Readouts[0]}),
			"texts":    Texts(p),
			"text":     Text(TextPage{Page: p, Document: d, From: &d.Versions[0], To: d.Versions[1]}),
			"briefing": Briefing(
				BriefingPage{Page: p, Head: liveblog.Head{Summary: &e, KeyEvents: []liveblog.Entry{e}}},
			),
			"glance": templ.Raw(AgendaHTML(p.Blog, &talks)),
		}
		ed := views.NewEdition(p.Blog)
		for _, a := range acts.List() {
			switch a.Kind {
			case liveblog.ActQuote:
				pages["act quote"] = actQuote(ed, &talks, a)
			case liveblog.ActReadout:
				pages["act readout"] = actReadout(ed, &talks, a)
			case liveblog.ActText:
				pages["act text"] = actText(ed, &talks, a)
			case liveblog.ActSession:
				pages["act session"] = actSession(ed, &talks, a)
			}
		}
		for name, c := range pages {
			if err := inerttest.Page(withoutInterface(views.Fragment(c))); err != nil {
				t.Errorf("%s with %q: %v", name, payload, err)
			}
		}
	}
}
