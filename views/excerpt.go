package views

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// excerptRunes is about what search engines and cards show of a description.
const excerptRunes = 200

// excerpt is the beginning of an entry's body as plain text, cut between words.
func excerpt(body string) string {
	return clip(plainText(Markdown(body)), excerptRunes)
}

// plainText returns the text of safe HTML on one line.
func plainText(safe string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(safe))
	cells := 0 // of the row so far
	for {
		token := z.Next()
		switch token {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.A, atom.Em, atom.Strong, atom.Del, atom.Code:
			case atom.Tr:
				cells = 0
				b.WriteByte(' ')
			case atom.Th, atom.Td:
				if token == html.StartTagToken {
					if cells > 0 {
						b.WriteString(" | ")
					}
					cells++
				}
			default:
				b.WriteByte(' ') // words of different blocks stay apart
			}
		}
	}
}

// clip shortens s to at most n characters, an ellipsis among them, between words where there is a space.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	cut := string([]rune(s)[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		return cut[:i] + "…"
	}
	return cut + "…"
}
