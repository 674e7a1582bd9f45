package desk_test

import (
	"fmt"
	"testing"

	"readout/cmd/readout/acceptance/browser"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// inReach is the center of an element, if nothing covers it where the page is now; else an error.
const inReach = `((selector) => {
	const e = document.querySelector(selector);
	const { left, top, width, height } = e.getBoundingClientRect();
	const at = [left + width / 2, top + height / 2];
	const found = document.elementFromPoint(...at);
	if (!found || !e.contains(found)) throw new Error(selector + " is out of reach: " + found?.outerHTML);
	return at;
})`

// point clicks an element as people do, without scrolling.
func (b *tab) point(selector string) {
	at := browser.Get[[]float64](b.Tab, fmt.Sprintf(inReach+"(%q)", selector))
	b.Do(chromedp.MouseClickXY(at[0], at[1]))
}

// TestKeyEventFromTheDesksHome publishes a key event, once with three clicks and once with four keys beside the text. It
// fails if the desk's home has no direct way to a new entry, if the caret is not in the headline on arrival and after
// publishing, if marks or buttons are out of the window, and if a shortcut does not do what the list of shortcuts says.
func TestKeyEventFromTheDesksHome(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	published := func(number int, headline string) {
		t.Helper()
		b.Until(fmt.Sprintf(`document.querySelector("#notice")?.textContent.includes("Entry %d is published.")`, number))
		if e := b.entry(t, number); e.Headline != headline || e.Body != "At midnight." || !e.KeyEvent {
			t.Errorf("the entry is %+v", e)
		}
		b.check(t, focusedID, "entry-headline")
		b.check(t, `document.querySelector("#entry-key_event").checked`, "false")
	}
	arrived := func() { b.Until(`document.activeElement.id === "entry-headline"`) }

	b.open("/desk")
	b.point(".blogs .button") // one
	arrived()
	b.Do(keys("By mouse"), chromedp.Focus("#entry-body"), keys("At midnight."))
	b.point("[for=entry-key_event]")           // two
	b.point("#composer button[value=publish]") // three
	published(1, "By mouse")

	b.open("/desk")
	b.Do(browser.Call(input.DispatchKeyEvent, input.DispatchKeyEventParams{ // one
		Type: input.DispatchKeyEventTypeChar, Key: "n", Text: "n", UnmodifiedText: "n", Modifiers: int64(chromedp.ModifierAlt)}))
	arrived()
	b.Do(keys("By key"), keys(kb.Enter)) // two
	b.Do(keys("At midnight."))
	b.Do(chromedp.KeyEvent("K", chromedp.KeyModifiers(chromedp.ModifierCtrl, chromedp.ModifierShift))) // three
	b.check(t, focusedID, "entry-body")
	b.check(t, `document.querySelector("#composer [data-progress]").textContent`, "Marked as a key event.")
	b.publish() // four
	published(2, "By key")
}
