package script_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
	"readout/views/reader"
)

// changeMuch makes thirty changes of all kinds.
func changeMuch(room *newsroom) {
	for i := range 10 {
		room.publish(1)
		room.edit(1+i, func(e *liveblog.Entry) { e.Headline += ", changed" })
		if i%2 == 0 {
			room.remove(11 + i)
		} else {
			room.edit(11+i, func(e *liveblog.Entry) { e.Pinned = i == 5 })
		}
	}
}

// all returns the entries of a page that has kept all entries since it was opened.
func all(room *newsroom) string { return room.list() + tail(room) }

func TestReaderReconnectsWithItsCursor(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 20)
	p := open(t, room.URL+"/live/talks", fastTimers)
	p.Live()
	room.publish(1)
	shows(p, all(room))

	room.with(func(room *newsroom) { room.refusing = true })
	room.cut()
	p.Expect("/live/talks/") // the browser reports refused requests
	p.Until(`['reconnecting', 'polling', 'offline']
		.includes(document.querySelector('[data-connection]').dataset.connection)`)
	cursor := func() (c string) {
		room.with(func(room *newsroom) { c = room.cursor() })
		return c
	}()
	room.with(func(room *newsroom) { room.down, room.asked = true, nil })
	p.Until(`document.querySelector('[data-connection]').dataset.connection === 'offline'`)
	state := text(p, "[data-connection] .state")
	if !strings.HasPrefix(state, "Offline. Showing updates as of ") || !strings.HasSuffix(state, "(your time)") {
		t.Errorf("the state reads %q", state)
	}
	changeMuch(room)
	room.with(func(room *newsroom) { room.refusing, room.down = false, false })
	p.Live()
	shows(p, all(room))
	p.Until(`document.querySelector('[data-connection] .state').innerText === 'Live'`)
	room.with(func(room *newsroom) {
		for _, asked := range room.asked {
			if asked != cursor && asked != room.cursor() {
				t.Errorf("the page reconnected with the cursor %s, want %s", asked, cursor)
			}
		}
	})
}

func TestReaderPollsWithoutSockets(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 20)
	room.refusing = true
	p := open(t, room.URL+"/live/talks", fastTimers)
	p.Expect("/ws")
	p.Until(`document.querySelector('[data-connection]').dataset.connection === 'polling'`)
	room.publish(3)
	shows(p, all(room))
	changeMuch(room)
	shows(p, all(room))

	room.with(func(room *newsroom) { room.refusing = false })
	p.Live()
	room.publish(1)
	shows(p, all(room))
}

func TestReaderStopsWhenTheBlogIsGone(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks", fastTimers)
	p.Live()
	p.Expect("/live/talks/")
	room.with(func(room *newsroom) { room.gone = true })
	room.cut()
	p.Until(`document.querySelector('[data-connection]').dataset.connection === 'stopped'`)
	if got := text(p, "[data-connection] .state"); got != "This coverage is no longer here." {
		t.Errorf("the state reads %q", got)
	}
}

// TestReaderNoticesAGap loses a change. The page notices at the next heartbeat, whose cursor is ahead of its own.
func TestReaderNoticesAGap(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	asked := room.sockets()
	room.with(func(room *newsroom) {
		room.set(entry(6, time.Now().UTC()))
		room.tellAll(map[string]any{"type": "heartbeat", "cursor": room.cursor(), "readers": 7})
	})
	shows(p, room.list())
	room.with(func(room *newsroom) {
		if len(room.asked) == asked || !strings.HasSuffix(room.asked[asked], ".0") {
			t.Errorf("the cursors of the sockets are %v, want the last to be the page's own", room.asked)
		}
	})
}

// jumpingClock lets tests set the page's clock forward, by window.jump milliseconds.
var jumpingClock = browser.Ahead(`const now = Date.now; window.jump = 0; Date.now = () => now() + window.jump`)

func TestReaderReconnectsAtOnce(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks", jumpingClock)
	p.Live()
	reconnects := func(statements string) {
		t.Helper()
		asked := room.sockets()
		p.Run(statements)
		room.until("another socket", func(room *newsroom) bool { return len(room.asked) > asked })
	}
	// The clock jumps by an hour while the page is hidden, as when a notebook sleeps.
	reconnects(`window.jump = 3600e3; document.dispatchEvent(new Event('visibilitychange'))`)
	p.Live()

	p.Run(`dispatchEvent(new Event('offline'))`)
	p.Until(`document.querySelector('[data-connection]').dataset.connection === 'offline'`)
	p.Until(`document.querySelector('[data-announce]').textContent.startsWith('Offline. Showing')`)
	reconnects(`dispatchEvent(new Event('online'))`)
	p.Live()
	p.Until(`document.querySelector('[data-announce]').textContent === 'Connected again'`)

	reconnects(`dispatchEvent(new PageTransitionEvent('pagehide'))
		dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))`)
	p.Live()
}

func TestReloadKeepsTheScrollPositionAndDoesNotLoop(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 45)
	p := open(t, room.URL+"/live/talks", browser.Ahead(`
		const slow = window.setTimeout
		window.waits = []
		window.setTimeout = (f, ms, ...a) => {
			window.waits.push(ms)
			return slow(f, ms > 4000 ? ms : ms / 20, ...a)
		}`))
	p.Live()
	p.Run(`document.querySelector('a[data-older]').click()`)
	p.Until(`document.querySelectorAll('article').length === 40`)
	read(p, "#entry-12", -3)
	p.Run(`window.before = true`)

	// The blog gets another epoch, as after a restore.
	room.with(func(room *newsroom) { room.blog.Cursor.Epoch = "000000000001" })
	room.cut()
	p.Until(`!window.before && document.readyState === 'complete'`)
	p.Until(`Math.abs(document.querySelector('#entry-12').getBoundingClientRect().top) < 60`)
	got := browser.Get[string](p, "location.pathname + location.search + location.hash")
	if got != "/live/talks?before=26#entry-12" {
		t.Errorf("the page reloaded as %s", got)
	}
	p.Live()

	// The page has just been reloaded, so it must wait a minute before it reloads again.
	p.Run(`window.before = true`)
	room.tell(map[string]any{"type": "reload"})
	p.Until(`window.waits.some(ms => ms > 30e3 && ms < 64e3)`)
	if !browser.Get[bool](p, "window.before") {
		t.Error("the page reloaded twice within a minute")
	}
}

func TestReloadAtTheTop(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks", fastTimers)
	p.Live()
	p.Run(`window.before = true`)
	room.tell(map[string]any{"type": "reload"})
	p.Until(`!window.before && document.readyState === 'complete'`)
	p.Live()
	if got := browser.Get[string](p, "location.href"); got != room.URL+"/live/talks" {
		t.Errorf("the page reloaded as %s", got)
	}
	room.with(func(room *newsroom) {
		if room.loads != 2 {
			t.Errorf("the page was loaded %d times, want 2", room.loads)
		}
	})
}

func TestOlderWindow(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 30)
	p := open(t, room.URL+"/live/talks?before=11")
	p.Live()
	before := list(p)
	room.publish(2)
	room.edit(25, func(e *liveblog.Entry) { e.Body += " More." })
	room.edit(7, func(e *liveblog.Entry) { e.Body += " More." })
	room.remove(8)
	shows(p, strings.Replace(strings.Replace(before, "7.1", "7.2", 1), "8.1 ", "", 1))
	p.Until(`document.querySelector('a[data-new]').innerText.trim() === '2 new updates'`)
	if got := browser.Get[string](p, `document.querySelector('a[data-new]').href`); got != room.URL+"/live/talks" {
		t.Errorf("the notice links to %s", got)
	}
	room.remove(31)
	p.Until(`document.querySelector('a[data-new]').innerText.trim() === '1 new update'`)
	// An entry that was edited before the page learns of it is new too.
	room.together(func(now time.Time) {
		e := entry(33, now)
		e.Revision, e.UpdatedAt = 2, now.Add(time.Second)
		room.set(e)
	})
	p.Until(`document.querySelector('a[data-new]').innerText.trim() === '2 new updates'`)
	room.remove(33)
	room.setBlog(func(b *liveblog.Blog) { b.Status, b.Title = liveblog.Paused, "Talks: $$5 & $&" })
	p.Until(`document.querySelector('h1').innerText === 'Talks: $$5 & $&' &&
		document.querySelector('[data-badge]').innerText === 'Paused'`)
	if got := browser.Get[string](p, "document.title"); got != "(1) Talks: $$5 & $& – Older updates – Readout" {
		t.Errorf("the title is %q", got)
	}
}

func TestEntryWindow(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks/3")
	p.Live()
	room.publish(2)
	room.edit(4, func(e *liveblog.Entry) { e.Body += " More." })
	room.edit(3, func(e *liveblog.Entry) { e.Headline = "Corrected" })
	shows(p, "3.2")
	p.Until(`document.querySelector('article h2').innerText === 'Corrected'`)
	room.remove(3)
	p.Until(`document.querySelector('article').innerText.includes('This update has been removed.')`)
	if browser.Get[bool](p, `!!document.querySelector('.prose')`) {
		t.Error("the page still has the text of the removed entry")
	}
	room.publish(1)
	p.Live()
	if got := list(p); got != "3.2" {
		t.Errorf("the page shows %s", got)
	}
}

func TestOlderUpdatesInPlace(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 50)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	// A cache serves the older page as it was before the next changes.
	room.with(func(room *newsroom) {
		stale := room.page(31)
		room.stale = &stale
	})
	room.edit(28, func(e *liveblog.Entry) { e.Body += " More." })
	room.remove(27)
	p.Run(`document.querySelector('a[data-older]').click()`)
	want := room.list()
	room.with(func(room *newsroom) {
		for _, e := range room.page(31).Entries[:19] {
			want += fmt.Sprintf(" %d.%d", e.Number, e.Revision)
		}
	})
	shows(p, want)
	if got := browser.Get[string](p, `document.activeElement.id`); got != "entry-30" {
		t.Errorf("the focus is on %q", got)
	}
	p.Until(`document.querySelector('[data-announce]').textContent === '19 updates loaded'`)
	room.with(func(room *newsroom) { room.stale = nil })
	p.Until(`document.querySelector('a[data-older]').getAttribute('href') === '/live/talks?before=11'`)
	p.Run(`document.querySelector('a[data-older]').click()`)
	p.Until(`!document.querySelector('a[data-older]')`)
	shows(p, all(room))
	room.edit(1, func(e *liveblog.Entry) { e.Body += " More." })
	shows(p, all(room))

	last := reader.BlogPage{Site: site, Page: room.page(11), Query: liveblog.PageQuery{Before: 11}}
	if render(t, reader.Blog(last)).Find("a[data-older]").Length() != 0 {
		t.Error("the last page has a link to older updates")
	}
}

// TestOlderUpdatesByTheLink checks that the browser follows the link if loading older updates in place fails.
func TestOlderUpdatesByTheLink(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 30)
	noFetch := browser.Ahead(`window.fetch = () => Promise.reject(new TypeError('no network'))`)
	p := open(t, room.URL+"/live/talks", noFetch)
	p.Live()
	p.Run(`document.querySelector('a[data-older]').click()`)
	p.Until(`location.search === '?before=11' && document.readyState === 'complete'`)
	shows(p, "10.1 9.1 8.1 7.1 6.1 5.1 4.1 3.1 2.1 1.1")
}
