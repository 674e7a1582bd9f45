// Package markdown converts the Markdown of entries into HTML that is safe to show, and into plain text.
//
// The HTML contains only the elements and attributes that the package's sanitizing policy allows. HTML in the Markdown
// is text. The time and memory of a conversion, and the size of its HTML, are bounded by the length of the Markdown; a
// body that would exceed a limit is refused by [Check] and shown as its source by [HTML]. Conversions are
// deterministic, and the package caches them by their text. All functions are safe for concurrent use.
//
// The dialect is CommonMark without HTML and images, with tables, strikethrough and bare links, and with changes
// for text that people type in many languages: see docs/decisions.md.
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

// TableFrame is the start tag of the element around each table in the HTML that [HTML] returns. Callers can find and
// replace it in that HTML, for example to translate its label: if an editor types the same characters, [HTML] escapes
// them.
const TableFrame = `<div class="table" role="group" aria-label="Table" tabindex="0">`

// toHTML returns the Markdown converter. It has no parsers for HTML, so HTML in the source can only become text.
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
				util.Prioritized(bareURLs{}, 900),
				util.Prioritized(newBareEmails(), 999),
			),
			parser.WithParagraphTransformers(
				util.Prioritized(linkDefinitions{parser.LinkReferenceParagraphTransformer}, 100),
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
			util.Prioritized(extension.NewTableHTMLRenderer(
				extension.WithTableCellAlignMethod(extension.TableCellAlignNone)), 500),
			util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
		)),
		goldmark.WithExtensions(scrollFrames{}),
	)
})

// policy returns the sanitizing policy. It allows only what toHTML produces, in case the converter ever lets other HTML
// through.
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

// LinkRel is the rel attribute of every link in the HTML that [HTML] returns. Templates use it for other links to
// addresses that editors typed.
const LinkRel = "noopener nofollow"

// houseStyle adapts a parsed body to the pages that show it: it changes the levels of headings, replaces images and
// links that are not allowed by their text, joins lines, and sets the attributes of links, lists and table cells.
type houseStyle struct{}

// Transform implements [parser.ASTTransformer].
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
				n.SetAttributeString("class", "wide") // its numbers can have three or more digits
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
		panic(err) // the callback never returns an error
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

// joinLines removes the line breaks between lines that [joinWithoutSpace] joins, because a browser shows a line break
// as a space.
func joinLines(doc ast.Node, source []byte) {
	var lineEnd *ast.Text // ends with a line break that no text has followed yet
	var last rune         // the last character so far in this block
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
				lineEnd, last = nil, 0
			}
			return ast.WalkContinue, nil
		}
		if len(value) > 0 {
			if first, _ := utf8.DecodeRune(value); lineEnd != nil && joinWithoutSpace(last, first) {
				lineEnd.SetSoftLineBreak(false)
			}
			lineEnd = nil
			last, _ = utf8.DecodeLastRune(value)
		}
		if t, ok := n.(*ast.Text); ok && t.SoftLineBreak() {
			lineEnd = t
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		panic(err) // the callback never returns an error
	}
}

// replaceByText replaces a link or an image by its text.
func replaceByText(n ast.Node, source []byte) {
	parent := n.Parent()
	if link, ok := n.(*ast.AutoLink); ok {
		label := ast.NewString(link.Label(source))
		label.SetRaw(true) // without Markdown's backslash escapes; the renderer still escapes HTML
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

// scrollFrames renders tables and code blocks in elements that readers can scroll sideways, also with the keyboard.
type scrollFrames struct{}

// Extend implements [goldmark.Extender].
func (scrollFrames) Extend(m goldmark.Markdown) {
	// The lower number takes precedence over the default renderers of these nodes.
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(scrollFrames{}, 100)))
}

// RegisterFuncs implements [renderer.NodeRenderer].
func (scrollFrames) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
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
