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

// HTML returns the safe HTML of an entry's body, which is Markdown. It never fails.
//
// HTML in the body is escaped and appears as it was typed. Images are replaced by their description. Headings of the
// highest level that the body uses become h3, all others h4, because they appear below an entry's headline. Links keep
// http, https and mailto addresses, lose their title, and have the rel attribute [LinkRel]; a link to any other address
// becomes plain text. Each table is inside a [TableFrame] with an English label, which callers translate.
//
// If [Check] refuses the body, HTML returns the Markdown source as it was typed, line breaks included, in a pre
// element. The HTML has at most 16 times as many bytes as the body, plus 16 KiB.
func HTML(body string) string { return convertCached(body).html }

// Check returns nil if an entry's body can be converted within the limits, and otherwise an error with the code
// [liveblog.Invalid] for the field "body", whose message is safe to show. The limits bound the bytes of HTML, table
// cells, blocks, inline elements, brackets and emphasis marks, nesting, and work that grows with the square of the
// body's length.
func Check(body string) error {
	if refusal := convertCached(body).refusal; refusal != "" {
		return liveblog.FieldErrorf(liveblog.Invalid, "body", "%s", refusal)
	}
	return nil
}

// Text returns the text of an entry's body on one line, without markup. Each run of whitespace becomes one space, and
// " | " separates the cells of a table row. If [Check] refuses the body, the text is its Markdown source.
func Text(body string) string { return convertCached(body).text }

// Lines returns the text of an entry's body without markup, with one line for each paragraph, list item and table row
// and one empty line between blocks. Hard line breaks and line breaks in code are kept; other whitespace is collapsed
// as in [Text]. A list item begins with "• ", and " | " separates the cells of a table row. If [Check] refuses the
// body, the text is its Markdown source.
func Lines(body string) string { return convertCached(body).lines }

// conversion is the result of converting one body.
type conversion struct {
	html    string // safe
	text    string // from [plainText]
	lines   string // from [plainLines]
	refusal string // the limit that the body exceeds, as a sentence, in which case html shows the source; or ""
}

// cacheBytes is the approximate memory limit of the process's conversion cache.
const cacheBytes = 64 << 20

// cacheEntryOverhead is the approximate memory that a cache entry takes in addition to its strings.
const cacheEntryOverhead = 512

// conversionCache caches conversions. The key is the body itself, so revisions and previews with the same text share a
// cache entry, and no cache entry can be stale. It is safe for concurrent use.
type conversionCache struct {
	cache *otter.Cache[string, *conversion]
	// slots limits the conversions that run at the same time to one per processor: more would take memory without
	// saving time.
	slots chan struct{}
}

// newConversionCache returns a cache whose entries take about maxBytes of memory at most.
func newConversionCache(maxBytes uint64) *conversionCache {
	return &conversionCache{
		slots: make(chan struct{}, runtime.GOMAXPROCS(0)),
		cache: otter.Must(&otter.Options[string, *conversion]{
			MaximumWeight: maxBytes,
			Weigher: func(body string, c *conversion) uint32 {
				return uint32(cacheEntryOverhead + len(body) +
					len(c.html) + len(c.text) + len(c.lines) + len(c.refusal))
			},
		}),
	}
}

// get returns the conversion of body. Concurrent calls with the same body wait for a single conversion.
func (k *conversionCache) get(body string) *conversion {
	if c, ok := k.cache.GetIfPresent(body); ok {
		return c
	}
	c, err := k.cache.Get(context.Background(), strings.Clone(body), otter.LoaderFunc[string, *conversion](
		func(_ context.Context, body string) (*conversion, error) {
			k.slots <- struct{}{}
			defer func() { <-k.slots }()
			return convert(body), nil
		}))
	if err != nil {
		panic(err) // the loader never returns an error
	}
	return c
}

// sharedCache returns the cache of the process. It is global, as the parser and the policy are, because a conversion
// depends on nothing but the body.
var sharedCache = sync.OnceValue(func() *conversionCache { return newConversionCache(cacheBytes) })

func convertCached(body string) *conversion { return sharedCache().get(body) }

// convert converts body. The length of body bounds the time and memory that it takes.
func convert(body string) *conversion {
	safe, refusal := safeHTML(body)
	if refusal != "" {
		safe = sourceHTML(body)
	}
	return &conversion{html: safe, text: plainText(safe), lines: plainLines(safe), refusal: refusal}
}

// safeHTML returns the HTML of body, or, if body exceeds a limit, no HTML and a sentence that says which.
func safeHTML(body string) (safe, refusal string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case limitExceeded:
			safe, refusal = "", string(r)
		default:
			panic(r)
		}
	}()
	limit := maxHTML(len(body))
	pc := parser.NewContext()
	pc.Set(usageKey, &usage{htmlLimit: limit})
	out := limitedHTML{limit: limit}
	if err := toHTML().Convert([]byte(normalizeSource(body)), &out, parser.WithContext(pc)); err != nil {
		panic(err) // the renderers do not fail, and limitedHTML panics instead of returning an error
	}
	// The policy escapes more characters than the renderer, so its result can be longer than what out accepted.
	if safe = policy().SanitizeReader(&out.html).String(); len(safe) > limit {
		refuseHTML()
	}
	return safe, ""
}

// sourceHTML returns HTML that shows body as it was typed.
func sourceHTML(body string) string {
	source := html.EscapeString(strings.ToValidUTF8(body, "\uFFFD"))
	return policy().Sanitize(`<pre tabindex="0"><code>` + source + "\n</code></pre>\n")
}
