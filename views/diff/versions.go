package diff

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// versionsWork limits the comparison of two versions of a document, measured like maxWork. It is much smaller, some
// 20 ms of work, because every reader can ask for any two versions.
const versionsWork = 4_000_000

// Versions compares two versions of a document and returns what [Words] does. Texts that are too long to compare word
// by word are compared line by line, and the lines that differ then sentence by sentence and word by word, as far as
// the limit on the work allows. Beyond it, the old piece is deleted and the new one inserted. The result depends only
// on the texts and not on the speed of the machine.
func Versions(old, new string) []Passage {
	if old == new {
		return passages(Passage{Kept, old})
	}
	c := versionComparison{left: versionsWork}
	c.compare(old, new, lineLength, sentenceLength)
	return joinAcrossSpaces(passages(c.list...))
}

type versionComparison struct {
	list []Passage
	left int // the work that is still allowed
}

// compare compares two pieces word by word or, if that is too much work, by the coarser lengths, the coarsest first.
func (c *versionComparison) compare(old, new string, coarser ...func(string) int) {
	if c.diff(old, new, WordLength, nil) {
		return
	}
	if len(coarser) > 0 && c.diff(old, new, coarser[0], func(old, new string) { c.compare(old, new, coarser[1:]...) }) {
		return
	}
	c.add(Deleted, old)
	c.add(Inserted, new)
}

// diff compares by pieces of a length. It reports whether the work that is left was enough. Finer, if not nil,
// compares a deleted piece with the inserted one that replaces it.
func (c *versionComparison) diff(old, new string, length func(string) int, finer func(old, new string)) bool {
	table := vocabulary{index: map[string]rune{}}
	a, b := table.encode(old, length), table.encode(new, length)
	cost := work(a, b)
	if cost > c.left {
		return false
	}
	c.left -= cost
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // none: the work is limited above
	diffs := dmp.DiffMainRunes(a, b, false)
	for i := 0; i < len(diffs); i++ {
		op, text := passageOp(diffs[i].Type), table.decode(diffs[i].Text)
		if finer != nil && op == Deleted && i+1 < len(diffs) && passageOp(diffs[i+1].Type) == Inserted {
			i++
			finer(text, table.decode(diffs[i].Text))
			continue
		}
		c.add(op, text)
	}
	return true
}

// add appends a passage, or extends the last one if it has the same op.
func (c *versionComparison) add(op PassageOp, text string) {
	if last := len(c.list) - 1; last >= 0 && c.list[last].Op == op {
		c.list[last].Text += text
		return
	}
	c.list = append(c.list, Passage{op, text})
}

// sentenceLength returns the length in bytes of the first sentence of text, with the space up to the next one.
func sentenceLength(text string) int {
	if i := strings.IndexAny(text, ".!?;。！？；\n"); i >= 0 {
		rest := strings.TrimLeft(text[i:], ".!?;。！？； \n")
		return len(text) - len(rest)
	}
	return len(text)
}
