package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"readout/cmd/readout/server"
	"readout/liveblog"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// newPartner is another site, with one script tag for the blog "summit" of the server at the address that base gives.
func newPartner(t *testing.T, base func() string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent) // the icon that browsers ask for
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>A partner</title><p>Above</p><script src="%s/embed.js" data-blog="summit"></script><p>Below</p>`, base())
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// newEmbeddingNode is a node with a blog, a site that may embed it, and one that may not.
func newEmbeddingNode(t *testing.T) (n *testNode, listed, stranger string) {
	t.Helper()
	base := sync.OnceValue(func() string { return n.BaseURL })
	listed, stranger = newPartner(t, base), newPartner(t, base)
	n = newTestNode(t, func(s *server.Settings) { s.EmbedOrigins = []string{listed} })
	n.createBlog(t, "summit", "The summit")
	n.fill(t, "summit", 3)
	return n, listed, stranger
}

func testEmbed(t *testing.T, b browser) {
	n, listed, stranger := newEmbeddingNode(t)
	const height = `document.querySelector('iframe').getBoundingClientRect().height`

	p := b.open(t, listed)
	p.wait(t, height+" > 0")
	inFrame, _ := p.frame(t)
	await := func(condition string) {
		t.Helper()
		eval[bool](t, p, fmt.Sprintf(`new Promise((done) => {
			const look = () => (%s) ? done(true) : setTimeout(look, 20)
			look()
		})`, condition), inFrame)
	}
	followed := func() float64 {
		t.Helper()
		inner := eval[float64](t, p, `Math.ceil(document.documentElement.getBoundingClientRect().height)`, inFrame)
		p.wait(t, fmt.Sprintf("%s === %v", height, inner))
		return inner
	}
	await(`document.querySelector('[data-connection="live"]') && document.querySelectorAll('[data-stream] > article').length === 3`)
	before := followed()
	e := n.post(t, "summit", liveblog.EntryInput{Headline: "A truce", Body: strings.Repeat("Both sides confirmed it.\n\n", 12)})
	await(`document.querySelector('#entry-4 .headline')?.textContent === 'A truce'`)
	taller := followed()
	if taller < before+200 {
		t.Errorf("the frame grew from %v to %v px with twelve more paragraphs", before, taller)
	}
	n.remove(t, "summit", e.Number)
	await(`!document.querySelector('#entry-4')`)
	if after := followed(); after >= taller {
		t.Errorf("the frame stayed at %v px when the entry was removed", after)
	}
	if got := eval[bool](t, p, `document.querySelector('iframe').checkVisibility({ visibilityProperty: true })`); !got {
		t.Error("the frame is not to be seen")
	}
	p.clean(t, false)

	p = b.open(t, stranger) // which returns when the frame has loaded, or has been refused
	inFrame, frame := p.frame(t)
	if frame.UnreachableURL == "" {
		t.Errorf("on a site that is not listed the frame holds %s, want nothing", frame.URL)
	}
	if got := eval[int](t, p, `document.querySelectorAll('article').length`, inFrame); got != 0 {
		t.Errorf("on a site that is not listed the frame has %d entries, want none", got)
	}
	if got := eval[float64](t, p, height); got != 0 {
		t.Errorf("on a site that is not listed the frame is %v px high, want 0", got)
	}
	if eval[bool](t, p, `document.querySelector('iframe').checkVisibility({ visibilityProperty: true })`) {
		t.Error("on a site that is not listed the frame is to be seen")
	}
}

// kept is what a site has left in the browser.
type kept struct {
	Cookies, Local, Session, Databases, Caches int
}

func (p *tab) kept(t *testing.T) kept {
	t.Helper()
	k := eval[kept](t, p, `(async () => ({
		Local: localStorage.length, Session: sessionStorage.length,
		Databases: (await indexedDB.databases()).length, Caches: (await caches.keys()).length,
	}))()`)
	cookies, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		t.Fatal(err)
	}
	k.Cookies = len(cookies.Cookies)
	return k
}

func testPrivacy(t *testing.T, b browser) {
	n, listed, _ := newEmbeddingNode(t)
	for i, path := range []string{"/", "/live/summit", "/live/summit/2", "/live/summit?before=3", "/embed/summit"} {
		p := b.open(t, n.BaseURL+path)
		if path != "/" {
			p.live(t)
			body := fmt.Sprintf("An update for page %d.", i)
			n.edit(t, "summit", 2, liveblog.EntryPatch{Body: &body})
			p.wait(t, fmt.Sprintf("document.querySelector('#entry-2 .prose').textContent.includes(%q)", body))
		}
		if got := p.kept(t); got != (kept{}) {
			t.Errorf("%s left in the browser %+v, want nothing", path, got)
		}
		if foreign := p.foreign(n.BaseURL); len(foreign) > 0 {
			t.Errorf("%s made requests elsewhere: %q", path, foreign)
		}
		p.clean(t, false)
	}

	talks := newTalksNode(t)
	talks.record(t)
	visitor := b.blank(t)
	for _, path := range axePages {
		visitor.goTo(t, talks.BaseURL+path)
		if got := visitor.kept(t); got != (kept{}) {
			t.Errorf("%s left in the browser %+v, want nothing", path, got)
		}
		if foreign := visitor.foreign(talks.BaseURL); len(foreign) > 0 {
			t.Errorf("%s made requests elsewhere: %q", path, foreign)
		}
	}

	p := b.open(t, listed)
	p.wait(t, `document.querySelector('iframe').getBoundingClientRect().height > 0`)
	if foreign := p.foreign(n.BaseURL, listed); len(foreign) > 0 {
		t.Errorf("the embed made requests elsewhere: %q", foreign)
	}
	if got := p.kept(t); got != (kept{}) {
		t.Errorf("the embed left at the partner's %+v, want nothing", got)
	}

	p.goTo(t, n.BaseURL+"/live/summit") // the embed and the page share what is kept
	if got := p.kept(t); got != (kept{}) {
		t.Errorf("the embed left in the browser %+v, want nothing", got)
	}
	eval[any](t, p, `document.cookie = 'a=1'; localStorage.a = sessionStorage.a = 1`)
	if got, want := p.kept(t), (kept{Cookies: 1, Local: 1, Session: 1}); got != want {
		t.Errorf("the test sees %+v where the page left %+v", got, want)
	}
}
