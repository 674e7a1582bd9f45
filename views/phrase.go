package views

import (
	"time"

	"github.com/a-h/templ"
)

// WithTime returns the placeholder values of a text whose only placeholder is {time}.
func (ed Edition) WithTime(t time.Time) map[string]templ.Component {
	return map[string]templ.Component{"time": ed.Moment(t)}
}

// AfterComma returns s with a comma before it, to be appended to another text; "" if s is empty.
func (ed Edition) AfterComma(s string) string {
	if s == "" {
		return ""
	}
	return ed.Say("behind-comma", "text", s)
}

// CommaList joins a list with commas; "" for an empty list.
func (ed Edition) CommaList(list []string) string { return ed.JoinWith("list-comma", list) }

// JoinWith joins a list with commas, but its last item with the text of key, which has the placeholders {first} and
// {last}, e.g. "list-and"; "" for an empty list.
func (ed Edition) JoinWith(key string, list []string) string {
	n := len(list)
	if n == 0 {
		return ""
	}
	joined := list[0]
	for i := 1; i < n; i++ {
		if i == n-1 && key != "list-comma" {
			return ed.Say(key, "first", joined, "last", list[i])
		}
		joined = ed.Say("list-comma", "first", joined, "rest", list[i])
	}
	return joined
}
