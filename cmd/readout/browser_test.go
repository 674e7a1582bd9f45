package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestBrowser is what a person sees, in a real browser on a real node.
func TestBrowser(t *testing.T) {
	b := startBrowser(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, browser)
	}{
		{"updates arrive within a second", testUpdatesArrive},
		{"a reader who was away misses nothing", testReaderWasAway},
		{"without scripts the entries are the same", testWithoutScripts},
		{"the place being read stays", testPlaceStays},
		{"the layout stays", testLayoutStays},
		{"readers choose and remember", testReading},
		{"text never becomes script", testTextStaysText},
		{"the embed shows on listed sites alone", testEmbed},
		{"readers leave nothing and meet no other site", testPrivacy},
		{"pages are printed in black on white", testPaper},
		{"nothing moves for those who want it so", testMotion},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, b) })
	}
}

// browser is one running Chromium; each tab has a profile of its own in it.
type browser struct{ ctx context.Context }

// startBrowser starts the browser, which ends with the test. Without one the test is skipped, but not in CI.
func startBrowser(t *testing.T) browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no Chromium on this machine")
		}
		t.Skip("there is no Chromium on this machine")
	}
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(1280, 800), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))...)
	t.Cleanup(stop)
	ctx, _ = chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("Chromium does not end: %v", err)
		}
	})
	return browser{ctx}
}

// tab is one page in a profile of its own, with a record of what happened in it.
type tab struct {
	ctx context.Context

	mu       sync.Mutex // guards what follows
	problems []string   // errors on the console and exceptions
	network  []string   // failures of requests, as the console shows them
	dialogs  []string
	requests []string // addresses
	dialog   chan struct{}
}

// tabTimeout ends whatever a test waits for in vain.
const tabTimeout = 180 * time.Second

func (b browser) open(t *testing.T, address string) *tab {
	t.Helper()
	p := b.blank(t)
	p.goTo(t, address)
	return p
}

func (b browser) blank(t *testing.T) *tab {
	t.Helper()
	p := &tab{dialog: make(chan struct{}, 100)}
	ctx, closeTab := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.record))
	t.Cleanup(closeTab)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	var cancel context.CancelFunc
	p.ctx, cancel = context.WithTimeout(ctx, tabTimeout)
	t.Cleanup(cancel)
	go func() { // an open dialog stops the page and whoever waits for it
		for {
			select {
			case <-p.ctx.Done():
				return
			case <-p.dialog:
				_, _ = chromedp.Call(p.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
			}
		}
	}()
	return p
}

func (p *tab) record(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.problems = append(p.problems, fmt.Sprintf("exception: %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			var args []string
			for _, a := range e.Args {
				args = append(args, string(a.Value)+a.Description)
			}
			p.problems = append(p.problems, fmt.Sprintf("console: %s", args))
		}
	case *log.EventEntryAdded:
		line := fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		switch {
		case e.Entry.Level != log.EntryLevelError && e.Entry.Level != log.EntryLevelWarning:
		case e.Entry.Source == log.EntrySourceNetwork || strings.HasPrefix(e.Entry.Text, "WebSocket connection to "):
			p.network = append(p.network, line)
		default:
			p.problems = append(p.problems, line)
		}
	case *page.EventJavascriptDialogOpening:
		p.dialogs = append(p.dialogs, e.Message)
		p.dialog <- struct{}{}
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		p.requests = append(p.requests, e.URL)
	}
}

// clean wants nothing on the console. Lines for failed requests are let pass where the test cut the connection.
func (p *tab) clean(t *testing.T, wasCut bool) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.problems {
		t.Errorf("on the console: %s", line)
	}
	if wasCut {
		return
	}
	for _, line := range p.network {
		t.Errorf("on the console: %s", line)
	}
}

// foreign returns the requests that were not for one of these origins, such as "http://127.0.0.1:8080".
func (p *tab) foreign(origins ...string) (list []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, address := range p.requests {
		u, err := url.Parse(address)
		if err != nil {
			list = append(list, address)
			continue
		}
		origin := strings.Replace(u.Scheme, "ws", "http", 1) + "://" + u.Host
		if u.Scheme != "data" && u.Scheme != "about" && !slices.Contains(origins, origin) {
			list = append(list, address)
		}
	}
	return list
}

func (p *tab) goTo(t *testing.T, address string) {
	t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Navigate(address)); err != nil {
		t.Fatalf("opening %s: %v", address, err)
	}
}

// eval returns the value of an expression in the page, waiting for it where it is a promise.
func eval[T any](t *testing.T, p *tab, expression string, opts ...chromedp.EvaluateOption) T {
	t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, append(opts, chromedp.EvalAwaitPromise)...))
	if err != nil {
		t.Fatalf("%v in %s", err, expression)
	}
	return v
}

// wait waits until a condition holds in the page.
func (p *tab) wait(t *testing.T, condition string) {
	t.Helper()
	poll := chromedp.Poll[chromedp.Void]("!!("+condition+")", chromedp.WithPollingTimeout(20*time.Second))
	err := chromedp.Do(p.ctx, poll)
	if err != nil && strings.Contains(err.Error(), "Cannot find context") {
		err = chromedp.Do(p.ctx, poll) // the page before this one had just gone
	}
	if err != nil {
		t.Fatalf("waiting until %s: %v; the page: %.2000s", condition, err,
			eval[string](t, p, `document.querySelector('main')?.innerText ?? document.documentElement.innerText`))
	}
}

// live waits until the page's connection is in place.
func (p *tab) live(t *testing.T) {
	t.Helper()
	p.wait(t, `document.querySelector('[data-connection="live"]')`)
}

// shown is a stream as a reader sees it, without what depends on the reader's clock.
type shown struct {
	Title      string
	Standfirst string
	KeyEvents  []string
	Entries    []shownEntry
}

type shownEntry struct {
	Number, Revision, Headline, Text, Author, Labels string
	Hidden                                           bool
}

// snapshot is a function of a document that returns a value for shown.
const snapshot = `(doc) => {
	const text = (root, selector) => (root.querySelector(selector)?.textContent ?? '').replace(/\s+/g, ' ').trim()
	return {
		Title: text(doc, '[data-title]'),
		Standfirst: text(doc, '.standfirst'),
		KeyEvents: [...doc.querySelectorAll('.key-events .what')].map((e) => e.textContent),
		Entries: [...doc.querySelectorAll('[data-stream] > article')].map((a) => ({
			Number: a.dataset.number, Revision: a.dataset.revision,
			Headline: text(a, '.headline'), Text: text(a, '.prose'), Author: text(a, '.author'), Labels: text(a, '.labels'),
			Hidden: doc === document && a.getClientRects().length === 0,
		})),
	}
}`

// shows returns what is in the page now.
func (p *tab) shows(t *testing.T) shown {
	t.Helper()
	return eval[shown](t, p, "("+snapshot+")(document)")
}

// served returns what the server's pages of a blog say now, the older ones with it.
func (p *tab) served(t *testing.T, path string) shown {
	t.Helper()
	return eval[shown](t, p, fmt.Sprintf(`(async () => {
		let all
		for (let address = %q; address;) {
			const html = await (await fetch(address, { cache: 'no-store' })).text()
			const doc = new DOMParser().parseFromString(html, 'text/html')
			const page = (%s)(doc)
			if (all) all.Entries.push(...page.Entries)
			else all = page
			address = doc.querySelector('a[data-older]')?.getAttribute('href')
		}
		return all
	})()`, path, snapshot))
}

// frame returns the evaluation option for the first frame within the page, and its frame.
func (p *tab) frame(t *testing.T) (chromedp.EvaluateOption, *cdp.Frame) {
	t.Helper()
	tree, err := chromedp.Call(p.ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.FrameTree.ChildFrames) != 1 {
		t.Fatalf("the page has %d frames, want 1", len(tree.FrameTree.ChildFrames))
	}
	frame := tree.FrameTree.ChildFrames[0].Frame
	world, err := chromedp.Call(p.ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame.ID})
	if err != nil {
		t.Fatal(err)
	}
	return func(e *runtime.EvaluateParams) { e.ContextID = world.ExecutionContextID }, frame
}
