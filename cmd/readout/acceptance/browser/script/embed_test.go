package script_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
)

// partner starts the site of a partner, whose page has two embeds in a text. Its policy allows no more than
// docs/embedding.md asks for.
func partner(t *testing.T, room *newsroom) *httptest.Server {
	// With another host name the frames are of another site, and run in another process.
	blog := strings.Replace(room.URL, "127.0.0.1", "localhost", 1)
	script := blog + "/embed.js"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src data:; script-src 'self' "+blog+
			"; frame-src "+blog+"; require-trusted-types-for 'script'")
		fmt.Fprintf(w, `<!DOCTYPE html><title>Partner</title><link rel="icon" href="data:,"><p id="above">Above</p>
			<script async src=%q data-blog="talks"></script><p id="between">%s</p>
			<script async src=%q data-blog="talks" data-title="The same again"></script><p id="below">%s</p>`,
			script, lorem(1, 100), script, lorem(2, 2000))
	}))
	t.Cleanup(srv.Close)
	return srv
}

// frames are the two embeds in the partner's page.
const frames = `[...document.querySelectorAll('iframe')]`

func TestEmbed(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 4)
	host := partner(t, room)
	room.framing = host.URL
	p := open(t, host.URL)
	p.Until(frames + `.length === 2 && ` + frames + `.every(f => f.clientHeight > 400 && f.checkVisibility({ visibilityProperty: true }))`)
	titles := browser.Get[string](p, frames+`.map(f => f.title).sort().join()`)
	if titles != "Talks in Seoul,The same again" {
		t.Errorf("the frames' titles are %s", titles)
	}
	if !browser.Get[bool](p, frames+`.every(f => f.parentElement.previousElementSibling.dataset.blog === 'talks' &&
		getComputedStyle(f).borderTopWidth === '0px' && f.allow.includes('clipboard-write'))`) {
		t.Error("a frame does not follow its script, has a border, or may not write to the clipboard")
	}
	room.until("2 readers", func(room *newsroom) bool { return len(room.readers) == 2 })

	// Both frames show an update and grow with it.
	p.Run(`window.was = ` + frames + `.map(f => f.clientHeight)`)
	room.publish(1)
	p.Until(frames + `.every((f, i) => f.clientHeight > window.was[i] + 100)`)
	room.remove(5)
	p.Until(frames + `.every((f, i) => f.clientHeight === window.was[i])`)

	// The text below the frames does not move while they grow.
	p.Run(`document.querySelector('#below').scrollIntoView(); window.scrollBy(0, 200)`)
	p.Run(`window.place = document.querySelector('#below').getBoundingClientRect().top`)
	room.publish(2)
	p.Until(frames + `.every((f, i) => f.clientHeight > window.was[i] + 100)`)
	p.Until(`Math.abs(document.querySelector('#below').getBoundingClientRect().top - window.place) <= 1`)

	// Messages of other senders are ignored. When the second one arrives, the page has handled the first.
	p.Run(`window.was = ` + frames + `.map(f => f.clientHeight); window.heard = 0
		addEventListener('message', e => { if (e.source === window) window.heard++ })
		for (const height of [1, 2]) postMessage({type: 'readout:size', slug: 'talks', height}, '*')`)
	p.Until(`window.heard === 2`)
	if !browser.Get[bool](p, frames+`.every((f, i) => f.clientHeight === window.was[i])`) {
		t.Error("a message that was not the embed's changed the height of a frame")
	}
}

// TestEmbedDoesNotMoveWhatIsRead checks that the partner's page is scrolled when entries come in above what is read.
// The frame itself, as tall as its content, cannot scroll.
func TestEmbedDoesNotMoveWhatIsRead(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 8)
	host := partner(t, room)
	room.framing = host.URL
	p := open(t, host.URL)
	p.Until(frames + `.length === 2 && ` + frames + `.every(f => f.clientHeight > 800)`)
	room.until("2 readers", func(room *newsroom) bool { return len(room.readers) == 2 })
	// The upper half of the first frame is out of view. The end of the frame moves exactly with what is read in it.
	p.Run(`scrollTo(0, ` + frames + `[0].getBoundingClientRect().top + scrollY + ` + frames + `[0].clientHeight / 2)`)
	p.Run(`window.place = document.querySelector('#between').getBoundingClientRect().top
		window.was = ` + frames + `[0].clientHeight`)
	p.Drawn(30) // the frame learns of the scrolling only when both documents have been drawn
	room.publish(3)
	p.Until(frames + `[0].clientHeight > window.was + 300`)
	p.Until(`Math.abs(document.querySelector('#between').getBoundingClientRect().top - window.place) <= 2`)
	room.edit(8, func(e *liveblog.Entry) { e.Body += "\n\n" + lorem(5, 100) })
	p.Until(`Math.abs(document.querySelector('#between').getBoundingClientRect().top - window.place) <= 2`)
}

// TestRemovedEmbeds checks that a partner's page can add and remove embeds as often as it likes. It fails if anything
// keeps a removed frame, if a listener stays, or if an embed that is added again or moved is not shown.
func TestRemovedEmbeds(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 2)
	host := placePage(t, room, "")
	room.framing = host.URL
	p := open(t, host.URL, browser.Ahead(`if (parent === window) {
		window.listening = new Set()
		const { addEventListener: add, removeEventListener: remove } = window
		window.addEventListener = (type, listener, ...rest) => {
			window.listening.add(listener)
			add(type, listener, ...rest)
		}
		window.removeEventListener = (type, listener, ...rest) => {
			window.listening.delete(listener)
			remove(type, listener, ...rest)
		}
	}`))
	const shown = `document.querySelector('#mounted iframe')?.clientHeight > 400`
	p.Run(`document.querySelector('readout-embed').remove()
		window.listening.clear() // the page's own
		window.script = document.querySelector('script[src]').src
		window.removed = []
		window.unmount = () => {
			for (const e of document.querySelectorAll('#mounted, #mounted *')) window.removed.push(new WeakRef(e))
			document.querySelector('#mounted').remove()
		}`)
	for range 10 {
		p.Run(`const script = Object.assign(document.createElement('script'), { src: window.script })
			script.dataset.blog = 'talks'
			const box = Object.assign(document.createElement('div'), { id: 'mounted' })
			box.append(script)
			document.body.prepend(box)`)
		p.Until(shown)
		p.Run(`unmount()`)
	}
	if n := browser.Get[int](p, `window.listening.size`); n != 0 {
		t.Errorf("%d listeners of removed embeds are left", n)
	}
	room.until("no readers", func(room *newsroom) bool { return len(room.readers) == 0 })
	if n := browser.Get[int](p, `window.removed.length`); n != 10*4 {
		t.Errorf("%d elements were removed, want a box, a script, an embed and a frame each time", n)
	}
	live := -1
	for range 20 { // elements may live on until the browser has ended its work with them
		p.Do(browser.Call(heapprofiler.CollectGarbage, cdp.Empty{}))
		if live = browser.Get[int](p, `window.removed.filter((e) => e.deref()).length`); live == 0 {
			break
		}
		p.Drawn(2)
	}
	if live > 0 {
		t.Errorf("%d removed elements live on", live)
	}

	// Add an embed, add it again, and move it.
	p.Run(`const box = Object.assign(document.createElement('div'), { id: 'mounted' })
		window.embed = document.createElement('readout-embed')
		Object.assign(embed.dataset, { host: new URL(window.script).origin, blog: 'talks' })
		box.append(embed)
		document.body.prepend(box)`)
	p.Until(shown)
	p.Run(`embed.remove()`)
	room.until("no readers", func(room *newsroom) bool { return len(room.readers) == 0 })
	for _, method := range []string{"append", "prepend"} {
		p.Run(fmt.Sprintf(`document.querySelector('#mounted').%s(embed)`, method))
		p.Until(shown)
		room.until("one reader", func(room *newsroom) bool { return len(room.readers) == 1 })
	}
	p.Run(`window.was = document.querySelector('#mounted iframe').clientHeight`)
	room.publish(1)
	p.Until(`document.querySelector('#mounted iframe').clientHeight > window.was + 100`)
	if n := browser.Get[int](p, `window.listening.size`); n != 1 {
		t.Errorf("the embed has %d listeners, want 1", n)
	}
}

// TestEmbedOnASiteThatIsNotAllowed checks that such a site shows nothing, not even an empty box.
func TestEmbedOnASiteThatIsNotAllowed(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 4)
	host := partner(t, room)
	room.framing = "https://news.example"
	p := open(t, host.URL)
	p.Expect("frame-ancestors")
	p.Until(frames + `.length === 2`)
	p.Until(`document.readyState === 'complete'`)
	gap := browser.Get[float64](p, `document.querySelector('#between').getBoundingClientRect().top -
		document.querySelector('#above').getBoundingClientRect().bottom`)
	if gap > 20 {
		t.Errorf("the refused frame takes %v px", gap)
	}
	if !browser.Get[bool](p, frames+`.every(f => !f.checkVisibility({ visibilityProperty: true }))`) {
		t.Error("a refused frame is visible")
	}
}
