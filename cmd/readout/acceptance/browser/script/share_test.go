package script_test

import (
	"fmt"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
)

// clipboard replaces the browser's clipboard, and records what the page writes to it. It also removes navigator.share.
const clipboard = `window.copied = []
const writeText = async (text) => { window.copied.push(text) }
Object.defineProperty(navigator, 'share', { value: undefined, configurable: true })
Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true })`

// press clicks the share button of an entry, and gives it the focus as a person's click does.
func press(p *browser.Tab, number int) {
	p.Run(fmt.Sprintf(`const b = document.querySelector('#entry-%d [data-share]'); b.focus(); b.click()`, number))
}

func TestSharingCopiesTheLink(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks", fastTimers, browser.Ahead(clipboard))
	p.Live()
	for _, size := range browser.Get[[][]float64](p, `[...document.querySelectorAll(
		'[data-share], [data-times], .settings label, [data-connection] button'
	)].map((b) => [b.offsetWidth, b.offsetHeight])`) {
		if size[0] < 24 || size[1] < 24 {
			t.Errorf("the size of a control is %v px, want 24 by 24 or more", size)
		}
	}
	if got := text(p, "#entry-2 [data-share]"); got != "Share" {
		t.Errorf("the button reads %q", got)
	}
	p.Run(`const b = document.querySelector('#entry-2 [data-share]'); b.focus(); b.click(); b.click()`)
	p.Until(`document.querySelector('[data-announce]').textContent === 'Link copied'`)
	p.Until(`window.copied.length === 2`)
	want := room.URL + "/live/talks?around=2#entry-2"
	if got := browser.Get[[]string](p, `window.copied`); got[0] != want || got[1] != want {
		t.Errorf("the page copied %q, want %q twice", got, want)
	}
	p.Until(`document.querySelector('#entry-2 [data-share]').innerText === 'Share'`)
	if !browser.Get[bool](p, `document.activeElement === document.querySelector('#entry-2 [data-share]')`) {
		t.Error("the focus has left the button")
	}
	permalink := browser.Get[string](p, `document.querySelector('#entry-2 .permalink').getAttribute('href')`)
	if permalink != "/live/talks/2" {
		t.Errorf("the permalink is %q", permalink)
	}

	// Entries that come later have the button too, and so have an entry's own page and the embed.
	room.publish(1)
	p.Until(`document.querySelector('#entry-4')`)
	press(p, 4)
	p.Until(`window.copied[2]?.endsWith('/live/talks?around=4#entry-4')`)
	p.Until(`document.querySelector('#entry-4 [data-share]').innerText === 'Share'`)
	if got := text(p, "#entry-2 [data-share]"); got != "Share" {
		t.Errorf("after a while the button reads %q", got)
	}
	for _, path := range []string{"/live/talks/2", "/embed/talks"} {
		p := open(t, room.URL+path, browser.Ahead(clipboard))
		p.Live()
		press(p, 2)
		p.Until(fmt.Sprintf(`window.copied[0] === %q`, room.URL+"/live/talks?around=2#entry-2"))
	}
}

func TestSharingWithTheDevice(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks", browser.Ahead(clipboard+`
		window.shared = []
		window.answer = null // the name of the error
		Object.defineProperty(navigator, 'share', { value: async (data) => {
			window.shared.push(data)
			if (window.answer) throw new DOMException('no', window.answer)
		} })`))
	p.Live()
	press(p, 3)
	p.Run(`window.answer = 'AbortError'`) // cancelled by the reader
	press(p, 3)
	p.Run(`window.answer = 'NotAllowedError'`) // as in a frame
	press(p, 2)
	p.Until(`window.copied.length === 1`)
	if got, want := browser.Get[string](p, `window.copied[0]`), room.URL+"/live/talks?around=2#entry-2"; got != want {
		t.Errorf("where sharing is not allowed the page copied %q, want %q", got, want)
	}
	got := browser.Get[string](p, `JSON.stringify(window.shared[0])`)
	want := fmt.Sprintf(`{"url":%q,"title":"Headline 3"}`, room.URL+"/live/talks?around=3#entry-3")
	if got != want {
		t.Errorf("the page shared %s, want %s", got, want)
	}
}

// TestSharingWithoutClipboard checks that the page shows the link in a field, to be copied by hand.
func TestSharingWithoutClipboard(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"refused": `navigator.clipboard.writeText = async () => { throw new DOMException('no', 'NotAllowedError') }`,
		"none":    `Object.defineProperty(navigator, 'clipboard', { value: undefined })`,
	} {
		t.Run(name, func(t *testing.T) {
			room := newNewsroom(t, 3)
			p := open(t, room.URL+"/live/talks", browser.Ahead(clipboard+"\n"+source))
			p.Live()
			press(p, 2)
			p.Until(`document.activeElement.matches('#entry-2 input.link')`)
			selected := browser.Get[string](p, `getSelection().toString() || document.activeElement.value.slice(
				document.activeElement.selectionStart, document.activeElement.selectionEnd)`)
			if !strings.HasSuffix(selected, "/live/talks?around=2#entry-2") {
				t.Errorf("the selected text is %q", selected)
			}
			label := browser.Get[string](p, `document.activeElement.getAttribute('aria-label')`)
			if label != "The link to this update" {
				t.Errorf("the label of the field is %q", label)
			}
			p.Run(`document.activeElement.dispatchEvent(
				new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))`)
			if !browser.Get[bool](p, `!document.querySelector('input.link') &&
				document.activeElement.matches('#entry-2 [data-share]')`) {
				t.Error("Escape does not close the field and return to the button")
			}
		})
	}
}
