// Package diff compares texts and returns the passages that were kept, deleted and inserted.
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

// maxWork limits a comparison by its cost: the number of words between the first and the last difference in one text
// times that in the other. A text full of repetitions takes that many steps before the library checks its timeout. The
// limit is enough for 5,000 words on each side.
const maxWork = 100_000_000

// Words compares two texts. The kept and deleted passages together are old, the kept and inserted passages are new. It
// compares word by word, or line by line if that would take too much work. If that would, too, or if within is not
// positive, the result is that all of old is deleted and all of new inserted. Within limits the time of the comparison;
// when it has passed, the rest is compared coarsely.
func Words(old, new string, within time.Duration) []Passage {
	return compare(old, new, within, WordLength, lineLength)
}

// Lines is like [Words], but compares line by line only.
func Lines(old, new string, within time.Duration) []Passage {
	return compare(old, new, within, lineLength)
}

// compare splits the texts into pieces by the first of the length functions whose comparison is not too much work.
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

// passages returns the list without empty passages.
func passages(list ...Passage) []Passage {
	return slices.DeleteFunc(list, func(p Passage) bool { return p.Text == "" })
}

// work is the most steps that a comparison takes, after what is equal at both ends has been skipped.
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

// joinAcrossSpaces turns "-a +x _ -b +y" into "-a_b +x_y": a changed phrase is easier to read as a whole than word by
// word with the unchanged spaces between.
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

// vocabulary gives each different piece a rune of its own, so that the library, which compares runes, compares pieces.
type vocabulary struct {
	index map[string]rune
	list  []string
}

// encode splits text into pieces and returns their runes. Length returns the length in bytes of the first piece of a
// text.
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

// The surrogate code points, which strings cannot hold and vocabulary skips.
const (
	surrogates    = 0xD800
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

// WordLength returns the length in bytes of the first word of text: a run of letters and digits, a run of white
// space, or one other character. In scripts that are written without spaces each character is a word.
func WordLength(text string) int {
	var first runeKind
	for i, r := range text {
		switch kind := kindOf(r); {
		case i == 0:
			first = kind
		case kind != first || first == single:
			return i
		}
	}
	return len(text)
}

// lineLength returns the length in bytes of the first line of text, with its line end.
func lineLength(text string) int {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

type runeKind uint8

const (
	single runeKind = iota
	space
	letter
)

func kindOf(r rune) runeKind {
	switch {
	case unicode.IsSpace(r):
		return space
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return single
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return letter
	}
	return single
}

// contextWords is the number of unchanged words that Shorten keeps on each side of a change.
const contextWords = 30

// Shorten removes the middle of long kept passages.
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

// cutMiddle keeps the beginning of text if there is a change before it, and the end if there is one after it.
func cutMiddle(text string, before, after bool) string {
	var ends []int // offsets of the ends of words
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

// FieldChange is how a field of an entry has changed.
type FieldChange struct {
	Name     string
	Passages []Passage
}

// PageTime is the time that the comparisons on one page may take. What is not compared by then is shown coarsely.
const PageTime = 300 * time.Millisecond
