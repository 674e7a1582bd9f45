// Package script_test tests the scripts of the readers' pages in a browser, with a server that can misbehave on
// purpose.
package script_test

import (
	"fmt"
	"os"
	"testing"

	"readout/cmd/readout/acceptance/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// newTab opens an empty tab with a window of 800 by 600 pixels.
func newTab(t *testing.T) *browser.Tab {
	t.Helper()
	p := browser.Blank(t)
	// A page closes sockets that take too long, and those that are still connecting when the reader leaves.
	p.Expect("WebSocket is closed before the connection is established")
	p.Do(browser.Size(800, 600))
	return p
}

// open runs the actions in a new tab and then opens an address in it.
func open(t *testing.T, address string, before ...browser.Action) *browser.Tab {
	t.Helper()
	p := newTab(t)
	p.Do(before...)
	p.GoTo(address)
	return p
}

// list returns the entries in the page in the form of [newsroom.list].
func list(p *browser.Tab) string {
	return browser.Get[string](p, listed)
}

const listed = `[...document.querySelectorAll('[data-stream] > article')]
	.map(a => a.dataset.number + '.' + a.dataset.revision).join(' ')`

// shows waits until the list of the entries in the page equals want.
func shows(p *browser.Tab, want string) {
	p.Until(listed + fmt.Sprintf(" === %q", want))
}

// text returns the text of an element.
func text(p *browser.Tab, selector string) string {
	return browser.Get[string](p, fmt.Sprintf("document.querySelector(%q).innerText", selector))
}

// fastTimers makes the page's timers run a hundred times faster.
var fastTimers = browser.Ahead(
	`const slow = window.setTimeout; window.setTimeout = (f, ms, ...a) => slow(f, ms / 100, ...a)`)
