package liveblog

import (
	"slices"
	"strconv"
	"strings"
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
	words := spaced(f.Figure)
	return strings.ToUpper(words[:1]) + words[1:]
}

func figureRule() actRule {
	return actRule{
		kind: ActFigure, required: []string{"figure", "value"}, others: []string{"unit", "source"},
		check: func(c *actCheck, a Act, t *Talks) {
			if t == nil {
				return
			}
			if f, ok := t.Figure(a.Figure); ok && f.Value == a.Value && f.Unit == a.Unit {
				c.fieldf("value", "The figure “%s” is %s already.", a.Figure, a.Value)
			}
		},
		apply: func(t *Talks, a Act, by By) {
			next := FigureValue{a.Value, a.Unit, a.Source, by}
			i := slices.IndexFunc(t.Figures, func(f FigureStanding) bool { return f.Figure == a.Figure })
			if i < 0 {
				t.Figures = append(t.Figures, FigureStanding{Figure: a.Figure, FigureValue: next})
				return
			}
			f := &t.Figures[i]
			f.Before = slices.Insert(f.Before, 0, f.FigureValue)
			f.FigureValue = next
		},
		usage: "/figure average-tariff = 47 % | source https://…",
		command: func(p *command) Act {
			id, value := p.pair("=")
			value, unit, _ := strings.Cut(value, " ")
			return Act{Kind: ActFigure, Figure: p.id(id), Value: value, Unit: strings.TrimSpace(unit), Source: p.option("source")}
		},
		spell: func(a Act, w *spelling) {
			w.head(a.Figure, "=", strings.TrimSpace(a.Value+" "+a.Unit))
			w.option("source", a.Source)
		},
	}
}

// Figure returns the figure with the id.
func (t *Talks) Figure(id string) (FigureStanding, bool) {
	return find(t.Figures, func(f FigureStanding) bool { return f.Figure == id })
}
