package handlers

import (
	"fmt"
	"strings"
	"unicode"
)

// shortened cuts a text that is quoted in a message.
func shortened(s string, runes int) string {
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

// shown makes what was typed fit for a page, which valid UTF-8 without control characters is.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

func inSeconds(n int) string {
	if n == 1 {
		return "1 second"
	}
	return fmt.Sprintf("%d seconds", n)
}

// isToken reports whether text is a token of RFC 9110, section 5.6.2.
func isToken[T string | []byte](text T) bool {
	for _, c := range []byte(text) {
		if !isAlphanumeric(rune(c)) && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return len(text) > 0
}

func isAlphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}
