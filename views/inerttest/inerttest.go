// Package inerttest has attack strings for cross-site scripting, and checks that pages neutralize them.
package inerttest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Payloads are known attacks on Markdown, sanitizers and templates. None may have an effect in any field.
var Payloads = []string{
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

// Page parses a page as a browser does, and returns an error that names the first thing in it that could run code, load
// anything foreign or leave the site by a dangerous scheme.
func Page(source string) error { return check(source, nil, "") }

// Body is like [Page] for the HTML of an entry's body, which may contain only the elements in tags and only links with
// this rel.
func Body(source string, tags []string, rel string) error { return check(source, tags, rel) }

func check(source string, tags []string, rel string) error {
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
		added := n.Namespace == "" && len(n.Attr) == 0 && slices.Contains([]string{"html", "head", "body"}, n.Data)
		if tags != nil && added {
			continue // the parser adds these around a fragment
		}
		if n.Namespace != "" || tags != nil && !slices.Contains(tags, n.Data) ||
			slices.Contains([]string{"img", "iframe", "object", "embed", "form", "style", "svg", "math"}, n.Data) {
			return fmt.Errorf("element %s", n.Data)
		}
		if n.Data == "script" && attr(n, "type") == "application/ld+json" && tags == nil {
			if n.FirstChild == nil || !json.Valid([]byte(n.FirstChild.Data)) {
				return fmt.Errorf("JSON-LD that is not JSON")
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
				if tags != nil && attr(n, "rel") != rel {
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
