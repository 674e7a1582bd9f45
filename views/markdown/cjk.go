package markdown

import (
	"unicode"

	"golang.org/x/text/width"
)

// isCJK reports whether r is a CJK character as the CJK-friendly amendments to CommonMark define it
// (https://github.com/tats-u/markdown-cjk-friendly): wide, fullwidth, halfwidth or Hangul, but not an emoji. This
// includes punctuation such as "。" and "（".
func isCJK(r rune) bool {
	if r < 0x1100 {
		return false
	}
	if unicode.Is(unicode.Hangul, r) {
		return true
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianHalfwidth:
		// Wide symbols outside the CJK blocks are emoji.
		return !unicode.In(r, unicode.So, unicode.Sk) || 0x2E80 <= r && r <= 0xFFEF
	}
	return false
}

// joinWithoutSpace reports whether a line that ends with last and a line that begins with first are joined without a
// space, because both are in a script that puts no spaces between words, such as Chinese or Japanese. Korean uses
// spaces.
func joinWithoutSpace(last, first rune) bool {
	return isCJK(last) && isCJK(first) && !unicode.Is(unicode.Hangul, last) && !unicode.Is(unicode.Hangul, first)
}

// isPunctuation reports whether r is Unicode punctuation as CommonMark 0.31.2, section 2.1, defines it.
func isPunctuation(r rune) bool { return unicode.In(r, unicode.P, unicode.S) }

// isWhitespace reports whether r is Unicode whitespace as CommonMark 0.31.2, section 2.1, defines it.
func isWhitespace(r rune) bool {
	return unicode.Is(unicode.Zs, r) || r == '\t' || r == '\n' || r == '\f' || r == '\r'
}

// flanking reports whether a delimiter run of mark can open and can close emphasis, given the characters on both sides
// of it. A caller passes whitespace for the beginning and the end of a line.
//
// The rules are those of CommonMark 0.31.2, section 6.2, with the CJK-friendly amendments: CJK punctuation counts as a
// letter, and a CJK character on one side of the run permits punctuation on the other.
func flanking(mark byte, before, after rune) (opens, closes bool) {
	nonCJKPunctuation := func(r rune) bool { return isPunctuation(r) && !isCJK(r) }
	variationSelector := 0xE0100 <= before && before <= 0xE01EF // of an ideograph
	left := !isWhitespace(after) &&
		(!nonCJKPunctuation(after) || isWhitespace(before) || nonCJKPunctuation(before) || isCJK(before) ||
			variationSelector)
	right := !isWhitespace(before) &&
		(!nonCJKPunctuation(before) || isWhitespace(after) || nonCJKPunctuation(after) || isCJK(after))
	if mark != '_' {
		return left, right
	}
	return left && (!right || isPunctuation(before)), right && (!left || isPunctuation(after))
}

// Opens reports whether ** between two characters can open bold text. A space stands for the beginning of a line.
func Opens(before, after rune) bool {
	opens, _ := flanking('*', before, after)
	return opens
}

// Closes reports whether ** between two characters can close bold text. A space stands for the end of a line.
func Closes(before, after rune) bool {
	_, closes := flanking('*', before, after)
	return closes
}
