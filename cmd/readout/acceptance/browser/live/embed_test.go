package live_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// startEmbedding starts a node whose blog "summit" has three entries, with a site that may embed it, and one that may not.
func startEmbedding(t *testing.T) (n *node.Node, listed, stranger string) {
	t.Helper()
	n, listed, stranger = node.StartEmbedding(t, node.Start)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 3)
	return n, listed, stranger
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	n, listed, stranger := startEmbedding(t)
	const height = `document.querySelector('iframe').getBoundingClientRect().height`

	p := browser.Open(t, listed)
	p.Until(height + " > 0")
	inFrame, _ := p.Frame()
	await := func(condition string) {
		t.Helper()
		p.Until(condition, inFrame)
	}
	followed := func() float64 {
		t.Helper()
		inner := browser.Get[float64](p, `Math.ceil(document.documentElement.getBoundingClientRect().height)`, inFrame)
		p.Until(fmt.Sprintf("%s === %v", height, inner))
		return inner
	}
	await(`document.querySelector('[data-connection="live"]') && document.querySelectorAll('[data-stream] > article').length === 3`)
	before := followed()
	e := n.Post("summit", liveblog.EntryInput{Headline: "A truce", Body: strings.Repeat("Both sides confirmed it.\n\n", 12)})
	await(`document.querySelector('#entry-4 .headline')?.textContent === 'A truce'`)
	taller := followed()
	if taller < before+200 {
		t.Errorf("the frame grew from %v to %v px with twelve more paragraphs", before, taller)
	}
	n.Remove("summit", e.Number)
	await(`!document.querySelector('#entry-4')`)
	if after := followed(); after >= taller {
		t.Errorf("the frame stayed at %v px when the entry was removed", after)
	}
	if got := browser.Get[bool](p, `document.querySelector('iframe').checkVisibility({ visibilityProperty: true })`); !got {
		t.Error("the frame is not to be seen")
	}

	p = browser.Open(t, stranger) // which returns when the frame has loaded, or has been refused
	p.Expect("frame-ancestors")
	inFrame, frame := p.Frame()
	if frame.UnreachableURL == "" {
		t.Errorf("on a site that is not listed the frame holds %s, want nothing", frame.URL)
	}
	if got := browser.Get[int](p, `document.querySelectorAll('article').length`, inFrame); got != 0 {
		t.Errorf("on a site that is not listed the frame has %d entries, want none", got)
	}
	if got := browser.Get[float64](p, height); got != 0 {
		t.Errorf("on a site that is not listed the frame is %v px high, want 0", got)
	}
	if browser.Get[bool](p, `document.querySelector('iframe').checkVisibility({ visibilityProperty: true })`) {
		t.Error("on a site that is not listed the frame is to be seen")
	}
}

// kept is what a site has left in the browser.
type kept struct {
	Cookies, Local, Session, Databases, Caches int
}

func keptIn(p *browser.Tab) kept {
	k := browser.Get[kept](p, `(async () => ({
		Local: localStorage.length, Session: sessionStorage.length,
		Databases: (await indexedDB.databases()).length, Caches: (await caches.keys()).length,
	}))()`)
	p.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		cookies, err := cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{})
		k.Cookies = len(cookies.Cookies)
		return err
	}))
	return k
}

func TestPrivacy(t *testing.T) {
	t.Parallel()
	n, listed, _ := startEmbedding(t)
	for i, path := range []string{"/", "/live/summit", "/live/summit/2", "/live/summit?before=3", "/embed/summit"} {
		p := browser.Open(t, n.BaseURL+path)
		if path != "/" {
			p.Live()
			body := fmt.Sprintf("An update for page %d.", i)
			n.Edit("summit", 2, liveblog.EntryPatch{Body: &body})
			p.Until(fmt.Sprintf("document.querySelector('#entry-2 .prose').textContent.includes(%q)", body))
		}
		if got := keptIn(p); got != (kept{}) {
			t.Errorf("%s left in the browser %+v, want nothing", path, got)
		}
		if foreign := p.Foreign(n.BaseURL); len(foreign) > 0 {
			t.Errorf("%s made requests elsewhere: %q", path, foreign)
		}
	}

	talks := node.StartTalks(t)
	talks.Record()
	visitor := browser.Blank(t)
	visitor.ExpectFailedRequests() // some of the pages are for mistakes
	for _, path := range node.PublicPages() {
		visitor.GoTo(talks.BaseURL + path)
		if got := keptIn(visitor); got != (kept{}) {
			t.Errorf("%s left in the browser %+v, want nothing", path, got)
		}
		if foreign := visitor.Foreign(talks.BaseURL); len(foreign) > 0 {
			t.Errorf("%s made requests elsewhere: %q", path, foreign)
		}
	}

	p := browser.Open(t, listed)
	p.Until(`document.querySelector('iframe').getBoundingClientRect().height > 0`)
	if foreign := p.Foreign(n.BaseURL, listed); len(foreign) > 0 {
		t.Errorf("the embed made requests elsewhere: %q", foreign)
	}
	if got := keptIn(p); got != (kept{}) {
		t.Errorf("the embed left at the partner's %+v, want nothing", got)
	}

	p.GoTo(n.BaseURL + "/live/summit") // the embed and the page share what is kept
	if got := keptIn(p); got != (kept{}) {
		t.Errorf("the embed left in the browser %+v, want nothing", got)
	}
	browser.Get[any](p, `document.cookie = 'a=1'; localStorage.a = sessionStorage.a = 1`)
	if got, want := keptIn(p), (kept{Cookies: 1, Local: 1, Session: 1}); got != want {
		t.Errorf("the test sees %+v where the page left %+v", got, want)
	}
}
