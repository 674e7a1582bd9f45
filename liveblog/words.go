package liveblog

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is a word of a text as search sees it: what is indexed, what is asked for, and what is marked in a result come
// only from [Words].
type Word struct {
	Text       string // in lower case, without diacritics; letters, digits and the marks of scripts that need them
	Start, End int    // where it stands in the text, in bytes
	// Sign says that it is one character of a script that writes no spaces: a Han character or one of kana.
	Sign bool
	// Apart says of a sign that something stands between it and the word before.
	Apart bool
}

// maxWord is how many characters of a word count.
const maxWord = 64

// Words returns the words of a text in their order. Letters and digits make them, but each Han character and each of
// kana is one of its own.
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
	apart := true
	for i, r := range text {
		size := utf8.RuneLen(r)
		switch {
		case r == utf8.RuneError:
			flush()
			apart = true
		case isSilent(r):
			if b.Len() > 0 {
				end = i + size
			}
		case isSign(r):
			flush()
			all = append(all, Word{Text: string(r), Start: i, End: i + size, Sign: true, Apart: apart})
			apart = false
		case unicode.IsLetter(r) || unicode.IsNumber(r) || b.Len() > 0 && unicode.IsMark(r):
			if b.Len() == 0 {
				start = i
			}
			if runes++; runes <= maxWord {
				b.WriteString(searchForm(r))
			}
			end, apart = i+size, false
		default:
			flush()
			apart = true
		}
	}
	flush()
	return all
}

// isSign reports whether a character is a word of its own.
func isSign(r rune) bool {
	if r < 0x2e80 {
		return false
	}
	return r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) && (unicode.IsLetter(r) || unicode.IsNumber(r))
}

// Indexed is the words of an entry as an index takes them, divided by spaces. A break, which is no word, stands between
// signs that are not adjacent.
type Indexed struct {
	Words string // all of them, each sign by itself; a space at either end
	Pairs string // each two adjacent signs, in their order
}

const wordBreak = "。"

// index returns the words of texts. No sign is adjacent to one of another text.
func index(texts []string) Indexed {
	var all, pairs strings.Builder
	for _, text := range texts {
		before := "" // the sign before, where it is adjacent
		for _, w := range Words(text) {
			switch {
			case !w.Sign:
				before = ""
			case w.Apart || before == "":
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
