package talks

import (
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views"
)

// chartSize is the side of a chart's own square, which is stretched to the space that there is.
const chartSize = 1000

// chart is something that went from step to step over time, as it is drawn: labels from top to bottom, and where the
// line goes.
type chart struct {
	title, description string
	labels             []string
	spread             bool // labels are for the ends of the axis and not one a row
	grid, line, dots   string
	from, to           time.Time
}

// chartStep is a moment at which the line goes to a height, both between 0 and 1; 0 is at the top.
type chartStep struct {
	at     time.Time
	height float64
}

// draw puts the line through the steps. It comes from the height begin where that is not negative, and goes on to the
// moment end, or a little beyond the last step where that is zero.
func (c *chart) draw(begin float64, steps []chartStep, end time.Time) {
	if len(steps) == 0 {
		return
	}
	c.from, c.to = steps[0].at, steps[len(steps)-1].at
	last := 0.92
	if end.After(c.to) {
		c.to, last = end, 1
	}
	span := c.to.Sub(c.from)
	const first = 0.06
	var line, dots strings.Builder
	y := begin
	for i, s := range steps {
		x := first
		if span > 0 {
			x += (last - first) * float64(s.at.Sub(c.from)) / float64(span)
		}
		switch {
		case i > 0:
			line.WriteString("H" + coordinate(x) + "V" + coordinate(s.height))
		case y >= 0:
			line.WriteString("M0 " + coordinate(y) + "H" + coordinate(x) + "V" + coordinate(s.height))
		default:
			line.WriteString("M" + coordinate(x) + " " + coordinate(s.height))
		}
		dots.WriteString("M" + coordinate(x) + " " + coordinate(s.height) + "h.01")
	}
	c.line, c.dots = line.String()+"H"+strconv.Itoa(chartSize), dots.String()
}

func coordinate(share float64) string { return strconv.Itoa(int(share*chartSize + 0.5)) }

// stepSaid says a step of a chart in words, and oneAfterAnother puts such steps into a sentence.
func stepSaid(ed views.Edition, what string, at time.Time) string {
	return ed.Say("chart-step", "what", what, "time", ed.MomentText(at))
}

// It halves them: told one by one, each step would copy all before it.
func oneAfterAnother(ed views.Edition, steps []string) string {
	if len(steps) == 1 {
		return steps[0]
	}
	half := len(steps) / 2
	return ed.Say("chart-then", "before", oneAfterAnother(ed, steps[:half]), "next", oneAfterAnother(ed, steps[half:]))
}

// trackChart is the way of a track. The page's moment, where it is of the past, ends it.
func trackChart(ed views.Edition, s liveblog.TrackStanding) chart {
	states := stateOrder()
	height := func(state liveblog.TrackState) float64 {
		for i, x := range states {
			if x == state {
				return (float64(i) + 0.5) / float64(len(states))
			}
		}
		return 0
	}
	c := chart{title: ed.Say("chart-way", "name", s.Name)}
	for _, state := range states {
		c.labels = append(c.labels, stateName(ed, state))
		y := coordinate(height(state))
		c.grid += "M0 " + y + "H" + strconv.Itoa(chartSize)
	}
	var steps []chartStep
	var told []string
	for i := len(s.History) - 1; i >= 0; i-- {
		m := s.History[i]
		steps = append(steps, chartStep{m.By.At, height(m.To)})
		told = append(told, stepSaid(ed, StateInSentence(ed, m.To), m.By.At))
	}
	if len(steps) == 0 {
		return c
	}
	c.description = ed.Say("chart-way-told", "from", StateInSentence(ed, s.History[len(s.History)-1].From), "steps", oneAfterAnother(ed, told))
	c.draw(height(s.History[len(s.History)-1].From), steps, ed.At)
	return c
}

// figureChart is how a figure went, ok where at least two of its values are numbers of the unit that it has now.
func figureChart(ed views.Edition, f liveblog.FigureStanding) (c chart, ok bool) {
	type reading struct {
		liveblog.FigureValue
		n float64
	}
	var readings []reading
	for i := len(f.Before); i >= 0; i-- {
		v := f.FigureValue
		if i > 0 {
			v = f.Before[i-1]
		}
		if n, is := v.Number(); is && v.Unit == f.Unit {
			readings = append(readings, reading{v, n})
		}
	}
	if len(readings) < 2 {
		return c, false
	}
	low, high := readings[0], readings[0]
	var told []string
	for _, r := range readings {
		if r.n < low.n {
			low = r
		}
		if r.n > high.n {
			high = r
		}
		told = append(told, stepSaid(ed, valueText(r.FigureValue), r.By.At))
	}
	const margin = 0.08
	var steps []chartStep
	for _, r := range readings {
		height := 0.5
		if high.n > low.n {
			height = margin + (1-2*margin)*(high.n-r.n)/(high.n-low.n)
		}
		steps = append(steps, chartStep{r.By.At, height})
	}
	c = chart{title: ed.Say("figure-over-time", "name", f.Name()), spread: true, labels: []string{valueText(high.FigureValue), valueText(low.FigureValue)},
		description: ed.Say("figure-told", "steps", oneAfterAnother(ed, told)),
		grid:        "M0 " + coordinate(margin) + "H1000M0 " + coordinate(1-margin) + "H1000"}
	if low.n == high.n {
		c.labels = c.labels[:1]
		c.grid = "M0 500H1000"
	}
	c.draw(-1, steps, ed.At)
	return c, true
}
