package talks

import (
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views"
)

// chartSize is the width and height of a chart's view box, which the page stretches to the space available.
const chartSize = 1000

// chart is a line chart of something that changes in steps over time.
type chart struct {
	title, description string
	labels             []string // from top to bottom
	spread             bool     // labels are those of the ends of the axis, and not one per row
	grid, line, dots   string   // data of SVG paths
	from, to           time.Time
}

// chartStep is a moment at which the line goes to a height between 0, the top, and 1.
type chartStep struct {
	at     time.Time
	height float64
}

// draw draws the line through the steps. It starts at the height begin, unless that is negative, and ends at the time
// end or, if that is zero, a little after the last step.
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

// stepText says a step of a chart in words.
func stepText(ed views.Edition, what string, at time.Time) string {
	return ed.Say("chart-step", "what", what, "time", ed.MomentText(at))
}

// joinSteps joins the texts of steps into a sentence. It joins halves, because joining one step at a time would copy
// all earlier steps each time.
func joinSteps(ed views.Edition, steps []string) string {
	if len(steps) == 1 {
		return steps[0]
	}
	half := len(steps) / 2
	return ed.Say("chart-then", "before", joinSteps(ed, steps[:half]), "next", joinSteps(ed, steps[half:]))
}

// trackChart is the chart of a track's states. On a page of the past it ends at the page's moment.
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
	var texts []string
	for i := len(s.History) - 1; i >= 0; i-- {
		m := s.History[i]
		steps = append(steps, chartStep{m.By.At, height(m.To)})
		texts = append(texts, stepText(ed, StateInSentence(ed, m.To), m.By.At))
	}
	if len(steps) == 0 {
		return c
	}
	first := s.History[len(s.History)-1].From
	c.description = ed.Say("chart-way-told", "from", StateInSentence(ed, first), "steps", joinSteps(ed, texts))
	c.draw(height(first), steps, ed.At)
	return c
}

// figureChart is the chart of a figure's values. Ok is false if fewer than two of them are numbers in its present unit.
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
	var texts []string
	for _, r := range readings {
		if r.n < low.n {
			low = r
		}
		if r.n > high.n {
			high = r
		}
		texts = append(texts, stepText(ed, valueText(r.FigureValue), r.By.At))
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
	c = chart{
		title:       ed.Say("figure-over-time", "name", f.Name()),
		description: ed.Say("figure-told", "steps", joinSteps(ed, texts)),
		labels:      []string{valueText(high.FigureValue), valueText(low.FigureValue)},
		spread:      true,
		grid:        "M0 " + coordinate(margin) + "H1000M0 " + coordinate(1-margin) + "H1000",
	}
	if low.n == high.n {
		c.labels = c.labels[:1]
		c.grid = "M0 500H1000"
	}
	c.draw(-1, steps, ed.At)
	return c, true
}
