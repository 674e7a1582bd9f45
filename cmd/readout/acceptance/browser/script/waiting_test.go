package script_test

import (
	"fmt"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

const pauseButton = `document.querySelector('[data-connection] button')`

func resumeReads(p *browser.Tab, want string) {
	p.Until(fmt.Sprintf(pauseButton+`.innerText === %q`, want))
}

// While the reader has paused, the button tells how many things will stand otherwise.
func TestWaitingIsCountedExactly(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 20)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`scrollTo(0, document.querySelector('#entry-10').getBoundingClientRect().top + scrollY + 5)`)
	before := list(p)
	p.Run(pauseButton + `.click()`)
	resumeReads(p, "Resume")

	room.publish(3) // 21 to 23
	resumeReads(p, "Resume (3 waiting)")
	room.edit(22, func(e *liveblog.Entry) { e.Body += " More." })
	room.edit(22, func(e *liveblog.Entry) { e.Body += " And more." })
	room.remove(21) // it came and went
	resumeReads(p, "Resume (2 waiting)")
	room.edit(15, func(e *liveblog.Entry) { e.Body += " More." })
	resumeReads(p, "Resume (3 waiting)")
	room.remove(15)
	room.remove(14)
	resumeReads(p, "Resume (4 waiting)")
	room.setBlog(func(b *liveblog.Blog) { b.Standfirst = "One." })
	room.setBlog(func(b *liveblog.Blog) { b.Standfirst = "Another." })
	resumeReads(p, "Resume (5 waiting)")
	if got := list(p); got != before {
		t.Errorf("a paused page shows %s", got)
	}
	if got := browser.Get[string](p, `document.title`); got != "Talks in Seoul – Readout" {
		t.Errorf("the title of a paused page is %q", got)
	}

	p.Run(pauseButton + `.click()`)
	shows(p, room.list())
	resumeReads(p, "Pause")
	p.Until(`document.title === '(2) Talks in Seoul – Readout' && document.querySelector('[data-new]').innerText.trim() === '2 new updates'`)

	// Paused again with some not seen: what goes of them is no longer new afterwards.
	p.Run(pauseButton + `.click()`)
	room.remove(23)
	room.publish(2) // 24 and 25
	room.remove(25)
	resumeReads(p, "Resume (2 waiting)")
	p.Run(pauseButton + `.click()`)
	shows(p, room.list())
	p.Until(`document.title === '(2) Talks in Seoul – Readout' && document.querySelector('[data-new]').innerText.trim() === '2 new updates'`)
}

// frameless is a browser that draws no frame, so that what comes waits. It counts the changes that have come.
var frameless = browser.Ahead(`window.requestAnimationFrame = () => 0
	const later = window.setTimeout; window.setTimeout = (f, ms, ...a) => ms === 100 ? 0 : later(f, ms, ...a)
	window.heard = 0
	const Socket = window.WebSocket; window.WebSocket = class extends Socket {
		set onmessage(f) { super.onmessage = f && ((e) => { f(e); if (JSON.parse(e.data).op) window.heard++ }) }
	}`)

// What came just before the reader paused, and waits for the next frame, is counted too.
func TestPausingBeforeTheNextFrame(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks", frameless)
	p.Live()
	room.publish(1)
	p.Until(`window.heard === 1`)
	p.Run(pauseButton + `.click()`)
	resumeReads(p, "Resume (1 waiting)")
	p.Run(pauseButton + `.click()`)
	shows(p, room.list())
}

// What is loaded below is counted as it stands in the end, and the focus goes to the first of it.
func TestLoadedIsCountedExactly(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 50)
	p := open(t, room.URL+"/live/talks", frameless)
	p.Live()
	room.with(func(room *newsroom) { // a cache has the older page as it was before these changes
		stale := room.page(31)
		room.stale = &stale
	})
	room.edit(30, func(e *liveblog.Entry) { e.Body += " More." })
	room.remove(27)
	p.Until(`window.heard === 2`)
	p.Run(`document.querySelector('a[data-older]').click()`)
	p.Until(`document.querySelector('[data-announce]').textContent === '19 updates loaded'`)
	if got := browser.Get[string](p, `document.activeElement.id + '.' + document.activeElement.dataset.revision`); got != "entry-30.2" {
		t.Errorf("the focus is on %q", got)
	}
}
