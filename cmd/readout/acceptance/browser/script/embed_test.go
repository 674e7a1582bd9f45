package script_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

// partner is a page on another origin with two embeds in a text.
func partner(t *testing.T, room *newsroom) *httptest.Server {
	// Another host name is another site, so that the frames are in a process of their own.
	script := strings.Replace(room.URL, "127.0.0.1", "localhost", 1) + "/embed.js"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!DOCTYPE html><title>Partner</title><link rel="icon" href="data:,"><p id="above">Above</p>
			<script async src=%q data-blog="talks"></script><p id="between">%s</p>
			<script async src=%q data-blog="talks" data-title="The same again"></script><p id="below">%s</p>`,
			script, lorem(1, 100), script, lorem(2, 2000))
	}))
	t.Cleanup(srv.Close)
	return srv
}

const frames = `[...document.querySelectorAll('iframe')]`

func TestEmbed(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 4)
	host := partner(t, room)
	room.framing = host.URL
	p := open(t, host.URL)
	p.Until(frames + `.length === 2 && ` + frames + `.every(f => f.clientHeight > 400 && f.style.display === 'block')`)
	if got := browser.Get[string](p, frames+`.map(f => f.title).sort().join()`); got != "Talks in Seoul,The same again" {
		t.Errorf("the frames' titles are %s", got)
	}
	if !browser.Get[bool](p, frames+`.every(f => f.previousElementSibling.dataset.blog === 'talks' && getComputedStyle(f).borderTopWidth === '0px' && f.allow.includes('clipboard-write'))`) {
		t.Error("a frame does not stand right after its script, or has a border")
	}
	room.until("2 readers", func(room *newsroom) bool { return len(room.readers) == 2 })

	// An update arrives in both, and they grow with it.
	p.Run(`window.was = ` + frames + `.map(f => f.clientHeight)`)
	room.publish(1)
	p.Until(frames + `.every((f, i) => f.clientHeight > window.was[i] + 100)`)
	room.remove(5)
	p.Until(frames + `.every((f, i) => f.clientHeight === window.was[i])`)

	// What is read below the first frame stays in its place while the frame above grows.
	p.Run(`document.querySelector('#below').scrollIntoView(); window.scrollBy(0, 200)`)
	p.Run(`window.place = document.querySelector('#below').getBoundingClientRect().top`)
	room.publish(2)
	p.Until(frames + `.every((f, i) => f.clientHeight > window.was[i] + 100)`)
	p.Until(`Math.abs(document.querySelector('#below').getBoundingClientRect().top - window.place) <= 1`)

	// Others may say what they want. The second message to arrive shows that the first has been read.
	p.Run(`window.was = ` + frames + `.map(f => f.clientHeight); window.heard = 0
		addEventListener('message', e => { if (e.source === window) window.heard++ })
		for (const height of [1, 2]) postMessage({type: 'readout:size', slug: 'talks', height}, '*')`)
	p.Until(`window.heard === 2`)
	if !browser.Get[bool](p, frames+`.every((f, i) => f.clientHeight === window.was[i])`) {
		t.Error("a page that is not the embed changed its height")
	}
}

// Within a frame as tall as its content only the page around it can scroll.
func TestEmbedHoldsWhatIsRead(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 8)
	host := partner(t, room)
	room.framing = host.URL
	p := open(t, host.URL)
	p.Until(frames + `.length === 2 && ` + frames + `.every(f => f.clientHeight > 800)`)
	room.until("2 readers", func(room *newsroom) bool { return len(room.readers) == 2 })
	// Half of the first frame is above the window. The end of the frame moves exactly with what is read in it.
	p.Run(`scrollTo(0, ` + frames + `[0].getBoundingClientRect().top + scrollY + ` + frames + `[0].clientHeight / 2)`)
	p.Run(`window.place = document.querySelector('#between').getBoundingClientRect().top; window.was = ` + frames + `[0].clientHeight`)
	// The frame learns of the scroll when both have been drawn.
	p.Run(`window.drawn = 0; const draw = () => { window.drawn++; requestAnimationFrame(draw) }; draw()`)
	p.Until(`window.drawn > 30`)
	room.publish(3)
	p.Until(frames + `[0].clientHeight > window.was + 300`)
	p.Until(`Math.abs(document.querySelector('#between').getBoundingClientRect().top - window.place) <= 2`)
	room.edit(8, func(e *liveblog.Entry) { e.Body += "\n\n" + lorem(5, 100) })
	p.Until(`Math.abs(document.querySelector('#between').getBoundingClientRect().top - window.place) <= 2`)
}

// A site that is not on the list shows nothing, not even an empty box.
func TestEmbedWhereItMayNotBe(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 4)
	host := partner(t, room)
	room.framing = "https://news.example"
	p := open(t, host.URL)
	p.Expect("frame-ancestors")
	p.Until(frames + `.length === 2`)
	p.Until(`document.readyState === 'complete'`)
	if got := browser.Get[float64](p, `document.querySelector('#between').getBoundingClientRect().top - document.querySelector('#above').getBoundingClientRect().bottom`); got > 20 {
		t.Errorf("the refused frame takes %v px", got)
	}
	if !browser.Get[bool](p, frames+`.every(f => f.style.display === 'none')`) {
		t.Error("a refused frame shows")
	}
}
