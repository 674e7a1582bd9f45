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
