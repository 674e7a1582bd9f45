package views

import (
	"testing"
	"time"

	"readout/liveblog"
	"readout/views/markdown"
)

func TestDirection(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"en":      "ltr",
		"zh-Hans": "ltr",
		"ko":      "ltr",
		"ar":      "rtl",
		"AR-eg":   "rtl",
		"he":      "rtl",
		"fa-IR":   "rtl",
		"ur":      "rtl",
		"ar-Latn": "ltr", "az-Arab": "rtl", "pa-ARAB-PK": "rtl", "az": "ltr", "ks-Deva": "ltr", "a": "ltr", "": "ltr",
	} {
		if got := Direction(tag); got != want {
			t.Errorf("direction(%q) = %q, want %q", tag, got, want)
		}
	}
}

func TestMomentText(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 10, 25, 20, 3, 0, 0, time.UTC)
	winter := at.AddDate(0, 1, 0)
	for _, c := range []struct {
		zone, language string
		at             time.Time
		text, iso      string
	}{
		{"Asia/Seoul", "en", at, "05:03 Seoul time, 26 Oct 2025", "2025-10-26T05:03:00+09:00"},
		{"Asia/Shanghai", "en-GB", at, "04:03 Shanghai time, 26 Oct 2025", "2025-10-26T04:03:00+08:00"},
		{"America/New_York", "en", at, "16:03 New York time, 25 Oct 2025", "2025-10-25T16:03:00-04:00"},
		{"America/New_York", "en", winter, "15:03 New York time, 25 Nov 2025", "2025-11-25T15:03:00-05:00"},
		{
			"America/Argentina/Buenos_Aires", "en", at, "17:03 Buenos Aires time, 25 Oct 2025",
			"2025-10-25T17:03:00-03:00",
		},
		{"UTC", "en", at, "20:03 UTC, 25 Oct 2025", "2025-10-25T20:03:00Z"},
		{"Etc/GMT-9", "en", at, "05:03 UTC+9, 26 Oct 2025", "2025-10-26T05:03:00+09:00"},
		{"CET", "en", at, "22:03 UTC+2, 25 Oct 2025", "2025-10-25T22:03:00+02:00"},
		{"America/Los_Angeles", "ko", at, "13:03 UTC−7, 2025년 10월 25일", "2025-10-25T13:03:00-07:00"},
		{"Asia/Kolkata", "hi", at, "01:33 Kolkata time, 26 Oct 2025", "2025-10-26T01:33:00+05:30"},
		{"No/Such_Zone", "en", at, "20:03 UTC, 25 Oct 2025", "2025-10-25T20:03:00Z"},
	} {
		ed := NewEdition(liveblog.Blog{TimeZone: c.zone, Language: c.language})
		if got := ed.MomentText(c.at); got != c.text {
			t.Errorf("%s in %s: %q, want %q", c.zone, c.language, got, c.text)
		}
		if got := ed.RFC3339(c.at); got != c.iso {
			t.Errorf("%s: %q, want %q", c.zone, got, c.iso)
		}
	}
}

// It fails if two moments of a venue are told in the same words, as when clocks are put back and the offset is left
// out.
func TestEveryMomentHasItsOwnText(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"UTC", "Europe/London", "Europe/Lisbon", "America/New_York", "America/St_Johns",
		"America/Havana", "America/Santiago", "Australia/Lord_Howe", "Africa/Casablanca", "Antarctica/Troll", "CET",
		"Pacific/Apia", "Asia/Kathmandu", "Asia/Seoul"} {
		for _, language := range []string{"en", "zh", "ar"} {
			ed := NewEdition(liveblog.Blog{TimeZone: zone, Language: language})
			told, brief := map[string]time.Time{}, map[string]time.Time{}
			for _, at := range aroundClockChanges(ed.Loc) {
				for texts, text := range map[*map[string]time.Time]string{&told: ed.MomentText(at),
					&brief: ed.Day(at) + ed.Clock(at)} {
					if other, ok := (*texts)[text]; ok {
						t.Fatalf("%s, %s: %v and %v are both %q", zone, language, other, at, text)
					}
					(*texts)[text] = at
				}
			}
		}
	}
	london := NewEdition(liveblog.Blog{TimeZone: "Europe/London", Language: "en"})
	chinese := NewEdition(liveblog.Blog{TimeZone: "Europe/London", Language: "zh"})
	for at, want := range map[string][2]string{
		"2026-10-25T00:30:00Z": {"01:30 (UTC+1) London time, 25 Oct 2026", "01:30 UTC+1，2026年10月25日"},
		"2026-10-25T01:30:00Z": {"01:30 (UTC) London time, 25 Oct 2026", "01:30 UTC，2026年10月25日"},
		"2026-10-25T02:30:00Z": {"02:30 London time, 25 Oct 2026", "02:30 UTC，2026年10月25日"},
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{london.MomentText(moment), chinese.MomentText(moment)}; got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
}

// aroundClockChanges returns every quarter of an hour of the days around the changes of a zone's clock in 2026.
func aroundClockChanges(loc *time.Location) (all []time.Time) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, loc)
	for {
		_, change := at.ZoneBounds()
		if change.IsZero() || change.Year() > 2026 {
			return all
		}
		for i := range 2 * 24 * 4 {
			all = append(all, change.Add(time.Duration(i)*15*time.Minute-24*time.Hour))
		}
		at = change
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"One **bold** word, and [a link](https://example.org).": "One bold word, and a link.",
		"# Title\n\nFirst.\n\n- one\n- two":                     "Title First. one two",
		"a < b & c":                                             "a < b & c",
		"| Side | Says |\n|---|---|\n| A | 1 |\n| B | |":        "Side | Says A | 1 B |",
	} {
		if got := markdown.Excerpt(body); got != want {
			t.Errorf("excerpt(%q) = %q, want %q", body, got, want)
		}
	}
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"short", 10, "short"},
		{"one two three", 11, "one two…"},
		{"日本語日本語日本語", 5, "日本語日…"},
	} {
		if got := markdown.Clip(c.in, c.n); got != c.want {
			t.Errorf("clip(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}
