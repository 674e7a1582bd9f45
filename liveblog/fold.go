package liveblog

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// foldTable says what letters are searched as: a line for each base, then a space and the lower-case letters that are
// it with a diacritic, in another form or, as ß, in another spelling. Most are the decompositions of Unicode.
//
//go:embed fold.txt
var foldTable string

var folds = sync.OnceValue(func() map[rune]string {
	m := map[rune]string{}
	for line := range strings.Lines(foldTable) {
		base, variants, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, r := range variants {
			m[r] = base
		}
	}
	return m
})

// folded returns what a letter or digit is searched as.
func folded(r rune) string {
	if r < 0x80 { // most are
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return string(r)
	}
	if r >= '！' && r <= '～' { // full-width forms of ASCII
		return folded(r - '！' + '!')
	}
	r = unicode.ToLower(r)
	if base, ok := folds()[r]; ok {
		return base
	}
	return string(r)
}

// silent reports whether a character changes no word that it stands in: diacritics of Latin, Greek, Cyrillic, Hebrew
// and Arabic, the tatweel, and what is not seen at all.
func silent(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x640, r == 0x670, r >= 0x200b && r <= 0x200f, r == 0x2060, r == 0xfeff, // unseen, tatweel, dagger alif
		r >= 0x300 && r <= 0x36f, r >= 0x1ab0 && r <= 0x1aff, r >= 0x1dc0 && r <= 0x1dff, r >= 0x20d0 && r <= 0x20ff, r >= 0xfe20 && r <= 0xfe2f,
		r >= 0x610 && r <= 0x61a, r >= 0x64b && r <= 0x65f:
		return true
	case r >= 0x591 && r <= 0x5c7, r >= 0x6d6 && r <= 0x6ed:
		return unicode.Is(unicode.Mn, r)
	}
	return false
}

// The blocks of Korean: syllables, and the letters that make one of two or three.
const (
	firstSyllable, lastSyllable = '가', '힣'
	leads, vowels, trails       = 19, 21, 28
	firstLead, firstVowel       = 0x1100, 0x1161
	beforeTrail                 = 0x11a7
)

func isHangul(r rune) bool {
	return r >= firstSyllable && r <= lastSyllable || unicode.Is(unicode.Hangul, r)
}

// compose puts the letters of Korean, as some systems write them, together to syllables.
func compose(word string) string {
	if !strings.ContainsFunc(word, func(r rune) bool { return r >= firstLead && r < 0x1200 }) {
		return word
	}
	var made []rune
	for _, r := range word {
		last := len(made) - 1
		switch {
		case last >= 0 && r >= firstVowel && r < firstVowel+vowels && made[last] >= firstLead && made[last] < firstLead+leads:
			made[last] = firstSyllable + ((made[last]-firstLead)*vowels+r-firstVowel)*trails
		case last >= 0 && r > beforeTrail && r < beforeTrail+trails && made[last] >= firstSyllable && made[last] <= lastSyllable &&
			(made[last]-firstSyllable)%trails == 0:
			made[last] += r - beforeTrail
		default:
			made = append(made, r)
		}
	}
	return string(made)
}
