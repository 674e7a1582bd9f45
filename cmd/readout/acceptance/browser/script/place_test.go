package script_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/views/talks"

	"github.com/a-h/templ"
)

// tab is a tab of any browser.
type tab interface {
	Size(width, height int64)
	GoTo(address string)
	Run(statements string)
	Until(condition string)
	Number(expression string) float64
}

// chromium is a tab in Chromium.
type chromium struct{ *browser.Tab }

func (p chromium) Size(width, height int64)         { p.Do(browser.Size(width, height)) }
func (p chromium) Until(condition string)           { p.Tab.Until(condition) }
func (p chromium) Number(expression string) float64 { return browser.Get[float64](p.Tab, expression) }

// browsers open a tab in each browser.
var browsers = []struct {
	name string
	open func(*testing.T) tab
}{
	{"chromium", func(t *testing.T) tab { return chromium{newTab(t)} }},
	{"firefox", func(t *testing.T) tab { return browser.OpenFirefox(t) }},
}

// strays returns by how many pixels an element moves, in any frame, while a change is made and until the condition
// holds.
func strays(p tab, selector string, change func(), condition string) float64 {
	p.Run(fmt.Sprintf("(%s)(%q)", sampler, selector))
	change()
	p.Until(condition)
	p.Until(fmt.Sprintf("window.samples > %v", p.Number("window.samples")+2))
	return p.Number("window.moved")
}

// reportSeen makes an embed report to the page around it what it knows to be in view.
const reportSeen = `if (parent !== window) {
	const Observer = window.IntersectionObserver
	window.IntersectionObserver = class extends Observer {
		constructor(notify) {
			super((list) => {
				notify(list)
				for (const { target, isIntersecting } of list) {
					parent.postMessage({ part: target.id || target.className, seen: isIntersecting }, '*')
				}
			})
		}
	}
};
`

// placePage is the page of a partner with one embed, in a layout of the partner's. It records in window.seen what the
// embed knows to be in view, and in window.heights the heights that it reports.
func placePage(t *testing.T, room *newsroom, style string) *httptest.Server {
	blog := strings.Replace(room.URL, "127.0.0.1", "localhost", 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!DOCTYPE html><title>Partner</title><link rel="icon" href="data:,">
			<style>body { margin: 0 } %s</style>
			<script>window.seen = {}
				window.heights = []
				addEventListener('message', ({ data }) => {
					if (data.part) window.seen[data.part] = data.seen
					if (data.height) window.heights.push(data.height)
				})</script>
			<div id="outer"><div id="box"><p>%s</p><script async src="%s/embed.js" data-blog="talks"></script>
			<p id="below">%s</p></div></div>`, style, lorem(1, 300), blog, lorem(2, 3000))
	}))
	t.Cleanup(s.Close)
	return s
}

// TestNothingMovesAroundAnEmbed publishes an entry while different parts of a partner's page are in view. It fails if
// the embed does not anchor its end, if the script scrolls only the window, or if it takes the top of the window for
// the upper edge of a box that scrolls within the page.
func TestNothingMovesAroundAnEmbed(t *testing.T) {
	t.Parallel()
	layouts := []struct{ name, style string }{
		{"page", ""},
		{"page without anchoring", "html { overflow-anchor: none }"},
		{"box", "#box { height: 100vh; overflow: auto }"},
		{"box without anchoring", "#box { height: 100vh; overflow: scroll; overflow-anchor: none }"},
		{"box below a header", "#box { height: 400px; margin-top: 200px; overflow: auto; border-top: 9px solid }"},
		{"body", "html { height: 100%; overflow: hidden } body { height: 100%; overflow: auto }"},
		{"box that does not scroll", "#box { overflow: auto }"},
		{"fixed box", "#outer { position: fixed; inset: 50px; overflow: auto } body { height: 3000px }"},
	}
	const entries = `Object.keys(seen).some((part) => part.startsWith('entry-') && seen[part])`
	positions := []struct {
		name string
		end  string // how far the end of the frame is below the upper edge of what is visible
		seen string // what the embed has to know before the entry comes
	}{
		{"the end of the embed", `40`, `seen.imprint && !` + entries},
		{"the middle of the embed", `frame.clientHeight / 2`, `seen.line === false && !seen['entry-6'] && ` + entries},
		{"the text below the embed", `-100`, `true`}, // here the height of the frame suffices
	}
	for _, b := range browsers {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := b.open(t)
			p.Size(800, 600)
			for _, layout := range layouts {
				for _, position := range positions {
					room := newNewsroom(t, 6)
					room.prelude = reportSeen
					host := placePage(t, room, layout.style)
					room.framing = host.URL
					p.GoTo(host.URL)
					p.Until(`document.querySelector('iframe')?.clientHeight > 800`)
					room.until("a reader", func(room *newsroom) bool { return len(room.readers) == 1 })
					p.Run(`window.frame = document.querySelector('iframe')
						const box = [...document.querySelectorAll('#box, #outer, body')].find((e) =>
							e.scrollHeight > e.clientHeight && getComputedStyle(e).overflowY !== 'visible')
						const scroller = box ?? document.scrollingElement
						window.place = () => {
							const edge = Math.max(0, scroller.getBoundingClientRect().top + scroller.clientTop)
							scroller.scrollBy(0, frame.getBoundingClientRect().bottom - edge - ` + position.end + `)
							window.was = frame.clientHeight
						}`)
					p.Until(`(place(), ` + position.seen + `)`)
					px := strays(p, "#below", func() { room.publish(1) }, `frame.clientHeight > was + 100`)
					if px > 0.5 {
						t.Errorf("%s: with %s in view the text below it moved by %v px", layout.name, position.name, px)
					}
				}
			}
		})
	}
}

// TestEmbedWaitsForItsWidth shows an embed late. It fails if the frame reports the height that it would have if it were
// as narrow as can be, or if it never reports one.
func TestEmbedWaitsForItsWidth(t *testing.T) {
	t.Parallel()
	for _, b := range browsers {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			room := newNewsroom(t, 6)
			host := placePage(t, room, "#box { display: none }")
			room.framing = host.URL
			p := b.open(t)
			p.Size(800, 600)
			p.GoTo(host.URL)
			room.until("a reader", func(room *newsroom) bool { return len(room.readers) == 1 })
			p.Run(`document.querySelector('#box').style.display = 'block'`)
			p.Until(`document.querySelector('iframe').clientHeight > 800`)
			if highest := p.Number("Math.max(...window.heights)"); highest > 4000 {
				t.Errorf("the embed said that it was %v px high", highest)
			}
		})
	}
}

// TestEndOfThePageDoesNotMove changes a page while only its end is in view, in a low window. It fails if nothing below
// the stream or below the talks is an anchor.
func TestEndOfThePageDoesNotMove(t *testing.T) {
	t.Parallel()
	for _, b := range browsers {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := b.open(t)
			p.Size(800, 120)
			for _, last := range []string{".imprint", ".search"} {
				room := newNewsroom(t, 20)
				p.GoTo(room.URL + "/live/talks")
				p.Until(`document.querySelector('[data-connection]')?.dataset.connection === 'live'`)
				p.Run(fmt.Sprintf(`document.querySelector(%q).scrollIntoView({ block: 'end' })`, last))
				px := strays(p, last, func() { room.publish(1) }, `document.querySelector('#entry-21')`)
				if px > 0.5 {
					t.Errorf("with %s in view the end of the page moved by %v px", last, px)
				}
			}

			// A page of the talks is replaced as a whole.
			room := newNewsroom(t, 1)
			show := func(standing int) {
				now := talksPage("board")
				now.Blog, now.Talks.Board = room.blog, now.Talks.Board[:standing]
				room.pages = map[string]templ.Component{"/live/talks/board": talks.Board(now)}
			}
			show(1)
			p.GoTo(room.URL + "/live/talks/board")
			p.Until(`document.querySelector('[data-connection]')?.dataset.connection === 'live'`)
			p.Run(`document.querySelector('.imprint').scrollIntoView({ block: 'end' })
				window.was = document.body.scrollHeight`)
			px := strays(p, ".imprint", func() {
				room.change(func() {
					room.record(map[string]any{"talks": []string{"board"}})
					show(len(talksPage("board").Talks.Board))
				})
			}, `document.body.scrollHeight > was + 100`)
			if px > 0.5 {
				t.Errorf("the end of a page of the talks moved by %v px", px)
			}
		})
	}
}
