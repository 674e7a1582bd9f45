package views_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	browserlog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium starts one browser for all tests that ask for one, and never twice.
var chromium = sync.OnceValues(func() (context.Context, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		ctx, _ := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("site-per-process", true))...)
		ctx, _ = chromedp.NewContext(ctx)
		return ctx, chromedp.Do(ctx)
	}
	return nil, exec.ErrNotFound
})

func TestMain(m *testing.M) {
	code := m.Run()
	if browserUsed.Load() {
		if ctx, err := chromium(); err == nil {
			chromedp.Cancel(ctx)
		}
	}
	os.Exit(code)
}

// browserUsed keeps TestMain from starting a browser only to close it.
var browserUsed atomic.Bool

// tab is a reader's page in the browser.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	errors   []string
	excepted string // a part of the errors that the test provokes itself
}

// open shows an address in a tab of its own. Whatever the page writes to the console as an error fails the test.
func open(t *testing.T, url string, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	browserUsed.Store(true)
	parent, err := chromium()
	if err == exec.ErrNotFound {
		if os.Getenv("CI") != "" {
			t.Fatal("There is no Chromium in PATH; install it, for instance by apt-get install chromium.")
		}
		t.Skip("there is no Chromium in PATH")
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	p := &tab{t: t}
	var stop context.CancelFunc
	p.ctx, stop = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(stop)
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, e := range p.errors {
			if p.excepted == "" || !strings.Contains(e, p.excepted) {
				t.Errorf("console: %s", e)
			}
		}
	})
	p.do(append(before, chromedp.EmulateViewport(800, 600), chromedp.Navigate(url))...)
	return p
}

func (p *tab) hear(event any) {
	var text string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type != "error" && e.Type != "warning" {
			return
		}
		text = fmt.Sprint("console.", e.Type)
	case *browserlog.EventEntryAdded:
		if e.Entry.Level != "error" {
			return
		}
		text = e.Entry.Text + " " + e.Entry.URL
	default:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.errors = append(p.errors, text)
}

// expectErrors lets errors pass that hold the text: browsers report a refused connection themselves.
func (p *tab) expectErrors(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.excepted = part
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// get evaluates an expression.
func get[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// run evaluates statements for what they do.
func (p *tab) run(statements string) {
	p.t.Helper()
	get[bool](p, "(() => {"+statements+"; return true})()")
}

// until waits for an expression to become true. It asks from outside, since tests change the page's timers and the page
// may be replaced meanwhile.
func (p *tab) until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 15*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.t.Fatalf("%s: not so (%v)\nthe page has %s\nit says %q", expression, err, p.list(),
				get[string](p, `document.querySelector('[data-connection]')?.innerText || document.body.innerText.slice(0, 200)`))
		}
	}
}

// live waits until the page says that it is connected.
func (p *tab) live() {
	p.t.Helper()
	p.until(`document.querySelector('[data-connection]')?.dataset.connection === 'live'`)
}

// list is what the page shows, as [newsroom.list] writes it.
func (p *tab) list() string {
	p.t.Helper()
	return get[string](p, listed)
}

const listed = `[...document.querySelectorAll('[data-stream] > article')].map(a => a.dataset.number + '.' + a.dataset.revision).join(' ')`

// shows waits for the list to be want.
func (p *tab) shows(want string) {
	p.t.Helper()
	p.until(listed + fmt.Sprintf(" === %q", want))
}

// text is what an element reads.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return get[string](p, fmt.Sprintf("document.querySelector(%q).innerText", selector))
}

// ahead runs a script in the page before its own.
func ahead(source string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
		return err
	})
}

// hurried makes the page's timers run a hundred times faster.
var hurried = ahead(`const slow = window.setTimeout; window.setTimeout = (f, ms, ...a) => slow(f, ms / 100, ...a)`)

// inZone sets the reader's time zone.
func inZone(zone string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
		return err
	})
}

func chromeViewport(width int64) chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(width, 700)
}
