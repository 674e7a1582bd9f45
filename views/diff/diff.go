package diff

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Passage is a stretch of text within a comparison of two texts.
type Passage struct {
	Op   PassageOp
	Text string
}

// PassageOp says which of two compared texts a passage belongs to.
type PassageOp uint8

// The kinds of passages.
const (
	Kept     PassageOp = iota // in both texts
	Deleted                   // only in the old text
	Inserted                  // only in the new text
)

// maxWork bounds a comparison, as the product of the numbers of words that differ between the first and the last
// change: a text full of repetitions costs that many steps, before the library looks at the time. It is enough for
// 5,000 words on each side.
const maxWork = 100_000_000

// Words tells how old became new: the kept and deleted passages together are old, the kept and inserted ones
// new. It compares word by word; very long texts that differ all over are compared line by line; and where that is
// too much work as well, or no time is left, all of old is deleted and all of new inserted.
func Words(old, new string, within time.Duration) []Passage {
	return compare(old, new, within, WordLength, lineLength)
}

// Lines is the same for texts whose lines each say one thing.
func Lines(old, new string, within time.Duration) []Passage {
	return compare(old, new, within, lineLength)
}

// compare cuts the texts into pieces by the first of the lengths that is not too much work.
func compare(old, new string, within time.Duration, lengths ...func(string) int) []Passage {
	if old == new {
		return passages(Passage{Kept, old})
	}
	if within > 0 {
		for _, length := range lengths {
			table := vocabulary{index: map[string]rune{}}
			a, b := table.encode(old, length), table.encode(new, length)
			if work(a, b) > maxWork {
				continue
			}
			dmp := diffmatchpatch.New()
			dmp.DiffTimeout = within
			var list []Passage
			for _, d := range dmp.DiffMainRunes(a, b, false) {
				list = append(list, Passage{passageOp(d.Type), table.decode(d.Text)})
			}
			return joinAcrossSpaces(passages(list...))
		}
	}
	return passages(Passage{Deleted, old}, Passage{Inserted, new})
}

// passages leaves out the empty ones.
func passages(list ...Passage) []Passage {
	return slices.DeleteFunc(list, func(p Passage) bool { return p.Text == "" })
}

// work is what a comparison costs at most, once what is alike at both ends is put aside.
func work(a, b []rune) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) * len(b)
}

func passageOp(op diffmatchpatch.Operation) PassageOp {
	switch op {
	case diffmatchpatch.DiffDelete:
		return Deleted
	case diffmatchpatch.DiffInsert:
		return Inserted
	}
	return Kept
}

// joinAcrossSpaces turns "-a +x _ -b +y" into "-a_b +x_y": a changed phrase reads better in one piece than
// as a string of words that happen to have the same spaces between them.
func joinAcrossSpaces(list []Passage) []Passage {
	var out []Passage
	var deleted, inserted strings.Builder
	flush := func() {
		if deleted.Len() > 0 {
			out = append(out, Passage{Deleted, deleted.String()})
		}
		if inserted.Len() > 0 {
			out = append(out, Passage{Inserted, inserted.String()})
		}
		deleted.Reset()
		inserted.Reset()
	}
	for i, p := range list {
		between := i > 0 && i < len(list)-1 && strings.TrimSpace(p.Text) == "" && !strings.Contains(p.Text, "\n")
		switch {
		case p.Op == Deleted:
			deleted.WriteString(p.Text)
		case p.Op == Inserted:
			inserted.WriteString(p.Text)
		case between && deleted.Len() > 0 && inserted.Len() > 0:
			deleted.WriteString(p.Text)
			inserted.WriteString(p.Text)
		default:
			flush()
			out = append(out, p)
		}
	}
	flush()
	return out
}

// vocabulary gives each different piece a rune of its own, so that a comparison of characters compares pieces.
type vocabulary struct {
	index map[string]rune
	list  []string
}

// encode cuts text into pieces, the first of which has the length that it is told.
func (w *vocabulary) encode(text string, length func(string) int) []rune {
	var out []rune
	for text != "" {
		n := length(text)
		r, ok := w.index[text[:n]]
		if !ok {
			r = wordRune(len(w.list))
			w.index[text[:n]] = r
			w.list = append(w.list, text[:n])
		}
		out = append(out, r)
		text = text[n:]
	}
	return out
}

func (w *vocabulary) decode(encoded string) string {
	var b strings.Builder
	for _, r := range encoded {
		b.WriteString(w.list[wordIndex(r)])
	}
	return b.String()
}

const (
	surrogates    = 0xD800 // code points that no UTF-8 text can hold begin here
	surrogateSpan = 0x800
)

func wordRune(i int) rune {
	if i >= surrogates {
		i += surrogateSpan
	}
	return rune(i)
}

func wordIndex(r rune) int {
	if r >= surrogates {
		r -= surrogateSpan
	}
	return int(r)
}

// WordLength returns the bytes of the first word of text: a run of letters and digits, a run of white space, or
// one other character. Scripts that are written without spaces are compared character by character.
func WordLength(text string) int {
	var first runeKind
	for i, r := range text {
		switch kind := kindOf(r); {
		case i == 0:
			first = kind
		case kind != first || first == alone:
			return i
		}
	}
	return len(text)
}

// lineLength returns the bytes of the first line of text, its end included.
func lineLength(text string) int {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

type runeKind uint8

const (
	alone runeKind = iota
	space
	letter
)

func kindOf(r rune) runeKind {
	switch {
	case unicode.IsSpace(r):
		return space
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return alone
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return letter
	}
	return alone
}

// contextWords is how much unchanged text stays on each side of a change.
const contextWords = 30

// Shorten cuts the middle out of long kept passages.
func Shorten(list []Passage) []Passage {
	out := make([]Passage, 0, len(list))
	for i, p := range list {
		if p.Op == Kept {
			p.Text = cutMiddle(p.Text, i > 0, i < len(list)-1)
		}
		out = append(out, p)
	}
	return out
}

// cutMiddle keeps the beginning of text where a change stands before it and the end where one stands behind it.
func cutMiddle(text string, before, after bool) string {
	var ends []int // of each word
	for at := 0; at < len(text); {
		at += WordLength(text[at:])
		ends = append(ends, at)
	}
	const keep = 2 * contextWords // words and the spaces between them
	var head, tail string
	switch {
	case before && after && len(ends) > 2*keep:
		head, tail = text[:ends[keep-1]], text[ends[len(ends)-keep-1]:]
	case before && !after && len(ends) > keep:
		head = text[:ends[keep-1]]
	case after && !before && len(ends) > keep:
		tail = text[ends[len(ends)-keep-1]:]
	default:
		return text
	}
	return strings.TrimRightFunc(head, unicode.IsSpace) + " … " + strings.TrimLeftFunc(tail, unicode.IsSpace)
}

// FieldChange is how one field of an entry changed.
type FieldChange struct {
	Name     string
	Passages []Passage
}

// compareWithin is how long the page of a text takes for a comparison; with what it has by then it goes out.
const PageTime = 300 * time.Millisecond
