package demo

import (
	"fmt"
	"strings"
	"time"
)

const (
	clockFormat = "15:04 2 January MST"

	// lead is how long before the start the last seeded step happens.
	lead = 3 * time.Minute
	// leastFinalDay is the least time that the last day fills; the most is a day longer.
	leastFinalDay = 10 * time.Hour

	wholeDay = 24 * time.Hour
)

// onCalendar reads a clock and a zone, such as "09:40 America/New_York", as a time of the given day of the script.
// The script's calendar is a week of October, and its first day the twentieth: no zone in it changes its clocks then.
func onCalendar(day int, s string) (time.Time, error) {
	if day == 0 {
		return time.Time{}, fmt.Errorf("a live step has no time; it happens while the demo runs")
	}
	clock, zone, _ := strings.Cut(s, " ")
	t, err := time.Parse("15:04", clock)
	if err != nil || len(clock) != len("15:04") {
		return time.Time{}, fmt.Errorf("%q is no time of day; write it as 09:40 and the zone behind it", clock)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		return time.Time{}, fmt.Errorf("%q is no time zone; use an IANA name such as Asia/Seoul", zone)
	}
	return time.Date(2025, time.October, 19+day, t.Hour(), t.Minute(), 0, 0, loc), nil
}

// schedule returns when each seeded step happens in a demo that starts at now: strictly one after the other, the
// last a little before now.
func (s Script) schedule(now time.Time) []time.Time {
	steps := s.seeded
	last := steps[len(steps)-1]
	final := len(steps) - 1 // the first step of the last day
	for final > 0 && steps[final-1].day == last.day {
		final--
	}
	eve := steps[final-1].at // the last step of the days that keep their clocks

	end := now.Add(-lead)
	shift := end.Add(-leastFinalDay).Sub(eve)
	shift -= (shift%wholeDay + wholeDay) % wholeDay // down to whole days, below zero as well
	begin := eve.Add(shift)
	stretch := func(part time.Duration) time.Duration { // exact where part is the whole
		return time.Duration(float64(part) / float64(last.at.Sub(eve)) * float64(end.Sub(begin)))
	}

	at := make([]time.Time, len(steps))
	for i, st := range steps {
		if i < final {
			at[i] = st.at.Add(shift)
		} else {
			at[i] = begin.Add(stretch(st.at.Sub(eve)))
		}
	}
	return at
}
