package liveblog

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// Talks is where the negotiation stands, at one moment: what all acts of the public entries come to, in order of the
// entries' time. Nothing else writes it. Its JSON form is that of the API and of the wire.
type Talks struct {
	Setup     Setup             `json:"-"`
	Board     []TrackStanding   `json:"board"`     // every track, in the order of the setup
	Positions []PositionHeld    `json:"positions"` // the newest of each party on each track, in the order of the setup
	Claims    []ClaimStanding   `json:"claims"`    // the one that changed last first
	Quotes    []Quote           `json:"quotes"`    // the newest first
	Readouts  []MeetingAccounts `json:"readouts"`  // every meeting, in the order of the setup
	Texts     []Document        `json:"texts"`     // in the order of their first versions
	Agenda    []SessionStanding `json:"agenda"`    // every session, in the order of their time
	Figures   []FigureStanding  `json:"figures"`   // in the order of their first values

	index *talksIndex // nil for talks that were decoded
}

// By says which entry has stated something, and when.
type By struct {
	Entry int       `json:"entry"` // its number; 0 for what no entry has stated
	At    time.Time `json:"at"`    // of its publication
}

// MarshalJSON implements [json.Marshaler]: what no entry has stated is null.
func (b By) MarshalJSON() ([]byte, error) {
	if b == (By{}) {
		return []byte("null"), nil
	}
	type plain By
	return json.Marshal(plain(b))
}

// Statement is one public entry that has acts.
type Statement struct {
	By
	Acts Acts
}

// Fold returns where the talks stand after the statements, in whatever order they are given. It takes whatever is in them:
// an act that is not whole, or that names what the setup does not have, counts for nothing. No list of the result is nil.
//
// The work is that of sorting the statements: a fold of n acts takes O(n log n) steps, whatever they refer to.
func Fold(setup Setup, statements []Statement) Talks { return NewLedger(setup, statements).Fold() }

// Judge returns the entry's acts tidied, or an [Invalid] error that names each field at fault, as [Ledger.Judge] does.
func Judge(setup Setup, statements []Statement, acts Acts, by By) (Acts, error) {
	return NewLedger(setup, statements).Judge(acts, by)
}

// CheckDraft looks at acts that take no effect yet: at all that does not depend on other entries.
func CheckDraft(setup Setup, acts Acts) (Acts, error) { return acts.check(setup, nil, By{}, nil) }

func newTalks(setup Setup) *Talks {
	t := &Talks{Setup: setup.listed(), Board: []TrackStanding{}, Positions: []PositionHeld{}, Claims: []ClaimStanding{}, Quotes: []Quote{},
		Readouts: []MeetingAccounts{}, Texts: []Document{}, Agenda: []SessionStanding{}, Figures: []FigureStanding{}}
	t.startBoard()
	t.startAgenda()
	t.startReadouts()
	t.Index()
	t.index.tracks = placesOf(t.Board, func(s *TrackStanding) string { return s.ID })
	t.index.sessions = placesOf(t.Agenda, func(s *SessionStanding) string { return s.ID })
	t.index.meetings = placesOf(t.Readouts, func(m *MeetingAccounts) string { return m.ID })
	t.index.parties = placesOf(t.Setup.Parties, func(p *Party) string { return p.ID })
	t.index.accounts = map[account]int{}
	return t
}

func (t *Talks) state(e *ledgerEntry) {
	for i := range e.acts {
		e.acts[i].apply(t, e.acts[i].Act, e.By)
	}
}

// finish puts everything in the order in which it is shown. Until then each history has its latest step last: to put it
// first each time would move all others.
func (t *Talks) finish(all []ledgerEntry) {
	t.cite(all)
	t.orderBoard()
	t.orderPositions()
	t.orderClaims()
	t.orderAccounts()
	t.orderAgenda()
	t.orderFigures()
	slices.Reverse(t.Quotes)
	t.Index()
}

func compareBy(a, b By) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Entry, b.Entry))
}

func before(a, b By) bool { return compareBy(a, b) < 0 }

// Refers returns, for each item that a statement names and the setup does not have, the list where it belongs and the entry:
// what a new setup must not take away.
func Refers(setup Setup, statements []Statement) []FieldError {
	var v invalid
	seen, known := map[reference]bool{}, setup.references()
	for _, s := range slices.SortedStableFunc(slices.Values(statements), func(a, b Statement) int { return compareBy(a.By, b.By) }) {
		for _, a := range s.Acts.List() {
			for _, r := range a.references() {
				if !known[r] && !seen[r] {
					seen[r] = true
					v.addf(r.list, "The %s “%s” has to stay: entry %d refers to it.", r.field, clip(r.id, 60), s.Entry)
				}
			}
		}
	}
	return v.fields
}
