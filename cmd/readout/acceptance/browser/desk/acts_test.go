package desk_test

import (
	"strings"
	"testing"

	"readout/liveblog"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	// picked is what assistive software is told of the list, "" where there is none.
	picked = `(() => {
		const field = document.activeElement;
		const list = document.getElementById(field.getAttribute("aria-controls"));
		const option = document.getElementById(field.getAttribute("aria-activedescendant"));
		if (!list || !option) return [field.getAttribute("role"), field.getAttribute("aria-expanded")].join("");
		return [field.getAttribute("role"), field.getAttribute("aria-expanded"), list.getAttribute("role"), list.getAttribute("aria-label"),
			option.getAttribute("role"), option.getAttribute("aria-selected"), option.querySelector("b").textContent].join(" ");
	})()`
)

func (b *tab) picks(want string) {
	b.Until(picked + ` === ` + jsString(want))
}

func jsString(s string) string { return "`" + s + "`" }

// keys presses keys as a keyboard does: what the page makes of one decides whether it also types a character.
func keys(s string) chromedp.Action[chromedp.Void] {
	return chromedp.KeyEvent(s, func(p *input.DispatchKeyEventParams) {
		if p.Type == input.DispatchKeyEventTypeKeyDown {
			p.Type = input.DispatchKeyEventTypeRawKeyDown
		}
	})
}

func (b *tab) publish() {
	b.Do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

func TestActsByKeyboard(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.setUp(t)
	b.state(t, liveblog.Published, "/move rare-earths → raised\n/claim soybeans reported: China buys.")
	b.open("/desk/summit")
	b.Do(chromedp.Focus("#entry-body"), keys("Ministers sat down.\r\r/mo"))
	b.picks("combobox true listbox Commands option true /move")
	// While an input method is at work, its keys are its own.
	b.check(t, `(document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true })), document.activeElement.value)`,
		"Ministers sat down.\n\n/mo")
	b.Do(keys(kb.Enter))
	b.picks("combobox true listbox Tracks option true Tariffs")
	b.Do(keys("ra"))
	b.picks("combobox true listbox Tracks option true Rare earths")
	b.Do(keys(kb.Tab))
	b.picks("combobox true listbox States of a track option true not raised")
	b.Do(keys(kb.ArrowDown + kb.ArrowDown + kb.ArrowDown + kb.ArrowUp))
	b.picks("combobox true listbox States of a track option true in talks")
	b.Do(keys(kb.Enter))
	b.picks("")
	b.check(t, focusedID, "entry-body")
	b.check(t, `document.activeElement.value`, "Ministers sat down.\n\n/move rare-earths → in talks")
	b.Until(`document.querySelector("#preview .effects li")?.textContent.replace(/\s+/g, " ").trim() === "Rare earths: raised → in talks"`)

	// In the field of the acts: a claim that stands, and what Escape leaves.
	b.Do(chromedp.Focus("#entry-acts"), keys("/ci"))
	b.picks("combobox true listbox Commands option true /cite")
	b.Do(keys(kb.Enter))
	b.picks("combobox true listbox Claims option true China buys.")
	b.check(t, `document.querySelector("#entry-acts-picks [aria-selected=true]").textContent.replace(/\s+/g, " ").trim()`, "China buys. soybeans reported")
	b.Do(keys(kb.Escape))
	b.picks("")
	b.check(t, `document.activeElement.value`, "/cite ")
	b.Do(keys("soy"))
	b.picks("") // it is not asked for again
	b.Do(keys("beans"))
	b.publish()
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 2 is published.")`)
	if got := b.board(t, "rare-earths"); got != liveblog.InTalks {
		t.Errorf("the track is %s", got)
	}
	if e := b.entry(t, 2); e.Body != "Ministers sat down." {
		t.Errorf("the text is %q", e.Body)
	}
	if got := b.commands(t, 2); got != "/cite soybeans\n/move rare-earths → in talks" {
		t.Errorf("the acts are %q", got)
	}
	b.check(t, `document.querySelector("#entry-acts").value`, "")
	b.Until(`fetch("/live/summit/board").then((r) => r.text()).then((text) => (window.board = text)) && window.board?.includes("In talks")`)

	// What was published is in the lists of the next entry.
	b.Do(chromedp.Focus("#entry-acts"), keys("/move rare"))
	b.Until(`document.querySelector("#entry-acts-picks [aria-selected=true] span")?.textContent === "in talks"`)
}

func TestAnIllegalMoveStaysWhereItWasTyped(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.setUp(t)
	b.open("/desk/summit")
	b.Do(chromedp.Focus("#entry-body"), keys("They shook hands.\r/move chips → signed"), chromedp.Focus("#entry-acts"), keys("/move chipz → raised"))
	b.publish()
	b.Until(`document.activeElement.classList.contains("problem")`)
	b.check(t, `document.querySelector("#entry-acts-problem").textContent`, "Line 1: There is no track “chipz”; there is tariffs, rare-earths and chips.")
	b.check(t, `document.querySelector("#entry-acts").getAttribute("aria-invalid")`, "true")
	b.Do(chromedp.Focus("#entry-acts"), keys(strings.Repeat("\b", 40)))
	b.publish()
	b.Until(`document.querySelector("#entry-body-problem").textContent.startsWith("Line 2, “/move chips → signed”: The track “chips” is not raised")`)
	b.check(t, `document.querySelector("#entry-acts-problem").textContent + document.querySelectorAll("#entry-acts[aria-invalid]").length`, "0")
	if got := b.fields(); got != "|They shook hands.\n/move chips → signed" {
		t.Errorf("the composer holds %q", got)
	}
	b.Until(`document.querySelector("#preview .effect-problem")?.textContent.includes("cannot go to signed")`)
}

func TestASecondEditorInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.setUp(t)
	b.state(t, liveblog.Published, "/move chips → in talks")
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
