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

// talksSetup returns the setup for the acts of these tests.
func talksSetup() liveblog.Setup {
	return liveblog.Setup{
		Tracks:  []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}, {ID: "rare-earths", Name: "Rare earths"}},
		Parties: []liveblog.Party{{ID: "china", Name: "China"}, {ID: "us", Name: "United States"}},
		Speakers: []liveblog.Speaker{{ID: "he-lifeng", Name: "He Lifeng", Party: "china"},
			{ID: "envoy", Name: "The envoy"}},
		Meetings: []liveblog.Meeting{{ID: "leaders", Name: "The leaders meet"}},
		Sessions: []liveblog.AgendaItem{{ID: "opening", Name: "Opening", Starts: hour(11), Ends: new(hour(12))},
			{ID: "dinner", Name: "Dinner", Starts: hour(19)}},
	}
}

// hour returns a time on the day of the talks.
func hour(h float64) time.Time {
	return time.Date(2025, 10, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(h * float64(time.Hour)))
}

// said returns the statement of entry n, published at hour h.
func said(n int, h float64, acts ...liveblog.Act) liveblog.Statement {
	return liveblog.Statement{By: liveblog.By{Entry: n, At: hour(h)}, Acts: liveblog.NewActs(acts)}
}

func move(track string, to liveblog.TrackState) liveblog.Act {
	return liveblog.Act{Kind: liveblog.ActMove, Track: track, To: to}
}

func claim(id, status, text, attribution string) liveblog.Act {
	return liveblog.Act{Kind: liveblog.ActClaim, Claim: id, Status: status, Text: text, Attribution: attribution}
}

func cite(id string) liveblog.Act { return liveblog.Act{Kind: liveblog.ActCite, Claim: id} }

func session(id, status string, starts, ends *time.Time) liveblog.Act {
	return liveblog.Act{Kind: liveblog.ActSession, Session: id, Status: status, Starts: starts, Ends: ends}
}

// judged judges acts at hour h after the statements and returns a line "field: message" for each error.
func judged(before []liveblog.Statement, h float64, acts ...liveblog.Act) string {
	_, err := liveblog.Judge(talksSetup(), before, liveblog.NewActs(acts), liveblog.By{Entry: 1000, At: hour(h)})
	return faults(err)
}

func faults(err error) string {
	if err == nil {
		return ""
	}
	var all []string
	for _, f := range err.(*liveblog.Error).Fields {
		all = append(all, f.Field+": "+f.Message)
	}
	return strings.Join(all, "\n")
}

// TestMoves checks every move between two states.
func TestMoves(t *testing.T) {
	t.Parallel()
	const legal, same, illegal = '+', '=', '-'
	states := liveblog.TrackStates()
	for i, row := range []string{
		// to: not raised, raised, in talks, text circulating, agreed, signed, stalled, collapsed
		"=+++----", // from not raised
		"+=++--++", // raised
		"++=++-++", // in talks
		"+++=+-++", // text circulating
		"++++=+++", // agreed
		"+++++=++", // signed
		"+++++-=+", // stalled
		"++++--+=", // collapsed
	} {
		from := states[i]
		var before []liveblog.Statement
		for k, to := range map[liveblog.TrackState][]liveblog.TrackState{
			liveblog.NotRaised: nil, liveblog.Raised: {liveblog.Raised}, liveblog.InTalks: {liveblog.InTalks},
			liveblog.TextCirculating: {liveblog.TextCirculating},
			liveblog.Agreed:          {liveblog.InTalks, liveblog.Agreed},
			liveblog.Signed:          {liveblog.InTalks, liveblog.Agreed, liveblog.Signed},
			liveblog.Stalled:         {liveblog.Raised, liveblog.Stalled},
			liveblog.Collapsed:       {liveblog.Raised, liveblog.Collapsed},
		}[from] {
			before = append(before, said(k+1, float64(k)/10, move("tariffs", to)))
		}
		for k, to := range states {
			want := ""
			switch rune(row[k]) {
			case same:
				want = fmt.Sprintf("acts[0].to: The track “tariffs” is %s already.", from.Name())
			case illegal:
				want = fmt.Sprintf("acts[0].to: The track “tariffs” is %s; it cannot go to %s from there.",
					from.Name(), to.Name())
			case legal:
			}
			if got := judged(before, 9, move("tariffs", to)); got != want {
				t.Errorf("from %s to %s: %q, want %q", from, to, got, want)
			}
			// The fold accepts any move, since an earlier move may have been withdrawn.
			talks := liveblog.Fold(talksSetup(), append(slices.Clone(before), said(50, 9, move("tariffs", to))))
			if s := talks.Board[0]; s.State != to || len(s.History) != len(before)+map[bool]int{true: 1}[from != to] {
				t.Errorf("from %s to %s the fold returns %+v", from, to, s)
			}
		}
	}
}

// TestRefusals checks every other rule for acts, with its field and message.
func TestRefusals(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 2001)
	beans := said(1, 1, claim("beans", "reported", "They buy.", "an official"))
	begun := said(2, 10.9, session("opening", "under_way", nil, nil))
	for _, row := range []struct {
		name   string
		before []liveblog.Statement
		act    liveblog.Act
		want   string
	}{
		{"no kind", nil, liveblog.Act{}, "kind: “” is not a kind of act."},
		{"no such kind", nil, liveblog.Act{Kind: "wish"}, "kind: “wish” is not a kind of act."},
		{"move without fields", nil, liveblog.Act{Kind: "move"},
			"track: A move needs the field “track”.\nto: A move needs the field “to”."},
		{"unknown track", nil, move("ports", liveblog.Raised),
			"track: There is no track “ports” in the setup of this blog."},
		{"unknown state", nil, move("tariffs", "won"),
			"to: “won” is not a state of a track; the states are not raised, raised, in talks, text circulating," +
				" agreed, signed, stalled and collapsed."},
		{"a field of another kind", nil, liveblog.Act{Kind: "move", Track: "tariffs", To: "raised", Claim: "beans"},
			"claim: An act of the kind move has no field “claim”."},
		{"source", nil, liveblog.Act{Kind: "move", Track: "tariffs", To: "raised", Source: "javascript:alert(1)"},
			"source: The source must be an address that begins with http:// or https://."},

		{"unknown party", nil, liveblog.Act{Kind: "position", Party: "eu", Track: "tariffs", Text: "No."},
			"party: There is no party “eu” in the setup of this blog."},
		{"unknown speaker", nil, liveblog.Act{Kind: "position", Party: "us", Track: "tariffs", Text: "No.",
			Speaker: "x"}, "speaker: There is no speaker “x” in the setup of this blog."},
		{"empty position", nil, liveblog.Act{Kind: "position", Party: "us", Track: "tariffs", Text: " \n "},
			"text: A position needs the field “text”."},
		{"long position", nil, liveblog.Act{Kind: "position", Party: "us", Track: "tariffs", Text: long},
			"text: The text has 2001 characters; 2000 is the limit."},
		{"control character", nil, liveblog.Act{Kind: "position", Party: "us", Track: "tariffs", Text: "a\x00b"},
			"text: The text holds the control character U+0000.\ntext: A position needs the field “text”."},

		{"claim's status", nil, claim("beans", "rumoured", "x", ""),
			"status: “rumoured” is not a status of a claim; they are reported, corroborated, confirmed, denied " +
				"and withdrawn."},
		{"claim's id", nil, claim("Soy Beans", "reported", "x", ""),
			"claim: “Soy Beans” is no id; it takes lower-case letters, digits and single hyphens between them."},
		{"new claim without text", nil, claim("beans", "reported", "", ""),
			"text: The claim “beans” is new and needs a text."},
		{"new claim withdrawn", nil, claim("beans", "withdrawn", "x", ""),
			"status: The claim “beans” is new; it cannot be withdrawn."},
		{"new claim denied", nil, claim("beans", "denied", "x", ""), ""},
		{"same claim", []liveblog.Statement{beans}, claim("beans", "reported", "They buy.", ""),
			"status: The claim “beans” is reported already."},
		{"same claim in other words", []liveblog.Statement{beans}, claim("beans", "reported", "They will buy.", ""),
			""},
		{"claim goes back", []liveblog.Statement{beans, said(2, 2, claim("beans", "confirmed", "", ""))},
			claim("beans", "reported", "", ""), ""},
		{"withdrawn claim confirmed", []liveblog.Statement{beans, said(2, 2, claim("beans", "withdrawn", "", ""))},
			claim("beans", "confirmed", "", ""),
			"status: The claim “beans” is withdrawn; it can only be reported again."},
		{"withdrawn claim reported", []liveblog.Statement{beans, said(2, 2, claim("beans", "withdrawn", "", ""))},
			claim("beans", "reported", "", ""), ""},
		{"rests on nothing", nil, claim("beans", "reported", "x", "claim:peas"),
			"attribution: There is no claim “peas”."},
		{"rests on itself", []liveblog.Statement{beans}, claim("beans", "confirmed", "", "claim: beans"),
			"attribution: The claim “beans” cannot rest on itself."},
		{"rests on each other", []liveblog.Statement{beans, said(2, 2, claim("chips", "reported", "x", "claim:beans"))},
			claim("beans", "confirmed", "", "claim:chips"),
			"attribution: The claims “beans” and “chips” would rest on each other."},
		{"rests on each other over three", []liveblog.Statement{beans,
			said(2, 2, claim("chips", "reported", "x", "claim:beans")),
			said(3, 3, claim("ships", "reported", "x", "claim:chips"))},
			claim("beans", "confirmed", "", "claim:ships"),
			"attribution: The claims “beans” and “ships” would rest on each other."},
		{"cites nothing", nil, cite("beans"), "claim: There is no claim “beans”."},
		{"cites what comes later", []liveblog.Statement{said(7, 20, claim("beans", "reported", "x", ""))},
			cite("beans"), ""},

		{"record", nil, liveblog.Act{Kind: "quote", Speaker: "envoy", Text: "x", Record: "maybe"},
			"record: “maybe” is not a value for the record; it is one of on, background and off."},
		{"off the record", nil, liveblog.Act{Kind: "quote", Speaker: "envoy", Text: "x", Record: "off"},
			"record: What was said off the record cannot be published."},
		{"original without language", nil, liveblog.Act{Kind: "quote", Speaker: "envoy", Text: "x", Original: "谈判"},
			"language: The original needs its language, such as zh-Hans."},
		{"language", nil, liveblog.Act{Kind: "quote", Speaker: "envoy", Text: "x", Original: "谈判",
			Language: "chinese please"},
			"language: “chinese please” is not a language tag; use one such as en or zh-Hans."},
		{"translator without original", nil, liveblog.Act{Kind: "quote", Speaker: "envoy", Text: "x", Translator: "us"},
			"original: A translation needs the original."},

		{"readout without points", nil, liveblog.Act{Kind: "readout", Meeting: "leaders", Party: "us",
			Points: []string{" "}}, "points: A readout needs the field “points”."},
		{"too many points", nil, liveblog.Act{Kind: "readout", Meeting: "leaders", Party: "us",
			Points: slices.Repeat([]string{"x"}, 61)}, "points: The readout has 61 points; 60 is the limit."},
		{"long point", nil, liveblog.Act{Kind: "readout", Meeting: "leaders", Party: "us", Points: []string{"x", long}},
			"points[1]: The point has 2001 characters; 2000 is the limit."},
		{"unknown meeting", nil, liveblog.Act{Kind: "readout", Meeting: "lunch", Party: "us", Points: []string{"x"}},
			"meeting: There is no meeting “lunch” in the setup of this blog."},

		{"same version", []liveblog.Statement{said(1, 1,
			liveblog.Act{Kind: "text", Document: "statement", Version: "1", Body: "x"})},
			liveblog.Act{Kind: "text", Document: "statement", Version: "1", Body: "y"},
			"version: The document “statement” has a version “1” already."},
		{"long version", nil, liveblog.Act{Kind: "text", Document: "statement", Version: "1",
			Body: strings.Repeat("x", 64<<10+1)}, "body: The text takes 65537 bytes; 65536 is the limit."},

		{"same figure", []liveblog.Statement{said(1, 1,
			liveblog.Act{Kind: "figure", Figure: "tariff", Value: "47", Unit: "%"})},
			liveblog.Act{Kind: "figure", Figure: "tariff", Value: "47", Unit: "%"},
			"value: The figure “tariff” is 47 already."},
		{"same figure from elsewhere", []liveblog.Statement{said(1, 1,
			liveblog.Act{Kind: "figure", Figure: "tariff", Value: "47"})},
			liveblog.Act{Kind: "figure", Figure: "tariff", Value: "47", Source: "https://a.example/"}, ""},

		{"session's status", nil, session("opening", "soon", nil, nil),
			"status: “soon” is not a status of a session; they are planned, under way, over, postponed and " +
				"cancelled."},
		{"unknown session", nil, session("lunch", "over", nil, nil),
			"session: There is no session “lunch” in the setup of this blog."},
		{"as planned", nil, session("opening", "planned", nil, nil),
			"status: The session “opening” is planned already."},
		{"as planned, with the times", nil, session("opening", "planned", new(hour(11)), new(hour(12))),
			"status: The session “opening” is planned already."},
		{"planned for another time", nil, session("opening", "planned", new(hour(12)), nil), ""},
		{"ends before it starts", nil, session("opening", "planned", new(hour(12)), new(hour(11))),
			"ends: The session ends before it starts."},
		{"ends before the plan", nil, session("opening", "postponed", nil, new(hour(10))),
			"ends: The session ends before it starts."},
		{"over before the plan", nil, session("dinner", "over", nil, nil),
			"starts: The session “dinner” would end before it starts; say when it starts and ends."},
		{"over, with its start", nil, session("dinner", "over", new(hour(10)), nil), ""},
		{"over after it began", []liveblog.Statement{begun}, session("opening", "over", nil, nil), ""},
		{"over, then a start after its end", []liveblog.Statement{begun,
			said(3, 13, session("opening", "over", nil, nil))}, session("opening", "over", new(hour(14)), nil),
			"starts: The session “opening” would end before it starts; say when it starts and ends."},
		{"cancelled and over", []liveblog.Statement{said(2, 2, session("opening", "cancelled", nil, nil))},
			session("opening", "over", nil, nil),
			"status: The session “opening” was cancelled; it cannot be over."},
		{"cancelled and held after all", []liveblog.Statement{said(2, 2, session("opening", "cancelled", nil, nil))},
			session("opening", "under_way", nil, nil), ""},
		{"year", nil, session("opening", "planned", new(time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)), nil),
			"starts: The time must be between the years 1970 and 2199."},
		{"year that JSON does not have", nil,
			session("opening", "planned", nil, new(time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -5*3600)))),
			"ends: The time must be between the years 1970 and 2199."},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			want := row.want
			if want != "" {
				want = "acts[1]." + strings.ReplaceAll(want, "\n", "\nacts[1].")
			}
			got := judged(row.before, 14.5, liveblog.Act{Kind: "figure", Figure: "first", Value: "1"}, row.act)
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// TestActsOfOneEntry: the acts of an entry take effect one after the other.
func TestActsOfOneEntry(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		acts []liveblog.Act
		want string
	}{
		{"states and cites", []liveblog.Act{claim("beans", "reported", "x", ""), cite("beans")}, ""},
		{"cites and states", []liveblog.Act{cite("beans"), claim("beans", "reported", "x", "")}, ""},
		{"two moves", []liveblog.Act{move("tariffs", liveblog.InTalks), move("tariffs", liveblog.Agreed)}, ""},
		{"two moves, the wrong way round", []liveblog.Act{move("tariffs", liveblog.Agreed),
			move("tariffs", liveblog.InTalks)},
			"acts[0].to: The track “tariffs” is not raised; it cannot go to agreed from there."},
		{"rest on each other", []liveblog.Act{claim("a", "reported", "x", ""), claim("b", "reported", "x", "claim:a"),
			claim("a", "confirmed", "", "claim:b")},
			"acts[2].attribution: The claims “a” and “b” would rest on each other."},
		{"two faults", []liveblog.Act{move("ports", liveblog.Raised), cite("x")},
			"acts[0].track: There is no track “ports” in the setup of this blog.\nacts[1].claim: There is no " +
				"claim “x”."},
		{"too many", slices.Repeat([]liveblog.Act{cite("x")}, 51), "acts: The entry has 51 acts; 50 is the limit."},
		{"too large", slices.Repeat([]liveblog.Act{{Kind: "text", Document: "d", Version: "v",
			Body: strings.Repeat("x", 60<<10)}}, 3),
			"acts: The acts take 184486 bytes; 131072 is the limit."},
	} {
		if got := judged(nil, 9, row.acts...); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

// TestJudgedAtItsTime: an edited entry is judged at its own time, regardless of later entries.
func TestJudgedAtItsTime(t *testing.T) {
	t.Parallel()
	later := []liveblog.Statement{said(1, 1, move("tariffs", liveblog.InTalks)),
		said(5, 5, move("tariffs", liveblog.Agreed)), said(6, 6, claim("beans", "reported", "x", ""))}
	if got := judged(later, 2, move("tariffs", liveblog.Agreed)); got != "" {
		t.Errorf("a move before one that is later: %s", got)
	}
	if got := judged(later, 2, move("tariffs", liveblog.InTalks)); got == "" {
		t.Error("a move to where the track was")
	}
	if got := judged(later, 7, move("tariffs", liveblog.Signed)); got != "" {
		t.Errorf("a move after all others: %s", got)
	}
	got := judged(later, 2, claim("chips", "reported", "x", "claim:beans"))
	if got != "acts[0].attribution: There is no claim “beans”." {
		t.Errorf("a claim that rests on a later one: %s", got)
	}
}

// TestCheckDraft: drafts are checked only against rules that do not depend on other entries.
func TestCheckDraft(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		act  liveblog.Act
		want string
	}{
		{move("tariffs", liveblog.Signed), ""},
		{cite("nothing"), ""},
		{claim("beans", "confirmed", "", "claim:nothing"), ""},
		{session("dinner", "over", nil, nil), ""},
		{liveblog.Act{Kind: "quote", Speaker: "envoy", Text: "x", Record: "off"}, ""},
		{move("ports", liveblog.Signed), "acts[0].track: There is no track “ports” in the setup of this blog."},
		{move("tariffs", "won"),
			"acts[0].to: “won” is not a state of a track; the states are not raised, raised, in talks, text " +
				"circulating, agreed, signed, stalled and collapsed."},
		{claim("beans", "x", "", ""),
			"acts[0].status: “x” is not a status of a claim; they are reported, corroborated, confirmed, " +
				"denied and withdrawn."},
		{session("dinner", "over", new(hour(3)), new(hour(2))), "acts[0].ends: The session ends before it starts."},
	} {
		_, err := liveblog.CheckDraft(talksSetup(), liveblog.NewActs([]liveblog.Act{row.act}))
		if got := faults(err); got != row.want {
			t.Errorf("%+v: %q, want %q", row.act, got, row.want)
		}
	}
}

// TestJudgeTidies: equal acts get the same form.
func TestJudgeTidies(t *testing.T) {
	t.Parallel()
	seoul := time.FixedZone("", 9*3600)
	got, err := liveblog.CheckDraft(talksSetup(), liveblog.NewActs([]liveblog.Act{
		{Kind: "position", Party: "us", Track: "tariffs", Text: "  No \n deal. "},
		{Kind: "text", Document: "statement", Version: " draft  2", Body: "\n\n  We\r\nagree. \n\n"},
		{Kind: "readout", Meeting: "leaders", Party: "us", Points: []string{" One. ", "", "Two."}},
		session("opening", "under_way", new(hour(2).In(seoul)), nil)}))
	want := `[{"kind":"position","track":"tariffs","party":"us","text":"No deal."},` +
		`{"kind":"text","document":"statement","version":"draft 2","body":"  We\nagree."},` +
		`{"kind":"readout","party":"us","meeting":"leaders","points":["One.","Two."]},` +
		`{"kind":"session","session":"opening","status":"under_way","starts":"2025-10-30T02:00:00Z"}]`
	if err != nil || string(got) != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

func TestParseActs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`null`:                                "acts: The field “acts” must be a list of objects.",
		`{}`:                                  "acts: The field “acts” must be a list of objects.",
		`[`:                                   "acts: The field “acts” must be a list of objects.",
		`[1]`:                                 "acts[0]: An act must be an object.",
		`[null]`:                              "acts[0]: An act must be an object.",
		`[{}]`:                                "acts[0].kind: An act needs a kind, which is a text.",
		`[{"kind":null}]`:                     "acts[0].kind: An act needs a kind, which is a text.",
		`[{"kind":7}]`:                        "acts[0].kind: An act needs a kind, which is a text.",
		`[{"kind":"wish"}]`:                   "acts[0].kind: “wish” is not a kind of act.",
		`[{"Kind":"move"}]`:                   "acts[0].kind: An act needs a kind, which is a text.",
		`[{"kind":"move","Track":"tariffs"}]`: "acts[0].Track: An act of the kind move has no field “Track”.",
		`[{"kind":"move","claim":"x","color":"red"}]`: "acts[0].claim: An act of the kind move has no field " +
			"“claim”.\nacts[0].color: An act of the kind move has no field “color”.",
		`[{"kind":"move","track":7,"to":null}]`: "acts[0].track: The field “track” must be a text.\nacts[0].to: " +
			"The field “to” must be a text.",
		`[{"kind":"move","track":"a","track":"b"}]`: "acts[0].track: The field “track” comes twice.",
		`[{"kind":"cite","claim":"a"},{"kind":"move","track":1}]`: "acts[1].track: The field “track” must be a " +
			"text.",
		`[{"kind":"session","starts":"tomorrow"}]`: "acts[0].starts: The field “starts” must be a time such as " +
			"2025-10-30T11:00:00+09:00.",
		`[{"kind":"readout","points":"one"}]`:        "acts[0].points: The field “points” must be a list of texts.",
		`[{"kind":"readout","points":["one",null]}]`: "acts[0].points: The field “points” must be a list of texts.",
		`[` + strings.Repeat(`{},`, 50) + `{}]`:      "acts: The entry has 51 acts; 50 is the limit.",
		`[]`:                                         "",
	} {
		got, err := liveblog.ParseActs([]byte(text))
		if faults(err) != want || err != nil && liveblog.CodeOf(err) != liveblog.Invalid || got != "" {
			t.Errorf("%s: %q, want %q", text, faults(err), want)
		}
	}
	const text = `[{"kind":"session","session":"opening","status":"over","ends":"2025-10-30T11:00:00+09:00"}]`
	if got, err := liveblog.ParseActs([]byte(text)); err != nil || string(got) != text {
		t.Errorf("%v, %s", err, got)
	}
}

// TestActFields fails if the API does not know a field of [liveblog.Act].
func TestActFields(t *testing.T) {
	t.Parallel()
	typ := reflect.TypeFor[liveblog.Act]()
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if name == "kind" {
			continue
		}
		value := `"x"`
		switch typ.Field(i).Type {
		case reflect.TypeFor[[]string]():
			value = `["x"]`
		case reflect.TypeFor[*time.Time]():
			value = `"2025-10-30T11:00:00Z"`
		}
		taken := 0
		for _, kind := range []string{"move", "position", "claim", "cite", "quote", "readout", "text", "session",
			"figure"} {
			text := fmt.Sprintf(`[{"kind":%q,%q:%s}]`, kind, name, value)
			acts, err := liveblog.ParseActs([]byte(text))
			if err != nil {
				continue
			}
			taken++
			var back []map[string]json.RawMessage
			if json.Unmarshal([]byte(acts), &back) != nil || len(back) != 1 || string(back[0][name]) != value {
				t.Errorf("%s was parsed as %s", text, acts)
			}
			_, err = liveblog.CheckDraft(talksSetup(), acts)
			if strings.Contains(faults(err), "“"+name+"”.") &&
				strings.Contains(faults(err), "needs the field “"+name+"”") {
				t.Errorf("the required field %s is reported as missing: %v", name, err)
			}
		}
		if taken == 0 {
			t.Errorf("no kind takes the field %s", name)
		}
	}
}
