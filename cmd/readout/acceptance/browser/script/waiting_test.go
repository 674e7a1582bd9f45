package script_test

import (
	"fmt"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

const pauseButton = `document.querySelector('[data-connection] button')`

// twoNew reports whether the notice and the title count two new updates.
const twoNew = `document.title === '(2) Talks in Seoul – Readout' &&
	document.querySelector('[data-new]').innerText.trim() === '2 new updates'`

// buttonReads waits until the pause button has a text.
func buttonReads(p *browser.Tab, want string) {
	p.Until(fmt.Sprintf(pauseButton+`.innerText === %q`, want))
}

// TestWaitingIsCountedExactly checks that the button of a paused page says how many entries and parts of the page will
// change.
func TestWaitingIsCountedExactly(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 20)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`scrollTo(0, document.querySelector('#entry-10').getBoundingClientRect().top + scrollY + 5)`)
	before := list(p)
	p.Run(pauseButton + `.click()`)
	buttonReads(p, "Resume")

	room.publish(3) // 21 to 23
	buttonReads(p, "Resume (3 waiting)")
	room.edit(22, func(e *liveblog.Entry) { e.Body += " More." })
	room.edit(22, func(e *liveblog.Entry) { e.Body += " And more." })
	room.remove(21) // the page never showed it
	buttonReads(p, "Resume (2 waiting)")
	room.edit(15, func(e *liveblog.Entry) { e.Body += " More." })
	buttonReads(p, "Resume (3 waiting)")
	room.remove(15)
	room.remove(14)
	buttonReads(p, "Resume (4 waiting)")
	room.setBlog(func(b *liveblog.Blog) { b.Standfirst = "One." })
	room.setBlog(func(b *liveblog.Blog) { b.Standfirst = "Another." })
	buttonReads(p, "Resume (5 waiting)")
	if got := list(p); got != before {
		t.Errorf("a paused page shows %s", got)
	}
	if got := browser.Get[string](p, `document.title`); got != "Talks in Seoul – Readout" {
		t.Errorf("the title of a paused page is %q", got)
	}

	p.Run(pauseButton + `.click()`)
	shows(p, room.list())
	buttonReads(p, "Pause")
	p.Until(twoNew)

	// Pause again while two entries are new. One that is removed meanwhile is no longer new.
	p.Run(pauseButton + `.click()`)
	room.remove(23)
	room.publish(2) // 24 and 25
	room.remove(25)
	buttonReads(p, "Resume (2 waiting)")
	p.Run(pauseButton + `.click()`)
	shows(p, room.list())
	p.Until(twoNew)
}

// frameless keeps the page from drawing frames, so that changes wait. It counts the changes that arrive.
var frameless = browser.Ahead(`window.requestAnimationFrame = () => 0
	const later = window.setTimeout; window.setTimeout = (f, ms, ...a) => ms === 100 ? 0 : later(f, ms, ...a)
	window.heard = 0
	const Socket = window.WebSocket; window.WebSocket = class extends Socket {
		set onmessage(f) { super.onmessage = f && ((e) => { f(e); if (JSON.parse(e.data).op) window.heard++ }) }
	}`)

// TestPausingBeforeTheNextFrame checks that the button also counts a change that arrived before the reader paused and
// waits for the next frame.
func TestPausingBeforeTheNextFrame(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks", frameless)
	p.Live()
	room.publish(1)
	p.Until(`window.heard === 1`)
	p.Run(pauseButton + `.click()`)
	buttonReads(p, "Resume (1 waiting)")
	p.Run(pauseButton + `.click()`)
	shows(p, room.list())
}

// TestLoadedIsCountedExactly loads older updates while changes to them wait. The page must count them as they are after
// the changes, and move the focus to the first of them.
func TestLoadedIsCountedExactly(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 50)
	p := open(t, room.URL+"/live/talks", frameless)
	p.Live()
	room.with(func(room *newsroom) { // a cache serves the older page as it was before the next changes
		stale := room.page(31)
		room.stale = &stale
	})
	room.edit(30, func(e *liveblog.Entry) { e.Body += " More." })
	room.remove(27)
	p.Until(`window.heard === 2`)
	p.Run(`document.querySelector('a[data-older]').click()`)
	p.Until(`document.querySelector('[data-announce]').textContent === '19 updates loaded'`)
	focus := browser.Get[string](p, `document.activeElement.id + '.' + document.activeElement.dataset.revision`)
	if focus != "entry-30.2" {
		t.Errorf("the focus is on %q", focus)
	}
}
