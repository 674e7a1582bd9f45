package paste

import (
	"regexp"
	"slices"
	"strings"
)

// typedBullet and typedNumber are the signs of lists that people type.
var (
	typedBullet = regexp.MustCompile(`^(?:([•‣◦▪●○■□∙⁃·–*-])[\s\x{a0}\x{3000}]+|・[\s\x{a0}\x{3000}]*)`)
	typedNumber = regexp.MustCompile(`^([0-9０-９]{1,3})(?:[.)][\s\x{a0}\x{3000}]+|[．）、][\s\x{a0}\x{3000}]*)`)
)

// placed adds an item to the list with which blocks end, at the item's level, or to a new list. It leaves out an empty
// item.
func placed(blocks []*block, it *block) []*block {
	if len(it.blocks) == 0 {
		return blocks
	}
	level := max(it.level, 1)
	it.level = 0
	last := len(blocks) - 1
	if last < 0 || blocks[last].kind != list || level == 1 && blocks[last].ordered != it.ordered {
		return append(blocks, listOf(it))
	}
	l := blocks[last]
	for ; level > 1; level-- {
		parent := l.blocks[len(l.blocks)-1]
		end := len(parent.blocks) - 1
		if end < 0 || parent.blocks[end].kind != list || level == 2 && parent.blocks[end].ordered != it.ordered {
			parent.blocks = append(parent.blocks, listOf(it))
			return blocks
		}
		l = parent.blocks[end]
	}
	l.blocks = append(l.blocks, it)
	return blocks
}

func listOf(it *block) *block {
	return &block{kind: list, ordered: it.ordered, start: max(it.start, 1), blocks: []*block{it}}
}

// gathered joins lists that follow one another, since Markdown cannot tell them apart, and nests items that are deeper
// than their list says.
func gathered(blocks []*block) (out []*block) {
	for _, b := range blocks {
		if b.kind != list {
			out = append(out, b)
			continue
		}
		for i, it := range b.blocks {
			it.ordered, it.start = b.ordered, b.start+i
			out = placed(out, it)
		}
	}
	return out
}

// withTypedLists makes lists of paragraphs and lines that begin with the signs of lists: two or more that follow one
// another, or one with a sign that is used for nothing else.
func withTypedLists(blocks []*block) (out []*block) {
	lines := listLines(blocks)
	for i := 0; i < len(lines); {
		n := 0
		for i+n < len(lines) && sameList(lines[i:], n) {
			n++
		}
		if n == 0 || n == 1 && !certain(lines[i].runs) {
			out = append(out, lines[i])
			i++
			continue
		}
		for _, p := range lines[i : i+n] {
			it := &block{kind: item, level: 1}
			takeSign(p, it, typedBullet, typedNumber)
			if len(p.runs) > 0 {
				it.blocks = []*block{p}
			}
			out = placed(out, it)
		}
		i += n
	}
	return out
}

// listLines returns blocks with a paragraph for each line of those paragraphs that have the signs of a list.
func listLines(blocks []*block) (lines []*block) {
	add := func(runs []run) {
		if runs = tidied(runs); len(runs) > 0 {
			lines = append(lines, &block{kind: paragraph, runs: runs})
		}
	}
	for _, b := range blocks {
		parts := split(b.runs, 1)
		first := slices.IndexFunc(parts, signed)
		if b.kind != paragraph || first < 0 || first > 0 && !listed(parts[1:]) {
			lines = append(lines, b)
			continue
		}
		var intro []run
		for _, part := range parts[:first] {
			intro = append(append(intro, part...), run{text: lineBreak})
		}
		add(intro)
		for _, part := range parts[first:] {
			add(part)
		}
	}
	return lines
}

func signed(runs []run) bool {
	s := text(runs)
	return typedBullet.MatchString(s) || typedNumber.MatchString(s)
}

// listed reports whether two or more lines begin with the sign of a list, or one with a bullet.
func listed(parts [][]run) bool {
	n := 0
	for _, part := range parts {
		if signed(part) {
			if n++; certain(part) {
				return true
			}
		}
	}
	return n >= 2
}

// certain reports whether a line begins with a bullet that Markdown takes for one in any place.
func certain(runs []run) bool {
	s := text(runs)
	return typedBullet.MatchString(s) && strings.ContainsRune("•‣◦▪●", []rune(s)[0])
}

// sameList reports whether line n continues the list that line 0 begins: with the same bullet, or the next number.
func sameList(lines []*block, n int) bool {
	if lines[n].kind != paragraph {
		return false
	}
	first, s := text(lines[0].runs), text(lines[n].runs)
	if m := typedBullet.FindStringSubmatch(first); m != nil {
		at := typedBullet.FindStringSubmatch(s)
		return at != nil && at[1] == m[1]
	}
	m, at := typedNumber.FindStringSubmatch(first), typedNumber.FindStringSubmatch(s)
	if m == nil || at == nil {
		return false
	}
	return numberOf(at[1]) == numberOf(m[1])+n
}
