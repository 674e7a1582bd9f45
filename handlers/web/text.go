package web

import (
	"fmt"
	"strings"
	"unicode"
)

// maxName is how many characters of a name that a client made up go into a message.
const maxName = 60

// Truncate cuts s to at most n characters and marks the cut with an ellipsis.
func Truncate(s string, n int) string {
	if all := []rune(s); len(all) > n {
		return string(all[:n]) + "…"
	}
	return s
}

// Printable replaces invalid UTF-8 and control characters, except tabs and line ends, with U+FFFD, so that what
// somebody typed can go into a page.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// InSeconds returns a number of seconds in words, such as "5 seconds".
func InSeconds(n int) string {
	if n == 1 {
		return "1 second"
	}
	return fmt.Sprintf("%d seconds", n)
}

// IsToken reports whether text is a token of RFC 9110, section 5.6.2.
func IsToken[T string | []byte](text T) bool {
	for _, c := range []byte(text) {
		if !IsAlphanumeric(rune(c)) && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return len(text) > 0
}

// IsAlphanumeric reports whether r is an ASCII letter or digit.
func IsAlphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}
