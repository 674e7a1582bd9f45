package desk_test

import (
	"testing"

	"readout/liveblog"

	"github.com/chromedp/chromedp"
)

func TestCorrectInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.add(t, liveblog.EntryInput{Body: "They meet on Monday."})
	b.open("/desk/summit/entries/1")
	b.Do(chromedp.SendKeys("#entry-body", " Or so."), chromedp.Click("#entry-corrects"))
	b.Until(framed + `.querySelector(".correction ins")?.textContent.includes("Or so")`)
	b.Do(chromedp.Click("button[value=publish]"))
	b.Until(`document.activeElement.classList.contains("problem")`)
	b.check(t, `document.querySelector("#entry-correction").getAttribute("aria-invalid")`, "true")
	b.check(t, `document.querySelector("#entry-correction-problem").textContent`,
		"A correction needs a note that tells readers what was wrong.")
	b.check(t, `document.querySelector("#entry-corrects").checked`, "true")
	b.check(t, `document.querySelector("#entry-body").value.includes("Or so.")`, "true")
	b.Do(chromedp.SendKeys("#entry-correction", "We were too sure."))
	b.Until(framed + `.querySelector(".corrected")?.textContent.includes("We were too sure.")`)
	b.Do(chromedp.Click("button[value=publish]"))
	b.Until(`document.querySelector("#notice")?.textContent.includes("Entry 1 is saved.")`)
	if e := b.entry(t, 1); e.Correction.Note != "We were too sure." || e.Correction.Body != "They meet on Monday." {
		t.Errorf("the correction is %+v", e.Correction)
	}

	// A note alone is kept, too.
	b.open("/desk/summit/entries/1")
	b.Do(chromedp.SendKeys("#entry-correction", "x"), chromedp.Click(".trail a"))
	b.Until(`location.pathname === "/desk"`)
	b.open("/desk/summit/entries/1")
	b.Until(`document.querySelector("#entry-correction").value === "x"`)
}
