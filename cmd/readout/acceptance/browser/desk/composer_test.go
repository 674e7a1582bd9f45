package desk_test

import (
	"fmt"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focusedID is the id of the element with the focus.
const focusedID = `document.activeElement.id`

func TestComposerByKeyboard(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	b.Do(chromedp.SendKeys("#entry-headline", "Talks resume\r")) // Enter moves the focus to the text
	b.check(t, focusedID, "entry-body")
	b.Do(chromedp.KeyEvent("They met for **two** hours."))
	b.Until(framed + `.querySelector("strong")?.textContent === "two"`)
	b.publish()
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)
	b.check(t, `document.querySelector("#entries .row h3").textContent.trim()`, "Talks resume")
	b.check(t, focusedID, "entry-headline")
	if got := b.fields(); got != "|" {
		t.Errorf("the composer still has %q", got)
	}

	b.Do(chromedp.Focus("#entry-body"), chromedp.KeyEvent("A draft."),
		chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.querySelector("[data-progress]").textContent.startsWith("Kept as a working copy.")`)
	if n := b.count(t); n != 1 {
		t.Errorf("there are %d entries after keeping a working copy", n)
	}
	b.Do(chromedp.Click("button[value=draft]"))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 2 is saved as a draft.")`)
	if e := b.entry(t, 2); e.Status != liveblog.Draft || e.Body != "A draft." {
		t.Errorf("the draft is %+v", e)
	}

	// An empty entry is refused: the field is marked invalid, and the summary of problems gets the focus.
	b.publish()
	b.Until(`document.activeElement.classList.contains("problem")`)
	b.check(t, `document.querySelector("#entry-body").getAttribute("aria-invalid")`, "true")
	b.check(t, `document.querySelector("#entry-body-problem").textContent`, "An entry needs a headline, some text or acts.")
	b.Do(chromedp.SendKeys("#entry-body", "Now with text."))
	b.publish()
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 3 is published.")`)
	b.check(t, `document.querySelectorAll("#composer [aria-invalid]").length`, "0")
}

// TestTextSurvivesAnOutage publishes while the server, and then the store, cannot be reached.
func TestTextSurvivesAnOutage(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	b.Do(chromedp.SendKeys("#entry-body", "Typed on a train."))
	b.network.setCut(true)
	b.publish()
	b.Until(`document.querySelector(".failure").textContent.includes("There is no connection.")`)
	b.Until(`document.querySelector("[data-light]").dataset.state === "away"`)
	if got := b.fields(); got != "|Typed on a train." {
		t.Errorf("the composer has %q", got)
	}
	b.Do(chromedp.Click(".failure button")) // calls it off
	b.Do(chromedp.SendKeys("#entry-body", " Longer."))
	b.publish()
	b.Until(`document.querySelector(".failure").textContent.includes("There is no connection.")`)
	b.network.setCut(false)
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)

	b.Do(chromedp.SendKeys("#entry-body", "Typed while the store was down."))
	b.store.down.Store(true)
	b.publish()
	b.Until(`document.querySelector(".problem")?.textContent.includes("The store cannot be reached")`)
	b.store.down.Store(false)
	b.Do(chromedp.Click("button[value=publish]"))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 2 is published.")`)
	b.check(t, `document.querySelectorAll(".problem").length`, "0")
	if n := b.count(t); n != 2 {
		t.Errorf("there are %d entries, want 2", n)
	}
}

// TestTextSurvivesTheSession publishes after the session has expired, and again after logging in in another tab.
func TestTextSurvivesTheSession(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	b.Do(chromedp.SendKeys("#entry-body", "Typed overnight."))
	b.advance(liveblog.SessionLifetime)
	b.publish()
	b.Until(`document.querySelector(".problem a[target=_blank]")?.textContent.includes("Log in")`)
	if got := b.fields(); got != "|Typed overnight." {
		t.Errorf("the composer has %q", got)
	}
	other := b.Beside()
	other.GoTo(b.eval(`document.querySelector(".problem a").href`))
	other.Do(logIn()...)
	other.Until(`document.querySelector("#composer")?.checkVisibility()`)
	b.Do(chromedp.Click("button[value=publish]"))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)
	b.check(t, `document.querySelectorAll(".problem").length`, "0")
}

// TestAStaleEditInTheBrowser edits on a phone what somebody else saves meanwhile, and chooses by keyboard. It fails if a
// choice is put in another place once something was typed before it, if it takes along what was typed next to it, if the
// form is saved without a choice, and if the page asks for more width than there is.
func TestAStaleEditInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.Do(browser.Size(360, 640))
	b.add(t, liveblog.EntryInput{Headline: "🤝 H", Body: "One.\n\n🤝 Two.\n\nThree."})
	b.open("/desk/summit/entries/1")
	b.edit(t, 1, liveblog.EntryPatch{Headline: new("Theirs"), Body: new("Theirs.\n\n🤝 Two.\n\nTheirs, too."),
		KeyEvent: new(true)})
	b.Run(`document.querySelector("#entry-headline").value = "Mine";
		document.querySelector("#entry-body").value = "Mine.\n\n🤝 Two, mine.\n\nMine, too."`)
	save := func() { b.Run(`document.querySelector("#composer button[value=publish]").click()`) }
	save()
	b.Until(`document.querySelectorAll(".passage").length === 3`)
	b.check(t, `document.querySelector("#composer").elements.base.value`, "2")
	if over := b.eval(overflow); over != "0" {
		t.Errorf("the page is %s px too wide", over)
	}
	choose := func(passage int, keys ...string) {
		b.Run(fmt.Sprintf(`document.querySelectorAll(".passage")[%d].querySelector("input").focus()`, passage))
		for _, key := range keys {
			b.Do(chromedp.KeyEvent(key))
		}
	}
	choose(0, " ") // their headline
	b.check(t, `document.querySelector("#entry-headline").value`, "Theirs")
	choose(2, " ", kb.ArrowDown, kb.ArrowDown) // both of the last paragraph, after their version and mine
	const body = "Mine.\n\n🤝 Two, mine.\n\nTheirs, too.\n\nMine, too."
	b.check(t, `document.querySelector("#entry-body").value`, body)
	b.Run(`const field = document.querySelector("#entry-body"); field.focus(); field.setSelectionRange(5, 5)`)
	b.Do(chromedp.KeyEvent(" More."))
	save()
	b.Until(`document.querySelector(".problem")?.textContent.includes("Choose what becomes of this passage: “Theirs.”")`)
	b.check(t, `document.querySelectorAll(".passage").length`, "2") // the headline is theirs, and settled
	b.check(t, `document.querySelector("#entry-body").value`, strings.Replace(body, "Mine.", "Mine. More.", 1))
	choose(0, " ")
	choose(1, kb.ArrowUp)
	choose(1, kb.ArrowDown, kb.ArrowDown)
	save()
	b.Until(`location.pathname === "/desk/summit" &&
		document.querySelector("#notice")?.textContent.includes("Entry 1 is saved.")`)
	want := strings.Replace(body, "Mine.", "Theirs.", 1)
	if e := b.entry(t, 1); e.Headline != "Theirs" || e.Body != want || e.Revision != 3 || !e.KeyEvent {
		t.Errorf("the entry is %+v, want the text %q", e, want)
	}
}

// TestLeavingWithUnsavedTextAsks fails if the page asks before it is left although the text is kept, or does not ask
// although the browser keeps nothing.
func TestLeavingWithUnsavedTextAsks(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	for _, questions := range []int{0, 1} {
		b.open("/desk/summit")
		if questions > 0 {
			b.Run(`Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError") }`)
		}
		b.Do(chromedp.SendKeys("#entry-headline", "Unsaved."), chromedp.Click(".trail a"))
		b.Until(`location.pathname === "/desk"`)
		if got := b.Dialogs(); len(got) != questions {
			t.Errorf("the browser asked %q, want %d questions", got, questions)
		}
	}
}

const (
	// overflow is by how many pixels the page is wider than the viewport.
	overflow = `document.documentElement.scrollWidth - document.documentElement.clientWidth`

	// smallTargets lists links and controls below 24 pixels, except those within sentences.
	smallTargets = `[...document.querySelectorAll(
		"a, button, input:not([type=hidden]), select, textarea, summary")].filter((e) => {
			const box = e.getBoundingClientRect();
			return box.width > 0 && !e.closest("p:not(.row-links), .preview, .skip") && !e.matches(".skip") &&
				(box.height < 24 || box.width < 24);
		}).map((e) => e.outerHTML).join("\n")`

	// unlabelled is how many fields have no label.
	unlabelled = `[...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
		.filter((e) => !e.labels.length).length`
)

// TestDeskFitsEveryScreen checks, at the widths of a phone, a tablet and a notebook, that no page of the desk scrolls
// sideways, and that links and controls are large enough.
func TestDeskFitsEveryScreen(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	longWord := strings.Repeat("Wortungetüm", 12)
	b.add(t, liveblog.EntryInput{
		Headline: longWord, Body: strings.Repeat("x", 300), KeyEvent: true, Pinned: true, Summary: true,
	})
	b.edit(t, 1, liveblog.EntryPatch{Body: new(strings.Repeat("y", 300))})
	b.setUp(t)
	b.postActs(t, liveblog.Draft,
		"/claim "+strings.Repeat("long-", 15)+"id reported: "+longWord+"\n/move chips → agreed")
	for _, width := range []int64{360, 768, 1280} {
		b.Do(browser.Size(width, 800))
		for _, path := range []string{
			"/desk", "/desk/summit", "/desk/summit/settings", "/desk/summit/setup", "/desk/summit/entries/1",
			"/desk/summit/entries/2", "/desk/summit/entries/1/remove", "/desk/summit/entries/1/history",
		} {
			b.open(path)
			if over := b.eval(overflow); over != "0" {
				t.Errorf("%s at %d px is %s px too wide", path, width, over)
			}
			if small := b.eval(smallTargets); small != "" {
				t.Errorf("%s at %d px has targets below 24 px:\n%s", path, width, small)
			}
			if n := b.eval(unlabelled); n != "0" {
				t.Errorf("%s has %s fields without a label", path, n)
			}
		}
	}
}
