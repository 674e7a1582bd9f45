package liveblog

import "time"

// QuarterLength is the grain of [Activity]: the clocks of all zones differ by whole quarters of an hour.
const QuarterLength = 15 * time.Minute

// QuarterHour is how much was published in a quarter of an hour.
type QuarterHour struct {
	Start     time.Time // in UTC
	Entries   int       // public ones, by their first publication; at least 1
	KeyEvents int       // key events among them
}
