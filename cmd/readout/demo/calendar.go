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

	// lead is how long before the start of the demo the last seeded step happens.
	lead = 3 * time.Minute
	// minFinalDay is the shortest time that the last day fills. The longest is a day more.
	minFinalDay = 10 * time.Hour

	wholeDay = 24 * time.Hour
)

// onCalendar parses a time of day and a time zone, such as "09:40 America/New_York", as a time on the given day of the
// script. The script's calendar begins on 20 October 2025, a week in which none of its zones changes its clocks.
func onCalendar(day int, s string) (time.Time, error) {
	if day == 0 {
		return time.Time{}, fmt.Errorf("a live step has no time; it happens while the demo runs")
	}
	clock, zone, _ := strings.Cut(s, " ")
	t, err := time.Parse("15:04", clock)
	if err != nil || len(clock) != len("15:04") {
		return time.Time{}, fmt.Errorf("%q is not a time of day; write one such as 09:40, and the zone after it", clock)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		return time.Time{}, fmt.Errorf("%q is not a time zone; use an IANA name such as Asia/Seoul", zone)
	}
	return time.Date(2025, time.October, 19+day, t.Hour(), t.Minute(), 0, 0, loc), nil
}

// calendar maps times on the script's calendar to times of a demo that starts at a given moment. See the package
// comment.
type calendar struct {
	eve   time.Time     // on the script's calendar, of the last step before the last day
	last  time.Time     // on the script's calendar, of the last step
	begin time.Time     // what eve is mapped to
	end   time.Time     // what last is mapped to
	shift time.Duration // added to times up to eve; whole days
	ahead time.Duration // added to times after last; whole days
}

// calendar returns the calendar of a demo that starts at now.
func (s Script) calendar(now time.Time) calendar {
	steps := s.seeded
	last := steps[len(steps)-1]
	final := len(steps) - 1 // the first step of the last day
	for final > 0 && steps[final-1].day == last.day {
		final--
	}
	c := calendar{eve: steps[final-1].at, last: last.at, end: now.Add(-lead)}
	c.shift = wholeDays(c.end.Add(-minFinalDay).Sub(c.eve))
	c.begin = c.eve.Add(c.shift)
	c.ahead = wholeDays(c.end.Sub(c.last)) + wholeDay
	return c
}

// wholeDays rounds down to whole days, also below zero.
func wholeDays(d time.Duration) time.Duration {
	return d - (d%wholeDay+wholeDay)%wholeDay
}

// moved maps a time on the script's calendar. It keeps the order of times.
func (c calendar) moved(t time.Time) time.Time {
	switch part := t.Sub(c.eve); {
	case part <= 0:
		return t.Add(c.shift)
	case !t.After(c.last): // no rounding for t == c.last, since the quotient is 1
		return c.begin.Add(time.Duration(float64(part) / float64(c.last.Sub(c.eve)) * float64(c.end.Sub(c.begin))))
	}
	return t.Add(c.ahead)
}

// planned is like moved, but rounds down to five minutes, as people do when they plan.
func (c calendar) planned(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	to := c.moved(*t).Truncate(5 * time.Minute).UTC()
	return &to
}

// span applies planned to a start and an end. A span across the script's last step keeps its length, because times
// after that step are moved by a different number of days.
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

// acts returns the acts with their times moved, and also the values of figures that are dates.
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

// timed reports whether acts contain times on the script's calendar.
func timed(acts liveblog.Acts) bool {
	return slices.ContainsFunc(acts.List(), func(a liveblog.Act) bool {
		_, err := time.Parse(time.DateOnly, a.Value)
		return a.Starts != nil || a.Ends != nil || err == nil
	})
}

// schedule returns when each seeded step happens in a demo that starts at now. The times increase strictly, and the
// last one is now minus [lead].
func (s Script) schedule(now time.Time) []time.Time {
	c := s.calendar(now)
	at := make([]time.Time, len(s.seeded))
	for i, st := range s.seeded {
		at[i] = c.moved(st.at)
	}
	return at
}
