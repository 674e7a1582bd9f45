// Package script_test is what the script of a page does, in a real browser, with a server that may be wrong on purpose.
package script_test

import (
	"fmt"
	"os"
	"testing"

	"readout/cmd/readout/acceptance/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// open opens an address in a window of a usual size.
func open(t *testing.T, address string, before ...browser.Action) *browser.Tab {
	t.Helper()
	p := browser.Blank(t)
	// Pages give up sockets that take long, and those that were not in place when the reader left.
	p.Expect("WebSocket is closed before the connection is established")
	p.Do(browser.Size(800, 600))
	p.Do(before...)
	p.GoTo(address)
	return p
}

// list is what the page shows, as [newsroom.list] writes it.
func list(p *browser.Tab) string {
	return browser.Get[string](p, listed)
}

const listed = `[...document.querySelectorAll('[data-stream] > article')].map(a => a.dataset.number + '.' + a.dataset.revision).join(' ')`

// shows waits for the list to be want.
func shows(p *browser.Tab, want string) {
	p.Until(listed + fmt.Sprintf(" === %q", want))
}

// text is what an element reads.
func text(p *browser.Tab, selector string) string {
	return browser.Get[string](p, fmt.Sprintf("document.querySelector(%q).innerText", selector))
}

// hurried makes the page's timers run a hundred times faster.
var hurried = browser.Ahead(`const slow = window.setTimeout; window.setTimeout = (f, ms, ...a) => slow(f, ms / 100, ...a)`)
