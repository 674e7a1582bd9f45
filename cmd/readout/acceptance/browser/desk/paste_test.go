package desk_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// paste dispatches the event of a paste into a field.
func (b *tab) paste(field, text, html string) {
	quoted, _ := json.Marshal([]string{text, html})
	b.Run(fmt.Sprintf(`const [text, html] = %s
		const data = new DataTransfer()
		data.setData("text/plain", text)
		if (html) data.setData("text/html", html)
		const field = document.querySelector(%q)
		field.focus()
		const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
		if (field.dispatchEvent(event)) document.execCommand("insertText", false, text)`, quoted, field))
}

// TestPasteInTheBrowser pastes formatted and plain text. It fails if formatted text is not converted, if the plain text
// is lost while the server is away, if the conversion overwrites what was typed meanwhile or cannot be undone by
// itself, and if pasted bullets, slashes or lines in the headline stay as they are.
func TestPasteInTheBrowser(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	value := func(want string) {
		t.Helper()
		wanted, _ := json.Marshal(want)
		b.Until(`document.querySelector("#entry-body").value === ` + string(wanted))
	}
	undo := chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	empty := func() {
		b.Run(`const body = document.querySelector("#entry-body")
			body.value = ""
			body.dispatchEvent(new Event("input", { bubbles: true }))`)
	}

	b.Do(chromedp.Focus("#entry-body"), chromedp.KeyEvent("Seen: "))
	b.paste("#entry-body", "A deal\nB", "<style>p{}</style><ul><li>A <b>deal</b><li>B</ul><img src=x onerror=alert(1)>")
	value("Seen: \n\n- A **deal**\n- B")
	b.Do(undo)
	value("Seen: A deal\nB")
	b.Do(undo)
	value("Seen: ")

	// What is typed before the answer stays, and the plain text with it.
	empty()
	b.Run(`const real = window.fetch
		window.asked = new Promise((resolve) => (window.release = resolve))
		window.fetch = async (address, options) => {
			if (!String(address).endsWith("/paste")) return real(address, options)
			await window.asked
			const answer = await real(address, options)
			window.answered = true
			return answer
		}`)
	b.paste("#entry-body", "Bold.", "<b>Bold.</b>")
	value("Bold.")
	b.Do(chromedp.KeyEvent(" More"), chromedp.KeyEvent(kb.ArrowLeft))
	b.Run(`window.release()`)
	b.Until(`window.answered`)
	value("Bold. More")

	// The server is away.
	empty()
	b.network.setCut(true)
	b.paste("#entry-body", "Typed.", "<b>Typed.</b>")
	value("Typed.")
	b.network.setCut(false)

	b.Do(chromedp.Focus("#entry-headline"))
	b.paste("#entry-headline", "Talks\nresume \n today", "<b>x</b>")
	b.check(t, `document.querySelector("#entry-headline").value`, "Talks resume today")
	for _, row := range []struct{ text, want string }{
		{"Plain text", "Plain text"},
		{"• one", "- one"},
		{"On the table:\n· tariffs\n· chips", "On the table:\n- tariffs\n- chips"},
		{"▪ a\n▪ b", "- a\n- b"},
		{"○ a\n○ b", "- a\n- b"},
		{"– a\n– b", "- a\n- b"},
		{"– only one", "– only one"},
		{"１．甲\n２．乙", "1. 甲\n2. 乙"},
		{"1) a\n2) b", "1. a\n2. b"},
		{"30. Oktober", "30. Oktober"},
		{"・甲\n・乙", "- 甲\n- 乙"},
		{"/mvoe chips → signed", `\/mvoe chips → signed`},
		{"Text\n /etc/passwd", "Text\n \\/etc/passwd"},
		{"/move chips → raised", "/move chips → raised"},
		{"either/or", "either/or"},
	} {
		empty()
		b.paste("#entry-body", row.text, "")
		value(row.want)
	}

	// The field does not cut anything off.
	empty()
	b.Run(`document.querySelector("#entry-body").value = "x".repeat(99_999)`)
	b.paste("#entry-body", "two", "")
	b.check(t, `document.querySelector("#entry-body").value.length`, "100002")
	b.check(t, `document.querySelector("#entry-body-count").textContent`, "100,002 of 65,536 bytes")
}
