package markdown

import (
	"strings"
	"unicode"

	"readout/liveblog"
)

// byteOrderMark is at the beginning of text that some programs save or copy.
const byteOrderMark = "\uFEFF"

// literalSlash begins a line with a full-width slash that is no command; Markdown has no such escape.
const literalSlash = `\／`

// normalizeSource returns the Markdown that the parser gets: body without a byte order mark, and with a hyphen instead
// of each bullet character that begins a line and precedes a space or tab, and without the backslash of a full-width
// slash. It leaves fenced code blocks unchanged.
func normalizeSource(body string) string {
	body = strings.TrimPrefix(body, byteOrderMark)
	if !strings.ContainsAny(body, liveblog.TypedBullets) && !strings.Contains(body, literalSlash) {
		return body
	}
	var b strings.Builder
	b.Grow(len(body))
	var code liveblog.CodeFences
	for line := range strings.Lines(body) {
		text := strings.TrimLeft(line, " ")
		if (!code.Next(line) || code.Opened()) && len(line)-len(text) <= 3 {
			if full := strings.TrimLeftFunc(text, unicode.IsSpace); strings.HasPrefix(full, literalSlash) {
				b.WriteString(line[:len(line)-len(full)] + full[1:])
				continue
			}
			line = liveblog.HyphenForBullet(line)
		}
		b.WriteString(line)
	}
	return b.String()
}
