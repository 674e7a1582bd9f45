package liveblog

import (
	"fmt"
	"time"
)

// When clocks are put forward, they skip some local times; when they are put back, they show some twice. In some zones
// this happens at midnight. [time.Date] then returns either of two moments, or one on the day before.

// FirstShown returns the first moment at which the clock and calendar of loc show the local time of t or, if they skip
// it, a later one.
func FirstShown(t time.Time, loc *time.Location) time.Time {
	return firstShown(t, loc, localTime(t).Add(-26*time.Hour)) // no zone has ever had a larger offset from UTC
}

// firstShown is FirstShown, but returns no moment before from.
func firstShown(t time.Time, loc *time.Location, from time.Time) time.Time {
	for from = from.In(loc); ; {
		_, offset := from.Zone()
		_, end := from.ZoneBounds()
		at := localTime(t).Add(-time.Duration(offset) * time.Second).In(loc)
		if end.IsZero() || at.Before(end) {
			if at.Before(from) {
				return from
			}
			return at
		}
		from = end
	}
}

// ShownTwice reports whether the clock and calendar of t's zone show the local time of t at another moment as well.
func ShownTwice(t time.Time) bool {
	if !FirstShown(t, t.Location()).Equal(t) {
		return true
	}
	_, end := t.ZoneBounds()
	return !end.IsZero() && localTime(firstShown(t, t.Location(), end)).Equal(localTime(t))
}

// localLayouts are the ways to write a time by the clock of a zone that is known from elsewhere, and offsetLayouts
// those with the offset from UTC.
var (
	localLayouts  = []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"}
	offsetLayouts = []string{"2006-01-02 15:04-07:00", "2006-01-02 15:04:05-07:00", "2006-01-02T15:04Z07:00",
		time.RFC3339}
)

// ParseTime parses a time that an editor typed by the clock of loc, such as "2025-10-30 11:00", or with its offset,
// such as "2025-10-30 11:00+09:00". Of a time that the clock shows twice it returns the first moment, and for one that
// the clock skips a later one.
func ParseTime(text string, loc *time.Location) (time.Time, error) {
	for _, layout := range localLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return FirstShown(t, loc), nil
		}
	}
	for _, layout := range offsetLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time", text)
}

// FormatTime is the inverse of [ParseTime]: it formats a time by the clock of loc, as short as possible, with its
// offset if the clock shows it twice and it is not the first.
func FormatTime(t time.Time, loc *time.Location) string {
	t = t.In(loc)
	for _, layout := range []string{localLayouts[0], localLayouts[1], offsetLayouts[0], offsetLayouts[1]} {
		text := t.Format(layout)
		if parsed, err := ParseTime(text, loc); err == nil && parsed.Equal(t) {
			return text
		}
	}
	return t.Format(time.RFC3339Nano)
}

// localTime returns a UTC time with the same date and clock time as t.
func localTime(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
