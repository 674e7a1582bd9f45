package liveblog_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

func fold(statements ...liveblog.Statement) liveblog.Talks {
	return liveblog.Fold(talksSetup(), statements)
}

// TestSessions checks how acts change the status and the times of sessions.
func TestSessions(t *testing.T) {
	t.Parallel()
	clock := func(t *time.Time) string {
		if t == nil {
			return "?"
		}
		return t.Format("15:04")
	}
	for _, row := range []struct {
		name       string
		id         string
		statements []liveblog.Statement
		want       string
	}{
		{"as planned", "opening", nil, "planned 11:00–12:00 +0s"},
		{"begins late", "opening", []liveblog.Statement{said(1, 11.5, session("opening", "under_way", nil, nil))},
			"under_way 11:30–12:30 +30m0s"},
		{"begins early", "opening", []liveblog.Statement{said(1, 10.5, session("opening", "under_way", nil, nil))},
			"under_way 10:30–11:30 +-30m0s"},
		{"begins when it is said", "opening",
			[]liveblog.Statement{said(1, 13, session("opening", "under_way", new(hour(11.25)), nil))},
			"under_way 11:15–12:15 +15m0s"},
		{"begins twice", "opening", []liveblog.Statement{said(1, 11.5, session("opening", "under_way", nil, nil)),
			said(2, 11.75, session("opening", "under_way", nil, new(hour(14))))}, "under_way 11:30–14:00 +30m0s"},
		{"ends", "opening", []liveblog.Statement{said(1, 11.5, session("opening", "under_way", nil, nil)),
			said(2, 12.25, session("opening", "over", nil, nil))}, "over 11:30–12:15 +30m0s"},
		{"ends at a time of its own", "opening",
			[]liveblog.Statement{said(1, 11.5, session("opening", "under_way", nil, nil)),
				said(2, 13, session("opening", "over", nil, new(hour(12.5))))}, "over 11:30–12:30 +30m0s"},
		{"ends unannounced", "opening", []liveblog.Statement{said(2, 12.25, session("opening", "over", nil, nil))},
			"over 11:00–12:15 +0s"},
		{"goes on", "opening", []liveblog.Statement{said(1, 11, session("opening", "under_way", nil, nil)),
			said(2, 12, session("opening", "over", nil, nil)), said(3, 13, session("opening", "under_way", nil, nil))},
			"under_way 11:00–? +0s"},
		{"no known end", "dinner", []liveblog.Statement{said(1, 20, session("dinner", "under_way", nil, nil))},
			"under_way 20:00–? +1h0m0s"},
		{"postponed", "opening", []liveblog.Statement{said(1, 9, session("opening", "postponed", new(hour(15)), nil))},
			"postponed 15:00–16:00 +4h0m0s"},
		{"postponed and over again", "opening",
			[]liveblog.Statement{said(1, 9, session("opening", "postponed", new(hour(15)), nil)),
				said(2, 15.5, session("opening", "under_way", nil, nil))}, "under_way 15:30–16:30 +4h30m0s"},
		{"its start was withdrawn", "dinner", []liveblog.Statement{said(2, 18, session("dinner", "over", nil, nil))},
			"over 19:00–? +0s"},
		{"an end before a start", "dinner", []liveblog.Statement{said(2, 18,
			session("dinner", "over", nil, new(hour(18))))}, "over 19:00–? +0s"},
		{"no status", "opening", []liveblog.Statement{said(2, 18, session("opening", "soon", nil, nil))},
			"planned 11:00–12:00 +0s"},
		{"no year", "opening", []liveblog.Statement{said(2, 18,
			session("opening", "planned", new(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)), nil))},
			"planned 11:00–12:00 +0s"},
	} {
		talks := fold(row.statements...)
		i := slices.IndexFunc(talks.Agenda, func(s liveblog.SessionStanding) bool { return s.ID == row.id })
		s := talks.Agenda[i]
		if got := fmt.Sprintf("%s %s–%s +%v", s.Status, clock(&s.From), clock(s.To), s.Slip()); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
		if n := len(s.History); n > 0 && s.By != s.History[0].By {
			t.Errorf("%s: By is %v, and the history begins with %v", row.name, s.By, s.History[0])
		}
	}
	late := fold(said(1, 9, session("opening", "postponed", new(hour(20)), nil)))
	if late.Agenda[0].ID != "dinner" {
		t.Error("the agenda is not ordered by time")
	}
}

// TestClaims checks how acts change claims, and which entries cite them.
func TestClaims(t *testing.T) {
	t.Parallel()
	talks := fold(
		said(1, 1, claim("beans", "reported", "They buy.", "an official"), cite("beans")),
		said(2, 2, claim("chips", "reported", "They sell.", "claim:beans")),
		said(3, 3, cite("beans"), cite("ships")),
		said(4, 4, claim("beans", "confirmed", "", "")),
		said(6, 6, claim("ships", "denied", "They sail.", "")), // cited before
	)
	want := []string{"ships denied They sail.  [3 6]", "beans confirmed They buy. an official [1 3 4]",
		"chips reported They sell. claim:beans [2]"}
	got := []string{}
	for _, c := range talks.Claims {
		got = append(got, fmt.Sprintln(c.Claim, c.Status, c.Text, c.Attribution, c.CitedBy))
	}
	for i := range got {
		got[i] = strings.TrimSpace(got[i])
	}
	if !slices.Equal(got, want) {
		t.Errorf("the claims are %q, want %q", got, want)
	}
	if h := talks.Claims[1].History; len(h) != 2 || h[0].Status != "confirmed" || h[1].By.Entry != 1 {
		t.Errorf("the history is %v", h)
	}
}

// TestClaimsAfterRemovals: acts that were legal when they were published may build on withdrawn ones now; the fold must
// accept them.
func TestClaimsAfterRemovals(t *testing.T) {
	t.Parallel()
	first := said(1, 1, claim("a", "reported", "A.", "an official"))
	second := said(2, 2, claim("b", "reported", "B.", "claim:a"))
	third := said(3, 3, claim("b", "corroborated", "", "another official"))
	fourth := said(4, 4, claim("a", "confirmed", "", "claim:b"))
	if got := judged([]liveblog.Statement{first, second, third}, 4, claim("a", "confirmed", "", "claim:b")); got != "" {
		t.Fatal(got)
	}
	talks := fold(first, second, fourth) // without the third a and b would rest on each other
	a, _ := talks.Claim("a")
	b, _ := talks.Claim("b")
	if a.Status != "confirmed" || a.Attribution != "an official" || b.Attribution != "claim:a" {
		t.Errorf("a is %+v, b is %+v", a, b)
	}
	talks = fold(fourth, said(9, 9, cite("c")))
	if a, _ := talks.Claim("a"); a.Text != "a" || len(talks.Claims) != 1 {
		t.Errorf("without its first entry the claim is %+v of %v", a, talks.Claims)
	}
}

// TestFoldOtherKinds checks positions, figures, quotes, readouts and texts.
func TestFoldOtherKinds(t *testing.T) {
	t.Parallel()
	position := func(party, text string) liveblog.Act {
		return liveblog.Act{Kind: "position", Party: party, Track: "tariffs", Text: text}
	}
	account := func(party string, points ...string) liveblog.Act {
		return liveblog.Act{Kind: "readout", Meeting: "leaders", Party: party, Points: points,
			Source: "https://a.example/" + party}
	}
	text := func(version string) liveblog.Act {
		return liveblog.Act{Kind: "text", Document: "statement", Version: version, Body: "We."}
	}
	figure := func(value string) liveblog.Act { return liveblog.Act{Kind: "figure", Figure: "tariff", Value: value} }
	talks := fold(
		said(3, 3, position("us", "Maybe."), account("us", "They met."), text("2"), figure("30"),
			liveblog.Act{Kind: "quote", Speaker: "envoy", Text: "Well."}),
		said(1, 1, position("us", "No."), text("1"), figure("47"),
			liveblog.Act{Kind: "quote", Speaker: "envoy", Text: "Badly.", Record: "background"}),
		said(4, 4, position("china", "Yes."), account("china", "They spoke."), account("us", "They met again.")),
		said(2, 2, position("us", "Never.")),
	)
	us, china := talks.Positions[1], talks.Positions[0]
	if us.Text != "Maybe." || len(us.Before) != 2 || us.Before[0].Text != "Never." || us.Before[1].Text != "No." ||
		us.Before[0].Before != nil || china.Before == nil {
		t.Errorf("the positions are %+v", talks.Positions)
	}
	want := []liveblog.PartyAccount{{Party: "china", Points: []string{"They spoke."}, Source: "https://a.example/china",
		By: liveblog.By{Entry: 4, At: hour(4)}},
		{Party: "us", Points: []string{"They met again."}, Source: "https://a.example/us",
			By: liveblog.By{Entry: 4, At: hour(4)}}}
	if !reflect.DeepEqual(talks.Readouts[0].Accounts, want) {
		t.Errorf("the accounts are %+v", talks.Readouts)
	}
	if v := talks.Texts[0].Versions; len(v) != 2 || v[0].Version != "1" || v[1].By.Entry != 3 {
		t.Errorf("the texts are %+v", talks.Texts)
	}
	if f := talks.Figures[0]; f.Name() != "Tariff" || f.Value != "30" || len(f.Before) != 1 ||
		f.Before[0].Value != "47" {
		t.Errorf("the figures are %+v", talks.Figures)
	}
	if q := talks.Quotes; len(q) != 2 || q[0].Text != "Well." || q[0].Record != "on" || q[1].Record != "background" {
		t.Errorf("the quotes are %+v", q)
	}
}

// TestTalksAsJSON: lists are never null, and the author of a state that no entry has changed is null.
func TestTalksAsJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(liveblog.Fold(liveblog.Setup{}, nil))
	const empty = `{"board":[],"positions":[],"claims":[],"quotes":[],"readouts":[],"texts":[],"agenda":[],` +
		`"figures":[]}`
	if err != nil || string(text) != empty {
		t.Errorf("empty talks are %s (%v)", text, err)
	}
	text, err = json.Marshal(fold(said(1, 1, claim("beans", "reported", "x", ""),
		liveblog.Act{Kind: "figure", Figure: "f", Value: "1"})))
	if err != nil || strings.Contains(string(text), "0001-01-01") || strings.Count(string(text), "null") != 4 ||
		strings.Count(string(text), `"by":null,"history":[]`) != 4 {
		t.Errorf("%s (%v)", text, err)
	}
	var back liveblog.Talks
	if err := json.Unmarshal(text, &back); err != nil || back.Board[0].By != (liveblog.By{}) ||
		back.Claims[0].By != (liveblog.By{Entry: 1, At: hour(1)}) {
		t.Errorf("it decodes to %+v (%v)", back, err)
	}
}

// TestFoldCopiesInput: a fold does not modify its input, and two folds of the same input share no memory.
func TestFoldCopiesInput(t *testing.T) {
	t.Parallel()
	setup := talksSetup()
	list := []liveblog.Statement{said(2, 2, move("tariffs", liveblog.InTalks)),
		said(1, 1, move("tariffs", liveblog.Raised))}
	one := liveblog.Fold(setup, list)
	one.Setup.Tracks[0].Name, one.Board[0].History[0].To = "Spoilt", "spoilt"
	two := liveblog.Fold(setup, list)
	if !reflect.DeepEqual(setup, talksSetup()) || list[0].Entry != 2 || two.Setup.Tracks[0].Name != "Tariffs" ||
		two.Board[0].History[0].To != liveblog.InTalks {
		t.Errorf("the setup is %v, the statements %v, the other fold %v", setup, list, two)
	}
}

// FuzzFold: the fold accepts any acts that the database may contain, and its result can be encoded and has no cycles.
func FuzzFold(f *testing.F) {
	f.Add(`[{"kind":"move","track":"tariffs","to":"signed"},{"kind":"figure","figure":"","value":""},`+
		`{"kind":"figure","figure":"é","value":"1"}]`, `[{"kind":"claim"}]`, int64(1), int64(2))
	f.Add(`[{"kind":"session","session":"opening","status":"under_way","starts":"9999-12-31T23:59:59-05:00"},`+
		`{"kind":"cite","claim":"a"}]`, `[null,{}]`, int64(0), int64(0))
	f.Add(`[{"kind":"claim","claim":"a","status":"reported","attribution":"claim:b"},{"kind":"position","party":"x",`+
		`"track":"y"}]`,
		`[{"kind":"claim","claim":"b","status":"reported","attribution":"claim:a"},{"kind":"readout",`+
			`"meeting":"leaders","party":"us"}]`, int64(5), int64(4))
	f.Add(`{"kind":"move"}`,
		`[{"kind":"text","document":"d","version":"v","body":"b"},{"kind":"quote","speaker":"nobody","text":"x"}]`,
		int64(5), int64(4))
	f.Fuzz(func(t *testing.T, one, two string, at, then int64) {
		setup := talksSetup()
		moment := func(n int64) time.Time { return hour(0).Add(time.Duration(n%1e6) * time.Second) }
		list := []liveblog.Statement{{By: liveblog.By{Entry: 1, At: moment(at)}, Acts: liveblog.Acts(one)},
			{By: liveblog.By{Entry: 2, At: moment(then)}, Acts: liveblog.Acts(two)}}
		talks := liveblog.Fold(setup, list)
		if _, err := json.Marshal(talks); err != nil {
			t.Fatalf("it does not encode: %v", err)
		}
		for _, f := range talks.Figures {
			f.Name()
			f.Number()
		}
		for _, c := range talks.Claims {
			for id, steps := c.Claim, 0; id != ""; steps++ {
				if steps > len(talks.Claims) {
					t.Fatalf("claims rest on each other: %v", talks.Claims)
				}
				next, _ := talks.Claim(id)
				id = liveblog.RestsOn(next.Attribution)
			}
		}
		for _, p := range talks.Positions {
			_, party := setup.Party(p.Party)
			if _, track := setup.Track(p.Track); !party || !track {
				t.Fatalf("a position of an unknown party or track: %v", p)
			}
		}
		for _, s := range talks.Agenda {
			if s.To != nil && !s.To.After(s.From) {
				t.Fatalf("a session ends before it starts: %+v", s)
			}
		}
		for _, acts := range []liveblog.Acts{liveblog.Acts(one), liveblog.Acts(two)} {
			if tidy, err := liveblog.Judge(setup, list, acts, liveblog.By{Entry: 3, At: moment(at)}); err == nil {
				if again, err := liveblog.Judge(setup, list, tidy, liveblog.By{Entry: 3, At: moment(at)}); err != nil ||
					again != tidy {
					t.Fatalf("%s is tidied again, to %s (%v)", tidy, again, err)
				}
				wantRoundTrip(t, setup, tidy)
			}
			liveblog.CheckDraft(setup, acts)
			liveblog.ParseActs([]byte(acts))
			liveblog.Refers(liveblog.Setup{}, list)
		}
	})
}
