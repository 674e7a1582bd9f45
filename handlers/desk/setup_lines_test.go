package desk

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

func TestSetupLinesRoundTrip(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 10, 30, 2, 0, 5, 0, time.UTC)
	ends := at.Add(time.Hour)
	want := liveblog.Setup{
		Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"},
			{ID: "chips", Name: "Chips", Description: "Export | controls"}},
		Parties: []liveblog.Party{{ID: "china", Name: "China", Capital: "Beijing", TimeZone: "Asia/Shanghai"},
			{ID: "us", Name: "United States"}},
		Speakers: []liveblog.Speaker{{ID: "he-lifeng", Name: "He Lifeng", Office: "Vice Premier", Party: "china"}},
		Meetings: []liveblog.Meeting{{ID: "leaders", Name: "Leaders’ meeting", At: &at},
			{ID: "ministers", Name: "Ministers"}},
		Sessions: []liveblog.AgendaItem{{ID: "plenary", Name: `A | b \ c`, Place: "Nurimaru", Starts: at, Ends: &ends}},
	}
	loc := time.FixedZone("", 9*3600)
	var got liveblog.Setup
	for _, list := range setupLists() {
		lines := readLines(list, strings.Join(list.format(want, loc), "\n"), loc)
		list.parse(&got, lines)
		for _, l := range lines {
			if len(l.problems) > 0 {
				t.Errorf("%s: %q", list.field, l.problems)
			}
		}
		// The example that the page gives is one.
		for _, l := range readLines(list, list.example, loc) {
			list.parse(&liveblog.Setup{}, []*setupLine{l})
			if len(l.problems) > 0 || l.name == "" {
				t.Errorf("the example of %s: %q", list.field, l.problems)
			}
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back is\n%+v, want\n%+v", got, want)
	}
}

func TestReadLines(t *testing.T) {
	t.Parallel()
	parties := setupLists()[1]
	text := "\n China |ZONE  Asia/Shanghai || capital A \\| B|\n\nUS | capitol X | zone a | zone b\n"
	lines := readLines(parties, text, time.UTC)
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2", len(lines))
	}
	china, us := lines[0], lines[1]
	want := map[string]string{"zone": "Asia/Shanghai", "capital": "A | B"}
	if china.number != 2 || china.name != "China" || !maps.Equal(china.options, want) || len(china.problems) > 0 {
		t.Errorf("the first line is %+v", china)
	}
	problems := []string{
		"there is no option “capitol” here; use capital, zone or id.",
		"the option “zone” comes twice.",
	}
	if us.number != 4 || !slices.Equal(us.problems, problems) {
		t.Errorf("the problems of line %d are %q, want %q", us.number, us.problems, problems)
	}
}
