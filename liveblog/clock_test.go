package liveblog

import (
	"testing"
	"time"
)

func TestFirstShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, wall, want string }{
		{"UTC", "2025-10-30T15:00:00", "2025-10-30T15:00:00Z"},
		{"Asia/Seoul", "2025-10-30T15:00:00", "2025-10-30T15:00:00+09:00"},
		{"Europe/Berlin", "2025-10-26T01:59:59", "2025-10-26T01:59:59+02:00"},
		{"Europe/Berlin", "2025-10-26T02:00:00", "2025-10-26T02:00:00+02:00"}, // twice
		{"Europe/Berlin", "2025-10-26T02:59:59", "2025-10-26T02:59:59+02:00"},
		{"Europe/Berlin", "2025-10-26T03:00:00", "2025-10-26T03:00:00+01:00"},
		{"Europe/Berlin", "2025-03-30T02:30:00", "2025-03-30T03:00:00+02:00"}, // left out
		{"America/New_York", "2025-11-02T01:30:00", "2025-11-02T01:30:00-04:00"},
		{"America/New_York", "2025-03-09T02:00:00", "2025-03-09T03:00:00-04:00"},
		{"Australia/Lord_Howe", "2025-04-06T01:30:00", "2025-04-06T01:30:00+11:00"},
		{"Australia/Lord_Howe", "2025-04-06T02:00:00", "2025-04-06T02:00:00+10:30"},
		{"Australia/Lord_Howe", "2025-10-05T02:00:00", "2025-10-05T02:30:00+11:00"},
		{"America/Santiago", "2025-09-07T00:00:00", "2025-09-07T01:00:00-03:00"}, // midnight is left out
		{"America/Santiago", "2025-04-05T23:00:00", "2025-04-05T23:00:00-03:00"}, // the day ends twice
		{"America/Santiago", "2025-04-06T00:00:00", "2025-04-06T00:00:00-04:00"},
		{"America/Havana", "2025-03-09T00:00:00", "2025-03-09T01:00:00-04:00"},
		{"America/Havana", "2025-11-02T00:00:00", "2025-11-02T00:00:00-04:00"}, // the day begins twice
		{"America/St_Johns", "2010-11-07T00:00:00", "2010-11-07T00:00:00-02:30"},
		{"America/St_Johns", "2010-11-07T00:01:00", "2010-11-07T00:01:00-03:30"},
		{"Pacific/Apia", "2011-12-30T00:00:00", "2011-12-31T00:00:00+14:00"}, // a day is left out
	} {
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		wall, err := time.Parse("2006-01-02T15:04:05", c.wall)
		if err != nil {
			t.Fatal(err)
		}
		if got := FirstShown(wall, loc).Format(time.RFC3339); got != c.want {
			t.Errorf("%s at %s is %s, want %s", c.zone, c.wall, got, c.want)
		}
	}
}

// TestShownTwice checks every quarter of an hour of a year, in zones with unusual clock changes. A local time is shown
// twice if two quarters have it, and FirstShown returns the first of them.
func TestShownTwice(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"UTC", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
		"America/Santiago",
		"America/Havana", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca", "Antarctica/Troll"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		shown := map[string][]time.Time{}
		for at := time.Date(2010, 12, 31, 0, 0, 0, 0, time.UTC); at.Year() < 2012; at = at.Add(QuarterLength) {
			text := at.In(loc).Format(time.DateTime)
			shown[text] = append(shown[text], at.In(loc))
		}
		for text, all := range shown {
			for _, at := range all {
				if got := FirstShown(at, loc); !got.Equal(all[0]) {
					t.Fatalf("%s: %s is first shown at %s, want %s", zone, text, got, all[0])
				}
				if ShownTwice(at) != (len(all) > 1) {
					t.Fatalf("%s: %s is shown %d times", zone, text, len(all))
				}
			}
		}
	}
}

// aroundClockChanges returns every quarter of an hour of the days around the changes of a zone's clock in 2011, and of
// its first day.
func aroundClockChanges(loc *time.Location) (all []time.Time) {
	for change := time.Date(2011, 1, 1, 0, 0, 0, 0, loc); !change.IsZero() && change.Year() < 2012; {
		for i := range 2 * 24 * 4 {
			all = append(all, change.Add(time.Duration(i)*QuarterLength-24*time.Hour))
		}
		_, change = change.ZoneBounds()
	}
	return all
}

// What is written for an editor is read back as the same moment, also when the clock shows it twice. It fails if a
// session in the second of two equal hours moves to the first when its setup is saved again.
func TestTimesAreReadBackAsWritten(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"UTC", "Asia/Kathmandu", "Europe/London", "America/New_York", "Australia/Lord_Howe",
		"America/Havana", "Pacific/Apia", "Africa/Monrovia"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range aroundClockChanges(loc) {
			for _, at := range []time.Time{at, at.Add(7 * time.Second), at.Add(time.Microsecond)} {
				text := FormatTime(at, loc)
				if got, err := ParseTime(text, loc); err != nil || !got.Equal(at) {
					t.Fatalf("%s: %v is written as %q, which is read as %v, %v", zone, at, text, got, err)
				}
			}
		}
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2026-10-25 01:30": "2026-10-25T00:30:00Z", "2026-10-25T01:30": "2026-10-25T00:30:00Z",
		"2026-10-25 01:30+01:00": "2026-10-25T00:30:00Z", "2026-10-25 01:30+00:00": "2026-10-25T01:30:00Z",
		"2026-10-25T01:30Z": "2026-10-25T01:30:00Z", "2026-10-25T01:30:15+00:00": "2026-10-25T01:30:15Z",
		"2026-10-25 02:30": "2026-10-25T02:30:00Z", "2026-03-29 01:30": "2026-03-29T01:00:00Z",
		"2026-10-25": "", "01:30": "", "2026-10-25 1:30pm": "", "": "",
	} {
		got, err := ParseTime(text, london)
		if (err != nil) != (want == "") || err == nil && got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q is read as %v, %v, want %s", text, got.UTC(), err, want)
		}
	}
}
