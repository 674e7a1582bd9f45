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
func Fold(setup Setup, statements []Statement) Talks {
	t := newTalks(setup)
	all := inEffect(setup, statements)
	for _, s := range all {
		t.state(s)
	}
	t.finish(all)
	return *t
}

// Judge returns the entry's acts tidied, or an [Invalid] error that names each field at fault. Others are the other
// public entries with acts; an entry is judged at its place among them in order of time.
func Judge(setup Setup, others []Statement, acts Acts, by By) (Acts, error) {
	t := newTalks(setup)
	claims := map[string]bool{}
	note := func(list []Act) {
		for _, a := range list {
			if a.Kind == ActClaim {
				claims[a.Claim] = true
			}
		}
	}
	for _, s := range inEffect(setup, others) {
		if before(s.By, by) {
			t.state(s)
		}
		note(s.acts)
	}
	note(acts.List())
	return acts.check(setup, t, by, func(claim string) bool { return claims[claim] })
}

// CheckDraft looks at acts that take no effect yet: at all that does not depend on other entries.
func CheckDraft(setup Setup, acts Acts) (Acts, error) { return acts.check(setup, nil, By{}, nil) }

func newTalks(setup Setup) *Talks {
	t := &Talks{Setup: setup.listed(), Board: []TrackStanding{}, Positions: []PositionHeld{}, Claims: []ClaimStanding{}, Quotes: []Quote{},
		Readouts: []MeetingAccounts{}, Texts: []Document{}, Agenda: []SessionStanding{}, Figures: []FigureStanding{}}
	t.startBoard()
	t.startAgenda()
	t.startReadouts()
	return t
}

// effective is a statement as it is folded: with the acts that count.
type effective struct {
	By
	acts []Act
}

// inEffect returns the statements in order of time.
func inEffect(setup Setup, statements []Statement) []effective {
	all := make([]effective, 0, len(statements))
	for _, s := range statements {
		e := effective{By: s.By}
		for _, a := range s.Acts.List() {
			rule, ok := ruleOf(a.Kind)
			for _, r := range a.references() {
				ok = ok && r.known(setup)
			}
			if ok && rule.whole(a) {
				e.acts = append(e.acts, a)
			}
		}
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b effective) int { return compareBy(a.By, b.By) })
	return all
}

func (t *Talks) state(s effective) {
	for _, a := range s.acts {
		rule, _ := ruleOf(a.Kind)
		rule.apply(t, a, s.By)
	}
}

// finish puts everything in the order in which it is shown.
func (t *Talks) finish(all []effective) {
	t.cite(all)
	t.orderPositions()
	t.orderClaims()
	t.orderAgenda()
	slices.Reverse(t.Quotes)
}

func compareBy(a, b By) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Entry, b.Entry))
}

func before(a, b By) bool { return compareBy(a, b) < 0 }

// Refers returns, for each item that a statement names and the setup does not have, the list where it belongs and the entry:
// what a new setup must not take away.
func Refers(setup Setup, statements []Statement) []FieldError {
	var v invalid
	seen := map[reference]bool{}
	for _, s := range slices.SortedStableFunc(slices.Values(statements), func(a, b Statement) int { return compareBy(a.By, b.By) }) {
		for _, a := range s.Acts.List() {
			for _, r := range a.references() {
				if !r.known(setup) && !seen[r] {
					seen[r] = true
					v.addf(r.list, "The %s “%s” has to stay: entry %d refers to it.", r.field, clip(r.id, 60), s.Entry)
				}
			}
		}
	}
	return v.fields
}
