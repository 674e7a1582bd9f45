package desk_test

import (
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"

	"github.com/chromedp/chromedp"
)

// TestNothingStaysAfterLogout fails if the desk stores something in the browser besides the session's cookie, or if the
// browser still shows a page of the desk when somebody goes back after logging out.
func TestNothingStaysAfterLogout(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.add(t, liveblog.EntryInput{Body: "Under embargo.", Status: liveblog.Draft})
	b.open("/desk/summit")
	b.Until(`document.body.textContent.includes("Under embargo.")`)
	b.Do(chromedp.SendKeys("#entry-body", "Typed and not sent."))
	if n := browser.Get[int](b.Tab, `(async () => localStorage.length + sessionStorage.length +
		(await indexedDB.databases()).length + (await caches.keys()).length)()`); n != 0 {
		t.Errorf("the desk has stored %d things", n)
	}
	b.Run(`document.querySelector("#composer").reset()`) // or the page would ask before it is left
	b.open("/desk")
	b.Do(chromedp.Click(`form[action="/logout"] [type=submit]`))
	b.Until(`location.pathname === "/login"`)
	for range 2 { // to the list of blogs, and to the blog
		b.Run(`window.left = true; history.back()`)
		b.Until(`!window.left && document.readyState === "complete"`)
		b.check(t, `location.pathname`, "/login")
		b.check(t, `document.body.textContent.includes("Under embargo.")`, "false")
	}
}
