package liveblog

import (
	"fmt"
	"slices"
)

// knownCommand returns the name of the command that a word is, or "".
func knownCommand(word string) string {
	if name := looseName(word); slices.Contains(commandNames(), name) {
		return name
	}
	return ""
}

// suggestion is a sentence with the command that was probably meant, or with all commands.
func suggestion(word string) string {
	if name := nearest(word); name != "" {
		return fmt.Sprintf(" Did you mean /%s?", name)
	}
	var all []string
	for _, name := range commandNames() {
		all = append(all, "/"+name)
	}
	return " The commands are " + listed(all) + "."
}

// nearest returns the name of the command that is nearest to a word: at most one edit away, or two for longer words.
// Those of two letters are near only to themselves. It returns "" if none is.
func nearest(word string) (best string) {
	typed := []rune(looseName(word))
	if len(typed) > 20 {
		return ""
	}
	least := 1
	if len(typed) > 5 {
		least = 2
	}
	least++
	for _, name := range commandNames() {
		d := edits(typed, []rune(name))
		if d < least && (d == 0 || len(name) > 2) {
			least, best = d, name
		}
	}
	return best
}

// edits returns the optimal string alignment distance: how many characters have to be inserted, deleted, replaced or
// exchanged with their neighbor to turn one word into the other (Damerau 1964).
func edits(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
