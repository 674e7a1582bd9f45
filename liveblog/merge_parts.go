package liveblog

import (
	"slices"
	"strings"
)

func joinBodies(origin, theirs, mine Entry) (e Entry, ok bool) {
	ok = true
	var joined []string
	for _, s := range alignBodies(origin, theirs, mine) {
		parts, fits := s.join()
		ok = ok && fits
		joined = append(joined, parts...)
	}
	return Entry{Body: bodyOf(joined)}, ok
}

// alignBodies divides three versions of a text into the stretches that can be merged each by itself.
func alignBodies(origin, theirs, mine Entry) (list []stretch) {
	for _, s := range alignParts(bodyParts(origin.Body), bodyParts(theirs.Body), bodyParts(mine.Body)) {
		list = append(list, s.split()...)
	}
	return list
}

// BodyGap is between two paragraphs.
const BodyGap = "\n\n"

// bodyParts splits a text into the parts by which it is merged: paragraphs, the items of lists, and the lines of
// quotations and tables. Each begins with the line ends and empty lines before it; the first one with a gap.
func bodyParts(body string) (parts []string) {
	gap := "\n"
	for line := range strings.SplitSeq(body, "\n") {
		switch {
		case blank(line):
			gap += "\n" + line
		case gap != "" || beginsItem(line):
			parts = append(parts, gap+"\n"+line)
			gap = ""
		default:
			parts[len(parts)-1] += "\n" + line
		}
	}
	return parts
}

// bodyOf is the reverse of bodyParts. An item that has lost those before it does not run on from a paragraph.
func bodyOf(parts []string) string {
	var b strings.Builder
	for i, p := range parts {
		text := strings.TrimLeft(p, "\n")
		if i > 0 && len(text)+1 == len(p) && !isItem(parts[i-1]) {
			b.WriteByte('\n')
		}
		b.WriteString(p)
	}
	return strings.TrimLeft(b.String(), "\n")
}

// samePart compares two parts without what is before them.
func samePart(a, b string) bool { return strings.TrimLeft(a, "\n") == strings.TrimLeft(b, "\n") }

func sameParts(a, b []string) bool { return slices.EqualFunc(a, b, samePart) }

// isItem reports whether a part is an item of a list, or a line of a quotation or a table.
func isItem(part string) bool { return beginsItem(strings.TrimLeft(part, "\n")) }

// beginsItem reports whether a line is that of a list, a quotation or a table.
func beginsItem(line string) bool {
	line = strings.TrimLeft(line, " \t")
	if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "|") {
		return true
	}
	if sign, rest, _ := strings.Cut(line, " "); rest != "" && len(sign) == 1 && strings.Contains("-*+", sign) {
		return true
	}
	digits := strings.TrimLeft(line, "0123456789")
	return len(digits) < len(line) && (strings.HasPrefix(digits, ". ") || strings.HasPrefix(digits, ") "))
}

// maxJoin limits the work of a merge: the number of parts of one text times that of another.
const maxJoin = 1_000_000

// stretch is a run of parts of a text and what two sides have made of it.
type stretch struct{ origin, theirs, mine []string }

// alignParts divides three versions of a list of parts as diff3 does (Khanna, Kunal and Pierce 2007): the parts that all
// of them have, changed or not, are stretches of their own, and what is between two of these is one.
func alignParts(origin, theirs, mine []string) (list []stretch) {
	if len(origin)*max(len(theirs), len(mine)) > maxJoin {
		return []stretch{{origin, theirs, mine}}
	}
	inTheirs, inMine := common(origin, theirs), common(origin, mine)
	o, t, m := 0, 0, 0
	add := func(nextO, nextT, nextM int) {
		if o < nextO || t < nextT || m < nextM {
			list = append(list, stretch{origin[o:nextO], theirs[t:nextT], mine[m:nextM]})
		}
		o, t, m = nextO, nextT, nextM
	}
	for i := range origin {
		if inTheirs[i] >= 0 && inMine[i] >= 0 {
			add(i, inTheirs[i], inMine[i])
			add(i+1, inTheirs[i]+1, inMine[i]+1)
		}
	}
	add(len(origin), len(theirs), len(mine))
	return list
}

// join takes the version of the side that has changed the stretch. Ok is false if both have, in different ways; then it
// takes mine.
func (s stretch) join() (parts []string, ok bool) {
	switch {
	case sameParts(s.mine, s.origin):
		return s.theirs, true
	case sameParts(s.theirs, s.origin) || sameParts(s.theirs, s.mine):
		return s.mine, true
	}
	return s.mine, false
}

// split divides a stretch by its parts if all three versions have as many: then the sides have changed parts that stand
// next to each other, with no part between them that all have in common.
func (s stretch) split() []stretch {
	if len(s.theirs) != len(s.origin) || len(s.mine) != len(s.origin) {
		return []stretch{s}
	}
	list := make([]stretch, len(s.origin))
	for i := range list {
		list[i] = stretch{s.origin[i : i+1], s.theirs[i : i+1], s.mine[i : i+1]}
	}
	return list
}

// common returns, for each part of a, its place in b within a longest common subsequence of the two, or -1. A part that
// is still recognizable in b counts as common, too, but less than one that is the same.
func common(a, b []string) []int {
	const same, similar = 1 << 16, 1
	weight := func(i, j int) int32 {
		switch {
		case samePart(a[i], b[j]):
			return same
		case similarParts(a[i], b[j]):
			return similar
		}
		return 0
	}
	best := make([][]int32, len(a)+1) // for what is left of a and b
	for i := range best {
		best[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if w := weight(i, j); w > 0 {
				best[i][j] = max(best[i][j], best[i+1][j+1]+w)
			}
		}
	}
	places := make([]int, len(a))
	for i := range places {
		places[i] = -1
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch w := weight(i, j); {
		case w > 0 && best[i][j] == best[i+1][j+1]+w:
			places[i] = j
			i, j = i+1, j+1
		case best[i][j] == best[i][j+1]:
			j++
		default:
			i++
		}
	}
	return places
}

// similarParts reports whether two parts begin and end with the same, half of the longer one in all.
func similarParts(a, b string) bool {
	a, b = strings.TrimLeft(a, "\n"), strings.TrimLeft(b, "\n")
	shorter, longer := min(len(a), len(b)), max(len(a), len(b))
	if 2*shorter < longer {
		return false
	}
	same := 0
	for same < shorter && a[same] == b[same] {
		same++
	}
	rest := 0
	for rest < shorter-same && a[len(a)-1-rest] == b[len(b)-1-rest] {
		rest++
	}
	return 2*(same+rest) >= longer
}
