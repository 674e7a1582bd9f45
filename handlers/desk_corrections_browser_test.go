package handlers

import (
	"testing"

	"readout/liveblog"

	"github.com/chromedp/chromedp"
)

func TestCorrectInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newTab(t, liveblog.Editor)
	b.add(t, liveblog.Editor, liveblog.EntryInput{Body: "They meet on Monday."})
	b.open(t, "/desk/summit/entries/1")
	b.do(t, chromedp.SendKeys("#entry-body", " Or so."), chromedp.Click("#entry-corrects"))
	b.until(t, `document.querySelector("#preview .correction ins")?.textContent.includes("Or so")`)
	b.do(t, chromedp.Click("button[value=publish]"))
	b.until(t, `document.activeElement.classList.contains("problem")`)
	b.check(t, `document.querySelector("#entry-correction").getAttribute("aria-invalid")`, "true")
	b.check(t, `document.querySelector("#entry-correction-problem").textContent`, "A correction needs a note that tells readers what was wrong.")
	b.check(t, `document.querySelector("#entry-corrects").checked + " " + document.querySelector("#entry-body").value.includes("Or so.")`, "true true")
	b.do(t, chromedp.SendKeys("#entry-correction", "We were too sure."))
	b.until(t, `document.querySelector("#preview .corrected")?.textContent.includes("We were too sure.")`)
	b.do(t, chromedp.Click("button[value=publish]"))
	b.until(t, `document.querySelector("#notice")?.textContent.includes("Entry 1 is saved.")`)
	if e := b.entry(t, 1); e.Correction.Note != "We were too sure." || e.Correction.Body != "They meet on Monday." {
		t.Errorf("the correction is %+v", e.Correction)
	}

	// What is typed into the note alone is not left behind without a question.
	b.open(t, "/desk/summit/entries/1")
	b.do(t, chromedp.SendKeys("#entry-correction", "x"), chromedp.Click(".trail a"))
	b.until(t, `location.pathname === "/desk"`)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.problems) != 1 {
		t.Errorf("the browser says %q, want one question", b.problems)
	}
}
