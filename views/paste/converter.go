package paste

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
)

// newConverter returns the converter from HTML to Markdown. It keeps state while it runs.
func newConverter() *converter.Converter {
	conv := converter.NewConverter(converter.WithPlugins(
		base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(commonmark.WithListEndComment(false), commonmark.WithHorizontalRule("---")),
		strikethrough.NewStrikethroughPlugin(),
		table.NewTablePlugin(table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal)),
	))
	// The library leaves ampersands as they are, also those that would become another character.
	conv.Register.TextTransformer(func(_ converter.Context, text string) string {
		return entity.ReplaceAllStringFunc(text, func(found string) string { return "&amp;" + found[1:] })
	}, converter.PriorityEarly)
	conv.Register.UnEscaper(needsBackslash, converter.PriorityEarly)
	conv.Register.RendererFor("a", converter.TagTypeInline, renderAddress, converter.PriorityEarly)
	return conv
}

var entity = regexp.MustCompile(`&(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#[xX][0-9A-Fa-f]+);`)

// blockSign matches a line that begins as a block other than a paragraph does.
var blockSign = regexp.MustCompile(`^(?:(?:#{1,6}|[*+-]|\d{1,9}[.)])(?:\s|$)|(?:=+|[|: -]*-[|: -]*)$|~~~)`)

// needsBackslash reports by 1 that Markdown could take a sign for its own, and by -1 that the library decides. The
// library leaves out the signs of blocks within quotations and on lines of their own, and the signs of emphasis that
// only something before them makes one. A placeholder is before each sign.
func needsBackslash(text []byte, at int) int {
	const margin = 64 // bytes; no sign of a block has more before it in its line
	from := max(0, at-1-margin)
	begin := bytes.LastIndexByte(text[from:at-1], '\n') + 1
	before := text[from+begin : at-1]
	tilde := text[at] == '~' && bytes.HasPrefix(text[at+1:], []byte{text[at-1], '~'})
	attached := len(before) > 0 && before[len(before)-1] != ' ' && strings.IndexByte("*_~", text[at]) >= 0
	if tilde || attached || text[at] == '`' {
		return 1
	}
	if begin == 0 && from > 0 || len(bytes.Trim(before, " >:0123456789")) > 0 {
		return -1
	}
	const longest = 4 * margin // bytes of a line that can be only signs
	line := text[at-1-len(before):]
	line, _, _ = bytes.Cut(line[:min(len(line), longest)], []byte("\n"))
	if blockSign.Match(bytes.Trim(bytes.ReplaceAll(line, text[at-1:at], nil), " >")) {
		return 1
	}
	return -1
}

// renderAddress renders a link whose text is its address as <address>.
func renderAddress(_ converter.Context, w converter.Writer, n *html.Node) converter.RenderStatus {
	text := n.FirstChild
	if text == nil || text.NextSibling != nil || text.Type != html.TextNode ||
		!bareAddress(attribute(n, "href"), text.Data) || strings.ContainsAny(text.Data, "<> \n") {
		return converter.RenderTryNext
	}
	_, _ = w.WriteString("<" + text.Data + ">")
	return converter.RenderSuccess
}
