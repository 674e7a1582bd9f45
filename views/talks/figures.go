package talks

import (
	"readout/liveblog"
	"readout/views"
)

// valueText is a value with its unit.
func valueText(v liveblog.FigureValue) string {
	if v.Unit == "" {
		return v.Value
	}
	return v.Value + " " + v.Unit
}

// figureChange says in words what a value was before; empty for the first. The stem is "changed-" for a text that
// stands alone, "change-" for one behind the value.
func figureChange(ed views.Edition, stem string, now liveblog.FigureValue, before []liveblog.FigureValue) string {
	if len(before) == 0 {
		return ""
	}
	last := before[0]
	a, isNumber := now.Number()
	b, wasNumber := last.Number()
	switch {
	case !isNumber || !wasNumber || now.Unit != last.Unit:
		return ed.Say(stem+"was", "value", valueText(last))
	case a > b:
		return ed.Say(stem+"up", "value", valueText(last))
	case a < b:
		return ed.Say(stem+"down", "value", valueText(last))
	}
	return ed.Say(stem + "same")
}

// figureValues is the present value and those before, the latest first.
func figureValues(f liveblog.FigureStanding) []liveblog.FigureValue {
	return append([]liveblog.FigureValue{f.FigureValue}, f.Before...)
}
