package markdown

import (
	"bytes"
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// numberedItems keeps the number that was typed before an item of a list.
type numberedItems struct{ parser.BlockParser }

const typedNumber = "typed number"

// Open implements [parser.BlockParser].
func (p numberedItems) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	n, state := p.BlockParser.Open(parent, reader, pc)
	if n != nil {
		digits := bytes.TrimLeft(line, " ")
		end := 0
		for end < len(digits) && '0' <= digits[end] && digits[end] <= '9' {
			end++
		}
		if end > 0 {
			n.SetAttributeString(typedNumber, string(digits[:end]))
		}
	}
	return n, state
}

// typedNumbers makes text of numbered lists that would show other numbers than were typed, and of those of one item, so
// that "30. Oktober" and "2025. 10. 30." stay dates. A list counts up from its first number; one whose items all are
// "1." counts up too, as Markdown has it.
type typedNumbers struct{}

// Transform implements [parser.ASTTransformer].
func (typedNumbers) Transform(doc *ast.Document, _ text.Reader, pc parser.Context) {
	var lists []*ast.List
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if list, ok := n.(*ast.List); ok && !entering && list.IsOrdered() {
			lists = append(lists, list) // those within others come first
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		panic(err) // the walker above returns none
	}
	for _, list := range lists {
		if !countsUp(list) {
			usageOf(pc).spend(list.ChildCount(), "numbered lists")
			flatten(list)
		}
	}
}

// countsUp reports whether the numbers that a list shows are those that were typed.
func countsUp(list *ast.List) bool {
	ones := list.Start == 1
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		typed := numberOf(item)
		ones = ones && typed == "1"
		if n, err := strconv.Atoi(typed); (err != nil || n != number) && !ones {
			return false
		}
		number++
	}
	return list.ChildCount() > 1
}

func numberOf(item ast.Node) string {
	typed, _ := item.AttributeString(typedNumber)
	number, _ := typed.(string)
	return number
}

// flatten puts what a list holds in its place, each item beginning with its number.
func flatten(list *ast.List) {
	parent := list.Parent()
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		number := numberOf(item) + string(list.Marker)
		if first := item.FirstChild(); first == nil || first.Kind() != ast.KindTextBlock && first.Kind() != ast.KindParagraph {
			p := ast.NewParagraph()
			p.AppendChild(p, ast.NewString([]byte(number)))
			parent.InsertBefore(parent, list, p)
		} else {
			first.InsertBefore(first, first.FirstChild(), ast.NewString([]byte(number+" ")))
		}
		for child := item.FirstChild(); child != nil; {
			next := child.NextSibling()
			if block, ok := child.(*ast.TextBlock); ok {
				child = paragraphOf(block)
			}
			parent.InsertBefore(parent, list, child)
			child = next
		}
	}
	parent.RemoveChild(parent, list)
}

// paragraphOf moves the text of a tight list's item into a paragraph.
func paragraphOf(block *ast.TextBlock) *ast.Paragraph {
	p := ast.NewParagraph()
	p.SetLines(block.Lines())
	for child := block.FirstChild(); child != nil; {
		next := child.NextSibling()
		p.AppendChild(p, child)
		child = next
	}
	return p
}
