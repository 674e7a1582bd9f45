package script_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

// together changes the room so that the page is told of all of it at once.
func (room *newsroom) together(do func(now time.Time)) {
	room.change(func() { do(time.Now().UTC().Truncate(time.Microsecond)) })
}

// watch samples an element until the condition holds and two frames more have passed, and returns how far it has strayed.
func watch(p *browser.Tab, selector string, change func(), condition string) float64 {
	p.Run("(" + sampler + ")(" + fmt.Sprintf("%q", selector) + ")")
	change()
	p.Until(condition)
	return strayed(p)
}

// read scrolls so that an element begins some pixels below the upper edge of the window; above it where they are negative.
func read(p *browser.Tab, selector string, below int) {
	p.Run(fmt.Sprintf(`scrollTo(0, document.querySelector(%q).getBoundingClientRect().top + scrollY - %d)`, selector, below))
}

// Whoever reads the first entry is not pushed down by a newer one, once the line above it is out of view.
func TestTheFirstEntryIsHeld(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{360, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			room := newNewsroom(t, 20)
			p := open(t, room.URL+"/live/talks")
			p.Do(browser.Size(width, 700))
			p.Live()
			read(p, "#entry-20", 8)
			strayed := watch(p, "#entry-20", func() { room.publish(1) }, `document.querySelector('#entry-21')`)
			if strayed > 0.5 {
				t.Errorf("the first entry strayed by %v px", strayed)
			}
			if browser.Get[bool](p, `document.querySelector('[data-new]').hidden`) {
				t.Error("nobody is told that there is a new entry")
			}
			// With the line in view the reader sees where entries come in.
			read(p, ".line", 0)
			room.publish(1)
			p.Until(`document.querySelector('#entry-22')?.getBoundingClientRect().top < innerHeight`)
			if top := browser.Get[float64](p, `document.querySelector('.line').getBoundingClientRect().top`); top > 1 || top < -1 {
				t.Errorf("the line stands at %v px", top)
			}
		})
	}
}

// What stands above the stream is held too, while it is replaced.
func TestTheHeadIsHeld(t *testing.T) {
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
					t.Fatal("the page is too short for it to be scrolled")
				}
				was := browser.Get[float64](p, `document.querySelector('.standfirst')?.offsetHeight ?? 0`)
				strayed := watch(p, part, func() { room.setBlog(func(b *liveblog.Blog) { b.Standfirst += " " + lorem(4, 90) }) },
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
	strayed := watch(p, paragraph, func() {
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
	strayed = watch(p, "#entry-7", func() {
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
	t.Parallel()
	room := newNewsroom(t, 10)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`document.querySelector('#entry-6 .permalink').focus()`)
	room.remove(6)
	p.Until(`!document.querySelector('#entry-6')`)
	if got := browser.Get[string](p, `document.activeElement.id`); got != "entry-5" {
		t.Errorf("the focus is on %q, want the entry that follows", got)
	}
}
