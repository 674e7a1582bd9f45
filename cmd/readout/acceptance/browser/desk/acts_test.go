package desk_test

import (
	"strings"
	"testing"

	"readout/liveblog"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// completion is the focused field's completion list as assistive technology sees it, or "" without a list.
const completion = `(() => {
	const field = document.activeElement;
	const list = document.getElementById(field.getAttribute("aria-controls"));
	const option = document.getElementById(field.getAttribute("aria-activedescendant"));
	if (!list || !option) return [field.getAttribute("role"), field.getAttribute("aria-expanded")].join("");
	return [field.getAttribute("role"), field.getAttribute("aria-expanded"),
		list.getAttribute("role"), list.getAttribute("aria-label"),
		option.getAttribute("role"), option.getAttribute("aria-selected"),
		option.querySelector("b").textContent].join(" ");
})()`

// offers waits until the completion list equals want.
func (b *tab) offers(want string) {
	b.Until(completion + " === `" + want + "`")
}

// noCompletion waits until there is no completion list.
func (b *tab) noCompletion() { b.offers("") }

// keys types text. Each key first goes through the page's keydown handlers, which can suppress its character.
func keys(s string) chromedp.Action[chromedp.Void] {
	return chromedp.KeyEvent(s, func(p *input.DispatchKeyEventParams) {
		if p.Type == input.DispatchKeyEventTypeKeyDown {
			p.Type = input.DispatchKeyEventTypeRawKeyDown
		}
	})
}

// publish presses Ctrl+Enter.
func (b *tab) publish() {
	b.Do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

func TestActsByKeyboard(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.setUp(t)
	b.postActs(t, liveblog.Published, "/move rare-earths → raised\n/claim soybeans reported: China buys.")
	b.open("/desk/summit")
	b.Do(chromedp.Focus("#entry-body"), keys("Ministers sat down.\r\r/mo"))
	b.offers("combobox true listbox Commands option true /move")
	// The list ignores keys while an input method composes a character.
	b.Run(`document.activeElement.dispatchEvent(
		new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))`)
	// Safari sends the key that ends a composition after its end.
	const safari = `new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true })`
	b.Run(`document.activeElement.dispatchEvent(` + safari + `)`)
	b.check(t, `document.activeElement.value`, "Ministers sat down.\n\n/mo")
	b.Run(`const headline = document.querySelector("#entry-headline")
		headline.focus()
		headline.dispatchEvent(` + safari + `)`)
	b.check(t, `document.activeElement.id`, "entry-headline")
	b.Do(chromedp.Focus("#entry-body"), keys("v\b"))
	b.offers("combobox true listbox Commands option true /move")
	b.Do(keys(kb.Enter))
	b.offers("combobox true listbox Tracks option true Tariffs")
	b.Do(keys("ra"))
	b.offers("combobox true listbox Tracks option true Rare earths")
	b.Do(keys(kb.Tab))
	b.offers("combobox true listbox States of a track option true not raised")
	// The present state stands first and cannot be chosen.
	b.check(t, `document.querySelector("[role=option]").textContent.trim().replace(/\s+/g, " ")`, "raised now")
	b.Do(keys(kb.ArrowUp + kb.ArrowUp + kb.ArrowDown + kb.ArrowDown + kb.ArrowDown))
	b.offers("combobox true listbox States of a track option true in talks")
	b.Do(keys(kb.Enter))
	b.noCompletion()
	b.check(t, focusedID, "entry-body")
	b.check(t, `document.activeElement.value`, "Ministers sat down.\n\n/move rare-earths → in talks")
	b.Until(`document.querySelector("#preview-notes .effects li")?.textContent.replace(/\s+/g, " ").trim() ===
		"Rare earths: raised → in talks"`)

	// In the field for acts: an existing claim, and Escape.
	b.Do(chromedp.Focus("#entry-acts"), keys("/ci"))
	b.offers("combobox true listbox Commands option true /cite")
	b.Do(keys(kb.Enter))
	b.offers("combobox true listbox Claims option true China buys.")
	b.check(t, `document.querySelector("#entry-acts-picks [aria-selected=true]")
		.textContent.replace(/\s+/g, " ").trim()`,
		"China buys. soybeans reported")
	b.Do(keys(kb.Escape))
	b.noCompletion()
	b.check(t, `document.activeElement.value`, "/cite ")
	b.Do(keys("soy"))
	b.noCompletion() // after Escape the list stays closed for this word
	b.Do(keys("beans"))
	b.publish()
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 2 is published.")`)
	if got := b.trackState(t, "rare-earths"); got != liveblog.InTalks {
		t.Errorf("the track is %s", got)
	}
	if e := b.entry(t, 2); e.Body != "Ministers sat down." {
		t.Errorf("the text is %q", e.Body)
	}
	if got := b.commands(t, 2); got != "/cite soybeans\n/move rare-earths → in talks" {
		t.Errorf("the acts are %q", got)
	}
	b.check(t, `document.querySelector("#entry-acts").value`, "")
	b.Until(`fetch("/live/summit/board").then((r) => r.text()).then((text) => (window.board = text)) &&
		window.board?.includes("In talks")`)

	// The completion list of the next entry reflects what was published.
	b.Do(chromedp.Focus("#entry-acts"), keys("/move rare"))
	b.Until(`document.querySelector("#entry-acts-picks [aria-selected=true] span")?.textContent === "in talks"`)

	// And what others have published since, once the list opens again.
	b.Do(keys(kb.Escape))
	b.postActs(t, liveblog.Published, "/move rare-earths → text circulating")
	b.Do(keys("\r/move rare"))
	b.Until(`document.querySelector("#entry-acts-picks [aria-selected=true] span")?.textContent === "text circulating"`)

	// In full width and with another arrow, and on the same line after a while in another field.
	b.Run(`document.querySelector("#entry-acts").value = ""`)
	b.Do(keys("／ｍｏｖｅ rare-earths -> "))
	now := `document.querySelector("#entry-acts-picks [role=option]")?.textContent.replace(/\s+/g, " ").trim()`
	b.Until(now + ` === "text circulating now"`)
	b.Do(chromedp.Focus("#entry-headline"))
	b.postActs(t, liveblog.Published, "/move rare-earths → stalled")
	b.Do(chromedp.Focus("#entry-acts"), keys("\b "))
	b.Until(now + ` === "stalled now"`)
	b.Do(keys(kb.Enter))
	b.check(t, `document.activeElement.value.trim()`, "／ｍｏｖｅ rare-earths -> not raised")
}

// TestAnIllegalMoveIsKept checks that refused acts stay in the fields in which they were typed, each with its problem.
func TestAnIllegalMoveIsKept(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.setUp(t)
	b.open("/desk/summit")
	b.Do(chromedp.Focus("#entry-body"), keys("They shook hands.\r/move chips → signed"),
		chromedp.Focus("#entry-acts"), keys("/move chipz → raised"))
	b.publish()
	b.Until(`document.activeElement.classList.contains("problem")`)
	b.check(t, `document.querySelector("#entry-acts-problem").textContent`,
		"Line 1: There is no track “chipz”; this blog has tariffs, rare-earths and chips.")
	b.check(t, `document.querySelector("#entry-acts").getAttribute("aria-invalid")`, "true")
	b.Do(chromedp.Focus("#entry-acts"), keys(strings.Repeat("\b", 40)))
	b.publish()
	b.Until(`document.querySelector("#entry-body-problem").textContent
		.startsWith("Line 2, “/move chips → signed”: The track “chips” is not raised")`)
	b.check(t, `document.querySelector("#entry-acts-problem").textContent`, "")
	b.check(t, `document.querySelectorAll("#entry-acts[aria-invalid]").length`, "0")
	if got := b.fields(); got != "|They shook hands.\n/move chips → signed" {
		t.Errorf("the composer has %q", got)
	}
	b.Until(`document.querySelector("#preview-notes")?.textContent.includes("cannot go to signed")`)
}

func TestASecondEditorInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.setUp(t)
	b.postActs(t, liveblog.Published, "/move chips → in talks")
	b.open("/desk/summit")
	b.Do(chromedp.Focus("#entry-body"), keys("A deal.\r/move chips → agreed"))
	b.publish()
	b.Until(`document.querySelector("#composer-approval button")?.value === "draft"`)
	b.check(t, `document.querySelector("#entry-acts-problem").textContent.includes("needs a second editor")`, "true")
	b.Do(chromedp.Focus("#composer-approval button"), keys(kb.Enter))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 2 is saved as a draft.")`)
	b.check(t, `document.querySelectorAll("#composer-approval button").length`, "0")
	b.check(t, `document.querySelector("#entries .row .label-waits").textContent`, "waits for a second editor")
	if e := b.entry(t, 2); e.Body != "A deal." || b.commands(t, 2) != "/move chips → agreed" {
		t.Errorf("the draft is %+v", e)
	}
}
