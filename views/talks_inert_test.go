package views_test

import (
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views"
	"readout/views/inerttest"
	"readout/views/reader"
	"readout/views/talks"

	"github.com/a-h/templ"
)

// TestTalksDefusePayloads puts payloads into every text of tracks, positions, claims and figures that an editor can
// write, and checks every page and fragment that shows one. TestRecordPagesDefusePayloads has the other acts.
func TestTalksDefusePayloads(t *testing.T) {
	t.Parallel()
	// Turn the interface's own drawings and forms into permitted elements, so that their contents are checked.
	own := strings.NewReplacer(
		`<svg class="mark`, `<div class="mark`,
		`<svg role="img"`, `<div role="img"`,
		"</svg>", "</div>",
		`<form class="earlier"`, `<div class="earlier"`,
		`<form class="search"`, `<div class="search"`,
		"</form>", "</div>",
	)
	for _, p := range inerttest.Payloads {
		line := strings.Join(strings.Fields(p), " ")
		by := liveblog.By{Entry: 1, At: time.Date(2025, 10, 25, 5, 3, 0, 0, time.UTC)}
		setup := liveblog.Setup{
			Tracks:   []liveblog.Track{{ID: "a", Name: line, Description: line}},
			Parties:  []liveblog.Party{{ID: "b", Name: line}},
			Speakers: []liveblog.Speaker{{ID: "c", Name: line, Office: line}},
		}
		acts := liveblog.NewActs([]liveblog.Act{
			{Kind: liveblog.ActMove, Track: "a", To: liveblog.Raised, Source: line},
			{Kind: liveblog.ActMove, Track: "a", To: liveblog.InTalks, Source: line},
			{Kind: liveblog.ActPosition, Party: "b", Track: "a", Text: line, Speaker: "c", Source: line},
			{Kind: liveblog.ActPosition, Party: "b", Track: "a", Text: line + ".", Speaker: "c", Source: line},
			{Kind: liveblog.ActClaim, Claim: "d", Status: "reported", Text: line, Attribution: line},
			{Kind: liveblog.ActClaim, Claim: "e", Status: "denied", Text: line, Attribution: "claim:d"},
			{Kind: liveblog.ActCite, Claim: "d"},
			{Kind: liveblog.ActFigure, Figure: "f", Value: line, Unit: line, Source: line},
			{Kind: liveblog.ActFigure, Figure: "f", Value: "1", Unit: line, Source: line},
			{Kind: liveblog.ActFigure, Figure: "f", Value: "2", Unit: line, Source: line},
		})
		state := liveblog.Fold(setup, []liveblog.Statement{{By: by, Acts: acts}})
		b := liveblog.Blog{
			Slug: "s", Title: line, Standfirst: line, Status: liveblog.Live, TimeZone: "UTC", Language: "en",
		}
		e := liveblog.Entry{
			Number: 1, Body: "Text.", Status: liveblog.Published, PublishedAt: by.At, UpdatedAt: by.At, Acts: acts,
		}
		site := views.Site{Name: "Readout", BaseURL: "https://readout.example"}
		page := talks.Page{Site: site, Blog: b, Talks: state, Path: "/live/s/board"}
		stream := liveblog.Page{Head: liveblog.Head{Blog: b}, Entries: []liveblog.Entry{e}, Talks: state}
		fragments := reader.EntryHTML(b, &state, e) + talks.BoardHTML(b, &state) + talks.FiguresHTML(b, &state) +
			talks.ClaimHTML(b, &state, "d")
		for name, c := range map[string]templ.Component{
			"board":     talks.Board(page),
			"track":     talks.Track(page, "a"),
			"positions": talks.Positions(page),
			"claims":    talks.Claims(page),
			"figures":   talks.Figures(page),
			"blog":      reader.Blog(reader.BlogPage{Site: site, Page: stream}),
			"fragments": templ.Raw(fragments),
		} {
			if err := inerttest.Page(own.Replace(views.Fragment(c))); err != nil {
				t.Errorf("%s with %q: %v", name, p, err)
			}
		}
	}
}
