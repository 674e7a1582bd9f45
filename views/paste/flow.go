package paste

import (
	"strings"
	"unicode"
)

// flow collects the blocks of a container, and the text of the paragraph that is being read.
type flow struct {
	blocks []*block
	open   []run
}

// flush ends the paragraph. Two line breaks in it end a paragraph, too.
func (f *flow) flush() {
	for _, part := range split(f.open, 2) {
		var runs []run
		for _, r := range part {
			runs = append(runs, addresses(r)...)
		}
		if runs = tidied(runs); len(runs) > 0 {
			f.blocks = append(f.blocks, &block{kind: paragraph, runs: runs})
		}
	}
	f.open = nil
}

func (f *flow) add(b *block) {
	f.flush()
	f.blocks = append(f.blocks, b)
}

// close returns the blocks, with lists made of what is one list.
func (f *flow) close() []*block {
	f.flush()
	return gathered(withTypedLists(f.blocks))
}

// text adds a text to the paragraph.
func (f *flow) text(s string, in style) {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && !isSpace(c) {
			return -1
		}
		return c
	}, withoutFixedSpaces(invisible.Replace(s)))
	if !in.pre {
		f.open = append(f.open, run{strings.ReplaceAll(s, "\n", " "), in.marks, in.href})
		return
	}
	for i, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if i > 0 {
			f.open = append(f.open, run{text: lineBreak})
		}
		f.open = append(f.open, run{line, in.marks, in.href})
	}
}

// invisible are characters that other programs put into words: soft hyphens, marks for line breaks and byte order.
var invisible = strings.NewReplacer("\u00ad", "", "\u200b", "", "\u2060", "", "\ufeff", "")

// withoutFixedSpaces replaces no-break spaces, which programs put in place of others, except where people put them:
// beside a number, and before or after the punctuation of French.
func withoutFixedSpaces(s string) string {
	if !strings.Contains(s, "\u00a0") {
		return s
	}
	chars := []rune(s)
	for i := range chars {
		if chars[i] != '\u00a0' {
			continue
		}
		if i == 0 || i+1 == len(chars) || isSpace(chars[i-1]) || isSpace(chars[i+1]) ||
			!unicode.IsDigit(chars[i-1]) && !strings.ContainsRune("»;:!?%€", chars[i+1]) && chars[i-1] != '«' {
			chars[i] = ' '
		}
	}
	return string(chars)
}
