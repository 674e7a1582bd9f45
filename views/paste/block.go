package paste

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// kind is a kind of block.
type kind int

const (
	paragraph kind = iota
	heading
	quotation
	list
	item
	verbatim // code
	grid     // a table
	rule
)

// block is a part of a text that begins on a line of its own.
type block struct {
	kind    kind
	runs    []run     // of a paragraph or heading; the text of verbatim
	level   int       // of a heading, from 1; of an item, which may be deeper than its list says, or 0
	ordered bool      // of a list or item
	start   int       // the number of an ordered list's first item
	blocks  []*block  // of a list, its items; of a quotation and an item, their content
	rows    [][][]run // of a table; all have the same number of cells
}

func element(a atom.Atom, children ...*html.Node) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: a.String(), DataAtom: a}
	for _, child := range children {
		n.AppendChild(child)
	}
	return n
}

func textNode(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

// node returns the block as HTML with nothing in it but what Markdown expresses.
func (b *block) node(marked bool) *html.Node {
	switch b.kind {
	case heading:
		levels := []atom.Atom{atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6}
		return element(levels[b.level-1], inline(b.runs, marked)...)
	case quotation:
		return element(atom.Blockquote, nodes(b.blocks, marked)...)
	case list:
		n := element(atom.Ul)
		if b.ordered {
			n = element(atom.Ol)
			n.Attr = []html.Attribute{{Key: "start", Val: strconv.Itoa(b.start)}}
		}
		for _, child := range b.blocks {
			n.AppendChild(child.node(marked))
		}
		return n
	case item:
		n := element(atom.Li)
		rest := b.blocks
		if len(rest) > 0 && rest[0].kind == paragraph { // without a <p> there is no empty line after it
			for _, child := range inline(rest[0].runs, marked) {
				n.AppendChild(child)
			}
			rest = rest[1:]
		}
		for _, child := range nodes(rest, marked) {
			n.AppendChild(child)
		}
		return n
	case verbatim:
		return element(atom.Pre, element(atom.Code, textNode(b.runs[0].text)))
	case grid:
		return b.table(marked)
	case rule:
		return element(atom.Hr)
	}
	return element(atom.P, inline(b.runs, marked)...)
}

func nodes(blocks []*block, marked bool) []*html.Node {
	list := make([]*html.Node, len(blocks))
	for i, b := range blocks {
		list[i] = b.node(marked)
	}
	return list
}

// table returns a table whose first row is its head, as Markdown requires.
func (b *block) table(marked bool) *html.Node {
	body := element(atom.Tbody)
	t := element(atom.Table)
	for i, row := range b.rows {
		tr := element(atom.Tr)
		for _, cell := range row {
			if i == 0 {
				tr.AppendChild(element(atom.Th, inline(withoutMark(cell, strong), marked)...))
			} else {
				tr.AppendChild(element(atom.Td, inline(cell, marked)...))
			}
		}
		if i == 0 {
			t.AppendChild(element(atom.Thead, tr))
		} else {
			body.AppendChild(tr)
		}
	}
	t.AppendChild(body)
	return t
}

// plain returns the text of blocks as [bare] does.
func plain(blocks []*block) string {
	var s strings.Builder
	for _, b := range blocks {
		if b.kind == list && b.ordered && len(b.blocks) == 1 { // shown as a paragraph with a number
			s.WriteString(strconv.Itoa(b.start) + ".")
		}
		for _, r := range b.runs {
			s.WriteString(bare(r.text))
		}
		for _, cell := range slices.Concat(b.rows...) {
			for _, r := range cell {
				s.WriteString(bare(r.text))
			}
		}
		s.WriteString(plain(b.blocks))
	}
	return s.String()
}
