package liveblog

import (
	"cmp"
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

// Statement is one public entry that has acts.
type Statement struct {
	By
	Acts Acts
}

// Fold returns where the talks stand after the statements, in whatever order they are given.
func Fold(setup Setup, statements []Statement) Talks {
	t := newTalks(setup)
	for _, s := range inOrder(statements) {
		t.state(s)
	}
	t.finish()
	return *t
}

// Judge returns the entry's acts tidied, or an [Invalid] error that names each field at fault. Others are the other
// public entries with acts; an entry is judged at its place among them in order of time.
func Judge(setup Setup, others []Statement, acts Acts, by By) (Acts, error) {
	t := newTalks(setup)
	for _, s := range inOrder(others) {
		if before(s.By, by) {
			t.state(s)
		}
	}
	return acts.check(setup, t, by)
}

// CheckDraft looks at acts that take no effect yet: at all that does not depend on other entries.
func CheckDraft(setup Setup, acts Acts) (Acts, error) { return acts.check(setup, nil, By{}) }

func newTalks(setup Setup) *Talks {
	t := &Talks{Setup: setup}
	t.startBoard()
	t.startAgenda()
	t.startReadouts()
	return t
}

func (t *Talks) state(s Statement) {
	for _, a := range s.Acts.List() {
		if rule, ok := ruleOf(a.Kind); ok {
			rule.apply(t, a, s.By)
		}
	}
}

// finish puts everything in the order in which it is shown.
func (t *Talks) finish() {
	t.orderPositions()
	t.orderClaims()
	t.orderAgenda()
	slices.Reverse(t.Quotes)
}

func inOrder(statements []Statement) []Statement {
	all := slices.Clone(statements)
	slices.SortFunc(all, func(a, b Statement) int { return compareBy(a.By, b.By) })
	return all
}

func compareBy(a, b By) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Entry, b.Entry))
}

func before(a, b By) bool { return compareBy(a, b) < 0 }

// Refers returns, for each id of the setup that a statement refers to and the setup does not have, the field and the
// entry: what a new setup must not take away.
func Refers(setup Setup, statements []Statement) []FieldError {
	var v invalid
	for _, s := range inOrder(statements) {
		for _, a := range s.Acts.List() {
			_, ok := setup.Track(a.Track)
			v.orphan("tracks", "track", a.Track, ok, s.Entry)
			_, ok = setup.Party(a.Party)
			v.orphan("parties", "party", a.Party, ok, s.Entry)
			_, ok = setup.Speaker(a.Speaker)
			v.orphan("speakers", "speaker", a.Speaker, ok, s.Entry)
			_, ok = setup.Meeting(a.Meeting)
			v.orphan("meetings", "meeting", a.Meeting, ok, s.Entry)
			_, ok = setup.Session(a.Session)
			v.orphan("sessions", "session", a.Session, ok, s.Entry)
		}
	}
	return v.fields
}

func (v *invalid) orphan(field, name, id string, known bool, entry int) {
	if id != "" && !known {
		v.addf(field, "The %s “%s” has to stay: entry %d refers to it.", name, id, entry)
	}
}
