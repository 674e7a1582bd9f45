package script_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

// together makes several changes under one lock, so that the page gets them at once.
func (room *newsroom) together(do func(now time.Time)) {
	room.change(func() { do(time.Now().UTC().Truncate(time.Microsecond)) })
}

// moves makes a change and returns by how many pixels an element moves, in any frame, until the condition holds and two
// more frames have passed.
func moves(p *browser.Tab, selector string, change func(), condition string) float64 {
	sample(p, selector)
	change()
	p.Until(condition)
	return moved(p)
}

// read scrolls so that the top of an element is some pixels below the top of the window, or above it if negative.
func read(p *browser.Tab, selector string, below int) {
	p.Run(fmt.Sprintf(`scrollTo(0, document.querySelector(%q).getBoundingClientRect().top + scrollY - %d)`,
		selector, below))
}

// TestFirstEntryDoesNotMove checks that a newer entry does not push down the first one while that is read: when the
// line above it is out of view.
func TestFirstEntryDoesNotMove(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{360, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			room := newNewsroom(t, 20)
			p := open(t, room.URL+"/live/talks")
			p.Do(browser.Size(width, 700))
			p.Live()
			read(p, "#entry-20", 8)
			px := moves(p, "#entry-20", func() { room.publish(1) }, `document.querySelector('#entry-21')`)
			if px > 0.5 {
				t.Errorf("the first entry moved by %v px", px)
			}
			if browser.Get[bool](p, `document.querySelector('[data-new]').hidden`) {
				t.Error("the page does not say that there is a new entry")
			}
			// With the line in view, the new entry appears below it.
			read(p, ".line", 0)
			room.publish(1)
			p.Until(`document.querySelector('#entry-22')?.getBoundingClientRect().top < innerHeight`)
			top := browser.Get[float64](p, `document.querySelector('.line').getBoundingClientRect().top`)
			if top > 1 || top < -1 {
				t.Errorf("the top of the line is at %v px, want 0", top)
			}
		})
	}
}

// TestHeadDoesNotMove checks that the part of the head that is read does not move when the head is replaced.
func TestHeadDoesNotMove(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{360, 1280} {
		for _, part := range []string{".key-events", "[data-part=board]", ".summary"} {
			t.Run(fmt.Sprint(width, part), func(t *testing.T) {
				room := newNewsroom(t, 20)
				room.talks, room.summary = richTalks(richEntries()[1:]), 3
				room.edit(3, func(e *liveblog.Entry) { e.Summary, e.Body = true, lorem(3, 200) })
				for n := 10; n < 18; n++ {
					room.edit(n, func(e *liveblog.Entry) { e.KeyEvent = true })
				}
				p := open(t, room.URL+"/live/talks")
				p.Do(browser.Size(width, 700))
				p.Live()
				read(p, part, 20)
				if browser.Get[float64](p, "scrollY") < 1 {
					t.Fatal("the page is too short to scroll")
				}
				was := browser.Get[float64](p, `document.querySelector('.standfirst')?.offsetHeight ?? 0`)
				lengthen := func() { room.setBlog(func(b *liveblog.Blog) { b.Standfirst += " " + lorem(4, 90) }) }
				px := moves(p, part, lengthen,
					fmt.Sprintf(`document.querySelector('.standfirst').offsetHeight > %v + 20`, was))
				if px > 0.5 {
					t.Errorf("%s moved by %v px", part, px)
				}
			})
		}
	}
}

// TestLongEntryDoesNotMove checks that a paragraph of an entry that fills the window does not move when the entry is
// edited and others come in, and that the next entry does not move when that one is removed.
func TestLongEntryDoesNotMove(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 20)
	var long []string
	for i := range 12 {
		long = append(long, lorem(100+i, 80))
	}
	room.edit(8, func(e *liveblog.Entry) { e.Body = strings.Join(long, "\n\n") })
	p := open(t, room.URL+"/live/talks")
	p.Do(browser.Size(360, 700))
	p.Live()
	const paragraph = `#entry-8 .prose p:nth-last-of-type(6)`
	read(p, paragraph, 100)
	px := moves(p, paragraph, func() {
		room.together(func(now time.Time) {
			for range 3 {
				room.set(entry(len(room.entries)+1, now))
			}
			e := room.entries[8]
			e.Revision++
			e.Headline, e.Body, e.UpdatedAt = "Corrected", lorem(200, 60)+"\n\n"+e.Body, now
			room.set(e)
		})
	}, `document.querySelector('#entry-8 h2').innerText === 'Corrected'`)
	if px > 0.5 {
		t.Errorf("the paragraph moved by %v px", px)
	}
	px = moves(p, "#entry-7", func() {
		room.together(func(now time.Time) {
			room.set(entry(len(room.entries)+1, now))
			e := room.entries[8]
			e.Status = liveblog.Removed
			room.entries[8] = e
			room.record(map[string]any{"op": "remove", "entry": map[string]any{"number": 8}})
		})
	}, `!document.querySelector('#entry-8')`)
	if px > 0.5 {
		t.Errorf("the entry after the removed one moved by %v px", px)
	}
}

func TestFocusAfterARemoval(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 10)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`document.querySelector('#entry-6 .permalink').focus()`)
	room.remove(6)
	p.Until(`!document.querySelector('#entry-6')`)
	if got := browser.Get[string](p, `document.activeElement.id`); got != "entry-5" {
		t.Errorf("the focus is on %q, want the next entry", got)
	}
}
