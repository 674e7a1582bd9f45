package markdown

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// linkDefinitions parses the link reference definitions at the beginning of a paragraph. A definition whose destination
// may not become a link, or that no reference uses, remains text, because editors mark breaking news like this:
// "[속보]: 합의".
//
// It counts steps for the library's own parser, which copies the remaining lines for each definition and searches from
// the last line for each piece of a label or title.
type linkDefinitions struct{ parser.ParagraphTransformer }

// definitionLine matches a line that is a whole definition. Its groups are the label and the destination.
var definitionLine = regexp.MustCompile(
	`^ {0,3}\[((?:[^\[\]\\]|\\.)+)\]:[ \t]*(<[^<>\n]*>|[^<\s]\S*)` +
		`(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*\r?\n?$`)

// Transform implements [parser.ParagraphTransformer].
func (t linkDefinitions) Transform(p *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, source := p.Lines(), reader.Source()
	var used, rest []text.Segment
	for i := range lines.Len() {
		line := lines.At(i)
		m := definitionLine.FindSubmatch(line.Value(source))
		if m == nil {
			rest = append(rest, lines.Sliced(i, lines.Len())...)
			break
		}
		usageOf(pc).spend(len(used)+1, "link definitions")
		if linkable(string(bytes.Trim(m[2], "<>"))) && usageOf(pc).refersTo(m[1], source) {
			used = append(used, line)
		} else {
			rest = append(rest, line)
		}
	}
	if len(used) == 0 {
		return
	}
	usageOf(pc).spend(len(used)*len(used)/2, "lines after one that begins with a bracket")
	definitions := ast.NewParagraph()
	for _, line := range used {
		definitions.Lines().Append(line)
	}
	p.Parent().InsertBefore(p.Parent(), p, definitions)
	t.ParagraphTransformer.Transform(definitions, reader, pc)
	if len(rest) == 0 {
		p.Parent().RemoveChild(p.Parent(), p)
		return
	}
	remaining := text.NewSegments()
	remaining.AppendAll(rest)
	p.SetLines(remaining)
}

// refersTo reports whether source contains label in brackets outside of a definition.
func (u *usage) refersTo(label, source []byte) bool {
	if u.references == nil {
		u.references = referencesIn(source)
	}
	return u.references[util.ToLinkReference(label)]
}

// maxLabel is the greatest length of a link label, from CommonMark 0.31.2, section 4.7.
const maxLabel = 999

// referencesIn returns the bracketed labels in source that do not begin a definition, normalized as the library
// compares them.
func referencesIn(source []byte) map[string]bool {
	found := map[string]bool{}
	start := -1         // of the label, -1 outside of one
	startsLine := false // whether only block markers precede the label on its line
	onlyMarkers := true // whether only block markers precede c on its line
	for i, c := range source {
		switch {
		case i > 0 && source[i-1] == '\\':
		case c == '[':
			start, startsLine = i+1, onlyMarkers
		case c == ']' && start >= 0:
			if defines := startsLine && i+1 < len(source) && source[i+1] == ':'; !defines && i-start <= maxLabel {
				found[util.ToLinkReference(source[start:i])] = true
			}
			start = -1
		}
		onlyMarkers = c == '\n' || onlyMarkers && bytes.IndexByte([]byte(" >-*"), c) >= 0
	}
	return found
}
