// Package paste converts what editors paste from other programs into the Markdown of entries.
//
// The Markdown keeps the text, paragraphs, headings, lists, quotations, tables, links, bold and italic text of the
// HTML that word processors, mail programs and browsers put on the clipboard. It never has styles, scripts, images,
// comments or addresses that only track readers. [Markdown] compares the text of its result with that of the HTML, so
// that a conversion that would lose text fails. All functions are safe for concurrent use.
package paste

import (
	"regexp"
	"slices"
	"strings"

	"readout/liveblog"
	"readout/views/markdown"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits of what can be converted. Larger texts can be pasted as plain text.
const (
	MaxHTML  = 512 << 10 // bytes of HTML
	maxNodes = 40_000    // elements and texts
	maxDepth = 200       // nested elements
	maxCells = 3_000     // of all tables together
	maxSteps = 50_000_000
)

// Markdown returns the Markdown for HTML from the clipboard. The result is "" if the HTML has no text, and takes at
// most [liveblog.MaxBody] bytes. A line that begins with a slash and is no command has a backslash before the slash.
//
// Markdown fails with [liveblog.TooLarge], or with [liveblog.Invalid] if it cannot keep the text; both name the field
// "html".
func Markdown(source string) (string, error) {
	if len(source) > MaxHTML {
		return "", tooLarge()
	}
	source = strings.ReplaceAll(strings.ToValidUTF8(source, "\uFFFD"), "\x00", "")
	root, err := html.Parse(strings.NewReader(source))
	if err != nil { // too deeply nested
		return "", tooLarge()
	}
	r := reader{}
	blocks := r.read(root)
	if r.exceeded {
		return "", tooLarge()
	}
	want := plain(blocks)
	// The library looks for the end of a line at each bracket.
	if strings.Count(want, "[")*len(want) > maxSteps {
		return "", tooLarge()
	}
	for attempt := range 3 {
		if attempt == 1 {
			fit(blocks)
		}
		text, err := write(blocks, attempt < 2)
		if err != nil {
			return "", err
		}
		if len(text) > liveblog.MaxBody {
			return "", tooLarge()
		}
		if shows(text, want) {
			return liveblog.EscapeSlashes(text), nil
		}
	}
	return "", liveblog.FieldErrorf(liveblog.Invalid, "html", "This text can only be pasted without its formatting.")
}

func tooLarge() error {
	return liveblog.FieldErrorf(liveblog.TooLarge, "html",
		"This text is too long or too complex to be pasted with its formatting.")
}

// shows reports whether the page with an entry has the text that was pasted.
func shows(text, want string) bool {
	return markdown.Check(text) == nil && bare(markdown.Text(text)) == want
}

// bare returns a text without white space and the signs between the cells of a table.
func bare(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return isSpace(r) || r == '|' }), "")
}

func isSpace(r rune) bool {
	return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' || r == '\u00a0'
}

// fit takes marks away where Markdown would show their signs, such as those of bold and italic text that follow one
// another within a word.
func fit(blocks []*block) {
	one := func(runs []run) []run {
		italic := slices.Clone(runs)
		for i := range italic {
			if italic[i].marks&strong != 0 {
				italic[i].marks &^= emphasis
			}
		}
		for _, tried := range [][]run{runs, italic, withoutMark(runs, emphasis), withoutMark(runs, ^code)} {
			text, err := write([]*block{{kind: paragraph, runs: tried}}, true)
			if err == nil && shows(text, plain([]*block{{runs: tried}})) {
				return tried
			}
		}
		return withoutMark(runs, ^marks(0))
	}
	for _, b := range blocks {
		if b.kind == paragraph || b.kind == heading {
			b.runs = one(b.runs)
		}
		for _, row := range b.rows {
			for i, cell := range row {
				row[i] = one(cell)
			}
		}
		fit(b.blocks)
	}
}

// write converts blocks into Markdown, without bold, italic and deleted text unless marked is set.
func write(blocks []*block, marked bool) (string, error) {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	for _, b := range blocks {
		body.AppendChild(b.node(marked))
	}
	out, err := newConverter().ConvertNode(body)
	if err != nil {
		return "", err
	}
	return compact(strings.TrimSpace(string(out))), nil
}

var (
	emptyLine = regexp.MustCompile(`^[\s>]*$`)
	itemLine  = regexp.MustCompile(`^[\s>]*(?:-|\d+\.) `)
	nested    = regexp.MustCompile(`^[\s>]*\s{2,}(?:-|\d+\.) `)
)

// compact removes spaces from empty lines, and the empty lines between an item and the list in it, which would move all
// items apart.
func compact(text string) string {
	var out []string
	fenced := false
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		fenced = fenced != strings.HasPrefix(strings.TrimLeft(line, " >"), "```")
		if !fenced && emptyLine.MatchString(line) {
			line = strings.TrimRight(line, " ")
			if i > 0 && i+1 < len(lines) && itemLine.MatchString(lines[i-1]) && nested.MatchString(lines[i+1]) {
				continue
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
