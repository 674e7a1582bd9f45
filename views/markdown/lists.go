package markdown

import (
	"bytes"
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// numberedItems stores the digits that were typed before a list item in the item's attribute [typedNumber].
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

// typedNumbers turns a numbered list into text if it has one item, or if HTML would show other numbers than were typed.
// So "30. Oktober" and "2025. 10. 30." remain dates. HTML numbers the items consecutively from the first number. A list
// whose items are all "1." remains a list, because Markdown numbers it consecutively.
type typedNumbers struct{}

// Transform implements [parser.ASTTransformer].
func (typedNumbers) Transform(doc *ast.Document, _ text.Reader, pc parser.Context) {
	var lists []*ast.List
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if list, ok := n.(*ast.List); ok && !entering && list.IsOrdered() {
			lists = append(lists, list) // nested lists before the lists that contain them
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		panic(err) // the callback never returns an error
	}
	for _, list := range lists {
		if !showsTypedNumbers(list) {
			usageOf(pc).spend(list.ChildCount(), "numbered lists")
			flatten(list)
		}
	}
}

// showsTypedNumbers reports whether list has more than one item and remains a list under the rules of [typedNumbers].
func showsTypedNumbers(list *ast.List) bool {
	allOnes := list.Start == 1
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		typed := numberOf(item)
		allOnes = allOnes && typed == "1"
		if n, err := strconv.Atoi(typed); (err != nil || n != number) && !allOnes {
			return false
		}
		number++
	}
	return list.ChildCount() > 1
}

// numberOf returns the digits that were typed before a list item.
func numberOf(item ast.Node) string {
	typed, _ := item.AttributeString(typedNumber)
	number, _ := typed.(string)
	return number
}

// flatten replaces list by the content of its items, and puts each item's number before its text.
func flatten(list *ast.List) {
	parent := list.Parent()
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		number := numberOf(item) + string(list.Marker)
		first := item.FirstChild()
		if first == nil || first.Kind() != ast.KindTextBlock && first.Kind() != ast.KindParagraph {
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

// paragraphOf moves the text of an item of a tight list into a new paragraph and returns that.
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
