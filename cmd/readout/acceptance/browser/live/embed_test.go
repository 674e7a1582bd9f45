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

// startEmbedding starts a node whose blog "summit" has three entries, a site that may embed it, and one that may not.
func startEmbedding(t *testing.T) (n *node.Node, allowed, stranger string) {
	t.Helper()
	n, allowed, stranger = node.StartEmbedding(t, node.Start)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 3)
	return n, allowed, stranger
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	n, allowed, stranger := startEmbedding(t)
	const height = `document.querySelector('iframe').getBoundingClientRect().height`
	const visible = `document.querySelector('iframe').checkVisibility({ visibilityProperty: true })`

	p := browser.Open(t, allowed)
	p.Until(height + " > 0")
	inFrame, _ := p.Frame()
	await := func(condition string) {
		t.Helper()
		p.Until(condition, inFrame)
	}
	// fitted waits until the frame is as high as its content, and returns the height.
	fitted := func() float64 {
		t.Helper()
		inner := browser.Get[float64](p, `Math.ceil(document.documentElement.getBoundingClientRect().height)`, inFrame)
		p.Until(fmt.Sprintf("%s === %v", height, inner))
		return inner
	}
	await(`document.querySelector('[data-connection="live"]') &&
		document.querySelectorAll('[data-stream] > article').length === 3`)
	before := fitted()
	e := n.Post("summit", liveblog.EntryInput{
		Headline: "A truce", Body: strings.Repeat("Both sides confirmed it.\n\n", 12),
	})
	await(`document.querySelector('#entry-4 .headline')?.textContent === 'A truce'`)
	taller := fitted()
	if taller < before+200 {
		t.Errorf("the frame grew from %v to %v px with twelve more paragraphs", before, taller)
	}
	n.Remove("summit", e.Number)
	await(`!document.querySelector('#entry-4')`)
	if after := fitted(); after >= taller {
		t.Errorf("the frame is still %v px high after the entry was removed", after)
	}
	if !browser.Get[bool](p, visible) {
		t.Error("the frame is not visible")
	}

	p = browser.Open(t, stranger) // returns when the frame has loaded or was refused
	p.Expect("frame-ancestors")
	inFrame, frame := p.Frame()
	if frame.UnreachableURL == "" {
		t.Errorf("on a site that is not allowed the frame has the document %s, want none", frame.URL)
	}
	if got := browser.Get[int](p, `document.querySelectorAll('article').length`, inFrame); got != 0 {
		t.Errorf("on a site that is not allowed the frame has %d entries, want none", got)
	}
	if got := browser.Get[float64](p, height); got != 0 {
		t.Errorf("on a site that is not allowed the frame is %v px high, want 0", got)
	}
	if browser.Get[bool](p, visible) {
		t.Error("on a site that is not allowed the frame is visible")
	}
}

// storage counts what a site has stored in the browser.
type storage struct {
	Cookies, Local, Session, Databases, Caches int
}

// storageOf returns what the site of the page has stored.
func storageOf(p *browser.Tab) storage {
	s := browser.Get[storage](p, `(async () => ({
		Local: localStorage.length, Session: sessionStorage.length,
		Databases: (await indexedDB.databases()).length, Caches: (await caches.keys()).length,
	}))()`)
	p.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		cookies, err := cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{})
		s.Cookies = len(cookies.Cookies)
		return err
	}))
	return s
}

// TestPrivacy checks that no page stores anything in the browser or makes requests to other sites.
func TestPrivacy(t *testing.T) {
	t.Parallel()
	n, allowed, _ := startEmbedding(t)
	for i, path := range []string{"/", "/live/summit", "/live/summit/2", "/live/summit?before=3", "/embed/summit"} {
		p := browser.Open(t, n.BaseURL+path)
		if path != "/" {
			p.Live()
			body := fmt.Sprintf("An update for page %d.", i)
			n.Edit("summit", 2, liveblog.EntryPatch{Body: &body})
			p.Until(fmt.Sprintf("document.querySelector('#entry-2 .prose').textContent.includes(%q)", body))
		}
		if got := storageOf(p); got != (storage{}) {
			t.Errorf("%s stored %+v, want nothing", path, got)
		}
		if foreign := p.Foreign(n.BaseURL); len(foreign) > 0 {
			t.Errorf("%s made requests to other sites: %q", path, foreign)
		}
	}

	talks := node.StartTalks(t)
	talks.Record()
	visitor := browser.Blank(t)
	visitor.ExpectFailedRequests() // some pages are errors
	for _, path := range node.PublicPages() {
		visitor.GoTo(talks.BaseURL + path)
		if got := storageOf(visitor); got != (storage{}) {
			t.Errorf("%s stored %+v, want nothing", path, got)
		}
		if foreign := visitor.Foreign(talks.BaseURL); len(foreign) > 0 {
			t.Errorf("%s made requests to other sites: %q", path, foreign)
		}
	}

	p := browser.Open(t, allowed)
	p.Until(`document.querySelector('iframe').getBoundingClientRect().height > 0`)
	if foreign := p.Foreign(n.BaseURL, allowed); len(foreign) > 0 {
		t.Errorf("the embed made requests to other sites: %q", foreign)
	}
	if got := storageOf(p); got != (storage{}) {
		t.Errorf("the embed stored %+v for the partner's site, want nothing", got)
	}

	p.GoTo(n.BaseURL + "/live/summit") // has the same storage as the embed
	if got := storageOf(p); got != (storage{}) {
		t.Errorf("the embed stored %+v, want nothing", got)
	}
	browser.Get[any](p, `document.cookie = 'a=1'; localStorage.a = sessionStorage.a = 1`)
	if got, want := storageOf(p), (storage{Cookies: 1, Local: 1, Session: 1}); got != want {
		t.Errorf("the test finds %+v where the page stored %+v", got, want)
	}
}
