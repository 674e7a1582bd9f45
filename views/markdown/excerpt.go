package markdown

import (
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// ExcerptRunes is the length of an excerpt in code points: about as much of a description as search engines and link
// previews show.
const ExcerptRunes = 200

// Excerpt returns the beginning of an entry's body as plain text on one line: [Text], shortened by [Clip] to at most
// [ExcerptRunes] code points.
func Excerpt(body string) string {
	return Clip(Text(body), ExcerptRunes)
}

// plainText returns the text of safe HTML on one line.
func plainText(safe string) string {
	var b strings.Builder
	cells := 0 // so far in this row
	walkHTML(safe, func(text string) { b.WriteString(text) }, func(tag atom.Atom, closing bool) {
		switch tag {
		case atom.Tr:
			cells = 0
			b.WriteByte(' ')
		case atom.Th, atom.Td:
			if closing {
				return
			}
			if cells > 0 {
				b.WriteString(" | ")
			}
			cells++
		default:
			b.WriteByte(' ') // separates the words of adjacent blocks
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// walkHTML calls text for each text and tag for each tag of safe HTML, in order. It leaves out the tags of elements
// that can begin or end within a word, such as em.
func walkHTML(safe string, text func(string), tag func(tag atom.Atom, closing bool)) {
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

// Clip returns s if it has at most n code points, and otherwise the beginning of s with an ellipsis, at most n code
// points together. n must be at least 1.
//
// Clip cuts at the last space if that is in the second half of what fits. It never cuts within a grapheme cluster (UAX
// #29), which readers see as one character: a flag, a family emoji, or a letter with its accents. It drops a cluster
// that does not fit completely.
func Clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return Cut(s, n-1) + "…"
}

// Cut returns the beginning of s that has at most n code points. It cuts where [Clip] does.
func Cut(s string, n int) string {
	end := offset(s, n)
	if end == len(s) {
		return s
	}
	// ASCII characters side by side, which most are, need no search for clusters.
	if end == 0 || s[end-1] >= utf8.RuneSelf || s[end] >= utf8.RuneSelf || s[end] == '\n' {
		most := end
		end = 0
		for clusters := uniseg.NewGraphemes(s); clusters.Next(); {
			_, to := clusters.Positions()
			if to > most {
				break
			}
			end = to
		}
	}
	if i := strings.LastIndexByte(s[:end], ' '); i > end/2 {
		end = i
	}
	return s[:end]
}

// offset returns the offset behind the first n code points of s, or its length.
func offset(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// ClusterFrom returns the first offset of s from at on where a grapheme cluster begins; at is the start of a code
// point.
func ClusterFrom(s string, at int) int {
	// Wherever a search for clusters begins, it finds the right ones after the first, unless that is half a flag.
	start := at
	for n := 0; start > 0; n++ {
		r, size := utf8.DecodeLastRuneInString(s[:start])
		if flag := r >= 0x1f1e6 && r <= 0x1f1ff; n >= 16 && !flag {
			break
		}
		start -= size
	}
	for clusters := uniseg.NewGraphemes(s[start:]); start < at && clusters.Next(); {
		start += len(clusters.Bytes())
	}
	return start
}

// plainLines returns the text of safe HTML with the lines that [Lines] describes.
func plainLines(safe string) string {
	var b strings.Builder
	pre := false
	walkHTML(safe, func(text string) {
		if !pre {
			text = strings.ReplaceAll(text, "\n", " ")
		}
		b.WriteString(text)
	}, func(tag atom.Atom, closing bool) {
		switch {
		case tag == atom.Td || tag == atom.Th:
			if !closing {
				b.WriteString(" | ")
			}
		case tag == atom.Li && !closing:
			b.WriteString("\n• ")
		case tag == atom.Br || tag == atom.Tr && !closing:
			b.WriteByte('\n')
		case tag == atom.Li || tag == atom.Tr || tag == atom.Thead || tag == atom.Tbody:
		case tag == atom.Pre && !closing:
			pre = true
		case closing || tag == atom.Hr:
			pre = false
			b.WriteString("\n\n")
		}
	})
	return tidyLines(b.String())
}

// tidyLines collapses the whitespace within each line, removes the separator before the first cell of a row, and
// reduces each run of empty lines to one.
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
