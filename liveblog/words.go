package liveblog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Word is a word of a text. The index, queries and the marks in search results all use [Words], so they agree.
type Word struct {
	// Text is the form in the index: lower-case letters without diacritics, digits, and marks of scripts that need
	// them.
	Text       string
	Also       []string // other forms in the index: the word without its attached article
	Start, End int      // byte offsets in the text
	Unspaced   bool     // whether it is a single character of a script without spaces between words
	Gap        bool     // for an unspaced character: whether it does not directly follow the word before
}

// maxWord is how many characters of a word are significant.
const maxWord = 64

// Words splits a text into words. A word is a sequence of letters and digits, but in a script without spaces between
// words, each letter with its marks is a word of its own.
func Words(text string) (all []Word) {
	split(text, func(w Word) { all = append(all, w) })
	return all
}

// split calls yield for each word of a text. Of the Unicode characters, it adds those directly that are searched as
// themselves and are frequent: most Han characters, Thai consonants, and syllables of Korean.
func split(text string, yield func(Word)) {
	s := splitter{text: text, yield: yield, gap: true}
	for i, r := range text {
		switch {
		case r < utf8.RuneSelf:
			switch {
			case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
				s.addLetter(r, i, i+1)
			case 'A' <= r && r <= 'Z':
				s.addLetter(r+'a'-'A', i, i+1)
			default:
				s.separate()
			}
		case r >= 0x4e00 && r <= 0x9fff, r >= 0xe01 && r <= 0xe30:
			s.addUnspaced(r, i, i+3)
		case r >= 0xac00 && r <= 0xd7a3:
			s.addLetter(r, i, i+3)
		case r == utf8.RuneError:
			s.separate()
		default:
			s.addUnicode(r, i, i+utf8.RuneLen(r))
		}
	}
	s.flush()
}

// splitter splits a text into words. Its fields after yield are about the word that has begun, if form is not empty.
type splitter struct {
	text  string
	yield func(Word)

	form       []byte
	runes      int // the length of form in characters
	start, end int
	unspaced   bool
	joins      bool // for an unspaced character: whether the next letter is a part of it
	normalize  bool // form may have characters that have to be reordered or combined
	gap        bool // no word directly precedes the next unspaced character
}

// addUnicode adds a character in the form that compatibility decomposition gives.
func (s *splitter) addUnicode(r rune, start, end int) {
	properties := norm.NFKD.PropertiesString(s.text[start:])
	if !properties.BoundaryBefore() {
		s.normalize = true
	}
	parts := properties.Decomposition()
	if len(parts) == 0 || !isDecomposed(r, parts) {
		s.add(r, start, end)
		return
	}
	for len(parts) > 0 {
		part, size := utf8.DecodeRune(parts)
		parts = parts[size:]
		if part != ' ' {
			s.add(part, start, end)
		}
		s.normalize = s.normalize || len(s.form) > 0 // the next parts can be marks
	}
}

func (s *splitter) add(r rune, start, end int) {
	switch {
	case isSilent(r):
		if len(s.form) > 0 && r != 0x200b { // a zero-width space only follows words
			s.end = end
		}
	case isUnspaced(r):
		s.addUnspaced(r, start, end)
	case unicode.IsLetter(r) && !isApostrophe(r):
		if hasCase(r) {
			r = unicode.ToLower(r)
		}
		form := spelledOut(r)
		if form == "" {
			s.addLetter(r, start, end)
			return
		}
		for _, r := range form {
			s.addLetter(r, start, end)
		}
	case unicode.IsNumber(r):
		s.addLetter(unicode.ToLower(digitForm(r)), start, end)
	case len(s.form) > 0 && unicode.IsMark(r):
		s.joins = s.joins || joinsNext(r)
		s.put(markForm(r))
		s.end = end
	case isSyllableMark(r):
		s.flush()
	default:
		s.separate()
	}
}

// addLetter adds a letter or digit of a script with spaces, in its form.
func (s *splitter) addLetter(r rune, start, end int) {
	if s.unspaced {
		s.flush()
	}
	if len(s.form) == 0 {
		s.start = start
	}
	s.put(r)
	s.end, s.gap = end, false
}

func (s *splitter) addUnspaced(r rune, start, end int) {
	switch {
	case s.unspaced && s.joins:
		r = subscript(r)
	case isDoubled(r) && string(s.form) == string(r):
		s.form = utf8.AppendRune(s.form[:0], r+1)
		s.end = end
		return
	default:
		s.flush()
		s.start, s.unspaced = start, true
	}
	s.joins = false
	s.put(r)
	s.end = end
}

func (s *splitter) put(r rune) {
	switch {
	case s.runes == maxWord:
		return
	case isHighSign(r):
		s.form = insertSign(s.form, r)
	default:
		s.form = utf8.AppendRune(s.form, r)
	}
	s.runes++
}

// separate ends the word so far at a character that belongs to no word.
func (s *splitter) separate() {
	s.flush()
	s.gap = true
}

// flush ends the word so far. The next one may follow directly.
func (s *splitter) flush() {
	if len(s.form) == 0 {
		s.normalize = false
		return
	}
	w := Word{Start: s.start, End: s.end, Unspaced: s.unspaced}
	if original := s.text[s.start:s.end]; string(s.form) == original {
		w.Text = original // without a copy
	} else {
		w.Text = string(s.form)
	}
	if s.normalize {
		w.Text = norm.NFC.String(w.Text)
	}
	if w.Unspaced {
		w.Gap = s.gap
	} else {
		w.Also = withoutArticle(w.Text)
	}
	s.yield(w)
	s.form, s.runes = s.form[:0], 0
	s.unspaced, s.joins, s.normalize, s.gap = false, false, false, false
}

// Indexed is the words of an entry for an index, separated by spaces. Between unspaced characters that are not adjacent
// there is a wordBreak, which no word contains.
type Indexed struct {
	Words string // all words in all their forms, with a space at both ends
	Pairs string // all pairs of adjacent unspaced characters
}

const wordBreak = "。"

// index returns the words of several texts. Characters of different texts are not adjacent.
func index(texts []string) Indexed {
	var all, pairs strings.Builder
	add := func(b *strings.Builder, parts ...string) {
		b.WriteByte(' ')
		for _, p := range parts {
			b.WriteString(p)
		}
	}
	for _, text := range texts {
		all.Grow(len(text) + len(text)/4)
		before := "" // the unspaced character directly before, if any
		split(text, func(w Word) {
			switch {
			case !w.Unspaced:
				before = ""
			case w.Gap || before == "":
				add(&all, wordBreak)
				add(&pairs, wordBreak)
				before = w.Text
			default:
				add(&pairs, before, w.Text)
				before = w.Text
			}
			add(&all, w.Text)
			for _, form := range w.Also {
				add(&all, form)
			}
		})
	}
	all.WriteByte(' ')
	return Indexed{Words: all.String(), Pairs: pairs.String()}
}
