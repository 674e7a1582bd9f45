package markdown

import (
	"strings"
	"testing"

	"readout/liveblog"
	"readout/views/inerttest"
)

func TestHTML(t *testing.T) {
	t.Parallel()
	const link = `rel="noopener nofollow"`
	for _, c := range []struct{ name, body, want string }{
		{"paragraphs", "One\nline.\n\nTwo.", "<p>One\nline.</p>\n<p>Two.</p>"},
		{"emphasis", "*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"},
		{"headings", "# a\n## b\n### c\n###### d\n# e", "<h3>a</h3>\n<h4>b</h4>\n<h4>c</h4>\n<h4>d</h4>\n<h3>e</h3>"},
		{"headings from level 3", "### a\n#### b", "<h3>a</h3>\n<h4>b</h4>"},
		{"no attributes on headings", "# a {#b .c onclick=d}", "<h3>a {#b .c onclick=d}</h3>"},
		{"lists", "- a\n- b\n\n3. c\n4. d",
			"<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start=\"3\">\n<li>c</li>\n<li>d</li>\n</ol>"},
		{"quote", "> a", "<blockquote>\n<p>a</p>\n</blockquote>"},
		{"code", "```go\na < b\n```", "<pre tabindex=\"0\"><code>a &lt; b\n</code></pre>"},
		{"link", "[a](https://example.org/?b=1&c=2)",
			`<p><a href="https://example.org/?b=1&amp;c=2" ` + link + `>a</a></p>`},
		{"mailto link", "[a](mailto:desk@example.org)", `<p><a href="mailto:desk@example.org" ` + link + `>a</a></p>`},
		{"bare URL", "see https://example.org/a.",
			`<p>see <a href="https://example.org/a" ` + link + `>https://example.org/a</a>.</p>`},
		{"reference link", "[a][1]\n\n[1]: https://example.org",
			`<p><a href="https://example.org" ` + link + `>a</a></p>`},
		{"destination without a scheme", "[a *b*](/live/x) [c](//example.org)", "<p>a <em>b</em> c</p>"},
		{"destination with another scheme", "[a](javascript:alert(1)) <ftp://example.org/b>",
			"<p>a ftp://example.org/b</p>"},
		{"image", "![a *b*](https://example.org/c.png) ![](d.png)", "<p>a <em>b</em> </p>"},
		{"image in a link", "[![a](b.png)](https://example.org)",
			`<p><a href="https://example.org" ` + link + `>a</a></p>`},
		{"HTML is text", "a <b>c</b>\n\n<script>d</script>",
			"<p>a &lt;b&gt;c&lt;/b&gt;</p>\n<p>&lt;script&gt;d&lt;/script&gt;</p>"},
		{"table", "|a|b|c|\n|:-|:-:|-:|\n|1|2|3|",
			`<div class="table" role="group" aria-label="Table" tabindex="0"><table>` + "\n" +
				"<thead>\n<tr>\n<th>a</th>\n<th class=\"center\">b</th>\n<th class=\"end\">c</th>\n</tr>\n</thead>\n" +
				"<tbody>\n<tr>\n<td>1</td>\n<td class=\"center\">2</td>\n" +
				"<td class=\"end\">3</td>\n</tr>\n</tbody>\n</table></div>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.TrimSpace(HTML(c.body)); got != c.want {
				t.Errorf("HTML(%q)\n got %s\nwant %s", c.body, got, c.want)
			}
		})
	}
}

// TestHTMLIsInert fails if the HTML of a known attack has active content.
func TestHTMLIsInert(t *testing.T) {
	t.Parallel()
	for _, p := range inerttest.Payloads {
		if err := inerttest.Body(HTML(p), bodyTags, LinkRel); err != nil {
			t.Errorf("HTML(%q): %v\n%s", p, err, HTML(p))
		}
	}
}

// FuzzMarkdown searches for texts whose HTML has active content or is too long, and for texts that take much more work
// than the limits count, which exceed the fuzzer's own time limit.
func FuzzMarkdown(f *testing.F) {
	for _, p := range inerttest.Payloads {
		f.Add(p, uint16(1))
	}
	for _, h := range hostileTexts(60) {
		f.Add(h.body, uint16(20)) // TestHostileMarkdown converts the largest ones
	}
	f.Fuzz(func(t *testing.T, unit string, times uint16) {
		if unit == "" {
			return
		}
		body := strings.Repeat(unit, 1+min(int(times), liveblog.MaxBody/len(unit)))
		c := convert(body)
		if err := inerttest.Body(c.html, bodyTags, LinkRel); err != nil {
			t.Errorf("%v\n%.1000s", err, c.html)
		}
		if len(c.html) > maxHTML(len(body)) {
			t.Errorf("%d bytes of Markdown became %d bytes of HTML", len(body), len(c.html))
		}
	})
}

// bodyTags are the elements that the HTML of an entry's body may contain.
var bodyTags = strings.Fields(
	"p br hr h3 h4 em strong del code pre blockquote ul ol li a div table thead tbody tr th td")
