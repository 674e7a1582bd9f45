package data

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"readout/liveblog"
	"readout/views/talks"
)

// Part is one of the lists of the state of the talks, such as the board. Of returns it for JSON; it is never nil.
type Part struct {
	Name string
	Of   func(*liveblog.Talks) any
}

// Parts are all the lists. Callers must not change it.
var Parts = []Part{
	{"board", func(t *liveblog.Talks) any { return listOf(t.Board) }},
	{"positions", func(t *liveblog.Talks) any { return listOf(t.Positions) }},
	{"claims", func(t *liveblog.Talks) any { return listOf(t.Claims) }},
	{"agenda", func(t *liveblog.Talks) any { return listOf(t.Agenda) }},
	{"figures", func(t *liveblog.Talks) any { return listOf(t.Figures) }},
	{"quotes", func(t *liveblog.Talks) any { return listOf(t.Quotes) }},
	{"readouts", func(t *liveblog.Talks) any { return listOf(t.Readouts) }},
	{"texts", func(t *liveblog.Talks) any { return listOf(t.Texts) }},
}

// listOf returns the items, or an empty list for nil, which would be null in JSON.
func listOf[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// SetupOf returns the setup for JSON, with an empty list for each that is nil.
func SetupOf(s liveblog.Setup) liveblog.Setup {
	s.Tracks, s.Parties, s.Speakers = listOf(s.Tracks), listOf(s.Parties), listOf(s.Speakers)
	s.Meetings, s.Sessions, s.Approval = listOf(s.Meetings), listOf(s.Sessions), listOf(s.Approval)
	return s
}

// TalksParts is what has changed in the talks: the lists as the API returns them, or as objects with the HTML that
// pages show. A field is nil if its list has not changed.
type TalksParts struct {
	Names     []string `json:"talks"` // all lists that changed, with and without a field below, and "setup"
	Board     any      `json:"board,omitempty"`
	Positions any      `json:"positions,omitempty"`
	Claims    any      `json:"claims,omitempty"`
	Agenda    any      `json:"agenda,omitempty"`
	Figures   any      `json:"figures,omitempty"`
}

// TalksPartsOf returns how the talks have changed from prev to next; all of next counts as changed if prev is nil.
func TalksPartsOf(b liveblog.Blog, prev, next *liveblog.Talks, html bool) (parts TalksParts) {
	changed := map[string]any{}
	for _, part := range Parts {
		if prev == nil || !sameJSON(part.Of(prev), part.Of(next)) {
			parts.Names = append(parts.Names, part.Name)
			changed[part.Name] = part.Of(next)
		}
	}
	if prev != nil && !sameJSON(prev.Setup, next.Setup) {
		parts.Names = append(parts.Names, "setup")
	}
	if html {
		show := func(part string, render func(liveblog.Blog, *liveblog.Talks) string) {
			if changed[part] != nil {
				changed[part] = htmlPart{render(b, next)}
			}
		}
		show("board", talks.BoardHTML)
		show("agenda", talks.AgendaHTML)
		show("figures", talks.FiguresHTML)
		if changed["positions"] != nil {
			changed["positions"] = struct{}{} // positions have no HTML in the stream, only a page of their own
		}
		if changed["claims"] != nil {
			changed["claims"] = claimParts(b, prev, next)
		}
	}
	parts.Board, parts.Positions, parts.Claims = changed["board"], changed["positions"], changed["claims"]
	parts.Agenda, parts.Figures = changed["agenda"], changed["figures"]
	if parts.Names == nil {
		parts.Names = []string{}
	}
	return parts
}

type htmlPart struct {
	HTML string `json:"html"`
}

type claimPart struct {
	Claim  string               `json:"claim"`
	Status liveblog.ClaimStatus `json:"status"` // empty for a claim that no entry makes any more
	HTML   string               `json:"html"`   // as shown in the entries that cite it
}

// claimParts returns the claims whose HTML or status has changed, or that are new or gone.
func claimParts(b liveblog.Blog, prev, next *liveblog.Talks) []claimPart {
	parts := []claimPart{}
	before := map[string]*liveblog.ClaimStanding{}
	if prev != nil {
		for i := range prev.Claims {
			before[prev.Claims[i].Claim] = &prev.Claims[i]
		}
	}
	for i := range next.Claims {
		c := &next.Claims[i]
		was, known := before[c.Claim]
		delete(before, c.Claim)
		if known && was.Status == c.Status && was.Text == c.Text && was.Attribution == c.Attribution {
			continue // unchanged, which most are: save the rendering
		}
		now := claimPart{c.Claim, c.Status, talks.ClaimHTML(b, next, c.Claim)}
		if !known || now != (claimPart{was.Claim, was.Status, talks.ClaimHTML(b, prev, c.Claim)}) {
			parts = append(parts, now)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		parts = append(parts, claimPart{Claim: id, HTML: talks.ClaimHTML(b, next, id)})
	}
	return parts
}

func sameJSON(a, b any) bool {
	if reflect.DeepEqual(a, b) { // cheaper than encoding, and true for most
		return true
	}
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(x, y)
}
