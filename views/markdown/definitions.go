package markdown

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// definitions reads the definitions of links at the beginning of a paragraph. One that leads to no address, or that
// nothing refers to, is text: "[속보]: 합의" is how an editor marks breaking news.
//
// The library copies the remaining lines for each definition, and looks for the line of each piece of a label or title
// from the end.
type definitions struct{ parser.ParagraphTransformer }

// definition matches a line that defines a link: the label, and the destination.
var definition = regexp.MustCompile(
	`^ {0,3}\[((?:[^\[\]\\]|\\.)+)\]:[ \t]*(<[^<>\n]*>|[^<\s]\S*)(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*\r?\n?$`)

// Transform implements [parser.ParagraphTransformer].
func (t definitions) Transform(p *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, source := p.Lines(), reader.Source()
	var real, rest []text.Segment
	for i := range lines.Len() {
		line := lines.At(i)
		m := definition.FindSubmatch(line.Value(source))
		if m == nil {
			rest = append(rest, lines.Sliced(i, lines.Len())...)
			break
		}
		usageOf(pc).spend(len(real)+1, "definitions of links")
		if linkable(string(bytes.Trim(m[2], "<>"))) && usageOf(pc).refersTo(m[1], source) {
			real = append(real, line)
		} else {
			rest = append(rest, line)
		}
	}
	if len(real) == 0 {
		return
	}
	usageOf(pc).spend(len(real)*len(real)/2, "lines after one that begins with a bracket")
	defining := ast.NewParagraph()
	for _, line := range real {
		defining.Lines().Append(line)
	}
	p.Parent().InsertBefore(p.Parent(), p, defining)
	t.ParagraphTransformer.Transform(defining, reader, pc)
	if len(rest) == 0 {
		p.Parent().RemoveChild(p.Parent(), p)
		return
	}
	left := text.NewSegments()
	left.AppendAll(rest)
	p.SetLines(left)
}

// refersTo reports whether the text has a label in brackets anywhere but in a definition.
func (u *usage) refersTo(label, source []byte) bool {
	if u.references == nil {
		u.references = referencesIn(source)
	}
	return u.references[util.ToLinkReference(label)]
}

// maxLabel is how long a label may be, by CommonMark 0.31.2, section 4.7.
const maxLabel = 999

// referencesIn returns the labels in brackets that begin no definition, as the library compares them.
func referencesIn(source []byte) map[string]bool {
	found := map[string]bool{}
	start, begins := -1, false // of the label, and whether it begins its line
	blank := true              // the line so far has nothing but marks of blocks
	for i, c := range source {
		switch {
		case i > 0 && source[i-1] == '\\':
		case c == '[':
			start, begins = i+1, blank
		case c == ']' && start >= 0:
			if defines := begins && i+1 < len(source) && source[i+1] == ':'; !defines && i-start <= maxLabel {
				found[util.ToLinkReference(source[start:i])] = true
			}
			start = -1
		}
		blank = c == '\n' || blank && bytes.IndexByte([]byte(" >-*"), c) >= 0
	}
	return found
}
