package views_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// together changes the room so that the page is told of all of it at once.
func (room *newsroom) together(do func(now time.Time)) {
	room.change(func() { do(time.Now().UTC().Truncate(time.Microsecond)) })
}

// watch samples an element until the condition holds and two frames more have passed, and returns how far it has strayed.
func (p *tab) watch(selector string, change func(), condition string) float64 {
	p.t.Helper()
	p.run("(" + sampler + ")(" + fmt.Sprintf("%q", selector) + ")")
	change()
	p.until(condition)
	return p.strayed()
}

// read scrolls so that an element begins some pixels below the upper edge of the window; above it where they are negative.
func (p *tab) read(selector string, below int) {
	p.t.Helper()
	p.run(fmt.Sprintf(`scrollTo(0, document.querySelector(%q).getBoundingClientRect().top + scrollY - %d)`, selector, below))
}

// Whoever reads the first entry is not pushed down by a newer one, once the line above it is out of view.
func TestTheFirstEntryIsHeld(t *testing.T) {
	for _, width := range []int64{360, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			room := newNewsroom(t, 20)
			p := open(t, room.URL+"/live/talks")
			p.do(chromeViewport(width))
			p.live()
			p.read("#entry-20", 8)
			strayed := p.watch("#entry-20", func() { room.publish(1) }, `document.querySelector('#entry-21')`)
			if strayed > 0.5 {
				t.Errorf("the first entry strayed by %v px", strayed)
			}
			if get[bool](p, `document.querySelector('[data-new]').hidden`) {
				t.Error("nobody is told that there is a new entry")
			}
			// With the line in view the reader sees where entries come in.
			p.read(".line", 0)
			room.publish(1)
			p.until(`document.querySelector('#entry-22')?.getBoundingClientRect().top < innerHeight`)
			if top := get[float64](p, `document.querySelector('.line').getBoundingClientRect().top`); top > 1 || top < -1 {
				t.Errorf("the line stands at %v px", top)
			}
		})
	}
}

// What stands above the stream is held too, while it is replaced.
func TestTheHeadIsHeld(t *testing.T) {
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
				p.do(chromeViewport(width))
				p.live()
				p.read(part, 20)
				if get[float64](p, "scrollY") < 1 {
					t.Fatal("the page is too short for it to be scrolled")
				}
				was := get[float64](p, `document.querySelector('.standfirst')?.offsetHeight ?? 0`)
				strayed := p.watch(part, func() { room.setBlog(func(b *liveblog.Blog) { b.Standfirst += " " + lorem(4, 90) }) },
					fmt.Sprintf(`document.querySelector('.standfirst').offsetHeight > %v + 20`, was))
				if strayed > 0.5 {
					t.Errorf("it strayed by %v px", strayed)
				}
			})
		}
	}
}

// An entry that fills the window is held through its own edit, whatever comes with it; where it is removed, what follows it is.
func TestALongEntryIsHeldThroughItsEdit(t *testing.T) {
	room := newNewsroom(t, 20)
	var long []string
	for i := range 12 {
		long = append(long, lorem(100+i, 80))
	}
	room.edit(8, func(e *liveblog.Entry) { e.Body = strings.Join(long, "\n\n") })
	p := open(t, room.URL+"/live/talks")
	p.do(chromeViewport(360))
	p.live()
	const paragraph = `#entry-8 .prose p:nth-last-of-type(6)`
	p.read(paragraph, 100)
	strayed := p.watch(paragraph, func() {
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
	if strayed > 0.5 {
		t.Errorf("the paragraph that is read strayed by %v px", strayed)
	}
	strayed = p.watch("#entry-7", func() {
		room.together(func(now time.Time) {
			room.set(entry(len(room.entries)+1, now))
			e := room.entries[8]
			e.Status = liveblog.Removed
			room.entries[8] = e
			room.record(map[string]any{"op": "remove", "entry": map[string]any{"number": 8}})
		})
	}, `!document.querySelector('#entry-8')`)
	if strayed > 0.5 {
		t.Errorf("what follows a removed entry strayed by %v px", strayed)
	}
}

func TestTheFocusOutlivesARemoval(t *testing.T) {
	room := newNewsroom(t, 10)
	p := open(t, room.URL+"/live/talks")
	p.live()
	p.run(`document.querySelector('#entry-6 .permalink').focus()`)
	room.remove(6)
	p.until(`!document.querySelector('#entry-6')`)
	if got := get[string](p, `document.activeElement.id`); got != "entry-5" {
		t.Errorf("the focus is on %q, want the entry that follows", got)
	}
}
