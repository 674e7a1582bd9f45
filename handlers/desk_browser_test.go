package handlers

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"readout/liveblog"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a browser's tab on a desk that listens on a port of its own.
type tab struct {
	context.Context
	*deskSite
	base string
	net  *cuttableListener

	mu       sync.Mutex // guards complaints
	problems []string   // what the console says of scripts and policies
}

// cuttableListener is a network that can be cut.
type cuttableListener struct {
	net.Listener
	mu    sync.Mutex // guards the fields below
	cut   bool
	conns []net.Conn
}

func (l *cuttableListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, c)
	if l.cut {
		c.Close()
	}
	return c, nil
}

func (l *cuttableListener) setCut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	if cut {
		for _, c := range l.conns {
			c.Close()
		}
	}
}

// newTab opens a tab and logs in as the role.
func newTab(t *testing.T, role liveblog.Role) *tab {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tab := &tab{base: "http://" + ln.Addr().String(), net: &cuttableListener{Listener: ln}}
	tab.deskSite = newDeskSite(t, func(o *Options) { o.Site.BaseURL = tab.base })
	served := make(chan struct{})
	go func() {
		defer close(served)
		tab.app.Listener(tab.net)
	}()
	t.Cleanup(func() {
		tab.app.ShutdownWithTimeout(time.Second)
		<-served
	})
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true))...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	tab.Context, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Listen(tab.Context, tab.hear); err != nil {
		t.Fatalf("Chromium is needed for this test (apt-get install chromium): %v", err)
	}
	email := string(role) + "@paper.example"
	tab.open(t, "/login")
	tab.do(t, chromedp.SendKeys("#login-email", email), chromedp.SendKeys("#login-password", email), chromedp.Click("button[type=submit]"))
	tab.until(t, `location.pathname === "/desk"`)
	return tab
}

// hear notes what should not happen. A failed request is no fault of the page.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Source != "network" {
			b.problems = append(b.problems, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.Exception.Description))
	case *cdppage.EventJavascriptDialogOpening:
		b.problems = append(b.problems, "a dialog: "+e.Message)
		go chromedp.Do(b.Context, handleDialog)
	}
}

func handleDialog(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
	_, err := cdp.Call(ctx, t, cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{Accept: true})
	return chromedp.Void{}, err
}

func (b *tab) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.Context, actions...); err != nil {
		t.Fatal(err)
	}
}

func (b *tab) open(t *testing.T, path string) {
	t.Helper()
	b.do(t, chromedp.Navigate(b.base+path))
}

// eval returns the text that an expression has in the page.
func (b *tab) eval(t *testing.T, expression string) string {
	t.Helper()
	s, err := chromedp.Run(b.Context, chromedp.Evaluate[string](`String(`+expression+`)`))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// until waits for an expression to hold, over loads of other pages.
func (b *tab) until(t *testing.T, expression string) {
	t.Helper()
	for {
		met, err := chromedp.Run(b.Context, chromedp.Evaluate[bool](`new Promise((done) => {
			const give = setTimeout(() => done(false), 250);
			const look = () => (`+expression+`) ? (clearTimeout(give), done(true)) : requestAnimationFrame(look);
			look();
		})`, chromedp.EvalAwaitPromise))
		if err == nil && met {
			return
		}
		if b.Context.Err() != nil {
			t.Fatalf("%s does not come true", expression)
		}
	}
}

func (b *tab) fields(t *testing.T) string {
	t.Helper()
	return b.eval(t, `["headline","body"].map((n) => document.querySelector("#composer").elements[n].value).join("|")`)
}

func (b *tab) check(t *testing.T, expression, want string) {
	t.Helper()
	if got := b.eval(t, expression); got != want {
		t.Errorf("%s is %q, want %q", expression, got, want)
	}
}

func (b *tab) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.problems) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(b.problems, "\n"))
	}
}

const focusedID = `document.activeElement.id`

func TestComposerByKeyboard(t *testing.T) {
	t.Parallel()
	b := newTab(t, liveblog.Editor)
	b.open(t, "/desk/summit")
	b.do(t, chromedp.SendKeys("#entry-headline", "Talks resume\r")) // Enter goes on to the text
	b.check(t, focusedID, "entry-body")
	b.do(t, chromedp.KeyEvent("They met for **two** hours."))
	b.until(t, `document.querySelector("#preview strong")?.textContent === "two"`)
	b.do(t, chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(t, `document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)
	b.check(t, `document.querySelector("#entries .row h3").textContent.trim()`, "Talks resume")
	b.check(t, focusedID, "entry-body")
	if got := b.fields(t); got != "|" {
		t.Errorf("the composer still holds %q", got)
	}

	b.do(t, chromedp.KeyEvent("A draft."), chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(t, `document.querySelector("#notice").textContent.includes("Entry 2 is saved as a draft.")`)
	if e := b.entry(t, 2); e.Status != liveblog.Draft || e.Body != "A draft." {
		t.Errorf("the draft is %+v", e)
	}

	// An empty entry is refused at the field, and the summary takes the focus.
	b.do(t, chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(t, `document.activeElement.classList.contains("problem")`)
	b.check(t, `document.querySelector("#entry-body").getAttribute("aria-invalid")`, "true")
	b.check(t, `document.querySelector("#entry-body-problem").textContent`, "An entry needs some text.")
	b.do(t, chromedp.SendKeys("#entry-body", "Now with text."), chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(t, `document.querySelector("#notice").textContent.includes("Entry 3 is published.")`)
	b.check(t, `document.querySelectorAll("#composer [aria-invalid]").length`, "0")
	b.quiet(t)
}

func TestTheTextOutlivesTheServer(t *testing.T) {
	t.Parallel()
	b := newTab(t, liveblog.Editor)
	b.open(t, "/desk/summit")
	b.do(t, chromedp.SendKeys("#entry-body", "Typed on a train."))
	b.net.setCut(true)
	b.do(t, chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(t, `document.querySelector(".failure").textContent.includes("The server cannot be reached.")`)
	if got := b.fields(t); got != "|Typed on a train." {
		t.Errorf("the composer holds %q", got)
	}
	b.check(t, `document.activeElement.textContent`, "Try again")
	b.net.setCut(false)
	b.do(t, chromedp.KeyEvent("\r"))
	b.until(t, `document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)

	b.do(t, chromedp.SendKeys("#entry-body", "Typed while the store was away."))
	b.commits.Store(true)
	b.do(t, chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(t, `document.querySelector(".problem")?.textContent.includes("The store cannot be reached")`)
	b.commits.Store(false)
	b.do(t, chromedp.Click("button[value=publish]"))
	b.until(t, `document.querySelector("#notice").textContent.includes("Entry 2 is published.")`)
	b.check(t, `document.querySelectorAll(".problem").length`, "0")
	if n := b.count(t); n != 2 {
		t.Errorf("%d entries were made", n)
	}
	b.quiet(t)
}

func TestTheTextOutlivesTheSession(t *testing.T) {
	t.Parallel()
	b := newTab(t, liveblog.Editor)
	b.open(t, "/desk/summit")
	b.do(t, chromedp.SendKeys("#entry-body", "Typed overnight."))
	b.setNow(b.now.Load().Add(liveblog.SessionLifetime))
	b.do(t, chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(t, `document.querySelector(".problem a[target=_blank]")?.textContent.includes("Log in")`)
	if got := b.fields(t); got != "|Typed overnight." {
		t.Errorf("the composer holds %q", got)
	}
	other, cancel := chromedp.NewContext(b.Context) // the other tab
	defer cancel()
	login := b.eval(t, `document.querySelector(".problem a").href`)
	if err := chromedp.Do(other, chromedp.Navigate(login), chromedp.SendKeys("#login-email", "editor@paper.example"),
		chromedp.SendKeys("#login-password", "editor@paper.example"), chromedp.Click("button[type=submit]"), chromedp.WaitVisible("#composer")); err != nil {
		t.Fatal(err)
	}
	b.do(t, chromedp.Click("button[value=publish]"))
	b.until(t, `document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)
	b.check(t, `document.querySelectorAll(".problem").length`, "0")
	b.quiet(t)
}

func TestAStaleEditInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newTab(t, liveblog.Editor)
	b.add(t, liveblog.Editor, liveblog.EntryInput{Body: "First."})
	b.open(t, "/desk/summit/entries/1")
	if _, err := b.desk.Edit(t.Context(), b.actor(liveblog.Admin), "summit", 1, liveblog.EntryPatch{Body: new("Theirs.")}, 1); err != nil {
		t.Fatal(err)
	}
	b.do(t, chromedp.SendKeys("#entry-body", " And mine."), chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(t, `document.querySelector(".conflict .source")?.textContent === "Theirs."`)
	b.check(t, `document.querySelector("#composer").elements.base.value`, "2")
	mine := strings.TrimPrefix(b.fields(t), "|")
	b.do(t, chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.until(t, `location.pathname === "/desk/summit" && document.querySelector("#notice")?.textContent.includes("Entry 1 is saved.")`)
	if e := b.entry(t, 1); e.Body != mine || e.Revision != 3 {
		t.Errorf("the entry is %+v, typed was %q", e, mine)
	}
	b.quiet(t)
}

func TestLeavingWithUnsavedTextAsks(t *testing.T) {
	t.Parallel()
	b := newTab(t, liveblog.Editor)
	b.open(t, "/desk/summit")
	b.do(t, chromedp.SendKeys("#entry-body", "Unsaved."), chromedp.Click(".trail a"))
	b.until(t, `location.pathname === "/desk"`)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.problems) != 1 || !strings.HasPrefix(b.problems[0], "a dialog") {
		t.Errorf("the browser asked %q", b.problems)
	}
}

// The widths are those of a telephone, a tablet and a notebook. No page scrolls sideways, and what is pressed is large
// enough to be hit.
func TestDeskFitsEveryScreen(t *testing.T) {
	t.Parallel()
	b := newTab(t, liveblog.Editor)
	b.add(t, liveblog.Editor, liveblog.EntryInput{Headline: strings.Repeat("Wortungetüm", 12), Body: strings.Repeat("x", 300), KeyEvent: true, Pinned: true, Summary: true})
	if _, err := b.desk.Edit(t.Context(), b.actor(liveblog.Admin), "summit", 1, liveblog.EntryPatch{Body: new(strings.Repeat("y", 300))}, 1); err != nil {
		t.Fatal(err)
	}
	b.setUp(t)
	b.state(t, liveblog.Editor, liveblog.Draft, "/claim "+strings.Repeat("long-", 15)+"id reported: "+strings.Repeat("Wortungetüm", 12)+"\n/move chips → agreed")
	for _, width := range []int64{360, 768, 1280} {
		b.do(t, chromedp.EmulateViewport(width, 800))
		for _, path := range []string{"/desk", "/desk/summit", "/desk/summit/settings", "/desk/summit/setup", "/desk/summit/entries/1", "/desk/summit/entries/2", "/desk/summit/entries/1/remove", "/desk/summit/entries/1/history"} {
			b.open(t, path)
			if over := b.eval(t, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over != "0" {
				t.Errorf("%s at %d px is %s px too wide", path, width, over)
			}
			small := b.eval(t, `[...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")].filter((e) => {
				const box = e.getBoundingClientRect();
				return box.width > 0 && !e.closest("p:not(.row-links), .preview, .skip") && !e.matches(".skip") && (box.height < 24 || box.width < 24);
			}).map((e) => e.outerHTML).join("\n")`)
			if small != "" {
				t.Errorf("%s at %d px has targets below 24 px:\n%s", path, width, small)
			}
			unnamed := b.eval(t, `[...document.querySelectorAll("input:not([type=hidden]), select, textarea")].filter((e) => !e.labels.length).length`)
			if unnamed != "0" {
				t.Errorf("%s has %s fields without a label", path, unnamed)
			}
		}
	}
	b.quiet(t)
}
