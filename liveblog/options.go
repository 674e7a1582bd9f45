package liveblog

import "strings"

// Commands and the lines of a setup share one syntax for options: "text | name value | name value". A bar that belongs
// to a text or a value is escaped as "\|".

// Option is a named value that follows a bar.
type Option struct {
	Name  string // up to the first space; may be empty
	Value string // may be empty
}

// SplitOptions splits a line into the text before its first bar and the options after it, in their order. It unescapes
// and trims the text and the values, and leaves it to the caller to check the names.
func SplitOptions(line string) (text string, options []Option) {
	text, rest, more := cutBar(line)
	for more {
		var option string
		option, rest, more = cutBar(rest)
		name, value, _ := strings.Cut(strings.TrimSpace(option), " ")
		options = append(options, Option{Name: name, Value: unescapeBars(value)})
	}
	return unescapeBars(text), options
}

// JoinOptions returns a line that [SplitOptions] splits into the text and the options. Pairs alternate between names
// and values; a name whose value is empty is left out.
func JoinOptions(text string, pairs ...string) string {
	line := escapeBars(text)
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, value := pairs[i], pairs[i+1]; value != "" {
			line += " | " + name + " " + escapeBars(value)
		}
	}
	return line
}
