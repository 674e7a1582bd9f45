// Package desk_test uses the desk in a browser, as editors do.
package desk_test

import (
	"flag"
	"os"
	"testing"

	"readout/cmd/readout/acceptance/browser"

	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "4") // editors leave a machine idle most of the time
	os.Exit(browser.Main(m))
}

// tab is a tab in which an editor is logged in, and its site.
type tab struct {
	*browser.Tab
	*site
}

// newTab starts a site, opens a tab and logs in.
func newTab(t *testing.T) *tab {
	t.Helper()
	s := newSite(t)
	b := &tab{Tab: browser.Blank(t), site: s}
	b.ExpectFailedRequests() // refused forms are answered with 4xx, and tests cut the network
	b.open("/login")
	b.Do(logIn()...)
	b.Until(`location.pathname === "/desk" && document.readyState === "complete"`)
	return b
}

// logIn returns the actions that log the editor in on the login page.
func logIn() []browser.Action {
	return []browser.Action{
		chromedp.SendKeys("#login-email", editor),
		chromedp.SendKeys("#login-password", editor),
		chromedp.Click("button[type=submit]"),
	}
}

func (b *tab) open(path string) { b.GoTo(b.base + path) }

// eval returns the value of an expression in the page as a string.
func (b *tab) eval(expression string) string {
	return browser.Get[string](b.Tab, "String("+expression+")")
}

// fields returns the composer's headline and text, as headline|text.
func (b *tab) fields() string {
	return b.eval(`["headline","body"].map((n) => document.querySelector("#composer").elements[n].value).join("|")`)
}

// check compares the value of an expression in the page.
func (b *tab) check(t *testing.T, expression, want string) {
	t.Helper()
	if got := b.eval(expression); got != want {
		t.Errorf("%s is %q, want %q", expression, got, want)
	}
}
