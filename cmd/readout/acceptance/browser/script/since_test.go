package script_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

// leave goes from the blog's page to another page.
func leave(p *browser.Tab, room *newsroom) {
	p.Run(fmt.Sprintf(`location.assign(%q)`, room.URL+"/live/talks/1"))
	p.Until(`location.pathname === '/live/talks/1'`)
}

// comeBack opens the blog's page again.
func comeBack(p *browser.Tab, room *newsroom) {
	p.Run(fmt.Sprintf(`location.assign(%q)`, room.URL+"/live/talks"))
	p.Until(`location.pathname === '/live/talks'`)
	p.Live()
}

// keep clicks the setting that keeps where the reader left off.
func keep(p *browser.Tab) { p.Run(`document.querySelector('[data-keep]').click()`) }

// awayItems are the items of the panel with what came since the reader left.
const awayItems = `[...document.querySelectorAll('.away li')].map((e) => e.innerText.replace(/\s+/g, ' ').trim())`

// leftOff is the id of the entry with the mark that shows where the reader left off.
const leftOff = `document.querySelector('.left-off').closest('article').id`

func TestNothingIsStoredByDefault(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`document.dispatchEvent(new Event('visibilitychange'))`)
	leave(p, room)
	room.publish(1)
	comeBack(p, room)
	if n := browser.Get[int](p, stored); n != 0 {
		t.Error("the page stores something")
	}
	if n := browser.Get[int](p, `document.querySelectorAll('.away, .left-off').length`); n != 0 {
		t.Error("without the setting the page shows what came since the reader left")
	}
	p.Run(`Promise.all([indexedDB.databases(), caches.keys()]).then((all) => { window.found = all.flat().length })`)
	p.Until(`window.found !== undefined`)
	if n := browser.Get[int](p, `window.found`); n != 0 {
		t.Error("the page has a database or a cache")
	}
}

func TestSinceTheReaderLeft(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{360, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			room := newNewsroom(t, 20)
			entries := richEntries()
			room.talks = richTalks(entries[1:])
			room.summary = 3
			room.edit(20, func(e *liveblog.Entry) { e.KeyEvent = true })
			p := open(t, room.URL+"/live/talks", shifts, browser.InZone("America/New_York"), browser.Size(width, 700))
			p.Live()
			keep(p)
			if got := browser.Get[string](p, `Object.keys(localStorage).join()`); got != "readout.left.talks" {
				t.Errorf("the page stores %s", got)
			}
			leave(p, room)

			room.publish(3)
			room.edit(22, func(e *liveblog.Entry) { e.KeyEvent, e.Headline = true, "A pact" })
			room.with(func(room *newsroom) {
				e := room.entries[3]
				e.Revision++
				room.entries[3] = e
				e = entry(24, time.Now().UTC().Add(time.Second))
				e.Acts = liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActMove, Track: "chips", To: liveblog.Agreed}})
				room.talks = richTalks(append([]liveblog.Entry{e}, entries[1:]...))
			})
			// The reader left three hours ago.
			p.Run(`const left = JSON.parse(localStorage.getItem('readout.left.talks'))
				left.at -= 3 * 36e5
				localStorage.setItem('readout.left.talks', JSON.stringify(left))`)
			comeBack(p, room)
			p.Until(`document.querySelector('.away')`)
			if got := text(p, ".away h2"); got != "Since you left, 3 hours ago" {
				t.Errorf("the panel's heading is %q", got)
			}
			items := browser.Get[[]string](p, awayItems)
			if len(items) != 4 || !strings.HasSuffix(items[0], "A pact") || items[1] != "The summary has changed" ||
				items[2] != "Chips: Agreed" || items[3] != "Go to the first update you have not seen" {
				t.Errorf("the items of the panel are %q", items)
			}
			links := browser.Get[string](p,
				`[...document.querySelectorAll('.away a')].map((a) => a.getAttribute('href')).join()`)
			if links != "/live/talks/22,#what-we-know,#entry-21" {
				t.Errorf("the links of the panel are %s", links)
			}
			if got := browser.Get[string](p, leftOff); got != "entry-20" {
				t.Errorf("the mark where the reader left off is in %s", got)
			}
			shows(p, room.list())

			// The mark stays when its entry is edited, and the panel causes no layout shift.
			room.edit(20, func(e *liveblog.Entry) { e.Body += " More." })
			p.Until(`document.querySelector('#entry-20[data-revision="3"] .left-off')`)
			if got := shifted(p); len(got) != 0 {
				t.Errorf("the layout shifts: %q", got)
			}
			p.Run(`document.querySelector('.away button').focus(); document.querySelector('.away button').click()`)
			if !browser.Get[bool](p, `!document.querySelector('.away') &&
				document.activeElement.matches('[data-keep]')`) {
				t.Error("the panel does not close, or does not move the focus to the setting")
			}

			// Without updates since the last visit there is no panel.
			leave(p, room)
			comeBack(p, room)
			if n := browser.Get[int](p, `document.querySelectorAll('.away, .left-off').length`); n != 0 {
				t.Error("a reader who has missed nothing sees a panel")
			}
		})
	}
}

// TestSinceTheReaderLeftCountsWhatWasNotInView checks that entries that were in the page but not in view, or that came
// while the tab was in the background, count as not seen.
func TestSinceTheReaderLeftCountsWhatWasNotInView(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 20)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	keep(p)
	read(p, "#entry-5", 0)
	room.publish(3)
	room.edit(22, func(e *liveblog.Entry) { e.KeyEvent, e.Headline = true, "A pact" })
	p.Until(`document.title.startsWith('(3) ') && document.querySelector('#entry-22 .key-event')`)
	leave(p, room)
	comeBack(p, room)
	unseenFrom := func(number int) {
		t.Helper()
		p.Until(`document.querySelector('.away')`)
		items := browser.Get[[]string](p, awayItems)
		if len(items) != 2 || !strings.HasSuffix(items[0], "A pact") ||
			items[1] != "Go to the first update you have not seen" {
			t.Errorf("the items of the panel are %q", items)
		}
		got := browser.Get[string](p, `document.querySelector('.left-off')
			.closest('article').previousElementSibling.id`)
		if want := fmt.Sprintf("entry-%d", number); got != want {
			t.Errorf("the first entry not seen is %s, want %s", got, want)
		}
	}
	unseenFrom(21)

	leave(p, room) // by now everything has been in view
	comeBack(p, room)
	p.Run(`Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })
		document.dispatchEvent(new Event('visibilitychange'))`)
	room.publish(4)
	room.edit(25, func(e *liveblog.Entry) { e.KeyEvent, e.Headline = true, "A pact" })
	room.setBlog(func(b *liveblog.Blog) { b.Standfirst = "Another one." })
	p.Until(`document.title.startsWith('(4) ') && document.querySelector('.standfirst').innerText === 'Another one.' &&
		document.querySelector('#entry-25 .key-event')`)
	leave(p, room)
	comeBack(p, room)
	unseenFrom(24)
}

// TestTheFirstUnseenIsOnAnotherPage checks that, if all entries in the page are new, the panel links to the first entry
// after the last one seen. The link has its time to the microsecond.
func TestTheFirstUnseenIsOnAnotherPage(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	keep(p)
	leave(p, room)
	room.publish(25)
	for n := 4; n <= 12; n++ {
		room.edit(n+10, func(e *liveblog.Entry) { e.KeyEvent = true })
	}
	comeBack(p, room)
	p.Until(`document.querySelector('.away')`)
	links := browser.Get[[]string](p, `[...document.querySelectorAll('.away a')].map((a) => a.getAttribute('href'))`)
	if len(links) != 7 || links[5] != "/live/talks?by=key-events" {
		t.Fatalf("the links of the panel are %q", links)
	}
	u, err := url.Parse(links[6])
	if err != nil {
		t.Fatal(err)
	}
	from, err := time.Parse(time.RFC3339, u.Query().Get("from"))
	if want := room.entries[3].PublishedAt.Add(time.Microsecond); err != nil || !from.Equal(want) {
		t.Errorf("the link is %s, want one from %v (%v)", links[6], want, err)
	}
	if browser.Get[bool](p, `!!document.querySelector('.left-off')`) {
		t.Error("there is a mark where the reader left off, although all entries in the page are new")
	}
}

// TestTurningTheSettingOff checks that the page deletes what it stored, that another tab does not bring it back, and
// that the page ignores values that are not its own.
func TestTurningTheSettingOff(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	keep(p)
	reload(p)
	p.Live()
	if !browser.Get[bool](p, `document.querySelector('[data-keep]').checked`) {
		t.Error("a reload turns the setting off")
	}
	p.Run(`localStorage.clear(); dispatchEvent(new Event('pagehide'))`) // as if turned off in another tab
	if n := browser.Get[int](p, stored); n != 0 {
		t.Error("the page stores again what another tab has deleted")
	}
	keep(p)
	keep(p)
	if n := browser.Get[int](p, stored); n == 0 {
		t.Error("with the setting on again the page stores nothing")
	}
	keep(p)
	p.Run(`dispatchEvent(new Event('pagehide'))`)
	if n := browser.Get[int](p, stored); n != 0 {
		t.Error("with the setting off the page stores something")
	}
	for _, text := range []string{
		`{`, `null`, `{"at":"x"}`, `{"at":1,"seen":"y"}`, `[]`, `{"at":1,"seen":"-1"}`,
		`{"at":1,"seen":"-99999999999999999999999"}`, `{"at":1,"seen":"99999999999999999999999"}`,
		`{"at":1e999,"seen":"1"}`, `{"at":9e15,"seen":"1"}`,
	} {
		p.Run(fmt.Sprintf(`localStorage.setItem('readout.left.talks', %q)`, text))
		reload(p)
		p.Live()
		if browser.Get[bool](p, `!!document.querySelector('.away')`) {
			t.Errorf("the page takes %s for a visit", text)
		}
		p.Run(`localStorage.clear()`)
	}
}

// TestSinceTheReaderLeftInEveryLanguage checks that the texts differ from language to language, and the direction of
// the panel.
func TestSinceTheReaderLeftInEveryLanguage(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, language := range []string{"en", "zh-Hans", "ko", "es", "fr", "ar"} {
		room := newNewsroom(t, 3)
		room.blog.Language = language
		p := open(t, room.URL+"/live/talks")
		p.Live()
		keep(p)
		leave(p, room)
		room.publish(1)
		comeBack(p, room)
		p.Until(`document.querySelector('.away')`)
		for _, selector := range []string{
			".away h2", ".away li", ".away button", ".left-off", ".settings", "[data-share]",
		} {
			shown := text(p, selector)
			if other, ok := seen[selector+shown]; ok || strings.TrimSpace(shown) == "" {
				t.Errorf("%s reads %q in %s and in %s", selector, shown, other, language)
			}
			seen[selector+shown] = language
		}
		direction := browser.Get[string](p, `getComputedStyle(document.querySelector('.away')).direction`)
		if (direction == "rtl") != (language == "ar") {
			t.Errorf("in %s the direction of the panel is %s", language, direction)
		}
	}
}
