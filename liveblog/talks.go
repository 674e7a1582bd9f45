package liveblog

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// Talks is the state of the negotiation at one moment: the result of applying the acts of all public entries in order
// of the entries' time. Its JSON form is that of the API and of the wire.
type Talks struct {
	Setup     Setup             `json:"-"`
	Board     []TrackStanding   `json:"board"`     // every track, in the order of the setup
	Positions []PositionHeld    `json:"positions"` // the newest of each party on each track, in the order of the setup
	Claims    []ClaimStanding   `json:"claims"`    // the most recently changed first
	Quotes    []Quote           `json:"quotes"`    // newest first
	Readouts  []MeetingAccounts `json:"readouts"`  // every meeting, in the order of the setup
	Texts     []Document        `json:"texts"`     // in the order of their first versions
	Agenda    []SessionStanding `json:"agenda"`    // every session, in the order of their time
	Figures   []FigureStanding  `json:"figures"`   // in the order of their first values

	index *talksIndex // nil for talks that were decoded from JSON
}

// By says which entry has stated something, and when.
type By struct {
	Entry int       `json:"entry"` // its number; 0 if no entry has stated it
	At    time.Time `json:"at"`    // when the entry was published
}

// MarshalJSON implements [json.Marshaler]. The zero value is null.
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

// Fold returns the state of the talks after the statements, which may be in any order. It accepts any content: acts
// that are incomplete or refer to items that the setup does not have are ignored. No list in the result is nil.
//
// Fold takes O(n log n) time for n acts, whatever they refer to.
func Fold(setup Setup, statements []Statement) Talks { return NewLedger(setup, statements).Fold() }

// Judge checks the acts of an entry as [Ledger.Judge] does.
func Judge(setup Setup, statements []Statement, acts Acts, by By) (Acts, error) {
	return NewLedger(setup, statements).Judge(acts, by)
}

// CheckDraft checks acts that do not take effect yet and returns them tidied. It applies only the rules that do not
// depend on other entries.
func CheckDraft(setup Setup, acts Acts) (Acts, error) { return acts.check(setup, nil, By{}, nil) }

func newTalks(setup Setup) *Talks {
	t := &Talks{
		Setup: setup.withoutNil(), Board: []TrackStanding{}, Positions: []PositionHeld{}, Claims: []ClaimStanding{},
		Quotes: []Quote{}, Readouts: []MeetingAccounts{}, Texts: []Document{}, Agenda: []SessionStanding{},
		Figures: []FigureStanding{},
	}
	t.startBoard()
	t.startAgenda()
	t.startReadouts()
	t.Index()
	t.index.tracks = indexBy(t.Board, func(s *TrackStanding) string { return s.ID })
	t.index.sessions = indexBy(t.Agenda, func(s *SessionStanding) string { return s.ID })
	t.index.meetings = indexBy(t.Readouts, func(m *MeetingAccounts) string { return m.ID })
	t.index.parties = indexBy(t.Setup.Parties, func(p *Party) string { return p.ID })
	t.index.accounts = map[accountKey]int{}
	return t
}

// apply applies the acts of an entry.
func (t *Talks) apply(e *ledgerEntry) {
	for i := range e.acts {
		e.acts[i].apply(t, e.acts[i].Act, e.By)
	}
}

// finish sorts everything into the order in which it is shown. Until then each history has its latest step last, since
// inserting each step at the front would take quadratic time.
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

// Refers returns an error for each item that a statement refers to and the setup does not have. It names the list of
// the setup to which the item belongs and the first entry that refers to it. A new setup must keep these items.
func Refers(setup Setup, statements []Statement) []FieldError {
	var v FieldErrors
	seen, known := map[reference]bool{}, setup.references()
	byTime := func(a, b Statement) int { return compareBy(a.By, b.By) }
	for _, s := range slices.SortedStableFunc(slices.Values(statements), byTime) {
		for _, a := range s.Acts.List() {
			for _, r := range a.references() {
				if !known[r] && !seen[r] {
					seen[r] = true
					v.Addf(r.list, "The %s “%s” has to stay: entry %d refers to it.", r.field, clip(r.id, 60),
						s.Entry)
				}
			}
		}
	}
	return v.Fields
}
