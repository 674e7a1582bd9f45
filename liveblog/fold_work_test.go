package liveblog

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func foldSetup() Setup {
	s := Setup{}
	for i := range 4 {
		id := fmt.Sprint("x", i)
		s.Tracks = append(s.Tracks, Track{ID: id, Name: id})
		s.Parties = append(s.Parties, Party{ID: id, Name: id})
		s.Meetings = append(s.Meetings, Meeting{ID: id, Name: id})
		s.Sessions = append(s.Sessions, AgendaItem{ID: id, Name: id, Starts: time.Unix(int64(9000-i), 0).UTC()})
	}
	s.Speakers = []Speaker{{ID: "x0", Name: "X"}}
	return s
}

// randomAct returns an act of any kind. Most are claims that rest on each other; some have no effect.
func randomAct(r *rand.Rand, ids int) Act {
	id := func() string { return fmt.Sprint("x", r.IntN(5)) } // x4 is not in the setup
	claim := func() string { return fmt.Sprint("c", r.IntN(ids)) }
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	switch r.IntN(14) {
	case 0:
		return Act{Kind: ActMove, Track: id(), To: TrackStates()[r.IntN(8)]}
	case 1:
		return Act{Kind: ActPosition, Party: id(), Track: id(), Text: pick("Yes.", "No.")}
	case 2:
		return Act{Kind: ActCite, Claim: claim()}
	case 3:
		return Act{Kind: ActQuote, Speaker: "x0", Text: pick("Well.", "")}
	case 4:
		return Act{Kind: ActReadout, Meeting: id(), Party: id(), Points: []string{pick("One.", "Two.")}}
	case 5:
		return Act{Kind: ActText, Document: claim(), Version: pick("1", "2"), Body: "We."}
	case 6:
		a := Act{Kind: ActSession, Session: id(), Status: sessionStatuses()[r.IntN(5)]}
		if r.IntN(2) == 0 {
			at := time.Unix(int64(r.IntN(20000)), 0).UTC()
			a.Starts = &at
		}
		return a
	case 7:
		return Act{Kind: ActFigure, Figure: claim(), Value: pick("1", "2")}
	}
	a := Act{Kind: ActClaim, Claim: claim(), Status: claimStatuses()[r.IntN(5)], Text: pick("", "A.", "B.")}
	a.Attribution = pick("", "an official", "claim:", "claim: "+claim(), "claim:"+claim(), "claim:"+claim(),
		"claim:"+claim(), "claim:"+claim())
	return a
}

// TestFoldMatchesNaiveFold compares folds of random histories with the reference implementation. It fails if a cycle of
// claims is missed or found where there is none (restsOn returning false, rest without its cut, access without its last
// splay), if a history is not reversed, and if replacing an entry in a ledger gives a different ledger from the one
// that the new statements give.
func TestFoldMatchesNaiveFold(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	for n := range 150 {
		r := rand.New(rand.NewPCG(seed, uint64(n)))
		ids := 2 + r.IntN(12)
		statement := func(entry int) Statement {
			var list []Act
			for range 1 + r.IntN(4) {
				list = append(list, randomAct(r, ids))
			}
			return Statement{By: By{Entry: entry, At: time.Unix(int64(r.IntN(60)), 0).UTC()}, Acts: NewActs(list)}
		}
		var all []Statement
		for i := range r.IntN(60) {
			all = append(all, statement(i+1))
		}
		ledger := NewLedger(foldSetup(), all)
		for range 3 {
			same(t, seed, n, naiveFold(foldSetup(), all), ledger.Fold())
			if len(all) == 0 {
				break
			}
			i := r.IntN(len(all))
			all[i] = statement(all[i].Entry)
			if r.IntN(3) == 0 {
				all[i].Acts = ""
			}
			ledger = ledger.With(all[i])
		}
	}
}

func same(t *testing.T, seed uint64, n int, want, got Talks) {
	t.Helper()
	x, err := json.Marshal(want)
	y, err2 := json.Marshal(got)
	if err != nil || err2 != nil || string(x) != string(y) {
		t.Fatalf("seed %d, history %d: %v %v\nwant %s\n got %s", seed, n, err, err2, x, y)
	}
	for i, c := range got.Claims {
		if found, ok := got.Claim(c.Claim); !ok || found.By != got.Claims[i].By {
			t.Fatalf("seed %d, history %d: the index does not know the claim %s", seed, n, c.Claim)
		}
	}
	for _, p := range got.Positions {
		if found, ok := got.Position(p.Party, p.Track); !ok || found.Text != p.Text || found.By != p.By {
			t.Fatalf("seed %d, history %d: the index does not know the position %v", seed, n, p)
		}
	}
}

// shapes returns histories in which n claims rest on each other in different ways, or are stated repeatedly.
func shapes(n int) map[string][]Act {
	claim := func(id int, on string) Act {
		return Act{Kind: ActClaim, Claim: fmt.Sprint("c", id), Status: "reported", Text: "A.", Attribution: on}
	}
	on := func(id int) string { return fmt.Sprint("claim:c", id) }
	all := map[string][]Act{}
	add := func(shape string, act func(i int) Act) {
		for i := range n {
			all[shape] = append(all[shape], act(i))
		}
	}
	add("chain", func(i int) Act { return claim(i, strings.Repeat(on(i-1), min(i, 1))) })
	add("chain, root last", func(i int) Act { return claim(n-i, on(n-i-1)) })
	add("star", func(i int) Act { return claim(i, on(n)) })
	add("one claim", func(i int) Act { return claim(0, fmt.Sprint("official ", i)) })
	add("cycles", func(i int) Act { return claim(i%(n/2), on((i+1)%(n/2))) })
	// Two long chains; the root of one rests on a different end of the other each time.
	add("chains", func(i int) Act {
		switch third := n / 3; {
		case i < third:
			return claim(i, on(i-1))
		case i < 2*third:
			return claim(i, on(i-1+n*min(1, max(0, third+1-i))))
		default:
			return claim(third, on(third-1-i%7))
		}
	})
	r := rand.New(rand.NewPCG(1, 2))
	add("random", func(i int) Act { return claim(r.IntN(n/2), on(r.IntN(n/2))) })
	return all
}

func statementsOf(acts []Act) (all []Statement) {
	for i := 0; i < len(acts); i += MaxActs {
		all = append(all, Statement{By: By{Entry: i + 1, At: time.Unix(int64(i), 0).UTC()},
			Acts: NewActs(acts[i:min(i+MaxActs, len(acts))])})
	}
	return all
}

// TestCycleSearchIsLogarithmic counts the nodes that a fold visits to find cycles, for the worst shapes of claims that
// rest on each other. It fails for an implementation that follows chains claim by claim, which makes n/2 visits for
// each of n claims.
func TestCycleSearchIsLogarithmic(t *testing.T) {
	t.Parallel()
	const n = 4000
	for shape, acts := range shapes(n) {
		ledger := NewLedger(Setup{}, statementsOf(acts))
		talks := newTalks(Setup{})
		for i := range ledger.entries {
			talks.apply(&ledger.entries[i])
		}
		if visits, most := talks.index.rests.visits, 8*n*bits.Len(n); visits > most {
			t.Errorf("%s: %d visits for %d claims, want at most %d", shape, visits, n, most)
		}
	}
}

// TestBlogActLimits fills a blog with acts up to its limits. It fails if the limits are not enforced, and if they
// prevent an edit that does not add to a full blog.
func TestBlogActLimits(t *testing.T) {
	t.Parallel()
	figures := func(n, from int) Acts {
		var list []Act
		for i := range n {
			list = append(list, Act{Kind: ActFigure, Figure: fmt.Sprint("f", from+i), Value: "1"})
		}
		return NewActs(list)
	}
	at := func(entry int) By { return By{Entry: entry, At: time.Unix(int64(entry), 0).UTC()} }
	var all []Statement
	for i := range MaxBlogActs/MaxActs - 1 {
		all = append(all, Statement{By: at(i + 1), Acts: figures(MaxActs, i*MaxActs)})
	}
	all = append(all, Statement{By: at(5000), Acts: figures(30, 50_000)})
	ledger := NewLedger(Setup{}, all)
	full := ledger.With(Statement{By: at(5001), Acts: figures(25, 60_000)}) // as before there was a limit
	for _, row := range []struct {
		name   string
		ledger *Ledger
		entry  int
		acts   Acts
		ok     bool
	}{
		{"the last ones", ledger, 6000, figures(20, 70_000), true},
		{"one too many", ledger, 6000, figures(21, 70_000), false},
		{"of a new entry that has no number yet", ledger, 0, figures(21, 70_000), false},
		{"in place of others", ledger, 5000, figures(50, 70_000), true},
		{"fewer, in a blog that is too full", full, 5000, figures(29, 70_000), true},
		{"as many", full, 5000, figures(30, 70_000), true},
		{"more", full, 5000, figures(31, 70_000), false},
		{"none", full, 5000, "", true},
	} {
		_, err := row.ledger.Judge(row.acts, at(row.entry))
		switch e, _ := err.(*Error); {
		case row.ok && err != nil, !row.ok &&
			(e == nil || e.Code != Invalid || len(e.Fields) != 1 || e.Fields[0].Field != "acts" ||
				!strings.Contains(e.Message, "20000")):
			t.Errorf("%s: %v", row.name, err)
		}
	}
	var big []Statement
	for i := range 130 {
		big = append(big, Statement{By: at(i + 1),
			Acts: NewActs([]Act{{Kind: ActText, Document: "d", Version: fmt.Sprint(i),
				Body: strings.Repeat("a ", maxActBody)}})})
	}
	_, err := NewLedger(Setup{}, big).Judge(figures(1, 0), at(500))
	if e, _ := err.(*Error); e == nil || e.Code != Invalid || !strings.Contains(e.Message, "16777216 is the limit") {
		t.Errorf("too many bytes: %v", err)
	}
}
