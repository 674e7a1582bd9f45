package views

import (
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"
)

// InTime is the places of a text that names only a time.
func (ed Edition) InTime(t time.Time) map[string]templ.Component {
	return map[string]templ.Component{"time": ed.Moment(t)}
}

// saysAnything reports whether there are words in a piece of a text, and not only spaces and signs.
func saysAnything(piece string) bool { return strings.IndexFunc(piece, unicode.IsLetter) >= 0 }

// Behind is a text that goes on from another behind a comma; nothing where there is none.
func (ed Edition) Behind(s string) string {
	if s == "" {
		return ""
	}
	return ed.Say("behind-comma", "text", s)
}

// InRow puts several into a row with commas between them.
func (ed Edition) InRow(list []string) string { return ed.Joined("list-comma", list) }

// Joined is a row whose last member is joined by the text of a key, with the places {first} and {last}; "" for none.
func (ed Edition) Joined(key string, list []string) string {
	n := len(list)
	if n == 0 {
		return ""
	}
	row := list[0]
	for i := 1; i < n; i++ {
		if i == n-1 && key != "list-comma" {
			return ed.Say(key, "first", row, "last", list[i])
		}
		row = ed.Say("list-comma", "first", row, "rest", list[i])
	}
	return row
}
