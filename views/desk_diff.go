package views

import (
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
	Deleted                   // in the old text alone
	Inserted                  // in the new text alone
)

// CompareWords tells how old became new, word by word: the kept and deleted passages together are old, the kept
// and inserted ones new. Beyond the time given it settles for a comparison that is right but coarser.
func CompareWords(old, new string, within time.Duration) []Passage {
	table := words{index: map[string]rune{}}
	a, b := table.encode(old), table.encode(new)
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = max(within, time.Nanosecond) // zero would mean no limit
	var list []Passage
	for _, d := range dmp.DiffMainRunes(a, b, false) {
		if p := (Passage{Op: passageOp(d.Type), Text: table.decode(d.Text)}); p.Text != "" {
			list = append(list, p)
		}
	}
	return joinAcrossSpaces(list)
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

// words gives each different word a rune of its own, so that a comparison of characters compares words.
type words struct {
	index map[string]rune
	list  []string
}

func (w *words) encode(text string) []rune {
	var out []rune
	for text != "" {
		n := wordLength(text)
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

func (w *words) decode(encoded string) string {
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

// wordLength returns the bytes of the first word of text: a run of letters and digits, a run of white space, or
// one other character. Scripts that are written without spaces are compared character by character.
func wordLength(text string) int {
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

// shorten cuts the middle out of long kept passages.
func shorten(list []Passage) []Passage {
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
		at += wordLength(text[at:])
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
