package paste

import (
	"slices"
	"strings"
)

// run is a piece of text in one style.
type run struct {
	text  string // "\n" for a line break
	marks marks
	href  string
}

const lineBreak = "\n"

func withoutMark(runs []run, m marks) []run {
	runs = slices.Clone(runs)
	for i := range runs {
		runs[i].marks &^= m
	}
	return runs
}

// tidied returns runs with white space as a browser shows it: one space for each run of it, none at the beginning and
// the end and around line breaks. White space has no marks of its own. Neighbors of one style are joined.
func tidied(runs []run) []run {
	var out []run
	space := true // the text so far ends with a space, or there is none
	for _, r := range runs {
		if r.text == lineBreak {
			out = append(trimRight(out), run{text: lineBreak})
			space = true
			continue
		}
		for piece := range pieces(r.text) {
			add := r
			if add.text = piece; piece == " " {
				if space {
					continue
				}
				add.marks &^= deleted | code
			}
			space = piece == " "
			if last := len(out) - 1; last >= 0 && out[last].text != lineBreak && sameStyle(out[last], add) {
				out[last].text += add.text
			} else {
				out = append(out, add)
			}
		}
	}
	out = trimRight(out)
	for len(out) > 0 && out[0].text == lineBreak {
		out = out[1:]
	}
	for len(out) > 0 && out[len(out)-1].text == lineBreak {
		out = trimRight(out[:len(out)-1])
	}
	return out
}

func sameStyle(a, b run) bool { return a.marks == b.marks && a.href == b.href }

// pieces yields the words of a text and a space for each white space between them.
func pieces(s string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for s != "" {
			n := strings.IndexFunc(s, breaks)
			if n < 0 {
				n = len(s)
			}
			if n > 0 && !yield(s[:n]) {
				return
			}
			rest := strings.TrimLeftFunc(s[n:], breaks)
			if n < len(s) && !yield(" ") {
				return
			}
			s = rest
		}
	}
}

// breaks reports whether a line may break at a space.
func breaks(r rune) bool { return isSpace(r) && r != '\u00a0' }

func trimRight(runs []run) []run {
	for len(runs) > 0 {
		last := &runs[len(runs)-1]
		if last.text == lineBreak {
			break
		}
		if last.text = strings.TrimRight(last.text, " "); last.text != "" {
			break
		}
		runs = runs[:len(runs)-1]
	}
	return runs
}

// split divides runs at each sequence of at least n line breaks.
func split(runs []run, n int) (parts [][]run) {
	var part []run
	for i := 0; i < len(runs); {
		ends := 0
		for i+ends < len(runs) && runs[i+ends].text == lineBreak {
			ends++
		}
		if ends >= n {
			parts, part = append(parts, part), nil
		} else {
			part = append(part, runs[i:i+ends]...)
		}
		if i += ends; i < len(runs) {
			part = append(part, runs[i])
			i++
		}
	}
	return append(parts, part)
}

// oneLine returns runs with a space in place of each line break.
func oneLine(runs []run) []run {
	runs = slices.Clone(runs)
	for i := range runs {
		if runs[i].text == lineBreak {
			runs[i] = run{text: " "}
		}
	}
	return tidied(runs)
}

func text(runs []run) string {
	var s strings.Builder
	for _, r := range runs {
		s.WriteString(r.text)
	}
	return s.String()
}
