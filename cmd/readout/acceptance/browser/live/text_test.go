package live_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

// attacks are texts that run a script or make a request to another site if a page takes them for markup.
var attacks = []string{
	`<script>window.__pwned=1;alert(1);fetch('http://evil.example/')</script>`,
	`<img src=x onerror="window.__pwned=1;alert(1)">`,
	`<svg onload=window.__pwned=1><script>window.__pwned=1</script></svg>`,
	`<iframe srcdoc="<script>parent.__pwned=1</script>"></iframe>`,
	`<iframe src="javascript:parent.__pwned=1"></iframe>`,
	`[read this](javascript:window.__pwned=1) <javascript:window.__pwned=1> [and](java&#115;cript:window.__pwned=1)`,
	`![a picture](http://evil.example/pixel.png) ![b](x "\" onerror=\"window.__pwned=1")`,
	`[x](http://127.0.0.1/"onmouseover="window.__pwned=1 "\"><img src=x onerror=window.__pwned=1>")`,
	`" autofocus tabindex="0" onfocus="window.__pwned=1" x="`,
	`' autofocus tabindex='0' onfocus='window.__pwned=1' x='`,
	`"><img src=x onerror=window.__pwned=1>`,
	`</script><script>window.__pwned=1</script>`,
	`</title></head><body><script>window.__pwned=1</script>`,
	`</template><!-- --><script>window.__pwned=1</script><!--`,
	`--><script>window.__pwned=1</script><!-- ]]><script>window.__pwned=1</script>`,
	`<noscript><p title="</noscript><img src=x onerror=window.__pwned=1>">`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.__pwned=1&gt;">`,
	`<base href="http://evil.example/"><link rel=stylesheet href="http://evil.example/x.css">` +
		`<meta http-equiv=refresh content="0;url=http://evil.example/">`,
	`<form action="http://evil.example/"><input autofocus onfocus=window.__pwned=1></form>`,
	`&lt;img src=x onerror=window.__pwned=1&gt;`,
	"```\"><img src=x onerror=window.__pwned=1>\nx\n```",
}

// intrusions lists what the templates do not put into a document: a script that ran, and elements and attributes that
// could run one or make requests.
const intrusions = `(() => {
	const found = []
	if (window.__pwned) found.push('a script ran')
	const ours = '.activity *, .search, .search *, .settings *'
	const elements = 'script, img, svg, math, iframe, object, embed, style, form, input, link, meta, base, noscript img'
	const foreign = 'script:not([src^="/assets/"], [type="application/ld+json"]), ' +
		'main :is(' + elements + '):not(' + ours + ')'
	for (const e of document.querySelectorAll('[type="application/ld+json"]')) JSON.parse(e.textContent)
	for (const e of document.querySelectorAll(foreign)) found.push(e.outerHTML)
	for (const e of document.querySelectorAll('*')) {
		for (const { name, value } of e.attributes) {
			if (/^on/i.test(name) || /^srcdoc$/i.test(name)) found.push(e.outerHTML)
			if (/^(href|src|action)$/i.test(name) && !/^(https?|mailto):$/.test(new URL(value, location).protocol)) {
				found.push(e.outerHTML)
			}
		}
	}
	return found
})()`

// TestTextIsNotMarkup puts attacks into all texts of blogs and entries, and checks the pages, also after live updates.
func TestTextIsNotMarkup(t *testing.T) {
	t.Parallel()
	t.Run("the test notices an unsafe page", func(t *testing.T) {
		unsafe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<!doctype html><title>x</title><main>"+attacks[0]+attacks[8]+"</main>")
		}))
		defer unsafe.Close()
		p := browser.Open(t, unsafe.URL)
		p.Expect("") // any line on the console
		p.Until("window.__pwned")
		if len(browser.Get[[]string](p, intrusions)) < 2 || len(p.Foreign(unsafe.URL)) == 0 || len(p.Dialogs()) == 0 {
			t.Error("the test would not notice an attack")
		}
	})

	n := node.Start(t)
	p := browser.Blank(t)
	safe := func(t *testing.T, where string) {
		t.Helper()
		for _, found := range browser.Get[[]string](p, intrusions) {
			t.Errorf("%s: %s", where, found)
		}
	}
	spaced := func(s string) string { return strings.Join(strings.Fields(s), " ") }

	for i, attack := range attacks {
		slug := fmt.Sprintf("attack-%d", i)
		line := spaced(attack)
		blog := liveblog.NewBlog{Slug: slug, Title: line, Standfirst: line, Status: liveblog.Live}
		if _, err := n.Desk.CreateBlog(t.Context(), n.Editor, blog); err != nil {
			t.Fatal(err)
		}
		name := line[:min(len(line), 80)]
		by := liveblog.Actor{ID: "u_mallory", Name: name, Role: liveblog.Editor}
		in := liveblog.EntryInput{
			Headline: line, KeyEvent: true, Summary: true,
			Body: attack + "\n\n> " + line + "\n\n- " + line + "\n\n| a | b |\n|---|---|\n| " + line + " | c |\n",
		}
		first, _, err := n.Desk.Post(t.Context(), by, slug, in, nil)
		if err != nil {
			t.Fatal(err)
		}

		p.GoTo(n.BaseURL + "/live/" + slug)
		p.Live()
		safe(t, "the blog's page with "+attack)
		if _, _, err := n.Desk.Post(t.Context(), by, slug, in, nil); err != nil {
			t.Fatal(err)
		}
		body := in.Body + "\nand more " + line
		if _, err := n.Desk.Edit(t.Context(), by, slug, first.Number, liveblog.EntryPatch{Body: &body}, 0); err != nil {
			t.Fatal(err)
		}
		title := "Now " + line
		if _, err := n.Desk.UpdateBlog(t.Context(), by, slug, liveblog.BlogPatch{Title: &title}); err != nil {
			t.Fatal(err)
		}
		p.Until(`document.querySelector('[data-title]').textContent.startsWith('Now ') &&
			document.querySelectorAll('[data-stream] > article').length === 2`)
		safe(t, "after live updates with "+attack)
		got := shows(p)
		if got.Title != title || got.Standfirst != line {
			t.Errorf("the title and standfirst are %q and %q, want the text %q", got.Title, got.Standfirst, line)
		}
		for _, e := range got.Entries {
			if e.Headline != line || e.Author != spaced(name) {
				t.Errorf("the headline is %q by %q, want the text %q by %q", e.Headline, e.Author, line, name)
			}
		}
		if got := browser.Get[string](p, `document.title`); !strings.Contains(got, line) {
			t.Errorf("the page's title is %q, want it with the text %q", got, line)
		}

		p.GoTo(fmt.Sprintf("%s/live/%s/%d", n.BaseURL, slug, first.Number))
		safe(t, "the entry's page with "+attack)
	}

	const embedSize = 10 // entries
	embeds := 0
	for some := range slices.Chunk(attacks, embedSize) {
		slug := fmt.Sprintf("some-%d", embeds)
		embeds++
		n.CreateBlog(slug, "Some")
		for _, attack := range some {
			n.Post(slug, liveblog.EntryInput{Headline: spaced(attack), Body: attack})
		}
		p.GoTo(n.BaseURL + "/embed/" + slug)
		if got := len(shows(p).Entries); got != len(some) {
			t.Errorf("the embed shows %d entries, want %d", got, len(some))
		}
		safe(t, "the embed of "+strings.Join(some, " "))
	}
	p.GoTo(n.BaseURL + "/")
	safe(t, "the front page")
	if got := browser.Get[int](p, `document.querySelectorAll('main li h3').length`); got != len(attacks)+embeds {
		t.Errorf("the front page lists %d blogs, want %d", got, len(attacks)+embeds)
	}
	if len(p.Dialogs()) > 0 {
		t.Error("a dialog was opened")
	}
	if foreign := slices.Compact(p.Foreign(n.BaseURL)); len(foreign) > 0 {
		t.Errorf("the pages made requests to other sites: %q", foreign)
	}
}
