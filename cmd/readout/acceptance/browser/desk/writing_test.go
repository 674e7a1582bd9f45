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

// ctrl presses a key with Ctrl.
func (b *tab) ctrl(key string) {
	b.Do(chromedp.KeyEvent(key, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

// selected sets the text; the selection is between the bars.
func (b *tab) selected(text string) {
	b.Run(fmt.Sprintf(`const { body } = document.querySelector("#composer").elements;
		const [before, selection, after] = %q.split("|");
		body.value = before + selection + after;
		body.focus();
		body.setSelectionRange(before.length, before.length + selection.length)`, text))
}

// selection is the text with bars around the selection.
const selection = `(({ value, selectionStart: from, selectionEnd: to }) =>
	value.slice(0, from) + "|" + value.slice(from, to) + "|" + value.slice(to))(document.querySelector("#entry-body"))`

// TestFormatting formats selections by key and by the toolbar. It fails if the signs are put where Markdown does not take
// them, if doing it twice is not doing nothing, if the selection is lost, if the browser cannot undo it, or if the toolbar
// takes more than one stop of the Tab key.
func TestFormatting(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	for _, row := range []struct{ key, text, want string }{
		{"b", "They |met| today.", "They **|met|** today."},
		{"b", "They **|met|** today.", "They |met| today."},
		{"b", "They |**met**| today.", "They |met| today."},
		{"b", "They| met |today.", "They **|met|** today."},
		{"b", "They m||et today.", "They **|met|** today."},
		{"b", "They ||", "They **||**"},
		{"b", "|- One\n- **Two**\n\nThree|", "- **|One**\n- **Two**\n\n**Three|**"},
		{"b", "|- **One**\n\n> **Two**|", "- |One\n\n> Two|"},
		{"b", "Nobody *|met|*.", "Nobody ***|met|***."},
		{"b", "قالت |المفاوضات| اليوم", "قالت **|المفاوضات|** اليوم"},
		{"b", "🤝 |🤝| 🤝", "🤝 **|🤝|** 🤝"},
		{"i", "They **|met|** today.", "They ***|met|*** today."},
		{"i", "They ***|met|*** today.", "They **|met|** today."},
		{"i", "They *|met|* today.", "They |met| today."},
		{"k", "The |statement |said", "The [statement](|https://|) said"},
		{"k", "See |https://example.org/a|", "See [||](https://example.org/a)"},
		{"k", "See ||", "See [||](https://)"},
		{"list", "|One\nTwo|", "|- One\n- Two|"},
		{"list", "|- One\n- Two|\nThree", "|One\nTwo|\nThree"},
		{"list", "One\nT||wo", "One\n- T||wo"},
		{"list", "||", "- ||"},
		{"quote", "|One\n\nTwo\n|Three", "|> One\n> \n> Two|\nThree"},
		{"quote", "|> One\n> Two|", "|One\nTwo|"},
	} {
		format := func() {
			if len(row.key) == 1 {
				b.ctrl(row.key)
			} else {
				b.Do(chromedp.Click("[data-format=" + row.key + "]"))
			}
		}
		b.selected(row.text)
		format()
		if got := b.eval(selection); got != row.want {
			t.Errorf("%s makes %q of %q, want %q", row.key, got, row.text, row.want)
		}
		b.check(t, focusedID, "entry-body")
	}
	b.Run(`document.querySelector("#entry-body").value = ""`)
	b.Do(keys("They met"))
	b.Run(`document.querySelector("#entry-body").setSelectionRange(5, 8)`)
	b.ctrl("b")
	b.ctrl("b")
	b.ctrl("i")
	b.check(t, selection, "They *|met|*")
	for range 3 {
		b.Run(`document.execCommand("undo")`)
	}
	b.check(t, `document.querySelector("#entry-body").value`, "They met")

	// One stop, in which the arrow keys move.
	b.Do(chromedp.Focus("#entry-body"), keys(kb.Tab))
	b.check(t, `document.activeElement.dataset.format`, "bold")
	b.Do(keys(kb.ArrowLeft))
	b.check(t, `document.activeElement.dataset.format`, "quote")
	b.Do(keys(kb.Home), keys(kb.ArrowRight))
	b.check(t, `document.activeElement.dataset.format`, "italic")
	b.Do(keys(kb.Tab))
	b.check(t, focusedID, "entry-key_event")
}

// TestLimitsAreCounted types up to the limits of an entry and over them. It fails if a limit is met before it was shown,
// if the count differs from that of the server, if something pasted is cut off, if counts remain after publishing, and if
// the list of shortcuts opens while somebody types.
func TestLimitsAreCounted(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	count := func(field, want string) {
		t.Helper()
		b.check(t, `document.querySelector("#entry-`+field+`-count").textContent`, want)
	}
	b.Run(`document.querySelector("#entry-headline").value = "习".repeat(158)`)
	b.Do(chromedp.Focus("#entry-headline"), keys("🤝"))
	count("headline", "")
	b.Do(keys("  "), keys("x"))
	count("headline", "161 of 200 characters")
	b.check(t, `document.querySelector("[data-limits]").textContent`, "Near the limit: 161 of 200 characters.")
	b.Run(`document.execCommand("insertText", false, "y".repeat(3000))`)
	count("headline", "3,161 of 200 characters")
	b.check(t, `document.querySelector("#entry-headline").value.length`, "3163")
	b.check(t, `document.querySelector("#entry-headline").getAttribute("aria-describedby").includes("entry-headline-count")`,
		"true")

	b.Run(`document.querySelector("#entry-headline").value = "x".repeat(190)`)
	b.Run(fmt.Sprintf(`document.querySelector("#entry-body").value = "習".repeat(%d) + "\n"`, liveblog.MaxBody/3))
	b.Do(chromedp.Focus("#entry-body"), keys("!"))
	count("body", "65,537 of 65,536 bytes")
	b.Do(keys("\b\b"))
	count("body", "65,535 of 65,536 bytes")
	b.Run(`document.querySelector("#entry-acts").value = "/move a → raised\n\n ／cite b\n".repeat(20)`)
	b.Do(chromedp.Focus("#entry-acts"), keys(" "))
	count("acts", "40 of 50 commands")
	b.Run(`document.querySelector("#entry-acts").value = ""`)
	b.publish()
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)
	if e := b.entry(t, 1); len(e.Body) != 65535 || e.Headline != strings.Repeat("x", 190) {
		t.Errorf("the entry has a headline of %d and a text of %d bytes", len(e.Headline), len(e.Body))
	}
	for _, field := range []string{"headline", "body", "acts"} {
		count(field, "")
	}

	const open = `document.querySelector("[data-shortcuts]").open`
	b.Do(chromedp.Focus("#entry-body"), keys("What?"))
	b.check(t, open, "false")
	b.ctrl("/")
	b.check(t, open, "true")
	b.check(t, `document.querySelectorAll("[data-shortcuts] kbd").length > 10`, "true")
	b.Do(keys(kb.Escape))
	b.Until("!" + open)
	b.check(t, focusedID, "entry-body")
	b.Do(chromedp.Focus("[data-format=bold]"), keys("?"))
	b.check(t, open, "true")
}

// TestPhone writes on a phone. It fails if headline, text and Publish do not fit into a window of 360 × 640 pixels, if
// Publish leaves the window while the text grows or a keyboard takes its lower half, if a main control is lower than 44
// pixels, if the caret is behind the buttons, and if the page asks for more width than there is.
func TestPhone(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.Do(browser.Size(360, 640))
	b.open("/desk/summit")
	for _, e := range []string{"#entry-headline", "#entry-body", "[data-format=link]", "#entry-key_event",
		"#composer button[value=publish]"} {
		b.Run(fmt.Sprintf(inReach+"(%q)", e))
	}
	const low = `[...document.querySelectorAll("#composer :is(.actions, .toolbar) button:not([hidden]), .mark label")]
		.filter((e) => e.offsetHeight < 44).map((e) => e.outerHTML).join()`
	b.check(t, low, "")
	b.check(t, overflow, "0")
	b.Do(chromedp.Focus("#entry-body"), keys(strings.Repeat("A line of text\r", 30)))
	b.Run(inReach + `("#composer button[value=publish]")`)
	b.check(t, `document.querySelector("#entry-body").offsetHeight > 300`, "true")
	b.Do(browser.Size(360, 320)) // as the keyboard leaves it
	b.Do(keys("The end."))
	b.Until(`document.querySelector("#entry-body").getBoundingClientRect().bottom <=
		document.querySelector("#composer .actions").getBoundingClientRect().top + 1`)
	b.Run(inReach + `("#composer button[value=publish]")`)
	b.point("#composer button[value=publish]")
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 1 is published.")`)
}
