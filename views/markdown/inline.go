package markdown

import (
	"bytes"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// delimiters parses emphasis marks, decides with [flanking] which can open and close emphasis, and counts them. At the
// end of a block the library compares each mark that can close emphasis with those before it.
type delimiters struct{ parser.InlineParser }

// Parse implements [parser.InlineParser].
func (p delimiters) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, _ := block.PeekLine()
	mark := line[0]
	run := runLength(line, mark)
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
		u.enterBlock(parent)
		u.countMark()
		if u.delimiters++; d.CanClose {
			u.spend(u.delimiters, "emphasis marks (*, _ and ~)")
		}
	}
	return n
}

// brackets parses links and images, and counts the library's work on them. At each closing bracket the library goes
// through everything since the opening one, reads to the end of a destination that may follow, and searches from the
// last line of the block for the line of a label.
type brackets struct{ parser.InlineParser }

// Parse implements [parser.InlineParser].
func (p brackets) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	u := usageOf(pc)
	u.enterBlock(parent)
	line, segment := block.PeekLine()
	last := len(u.openBrackets) - 1
	switch {
	case line[0] == '[', bytes.HasPrefix(line, []byte("![")):
		u.countMark()
		u.openBrackets = append(u.openBrackets, segment.Start)
	case line[0] == ']' && last >= 0:
		u.spendOnBrackets(segment.Start - u.openBrackets[last])
		u.openBrackets = u.openBrackets[:last]
		if pc.LastDelimiter() != nil {
			// The library searches all children for the link's first emphasis mark.
			u.spendOnBrackets(parent.ChildCount())
		}
		if len(line) > 1 && line[1] == '(' {
			u.spendOnBrackets(destinationLength(block))
		}
	}
	n := p.InlineParser.Parse(parent, countedReader{block, parent.Lines().Len(), u}, pc)
	switch n := n.(type) {
	case *ast.Link:
		u.countDestination(n.Destination, n.Title)
	case *ast.Image:
		u.countDestination(n.Destination, n.Title)
	}
	return n
}

// CloseBlock implements [parser.CloseBlocker].
func (p brackets) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	p.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}

func (u *usage) spendOnBrackets(steps int) { u.spend(steps, "brackets") }

// countDestination counts the bytes of a link's destination and title. The HTML repeats them for each link, and many
// links can share one long definition.
func (u *usage) countDestination(destination, title []byte) {
	if u.destinationBytes += len(destination) + len(title); u.destinationBytes > u.htmlLimit {
		refuseHTML()
	}
}

// destinationLength returns about how many bytes after "](" the library reads to find the end of a link's destination.
func destinationLength(block text.Reader) int {
	at, position := block.Position()
	defer block.SetPosition(at, position)
	block.Advance(len("]("))
	block.SkipSpaces()
	line, _ := block.PeekLine()
	if bytes.HasPrefix(line, []byte("<")) {
		for i := 1; i < len(line); i++ {
			switch c := line[i]; {
			case c == '>':
				return i
			case c == '\\' && i+1 < len(line) && util.IsPunct(line[i+1]):
				i++
			}
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

// countedReader is a reader of a block that counts the work of Value.
type countedReader struct {
	text.Reader
	lines int // of the block
	usage *usage
}

// Value returns the text of a segment. The library searches for the segment's line from the end of the block, which
// takes half of the lines on average.
func (r countedReader) Value(s text.Segment) []byte {
	r.usage.spendOnBrackets(s.Len() + r.lines/2)
	return r.Reader.Value(s)
}

// codeSpans parses code between backticks. It treats a run of backticks as text if no run of the same length follows;
// the library would search the rest of the block for one each time.
type codeSpans struct{ parser.InlineParser }

// Parse implements [parser.InlineParser].
func (p codeSpans) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	u := usageOf(pc)
	u.enterBlock(parent)
	if u.lastBackticks == nil {
		u.lastBackticks = lastBacktickRuns(block)
	}
	line, segment := block.PeekLine()
	n := runLength(line, '`')
	if u.lastBackticks[n] > segment.Start {
		return p.InlineParser.Parse(parent, block, pc)
	}
	block.Advance(n)
	return ast.NewTextSegment(segment.WithStop(segment.Start + n))
}

// lastBacktickRuns returns, for each length, the offset of the last run of that many backticks in the rest of a block.
func lastBacktickRuns(block text.Reader) map[int]int {
	at, position := block.Position()
	defer block.SetPosition(at, position)
	last := map[int]int{}
	for {
		line, segment := block.PeekLine()
		if line == nil {
			return last
		}
		for i := 0; i < len(line); i++ {
			if n := runLength(line[i:], '`'); n > 0 {
				last[n] = segment.Start - segment.Padding + i
				i += n
			}
		}
		block.AdvanceLine()
	}
}

// runLength returns how many times line repeats mark, an ASCII character, at its beginning.
func runLength(line []byte, mark byte) int {
	return len(line) - len(bytes.TrimLeft(line, string(mark)))
}
