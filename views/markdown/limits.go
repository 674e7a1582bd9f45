package markdown

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Limits of one body. Texts that editors write stay far below them.
const (
	htmlFactor  = 16       // bytes of HTML for each byte of Markdown
	htmlBase    = 16 << 10 // bytes of HTML in addition to those
	maxDepth    = 32       // nesting of quotes and lists, and of emphasis and links
	maxCells    = 5_000    // of all tables together, including those that pad short rows
	maxBlocks   = 5_000    // paragraphs, headings, lists, list items, quotes and code blocks
	maxMarks    = 10_000   // opening brackets and runs of emphasis marks, whether or not they have an effect
	maxElements = 4_000    // emphasis, links, code spans, hard line breaks and table rows

	// maxSteps limits work that can grow with the square of a body's length: comparisons of a closing mark with an
	// opening one, and repeated reads of a line. A step takes one or two nanoseconds.
	maxSteps = 4_000_000
)

// maxHTML returns the limit on the bytes of HTML for a body of bodyBytes.
func maxHTML(bodyBytes int) int { return htmlFactor*bodyBytes + htmlBase }

// limitExceeded is a sentence that says which limit a body exceeds. Code that the Markdown library calls panics with
// it, since the library's parsers cannot return an error; [safeHTML] recovers it.
type limitExceeded string

func refuse(format string, args ...any) { panic(limitExceeded(fmt.Sprintf(format, args...))) }

// usage counts what one conversion has used so far of each limit.
type usage struct {
	htmlLimit        int // bytes
	steps            int
	blocks           int
	cells            int
	marks            int
	escapedPipes     int // in tables
	destinationBytes int // of the destinations and titles of links

	// These belong to the block whose inline content is being parsed.
	block         ast.Node
	delimiters    int         // runs of emphasis marks so far
	openBrackets  []int       // offsets in the source
	lastBackticks map[int]int // from [lastBacktickRuns]; nil until needed

	references map[string]bool // from [referencesIn]; nil until needed
}

var usageKey = parser.NewContextKey()

func usageOf(pc parser.Context) *usage { return pc.Get(usageKey).(*usage) }

// spend counts steps of work. If there are too many, the message names on, a plural noun, as the cause.
func (u *usage) spend(steps int, on string) {
	if u.steps += steps; u.steps > maxSteps {
		refuse("This text has too many %s close together; divide long paragraphs by empty lines, or use fewer.", on)
	}
}

// countMark counts an opening bracket or a run of emphasis marks.
func (u *usage) countMark() {
	if u.marks++; u.marks > maxMarks {
		refuse("This text has more than %s brackets and emphasis marks (*, _ and ~), which is the limit.",
			groupThousands(maxMarks))
	}
}

// enterBlock resets what belongs to the current block if block is a new one.
func (u *usage) enterBlock(block ast.Node) {
	if u.block != block {
		u.block, u.delimiters, u.openBrackets, u.lastBackticks = block, 0, u.openBrackets[:0], nil
	}
}

// countedBlock is a block parser that limits the number of blocks and their nesting.
type countedBlock struct{ parser.BlockParser }

// Open implements [parser.BlockParser].
func (p countedBlock) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	n, state := p.BlockParser.Open(parent, reader, pc)
	if n == nil {
		return n, state
	}
	u := usageOf(pc)
	if u.blocks++; u.blocks > maxBlocks {
		refuse("This text has more than %s paragraphs, list items and other blocks, which is the limit.",
			groupThousands(maxBlocks))
	}
	if isContainer(n) {
		depth := 1
		for ancestor := parent; ancestor != nil; ancestor = ancestor.Parent() {
			if isContainer(ancestor) {
				depth++
			}
		}
		if depth > maxDepth {
			refuse("Quotes and lists are nested more than %d levels deep, which is the limit.", maxDepth)
		}
	}
	return n, state
}

// stepsToContinue is the approximate cost of deciding whether a line belongs to an open block.
const stepsToContinue = 20

// Continue implements [parser.BlockParser].
func (p countedBlock) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	usageOf(pc).spend(stepsToContinue, "lines within quotes and lists")
	return p.BlockParser.Continue(n, reader, pc)
}

// isContainer reports whether a block counts as one level of nesting.
func isContainer(n ast.Node) bool {
	return n.Kind() == ast.KindBlockquote || n.Kind() == ast.KindListItem
}

// countedTables turns paragraphs into tables and limits their cells. The library pads each row to the width of the
// header, so a short body could otherwise become a huge table.
type countedTables struct{ parser.ParagraphTransformer }

// Transform implements [parser.ParagraphTransformer].
func (t countedTables) Transform(p *ast.Paragraph, reader text.Reader, pc parser.Context) {
	u, lines, source := usageOf(pc), p.Lines(), reader.Source()
	for i := 1; i < lines.Len(); i++ {
		line := lines.At(i)
		columns := delimiterRowColumns(line.Value(source))
		if columns == 0 {
			continue
		}
		cells := columns * (lines.Len() - i)
		if u.cells += cells; u.cells > maxCells {
			refuse("This table has %s cells, those included that fill up short rows; at most %s fit into one entry.",
				groupThousands(u.cells), groupThousands(maxCells))
		}
		for j := i - 1; j < lines.Len(); j++ {
			row := lines.At(j)
			u.escapedPipes += bytes.Count(row.Value(source), []byte(`\|`))
		}
		u.spend(u.escapedPipes*u.escapedPipes, "escaped pipes")
		break
	}
	t.ParagraphTransformer.Transform(p, reader, pc)
}

// delimiterRowColumns returns how many columns line has if it can be the delimiter row of a table, such as "|---|:-:|",
// and 0 if it cannot.
func delimiterRowColumns(line []byte) int {
	dashes := false
	for _, c := range line {
		switch {
		case c == '-':
			dashes = true
		case c != '|' && c != ':' && !util.IsSpace(c):
			return 0
		}
	}
	if !dashes {
		return 0
	}
	line = bytes.TrimSpace(line)
	columns := bytes.Count(line, []byte{'|'}) + 1
	if line[0] == '|' {
		columns--
	}
	if line[len(line)-1] == '|' {
		columns--
	}
	return columns
}

// countedNodes limits the number of elements within blocks, and their nesting.
type countedNodes struct{}

// Transform implements [parser.ASTTransformer].
func (countedNodes) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	elements, depth := 0, 0
	for n := ast.Node(doc); n != nil; {
		if isCountedElement(n) {
			if elements++; elements > maxElements {
				refuse("This text has more than %s links, emphases and other elements, which is the limit.",
					groupThousands(maxElements))
			}
			if depth > maxDepth {
				refuse("Emphasis and links are nested more than %d levels deep, which is the limit.", maxDepth)
			}
		}
		if child := n.FirstChild(); child != nil {
			if n.Type() == ast.TypeInline {
				depth++
			}
			n = child
			continue
		}
		for n != nil && n.NextSibling() == nil {
			if n = n.Parent(); n != nil && n.Type() == ast.TypeInline {
				depth--
			}
		}
		if n != nil {
			n = n.NextSibling()
		}
	}
}

// isCountedElement reports whether n becomes an HTML element that counts towards [maxElements].
func isCountedElement(n ast.Node) bool {
	if t, ok := n.(*ast.Text); ok {
		return t.HardLineBreak()
	}
	return n.Type() == ast.TypeInline && n.Kind() != ast.KindString || n.Kind() == tables.KindTableRow
}

// groupThousands formats n with commas between groups of three digits.
func groupThousands(n int) string {
	digits := []byte(strconv.Itoa(n))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = slices.Insert(digits, i, ',')
	}
	return string(digits)
}

// limitedHTML is a buffer that refuses to grow beyond limit bytes.
type limitedHTML struct {
	html  bytes.Buffer
	limit int
}

// Write implements [io.Writer]. It panics with [limitExceeded] if p does not fit.
func (w *limitedHTML) Write(p []byte) (int, error) {
	if w.html.Len()+len(p) > w.limit {
		refuseHTML()
	}
	return w.html.Write(p)
}

func refuseHTML() {
	refuse("The HTML of this text would be more than %d times as long as the text, which is the limit.", htmlFactor)
}
