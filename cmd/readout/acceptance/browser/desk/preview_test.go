package desk_test

import (
	"fmt"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// laidOut lists the elements of the entry in a document: where each is in the entry, and how it looks. It leaves out
// what an entry has only after its publication.
const laidOut = `((page) => {
	const entry = page.querySelector("[data-stream] > article:not([data-pinned])");
	const { left, top } = entry.getBoundingClientRect();
	const names = ["color", "backgroundColor", "direction", "display", "fontFamily", "fontSize", "fontStyle", "fontWeight",
		"lineHeight", "listStyleType", "marginTop", "marginBottom", "paddingLeft", "paddingRight", "textAlign",
		"textDecorationLine", "borderLeftWidth", "borderRightWidth"];
	return [...entry.querySelectorAll("*")].filter((e) => !e.matches(".share, .permalink")).map((e) => {
		const box = e.getBoundingClientRect();
		const style = page.defaultView.getComputedStyle(e);
		return [e.localName, e.className, box.left - left, box.top - top, box.width, box.height,
			...names.map((name) => style[name])].join(" ");
	}).join("\n");
})`

// framed is the document of the preview.
const framed = `document.querySelector("#composer iframe").contentDocument`

// TestPreviewIsThePage compares an entry in the preview with the entry on the blog's page, element by element, from left
// to right and from right to left, light and dark. It fails if the frame lacks a style sheet, the blog's direction or the
// editor's color scheme, if it is laid out for another width than its own, or if its links lead away from the form.
func TestPreviewIsThePage(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.setUp(t)
	reader := browser.Blank(t)
	reader.Do(browser.WithoutScripts())
	const body = "They **met** for [two hours](https://example.org/).\n\n> A quotation.\n\n- One\n- Two\n\n" +
		"التقى الوفدان في القاعة.\n\n"
	acts := []string{"/move rare-earths → in talks\n/figure average-tariff = 47 %\n/claim soy reported: China buys.",
		"/move rare-earths → stalled\n/figure average-tariff = 40 %\n/claim soy confirmed"}
	for i, language := range []string{"en", "ar"} {
		scheme := []string{"light", "dark"}[i]
		if _, err := b.desk.UpdateBlog(t.Context(), b.by, "summit", liveblog.BlogPatch{Language: &language}); err != nil {
			t.Fatal(err)
		}
		for _, tab := range []*browser.Tab{b.Tab, reader} {
			tab.Do(browser.Media("", "prefers-color-scheme", scheme))
		}
		b.open("/desk/summit")
		b.Run(`const form = document.querySelector("#composer");
			form.elements.headline.value = "Talks resume";
			form.elements.key_event.checked = true;
			form.elements.body.value = ` + fmt.Sprintf("%q", body+acts[i]) + `;
			form.elements.body.dispatchEvent(new InputEvent("input", { bubbles: true }))`)
		b.Until(framed + `?.querySelector("article .acts") && document.querySelector(".entry-frame").offsetHeight > 100`)
		preview := b.eval(laidOut + "(" + framed + ")")
		b.check(t, framed+`.querySelector("base").target`, "_blank")
		width := browser.Get[int64](b.Tab, framed+`.documentElement.clientWidth`)
		b.Run(`document.querySelector("#composer button[value=publish]").click()`)
		b.Until(fmt.Sprintf(`document.querySelector("#notice").textContent.includes("Entry %d is published.")`, i+1))
		reader.Do(browser.Size(width, 800))
		reader.GoTo(b.base + "/live/summit")
		if page := browser.Get[string](reader, laidOut+"(document)"); page != preview {
			t.Errorf("%s: the preview is not the page (-page +preview):\n%s", language,
				cmp.Diff(strings.Split(page, "\n"), strings.Split(preview, "\n")))
		}
	}
}

// TestPreviewTellsRefusals types what would be refused. It fails if a refusal is not shown at its field and line before
// the entry is saved, if it stays when its cause is gone, if the preview loses what it showed, and if it moves back to its
// beginning while somebody reads on in it.
func TestPreviewTellsRefusals(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.setUp(t)
	for range liveblog.MaxPinned {
		b.add(t, liveblog.EntryInput{Body: "Pinned.", Pinned: true})
	}
	b.open("/desk/summit")
	b.check(t, `document.querySelector("[data-preview-note]").textContent`, "The preview appears here while you write.")
	b.Run(`document.querySelector("#entry-body").value = "Line\n\n".repeat(99)`)
	b.Do(chromedp.Focus("#entry-body"), keys("The end."))
	b.Until(framed + `.querySelector("article p:last-of-type")`)
	b.check(t, `document.querySelector("[data-preview-note]").textContent`, "")
	b.Run(framed + `.documentElement.scrollTop = 1000`)

	b.Run(`document.querySelector("#entry-headline").value = "x".repeat(201)`)
	b.Do(chromedp.Click("#entry-pinned"), chromedp.Focus("#entry-acts"), keys("/move chipz → raised"))
	b.Until(`document.querySelector("#entry-acts-problem").textContent.startsWith("Line 1: There is no track “chipz”")`)
	b.check(t, `document.querySelector("#entry-acts").getAttribute("aria-invalid")`, "true")
	b.check(t, framed+`.documentElement.scrollTop`, "1000")
	b.check(t, framed+`.querySelectorAll("article").length`, "1")
	b.Run(`const { acts } = document.querySelector("#composer").elements; acts.value = ""`)
	b.Do(keys(" "))
	b.Until(`document.querySelector("#entry-headline-problem").textContent.includes("200")`)
	b.check(t, `document.querySelectorAll("#entry-acts[aria-invalid]").length`, "0")
	b.Do(chromedp.Focus("#entry-headline"), keys("\b"))
	b.Until(`document.querySelector("#entry-pinned-problem").textContent.startsWith("Entries 3")`)
	b.Do(chromedp.Click("#entry-pinned"))
	b.Until(`!document.querySelector("#composer .refusal")`)
	b.check(t, `document.querySelectorAll("#composer [aria-invalid]").length`, "0")
	if n := b.count(t); n != liveblog.MaxPinned {
		t.Errorf("there are %d entries after the preview", n)
	}

	// What is too long to be shown leaves the preview as it was.
	b.Run(`const { body } = document.querySelector("#composer").elements; body.value = "y".repeat(66000)`)
	b.Do(chromedp.Focus("#entry-body"), keys("z"))
	b.Until(`document.querySelector("#entry-body-problem").textContent.includes("65536")`)
	b.check(t, framed+`.documentElement.scrollTop`, "1000")
	b.check(t, `document.querySelector("[data-preview-note]").textContent`, "The preview shows the text as it was before.")
}
