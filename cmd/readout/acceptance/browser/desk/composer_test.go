package desk_test

import (
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"

	"github.com/chromedp/chromedp"
)

const focusedID = `document.activeElement.id`

func TestComposerByKeyboard(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	b.Do(chromedp.SendKeys("#entry-headline", "Talks resume\r")) // Enter goes on to the text
	b.check(t, focusedID, "entry-body")
	b.Do(chromedp.KeyEvent("They met for **two** hours."))
	b.Until(`document.querySelector("#preview strong")?.textContent === "two"`)
	b.Do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)
	b.check(t, `document.querySelector("#entries .row h3").textContent.trim()`, "Talks resume")
	b.check(t, focusedID, "entry-body")
	if got := b.fields(); got != "|" {
		t.Errorf("the composer still holds %q", got)
	}

	b.Do(chromedp.KeyEvent("A draft."), chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 2 is saved as a draft.")`)
	if e := b.entry(t, 2); e.Status != liveblog.Draft || e.Body != "A draft." {
		t.Errorf("the draft is %+v", e)
	}

	// An empty entry is refused at the field, and the summary takes the focus.
	b.Do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.activeElement.classList.contains("problem")`)
	b.check(t, `document.querySelector("#entry-body").getAttribute("aria-invalid")`, "true")
	b.check(t, `document.querySelector("#entry-body-problem").textContent`, "An entry needs some text.")
	b.Do(chromedp.SendKeys("#entry-body", "Now with text."), chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 3 is published.")`)
	b.check(t, `document.querySelectorAll("#composer [aria-invalid]").length`, "0")
}

func TestTheTextOutlivesTheServer(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	b.Do(chromedp.SendKeys("#entry-body", "Typed on a train."))
	b.line.setCut(true)
	b.Do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.querySelector(".failure").textContent.includes("The server cannot be reached.")`)
	if got := b.fields(); got != "|Typed on a train." {
		t.Errorf("the composer holds %q", got)
	}
	b.check(t, `document.activeElement.textContent`, "Try again")
	b.line.setCut(false)
	b.Do(chromedp.KeyEvent("\r"))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)

	b.Do(chromedp.SendKeys("#entry-body", "Typed while the store was away."))
	b.store.away.Store(true)
	b.Do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.querySelector(".problem")?.textContent.includes("The store cannot be reached")`)
	b.store.away.Store(false)
	b.Do(chromedp.Click("button[value=publish]"))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 2 is published.")`)
	b.check(t, `document.querySelectorAll(".problem").length`, "0")
	if n := b.count(t); n != 2 {
		t.Errorf("%d entries were made", n)
	}
}

func TestTheTextOutlivesTheSession(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	b.Do(chromedp.SendKeys("#entry-body", "Typed overnight."))
	b.sleep(liveblog.SessionLifetime)
	b.Do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.querySelector(".problem a[target=_blank]")?.textContent.includes("Log in")`)
	if got := b.fields(); got != "|Typed overnight." {
		t.Errorf("the composer holds %q", got)
	}
	other := b.Beside() // the other tab
	other.GoTo(b.eval(`document.querySelector(".problem a").href`))
	other.Do(chromedp.SendKeys("#login-email", editor), chromedp.SendKeys("#login-password", editor), chromedp.Click("button[type=submit]"))
	other.Until(`document.querySelector("#composer")?.checkVisibility()`)
	b.Do(chromedp.Click("button[value=publish]"))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)
	b.check(t, `document.querySelectorAll(".problem").length`, "0")
}

func TestAStaleEditInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.add(t, liveblog.EntryInput{Body: "First."})
	b.open("/desk/summit/entries/1")
	b.edit(t, 1, liveblog.EntryPatch{Body: new("Theirs.")})
	b.Do(chromedp.SendKeys("#entry-body", " And mine."), chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.querySelector(".conflict .source")?.textContent === "Theirs."`)
	b.check(t, `document.querySelector("#composer").elements.base.value`, "2")
	mine := strings.TrimPrefix(b.fields(), "|")
	b.Do(chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`location.pathname === "/desk/summit" && document.querySelector("#notice")?.textContent.includes("Entry 1 is saved.")`)
	if e := b.entry(t, 1); e.Body != mine || e.Revision != 3 {
		t.Errorf("the entry is %+v, typed was %q", e, mine)
	}
}

func TestLeavingWithUnsavedTextAsks(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	b.Do(chromedp.SendKeys("#entry-body", "Unsaved."), chromedp.Click(".trail a"))
	b.Until(`location.pathname === "/desk"`)
	if got := b.Dialogs(); len(got) != 1 {
		t.Errorf("the browser asked %q, want one question", got)
	}
}

// The widths are those of a telephone, a tablet and a notebook. No page scrolls sideways, and what is pressed is large
// enough to be hit.
func TestDeskFitsEveryScreen(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.add(t, liveblog.EntryInput{Headline: strings.Repeat("Wortungetüm", 12), Body: strings.Repeat("x", 300), KeyEvent: true, Pinned: true, Summary: true})
	b.edit(t, 1, liveblog.EntryPatch{Body: new(strings.Repeat("y", 300))})
	b.setUp(t)
	b.state(t, liveblog.Draft, "/claim "+strings.Repeat("long-", 15)+"id reported: "+strings.Repeat("Wortungetüm", 12)+"\n/move chips → agreed")
	for _, width := range []int64{360, 768, 1280} {
		b.Do(browser.Size(width, 800))
		for _, path := range []string{"/desk", "/desk/summit", "/desk/summit/settings", "/desk/summit/setup", "/desk/summit/entries/1", "/desk/summit/entries/2", "/desk/summit/entries/1/remove", "/desk/summit/entries/1/history"} {
			b.open(path)
			if over := b.eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`); over != "0" {
				t.Errorf("%s at %d px is %s px too wide", path, width, over)
			}
			small := b.eval(`[...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")].filter((e) => {
				const box = e.getBoundingClientRect();
				return box.width > 0 && !e.closest("p:not(.row-links), .preview, .skip") && !e.matches(".skip") && (box.height < 24 || box.width < 24);
			}).map((e) => e.outerHTML).join("\n")`)
			if small != "" {
				t.Errorf("%s at %d px has targets below 24 px:\n%s", path, width, small)
			}
			unnamed := b.eval(`[...document.querySelectorAll("input:not([type=hidden]), select, textarea")].filter((e) => !e.labels.length).length`)
			if unnamed != "0" {
				t.Errorf("%s has %s fields without a label", path, unnamed)
			}
		}
	}
}
