package liveblog

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var clockOnly = regexp.MustCompile(`^(\d{1,2})[:.hH](\d{2})$`)

// latinDigits returns a text with the digits of other scripts and widths as those of the Latin script.
func latinDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return r
		}
		zero := r
		for unicode.IsDigit(zero-1) && r-zero < 9 {
			zero--
		}
		return '0' + r - zero
	}, norm.NFKC.String(s))
}

// clockTime returns the moment at which something happened, as it was typed: a time as [ParseTime] takes it, or a time
// of day by the clock of loc, such as 14:05, 14.05 or 14h05, which means the latest such time before now.
func clockTime(typed string, now time.Time, loc *time.Location) (time.Time, *Error) {
	const ahead = time.Minute // clocks differ
	typed = strings.TrimFunc(latinDigits(typed), isMargin)
	at, err := ParseTime(typed, loc)
	if m := clockOnly.FindStringSubmatch(typed); m != nil {
		hour, _ := strconv.Atoi(m[1])
		minute, _ := strconv.Atoi(m[2])
		if hour > 23 || minute > 59 {
			return at, Errorf(Invalid, "“%s” is not a time of day.", typed)
		}
		at, err = latestAt(now.Add(ahead), hour, minute, loc), nil
	}
	switch {
	case err != nil:
		return at, Errorf(Invalid, "“%s” is not a time; write it as 14:05 or as 2025-10-30 14:05.", clip(typed, 60))
	case at.After(now.Add(ahead)):
		return at, Errorf(Invalid, "What an entry tells cannot have happened in the future.")
	case !plausible(at):
		return at, Errorf(Invalid, "The year of a time is between 1970 and 2199.")
	}
	return at, nil
}

// latestAt returns the latest moment until a limit at which the clock of loc showed a time of day.
func latestAt(limit time.Time, hour, minute int, loc *time.Location) time.Time {
	local := limit.In(loc)
	for back := 0; ; back++ {
		day := time.Date(local.Year(), local.Month(), local.Day()-back, hour, minute, 0, 0, time.UTC)
		first := FirstShown(day, loc)
		if first.In(loc).Hour() != hour || first.In(loc).Minute() != minute {
			continue // the clock skipped it on that day
		}
		last := first
		if _, end := first.ZoneBounds(); !end.IsZero() && ShownTwice(first) {
			last = firstShown(day, loc, end)
		}
		for _, at := range []time.Time{last, first} {
			if !at.After(limit) {
				return at
			}
		}
	}
}
