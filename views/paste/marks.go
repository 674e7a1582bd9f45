package paste

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"readout/views/markdown"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// inline returns runs as HTML. Links are outside of marks, and all else is nested as flatly as possible.
func inline(runs []run, marked bool) (out []*html.Node) {
	for len(runs) > 0 {
		n := 1
		for n < len(runs) && runs[n].href == runs[0].href && runs[n].text != lineBreak {
			n++
		}
		part := runs[:n]
		href := part[0].href
		if !marked || href != "" && bareAddress(href, text(part)) {
			part = withoutMark(part, ^marks(0))
		}
		part = exclusive(part)
		for _, m := range []marks{deleted, emphasis, strong} {
			part = flanked(part, m)
		}
		if href == "" {
			out = append(out, marking(part, 0)...)
		} else {
			a := element(atom.A, marking(part, 0)...)
			a.Attr = []html.Attribute{{Key: "href", Val: href}}
			out = append(out, a)
		}
		runs = runs[n:]
	}
	return out
}

// exclusive returns runs in which code and deleted text have no other mark: Markdown does not see the signs of two
// kinds side by side within words.
func exclusive(runs []run) []run {
	runs = slices.Clone(runs)
	for i := range runs {
		for _, m := range []marks{code, deleted} {
			if runs[i].marks&m != 0 {
				runs[i].marks = m
			}
		}
	}
	return runs
}

// bareAddress reports whether a link's text is its address.
func bareAddress(href, text string) bool { return text == href || "mailto:"+text == href }

// marking nests runs in elements for the marks that are not open yet: the one that lasts longest is outside.
func marking(runs []run, open marks) (out []*html.Node) {
	for len(runs) > 0 {
		best, longest := marks(0), 0
		for _, m := range []marks{strong, emphasis, deleted, code} {
			n := 0
			for n < len(runs) && runs[n].marks&m != 0 {
				n++
			}
			if open&m == 0 && n > longest && (m != code || best == 0) {
				best, longest = m, n
			}
		}
		switch {
		case best == 0 && runs[0].text == lineBreak:
			out = append(out, element(atom.Br))
			longest = 1
		case best == 0:
			out = append(out, textNode(runs[0].text))
			longest = 1
		default:
			names := map[marks]atom.Atom{strong: atom.Strong, emphasis: atom.Em, deleted: atom.Del, code: atom.Code}
			out = append(out, element(names[best], marking(runs[:longest], open|best)...))
		}
		runs = runs[longest:]
	}
	return out
}

// flanked takes a mark from spaces and punctuation at its ends where Markdown would not see its signs, such as in
// “**Stop!**he said”, and from all of the text if it would not even then.
func flanked(runs []run, m marks) []run {
	if !slices.ContainsFunc(runs, func(r run) bool { return r.marks&m != 0 }) {
		return runs
	}
	var letters []run // one character each
	for _, r := range runs {
		if r.marks&m == 0 {
			letters = append(letters, r)
			continue
		}
		for _, c := range r.text {
			letters = append(letters, run{string(c), r.marks, r.href})
		}
	}
	char := func(i int, last bool) rune {
		if i < 0 || i >= len(letters) {
			return ' '
		}
		if letters[i].marks&code != 0 {
			return '`'
		}
		c, _ := utf8.DecodeRuneInString(letters[i].text)
		if last {
			c, _ = utf8.DecodeLastRuneInString(letters[i].text)
		}
		return c
	}
	for i := 0; i < len(letters); i++ {
		end := i
		for end < len(letters) && letters[end].marks&m != 0 {
			end++
		}
		if end == i {
			continue
		}
		from, to := i, end
		for from < to && unicode.IsSpace(char(from, false)) {
			from++
		}
		for to > from && unicode.IsSpace(char(to-1, true)) {
			to--
		}
		for from < to && !fits(markdown.Opens, char(from-1, true), char(from, false)) {
			from++
		}
		for to > from && !fits(markdown.Closes, char(to-1, true), char(to, false)) {
			to--
		}
		for k := i; k < end; k++ {
			if k < from || k >= to {
				letters[k].marks &^= m
			}
		}
		i = end
	}
	var out []run
	for _, r := range letters {
		last := len(out) - 1
		if last >= 0 && r.text != lineBreak && out[last].text != lineBreak && sameStyle(out[last], r) {
			out[last].text += r.text
		} else {
			out = append(out, r)
		}
	}
	return out
}

// fits reports whether the sign of a mark can stand between two characters, neither of which is a sign itself.
func fits(flanks func(before, after rune) bool, before, after rune) bool {
	const signs = "*_~"
	return flanks(before, after) && !strings.ContainsRune(signs, before) && !strings.ContainsRune(signs, after)
}
