package liveblog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The search indexes of both databases store words in the form that searchForm and compose return. A change of these
// forms needs a migration that rebuilds the indexes; testdata/search_forms.txt lists what they are.

// searchForm returns what a letter, digit or mark is searched as: in lower case, without diacritics, and in the plain
// form that Unicode's compatibility decomposition (NFKD) gives.
func searchForm(r rune) string {
	r = unicode.ToLower(r)
	if !decomposes(r) {
		return string(r)
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		switch {
		case isSilent(part):
		case !unicode.IsLetter(part) && !unicode.IsNumber(part):
			return string(r) // ½ would become two words
		default:
			b.WriteRune(unicode.ToLower(part))
		}
	}
	return spelledOut.Replace(b.String())
}

// spelledOut replaces letters that Unicode does not decompose by what people without these letters on the keyboard
// type.
var spelledOut = strings.NewReplacer(
	"ß", "ss", "æ", "ae", "œ", "oe", "þ", "th", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "ħ", "h", "ŧ", "t",
	"ı", "i",
	"ς", "σ", // the form of sigma at the end of a word
)

// decomposes reports whether a character is in a block whose letters are searched in their decomposed form. Scripts of
// India are not, since their marks distinguish words.
func decomposes(r rune) bool {
	switch {
	case r < 0xaa:
		return false
	case r <= 0x24f, // Latin
		r >= 0x370 && r <= 0x4ff,   // Greek and Cyrillic
		r >= 0x620 && r <= 0x6ff,   // Arabic
		r >= 0x1e00 && r <= 0x1fff, // more Latin and Greek
		r >= 0x2070 && r <= 0x209f, // superscripts and subscripts
		r >= 0xfb00 && r <= 0xfb06, // Latin ligatures
		r >= 0xfb50 && r <= 0xfbff, // Arabic as it is printed
		r >= 0xfe80 && r <= 0xfefc,
		r >= 0xff01 && r <= 0xff5e: // full-width ASCII
		return true
	}
	return false
}

// isSilent reports whether a character never distinguishes two words: diacritics of Latin, Greek, Cyrillic, Hebrew and
// Arabic, the tatweel, and invisible characters.
func isSilent(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r >= 0x200b && r <= 0x200f, r == 0x2060, r == 0xfeff, // invisible
		r == 0x640, r == 0x670, // tatweel, dagger alif
		r >= 0x300 && r <= 0x36f, r >= 0x1ab0 && r <= 0x1aff, r >= 0x1dc0 && r <= 0x1dff,
		r >= 0x20d0 && r <= 0x20ff, r >= 0xfe20 && r <= 0xfe2f,
		r >= 0x610 && r <= 0x61a, r >= 0x64b && r <= 0x65f:
		return true
	case r >= 0x591 && r <= 0x5c7, r >= 0x6d6 && r <= 0x6ed:
		return unicode.Is(unicode.Mn, r)
	}
	return false
}

func isHangul(r rune) bool { return unicode.Is(unicode.Hangul, r) }

// compose combines the letters of Korean, which some systems store one by one, into syllables.
func compose(word string) string {
	if strings.ContainsFunc(word, isJamo) {
		return norm.NFC.String(word)
	}
	return word
}

// isJamo reports whether r is a Korean letter that combines with others into a syllable.
func isJamo(r rune) bool { return r >= 0x1100 && r <= 0x11ff }
