// Package desk_test is what editors see of their desk in a real browser.
package desk_test

import (
	"os"
	"testing"

	"readout/cmd/readout/acceptance/browser"

	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// tab is an editor's tab on a desk of its own.
type tab struct {
	*browser.Tab
	*site
}

// newTab opens a tab and logs in.
func newTab(t *testing.T) *tab {
	t.Helper()
	s := newSite(t)
	b := &tab{Tab: browser.Blank(t), site: s}
	b.ExpectFailedRequests() // a refused form is answered with 4xx, and tests cut the line
	b.open("/login")
	b.Do(chromedp.SendKeys("#login-email", editor), chromedp.SendKeys("#login-password", editor), chromedp.Click("button[type=submit]"))
	b.Until(`location.pathname === "/desk" && document.readyState === "complete"`)
	return b
}

func (b *tab) open(path string) { b.GoTo(b.base + path) }

// eval returns the text that an expression has in the page.
func (b *tab) eval(expression string) string {
	return browser.Get[string](b.Tab, "String("+expression+")")
}

func (b *tab) fields() string {
	return b.eval(`["headline","body"].map((n) => document.querySelector("#composer").elements[n].value).join("|")`)
}

func (b *tab) check(t *testing.T, expression, want string) {
	t.Helper()
	if got := b.eval(expression); got != want {
		t.Errorf("%s is %q, want %q", expression, got, want)
	}
}
