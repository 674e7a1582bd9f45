package liveblog

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FigureStanding is a number worth watching, or a date, and what it was before.
type FigureStanding struct {
	Figure string `json:"figure"` // id; a figure is called by it, with spaces in place of hyphens
	FigureValue
	Before []FigureValue `json:"before"` // the latest first
}

// FigureValue is what a figure was at some time.
type FigureValue struct {
	Value  string `json:"value"`
	Unit   string `json:"unit,omitempty"`
	Source string `json:"source,omitempty"`
	By     By     `json:"by"`
}

// Number returns the value as a number, and whether it is one; a value may as well be a date.
func (v FigureValue) Number() (float64, bool) {
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", " ", "", "−", "-").Replace(v.Value), 64)
	return n, err == nil
}

// Name returns what the figure is called.
func (f FigureStanding) Name() string {
	first, size := utf8.DecodeRuneInString(spaced(f.Figure))
	return string(unicode.ToUpper(first)) + spaced(f.Figure)[size:]
}

func figureRule() actRule {
	return actRule{
		kind: ActFigure, required: []string{"figure", "value"}, optional: []string{"unit", "source"},
		check: func(c *actCheck, a Act, t *Talks) {
			if t == nil {
				return
			}
			if f, ok := t.Figure(a.Figure); ok && f.Value == a.Value && f.Unit == a.Unit && (a.Source == "" || a.Source == f.Source) {
				c.fieldf("value", "The figure “%s” is %s already.", a.Figure, a.Value)
			}
		},
		apply: func(t *Talks, a Act, by By) {
			next := FigureValue{a.Value, a.Unit, a.Source, by}
			i, ok := t.index.figures[a.Figure]
			if !ok {
				t.index.figures[a.Figure] = len(t.Figures)
				t.Figures = append(t.Figures, FigureStanding{Figure: a.Figure, FigureValue: next, Before: []FigureValue{}})
				return
			}
			f := &t.Figures[i]
			f.Before = append(f.Before, f.FigureValue)
			f.FigureValue = next
		},
		usage: "/figure average-tariff = 47 % | source https://…",
		command: func(p *command) Act {
			id, text := p.pair("=")
			a := Act{Kind: ActFigure, Figure: p.id(id), Source: p.option("source")}
			if unit, said := p.options["unit"]; said {
				a.Value, a.Unit = text, unit
				p.option("unit")
			} else {
				a.Value, a.Unit = cutUnit(text)
			}
			return a
		},
		spell: func(a Act, w *spelling) {
			text := strings.TrimSpace(a.Value + " " + a.Unit)
			if value, unit := cutUnit(text); value == a.Value && unit == a.Unit {
				w.head(a.Figure, "=", text)
			} else {
				w.head(a.Figure, "=", a.Value)
				w.put("unit", a.Unit)
			}
			w.option("source", a.Source)
		},
	}
}

// cutUnit splits “25 million tonnes” behind its number. What has another digit in it is a date or the like, and whole.
func cutUnit(text string) (value, unit string) {
	value, unit, _ = strings.Cut(text, " ")
	if _, is := (FigureValue{Value: value}).Number(); !is || strings.ContainsFunc(unit, unicode.IsDigit) {
		return text, ""
	}
	return value, strings.TrimSpace(unit)
}

func (t *Talks) orderFigures() {
	for i := range t.Figures {
		slices.Reverse(t.Figures[i].Before)
	}
}
