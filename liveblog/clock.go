package liveblog

import "time"

// Clocks that are put forward leave times out, and clocks that are put back show some twice; in some zones both happen at
// midnight. [time.Date] takes either of two moments then, or one of the day before.

// FirstShown returns the first moment at which clock and calendar of loc show what t shows in its own zone, or something
// later where they leave that out.
func FirstShown(t time.Time, loc *time.Location) time.Time {
	return firstShown(t, loc, onWall(t).Add(-26*time.Hour)) // no zone has ever been further from UTC
}

// firstShown is FirstShown from a moment on.
func firstShown(t time.Time, loc *time.Location, from time.Time) time.Time {
	for from = from.In(loc); ; {
		_, offset := from.Zone()
		_, end := from.ZoneBounds()
		at := onWall(t).Add(-time.Duration(offset) * time.Second).In(loc)
		if end.IsZero() || at.Before(end) {
			if at.Before(from) {
				return from
			}
			return at
		}
		from = end
	}
}

// ShownTwice reports whether clock and calendar of t's zone show the same at another moment.
func ShownTwice(t time.Time) bool {
	if !FirstShown(t, t.Location()).Equal(t) {
		return true
	}
	_, end := t.ZoneBounds()
	return !end.IsZero() && onWall(firstShown(t, t.Location(), end)).Equal(onWall(t))
}

// onWall is a time as clock and calendar show it, without the zone.
func onWall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
