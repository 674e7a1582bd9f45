package talks

import (
	"unicode/utf8"

	"readout/liveblog"
	"readout/views"
)

// valueText formats a value with its unit.
func valueText(v liveblog.FigureValue) string {
	if v.Unit == "" {
		return v.Value
	}
	return v.Value + " " + v.Unit
}

// isLong reports whether a value is so long that it must break in the table of a figure's values.
func isLong(value string) bool { return utf8.RuneCountInString(value) > 24 }

// figureChange says what a value was before, e.g. "up from 52 %"; "" for the first value. The prefix of the keys is
// "changed-" for a text of its own and "change-" for one after the value.
func figureChange(ed views.Edition, prefix string, now liveblog.FigureValue, before []liveblog.FigureValue) string {
	if len(before) == 0 {
		return ""
	}
	last := before[0]
	a, isNumber := now.Number()
	b, wasNumber := last.Number()
	switch {
	case !isNumber || !wasNumber || now.Unit != last.Unit:
		return ed.Say(prefix+"was", "value", valueText(last))
	case a > b:
		return ed.Say(prefix+"up", "value", valueText(last))
	case a < b:
		return ed.Say(prefix+"down", "value", valueText(last))
	}
	return ed.Say(prefix + "same")
}

// figureValues returns the present value and the earlier ones, newest first.
func figureValues(f liveblog.FigureStanding) []liveblog.FigureValue {
	return append([]liveblog.FigureValue{f.FigureValue}, f.Before...)
}
