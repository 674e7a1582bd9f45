package paste

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"readout/liveblog"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// reader reads a document into blocks. It sets exceeded if the document is beyond a limit.
type reader struct {
	nodes, cells, bytes int // read so far; bytes of text without white space
	exceeded            bool
}

func (r *reader) read(root *html.Node) []*block {
	to := &flow{}
	r.node(root, style{}, to)
	return to.close()
}

func (r *reader) children(n *html.Node, in style, to *flow) {
	for child := n.FirstChild; child != nil && !r.exceeded; child = child.NextSibling {
		r.node(child, in, to)
	}
}

func (r *reader) node(n *html.Node, in style, to *flow) {
	if r.nodes++; r.nodes > maxNodes || in.depth > maxDepth {
		r.exceeded = true
		return
	}
	switch n.Type {
	case html.TextNode:
		// The result is longer than the text.
		if r.bytes += len(bare(n.Data)); r.bytes > liveblog.MaxBody {
			r.exceeded = true
			return
		}
		to.text(n.Data, in)
	case html.DocumentNode:
		r.children(n, in, to)
	case html.ElementNode:
		if !skipped(n) {
			r.element(n, in.within(n), to)
		}
	}
}

// blockElements begin and end paragraphs.
var blockElements = []atom.Atom{
	atom.P, atom.Div, atom.Section, atom.Article, atom.Aside, atom.Main, atom.Header, atom.Footer, atom.Nav,
	atom.Address, atom.Figure, atom.Figcaption, atom.Dl, atom.Dt, atom.Dd, atom.Details, atom.Summary, atom.Fieldset,
	atom.Legend, atom.Form, atom.Center, atom.Caption, atom.Option, atom.Hgroup, atom.Body, atom.Html, atom.Tr,
	atom.Thead, atom.Tbody, atom.Tfoot, atom.Td, atom.Th,
}

// element reads an element; in is the style within it.
func (r *reader) element(n *html.Node, in style, to *flow) {
	switch n.DataAtom {
	case atom.Br:
		to.open = append(to.open, run{text: lineBreak})
	case atom.Hr:
		to.add(&block{kind: rule})
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		r.heading(n, int(n.Data[1]-'0'), in, to)
	case atom.Ul, atom.Ol, atom.Menu, atom.Dir:
		if l := r.list(n, in); len(l.blocks) > 0 {
			to.add(l)
		}
	case atom.Li:
		if it := r.item(n, in); len(it.blocks) > 0 {
			to.add(&block{kind: list, start: 1, blocks: []*block{it}})
		}
	case atom.Blockquote:
		r.quotation(n, in, to)
	case atom.Pre, atom.Listing, atom.Xmp:
		r.verbatim(n, in, to)
	case atom.Table:
		r.table(n, in, to)
	case atom.Img:
		to.text(emoji(n), in)
	case atom.Q:
		to.text("“", in)
		r.children(n, in, to)
		to.text("”", in)
	default:
		r.container(n, in, to)
	}
}

// container reads an element that stands for nothing by its name alone.
func (r *reader) container(n *html.Node, in style, to *flow) {
	display := property(n, "display")
	if !slices.Contains(blockElements, n.DataAtom) && display != "block" && display != "list-item" {
		r.children(n, in, to)
		return
	}
	if n.DataAtom == atom.P && hasClass(n, "MsoTitle") {
		r.heading(n, 1, in, to)
		return
	}
	if n.DataAtom == atom.P && hasClass(n, "MsoQuote", "MsoIntenseQuote") {
		r.quotation(n, in, to)
		return
	}
	if it, ok := r.wordItem(n, in); ok {
		to.flush()
		to.blocks = placed(to.blocks, it)
		return
	}
	to.flush()
	r.children(n, in, to)
	to.flush()
}

func (r *reader) heading(n *html.Node, level int, in style, to *flow) {
	inner := &flow{}
	r.children(n, in, inner)
	for _, b := range inner.close() {
		if b.kind == paragraph {
			b.kind, b.level = heading, level
			b.runs = withoutMark(oneLine(b.runs), strong)
		}
		to.add(b)
	}
}

func (r *reader) quotation(n *html.Node, in style, to *flow) {
	inner := &flow{}
	r.children(n, in, inner)
	if blocks := withoutVerbatim(inner.close()); len(blocks) > 0 {
		to.add(&block{kind: quotation, blocks: blocks})
	}
}

// withoutVerbatim returns blocks without rules, and with lines of code in place of blocks of it, which the library
// cannot quote, and which the reader of Markdown does not find in lists.
func withoutVerbatim(blocks []*block) []*block {
	blocks = slices.DeleteFunc(blocks, func(b *block) bool { return b.kind == rule })
	for _, b := range blocks {
		if b.kind != verbatim {
			b.blocks = withoutVerbatim(b.blocks)
			continue
		}
		var runs []run
		for line := range strings.SplitSeq(b.runs[0].text, "\n") {
			runs = append(runs, run{text: line, marks: code}, run{text: lineBreak})
		}
		b.kind, b.runs = paragraph, tidied(runs)
	}
	return blocks
}

// verbatim reads code. Preformatted text with other blocks in it is text.
func (r *reader) verbatim(n *html.Node, in style, to *flow) {
	inner := &flow{}
	in.pre = true
	r.children(n, in, inner)
	if len(inner.blocks) > 0 {
		for _, b := range inner.close() {
			to.add(b)
		}
		return
	}
	if s := strings.Trim(text(inner.open), "\n"); strings.TrimSpace(s) != "" {
		to.add(&block{kind: verbatim, runs: []run{{text: s}}})
	}
}

// list reads a list. Lists between its items, as Google Docs makes them, belong to the item before them.
func (r *reader) list(n *html.Node, in style) *block {
	l := &block{kind: list, ordered: n.DataAtom == atom.Ol, start: 1}
	if start, err := strconv.Atoi(attribute(n, "start")); err == nil && start >= 0 && start < 1e9 {
		l.start = start
	}
	for child := n.FirstChild; child != nil && !r.exceeded; child = child.NextSibling {
		if child.Type == html.ElementNode && child.DataAtom == atom.Li && !skipped(child) {
			it := r.item(child, in.within(child))
			it.ordered = l.ordered
			switch last := len(l.blocks) - 1; {
			case len(it.blocks) == 0:
			case last >= 0 && it.blocks[0].kind == list: // nothing but a list
				l.blocks[last].blocks = append(l.blocks[last].blocks, it.blocks...)
			case it.blocks[0].kind == list && len(it.blocks) == 1:
				l.blocks = append(l.blocks, it.blocks[0].blocks...)
			default:
				l.blocks = append(l.blocks, it)
			}
			continue
		}
		inner := &flow{}
		r.node(child, in, inner)
		for _, b := range withoutVerbatim(inner.close()) {
			if last := len(l.blocks) - 1; last >= 0 {
				l.blocks[last].blocks = append(l.blocks[last].blocks, b)
			} else if b.kind == list {
				l.blocks = append(l.blocks, b.blocks...)
			} else {
				l.blocks = append(l.blocks, &block{kind: item, ordered: l.ordered, blocks: []*block{b}})
			}
		}
	}
	return l
}

func (r *reader) item(n *html.Node, in style) *block {
	inner := &flow{}
	r.children(n, in, inner)
	it := &block{kind: item, blocks: withoutVerbatim(inner.close())}
	it.level, _ = strconv.Atoi(attribute(n, "data-aria-level")) // of Word in the browser
	return it
}

// emoji returns the character that an image stands for, or "".
func emoji(n *html.Node) string {
	const longest = 32 // bytes; some emoji consist of several characters
	alt := attribute(n, "alt")
	if len(alt) > longest || strings.Trim(alt, "0123456789#*") == "" || strings.ContainsFunc(alt, func(c rune) bool {
		return c < 0x2000 && !strings.ContainsRune("0123456789#*©®", c) || unicode.IsLetter(c)
	}) {
		return ""
	}
	return alt
}
