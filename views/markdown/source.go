package markdown

import (
	"strings"
	"unicode/utf8"
)

// byteOrderMark stands at the beginning of texts that some programs copy.
const byteOrderMark = "\uFEFF"

// bullets are characters that people type, or word processors copy, at the beginning of a list's items.
const bullets = "•‣◦▪●"

// prepared returns the source as the parser reads it: without a byte order mark, and with hyphens for typed bullets that
// begin a line. What stands between code fences stays as it is.
func prepared(body string) string {
	body = strings.TrimPrefix(body, byteOrderMark)
	if !strings.ContainsAny(body, bullets) {
		return body
	}
	var b strings.Builder
	b.Grow(len(body))
	fence := ""
	for line := range strings.Lines(body) {
		text := strings.TrimLeft(line, " ")
		switch mark := fenceOf(text); {
		case fence == "" && mark != "":
			fence = mark
		case fence != "" && mark == fence:
			fence = ""
		case fence == "" && len(line)-len(text) <= 3:
			if r, n := utf8.DecodeRuneInString(text); strings.ContainsRune(bullets, r) {
				if rest := text[n:]; rest != "" && strings.ContainsRune(" \t\u3000", firstRune(rest)) {
					b.WriteString(line[:len(line)-len(text)] + "- " + strings.TrimLeft(rest, " \t\u3000"))
					continue
				}
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

// fenceOf returns the three characters that begin or end a block of code, "" for any other line.
func fenceOf(line string) string {
	for _, fence := range []string{"```", "~~~"} {
		if strings.HasPrefix(line, fence) {
			return fence
		}
	}
	return ""
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
