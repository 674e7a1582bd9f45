package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"readout/liveblog"
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

// calendar moves times of the script's own calendar to those of a demo that starts at some moment.
type calendar struct {
	eve, last  time.Time // on the script's calendar: of the last step before the last day, and of the last step
	begin, end time.Time // where these two are moved to
	shift      time.Duration
	ahead      time.Duration
}

func (s Script) calendar(now time.Time) calendar {
	steps := s.seeded
	last := steps[len(steps)-1]
	final := len(steps) - 1 // the first step of the last day
	for final > 0 && steps[final-1].day == last.day {
		final--
	}
	c := calendar{eve: steps[final-1].at, last: last.at, end: now.Add(-lead)}
	c.shift = wholeDays(c.end.Add(-leastFinalDay).Sub(c.eve))
	c.begin = c.eve.Add(c.shift)
	c.ahead = wholeDays(c.end.Sub(c.last)) + wholeDay
	return c
}

// wholeDays rounds down to whole days, below zero as well.
func wholeDays(d time.Duration) time.Duration {
	return d - (d%wholeDay+wholeDay)%wholeDay
}

// moved returns when a moment of the script's calendar is. The order of moments stays.
func (c calendar) moved(t time.Time) time.Time {
	switch part := t.Sub(c.eve); {
	case part <= 0:
		return t.Add(c.shift)
	case !t.After(c.last): // exact where part is the whole
		return c.begin.Add(time.Duration(float64(part) / float64(c.last.Sub(c.eve)) * float64(c.end.Sub(c.begin))))
	}
	return t.Add(c.ahead)
}

// planned is like moved for times that somebody has planned, which are whole ones.
func (c calendar) planned(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	to := c.moved(*t).Truncate(5 * time.Minute).UTC()
	return &to
}

// span is planned for a beginning and an end. What begins before the script's last step and ends after it keeps its length:
// what follows that step is moved by other days.
func (c calendar) span(starts, ends *time.Time) (*time.Time, *time.Time) {
	from, to := c.planned(starts), c.planned(ends)
	if from != nil && to != nil && !starts.After(c.last) && ends.After(c.last) {
		end := from.Add(ends.Sub(*starts))
		to = &end
	}
	return from, to
}

// setup returns the setup with its times moved.
func (c calendar) setup(s liveblog.Setup) liveblog.Setup {
	s.Meetings, s.Sessions = slices.Clone(s.Meetings), slices.Clone(s.Sessions)
	for i := range s.Meetings {
		s.Meetings[i].At = c.planned(s.Meetings[i].At)
	}
	for i := range s.Sessions {
		x := &s.Sessions[i]
		starts, ends := c.span(&x.Starts, x.Ends)
		x.Starts, x.Ends = *starts, ends
	}
	return s
}

// acts returns the acts with their times moved, and with those values of figures that are dates.
func (c calendar) acts(acts *liveblog.Acts) *liveblog.Acts {
	if acts == nil {
		return nil
	}
	list := acts.List()
	for i := range list {
		a := &list[i]
		a.Starts, a.Ends = c.span(a.Starts, a.Ends)
		if day, err := time.Parse(time.DateOnly, a.Value); err == nil {
			a.Value = c.moved(day).Format(time.DateOnly)
		}
	}
	moved := liveblog.NewActs(list)
	return &moved
}

// timed reports whether acts hold times of the script's calendar.
func timed(acts liveblog.Acts) bool {
	return slices.ContainsFunc(acts.List(), func(a liveblog.Act) bool {
		_, err := time.Parse(time.DateOnly, a.Value)
		return a.Starts != nil || a.Ends != nil || err == nil
	})
}

// schedule returns when each seeded step happens in a demo that starts at now: strictly one after the other, the
// last a little before now.
func (s Script) schedule(now time.Time) []time.Time {
	c := s.calendar(now)
	at := make([]time.Time, len(s.seeded))
	for i, st := range s.seeded {
		at[i] = c.moved(st.at)
	}
	return at
}
