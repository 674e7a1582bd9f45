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

// leaves goes away from the page, as by a link, without coming back.
func leaves(p *browser.Tab, room *newsroom) {
	p.Run(fmt.Sprintf(`location.assign(%q)`, room.URL+"/live/talks/1"))
	p.Until(`location.pathname === '/live/talks/1'`)
}

// comes opens the blog's page again.
func comes(p *browser.Tab, room *newsroom) {
	p.Run(fmt.Sprintf(`location.assign(%q)`, room.URL+"/live/talks"))
	p.Until(`location.pathname === '/live/talks'`)
	p.Live()
}

// awayItems are what the panel tells.
const awayItems = `[...document.querySelectorAll('.away li')].map((e) => e.innerText.replace(/\s+/g, ' ').trim())`

func TestNothingIsRememberedUnasked(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`document.dispatchEvent(new Event('visibilitychange'))`)
	leaves(p, room)
	room.publish(1)
	comes(p, room)
	if n := browser.Get[int](p, everKept); n != 0 {
		t.Error("something is kept")
	}
	if n := browser.Get[int](p, `document.querySelectorAll('.away, .left-off').length`); n != 0 {
		t.Error("a reader who asked for nothing is told what came")
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
			p.Run(`document.querySelector('[data-keep]').click()`)
			if got := browser.Get[string](p, `Object.keys(localStorage).join()`); got != "readout.left.talks" {
				t.Errorf("the page keeps %s", got)
			}
			leaves(p, room)

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
			// Three hours have passed for the reader's clock.
			p.Run(`const left = JSON.parse(localStorage.getItem('readout.left.talks')); left.at -= 3 * 36e5; localStorage.setItem('readout.left.talks', JSON.stringify(left))`)
			comes(p, room)
			p.Until(`document.querySelector('.away')`)
			if got := text(p, ".away h2"); got != "Since you left, 3 hours ago" {
				t.Errorf("the panel's heading is %q", got)
			}
			items := browser.Get[[]string](p, awayItems)
			if len(items) != 4 || !strings.HasSuffix(items[0], "A pact") || items[1] != "The summary has changed" ||
				items[2] != "Chips: Agreed" || items[3] != "Go to the first update you have not seen" {
				t.Errorf("the panel tells %q", items)
			}
			if got := browser.Get[string](p, `[...document.querySelectorAll('.away a')].map((a) => a.getAttribute('href')).join()`); got != "/live/talks/22,#what-we-know,#entry-21" {
				t.Errorf("the panel leads to %s", got)
			}
			if got := browser.Get[string](p, `document.querySelector('.left-off').closest('article').id`); got != "entry-20" {
				t.Errorf("the mark of what has been read stands in %s", got)
			}
			shows(p, room.list())

			// The mark stays through edits of its entry, and the panel moves nothing.
			room.edit(20, func(e *liveblog.Entry) { e.Body += " More." })
			p.Until(`document.querySelector('#entry-20[data-revision="3"] .left-off')`)
			if got := browser.Get[[]string](p, `window.shifted`); len(got) != 0 {
				t.Errorf("the layout shifts: %q", got)
			}
			p.Run(`document.querySelector('.away button').focus(); document.querySelector('.away button').click()`)
			if !browser.Get[bool](p, `!document.querySelector('.away') && document.activeElement.matches('[data-keep]')`) {
				t.Error("the panel does not close, or the focus is lost with it")
			}

			// Coming again at once there is nothing to tell.
			leaves(p, room)
			comes(p, room)
			if n := browser.Get[int](p, `document.querySelectorAll('.away, .left-off').length`); n != 0 {
				t.Error("a reader who has missed nothing is told something")
			}
		})
	}
}

// What had come but was not in view has not been seen, and nothing has that came to a tab in the background.
func TestWhatWasNotInViewIsTold(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 20)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`document.querySelector('[data-keep]').click()`)
	read(p, "#entry-5", 0)
	room.publish(3)
	room.edit(22, func(e *liveblog.Entry) { e.KeyEvent, e.Headline = true, "A pact" })
	p.Until(`document.title.startsWith('(3) ') && document.querySelector('#entry-22 .key-event')`)
	leaves(p, room)
	comes(p, room)
	told := func(unseen int) {
		t.Helper()
		p.Until(`document.querySelector('.away')`)
		items := browser.Get[[]string](p, awayItems)
		if len(items) != 2 || !strings.HasSuffix(items[0], "A pact") || items[1] != "Go to the first update you have not seen" {
			t.Errorf("the panel tells %q", items)
		}
		if got := browser.Get[string](p, `document.querySelector('.left-off').closest('article').previousElementSibling.id`); got != fmt.Sprintf("entry-%d", unseen) {
			t.Errorf("the first that has not been seen is %s, want entry %d", got, unseen)
		}
	}
	told(21)

	leaves(p, room) // now all has been in the page
	comes(p, room)
	p.Run(`const hide = (v) => Object.defineProperty(document, 'hidden', { get: () => v, configurable: true }); hide(true); document.dispatchEvent(new Event('visibilitychange'))`)
	room.publish(4)
	room.edit(25, func(e *liveblog.Entry) { e.KeyEvent, e.Headline = true, "A pact" })
	room.setBlog(func(b *liveblog.Blog) { b.Standfirst = "Another one." })
	p.Until(`document.title.startsWith('(4) ') && document.querySelector('.standfirst').innerText === 'Another one.' && document.querySelector('#entry-25 .key-event')`)
	leaves(p, room)
	comes(p, room)
	told(24)
}

// Where all that is in the page is new, the way leads to the first entry after what has been seen, to the microsecond.
func TestTheFirstUnseenIsOnAnotherPage(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`document.querySelector('[data-keep]').click()`)
	leaves(p, room)
	room.publish(25)
	for n := 4; n <= 12; n++ {
		room.edit(n+10, func(e *liveblog.Entry) { e.KeyEvent = true })
	}
	comes(p, room)
	p.Until(`document.querySelector('.away')`)
	links := browser.Get[[]string](p, `[...document.querySelectorAll('.away a')].map((a) => a.getAttribute('href'))`)
	if len(links) != 7 || links[5] != "/live/talks?by=key-events" {
		t.Fatalf("the panel leads to %q", links)
	}
	u, err := url.Parse(links[6])
	if err != nil {
		t.Fatal(err)
	}
	from, err := time.Parse(time.RFC3339, u.Query().Get("from"))
	if want := room.entries[3].PublishedAt.Add(time.Microsecond); err != nil || !from.Equal(want) {
		t.Errorf("the way leads to %s, want %v (%v)", links[6], want, err)
	}
	if browser.Get[bool](p, `!!document.querySelector('.left-off')`) {
		t.Error("there is a mark although all in the page is new")
	}
}

// Switched off, everything goes, and no other tab brings it back.
func TestForgetting(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`document.querySelector('[data-keep]').click()`)
	reload(p)
	p.Live()
	if !browser.Get[bool](p, `document.querySelector('[data-keep]').checked`) {
		t.Error("the choice is forgotten")
	}
	p.Run(`localStorage.clear(); dispatchEvent(new Event('pagehide'))`) // as another tab does
	if n := browser.Get[int](p, everKept); n != 0 {
		t.Error("what was forgotten in another tab comes back")
	}
	p.Run(`document.querySelector('[data-keep]').click(); document.querySelector('[data-keep]').click()`)
	if n := browser.Get[int](p, everKept); n == 0 {
		t.Error("switched on again, nothing is kept")
	}
	p.Run(`document.querySelector('[data-keep]').click(); dispatchEvent(new Event('pagehide'))`)
	if n := browser.Get[int](p, everKept); n != 0 {
		t.Error("switched off, something is kept")
	}
	// What others have written there is no hindrance.
	for _, text := range []string{`{`, `null`, `{"at":"x"}`, `{"at":1,"seen":"y"}`, `[]`, `{"at":1,"seen":"-1"}`, `{"at":1,"seen":"-99999999999999999999999"}`,
		`{"at":1,"seen":"99999999999999999999999"}`, `{"at":1e999,"seen":"1"}`, `{"at":9e15,"seen":"1"}`} {
		p.Run(fmt.Sprintf(`localStorage.setItem('readout.left.talks', %q)`, text))
		reload(p)
		p.Live()
		if browser.Get[bool](p, `!!document.querySelector('.away')`) {
			t.Errorf("%s counts as a visit", text)
		}
		p.Run(`localStorage.clear()`)
	}
}

// The words are those of the blog's language, in its direction.
func TestSinceTheReaderLeftInEveryLanguage(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, language := range []string{"en", "zh-Hans", "ko", "es", "fr", "ar"} {
		room := newNewsroom(t, 3)
		room.blog.Language = language
		p := open(t, room.URL+"/live/talks")
		p.Live()
		p.Run(`document.querySelector('[data-keep]').click()`)
		leaves(p, room)
		room.publish(1)
		comes(p, room)
		p.Until(`document.querySelector('.away')`)
		for _, selector := range []string{".away h2", ".away li", ".away button", ".left-off", ".settings", "[data-share]"} {
			text := text(p, selector)
			if other, ok := seen[selector+text]; ok || strings.TrimSpace(text) == "" {
				t.Errorf("%s reads %q in %s and in %s", selector, text, other, language)
			}
			seen[selector+text] = language
		}
		if got := browser.Get[string](p, `getComputedStyle(document.querySelector('.away')).direction`); (got == "rtl") != (language == "ar") {
			t.Errorf("in %s the panel runs %s", language, got)
		}
	}
}
