package liveblog

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is a word of a text. The index, queries and the marks in search results all use [Words], so they agree.
type Word struct {
	// Text is the form in the index: lower-case letters without diacritics, digits, and marks of scripts that need
	// them.
	Text       string
	Start, End int  // byte offsets in the text
	CJK        bool // whether it is a single Han or kana character, since these scripts have no spaces between words
	Gap        bool // for a CJK character: whether it does not directly follow the word before
}

// maxWord is how many characters of a word are significant.
const maxWord = 64

// Words splits a text into words. A word is a sequence of letters and digits, but each Han and kana character is a word
// of its own.
func Words(text string) (all []Word) {
	var b strings.Builder // the word so far
	start, end, runes := 0, 0, 0
	flush := func() {
		if b.Len() > 0 {
			all = append(all, Word{Text: compose(b.String()), Start: start, End: end})
			b.Reset()
			runes = 0
		}
	}
	gap := true
	for i, r := range text {
		size := utf8.RuneLen(r)
		switch {
		case r == utf8.RuneError:
			flush()
			gap = true
		case isSilent(r):
			if b.Len() > 0 {
				end = i + size
			}
		case isCJK(r):
			flush()
			all = append(all, Word{Text: string(r), Start: i, End: i + size, CJK: true, Gap: gap})
			gap = false
		case unicode.IsLetter(r) || unicode.IsNumber(r) || b.Len() > 0 && unicode.IsMark(r):
			if b.Len() == 0 {
				start = i
			}
			if runes++; runes <= maxWord {
				b.WriteString(searchForm(r))
			}
			end, gap = i+size, false
		default:
			flush()
			gap = true
		}
	}
	flush()
	return all
}

// isCJK reports whether r is a Han or kana character, which is a word of its own.
func isCJK(r rune) bool {
	if r < 0x2e80 {
		return false
	}
	return r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) &&
		(unicode.IsLetter(r) || unicode.IsNumber(r))
}

// Indexed is the words of an entry for an index, separated by spaces. Between CJK characters that are not adjacent
// there is a wordBreak, which no word contains.
type Indexed struct {
	Words string // all words, with a space at both ends
	Pairs string // all pairs of adjacent CJK characters
}

const wordBreak = "。"

// index returns the words of several texts. Characters of different texts are not adjacent.
func index(texts []string) Indexed {
	var all, pairs strings.Builder
	for _, text := range texts {
		before := "" // the CJK character directly before, if any
		for _, w := range Words(text) {
			switch {
			case !w.CJK:
				before = ""
			case w.Gap || before == "":
				all.WriteString(" " + wordBreak)
				pairs.WriteString(" " + wordBreak)
				before = w.Text
			default:
				pairs.WriteString(" " + before + w.Text)
				before = w.Text
			}
			all.WriteString(" " + w.Text)
		}
	}
	all.WriteByte(' ')
	return Indexed{Words: all.String(), Pairs: pairs.String()}
}
