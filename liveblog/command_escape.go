package liveblog

import "strings"

// EscapeSlashes returns a text with a backslash before each slash that begins a line without being a command, so that
// the line is text: see [NearCommands]. Commands and lines in code fences stay.
func EscapeSlashes(text string) string {
	if !strings.Contains(text, "/") {
		return text
	}
	all := lines(text)
	var code CodeFences
	for i, line := range all {
		_, _, acts := commandKind(line)
		if _, _, own := entryCommand(line); (acts || own) && !code.Holds(line) {
			continue
		}
		rest := strings.TrimLeftFunc(line, isMargin)
		if !code.Next(line) && strings.HasPrefix(rest, "/") {
			all[i] = line[:len(line)-len(rest)] + `\` + rest
		}
	}
	return strings.Join(all, "\n")
}
