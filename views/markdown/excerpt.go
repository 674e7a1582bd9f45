package markdown

import (
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// ExcerptRunes is about what search engines and cards show of a description.
const ExcerptRunes = 200

// Excerpt is the beginning of an entry's body as plain text, cut between words.
func Excerpt(body string) string {
	return Clip(Text(body), ExcerptRunes)
}

// plainText returns the text of safe HTML on one line.
func plainText(safe string) string {
	var b strings.Builder
	cells := 0 // of the row so far
	eachPiece(safe, func(text string) { b.WriteString(text) }, func(tag atom.Atom, ends bool) {
		switch tag {
		case atom.Tr:
			cells = 0
			b.WriteByte(' ')
		case atom.Th, atom.Td:
			if ends {
				return
			}
			if cells > 0 {
				b.WriteString(" | ")
			}
			cells++
		default:
			b.WriteByte(' ') // words of different blocks stay apart
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// eachPiece goes through safe HTML: its texts, and the tags that begin and end something between words.
func eachPiece(safe string, text func(string), tag func(tag atom.Atom, ends bool)) {
	z := html.NewTokenizer(strings.NewReader(safe))
	for {
		switch token := z.Next(); token {
		case html.ErrorToken:
			return
		case html.TextToken:
			text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, _ := z.TagName()
			switch at := atom.Lookup(name); at {
			case atom.A, atom.Em, atom.Strong, atom.Del, atom.Code:
			default:
				tag(at, token == html.EndTagToken)
			}
		}
	}
}

// Clip shortens s to at most n code points, an ellipsis among them. It cuts between words where there is a space in the
// second half, and never within what a reader takes for one character: a grapheme cluster of UAX #29, such as a flag, a
// family of emoji, or a letter with its accents. A cluster that does not fit is left out whole.
func Clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	end, used := 0, 0
	for clusters := uniseg.NewGraphemes(s); clusters.Next(); {
		if used += len(clusters.Runes()); used > n-1 {
			break
		}
		_, end = clusters.Positions()
	}
	cut := s[:end]
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		return cut[:i] + "…"
	}
	return cut + "…"
}

// plainLines returns the text of safe HTML, a line for each item and row and an empty one between blocks.
func plainLines(safe string) string {
	var b strings.Builder
	pre := false
	eachPiece(safe, func(text string) {
		if !pre {
			text = strings.ReplaceAll(text, "\n", " ")
		}
		b.WriteString(text)
	}, func(tag atom.Atom, ends bool) {
		switch {
		case tag == atom.Td || tag == atom.Th:
			if !ends {
				b.WriteString(" | ")
			}
		case tag == atom.Li && !ends:
			b.WriteString("\n• ")
		case tag == atom.Br || tag == atom.Tr && !ends:
			b.WriteByte('\n')
		case tag == atom.Li || tag == atom.Tr || tag == atom.Thead || tag == atom.Tbody:
		case tag == atom.Pre && !ends:
			pre = true
		case ends || tag == atom.Hr:
			pre = false
			b.WriteString("\n\n")
		}
	})
	return tidyLines(b.String())
}

// tidyLines takes out spaces at the ends of lines and all empty lines but one between others.
func tidyLines(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimPrefix(strings.Join(strings.Fields(line), " "), "| ")
		if line != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
