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
	var open fence
	for line := range strings.Lines(body) {
		text := strings.TrimLeft(line, " ")
		if f, rest := fenceOf(line); open.length == 0 && f.opens(rest) {
			open = f
		} else if open.length > 0 && f.closes(open, rest) {
			open = fence{}
		} else if open.length == 0 && len(line)-len(text) <= 3 {
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

// fence is the run of backticks or tildes that opens or closes a fenced code block, by CommonMark 0.31.2, section 4.5.
type fence struct {
	char   byte
	length int // at least 3; 0 for no fence
}

// fenceOf returns the fence at the beginning of a line, and what follows it.
func fenceOf(line string) (f fence, rest string) {
	text := strings.TrimLeft(line, " ")
	if len(line)-len(text) > 3 || text == "" || text[0] != '`' && text[0] != '~' {
		return fence{}, ""
	}
	rest = strings.TrimLeft(text, text[:1])
	if n := len(text) - len(rest); n >= 3 {
		return fence{text[0], n}, rest
	}
	return fence{}, ""
}

// opens reports whether the fence begins a block: what follows is its info string, which has no backtick after some.
func (f fence) opens(info string) bool {
	return f.length > 0 && (f.char == '~' || !strings.Contains(info, "`"))
}

// closes reports whether the fence ends the block that open began.
func (f fence) closes(open fence, rest string) bool {
	return f.char == open.char && f.length >= open.length && strings.TrimSpace(rest) == ""
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
