package liveblog

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FigureStanding is the present value of a figure, which is a number or a date worth watching, and its earlier values.
type FigureStanding struct {
	Figure string `json:"figure"` // id; see [FigureStanding.Name]
	FigureValue
	Before []FigureValue `json:"before"` // latest first
}

// FigureValue is one value of a figure.
type FigureValue struct {
	Value  string `json:"value"`
	Unit   string `json:"unit,omitempty"`
	Source string `json:"source,omitempty"`
	By     By     `json:"by"`
}

// Number returns the value as a number. Ok is false if it is none, such as a date.
func (v FigureValue) Number() (float64, bool) {
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", " ", "", "−", "-").Replace(v.Value), 64)
	return n, err == nil
}

// Name returns the figure's id in words, for example "Average tariff".
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
			f, ok := t.Figure(a.Figure)
			if ok && f.Value == a.Value && f.Unit == a.Unit && (a.Source == "" || a.Source == f.Source) {
				c.fieldf("value", "The figure “%s” is %s already.", a.Figure, a.Value)
			}
		},
		apply: func(t *Talks, a Act, by By) {
			next := FigureValue{a.Value, a.Unit, a.Source, by}
			i, ok := t.index.figures[a.Figure]
			if !ok {
				t.index.figures[a.Figure] = len(t.Figures)
				t.Figures = append(t.Figures,
					FigureStanding{Figure: a.Figure, FigureValue: next, Before: []FigureValue{}})
				return
			}
			f := &t.Figures[i]
			f.Before = append(f.Before, f.FigureValue)
			f.FigureValue = next
		},
		usage: "/figure average-tariff = 47 % | source https://…",
		command: func(p *command) Act {
			id, text := p.pair(equalsForms)
			a := Act{Kind: ActFigure, Figure: p.id(id), Source: p.option("source")}
			if unit, ok := p.options["unit"]; ok {
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

// cutUnit splits a text such as “25 million tonnes” after its number. It does not split a text with digits after
// the first space, which is a date or similar.
func cutUnit(text string) (value, unit string) {
	value, unit, _ = strings.Cut(text, " ")
	if _, ok := (FigureValue{Value: value}).Number(); !ok || strings.ContainsFunc(unit, unicode.IsDigit) {
		return text, ""
	}
	return value, strings.TrimSpace(unit)
}

func (t *Talks) orderFigures() {
	for i := range t.Figures {
		slices.Reverse(t.Figures[i].Before)
	}
}
