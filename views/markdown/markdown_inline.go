package markdown

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// delimiters reads marks of emphasis. At the end of the block each one that can close is compared with those before it.
type delimiters struct{ parser.InlineParser }

func (p delimiters) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, _ := block.PeekLine()
	mark := line[0]
	run := len(line) - len(bytes.TrimLeft(line, string(mark)))
	if mark == '~' && run != 2 {
		return nil // "10~20%" is a range
	}
	n := p.InlineParser.Parse(parent, block, pc)
	if d, ok := n.(*parser.Delimiter); ok {
		after := ' '
		if run < len(line) {
			after, _ = utf8.DecodeRune(line[run:])
		}
		d.CanOpen, d.CanClose = flanking(mark, before, after)
		u := usageOf(pc)
		u.enter(parent)
		u.mark()
		if u.delimiters++; d.CanClose {
			u.spend(u.delimiters, "marks of emphasis (*, _ and ~)")
		}
	}
	return n
}

// brackets reads links and pictures. At each closing bracket the library goes through everything since the opening one, reads
// on to the end of an address that may follow, and looks for the line of a label from the end of the block.
type brackets struct{ parser.InlineParser }

func (p brackets) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	u := usageOf(pc)
	u.enter(parent)
	line, segment := block.PeekLine()
	last := len(u.brackets) - 1
	switch {
	case line[0] == '[', bytes.HasPrefix(line, []byte("![")):
		u.mark()
		u.brackets = append(u.brackets, segment.Start)
	case line[0] == ']' && last >= 0:
		u.spendOnBrackets(segment.Start - u.brackets[last])
		u.brackets = u.brackets[:last]
		if pc.LastDelimiter() != nil {
			u.spendOnBrackets(parent.ChildCount()) // the library looks among all of them for the first mark within the link
		}
		if len(line) > 1 && line[1] == '(' {
			u.spendOnBrackets(addressLength(block))
		}
	}
	n := p.InlineParser.Parse(parent, countedReader{block, parent.Lines().Len(), u}, pc)
	switch n := n.(type) {
	case *ast.Link:
		u.address(n.Destination, n.Title)
	case *ast.Image:
		u.address(n.Destination, n.Title)
	}
	return n
}

// CloseBlock ends what is open at the end of a block.
func (p brackets) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	p.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}

func (u *usage) spendOnBrackets(steps int) { u.spend(steps, "brackets") }

// address counts what a link leads to: many links can share one long definition.
func (u *usage) address(destination, title []byte) {
	if u.addresses += len(destination) + len(title); u.addresses > u.htmlLimit {
		refuseHTML()
	}
}

// addressLength returns how many bytes the library reads after "](" to find the end of an address.
func addressLength(block text.Reader) int {
	at, position := block.Position()
	defer block.SetPosition(at, position)
	block.Advance(len("]("))
	block.SkipSpaces()
	line, _ := block.PeekLine()
	if bytes.HasPrefix(line, []byte("<")) {
		if i := bytes.IndexByte(line, '>'); i >= 0 {
			return i // or more, where that one is escaped; then the next bracket reads what this one counts
		}
		return len(line)
	}
	depth := 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case util.IsSpace(c), c == ')' && depth == 0:
			return i
		case c == '\\' && i+1 < len(line) && util.IsPunct(line[i+1]):
			i++
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
	}
	return len(line)
}

// countedReader is the text of a block of so many lines.
type countedReader struct {
	text.Reader
	lines int
	usage *usage
}

// Value returns the text of a segment. The library looks for its line from the end of the block, which takes half of them
// on average.
func (r countedReader) Value(s text.Segment) []byte {
	r.usage.spendOnBrackets(s.Len() + r.lines/2)
	return r.Reader.Value(s)
}

// codeSpans reads code between backticks. A run that no other one of its length follows opens nothing; the library would look
// for it to the end of the block each time.
type codeSpans struct{ parser.InlineParser }

func (p codeSpans) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	u := usageOf(pc)
	u.enter(parent)
	if u.backticks == nil {
		u.backticks = lastRuns(block)
	}
	line, segment := block.PeekLine()
	n := runLength(line)
	if u.backticks[n] > segment.Start {
		return p.InlineParser.Parse(parent, block, pc)
	}
	block.Advance(n)
	return ast.NewTextSegment(segment.WithStop(segment.Start + n))
}

// lastRuns returns where in the rest of a block the last run of backticks of each length begins.
func lastRuns(block text.Reader) map[int]int {
	at, position := block.Position()
	defer block.SetPosition(at, position)
	last := map[int]int{}
	for {
		line, segment := block.PeekLine()
		if line == nil {
			return last
		}
		for i := 0; i < len(line); i++ {
			if n := runLength(line[i:]); n > 0 {
				last[n] = segment.Start - segment.Padding + i
				i += n
			}
		}
		block.AdvanceLine()
	}
}

func runLength(line []byte) int { return len(line) - len(bytes.TrimLeft(line, "`")) }

// mailAddresses makes links of addresses of mail that stand in the text. It decides by itself where there can be one,
// since the library's regular expressions begin anew at each space and mark of emphasis.
type mailAddresses struct{ parser.InlineParser }

func newMailAddresses() mailAddresses {
	never := regexp.MustCompile(`^\z`)
	return mailAddresses{extension.NewLinkifyParser(extension.WithLinkifyURLRegexp(never), extension.WithLinkifyWWWRegexp(never))}
}

func (p mailAddresses) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if bytes.IndexByte(p.Trigger(), line[0]) >= 0 {
		line = line[1:]
	}
	if !hasMailbox(line) {
		return nil
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// hasMailbox reports whether a line begins with what may be an address of mail: a name of up to 64 characters, "@", and a host
// name with a dot in it.
func hasMailbox(line []byte) bool {
	at := bytes.IndexByte(line[:min(65, len(line))], '@')
	if at <= 0 || bytes.ContainsAny(line[:at], " \t\r\n") {
		return false
	}
	for _, c := range line[at+1 : min(at+1+maxHost, len(line))] {
		switch {
		case c == '.':
			return true
		case !util.IsAlphaNumeric(c) && c != '-':
			return false
		}
	}
	return false
}
