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

// Limits of what the Markdown of one text may ask for. A text that an editor writes stays far below each of them.
const (
	htmlFactor  = 16       // bytes of HTML for each byte of Markdown,
	htmlBase    = 16 << 10 // and so many more
	maxDepth    = 32       // quotes and lists within each other, and likewise emphases and links
	maxCells    = 5_000    // of all tables, those included that fill up short rows
	maxBlocks   = 5_000    // paragraphs, headings, lists, items, quotes, pieces of code
	maxMarks    = 10_000   // brackets and marks of emphasis, whether they come to anything or not
	maxElements = 4_000    // emphases, links, pieces of code within lines, line breaks, rows of tables
	// maxSteps bounds what grows with the square of a text: how often a closing mark is compared with an opening one, or a
	// line is read again. A step takes a nanosecond or two.
	maxSteps = 4_000_000
)

// maxHTML is how many bytes of HTML a text of so many bytes may become.
func maxHTML(body int) int { return htmlFactor*body + htmlBase }

// excess says which limit a text exceeds, in a whole sentence. It leaves the Markdown library as a panic, since the library's
// parsers cannot fail.
type excess string

func refuse(format string, args ...any) { panic(excess(fmt.Sprintf(format, args...))) }

// usage is what one conversion has used so far.
type usage struct {
	htmlLimit int
	steps     int
	blocks    int
	cells     int
	marks     int
	pipes     int // escaped ones within tables
	addresses int // bytes of the addresses and titles of links

	// Of the block whose text is being read.
	block      ast.Node
	delimiters int         // runs of marks of emphasis so far
	brackets   []int       // where the open ones stand in the source
	backticks  map[int]int // where the last run of each length begins

	references map[string]bool // the labels that something refers to; nil until somebody asks
}

var usageKey = parser.NewContextKey()

func usageOf(pc parser.Context) *usage { return pc.Get(usageKey).(*usage) }

// spend counts steps of work on what the plural noun names.
func (u *usage) spend(steps int, on string) {
	if u.steps += steps; u.steps > maxSteps {
		refuse("This text has too many %s close together; divide long paragraphs by empty lines, or use fewer.", on)
	}
}

// mark counts a bracket or a run of marks of emphasis.
func (u *usage) mark() {
	if u.marks++; u.marks > maxMarks {
		refuse("This text has more than %s brackets and marks of emphasis (*, _ and ~), which is the limit.", grouped(maxMarks))
	}
}

// enter begins the text of a block, unless it has begun.
func (u *usage) enter(block ast.Node) {
	if u.block != block {
		u.block, u.delimiters, u.brackets, u.backticks = block, 0, u.brackets[:0], nil
	}
}

// countedBlock is a parser of blocks that limits their number and how deep they stand in one another.
type countedBlock struct{ parser.BlockParser }

func (p countedBlock) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	n, state := p.BlockParser.Open(parent, reader, pc)
	if n == nil {
		return n, state
	}
	u := usageOf(pc)
	if u.blocks++; u.blocks > maxBlocks {
		refuse("This text has more than %s paragraphs, list items and other blocks, which is the limit.", grouped(maxBlocks))
	}
	if container(n) {
		depth := 1
		for above := parent; above != nil; above = above.Parent() {
			if container(above) {
				depth++
			}
		}
		if depth > maxDepth {
			refuse("Quotes and lists stand more than %d deep in one another, which is the limit.", maxDepth)
		}
	}
	return n, state
}

// stepsToContinue is about what it takes to see whether a line belongs to an open block.
const stepsToContinue = 20

func (p countedBlock) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	usageOf(pc).spend(stepsToContinue, "lines within quotes and lists")
	return p.BlockParser.Continue(n, reader, pc)
}

// container reports whether a block counts as one level of nesting.
func container(n ast.Node) bool {
	return n.Kind() == ast.KindBlockquote || n.Kind() == ast.KindListItem
}

// countedTables makes tables of paragraphs. The library fills up each row to the width of the header.
type countedTables struct{ parser.ParagraphTransformer }

func (t countedTables) Transform(p *ast.Paragraph, reader text.Reader, pc parser.Context) {
	u, lines, source := usageOf(pc), p.Lines(), reader.Source()
	for i := 1; i < lines.Len(); i++ {
		line := lines.At(i)
		columns := delimited(line.Value(source))
		if columns == 0 {
			continue
		}
		cells := columns * (lines.Len() - i)
		if u.cells += cells; u.cells > maxCells {
			refuse("This table has %s cells, those included that fill up short rows; at most %s fit into one entry.",
				grouped(u.cells), grouped(maxCells))
		}
		for j := i - 1; j < lines.Len(); j++ {
			row := lines.At(j)
			u.pipes += bytes.Count(row.Value(source), []byte(`\|`))
		}
		u.spend(u.pipes*u.pipes, "escaped pipes")
		break
	}
	t.ParagraphTransformer.Transform(p, reader, pc)
}

// delimited returns how many columns a line has if it is the second one of a table, and 0 if it cannot be.
func delimited(line []byte) int {
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

// countedNodes limits how many elements stand within the blocks, and how deep.
type countedNodes struct{}

func (countedNodes) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	elements, depth := 0, 0
	for n := ast.Node(doc); n != nil; {
		if spans(n) {
			if elements++; elements > maxElements {
				refuse("This text has more than %s links, emphases and other elements, which is the limit.", grouped(maxElements))
			}
			if depth > maxDepth {
				refuse("Emphases and links stand more than %d deep in one another, which is the limit.", maxDepth)
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

// spans reports whether a node becomes an element within a block.
func spans(n ast.Node) bool {
	if t, ok := n.(*ast.Text); ok {
		return t.HardLineBreak()
	}
	return n.Type() == ast.TypeInline && n.Kind() != ast.KindString || n.Kind() == tables.KindTableRow
}

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	digits := []byte(strconv.Itoa(n))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = slices.Insert(digits, i, ',')
	}
	return string(digits)
}

// limitedHTML takes as much HTML as the limit says.
type limitedHTML struct {
	html  bytes.Buffer
	limit int
}

func (w *limitedHTML) Write(p []byte) (int, error) {
	if w.html.Len()+len(p) > w.limit {
		refuseHTML()
	}
	return w.html.Write(p)
}

func refuseHTML() {
	refuse("The HTML of this text would be more than %d times as long as the text, which is the limit.", htmlFactor)
}
