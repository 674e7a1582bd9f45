package diff

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// versionsWork bounds the comparison of two versions of a text, as maxWork does others: in products of the numbers of
// pieces that differ. Anybody may ask for any two versions, so it is a small part of that, some 20 ms.
const versionsWork = 4_000_000

// Versions tells how one version of a text became another, as [Words] does. Texts that are too long to be
// compared word by word are compared line by line, and what differs then sentence by sentence and word by word, as far
// as the work allows. Where it does not, the old piece is deleted and the new one inserted. The result depends on the
// texts, not on how fast the machine is.
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
	left int // of the work
}

// compare compares two pieces word by word or, where that is too much, by the coarser lengths, the coarsest first.
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

// diff compares by pieces of a length, if there is work left for that. Finer compares what took the place of
// something; nil for what cannot be divided.
func (c *versionComparison) diff(old, new string, length func(string) int, finer func(old, new string)) bool {
	table := vocabulary{index: map[string]rune{}}
	a, b := table.encode(old, length), table.encode(new, length)
	cost := work(a, b)
	if cost > c.left {
		return false
	}
	c.left -= cost
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // no limit but the one above
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

// add joins what belongs together.
func (c *versionComparison) add(op PassageOp, text string) {
	if last := len(c.list) - 1; last >= 0 && c.list[last].Op == op {
		c.list[last].Text += text
		return
	}
	c.list = append(c.list, Passage{op, text})
}

// sentenceLength returns the bytes of the first sentence of text, with what follows it up to the next.
func sentenceLength(text string) int {
	if i := strings.IndexAny(text, ".!?;。！？；\n"); i >= 0 {
		rest := strings.TrimLeft(text[i:], ".!?;。！？； \n")
		return len(text) - len(rest)
	}
	return len(text)
}
