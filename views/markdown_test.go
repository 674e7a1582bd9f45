package views

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"readout/liveblog"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	const link = `rel="noopener nofollow"`
	for _, c := range []struct{ name, body, want string }{
		{"paragraphs", "One\nline.\n\nTwo.", "<p>One\nline.</p>\n<p>Two.</p>"},
		{"emphasis", "*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"},
		{"headings", "# a\n## b\n### c\n###### d\n# e", "<h3>a</h3>\n<h4>b</h4>\n<h4>c</h4>\n<h4>d</h4>\n<h3>e</h3>"},
		{"headings that begin low", "### a\n#### b", "<h3>a</h3>\n<h4>b</h4>"},
		{"no ids on headings", "# a {#b .c onclick=d}", "<h3>a {#b .c onclick=d}</h3>"},
		{"lists", "- a\n- b\n\n3. c", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start=\"3\">\n<li>c</li>\n</ol>"},
		{"quote", "> a", "<blockquote>\n<p>a</p>\n</blockquote>"},
		{"code", "```go\na < b\n```", "<pre tabindex=\"0\"><code>a &lt; b\n</code></pre>"},
		{"link", "[a](https://example.org/?b=1&c=2)", `<p><a href="https://example.org/?b=1&amp;c=2" ` + link + `>a</a></p>`},
		{"mail", "[a](mailto:desk@example.org)", `<p><a href="mailto:desk@example.org" ` + link + `>a</a></p>`},
		{"bare address", "see https://example.org/a.", `<p>see <a href="https://example.org/a" ` + link + `>https://example.org/a</a>.</p>`},
		{"link by reference", "[a][1]\n\n[1]: https://example.org", `<p><a href="https://example.org" ` + link + `>a</a></p>`},
		{"address without a scheme", "[a *b*](/live/x) [c](//example.org)", "<p>a <em>b</em> c</p>"},
		{"address of another scheme", "[a](javascript:alert(1)) <ftp://example.org/b>", "<p>a ftp://example.org/b</p>"},
		{"picture", "![a *b*](https://example.org/c.png) ![](d.png)", "<p>a <em>b</em> </p>"},
		{"picture in a link", "[![a](b.png)](https://example.org)", `<p><a href="https://example.org" ` + link + `>a</a></p>`},
		{"HTML is text", "a <b>c</b>\n\n<script>d</script>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n<p>&lt;script&gt;d&lt;/script&gt;</p>"},
		{"table", "|a|b|c|\n|:-|:-:|-:|\n|1|2|3|", `<div class="table" role="group" aria-label="Table" tabindex="0"><table>` + "\n" +
			"<thead>\n<tr>\n<th>a</th>\n<th class=\"center\">b</th>\n<th class=\"end\">c</th>\n</tr>\n</thead>\n" +
			"<tbody>\n<tr>\n<td>1</td>\n<td class=\"center\">2</td>\n<td class=\"end\">3</td>\n</tr>\n</tbody>\n</table></div>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.TrimSpace(Markdown(c.body)); got != c.want {
				t.Errorf("Markdown(%q)\n got %s\nwant %s", c.body, got, c.want)
			}
		})
	}
}

// payloads are what others have used against Markdown, sanitisers and templates. None may do anything in any field.
var payloads = []string{
	`<script>alert(1)</script>`,
	`<ScRiPt src=//evil.example/x.js></sCrIpT>`,
	`</script><script>alert(1)</script>`,
	`<img src=x onerror=alert(1)>`,
	`<svg onload=alert(1)>`,
	`<svg><script>alert(1)</script></svg>`,
	`<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
	`<object data="javascript:alert(1)"></object>`,
	`<form action="javascript:alert(1)"><button>x</button></form>`,
	`<a href="javascript:alert(1)">x</a>`,
	`<a href="&#106;avascript:alert(1)">x</a>`,
	`<body onload=alert(1)>`,
	`<style>@import 'javascript:alert(1)';</style>`,
	`<link rel=stylesheet href=//evil.example/x.css>`,
	`<meta http-equiv=refresh content="0;url=javascript:alert(1)">`,
	`<base href="javascript:alert(1)//">`,
	`<!--><img src=x onerror=alert(1)>-->`,
	`<![CDATA[<img src=x onerror=alert(1)>]]>`,
	`"><img src=x onerror=alert(1)>`,
	`" onmouseover="alert(1)`,
	`' onfocus='alert(1)' autofocus='`,
	`[x](javascript:alert(1))`,
	`[x](JaVaScRiPt:alert(1))`,
	`[x](&#106;avascript:alert(1))`,
	`[x](java&Tab;script:alert(1))`,
	"[x](java\tscript:alert(1))",
	`[x](<javascript:alert(1)>)`,
	`[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)`,
	`[x](vbscript:msgbox(1))`,
	`[x](https://example.org/"onmouseover="alert(1))`,
	`[x](https://example.org "t\" onmouseover=\"alert(1)")`,
	"[x][1]\n\n[1]: javascript:alert(1)",
	`<javascript:alert(1)>`,
	`![x](javascript:alert(1))`,
	`![x" onerror="alert(1)](x)`,
	"```\" onload=\"alert(1)\nx\n```",
	"~~~<img src=x onerror=alert(1)>\nx\n~~~",
	"# x {onclick=alert(1)}",
	"|<img src=x onerror=alert(1)>|\n|-|\n|<script>alert(1)</script>|",
	"`<script>alert(1)</script>`",
	`&lt;script&gt;alert(1)&lt;/script&gt;`,
	`{{constructor.constructor('alert(1)')()}}`,
	"<scr\u200bipt>alert(1)</scr\u200bipt>",
	`http://example.org/<script>alert(1)</script>`,
	`mailto:a@example.org?subject=<script>alert(1)</script>`,
}

func TestMarkdownDefusesPayloads(t *testing.T) {
	t.Parallel()
	for _, p := range payloads {
		if err := inert(Markdown(p), bodyTags); err != nil {
			t.Errorf("Markdown(%q): %v\n%s", p, err, Markdown(p))
		}
	}
}

// FuzzMarkdown looks for texts that can act, that become too much HTML, or that take the steps of the limits without being
// counted: such a text takes the fuzzer's own limit of time.
func FuzzMarkdown(f *testing.F) {
	for _, p := range payloads {
		f.Add(p, uint16(1))
	}
	for _, h := range hostileTexts(60) {
		f.Add(h.body, uint16(1000))
	}
	f.Fuzz(func(t *testing.T, unit string, times uint16) {
		if unit == "" {
			return
		}
		body := strings.Repeat(unit, 1+min(int(times), liveblog.MaxBody/len(unit)))
		c := convert(body)
		if err := inert(c.html, bodyTags); err != nil {
			t.Errorf("%v\n%.1000s", err, c.html)
		}
		if len(c.html) > maxHTML(len(body)) {
			t.Errorf("%d bytes of Markdown became %d of HTML", len(body), len(c.html))
		}
	})
}

// bodyTags are the elements that an entry's body may hold.
var bodyTags = strings.Fields("p br hr h3 h4 em strong del code pre blockquote ul ol li a div table thead tbody tr th td")

// inert parses HTML as a browser does and says what in it could act. A nil list of tags allows those of our pages.
func inert(source string, tags []string) error {
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return err
	}
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			return fmt.Errorf("a comment: %s", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if tags != nil && n.Namespace == "" && slices.Contains([]string{"html", "head", "body"}, n.Data) && len(n.Attr) == 0 {
			continue // the parser's own
		}
		if n.Namespace != "" || tags != nil && !slices.Contains(tags, n.Data) ||
			slices.Contains([]string{"img", "iframe", "object", "embed", "form", "style", "svg", "math"}, n.Data) {
			return fmt.Errorf("element %s", n.Data)
		}
		if n.Data == "script" && attr(n, "type") == "application/ld+json" && tags == nil {
			if n.FirstChild == nil || !json.Valid([]byte(n.FirstChild.Data)) {
				return fmt.Errorf("data that is no JSON")
			}
			continue
		}
		if n.Data == "script" && (n.FirstChild != nil || !strings.HasPrefix(attr(n, "src"), "/assets/")) {
			return fmt.Errorf("a script that is not ours")
		}
		for _, a := range n.Attr {
			key := strings.ToLower(a.Key)
			switch {
			case strings.HasPrefix(key, "on"), key == "style", key == "srcdoc", key == "autofocus", key == "http-equiv",
				tags != nil && key == "id":
				return fmt.Errorf("attribute %s=%q on %s", a.Key, a.Val, n.Data)
			case key == "href", key == "src", key == "action", key == "formaction", strings.HasSuffix(key, ":href"):
				u, err := url.Parse(a.Val)
				if err != nil {
					return fmt.Errorf("address %q: %w", a.Val, err)
				}
				local := tags == nil && u.Scheme == "" && u.Host == ""
				if !local && !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme) {
					return fmt.Errorf("address %q on %s", a.Val, n.Data)
				}
				if tags != nil && attr(n, "rel") != linkRel {
					return fmt.Errorf("link %q has rel %q", a.Val, attr(n, "rel"))
				}
			}
		}
	}
	return nil
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
