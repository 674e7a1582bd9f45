package markdown

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views/inerttest"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html"
)

// TestHostileMarkdown fails if one of the limits on the size of the HTML is removed (limitedHTML, or the check after
// the policy), if the HTML is nested deeper than browsers support, or if a refused text is not shown as its source.
func TestHostileMarkdown(t *testing.T) {
	t.Parallel()
	for _, h := range hostileTexts(4 << 10) {
		c := convert(h.body)
		if len(c.html) > maxHTML(len(h.body)) {
			t.Errorf("%s: %d bytes of Markdown became %d bytes of HTML", h.name, len(h.body), len(c.html))
		}
		if err := inerttest.Body(c.html, bodyTags, LinkRel); err != nil {
			t.Errorf("%s: %v", h.name, err)
		}
		if c.refusal != "" && !strings.HasPrefix(c.html, `<pre tabindex="0"><code>`) {
			t.Errorf("%s: the HTML of a refused text (%s) is %.100q", h.name, c.refusal, c.html)
		}
	}
}

// TestLimits has one row for each limit. Without the limit the row would be converted, perhaps in seconds or with
// gigabytes of memory.
func TestLimits(t *testing.T) {
	t.Parallel()
	fill := func(unit string) string { return strings.Repeat(unit, liveblog.MaxBody/len(unit)) }
	for _, row := range []struct{ name, body, message string }{
		{"cells that pad short rows",
			strings.Repeat("|", 801) + "\n" + strings.Repeat("|-", 800) + "|\n" + strings.Repeat("|\n", 6999),
			"This table has 5,600,000 cells, those included that fill up short rows; " +
				"at most 5,000 fit into one entry."},
		{"cells of several tables", fill("a|b\n-|-\nc|\n\n"), "cells"},
		{"cells of a table in a quote", "> a|b\n> -|-\n" + fill("> c\n")[:60000], "cells"},
		{"blocks", fill("a\n\n"), "more than 5,000 paragraphs, list items and other blocks"},
		{"items", fill("- a\n"), "more than 5,000 paragraphs, list items and other blocks"},
		{"quotes within quotes", strings.Repeat(">", 60000), "Quotes and lists are nested more than 32 levels deep"},
		{
			"lists within lists", strings.Repeat("- ", 30000) + "a",
			"Quotes and lists are nested more than 32 levels deep",
		},
		{"emphasis within emphasis", strings.Repeat("**a ", 40) + "b" + strings.Repeat("*", 80),
			"Emphasis and links are nested more than 32 levels deep"},
		{"images within images", strings.Repeat("![", 40) + "a" + strings.Repeat("](b)", 40),
			"Emphasis and links are nested more than 32 levels deep"},
		{"empty lines of a deep list", strings.Repeat("- ", 30) + "a" + strings.Repeat("\n", 60000),
			"lines within quotes and lists"},
		{"destinations without an end", strings.Repeat("[](", 9000), "brackets"},
		{"destinations in angle brackets without an end", strings.Repeat("[a](<", 9000), "brackets"},
		{"destinations whose end is escaped", strings.Repeat(`[a](<\>`, 9000), "brackets"},
		{"brackets", fill("["), "more than 10,000 brackets and emphasis marks"},
		{"brackets on lines of their own", strings.Repeat("a\n[a]\n", 7000), "brackets"},
		{"a title of many lines", "One [a](b \"" + strings.Repeat("c\n", 30000) + "\")", "brackets"},
		{"emphasis in links", strings.Repeat("[*a](b)", 9000), "brackets"},
		{"definitions", "[a]\n\n" + fill("[a]: http://b.c\n")[:60000], "link definitions"},
		{"marks that close nothing", strings.Repeat("*a_ ", 4900), "emphasis marks (*, _ and ~)"},
		{"marks", fill("*a "), "emphasis marks (*, _ and ~)"},
		{"emphasis", strings.Repeat("*a*\n\n", 4500), "more than 4,000 links, emphases and other elements"},
		{"links with a long destination",
			"[a]: http://b.c/" + strings.Repeat("d", 20000) + "\n\n" + strings.Repeat("[a] ", 3000),
			"more than 16 times"},
		{"much HTML of little text",
			"a: <http://a.b>\n" + strings.Repeat(">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>a\n\n", 140),
			"more than 16 times"},
		{"escaped pipes", "|a|\n|-|\n|`" + strings.Repeat("\\|", 9000) + "`|\n", "escaped pipes"},
	} {
		err := Check(row.body)
		e, ok := err.(*liveblog.Error)
		if !ok || e.Code != liveblog.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != "body" ||
			!strings.Contains(e.Message, row.message) {
			t.Errorf("%s: %v", row.name, err)
		}
		got := HTML(row.body)
		if !strings.HasPrefix(got, `<pre tabindex="0"><code>`) || len(got) > maxHTML(len(row.body)) {
			t.Errorf("%s: the HTML has %d bytes: %.100q", row.name, len(got), got)
		}
	}
}

// TestRefusedMarkdownShowsItsSource fails if the source is not escaped or loses its line breaks.
func TestRefusedMarkdownShowsItsSource(t *testing.T) {
	t.Parallel()
	body := "<b>One</b>\n\n" + strings.Repeat("> ", 40) + "\"two\""
	doc, err := html.Parse(strings.NewReader(HTML(body)))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			text.WriteString(n.Data)
		}
	}
	if got := strings.TrimSpace(text.String()); got != body {
		t.Errorf("the HTML shows %q", got)
	}
	if got, want := Text(body), strings.Join(strings.Fields(body), " "); got != want {
		t.Errorf("the text is %q", got)
	}
}

// TestLimitsAllowLongTexts fails if a limit refuses a long text of a kind that editors write.
func TestLimitsAllowLongTexts(t *testing.T) {
	t.Parallel()
	var article, table, items, quotes, chinese, sources strings.Builder
	for i := range 120 {
		fmt.Fprintf(&article, "## Part %d\n\nThe **delegations** met for the *%dth* time, and ~~left~~ stayed: "+
			"see [the communiqué](https://example.org/a/%d), [the notes][n] and https://example.org/%d. "+
			"A spokesman said that `%d` points were *open*; others, \"closed\" & \"done\".\n\n", i, i, i, i, i)
		fmt.Fprintf(&article, "> Quoted _at length_ by [a wire](https://wire.example/%d \"The wire\"),\n"+
			"> on two lines.\n\n1. One\n2. Two\n   - deeper\n\n", i)
	}
	article.WriteString("[n]: https://example.org/notes\n")
	table.WriteString(strings.Repeat("| head ", 20) + "|\n" + strings.Repeat("|-----", 20) + "|\n" +
		strings.Repeat(strings.Repeat("| **1,2** ", 20)+"|\n", 100))
	for i := range 500 {
		fmt.Fprintf(&items, "- Item *%d* of [the list](https://example.org/%d)\n", i, i)
		fmt.Fprintf(&quotes, "%s Level %d says *this*.\n", strings.Repeat(">", 1+i%5), i)
		fmt.Fprintf(&sources, "[%d]: https://example.org/sources/%d \"Source %d\"\n", i, i, i)
	}
	sources.WriteString("\n" + strings.Repeat("As [1] and [2][3] say. ", 500))
	chinese.WriteString(strings.Repeat(
		"**中方代表**表示，双方就*关税*问题进行了"+
			"“坦诚”交流（见[公报](https://example.cn/公报)）。", 520))
	for name, body := range map[string]string{
		"article":     article.String(),
		"table":       table.String(),
		"items":       items.String(),
		"quotes":      quotes.String(),
		"chinese":     chinese.String(),
		"sources":     sources.String(),
		"one line":    strings.Repeat("word *word* ", 1900),
		"a poem":      strings.Repeat("A line of a poem  \n", 3300),
		"plain":       strings.Repeat("x", liveblog.MaxBody),
		"short lines": strings.Repeat("ab\n", 21000),
		"identifiers": strings.Repeat("some_long_name, ", 4000),
	} {
		if len(body) > liveblog.MaxBody {
			body = body[:liveblog.MaxBody]
			for body[len(body)-1] >= 0x80 {
				body = body[:len(body)-1]
			}
		}
		if err := Check(body); err != nil {
			t.Errorf("%s of %d bytes: %v", name, len(body), err)
		}
	}
}

// TestLimitsDoNotChangeOutput fails if a limit, or a step that our parsers skip, changes the HTML of a text within the
// limits, or if a new version of the library parses differently where our parsers should agree with it. The comment of
// [unlimited] says what both sides have in common.
func TestLimitsDoNotChangeOutput(t *testing.T) {
	t.Parallel()
	plain := unlimited()
	check := func(body string) {
		t.Helper()
		got, refused := safeHTML(body)
		if refused != "" {
			return
		}
		var want strings.Builder
		pc := parser.NewContext()
		pc.Set(usageKey, &usage{htmlLimit: 1 << 30})
		if err := plain.Convert([]byte(normalizeSource(body)), &want, parser.WithContext(pc)); err != nil {
			t.Fatal(err)
		}
		if want := policy().Sanitize(want.String()); got != want {
			t.Errorf("%.200q became\n%.500s\nwant\n%.500s", body, got, want)
		}
	}
	for _, h := range hostileTexts(200) {
		check(h.body)
	}
	pieces := strings.Split("a|b c| |\n|\n\n|*|**|_|~|~~|`|``|[|](http://a.b)|](|]|![|[a]|[a]: b\n|<|>|"+
		"> |- |1. |&amp;|\\|"+
		"http://|http://a.b|https://a.b/c_d*(e)|"+
		"www.|www.a.b|www.A.B|a@b.c|a@|@b.c|.|,|:|;|)|(|\"|'|中|é|\t|    |"+
		"```\n|---\n|# |ftp://a.b|http://a_b.c~d|-|=|\n=\n|a.b", "|")
	pieces = append(pieces, "|", "|-|\n", "a|b\n-|-\n", "\\|")
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		var b strings.Builder
		for range 1 + r.IntN(30) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		check(b.String())
	}
}

// BenchmarkMarkdownHostile converts each hostile text of the maximum length once per iteration. It reports the text
// that takes longest and the one with the most HTML for its length.
func BenchmarkMarkdownHostile(b *testing.B) {
	texts := hostileTexts(liveblog.MaxBody)
	b.ReportAllocs()
	for b.Loop() {
		var slowest, longest float64
		var slow, long string
		for _, h := range texts {
			start := time.Now()
			c := convert(h.body)
			if ms := time.Since(start).Seconds() * 1000; ms > slowest {
				slowest, slow = ms, h.name
			}
			if ratio := float64(len(c.html)) / float64(len(h.body)); ratio > longest {
				longest, long = ratio, h.name
			}
		}
		b.ReportMetric(slowest, "max-ms/text")
		b.ReportMetric(slowest*1e6/liveblog.MaxBody, "max-ns/byte")
		b.ReportMetric(longest, "max-bytes/byte")
		b.Logf("the slowest of %d: %s; the longest: %s", len(texts), slow, long)
	}
}

// unlimited returns a converter for the same dialect that uses the library's parsers without our limits. Like toHTML,
// it uses our own rules for delimiters, bare URLs and email addresses, link definitions and typed numbers.
func unlimited() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(
				util.Prioritized(parser.NewSetextHeadingParser(), 100),
				util.Prioritized(parser.NewThematicBreakParser(), 200),
				util.Prioritized(parser.NewListParser(), 300),
				util.Prioritized(numberedItems{parser.NewListItemParser()}, 400),
				util.Prioritized(parser.NewCodeBlockParser(), 500),
				util.Prioritized(parser.NewATXHeadingParser(), 600),
				util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
				util.Prioritized(parser.NewBlockquoteParser(), 800),
				util.Prioritized(parser.NewParagraphParser(), 1000),
			),
			parser.WithInlineParsers(
				util.Prioritized(parser.NewCodeSpanParser(), 100),
				util.Prioritized(parser.NewLinkParser(), 200),
				util.Prioritized(parser.NewAutoLinkParser(), 300),
				util.Prioritized(delimiters{parser.NewEmphasisParser()}, 500),
				util.Prioritized(delimiters{extension.NewStrikethroughParser()}, 500),
				util.Prioritized(bareURLs{}, 900),
				util.Prioritized(newBareEmails(), 999),
			),
			parser.WithParagraphTransformers(
				util.Prioritized(linkDefinitions{parser.LinkReferenceParagraphTransformer}, 100)),
			parser.WithASTTransformers(util.Prioritized(typedNumbers{}, 800), util.Prioritized(houseStyle{}, 1000)),
		)),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(
			util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500))),
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
			scrollFrames{},
		),
	)
}
