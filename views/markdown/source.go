package markdown

import (
	"strings"
	"unicode/utf8"
)

// byteOrderMark is at the beginning of text that some programs save or copy.
const byteOrderMark = "\uFEFF"

// bullets are the characters that people type, or word processors copy, as the markers of list items.
const bullets = "•‣◦▪●"

// normalizeSource returns the Markdown that the parser gets: body without a byte order mark, and with a hyphen instead
// of each bullet character that begins a line and precedes a space or tab. It leaves fenced code blocks unchanged.
func normalizeSource(body string) string {
	body = strings.TrimPrefix(body, byteOrderMark)
	if !strings.ContainsAny(body, bullets) {
		return body
	}
	var b strings.Builder
	b.Grow(len(body))
	openFence := ""
	for line := range strings.Lines(body) {
		text := strings.TrimLeft(line, " ")
		switch fence := fenceOf(text); {
		case openFence == "" && fence != "":
			openFence = fence
		case openFence != "" && fence == openFence:
			openFence = ""
		case openFence == "" && len(line)-len(text) <= 3:
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

// fenceOf returns the three characters with which line opens or closes a fenced code block, or "" if it does neither.
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
