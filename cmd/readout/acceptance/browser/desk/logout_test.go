package desk_test

import (
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"

	"github.com/chromedp/chromedp"
)

// TestNothingStaysAfterLogout fails if logging out leaves something of what was typed in the browser, or loses it, or if
// the browser still shows a page of the desk when somebody goes back afterwards.
func TestNothingStaysAfterLogout(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.add(t, liveblog.EntryInput{Body: "Under embargo.", Status: liveblog.Draft})
	b.open("/desk/summit")
	b.Until(`document.body.textContent.includes("Under embargo.")`)
	b.Do(chromedp.SendKeys("#entry-body", "Typed and not sent."))
	b.Until(`localStorage.length === 1`)
	b.Do(chromedp.Click(`form[action="/logout"] [type=submit]`))
	b.Until(`location.pathname === "/login"`)
	if n := browser.Get[int](b.Tab, `(async () => localStorage.length + sessionStorage.length +
		(await indexedDB.databases()).length + (await caches.keys()).length)()`); n != 0 {
		t.Errorf("the desk has left %d things", n)
	}
	if list, err := b.desk.Copies(t.Context(), b.by, "summit"); err != nil || len(list) != 1 {
		t.Errorf("the server has %+v, error %v", list, err)
	}
	for range 2 { // to the list of blogs, and to the blog
		b.Run(`window.left = true; history.back()`)
		b.Until(`!window.left && document.readyState === "complete"`)
		b.check(t, `location.pathname`, "/login")
		b.check(t, `document.body.textContent.includes("Under embargo.")`, "false")
	}
}
