package web

import (
	"fmt"
	"strings"
	"unicode"
)

// Shortened cuts a text that is quoted in a message.
func Shortened(s string, runes int) string {
	if all := []rune(s); len(all) > runes {
		return string(all[:runes]) + "…"
	}
	return s
}

// clip shortens a name that someone made up.
func clip(name string) string {
	if r := []rune(name); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return name
}

// Shown makes what was typed fit for a page, which valid UTF-8 without control characters is.
func Shown(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

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

func IsAlphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}
