package views_test

import (
	"fmt"
	"testing"

	"readout/liveblog"
)

const pauseButton = `document.querySelector('[data-connection] button')`

func (p *tab) resumeReads(want string) {
	p.t.Helper()
	p.until(fmt.Sprintf(pauseButton+`.innerText === %q`, want))
}

// While the reader has paused, the button tells how many things will stand otherwise.
func TestWaitingIsCountedExactly(t *testing.T) {
	room := newNewsroom(t, 20)
	p := open(t, room.URL+"/live/talks")
	p.live()
	p.run(`scrollTo(0, document.querySelector('#entry-10').getBoundingClientRect().top + scrollY + 5)`)
	before := p.list()
	p.run(pauseButton + `.click()`)
	p.resumeReads("Resume")

	room.publish(3) // 21 to 23
	p.resumeReads("Resume (3 waiting)")
	room.edit(22, func(e *liveblog.Entry) { e.Body += " More." })
	room.edit(22, func(e *liveblog.Entry) { e.Body += " And more." })
	room.remove(21) // it came and went
	p.resumeReads("Resume (2 waiting)")
	room.edit(15, func(e *liveblog.Entry) { e.Body += " More." })
	p.resumeReads("Resume (3 waiting)")
	room.remove(15)
	room.remove(14)
	p.resumeReads("Resume (4 waiting)")
	room.setBlog(func(b *liveblog.Blog) { b.Standfirst = "One." })
	room.setBlog(func(b *liveblog.Blog) { b.Standfirst = "Another." })
	p.resumeReads("Resume (5 waiting)")
	if got := p.list(); got != before {
		t.Errorf("a paused page shows %s", got)
	}
	if got := get[string](p, `document.title`); got != "Talks in Seoul – Readout" {
		t.Errorf("the title of a paused page is %q", got)
	}

	p.run(pauseButton + `.click()`)
	p.shows(room.list())
	p.resumeReads("Pause")
	p.until(`document.title === '(2) Talks in Seoul – Readout' && document.querySelector('[data-new]').innerText.trim() === '2 new updates'`)

	// Paused again with some not seen: what goes of them is no longer new afterwards.
	p.run(pauseButton + `.click()`)
	room.remove(23)
	room.publish(2) // 24 and 25
	room.remove(25)
	p.resumeReads("Resume (2 waiting)")
	p.run(pauseButton + `.click()`)
	p.shows(room.list())
	p.until(`document.title === '(2) Talks in Seoul – Readout' && document.querySelector('[data-new]').innerText.trim() === '2 new updates'`)
}

// frameless is a browser that draws no frame, so that what comes waits. It counts the changes that have come.
var frameless = ahead(`window.requestAnimationFrame = () => 0
	const later = window.setTimeout; window.setTimeout = (f, ms, ...a) => ms === 100 ? 0 : later(f, ms, ...a)
	window.heard = 0
	const Socket = window.WebSocket; window.WebSocket = class extends Socket {
		set onmessage(f) { super.onmessage = f && ((e) => { f(e); if (JSON.parse(e.data).op) window.heard++ }) }
	}`)

// What came just before the reader paused, and waits for the next frame, is counted too.
func TestPausingBeforeTheNextFrame(t *testing.T) {
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks", frameless)
	p.live()
	room.publish(1)
	p.until(`window.heard === 1`)
	p.run(pauseButton + `.click()`)
	p.resumeReads("Resume (1 waiting)")
	p.run(pauseButton + `.click()`)
	p.shows(room.list())
}

// What is loaded below is counted as it stands in the end, and the focus goes to the first of it.
func TestLoadedIsCountedExactly(t *testing.T) {
	room := newNewsroom(t, 50)
	p := open(t, room.URL+"/live/talks", frameless)
	p.live()
	room.with(func(room *newsroom) { // a cache has the older page as it was before these changes
		stale := room.page(31)
		room.stale = &stale
	})
	room.edit(30, func(e *liveblog.Entry) { e.Body += " More." })
	room.remove(27)
	p.until(`window.heard === 2`)
	p.run(`document.querySelector('a[data-older]').click()`)
	p.until(`document.querySelector('[data-announce]').textContent === '19 updates loaded'`)
	if got := get[string](p, `document.activeElement.id + '.' + document.activeElement.dataset.revision`); got != "entry-30.2" {
		t.Errorf("the focus is on %q", got)
	}
}
