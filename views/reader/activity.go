package reader

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views"

	"github.com/a-h/templ"
)

// The plot has a bar for each hour if the blog is at most this many days long, otherwise a bar for each day.
const maxDaysByHour = 10

// maxBars is the most days that get a bar each; in a longer blog several days share a bar.
const maxBars = 370

// stretch is how much was published in an hour or a day at the venue.
type stretch struct {
	start              time.Time
	entries, keyEvents int
}

func (s *stretch) add(q liveblog.QuarterHour) {
	s.entries += q.Entries
	s.keyEvents += q.KeyEvents
}

func busiest(all []stretch) stretch {
	return slices.MaxFunc(all, func(a, b stretch) int { return cmp.Compare(a.entries, b.entries) })
}

// busyDay is a day at the venue on which something was published.
type busyDay struct {
	stretch
	index int       // days since the first one
	hours []stretch // only those in which something was published
}

// activity is how much a blog published over time, as its page shows it.
type activity struct {
	// first is the date of the first day, as midnight in UTC: at the venue a day may have no midnight, where clocks
	// are put forward then.
	first  time.Time
	days   []busyDay
	length int // days from the first to the last, both included
	total  stretch
}

// activityOf adds up the quarter-hours by the venue's clock. An hour that the clock shows twice, because it is put
// back, counts as two hours.
func activityOf(ed views.Edition, quarters []liveblog.QuarterHour) (a activity) {
	for _, q := range quarters {
		at := q.Start.In(ed.Loc)
		date := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
		if a.first.IsZero() {
			a.first = date
		}
		index := int(date.Sub(a.first) / (24 * time.Hour))
		// A clock that is put back at midnight shows the day before again; that time stays in the new day.
		if len(a.days) == 0 || a.days[len(a.days)-1].index < index {
			a.days = append(a.days, busyDay{stretch: stretch{start: liveblog.FirstShown(date, ed.Loc)}, index: index})
		}
		d := &a.days[len(a.days)-1]
		hour := at.Add(-time.Duration(at.Minute()) * time.Minute)
		if changed, _ := at.ZoneBounds(); hour.Before(changed) {
			hour = changed // the clock changed within the hour, e.g. by half an hour
		}
		if len(d.hours) == 0 || !d.hours[len(d.hours)-1].start.Equal(hour) {
			d.hours = append(d.hours, stretch{start: hour})
		}
		d.hours[len(d.hours)-1].add(q)
		d.add(q)
		a.total.add(q)
		a.length = a.days[len(a.days)-1].index + 1
	}
	return a
}

// byHour reports whether hours are shown, and not only days.
func (a activity) byHour() bool { return a.length <= maxDaysByHour }

// say returns the text for hours or for days, whose key is the prefix and "hours" or "days".
func (a activity) say(ed views.Edition, prefix string) string {
	if a.byHour() {
		return ed.Say(prefix + "hours")
	}
	return ed.Say(prefix + "days")
}

// zone is the label of the venue's time zone on the last day.
func (a activity) zone(ed views.Edition) string {
	return ed.Zone(a.days[len(a.days)-1].start.Add(23 * time.Hour))
}

// description says in words what the plot shows.
func (a activity) description(ed views.Edition) string {
	var days, hours []stretch
	for _, d := range a.days {
		days = append(days, d.stretch)
		hours = append(hours, d.hours...)
	}
	most := busiest(days)
	when := ed.Day(most.start)
	if a.byHour() {
		most = busiest(hours)
		when = ed.Say("activity-told-hour",
			"day", ed.Day(most.start), "hour", ed.Clock(most.start), "zone", ed.Zone(most.start))
	}
	return ed.Say("activity-told", "total", ed.Words.Count("activity-updates", a.total.entries),
		"first", ed.Day(days[0].start), "last", ed.Day(days[len(days)-1].start),
		"busiest", when, "most", ed.Words.Count("activity-updates", most.entries))
}

// hourPath is the address of the stream from an hour on, with the offset if the clock shows that hour twice.
func hourPath(ed views.Edition, start time.Time) templ.SafeURL {
	at := start.In(ed.Loc)
	text := at.Format("2006-01-02T15")
	if liveblog.ShownTwice(at) {
		text = strings.ReplaceAll(at.Format(time.RFC3339), "+", "%2B")
	}
	return templ.SafeURL(ed.Path() + "?from=" + text)
}

// dayPath is the address of the stream from a day on.
func dayPath(ed views.Edition, day time.Time) templ.SafeURL {
	return templ.SafeURL(ed.Path() + "?from=" + day.Format(time.DateOnly))
}

// column is a day on the axis below the plot.
type column struct {
	day  time.Time     // the date, as midnight in UTC
	path templ.SafeURL // empty if nothing was published on that day
}

// columns are the days on the axis below a plot of hours.
func (a activity) columns(ed views.Edition) []column {
	all := make([]column, a.length)
	for i := range all {
		all[i].day = a.first.AddDate(0, 0, i)
	}
	for _, d := range a.days {
		all[d.index].path = dayPath(ed, d.start)
	}
	return all
}

// plot is the bar chart: the width of its view box and the data of its paths. The page stretches it to its own width.
type plot struct{ width, bars, dots, grid string }

// Sizes in the plot's own units.
const (
	dayWidth   = 240 // of a day in a plot of hours
	barWidth   = 10  // of a bar in a plot of days
	plotHeight = 100
	barsHeight = 84 // of the highest bar
)

func (a activity) plot(ed views.Edition) plot {
	var bars, dots, grid strings.Builder
	draw := func(x, width int, s stretch, most int) {
		height := max(2, s.entries*barsHeight/most)
		fmt.Fprintf(&bars, "M%d %dv-%dh%dv%dz", x, plotHeight, height, width*4/5, height)
		if s.keyEvents > 0 {
			fmt.Fprintf(&dots, "M%d %dh.01", x+width*2/5, plotHeight-height-8)
		}
	}
	if !a.byHour() {
		daysPerBar := (a.length + maxBars - 1) / maxBars
		var all []stretch
		var positions []int // of the stretches, counted in bars
		for _, d := range a.days {
			position := d.index / daysPerBar
			if len(positions) == 0 || positions[len(positions)-1] != position {
				positions, all = append(positions, position), append(all, stretch{start: d.start})
			}
			last := &all[len(all)-1]
			last.entries, last.keyEvents = last.entries+d.entries, last.keyEvents+d.keyEvents
		}
		most := busiest(all).entries
		for i, s := range all {
			draw(positions[i]*barWidth, barWidth, s, most)
		}
		width := (a.length + daysPerBar - 1) / daysPerBar * barWidth
		return plot{strconv.Itoa(width), bars.String(), dots.String(), ""}
	}
	most := 1
	for _, d := range a.days {
		most = max(most, busiest(d.hours).entries)
	}
	for _, d := range a.days {
		// A day on which the clocks change has 23 or 25 hours.
		length := liveblog.FirstShown(a.first.AddDate(0, 0, d.index+1), ed.Loc).Sub(d.start)
		for _, h := range d.hours {
			x := d.index*dayWidth + int(dayWidth*h.start.Sub(d.start)/length)
			draw(x, int(dayWidth*time.Hour/length), h, most)
		}
	}
	for i := 1; i < a.length; i++ {
		fmt.Fprintf(&grid, "M%d 0V%d", i*dayWidth, plotHeight)
	}
	return plot{strconv.Itoa(a.length * dayWidth), bars.String(), dots.String(), grid.String()}
}
