package markdown

import (
	"context"
	"html"
	"runtime"
	"strings"
	"sync"

	"readout/liveblog"

	"github.com/maypok86/otter/v2"
	"github.com/yuin/goldmark/parser"
)

// HTML returns the safe HTML of an entry's body.
//
// HTML in the body is text like any other: it is shown as it was typed. Pictures become their description. The highest
// headings become h3 and all others h4, since they stand below an entry's headline; links keep http, https and mailto
// addresses, and become plain text otherwise. Tables have an English label; pages say it in theirs.
//
// A body that [CheckBody] refuses is shown as it was typed, with its lines. So the HTML has at most 16 times as many bytes as
// the body, and 16 KiB.
func HTML(body string) string { return convertedOnce(body).html }

// Check fails with [liveblog.Invalid] for the field "body" when the Markdown asks for more than the limits of a
// conversion: bytes of HTML, cells of tables, blocks, nesting, or work that grows with the square of the text.
func Check(body string) error {
	if refused := convertedOnce(body).refused; refused != "" {
		return liveblog.FieldErrorf(liveblog.Invalid, "body", "%s", refused)
	}
	return nil
}

// Text returns the text of an entry's body on one line.
func Text(body string) string { return convertedOnce(body).text }

// Lines returns the text of an entry's body, a line for each item and row and an empty one between blocks.
func Lines(body string) string { return convertedOnce(body).lines }

// conversion is what is made of the Markdown of one text.
type conversion struct {
	html    string // safe
	text    string // on one line
	lines   string // as [plainLines] makes them
	refused string // why html is the source of the text, in a whole sentence; "" where it is not
}

// convertedBytes is about what all kept conversions may take of memory, with their texts.
const convertedBytes = 64 << 20

// conversionOverhead is about what a kept conversion takes beside its texts.
const conversionOverhead = 512

// conversions keeps what was made of texts, by the text itself, so that revisions, previews and entries of the same words share
// it and nothing in it can be out of date. It is safe for concurrent use.
type conversions struct {
	kept *otter.Cache[string, *conversion]
	// places are those of conversions that run at once: more than there are processors would take memory and save no time.
	places chan struct{}
}

// newConversions keeps as many as take about so many bytes.
func newConversions(bytes uint64) *conversions {
	return &conversions{
		places: make(chan struct{}, runtime.GOMAXPROCS(0)),
		kept: otter.Must(&otter.Options[string, *conversion]{
			MaximumWeight: bytes,
			Weigher: func(body string, c *conversion) uint32 {
				return uint32(conversionOverhead + len(body) + len(c.html) + len(c.text) + len(c.lines) + len(c.refused))
			},
		}),
	}
}

// of returns the conversion of a text. Whoever asks for a text that is being converted waits for that conversion.
func (k *conversions) of(body string) *conversion {
	if c, ok := k.kept.GetIfPresent(body); ok {
		return c
	}
	c, err := k.kept.Get(context.Background(), strings.Clone(body), otter.LoaderFunc[string, *conversion](
		func(_ context.Context, body string) (*conversion, error) {
			k.places <- struct{}{}
			defer func() { <-k.places }()
			return convert(body), nil
		}))
	if err != nil {
		panic(err) // the loader returns none
	}
	return c
}

// converted are the conversions of the process. Like the parser and the policy they belong to a pure function, not to a server.
var converted = sync.OnceValue(func() *conversions { return newConversions(convertedBytes) })

func convertedOnce(body string) *conversion { return converted().of(body) }

// convert makes what is kept of a text, in time and memory that are bounded by its length.
func convert(body string) *conversion {
	safe, refused := safeHTML(body)
	if refused != "" {
		safe = sourceHTML(body)
	}
	return &conversion{html: safe, text: plainText(safe), lines: plainLines(safe), refused: refused}
}

// safeHTML converts a text, or says which limit it exceeds.
func safeHTML(body string) (safe, refused string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case excess:
			safe, refused = "", string(r)
		default:
			panic(r)
		}
	}()
	limit := maxHTML(len(body))
	pc := parser.NewContext()
	pc.Set(usageKey, &usage{htmlLimit: limit})
	out := limitedHTML{limit: limit}
	if err := toHTML().Convert([]byte(prepared(body)), &out, parser.WithContext(pc)); err != nil {
		panic(err) // the renderers do not fail, and the writer panics itself
	}
	if safe = policy().SanitizeReader(&out.html).String(); len(safe) > limit { // it escapes more characters than the renderer
		refuseHTML()
	}
	return safe, ""
}

// sourceHTML shows a text as it was typed.
func sourceHTML(body string) string {
	return policy().Sanitize(`<pre tabindex="0"><code>` + html.EscapeString(strings.ToValidUTF8(body, "\uFFFD")) + "\n</code></pre>\n")
}
