package liveblog

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// isUnspaced reports whether r is a letter of a script that has no spaces between words. Decimal digits are not.
func isUnspaced(r rune) bool {
	switch {
	case r < 0xe00:
		return false
	case r >= 0x4e00 && r <= 0x9fff: // most Han characters
		return true
	case r <= 0x109f, // Thai, Lao, Tibetan, Myanmar
		r >= 0x1780 && r <= 0x17ff, // Khmer
		r >= 0x1950 && r <= 0x19df, // Tai Le, New Tai Lue
		r >= 0x1a20 && r <= 0x1aaf, // Tai Tham
		r >= 0x1b00 && r <= 0x1b7f, // Balinese
		r >= 0x2e80 && r <= 0x312f, // kana, Bopomofo
		r >= 0x31a0 && r <= 0x31ff,
		r >= 0x3400 && r <= 0x4dbf,   // Han
		r >= 0xa000 && r <= 0xa4cf,   // Yi
		r >= 0xa980 && r <= 0xa9ff,   // Javanese
		r >= 0xaa00 && r <= 0xaadf,   // Cham, Tai Viet
		r >= 0xf900 && r <= 0xfaff,   // Han
		r >= 0x11700 && r <= 0x1174f, // Ahom
		r >= 0x16fe0 && r <= 0x18d8f, // Tangut, Khitan
		r >= 0x1aff0 && r <= 0x1b2ff, // kana, Nushu
		r >= 0x20000 && r <= 0x3ffff: // Han
		return unicode.IsLetter(r) || unicode.IsNumber(r) && !unicode.IsDigit(r)
	}
	return false
}

// joinsNext reports whether a mark makes the letter that follows a part of the same character. These are the marks of
// Khmer, Myanmar, Tai Tham, Balinese and Javanese that write consonants below others.
func joinsNext(r rune) bool {
	return r == 0x17d2 || r == 0x1039 || r == 0x1a60 || r == 0x1b44 || r == 0xa9c0
}

// isSyllableMark reports whether r separates the syllables of Tibetan, which are not words.
func isSyllableMark(r rune) bool { return r == 0xf0b || r == 0xf0c }

// isDoubled reports whether people type r twice for the vowel that looks like two of it and is the next in Unicode:
// sara ae in Thai and its like in Lao.
func isDoubled(r rune) bool { return r == 0xe40 || r == 0xec0 }

// isHighSign reports whether r is the sign above a letter into which the vowel am of Thai and Lao decomposes. Readers
// see no difference whether it comes before or after a tone mark.
func isHighSign(r rune) bool { return r == 0xe4d || r == 0xecd }

// insertSign adds a high sign to a character, before its tone marks.
func insertSign(char []byte, r rune) []byte {
	at := len(char)
	for at > 0 {
		_, size := utf8.DecodeLastRune(char[:at])
		if norm.NFC.Properties(char[at-size:]).CCC() == 0 {
			break
		}
		at -= size
	}
	return slices.Insert(char, at, utf8.AppendRune(nil, r)...)
}

// subscript returns the form of a letter that is written below another. In Khmer, da and ta look the same there.
func subscript(r rune) rune {
	if r == 0x178a {
		return 0x178f
	}
	return r
}
