package browser

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Action is an action of a tab.
type Action = chromedp.Action[chromedp.Void]

// Tab is a tab with a profile of its own, and a record of what happened in it. It may be used only by the goroutine of
// its test.
type Tab struct {
	Ctx context.Context // of chromedp, without a deadline

	t      *testing.T
	dialog chan struct{} // receives once for each dialog that opens

	mu         sync.Mutex // guards the fields below
	problems   []string   // errors and warnings on the console, and exceptions
	network    []string   // failed requests, as the console shows them
	dialogs    []string   // messages
	requests   []string   // URLs
	expected   []string   // parts of lines of the console that the test provokes
	anyNetwork bool       // failed requests are expected
}

// Blank opens an empty tab. It closes when the test ends.
func Blank(t *testing.T) *Tab {
	t.Helper()
	return newTab(t, need(t), chromedp.WithNewBrowserContext())
}

// Beside opens another empty tab in the profile of this one.
func (p *Tab) Beside() *Tab {
	p.t.Helper()
	return newTab(p.t, p.Ctx)
}

func newTab(t *testing.T, parent context.Context, options ...chromedp.ContextOption) *Tab {
	t.Helper()
	p := &Tab{t: t, dialog: make(chan struct{}, 100)}
	ctx, closeTab := chromedp.NewContext(parent, append(options, chromedp.WithListener(p.record))...)
	p.Ctx = ctx
	t.Cleanup(func() {
		p.checkConsole()
		closeTab()
	})
	if err := chromedp.Do(ctx); err != nil { // the first call creates the tab, which lives as long as ctx
		t.Fatal(err)
	}
	// Without this a tab would lose the focus to tabs of other tests.
	p.Do(Call(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}))
	go func() { // accepts dialogs, since an open dialog blocks the page and the test
		for {
			select {
			case <-ctx.Done():
				return
			case <-p.dialog:
				_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
			}
		}
	}()
	return p
}

// Open runs the actions in a new tab and then opens an address in it.
func Open(t *testing.T, address string, before ...Action) *Tab {
	t.Helper()
	p := Blank(t)
	p.Do(before...)
	p.GoTo(address)
	return p
}

// Call returns an action that calls a method of the DevTools protocol.
func Call[P, R any](command cdp.Command[P, R], params P) Action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// Ahead returns an action after which a script runs in each document before the document's own scripts.
func Ahead(source string) Action {
	return Call(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
}

// InZone returns an action that sets the browser's time zone.
func InZone(zone string) Action {
	return Call(emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
}

// WithoutScripts returns an action that turns scripts off.
func WithoutScripts() Action {
	return Call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// Media returns an action that sets the medium, "" for the screen, and media features, which are pairs such as
// "prefers-color-scheme", "dark".
func Media(medium string, features ...string) Action {
	params := emulation.SetEmulatedMediaParams{Media: medium}
	for pair := range slices.Chunk(features, 2) {
		params.Features = append(params.Features, &emulation.MediaFeature{Name: pair[0], Value: pair[1]})
	}
	return Call(emulation.SetEmulatedMedia, params)
}

// Size returns an action that sets the size of the viewport, in pixels.
func Size(width, height int64) Action { return chromedp.EmulateViewport(width, height) }

// record records an event of the browser.
func (p *Tab) record(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.problems = append(p.problems, text)
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
		if e.Entry.Source == log.EntrySourceNetwork || strings.HasPrefix(e.Entry.Text, "WebSocket connection to ") {
			p.network = append(p.network, line)
		} else {
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

// Expect allows lines with this text on the console, for errors that the test provokes.
func (p *Tab) Expect(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = append(p.expected, part)
}

// ExpectFailedRequests allows failed requests on the console, for a test that cuts connections or provokes error
// answers.
func (p *Tab) ExpectFailedRequests() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.anyNetwork = true
}

// checkConsole fails the test if the console has lines that it does not expect.
func (p *Tab) checkConsole() {
	for _, line := range p.console() {
		p.t.Errorf("on the console: %s", line)
	}
}

// console returns the lines of the console that the test does not expect.
func (p *Tab) console() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := slices.Clone(p.problems)
	if !p.anyNetwork {
		lines = append(lines, p.network...)
	}
	return slices.DeleteFunc(lines, func(line string) bool {
		return slices.ContainsFunc(p.expected, func(part string) bool { return strings.Contains(line, part) })
	})
}

// Dialogs returns the messages of the dialogs that have opened. The tab accepts each at once.
func (p *Tab) Dialogs() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.dialogs)
}

// Requests returns the URLs that the tab has requested, with those of WebSockets.
func (p *Tab) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// Foreign returns the requested URLs outside the given origins, which are of the form "http://127.0.0.1:8080".
func (p *Tab) Foreign(origins ...string) (list []string) {
	for _, address := range p.Requests() {
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

// Do does the actions, one after the other.
func (p *Tab) Do(actions ...Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, Patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.fatalf("the browser: %v", err)
	}
}

// GoTo opens an address and returns when the page has loaded and the field with autofocus, if there is one, has the
// focus. Browsers move the focus there with the first frame, and complain if a test was faster.
func (p *Tab) GoTo(address string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, Patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		p.fatalf("opening %s: %v", address, err)
	}
	p.Until(`!document.querySelector('[autofocus]') || document.activeElement !== document.body`)
}

// Get returns the value of an expression in the page. If that is a promise, Get waits for it.
func Get[T any](p *Tab, expression string, opts ...chromedp.EvaluateOption) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, Patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, append(opts, chromedp.EvalAwaitPromise)...))
	if err != nil {
		p.fatalf("%v in %s", err, expression)
	}
	return v
}

// Run runs statements in the page.
func (p *Tab) Run(statements string) {
	p.t.Helper()
	Get[bool](p, "(() => {"+statements+"; return true})()")
}

// Until waits until a condition holds in the page. It polls from outside, since tests change the page's timers, and the
// page may be replaced by another meanwhile.
func (p *Tab) Until(condition string, opts ...chromedp.EvaluateOption) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, Patience)
	defer cancel()
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 25*time.Millisecond) {
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")", opts...))
		if holds && err == nil {
			return
		}
		if err != nil && strings.Contains(err.Error(), "SyntaxError") {
			p.fatalf("%v in %s", err, condition)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			p.fatalf("waited in vain for %s (%v)", condition, err)
		}
	}
}

// Live waits until the page says that it is connected.
func (p *Tab) Live() {
	p.t.Helper()
	p.Until(`document.querySelector('[data-connection]')?.dataset.connection === 'live'`)
}

// Drawn waits until the browser has drawn this many further frames.
func (p *Tab) Drawn(frames int) {
	p.t.Helper()
	Get[bool](p, fmt.Sprintf(`(async () => {
		for (let drawn = 0; drawn < %d; drawn++) await new Promise((next) => requestAnimationFrame(next))
		return true
	})()`, frames))
}

// Offline makes the browser report that it is offline, or online again. Open WebSockets stay open.
func (p *Tab) Offline(offline bool) {
	p.t.Helper()
	p.Do(Call(network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: offline, DownloadThroughput: -1, UploadThroughput: -1,
	}))
}

// Frame returns the only frame in the page, and the option with which expressions are evaluated in it.
func (p *Tab) Frame() (chromedp.EvaluateOption, *cdp.Frame) {
	p.t.Helper()
	tree, err := chromedp.Call(p.Ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		p.fatalf("the browser: %v", err)
	}
	if len(tree.FrameTree.ChildFrames) != 1 {
		p.fatalf("the page has %d frames, want 1", len(tree.FrameTree.ChildFrames))
	}
	frame := tree.FrameTree.ChildFrames[0].Frame
	world, err := chromedp.Call(p.Ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame.ID})
	if err != nil {
		p.fatalf("the browser: %v", err)
	}
	return func(e *runtime.EvaluateParams) { e.ContextID = world.ExecutionContextID }, frame
}

// fatalf fails the test, with the content of the page and the console.
func (p *Tab) fatalf(format string, args ...any) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, 10*time.Second)
	defer cancel()
	shows, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + '\n' +
		'connection: ' + document.querySelector('[data-connection]')?.dataset.connection + '\n' +
		[...document.querySelectorAll('[data-stream] > article')]
			.map((a) => a.dataset.number + '.' + a.dataset.revision).join(' ') + '\n' +
		(document.querySelector('main') ?? document.documentElement).innerText.slice(0, 2000)`))
	if err != nil {
		shows = fmt.Sprintf("it could not be read (%v)", err)
	}
	p.mu.Lock()
	console := slices.Concat(p.problems, p.network)
	p.mu.Unlock()
	p.t.Fatalf("%s\nthe console: %q\nthe page: %s", fmt.Sprintf(format, args...), console, shows)
}
