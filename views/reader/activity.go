package reader

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views"

	"github.com/a-h/templ"
)

// A plot shows hours as long as the blog is not longer than this, else days.
const mostDaysByHour = 10

// mostBars is how many days a plot shows one by one; of a longer blog several share a bar.
const mostBars = 370

// stretch is how much was published in an hour or a day of the venue.
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

// busyDay is a day of the venue in which something was published, with such hours.
type busyDay struct {
	stretch
	index int // days since the first one
	hours []stretch
}

// activity is how busy a blog was, as its page shows it.
type activity struct {
	first  time.Time // the date of the first day, at midnight in UTC: there is a night without one at the venue
	days   []busyDay
	length int // days from the first to the last
	total  stretch
}

// activityOf sums the quarters by the venue's clock. An hour that the clock shows twice is two.
func activityOf(ed views.Edition, quarters []liveblog.QuarterHour) (a activity) {
	for _, q := range quarters {
		at := q.Start.In(ed.Loc)
		date := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
		if a.first.IsZero() {
			a.first = date
		}
		index := int(date.Sub(a.first) / (24 * time.Hour))
		if len(a.days) == 0 || a.days[len(a.days)-1].index < index { // a clock that is put back at midnight shows the day before again
			a.days = append(a.days, busyDay{stretch: stretch{start: liveblog.FirstShown(date, ed.Loc)}, index: index})
		}
		d := &a.days[len(a.days)-1]
		hour := at.Add(-time.Duration(at.Minute()) * time.Minute)
		if changed, _ := at.ZoneBounds(); hour.Before(changed) {
			hour = changed // by half an hour, within one
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

// byHour reports whether the hours are shown, or only the days.
func (a activity) byHour() bool { return a.length <= mostDaysByHour }

// stem begins the keys of texts that are of hours or of days.
func (a activity) say(ed views.Edition, stem string) string {
	if a.byHour() {
		return ed.Say(stem + "hours")
	}
	return ed.Say(stem + "days")
}

// zone is that of the venue's clock at the end of what is shown.
func (a activity) zone(ed views.Edition) string {
	return ed.Zone(a.days[len(a.days)-1].start.Add(23 * time.Hour))
}

// told says in words what the plot shows.
func (a activity) told(ed views.Edition) string {
	var days, hours []stretch
	for _, d := range a.days {
		days = append(days, d.stretch)
		hours = append(hours, d.hours...)
	}
	most := busiest(days)
	when := ed.Day(most.start)
	if a.byHour() {
		most = busiest(hours)
		when = ed.Say("activity-told-hour", "day", ed.Day(most.start), "hour", ed.Clock(most.start), "zone", ed.Zone(most.start))
	}
	return ed.Say("activity-told", "total", ed.Words.Count("activity-updates", a.total.entries), "first", ed.Day(days[0].start),
		"last", ed.Day(days[len(days)-1].start), "busiest", when, "most", ed.Words.Count("activity-updates", most.entries))
}

// hourName is an hour as the venue's clock shows it, with the offset where it shows it twice.
func hourName(ed views.Edition, start time.Time) string {
	at := start.In(ed.Loc)
	if !liveblog.ShownTwice(at) {
		return ed.Clock(at)
	}
	_, offset := at.Zone()
	return ed.Clock(at) + " (" + views.UtcOffset(offset) + ")"
}

// hourPath leads into the stream at an hour, with the offset where the clock shows it twice.
func hourPath(ed views.Edition, start time.Time) templ.SafeURL {
	at := start.In(ed.Loc)
	text := at.Format("2006-01-02T15")
	if liveblog.ShownTwice(at) {
		text = strings.ReplaceAll(at.Format(time.RFC3339), "+", "%2B")
	}
	return templ.SafeURL(ed.Path() + "?from=" + text)
}

// dayPath leads into the stream at a day.
func dayPath(ed views.Edition, day time.Time) templ.SafeURL {
	return templ.SafeURL(ed.Path() + "?from=" + day.Format(time.DateOnly))
}

// column is a day under the plot; a day in which nothing was published leads nowhere.
type column struct {
	day  time.Time // its date, at midnight in UTC
	path templ.SafeURL
}

// columns are the days under a plot of hours.
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

// plot is a bar for each stretch, drawn from the left in a space that is stretched to the page.
type plot struct{ width, bars, dots, grid string }

// The measures of a plot: a day's width by hours, a bar's by days, the height, and how high the busiest bar goes.
const (
	dayWidth, barWidth     = 240, 10
	plotHeight, barsHeight = 100, 84
)

func (a activity) plot(ed views.Edition) plot {
	var bars, dots, grid strings.Builder
	draw := func(x, width int, s stretch, most int) {
		height := max(2, s.entries*barsHeight/most)
		bars.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(plotHeight) + "v-" + strconv.Itoa(height) + "h" + strconv.Itoa(width*4/5) + "v" + strconv.Itoa(height) + "z")
		if s.keyEvents > 0 {
			dots.WriteString("M" + strconv.Itoa(x+width*2/5) + " " + strconv.Itoa(plotHeight-height-8) + "h.01")
		}
	}
	if !a.byHour() {
		each := (a.length + mostBars - 1) / mostBars
		var all []stretch
		places := []int{}
		for _, d := range a.days {
			place := d.index / each
			if len(places) == 0 || places[len(places)-1] != place {
				places, all = append(places, place), append(all, stretch{start: d.start})
			}
			last := &all[len(all)-1]
			last.entries, last.keyEvents = last.entries+d.entries, last.keyEvents+d.keyEvents
		}
		most := busiest(all).entries
		for i, s := range all {
			draw(places[i]*barWidth, barWidth, s, most)
		}
		width := (a.length + each - 1) / each * barWidth
		return plot{strconv.Itoa(width), bars.String(), dots.String(), ""}
	}
	most := 1
	for _, d := range a.days {
		most = max(most, busiest(d.hours).entries)
	}
	for _, d := range a.days {
		length := liveblog.FirstShown(a.first.AddDate(0, 0, d.index+1), ed.Loc).Sub(d.start) // 23 or 25 hours where the clocks change
		for _, h := range d.hours {
			x := d.index*dayWidth + int(dayWidth*h.start.Sub(d.start)/length)
			draw(x, int(dayWidth*time.Hour/length), h, most)
		}
	}
	for i := 1; i < a.length; i++ {
		grid.WriteString("M" + strconv.Itoa(i*dayWidth) + " 0V" + strconv.Itoa(plotHeight))
	}
	return plot{strconv.Itoa(a.length * dayWidth), bars.String(), dots.String(), grid.String()}
}
