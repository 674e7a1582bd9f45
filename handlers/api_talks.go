package handlers

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"time"

	"readout/liveblog"
	"readout/realtime"
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// talksPart is one of the lists that the acts come to, as the API and the wire name it.
type talksPart struct {
	name string
	of   func(*liveblog.Talks) any
}

var talksParts = []talksPart{
	{"board", func(t *liveblog.Talks) any { return listOf(t.Board) }},
	{"positions", func(t *liveblog.Talks) any { return listOf(t.Positions) }},
	{"claims", func(t *liveblog.Talks) any { return listOf(t.Claims) }},
	{"agenda", func(t *liveblog.Talks) any { return listOf(t.Agenda) }},
	{"figures", func(t *liveblog.Talks) any { return listOf(t.Figures) }},
	{"quotes", func(t *liveblog.Talks) any { return listOf(t.Quotes) }},
	{"readouts", func(t *liveblog.Talks) any { return listOf(t.Readouts) }},
	{"texts", func(t *liveblog.Talks) any { return listOf(t.Texts) }},
}

// getTalks answers with one part of where the talks stand, or stood at the moment that ?at= names.
func (h *apiHandlers) getTalks(part talksPart) fiber.Handler {
	return func(c *fiber.Ctx) error {
		b, t, at, err := h.talksOf(c)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, map[string]any{"cursor": b.Cursor.String(), "at": at, part.name: part.of(&t)})
	}
}

// getBriefing answers with all parts at once.
func (h *apiHandlers) getBriefing(c *fiber.Ctx) error {
	b, t, at, err := h.talksOf(c)
	if err != nil {
		return err
	}
	answer := map[string]any{"cursor": b.Cursor.String(), "at": at, "blog": h.blogData(b)}
	for _, part := range talksParts {
		answer[part.name] = part.of(&t)
	}
	return sendJSON(c, http.StatusOK, answer)
}

// talksOf reads where the talks stand at the moment that the request names; at is nil for now.
func (h *apiHandlers) talksOf(c *fiber.Ctx) (b liveblog.Blog, t liveblog.Talks, at *time.Time, err error) {
	when, err := momentParam(c)
	if err != nil {
		return b, t, nil, err
	}
	ctx, cancel := within(queryTimeout)
	defer cancel()
	if b, t, err = h.Store.Talks(ctx, c.Params("slug"), when); err == nil && !when.IsZero() {
		at = &when
	}
	return b, t, at, err
}

func (h *apiHandlers) getSetup(c *fiber.Ctx) error {
	ctx, cancel := within(queryTimeout)
	defer cancel()
	_, t, err := h.Store.Talks(ctx, c.Params("slug"), time.Time{})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, setupData(t.Setup))
}

// putSetup replaces the whole setup.
func (h *apiHandlers) putSetup(c *fiber.Ctx) error {
	setup, err := liveblog.ParseSetup(body(c))
	if err != nil {
		return err
	}
	ctx, cancel := within(commitTimeout)
	defer cancel()
	t, err := h.Desk.UpdateSetup(ctx, actor(c), c.Params("slug"), setup)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, setupData(t.Setup))
}

// setupData has an empty list in place of each that is missing.
func setupData(s liveblog.Setup) liveblog.Setup {
	s.Tracks, s.Parties, s.Speakers = listOf(s.Tracks), listOf(s.Parties), listOf(s.Speakers)
	s.Meetings, s.Sessions, s.Approval = listOf(s.Meetings), listOf(s.Sessions), listOf(s.Approval)
	return s
}

// TalksParts is what of the talks has changed, for the wire: lists as in the API, or HTML as it stands in pages.
func TalksParts(b liveblog.Blog, prev, next *liveblog.Talks, f realtime.Format) (parts realtime.TalksParts) {
	changed := map[string]any{}
	for _, part := range talksParts {
		if prev == nil || !sameJSON(part.of(prev), part.of(next)) {
			parts.Names = append(parts.Names, part.name)
			changed[part.name] = part.of(next)
		}
	}
	if prev != nil && !sameJSON(prev.Setup, next.Setup) {
		parts.Names = append(parts.Names, "setup")
	}
	if f == realtime.HTML {
		html := func(part string, render func(liveblog.Blog, *liveblog.Talks) string) {
			if changed[part] != nil {
				changed[part] = htmlPart{render(b, next)}
			}
		}
		html("board", views.BoardHTML)
		html("agenda", views.AgendaHTML)
		html("figures", views.FiguresHTML)
		if changed["positions"] != nil {
			changed["positions"] = struct{}{} // it stands on a page of its own
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
	Status liveblog.ClaimStatus `json:"status"` // empty for a claim that was taken back
	HTML   string               `json:"html"`   // as entries that cite it show it
}

// claimParts are the claims that read otherwise than before: for what they say, or what they rest on.
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
			continue // most are as they were, and not rendered
		}
		now := claimPart{c.Claim, c.Status, views.ClaimHTML(b, next, c.Claim)}
		if !known || now != (claimPart{was.Claim, was.Status, views.ClaimHTML(b, prev, c.Claim)}) {
			parts = append(parts, now)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		parts = append(parts, claimPart{Claim: id, HTML: views.ClaimHTML(b, next, id)})
	}
	return parts
}

func sameJSON(a, b any) bool {
	if reflect.DeepEqual(a, b) { // which most are, and which is faster to see
		return true
	}
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(x, y)
}

// actsMember is where the acts of a request go.
type actsMember struct{ into **liveblog.Acts }

// UnmarshalJSON implements [json.Unmarshaler] by the domain's rules.
func (m actsMember) UnmarshalJSON(text []byte) error {
	acts, err := liveblog.ParseActs(text)
	if err == nil {
		*m.into = &acts
	}
	return err
}

// JSONType says in a refusal what the field must be.
func (actsMember) JSONType() string { return "a list of objects" }
