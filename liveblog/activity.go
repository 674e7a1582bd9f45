package liveblog

import "time"

// QuarterLength is the resolution of [Page.Activity]. The offsets of all present time zones are multiples of it.
const QuarterLength = 15 * time.Minute

// QuarterHour counts what was published in a quarter of an hour.
type QuarterHour struct {
	Start     time.Time // in UTC
	Entries   int       // public entries whose first publication was in it; at least 1
	KeyEvents int       // how many of these are key events
}
