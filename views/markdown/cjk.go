package markdown

import (
	"unicode"

	"golang.org/x/text/width"
)

// isCJK reports whether r is a CJK character by the CJK-friendly amendments to CommonMark
// (https://github.com/tats-u/markdown-cjk-friendly): wide, full or half width, or Hangul, and no emoji. Punctuation such
// as "。" and "（" is among them.
func isCJK(r rune) bool {
	if r < 0x1100 {
		return false
	}
	if unicode.Is(unicode.Hangul, r) {
		return true
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianHalfwidth:
		// Wide symbols outside the blocks of CJK are emoji.
		return !unicode.In(r, unicode.So, unicode.Sk) || 0x2E80 <= r && r <= 0xFFEF
	}
	return false
}

// joinsLines reports whether no space belongs between two lines that end with one and begin with the other: both are
// written without spaces between words, as Chinese and Japanese are. Korean has spaces, and keeps them.
func joinsLines(end, begin rune) bool {
	return isCJK(end) && isCJK(begin) && !unicode.Is(unicode.Hangul, end) && !unicode.Is(unicode.Hangul, begin)
}

// isPunctuation is that of CommonMark 0.31.2, section 2.1.
func isPunctuation(r rune) bool { return unicode.In(r, unicode.P, unicode.S) }

func isWhitespace(r rune) bool {
	return unicode.Is(unicode.Zs, r) || r == '\t' || r == '\n' || r == '\f' || r == '\r'
}

// flanking returns whether a run of the mark may open and may close emphasis between two characters, by CommonMark
// 0.31.2, section 6.2, with the CJK-friendly amendments: punctuation of CJK counts as a letter, and a CJK character
// beside a mark makes up for punctuation on its other side. The ends of a line are whitespace.
func flanking(mark byte, before, after rune) (opens, closes bool) {
	marksOff := func(r rune) bool { return isPunctuation(r) && !isCJK(r) }
	variation := 0xE0100 <= before && before <= 0xE01EF // of an ideograph
	left := !isWhitespace(after) &&
		(!marksOff(after) || isWhitespace(before) || marksOff(before) || isCJK(before) || variation)
	right := !isWhitespace(before) && (!marksOff(before) || isWhitespace(after) || marksOff(after) || isCJK(after))
	if mark != '_' {
		return left, right
	}
	return left && (!right || isPunctuation(before)), right && (!left || isPunctuation(after))
}
