package markdown

import (
	"regexp"
	"sync"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// TableFrame begins the frame of a table. What an editor types cannot be taken for it: there it is text, and escaped.
const TableFrame = `<div class="table" role="group" aria-label="Table" tabindex="0">`

// toHTML reads Markdown without the parsers for HTML, so that what is in the source can only become text.
var toHTML = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(
				util.Prioritized(countedBlock{parser.NewSetextHeadingParser()}, 100),
				util.Prioritized(countedBlock{parser.NewThematicBreakParser()}, 200),
				util.Prioritized(countedBlock{parser.NewListParser()}, 300),
				util.Prioritized(countedBlock{numberedItems{parser.NewListItemParser()}}, 400),
				util.Prioritized(countedBlock{parser.NewCodeBlockParser()}, 500),
				util.Prioritized(countedBlock{parser.NewATXHeadingParser()}, 600),
				util.Prioritized(countedBlock{parser.NewFencedCodeBlockParser()}, 700),
				util.Prioritized(countedBlock{parser.NewBlockquoteParser()}, 800),
				util.Prioritized(countedBlock{parser.NewParagraphParser()}, 1000),
			),
			parser.WithInlineParsers(
				util.Prioritized(codeSpans{parser.NewCodeSpanParser()}, 100),
				util.Prioritized(brackets{parser.NewLinkParser()}, 200),
				util.Prioritized(parser.NewAutoLinkParser(), 300),
				util.Prioritized(delimiters{parser.NewEmphasisParser()}, 500),
				util.Prioritized(delimiters{extension.NewStrikethroughParser()}, 500),
				util.Prioritized(webAddresses{}, 900),
				util.Prioritized(newMailAddresses(), 999),
			),
			parser.WithParagraphTransformers(
				util.Prioritized(definitions{parser.LinkReferenceParagraphTransformer}, 100),
				util.Prioritized(countedTables{extension.NewTableParagraphTransformer()}, 200),
			),
			parser.WithASTTransformers(
				util.Prioritized(extension.NewTableASTTransformer(), 0),
				util.Prioritized(typedNumbers{}, 800),
				util.Prioritized(countedNodes{}, 900),
				util.Prioritized(houseStyle{}, 1000),
			),
		)),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(
			util.Prioritized(extension.NewTableHTMLRenderer(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)), 500),
			util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
		)),
		goldmark.WithExtensions(frames{}),
	)
})

// policy lets through what toHTML makes and nothing else: the second fence, should the first have a hole.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h3", "h4", "em", "strong", "del", "code", "pre", "blockquote", "ul", "li",
		"table", "thead", "tbody", "tr", "ol", "th", "td")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,9}$`)).OnElements("ol")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^wide$`)).OnElements("ol")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(center|end)$`)).OnElements("th", "td")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^table$`)).OnElements("div")
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^group$`)).OnElements("div")
	p.AllowAttrs("aria-label").Matching(regexp.MustCompile(`^Table$`)).OnElements("div")
	p.AllowAttrs("tabindex").Matching(regexp.MustCompile(`^0$`)).OnElements("div", "pre")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^` + LinkRel + `$`)).OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(false)
	return p
})

const LinkRel = "noopener nofollow"

// houseStyle changes a parsed body into what our pages allow.
type houseStyle struct{}

func (houseStyle) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	source := reader.Source()
	var unwrap []ast.Node
	var headings []*ast.Heading
	top := 6
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			headings = append(headings, n)
			top = min(top, n.Level)
		case *ast.Link:
			if !linkable(string(n.Destination)) {
				unwrap = append(unwrap, n)
			}
			n.SetAttributeString("rel", LinkRel)
		case *ast.AutoLink:
			if n.AutoLinkType == ast.AutoLinkURL && !linkable(string(n.URL(source))) {
				unwrap = append(unwrap, n)
			}
			n.SetAttributeString("rel", LinkRel)
		case *ast.List:
			if n.IsOrdered() && n.Start+n.ChildCount() > 100 {
				n.SetAttributeString("class", "wide") // its numbers have three digits and more
			}
		case *ast.Image:
			unwrap = append(unwrap, n)
		case *tables.TableCell:
			switch n.Alignment {
			case tables.AlignCenter:
				n.SetAttributeString("class", "center")
			case tables.AlignRight:
				n.SetAttributeString("class", "end")
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		panic(err) // the walker above returns none
	}
	joinLines(doc, source)
	for _, h := range headings {
		if h.Level == top {
			h.Level = 3
		} else {
			h.Level = 4
		}
	}
	for _, n := range unwrap {
		replaceByText(n, source)
	}
}

// joinLines takes out the line breaks between lines that no space belongs between; a browser shows a break as one.
func joinLines(doc ast.Node, source []byte) {
	var broken *ast.Text // ends a line whose next character has not come yet
	var end rune         // the last character before
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		var value []byte
		switch n := n.(type) {
		case *ast.Text:
			value = n.Segment.Value(source)
		case *ast.String:
			value = n.Value
		case *ast.AutoLink:
			value = n.Label(source)
		default:
			if n.Type() == ast.TypeBlock {
				broken, end = nil, 0
			}
			return ast.WalkContinue, nil
		}
		if len(value) > 0 {
			if begin, _ := utf8.DecodeRune(value); broken != nil && joinsLines(end, begin) {
				broken.SetSoftLineBreak(false)
			}
			broken = nil
			end, _ = utf8.DecodeLastRune(value)
		}
		if t, ok := n.(*ast.Text); ok && t.SoftLineBreak() {
			broken = t
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		panic(err) // the walker above returns none
	}
}

// replaceByText leaves of a link or a picture what is readable in it.
func replaceByText(n ast.Node, source []byte) {
	parent := n.Parent()
	if link, ok := n.(*ast.AutoLink); ok {
		label := ast.NewString(link.Label(source))
		label.SetRaw(true) // no escapes of Markdown in it; it is escaped as HTML
		parent.ReplaceChild(parent, n, label)
		return
	}
	for child := n.FirstChild(); child != nil; {
		next := child.NextSibling()
		parent.InsertBefore(parent, n, child)
		child = next
	}
	parent.RemoveChild(parent, n)
}

// frames lets each table and each text that keeps its lines be moved sideways, with the keyboard too.
type frames struct{}

func (frames) Extend(m goldmark.Markdown) {
	// A lower priority than that of the renderers that come with these, so that this one is asked in their place.
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(frames{}, 100)))
}

func (frames) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(tables.KindTable, func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
		s := "</table></div>\n"
		if entering {
			s = TableFrame + "<table>\n"
		}
		_, err := w.WriteString(s)
		return ast.WalkContinue, err
	})
	for _, kind := range []ast.NodeKind{ast.KindCodeBlock, ast.KindFencedCodeBlock} {
		reg.Register(kind, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
			s := "</code></pre>\n"
			if entering {
				s = `<pre tabindex="0"><code>` + string(util.EscapeHTML(n.Lines().Value(source)))
			}
			_, err := w.WriteString(s)
			return ast.WalkContinue, err
		})
	}
}
