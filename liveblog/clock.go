package liveblog

import "time"

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

// localTime returns a UTC time with the same date and clock time as t.
func localTime(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
