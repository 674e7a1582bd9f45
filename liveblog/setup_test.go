package liveblog_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

func TestSetupNamesEachItemAtFault(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(*liveblog.Setup)
		want   string
	}{
		{"good", func(*liveblog.Setup) {}, ""},
		{"id", func(s *liveblog.Setup) { s.Tracks[1].ID = "Rare Earths" },
			"tracks[1].id: “Rare Earths” is no id; it takes lower-case letters, digits and single hyphens " +
				"between them."},
		{"no id", func(s *liveblog.Setup) { s.Meetings[0].ID = "" },
			"meetings[0].id: “” is no id; it takes lower-case letters, digits and single hyphens between them."},
		{"two of a kind", func(s *liveblog.Setup) { s.Parties[1].ID = "china" },
			"parties[1].id: The id “china” is there twice."},
		{"no name", func(s *liveblog.Setup) { s.Sessions[0].Name = " " }, "sessions[0].name: It needs a name."},
		{"long name", func(s *liveblog.Setup) { s.Tracks[0].Name = strings.Repeat("é", 121) },
			"tracks[0].name: The name has 121 characters; 120 is the limit."},
		{"long description", func(s *liveblog.Setup) { s.Tracks[0].Description = strings.Repeat("é", 401) },
			"tracks[0].description: The description has 401 characters; 400 is the limit."},
		{"zone", func(s *liveblog.Setup) { s.Parties[0].Capital, s.Parties[0].TimeZone = "Beijing", "Asia/Peking" },
			"parties[0].time_zone: “Asia/Peking” is not a time zone; use an IANA name such as Asia/Shanghai."},
		{"machine's zone", func(s *liveblog.Setup) { s.Parties[0].Capital, s.Parties[0].TimeZone = "Beijing", "Local" },
			"parties[0].time_zone: “Local” is not a time zone; use an IANA name such as Asia/Shanghai."},
		{"capital without zone", func(s *liveblog.Setup) { s.Parties[0].Capital = "Beijing" },
			"parties[0].time_zone: A capital needs a time zone, and a time zone needs a capital."},
		{"speaker's party", func(s *liveblog.Setup) { s.Speakers[0].Party = "eu" },
			"speakers[0].party: There is no party “eu”."},
		{"no start", func(s *liveblog.Setup) { s.Sessions[0].Starts = time.Time{} },
			"sessions[0].starts: A session needs a time to start."},
		{"end", func(s *liveblog.Setup) { s.Sessions[0].Ends = new(hour(11)) },
			"sessions[0].ends: The session ends before it starts."},
		{"year", func(s *liveblog.Setup) { s.Meetings[0].At = new(time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)) },
			"meetings[0].at: The time must be between the years 1970 and 2199."},
		{"year of a session", func(s *liveblog.Setup) {
			s.Sessions[1].Starts = time.Date(2200, 1, 1, 0, 0, 0, 0,
				time.UTC)
		}, "sessions[1].starts: The time must be between the years 1970 and 2199."},
		{"approval", func(s *liveblog.Setup) {
			s.Approval = []liveblog.TrackState{liveblog.Agreed, "won",
				liveblog.Agreed}
		},
			"approval[1]: “won” is not a state of a track; the states are not raised, raised, in talks, text " +
				"circulating, agreed, signed, stalled and collapsed.\napproval[2]: The state “agreed” is there " +
				"twice."},
		{"many", func(s *liveblog.Setup) { s.Tracks = make([]liveblog.Track, 101) },
			"tracks: There are 101 tracks; 100 is the limit."},
	} {
		s := talksSetup()
		row.change(&s)
		checked, err := s.Checked()
		if got := faults(err); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
		if err == nil {
			if again, err := checked.Checked(); err != nil || !reflect.DeepEqual(again, checked) {
				t.Errorf("%s: checking it again returned %v (%v), want %v", row.name, again, err, checked)
			}
		}
	}
}

// TestCheckedSetupIsACopy: tidying does not change the caller's setup.
func TestCheckedSetupIsACopy(t *testing.T) {
	t.Parallel()
	s := talksSetup()
	s.Tracks[0].Name = "  Tariffs  "
	s.Sessions[0].Starts = s.Sessions[0].Starts.In(time.FixedZone("", 3600))
	got, err := s.Checked()
	if err != nil || got.Tracks[0].Name != "Tariffs" || s.Tracks[0].Name != "  Tariffs  " ||
		got.Sessions[0].Starts.Location() != time.UTC {
		t.Errorf("%v %v (%v)", got, s, err)
	}
	text, err := json.Marshal(got)
	if err != nil || strings.Contains(string(text), "null") {
		t.Errorf("it is %s (%v)", text, err)
	}
}

func TestParseSetup(t *testing.T) {
	t.Parallel()
	const text = `{"tracks":[{"id":"tariffs","name":"Tariffs"}],
		"meetings":[{"id":"m","name":"M","at":"2025-10-30T11:00:00+09:00"}],
		"sessions":[{"id":"s","name":"S","starts":"2025-10-30T11:00:00Z"}],"approval":["agreed"]}`
	s, err := liveblog.ParseSetup([]byte(text))
	if err != nil || s.Tracks[0].Name != "Tariffs" || !s.Meetings[0].At.Equal(hour(2)) ||
		!s.Sessions[0].Starts.Equal(hour(11)) || s.Approval[0] != liveblog.Agreed {
		t.Errorf("%+v %v", s, err)
	}
	if s, err := liveblog.ParseSetup([]byte(` {} `)); err != nil || !reflect.DeepEqual(s, liveblog.Setup{}) {
		t.Errorf("%+v %v", s, err)
	}
	for text, want := range map[string]string{
		``:                          "malformed setup: The setup must be a JSON object, and nothing behind it.",
		`{"tracks":[`:               "malformed setup: The setup must be a JSON object, and nothing behind it.",
		`{} {}`:                     "malformed setup: The setup must be a JSON object, and nothing behind it.",
		"{\"tracks\":\"\xff\"}":     "malformed setup: The setup is not valid UTF-8 text.",
		`[]`:                        "invalid setup: “setup” must be an object.",
		`null`:                      "invalid setup: “setup” must be an object.",
		`{"track":[]}`:              "malformed track: There is no field “track” here.",
		`{"Tracks":[]}`:             "malformed Tracks: There is no field “Tracks” here.",
		`{"tracks":[],"tracks":[]}`: "malformed tracks: The field “tracks” comes twice.",
		`{"tracks":null}`:           "invalid tracks: “tracks” must be a list.",
		`{"tracks":[{"id":"a"},7]}`: "invalid tracks[1]: “tracks[1]” must be an object.",
		`{"tracks":[{"id":7,"name":null}]}`: "invalid tracks[0].id: “tracks[0].id” must be a " +
			"text.\ntracks[0].name: “tracks[0].name” must be a text.",
		`{"parties":[{"timezone":"UTC"}]}`: "malformed parties[0].timezone: There is no field " +
			"“parties[0].timezone” here.",
		`{"sessions":[{"starts":"tomorrow"}]}`: "invalid sessions[0].starts: “sessions[0].starts” must be a " +
			"time such as 2025-10-30T11:00:00+09:00.",
		`{"meetings":[{"at":17}]}`: "invalid meetings[0].at: “meetings[0].at” must be a time such as " +
			"2025-10-30T11:00:00+09:00.",
		`{"approval":[true]}`: "invalid approval[0]: “approval[0]” must be a text.",
	} {
		_, err := liveblog.ParseSetup([]byte(text))
		if got := fmt.Sprint(liveblog.CodeOf(err), " ", faults(err)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestRefers(t *testing.T) {
	t.Parallel()
	list := []liveblog.Statement{said(2, 2, move("tariffs", liveblog.InTalks)),
		said(1, 1, move("tariffs", liveblog.Raised)),
		said(3, 3, liveblog.Act{Kind: "readout", Meeting: "leaders", Party: "us", Points: []string{"x"}})}
	if got := liveblog.Refers(talksSetup(), list); len(got) != 0 {
		t.Errorf("%v", got)
	}
	fewer := talksSetup()
	fewer.Tracks, fewer.Meetings = nil, nil
	want := []liveblog.FieldError{{Field: "tracks",
		Message: "The track “tariffs” has to stay: entry 1 refers to it."},
		{Field: "meetings", Message: "The meeting “leaders” has to stay: entry 3 refers to it."}}
	if got := liveblog.Refers(fewer, list); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if talks := liveblog.Fold(fewer, list); len(talks.Board) != 0 || len(talks.Readouts) != 0 {
		t.Errorf("the fold of statements without a setup is %v", talks)
	}
}
