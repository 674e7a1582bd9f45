package script_test

import (
	"fmt"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
)

// clipboard stands for the browser's own, and notes what is written to it. Headless browsers have nothing to share with.
const clipboard = `window.copied = []
Object.defineProperty(navigator, 'share', { value: undefined, configurable: true })
Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied.push(text) } }, configurable: true })`

// press clicks the button that shares an entry, and leaves the focus on it as a person does.
func press(p *browser.Tab, number int) {
	p.Run(fmt.Sprintf(`const b = document.querySelector('#entry-%d [data-share]'); b.focus(); b.click()`, number))
}

func TestSharingCopiesTheLink(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks", hurried, browser.Ahead(clipboard))
	p.Live()
	for _, size := range browser.Get[[][]float64](p, `[...document.querySelectorAll('[data-share], [data-times], .settings label, [data-connection] button')].map((b) => [b.offsetWidth, b.offsetHeight])`) {
		if size[0] < 24 || size[1] < 24 {
			t.Errorf("a control is %v px", size)
		}
	}
	if got := text(p, "#entry-2 [data-share]"); got != "Share" {
		t.Errorf("the button reads %q", got)
	}
	p.Run(`const b = document.querySelector('#entry-2 [data-share]'); b.focus(); b.click(); b.click()`)
	p.Until(`document.querySelector('[data-announce]').textContent === 'Link copied'`)
	p.Until(`window.copied.length === 2`)
	if got, want := browser.Get[[]string](p, `window.copied`), room.URL+"/live/talks?around=2#entry-2"; got[0] != want || got[1] != want {
		t.Errorf("what is copied is %q, want %q", got, want)
	}
	p.Until(`document.querySelector('#entry-2 [data-share]').innerText === 'Share'`)
	if !browser.Get[bool](p, `document.activeElement === document.querySelector('#entry-2 [data-share]')`) {
		t.Error("the focus has left the button")
	}
	if got := browser.Get[string](p, `document.querySelector('#entry-2 .permalink').getAttribute('href')`); got != "/live/talks/2" {
		t.Errorf("the permalink leads to %q", got)
	}

	// What comes later has the button too, and so have the pages of one entry and the frame.
	room.publish(1)
	p.Until(`document.querySelector('#entry-4')`)
	press(p, 4)
	p.Until(`window.copied[2]?.endsWith('/live/talks?around=4#entry-4')`)
	p.Until(`document.querySelector('#entry-4 [data-share]').innerText === 'Share'`)
	if got := text(p, "#entry-2 [data-share]"); got != "Share" {
		t.Errorf("in the end the button reads %q", got)
	}
	for _, path := range []string{"/live/talks/2", "/embed/talks"} {
		p := open(t, room.URL+path, browser.Ahead(clipboard))
		p.Live()
		press(p, 2)
		p.Until(fmt.Sprintf(`window.copied[0] === %q`, room.URL+"/live/talks?around=2#entry-2"))
	}
}

func TestSharingByTheDevice(t *testing.T) {
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
	p.Run(`window.answer = 'AbortError'`) // given up by the reader
	press(p, 3)
	p.Run(`window.answer = 'NotAllowedError'`) // as in a frame
	press(p, 2)
	p.Until(`window.copied.length === 1`)
	if got, want := browser.Get[string](p, `window.copied[0]`), room.URL+"/live/talks?around=2#entry-2"; got != want {
		t.Errorf("where sharing is not allowed %q is copied, want %q", got, want)
	}
	if got, want := browser.Get[string](p, `JSON.stringify(window.shared[0])`), fmt.Sprintf(`{"url":%q,"title":"Headline 3"}`, room.URL+"/live/talks?around=3#entry-3"); got != want {
		t.Errorf("what is shared is %s, want %s", got, want)
	}
}

// Where the browser lets nobody write to the clipboard, or has none, the link is there to be copied by hand.
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
			if got := browser.Get[string](p, `getSelection().toString() || document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)`); !strings.HasSuffix(got, "/live/talks?around=2#entry-2") {
				t.Errorf("what is selected is %q", got)
			}
			if got := browser.Get[string](p, `document.activeElement.getAttribute('aria-label')`); got != "The link to this update" {
				t.Errorf("the field is called %q", got)
			}
			p.Run(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))`)
			if !browser.Get[bool](p, `!document.querySelector('input.link') && document.activeElement.matches('#entry-2 [data-share]')`) {
				t.Error("Escape does not lead back to the button")
			}
		})
	}
}
