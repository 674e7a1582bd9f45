package liveblog

import (
	"cmp"
	"slices"
)

// naiveFold is a reference implementation of [Fold] that searches the whole list for each item. It takes at least
// quadratic time.
func naiveFold(setup Setup, statements []Statement) Talks {
	t := Talks{Setup: setup.withoutNil(), Board: []TrackStanding{}, Positions: []PositionHeld{},
		Claims: []ClaimStanding{}, Quotes: []Quote{},
		Readouts: []MeetingAccounts{}, Texts: []Document{}, Agenda: []SessionStanding{}, Figures: []FigureStanding{}}
	for _, x := range setup.Tracks {
		t.Board = append(t.Board, TrackStanding{Track: x, State: NotRaised, History: []Moved{}})
	}
	for _, x := range setup.Sessions {
		t.Agenda = append(t.Agenda, SessionStanding{AgendaItem: x, Status: Planned, From: x.Starts, To: x.Ends,
			History: []SessionStep{}})
	}
	for _, x := range setup.Meetings {
		t.Readouts = append(t.Readouts, MeetingAccounts{Meeting: x, Accounts: []PartyAccount{}})
	}
	all := slices.Clone(statements)
	slices.SortStableFunc(all, func(a, b Statement) int { return compareBy(a.By, b.By) })
	known := setup.references()
	takesEffect := func(a Act) bool {
		rule, ok := ruleOf(a.Kind)
		for _, r := range a.references() {
			ok = ok && known[r]
		}
		return ok && rule.complete(&a)
	}
	acts := make([][]Act, len(all))
	for i, s := range all {
		for _, a := range s.Acts.List() {
			if takesEffect(a) {
				acts[i] = append(acts[i], a)
				t.applyNaively(a, s.By)
			}
		}
	}
	for i := range t.Claims {
		for k, s := range all {
			if slices.ContainsFunc(acts[k], func(a Act) bool { return a.Claim == t.Claims[i].Claim }) {
				t.Claims[i].CitedBy = append(t.Claims[i].CitedBy, s.Entry)
			}
		}
	}
	held := t.Positions
	t.Positions = []PositionHeld{}
	for _, track := range setup.Tracks {
		for _, party := range setup.Parties {
			for _, p := range held {
				if p.Party == party.ID && p.Track == track.ID {
					t.Positions = append(t.Positions, p)
				}
			}
		}
	}
	slices.SortStableFunc(t.Claims, func(a, b ClaimStanding) int { return compareBy(b.By, a.By) })
	slices.SortStableFunc(t.Agenda, func(a, b SessionStanding) int { return a.From.Compare(b.From) })
	slices.Reverse(t.Quotes)
	return t
}

// indexOrEnd returns the index of the first item that satisfies is, or len(items) if there is none.
func indexOrEnd[T any](items []T, is func(T) bool) int {
	if i := slices.IndexFunc(items, is); i >= 0 {
		return i
	}
	return len(items)
}

func (t *Talks) applyNaively(a Act, by By) {
	switch a.Kind {
	case ActMove:
		s := &t.Board[slices.IndexFunc(t.Board, func(s TrackStanding) bool { return s.ID == a.Track })]
		if s.State != a.To && a.To.valid() {
			s.History = slices.Insert(s.History, 0, Moved{From: s.State, To: a.To, Source: a.Source, By: by})
			s.State, s.By = a.To, by
		}
	case ActPosition:
		next := PositionHeld{Party: a.Party, Track: a.Track, Text: a.Text, Speaker: a.Speaker, Source: a.Source, By: by,
			Before: []PositionHeld{}}
		i := indexOrEnd(t.Positions, func(p PositionHeld) bool { return p.Party == a.Party && p.Track == a.Track })
		if i == len(t.Positions) {
			t.Positions = append(t.Positions, next)
			return
		}
		last := t.Positions[i]
		next.Before, last.Before = last.Before, nil
		next.Before = slices.Insert(next.Before, 0, last)
		t.Positions[i] = next
	case ActClaim:
		t.applyClaimNaively(a, by)
	case ActQuote:
		t.Quotes = append(t.Quotes, Quote{a.Speaker, a.Text, a.Original, a.Language, a.Translator,
			cmp.Or(a.Record, "on"), a.Source, by})
	case ActReadout:
		m := &t.Readouts[slices.IndexFunc(t.Readouts, func(m MeetingAccounts) bool { return m.ID == a.Meeting })]
		m.Accounts = slices.DeleteFunc(m.Accounts, func(p PartyAccount) bool { return p.Party == a.Party })
		m.Accounts = append(m.Accounts, PartyAccount{a.Party, a.Points, a.Source, by})
		order := func(p PartyAccount) int {
			return slices.IndexFunc(t.Setup.Parties, func(x Party) bool { return x.ID == p.Party })
		}
		slices.SortStableFunc(m.Accounts, func(a, b PartyAccount) int { return order(a) - order(b) })
	case ActText:
		i := indexOrEnd(t.Texts, func(d Document) bool { return d.Document == a.Document })
		if i == len(t.Texts) {
			t.Texts = append(t.Texts, Document{Document: a.Document})
		}
		t.Texts[i].Versions = append(t.Texts[i].Versions, DocumentVersion{a.Version, a.Body, by})
	case ActSession:
		fits := a.Starts == nil || plausible(*a.Starts)
		if !slices.Contains(sessionStatuses(), a.Status) || !fits || a.Ends != nil && !plausible(*a.Ends) {
			return
		}
		s := &t.Agenda[slices.IndexFunc(t.Agenda, func(s SessionStanding) bool { return s.ID == a.Session })]
		*s = s.after(a, by.At)
		if s.To != nil && !s.To.After(s.From) {
			s.To = nil
		}
		s.By = by
		s.History = slices.Insert(s.History, 0, SessionStep{s.Status, s.From, s.To, by})
	case ActFigure:
		next := FigureValue{a.Value, a.Unit, a.Source, by}
		i := indexOrEnd(t.Figures, func(f FigureStanding) bool { return f.Figure == a.Figure })
		if i == len(t.Figures) {
			t.Figures = append(t.Figures, FigureStanding{a.Figure, next, []FigureValue{}})
			return
		}
		f := &t.Figures[i]
		f.Before = slices.Insert(f.Before, 0, f.FigureValue)
		f.FigureValue = next
	}
}

func (t *Talks) applyClaimNaively(a Act, by By) {
	if !slices.Contains(claimStatuses(), a.Status) {
		return
	}
	at := func(id string) int { return indexOrEnd(t.Claims, func(c ClaimStanding) bool { return c.Claim == id }) }
	for on := RestsOn(a.Attribution); on != ""; {
		if on == a.Claim {
			a.Attribution = ""
			break
		}
		i := at(on)
		if i == len(t.Claims) {
			break
		}
		on = RestsOn(t.Claims[i].Attribution)
	}
	i := at(a.Claim)
	if i == len(t.Claims) {
		t.Claims = append(t.Claims, ClaimStanding{Claim: a.Claim, CitedBy: []int{}})
	}
	c := &t.Claims[i]
	c.Status, c.By = ClaimStatus(a.Status), by
	c.Text = cmp.Or(a.Text, c.Text, spaced(a.Claim))
	c.Attribution = cmp.Or(a.Attribution, c.Attribution)
	c.History = slices.Insert(c.History, 0, ClaimStep{c.Status, c.Text, c.Attribution, by})
}
