package liveblog_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// TestTypedRead combines commands in the field and the text with the acts that an entry has. It fails if acts are lost
// or duplicated, if the field is parsed although it still has the commands of the entry's acts, and if an error does
// not name its line.
func TestTypedRead(t *testing.T) {
	t.Parallel()
	setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "chips", Name: "Chips"}, {ID: "tariffs", Name: "Tariffs"}}}
	move := func(track string) liveblog.Act {
		return liveblog.Act{Kind: liveblog.ActMove, Track: track, To: liveblog.Raised}
	}
	chips := liveblog.NewActs([]liveblog.Act{move("chips")})
	both := liveblog.NewActs([]liveblog.Act{move("chips"), move("tariffs")})
	precise := time.Date(2025, 10, 30, 2, 0, 5, 0, time.UTC) // a command writes minutes only
	session := liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActSession, Session: "plenary", Starts: &precise}})
	more := liveblog.NewActs(append([]liveblog.Act{move("chips")}, session.List()...))
	spelt := strings.Split(more.Commands(time.UTC), "\n")
	setup.Sessions = []liveblog.AgendaItem{{ID: "plenary", Name: "Plenary", Starts: precise}}
	for name, tc := range map[string]struct {
		typed liveblog.Typed
		prev  liveblog.Acts
		body  string
		acts  liveblog.Acts
		field string // at fault
		want  string // the message
	}{
		"nothing":           {liveblog.Typed{Body: "One."}, "", "One.", "", "", ""},
		"acts stay":         {liveblog.Typed{Body: "One."}, chips, "One.", chips, "", ""},
		"acts of a program": {liveblog.Typed{Body: "One.", Acts: &both}, chips, "One.", both, "", ""},
		"a program takes acts back": {liveblog.Typed{Body: "One.", Acts: new(liveblog.Acts(""))}, chips, "One.", "", "",
			""},
		"the field": {liveblog.Typed{Commands: new("/move tariffs → raised")}, "", "",
			liveblog.NewActs([]liveblog.Act{move("tariffs")}), "", ""},
		"the field in place of acts": {liveblog.Typed{Commands: new("/move chips → raised\r\n/move tariffs → " +
			"raised")}, chips, "", both, "", ""},
		"an empty field": {liveblog.Typed{Commands: new(" \n")}, chips, "", "", "", ""},
		"the field as it was": {liveblog.Typed{Commands: new(session.Commands(time.UTC) + "\r\n")}, session, "",
			session, "", ""},
		"the field with marks": {liveblog.Typed{Commands: new(spelt[0] + "\n/key\n" + spelt[1] + "\n/pin")}, more, "",
			more, "", ""},
		"the text": {liveblog.Typed{Body: "/move tariffs → raised\n\nOne."}, chips, "One.", both, "", ""},
		"the text says what the acts do": {liveblog.Typed{Body: "/move chips → raised\nOne."}, chips, "One.", chips,
			"", ""},
		"the text says it twice": {liveblog.Typed{Body: "/move chips → raised\n/move chips → raised"}, chips, "",
			chips, "", ""},
		"field and text": {liveblog.Typed{Body: "One.\n/move tariffs → raised",
			Commands: new("/move chips → raised")}, "", "One.", both, "", ""},
		"acts and text": {liveblog.Typed{Body: "/move tariffs → raised", Acts: &chips}, "", "", both, "", ""},
		"a problem in the text": {liveblog.Typed{Body: "One.\n\n/move soy → raised"}, chips, "", "", "body",
			"Line 3: There is no track “soy”; this blog has chips and tariffs."},
		"a problem in the field": {liveblog.Typed{Commands: new("\n/move chips")}, "", "", "", "acts",
			"Line 2: The command needs a “→” between its two parts."},
		"a text in the field": {liveblog.Typed{Commands: new("They met.")}, "", "", "", "acts",
			"Line 1 is no command; commands begin with a slash, such as /move."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.typed.Was.Acts = tc.prev
			s, err := tc.typed.Read(setup, time.UTC)
			if tc.field != "" {
				e, ok := errors.AsType[*liveblog.Error](err)
				if !ok || e.Code != liveblog.Invalid || len(e.Fields) == 0 || e.Fields[0].Field != tc.field ||
					e.Fields[0].Message != tc.want {
					t.Fatalf("the error is %#v", err)
				}
				return
			}
			if err != nil || s.Body != tc.body || s.Acts != tc.acts {
				t.Errorf("got %q and %s, error %v, want %q and %s", s.Body, s.Acts, err, tc.body, tc.acts)
			}
		})
	}
}
