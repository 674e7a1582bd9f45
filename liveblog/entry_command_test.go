package liveblog_test

import (
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// TestEntryCommands has a row for each command of an entry itself and each way to get it wrong. It fails if one is
// published as text, if one is read in another place only, or if an act's command is lost beside it.
func TestEntryCommands(t *testing.T) {
	t.Parallel()
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2025, 10, 30, 5, 0, 0, 0, time.UTC) // 14:00 in Seoul
	members := []string{"Ana Souza", "Anand", "Jean-Luc O'Neil", "김민준", "Mara Lind", "Mara-Lind"}
	for name, row := range map[string]struct {
		body, field string
		want        string // marks, byline and time
		fails       string
	}{
		"marks":               {"/key\nText.\n/pin\n/summary", "", "key pin summary", ""},
		"marks in the field":  {"Text.", "/key\n/move tariffs → raised", "key", ""},
		"full width":          {"　／ｋｅｙ\nText.\n／at １４：００", "", "key at 2025-10-30 14:00", ""},
		"in capitals":         {"/KEY\n/As ana souza\nText.", "", "key as Ana Souza", ""},
		"by the beginning":    {"/as jean\nText.", "", "as Jean-Luc O'Neil", ""},
		"other apostrophe":    {"/as Jean‑Luc O’Neil\nText.", "", "as Jean-Luc O'Neil", ""},
		"another script":      {"/as 김민준\nText.", "", "as 김민준", ""},
		"a minute ago":        {"/at 13:59\nText.", "", "at 2025-10-30 13:59", ""},
		"yesterday":           {"/at 14:30\nText.", "", "at 2025-10-29 14:30", ""},
		"a date":              {"/at 2025-10-27 09:15\nText.", "", "at 2025-10-27 09:15", ""},
		"another zone":        {"/at 2025-10-30 04:00+00:00\nText.", "", "at 2025-10-30 13:00", ""},
		"both places agree":   {"/at 13:59\nText.", "/at 13:59", "at 2025-10-30 13:59", ""},
		"escaped":             {"\\/key is a command", "", "", ""},
		"an ambiguous name":   {"/as ana\nText.", "", "", "body: Line 1: “ana” may be Ana Souza and Anand."},
		"an unknown name":     {"Text.", "/as Nobody", "", "acts: Line 1: No member of this blog is called “Nobody”."},
		"no name":             {"/as\nText.", "", "", "body: Line 1: The byline needs a member's name."},
		"two names":           {"/as Anand\n/as 김민준\nText.", "", "", "body: Line 2: The entry can have one byline."},
		"in the future":       {"/at 2025-10-30 14:02\nText.", "", "", "body: Line 1: What an entry tells cannot have happened in the future."},
		"no time":             {"/at noon\nText.", "", "", "body: Line 1: “noon” is not a time; write it as 14:05 or as 2025-10-30 14:05."},
		"no time of day":      {"/at 24:10\nText.", "", "", "body: Line 1: “24:10” is not a time of day."},
		"two times":           {"/at 13:00\nText.", "/at 12:00", "", "body: Line 1: The entry can have one time at which it happened."},
		"something after it":  {"/key moment\nText.", "", "", "body: Line 1: The command /key takes nothing after it."},
		"exactly that name":   {"/as Mara-Lind\nText.", "", "as Mara-Lind", ""},
		"nearly the same":     {"/as mara lind\nText.", "", "", "body: Line 1: “mara lind” may be Mara Lind and Mara-Lind."},
		"other digits":        {"/at ١٣:٥٩\nText.", "", "at 2025-10-30 13:59", ""},
		"Devanagari digits":   {"/at २०२५-१०-२७ ०९:१५\nText.", "", "at 2025-10-27 09:15", ""},
		"with an h":           {"/at 13h59\nText.", "", "at 2025-10-30 13:59", ""},
		"with a full stop":    {"/at 9.05\nText.", "", "at 2025-10-30 09:05", ""},
		"marks of direction":  {"/at \u200f13:59\u200e\nText.", "", "at 2025-10-30 13:59", ""},
		"misspelt":            {"/sumary\nText.", "", "", "body: Line 1: there is no command “/sumary”. Did you mean /summary? Type \\/ for a slash that belongs to the text."},
		"in a code fence":     {"```\n/key\n```", "", "", ""},
		"lines keep counting": {"Text.", "/key\n/wish", "", "acts: Line 2: there is no command “/wish”. The commands are /move, /position, /claim, /cite, /quote, /readout, /text, /session, /figure, /key, /pin, /summary, /as and /at."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			typed := liveblog.Typed{Body: row.body, Commands: &row.field, Members: members, Now: now}
			s, err := typed.Read(talksSetup(), seoul)
			if got := faults(err); got != row.fails {
				t.Fatalf("it fails with\n%q, want\n%q", got, row.fails)
			}
			if row.fails != "" {
				return
			}
			var got []string
			for _, mark := range []struct {
				name string
				told bool
			}{{"key", s.Told.Key}, {"pin", s.Told.Pin}, {"summary", s.Told.Summary}} {
				if mark.told {
					got = append(got, mark.name)
				}
			}
			if s.Told.As != nil {
				got = append(got, "as "+*s.Told.As)
			}
			if s.Told.At != nil {
				got = append(got, "at "+s.Told.At.In(seoul).Format("2006-01-02 15:04"))
			}
			if strings.Join(got, " ") != row.want {
				t.Errorf("the commands say %q, want %q", got, row.want)
			}
			if acts := strings.Contains(row.field, "/move"); acts != (s.Acts != "") {
				t.Errorf("the acts are %q", s.Acts)
			}
			if row.want != "" && strings.Contains(s.Body, "/") {
				t.Errorf("the text has a command: %q", s.Body)
			}
		})
	}
}

// TestTimeOfDayAroundClockChanges fails if a time of day is taken for one that the clock skipped, for one still to come,
// or for the first of two past ones that are the same on the clock.
func TestTimeOfDayAroundClockChanges(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ now, typed, want string }{
		{"2025-10-26T00:45:00Z", "02:30", "2025-10-26T00:30:00Z"}, // the first 02:30 of two, the second is to come
		{"2025-10-26T01:45:00Z", "02:30", "2025-10-26T01:30:00Z"}, // the second
		{"2025-10-26T00:15:00Z", "02:30", "2025-10-25T00:30:00Z"}, // neither yet
		{"2025-03-30T01:10:00Z", "02:30", "2025-03-29T01:30:00Z"}, // skipped on that day
		{"2025-10-30T23:05:00Z", "23:50", "2025-10-30T22:50:00Z"}, // just after midnight
		{"2025-10-30T23:05:00Z", "00:05", "2025-10-30T23:05:00Z"},
		{"2025-10-30T23:05:00Z", "00:06", "2025-10-30T23:06:00Z"}, // clocks differ
		{"2025-10-30T23:05:00Z", "00:07", "2025-10-29T23:07:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, row.now)
		if err != nil {
			t.Fatal(err)
		}
		s, err := liveblog.Typed{Body: "/at " + row.typed + "\nText.", Now: now}.Read(liveblog.Setup{}, berlin)
		if err != nil || s.Told.At == nil || s.Told.At.UTC().Format(time.RFC3339) != row.want {
			t.Errorf("at %s, %s is %v (%v), want %s", row.now, row.typed, s.Told.At, err, row.want)
		}
	}
}
