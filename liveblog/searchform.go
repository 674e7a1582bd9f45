package liveblog

import "unicode"

// The search indexes of both databases store words in the forms that [Words] returns. A change of these forms needs a
// migration that rebuilds the indexes; testdata/search_forms.txt lists what they are.

// isDecomposed reports whether a character is searched as the parts of its compatibility decomposition. Parts that
// would separate words, as the slash in ½, would make two words of one; letters that are only printed marks decompose
// into a space and the marks.
func isDecomposed(r rune, parts []byte) bool {
	if !isWordPart(r) && !isPrintedWord(r) {
		return false
	}
	spaced := parts[0] == ' '
	for _, part := range string(parts) {
		if spaced && part != ' ' && !isSilent(part) || !spaced && !isWordPart(part) {
			return false
		}
	}
	return true
}

func isWordPart(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// isPrintedWord reports whether a symbol is in a block of characters that stand for Han characters or whole words, as
// ㎏ and ㌔ do.
func isPrintedWord(r rune) bool { return r >= 0x2e80 && r <= 0x2fdf || r >= 0x3200 && r <= 0x33ff }

// spelledOut returns what a lower-case letter that Unicode does not decompose is searched as, or "" for the letter
// itself: what people without the letter on the keyboard type, and one form for letters that they use for each other.
func spelledOut(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'þ':
		return "th"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð', 'ɗ':
		return "d"
	case 'ħ':
		return "h"
	case 'ŧ':
		return "t"
	case 'ı':
		return "i"
	case 'ɓ':
		return "b"
	case 'ƙ':
		return "k"
	case 'ƴ':
		return "y"
	case 'ς': // the form at the end of a word, as are those of Hebrew
		return "σ"
	case 'ך':
		return "כ"
	case 'ם':
		return "מ"
	case 'ן':
		return "נ"
	case 'ף':
		return "פ"
	case 'ץ':
		return "צ"
	case 'װ':
		return "וו"
	case 'ױ':
		return "וי"
	case 'ײ':
		return "יי"
	case 'ٱ':
		return "ا"
	case 'ى', 'ی': // also written for each other: yeh of Arabic and of Persian, and alef maqsura
		return "ي"
	case 'ک':
		return "ك"
	case 'ة', 'ۃ', 'ہ', 'ھ', 'ە': // teh marbuta, and heh of Urdu and Kurdish
		return "ه"
	case 'ৎ': // in older texts these are a consonant, a virama and a joiner
		return "ত্"
	case 'ൺ':
		return "ണ്"
	case 'ൻ':
		return "ന്"
	case 'ർ':
		return "ര്"
	case 'ൽ':
		return "ല്"
	case 'ൾ':
		return "ള്"
	case 'ൿ':
		return "ക്"
	}
	return ""
}

// digitForm returns the ASCII form of a decimal digit, and any other character unchanged.
func digitForm(r rune) rune {
	if value, ok := digitValue(r); ok {
		return '0' + rune(value)
	}
	return r
}

// markForm returns the form of a mark that is not silent.
func markForm(r rune) rune {
	if r == 0x901 { // Hindi writes anusvara for chandrabindu
		return 0x902
	}
	return r
}

// isSilent reports whether a character never distinguishes two words: diacritics of Latin, Greek, Cyrillic, Hebrew,
// Arabic and Syriac, the nukta of Devanagari, the tatweel, and invisible characters.
func isSilent(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r >= 0x300 && r <= 0x36f, r >= 0x483 && r <= 0x489,
		r == 0x640, r == 0x670, // tatweel, dagger alif
		r >= 0x610 && r <= 0x61a, r >= 0x64b && r <= 0x65f, r >= 0x898 && r <= 0x89f, r >= 0x8ca && r <= 0x8ff,
		r == 0x711, r >= 0x730 && r <= 0x74a,
		r == 0x93c,
		r == 0x115f, r == 0x1160, // fillers for Korean letters
		r >= 0x1ab0 && r <= 0x1aff, r >= 0x1dc0 && r <= 0x1dff,
		r >= 0x20d0 && r <= 0x20ff, r >= 0xfe20 && r <= 0xfe2f:
		return r != 0x8e2 // a visible sign
	case r >= 0x591 && r <= 0x5c7, r >= 0x6d6 && r <= 0x6ed, r == 0xfb1e:
		return unicode.Is(unicode.Mn, r)
	case r == 0xad, r == 0x61c, r >= 0x180b && r <= 0x180f, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e,
		r >= 0x2060 && r <= 0x206f, r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r >= 0xe0000 && r <= 0xe0fff:
		return true // invisible, and variants of characters
	}
	return false
}

// isApostrophe reports whether a letter is an apostrophe, which separates words as all apostrophes do: people type the
// one of their keyboard.
func isApostrophe(r rune) bool {
	return r >= 0x2b9 && r <= 0x2bf || r == 0x2c8 || r == 0xa78b || r == 0xa78c
}

func isHangul(r rune) bool { return unicode.Is(unicode.Hangul, r) }

// hasCase reports whether r may have a lower-case form: it excludes blocks of scripts without case.
func hasCase(r rune) bool { return r < 0x590 || r > 0x109f }
