package markdown

import (
	"strings"
	"testing"
)

// TestTextInManyLanguages has what people type in many languages and the HTML that readers should get. The library's
// own parsers return different HTML for most rows.
func TestTextInManyLanguages(t *testing.T) {
	t.Parallel()
	link := func(address, text string) string {
		return `<a href="` + address + `" rel="` + LinkRel + `">` + text + "</a>"
	}
	for name, row := range map[string]struct{ typed, html string }{
		"a range in Korean": {
			"관세율은 10~20%에서 30~40%로",
			"<p>관세율은 10~20%에서 30~40%로</p>",
		},
		"runs of one and three tildes": {"a ~~~b~~~ c ~d~", "<p>a ~~~b~~~ c ~d~</p>"},
		"strikethrough":                {"~~10~20%~~ 15%", "<p><del>10~20%</del> 15%</p>"},
		"strong before a particle": {
			"**왕이(王毅)**은 말했다",
			"<p><strong>왕이(王毅)</strong>은 말했다</p>",
		},
		"strong, quoted": {
			"这是**“坦诚”**的",
			"<p>这是<strong>“坦诚”</strong>的</p>",
		},
		"strong, full-width bracket": {
			"**중국（中国）**과",
			"<p><strong>중국（中国）</strong>과</p>",
		},
		"strong that ends with a full stop": {
			"他说**同意。**然后",
			"<p>他说<strong>同意。</strong>然后</p>",
		},
		"strong, Japanese": {
			"これは**「重要」**です",
			"<p>これは<strong>「重要」</strong>です</p>",
		},
		"emphasis":                      {"*合意(案)*を", "<p><em>合意(案)</em>を</p>"},
		"strikethrough beside brackets": {"관세 ~~(25%)~~는", "<p>관세 <del>(25%)</del>는</p>"},
		"underscores, spaced": {
			"__왕이(王毅)__ 부장",
			"<p><strong>왕이(王毅)</strong> 부장</p>",
		},
		"a halfwidth letter":    {"ｱ**(a)**ｲ", "<p>ｱ<strong>(a)</strong>ｲ</p>"},
		"an emoji is no letter": {"🤝**(a)**b", "<p>🤝**(a)**b</p>"},
		"an identifier": {
			"snake_case_name and 2*3*4",
			"<p>snake_case_name and 2<em>3</em>4</p>",
		},
		"Latin keeps the CommonMark rule": {`He said **"no"**s`, `<p>He said **&#34;no&#34;**s</p>`},

		"breaking news": {"[속보]: 합의", "<p>[속보]: 합의</p>"},
		"breaking news, in between": {
			"One.\n\n[속보]: 합의\n\nTwo.",
			"<p>One.</p><p>[속보]: 합의</p><p>Two.</p>",
		},
		"a definition without a reference": {
			"[1]: https://example.com",
			"<p>[1]: " + link("https://example.com", "https://example.com") + "</p>",
		},
		"a real definition": {
			"See [1].\n\n[1]: https://example.com/a \"T\"",
			"<p>See " + link("https://example.com/a", "1") + ".</p>",
		},
		"breaking news and a definition": {
			"[a]\n\n[속보]: 합의\n[a]: https://b.c\nText.",
			"<p>" + link("https://b.c", "a") + "</p><p>[속보]: 합의 Text.</p>",
		},
		"a definition of a forbidden scheme": {
			"[a]\n\n[a]: javascript:x",
			"<p>[a]</p><p>[a]: javascript:x</p>",
		},
		"a definition in a quote": {
			"> [A]: https://b.c\n\n[a]",
			"<blockquote></blockquote><p>" + link("https://b.c", "a") + "</p>",
		},

		"German dates": {
			"30. Oktober: Ankunft\n\n10. November: Ende",
			"<p>30. Oktober: Ankunft</p><p>10. November: Ende</p>",
		},
		"German dates on adjacent lines": {
			"30. Oktober: Ankunft\n10. November: Ende",
			"<p>30. Oktober: Ankunft</p><p>10. November: Ende</p>",
		},
		"a Korean date": {"2025. 10. 30. 회담", "<p>2025. 10. 30. 회담</p>"},
		"a date and continuation lines": {
			"30. Oktober\n    und danach\n\n    mehr",
			"<p>30. Oktober und danach</p><p>mehr</p>",
		},
		"one item":                {"1. Mai", "<p>1. Mai</p>"},
		"one item in brackets":    {"3) drittens", "<p>3) drittens</p>"},
		"a list":                  {"1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"},
		"a list numbered only 1":  {"1. a\n1. b", "<ol><li>a</li><li>b</li></ol>"},
		"a list that starts at 5": {"5. a\n6. b", `<ol start="5"><li>a</li><li>b</li></ol>`},
		"a list of years": {
			"2024. a\n2025. b",
			`<ol start="2024" class="wide"><li>a</li><li>b</li></ol>`,
		},
		"a list up to ninety-nine": {
			"98. a\n99. b",
			`<ol start="98"><li>a</li><li>b</li></ol>`,
		},
		"numbers that skip":       {"1. a\n3. b", "<p>1. a</p><p>3. b</p>"},
		"numbers that count down": {"3. a\n2. b\n1. c", "<p>3. a</p><p>2. b</p><p>1. c</p>"},
		"a leading zero":          {"01. a\n02. b", "<ol><li>a</li><li>b</li></ol>"},
		"an empty item":           {"7.\n\nx", "<p>7.</p><p>x</p>"},
		"a list in a dated item": {
			"30. Oktober\n    - a\n    - b",
			"<p>30. Oktober</p><ul><li>a</li><li>b</li></ul>",
		},
		"emphasis in a dated line": {"30. **Oktober**", "<p>30. <strong>Oktober</strong></p>"},

		"lines of Chinese": {"中美双方\n达成协议", "<p>中美双方达成协议</p>"},
		"lines of Japanese": {
			"これは\nテスト。\n次",
			"<p>これはテスト。次</p>",
		},
		"lines of Korean":     {"합의가\n이루어졌다", "<p>합의가 이루어졌다</p>"},
		"lines of Latin":      {"They\nmet.\nThen", "<p>They met. Then</p>"},
		"Chinese, then Latin": {"中美\nUS", "<p>中美 US</p>"},
		"emphasis across a line break": {
			"中**美**\n**双**方",
			"<p>中<strong>美</strong><strong>双</strong>方</p>",
		},
		"a line that ends in code":  {"中`x`\n文", "<p>中<code>x</code> 文</p>"},
		"a hard line break":         {"中美  \n双方", "<p>中美<br> 双方</p>"},
		"an emoji at a line's end":  {"🤝\n中", "<p>🤝 中</p>"},
		"fullwidth and punctuation": {"同意。\n（完）", "<p>同意。（完）</p>"},

		"a URL in Chinese": {
			"见https://example.com。",
			"<p>见" + link("https://example.com", "https://example.com") + "。</p>",
		},
		"a URL in brackets": {
			"（https://example.com/a）",
			"<p>（" + link("https://example.com/a", "https://example.com/a") + "）</p>",
		},
		"a path in Korean": {
			"https://ko.wikipedia.org/wiki/한국",
			"<p>" + link("https://ko.wikipedia.org/wiki/%ED%95%9C%EA%B5%AD",
				"https://ko.wikipedia.org/wiki/한국") + "</p>",
		},
		"a stray percent": {
			"[l](https://example.com/50%-off)",
			"<p>" + link("https://example.com/50%25-off", "l") + "</p>",
		},
		"a stray percent, bare": {
			"https://example.com/50%-off",
			"<p>" + link("https://example.com/50%25-off", "https://example.com/50%-off") + "</p>",
		},
		"a stray percent, in angles": {
			"<https://example.com/50%-off>",
			"<p>" + link("https://example.com/50%25-off", "https://example.com/50%-off") + "</p>",
		},
		"a Chinese comma": {
			"见https://example.com/a，另",
			"<p>见" + link("https://example.com/a", "https://example.com/a") + "，另</p>",
		},
		"a URL in quotation marks": {
			"“https://example.com/a”",
			"<p>“" + link("https://example.com/a", "https://example.com/a") + "”</p>",
		},
		"Thai around a URL": {
			"ดูhttps://example.com/a ครับ",
			"<p>ดู" + link("https://example.com/a", "https://example.com/a") + " ครับ</p>",
		},
		"a host, then Chinese": {
			"https://example.com但是",
			"<p>" + link("https://example.com", "https://example.com") + "但是</p>",
		},
		"a host in Korean": {
			"https://한국.한국/a",
			"<p>" + link("https://%ED%95%9C%EA%B5%AD.%ED%95%9C%EA%B5%AD/a", "https://한국.한국/a") + "</p>",
		},
		"a full stop after a URL": {
			"See https://example.com/a.",
			"<p>See " + link("https://example.com/a", "https://example.com/a") + ".</p>",
		},
		"brackets in a URL": {
			"(https://en.wikipedia.org/wiki/A_(b))",
			"<p>(" + link("https://en.wikipedia.org/wiki/A_(b)", "https://en.wikipedia.org/wiki/A_(b)") + ")</p>",
		},
		"underscores in a URL": {
			"https://example.com/_a_b_",
			"<p>" + link("https://example.com/_a_b", "https://example.com/_a_b") + "_</p>",
		},
		"a strong URL": {
			"**https://example.com/a**",
			"<p><strong>" + link("https://example.com/a", "https://example.com/a") + "</strong></p>",
		},
		"a URL in capitals": {
			"HTTPS://Example.com/A",
			"<p>" + link("https://Example.com/A", "HTTPS://Example.com/A") + "</p>",
		},
		"www": {
			"见www.example.com。",
			"<p>见" + link("http://www.example.com", "www.example.com") + "。</p>",
		},
		"a scheme within a word": {"xhttps://example.com", "<p>xhttps://example.com</p>"},
		"a URL without a host":   {"https://。 http:// www.。", "<p>https://。 http:// www.。</p>"},
		"a host without a dot":   {"https://localhost/a", "<p>https://localhost/a</p>"},
		"a URL in a link's label": {
			"[https://a.b](https://c.d)",
			"<p>" + link("https://c.d", "https://a.b") + "</p>",
		},
		"a port and a query": {
			"https://a.b:8080/?q=x&y=1",
			"<p>" + link("https://a.b:8080/?q=x&amp;y=1", "https://a.b:8080/?q=x&amp;y=1") + "</p>",
		},
		"an email address": {
			"write to a@b.example.",
			"<p>write to " + link("mailto:a@b.example", "a@b.example") + ".</p>",
		},

		"a byte order mark":      {"\uFEFF# Heading", "<h3>Heading</h3>"},
		"bullets with tabs":      {"•\tone\n•\ttwo", "<ul><li>one</li><li>two</li></ul>"},
		"other bullets":          {"● 一\n● 二", "<ul><li>一</li><li>二</li></ul>"},
		"a bullet within a line": {"one • two\n•three", "<p>one • two •three</p>"},
		"bullets in code":        {"```\n• a\n```", `<pre tabindex="0"><code>• a</code></pre>`},
		"code within code":       {"````\n```\n• a\n````", "<pre tabindex=\"0\"><code>``` • a</code></pre>"},
		"code that goes on":      {"~~~\n~~~ x\n• a\n~~~", `<pre tabindex="0"><code>~~~ x • a</code></pre>`},
		"no code":                {"``` a`b\n• c\n• d", "<p>``` a`b</p><ul><li>c</li><li>d</li></ul>"},
	} {
		got := strings.Join(strings.Fields(HTML(row.typed)), " ")
		for _, tag := range []string{"p", "ul", "ol", "li", "h3", "blockquote", "pre", "code"} {
			got = strings.ReplaceAll(got, "</"+tag+"> <", "</"+tag+"><")
		}
		got = strings.NewReplacer("<ul> <", "<ul><", "<ol> <", "<ol><", `"> <li`, `"><li`,
			"<blockquote> <", "<blockquote><", " </code></pre>", "</code></pre>").Replace(got)
		if got != row.html {
			t.Errorf("%s: the HTML of %q is\n%s\nwant\n%s", name, row.typed, got, row.html)
		}
	}
}
