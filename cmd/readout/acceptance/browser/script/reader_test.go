package script_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

func TestReaderSeesNewEntriesAtTheTop(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 25)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	if got := text(p, "[data-connection] .state"); got != "Live" {
		t.Errorf("the state reads %q", got)
	}
	if got := text(p, "[data-followers]"); got != "1,234 following" {
		t.Errorf("the followers read %q", got)
	}
	room.publish(2)
	p.Until(`document.querySelectorAll('article').length === 22`)
	if got := list(p); !strings.HasPrefix(got, "27.1 26.1 25.1 ") {
		t.Errorf("the page shows %s", got)
	}
	if !browser.Get[bool](p, `document.querySelector('#entry-27').classList.contains('fresh')`) {
		t.Error("the new entry at the top is not marked")
	}
	if !browser.Get[bool](p, `document.querySelector('[data-new]').hidden`) {
		t.Error("the notice of new updates shows although all are in view")
	}
	p.Until(`document.querySelector('[data-announce]').textContent === '2 new updates'`)
	if got := browser.Get[string](p, "document.title"); got != "Talks in Seoul – Readout" {
		t.Errorf("the title is %q", got)
	}
	if n := browser.Get[int](p, stored); n != 0 {
		t.Error("the page stores something")
	}
	if got := p.Foreign(room.URL); len(got) != 0 {
		t.Errorf("the page made requests to other sites: %q", got)
	}
}

// TestReaderConvergesToTheServer makes random changes, and sends some more than once. In the end the page must show
// what the server shows.
func TestReaderConvergesToTheServer(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 12)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	random := rand.New(rand.NewPCG(1, 2))
	pinned := func() (n int) {
		for _, e := range room.entries {
			if e.Pinned {
				n++
			}
		}
		return n
	}
	for range 60 {
		number := 1 + random.IntN(len(room.entries))
		public := room.entries[number].Public()
		switch what := random.IntN(10); {
		case what < 3 && len(room.entries) < 18:
			room.publish(1)
		case what < 6 && public:
			room.edit(number, func(e *liveblog.Entry) { e.Body += "\n\nMore." })
		case what < 8 && public:
			pin := !room.entries[number].Pinned && pinned() < liveblog.MaxPinned
			room.edit(number, func(e *liveblog.Entry) { e.Pinned = pin })
		case what == 8 && public:
			room.remove(number)
		default:
			room.mu.Lock()
			if n := len(room.log); n > 0 { // repeat a change with its cursor
				room.tellAll(room.log[random.IntN(n)])
			}
			room.mu.Unlock()
		}
	}
	shows(p, room.list())

	// Repeating all changes has no effect, and neither has an old revision with a new cursor.
	room.with(func(room *newsroom) {
		changes := slices.Clone(room.log)
		for _, m := range changes {
			room.tellAll(m)
		}
		for _, m := range slices.Backward(changes) {
			if m["op"] == "put" {
				old := map[string]any{"op": "put", "entry": m["entry"]}
				room.record(old)
				room.tellAll(old)
			}
		}
	})
	room.publish(2)
	shows(p, room.list())
}

// noneNew reports whether neither the notice nor the title counts new updates.
const noneNew = `document.querySelector('[data-new]').hidden && document.title === 'Talks in Seoul – Readout'`

// TestEntriesOfOlderPages changes and pins entries that are on an older page.
func TestEntriesOfOlderPages(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 30)
	room.edit(3, func(e *liveblog.Entry) { e.Pinned = true })
	p := open(t, room.URL+"/live/talks")
	p.Live()
	want := room.list()

	room.edit(5, func(e *liveblog.Entry) { e.Body += "\n\nChanged." }) // is on an older page
	room.edit(3, func(e *liveblog.Entry) { e.Pinned = false })         // returns to an older page
	room.edit(30, func(e *liveblog.Entry) { e.Body += "\n\nChanged." })
	want = strings.Replace(strings.TrimPrefix(want, "3.2 "), "30.1", "30.2", 1)
	shows(p, want)

	p.Run(`scrollTo(0, document.body.scrollHeight)`)
	room.edit(4, func(e *liveblog.Entry) { e.Pinned = true }) // comes from an older page, and is not new
	shows(p, "4.2 "+want)
	if !browser.Get[bool](p, noneNew) {
		t.Error("a pinned old entry counts as new")
	}
}

func TestHeadIsReplacedWhole(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	room.edit(5, func(e *liveblog.Entry) { e.KeyEvent = true })
	room.setBlog(func(b *liveblog.Blog) { b.Status, b.Title = liveblog.Ended, "Talks in Busan" })
	p.Until(`document.title === 'Talks in Busan – Readout'`)
	head := text(p, "[data-head]")
	if !strings.Contains(head, "Ended") || !strings.Contains(head, "Headline 5") || strings.Contains(head, "Seoul\n") {
		t.Errorf("the head reads %q", head)
	}
	if got := text(p, "[data-connection] .state"); got != "Connected" {
		t.Errorf("the state of an ended blog reads %q", got)
	}
	p.Run(`document.querySelector('.key-events a').click()`)
	if got := browser.Get[string](p, "location.href"); got != room.URL+"/live/talks#entry-5" {
		t.Errorf("the link of a key event in the page leads to %s", got)
	}
}

// sampler records, in every frame, by how many pixels an element has moved at most.
const sampler = `(selector) => {
	const top = () => document.querySelector(selector).getBoundingClientRect().top
	const from = top()
	window.moved = 0
	window.samples = 0
	const own = window.sampler = {}
	const sample = () => {
		if (window.sampler !== own) return // another sampler has begun
		window.samples++
		window.moved = Math.max(window.moved, Math.abs(top() - from))
		requestAnimationFrame(sample)
	}
	sample()
}`

// sample begins to record how far an element moves.
func sample(p *browser.Tab, selector string) {
	p.Run(fmt.Sprintf("(%s)(%q)", sampler, selector))
}

// moved waits for two frames and returns by how many pixels the sampled element has moved at most. Up to half a pixel
// is rounding.
func moved(p *browser.Tab) float64 {
	p.Until(fmt.Sprintf("window.samples > %d", browser.Get[int](p, "window.samples")+2))
	return browser.Get[float64](p, "window.moved")
}

func TestWhatIsReadDoesNotMove(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{360, 768, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			room := newNewsroom(t, 20)
			p := open(t, room.URL+"/live/talks")
			p.Do(browser.Size(width, 700))
			p.Live()
			read(p, "#entry-8", -41)
			sample(p, "#entry-8")

			random := rand.New(rand.NewPCG(3, uint64(width)))
			var above []int // entries to edit and to remove
			for n := 9; n <= 20; n++ {
				above = append(above, n)
			}
			for i := range 10 {
				room.publish(1 + i%5) // 30 in all, some of them in one frame
				more := "\n\n" + lorem(i, 10+random.IntN(60))
				room.edit(above[i%len(above)], func(e *liveblog.Entry) { e.Body += more })
				if i == 4 {
					room.edit(20, func(e *liveblog.Entry) { e.KeyEvent = true })
					room.setBlog(func(b *liveblog.Blog) { b.Standfirst = lorem(i, 90) })
				}
				room.remove(above[len(above)-1-i])
				shows(p, all(room))
			}
			px := moved(p)
			t.Logf("the entry moved by %v px", px)
			if px > 0.5 {
				t.Errorf("the entry that is read moved by %v px", px)
			}
		})
	}
}

// TestTheLineMovesNothing makes the line above the stream taller: long words wrap there, on phones above all.
func TestTheLineMovesNothing(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{360, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			room := newNewsroom(t, 20)
			p := open(t, room.URL+"/live/talks", fastTimers)
			p.Do(browser.Size(width, 700))
			p.Live()
			read(p, "#entry-8", -41)
			sample(p, "#entry-8")
			const height = `document.querySelector('.line').offsetHeight`
			low := browser.Get[float64](p, height)
			room.with(func(room *newsroom) { room.refusing, room.down = true, true })
			room.cut()
			p.Expect("/live/talks/") // the browser reports refused requests
			p.Until(`document.querySelector('[data-connection]').dataset.connection === 'offline'`)
			if got := browser.Get[float64](p, height); got <= low {
				t.Errorf("the line is %v px high, and was %v, so the test proves nothing", got, low)
			}
			room.with(func(room *newsroom) { room.refusing, room.down = false, false })
			p.Live()
			if px := moved(p); px > 0.5 {
				t.Errorf("the entry that is read moved by %v px", px)
			}
		})
	}
}

// tail returns the entries after those of the first page, in the form of [newsroom.list].
func tail(room *newsroom) string {
	room.mu.Lock()
	defer room.mu.Unlock()
	var rest []string
	var list []liveblog.Entry
	for _, e := range room.entries {
		if e.Public() {
			list = append(list, e)
		}
	}
	if len(list) <= pageSize {
		return ""
	}
	slices.SortFunc(list, order)
	for _, e := range list[pageSize:] {
		rest = append(rest, fmt.Sprintf("%d.%d", e.Number, e.Revision))
	}
	return " " + strings.Join(rest, " ")
}

func TestNewEntriesAreCountedExactly(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 20)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`scrollTo(0, document.querySelector('#entry-10').getBoundingClientRect().top + scrollY + 5)`)

	counts := func(want int) {
		t.Helper()
		label, title := fmt.Sprintf("%d new updates", want), fmt.Sprintf("(%d) Talks in Seoul – Readout", want)
		p.Until(fmt.Sprintf(`document.title === %q && document.querySelector('[data-new]').innerText.trim() === %q`,
			title, label))
	}
	room.publish(5) // 21 to 25
	counts(5)
	room.edit(23, func(e *liveblog.Entry) { e.Body += " More." })
	room.edit(15, func(e *liveblog.Entry) { e.Body += " More." })
	room.remove(14)
	room.remove(22)
	counts(4)
	room.edit(12, func(e *liveblog.Entry) { e.Pinned = true })
	room.publish(1)
	counts(5)

	// Entries that have been scrolled into view are no longer new. The one above them is.
	p.Run(`scrollTo(0, document.querySelector('#entry-21').getBoundingClientRect().top + scrollY - 5)`)
	counts(4)
	p.Run(`scrollTo(0, document.querySelector('#entry-10').getBoundingClientRect().top + scrollY + 5)`)
	counts(4)
	room.publish(1)
	counts(5)

	p.Run(`document.querySelector('[data-new]').click()`)
	p.Until(noneNew)
	if got := browser.Get[string](p, "document.activeElement.id"); got != "entry-27" {
		t.Errorf("the notice moves the focus to %q", got)
	}
	p.Until(`Math.abs(document.querySelector('#entry-27').getBoundingClientRect().top) < 60`)
}

func TestJumpingToTheTopClearsTheCount(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 20)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	p.Run(`scrollTo(0, document.body.scrollHeight)`)
	room.publish(12)
	p.Until(`document.title.startsWith('(12) ')`)
	p.Run(`scrollTo(0, 0)`)
	p.Until(noneNew)
}

func TestFocusStaysWhereItIs(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 10)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	// On a link in the first entry.
	p.Run(`const link = document.querySelector('#entry-10 .prose a')
		link.focus()
		link.scrollIntoView({block: 'center'})`)
	room.publish(1)
	p.Until(`!!document.querySelector('#entry-11')`)
	room.edit(10, func(e *liveblog.Entry) { e.Headline = "Another headline" })
	p.Until(`document.querySelector('#entry-10 h2').innerText === 'Another headline'`)
	if got := browser.Get[string](p, "document.activeElement.href"); got != "https://example.org/10" {
		t.Errorf("the focus is on %q", got)
	}
	room.edit(10, func(e *liveblog.Entry) { e.Pinned = true })
	p.Until(`document.querySelector('article').id === 'entry-10'`)
	if got := browser.Get[string](p, "document.activeElement.href"); got != "https://example.org/10" {
		t.Errorf("after its entry moved the focus is on %q", got)
	}
}

func TestPausing(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	before := list(p)
	p.Run(`document.querySelector('[data-connection] button').click()`)
	room.publish(2)
	p.Until(`document.querySelector('[data-connection] button').innerText === 'Resume (2 waiting)'`)
	if got := list(p); got != before {
		t.Errorf("a paused page shows %s", got)
	}
	if got := text(p, "[data-connection] .state"); got != "Paused" {
		t.Errorf("the state of a paused page reads %q", got)
	}
	p.Run(`document.querySelector('[data-connection] button').click()`)
	shows(p, room.list())
	if got := text(p, "[data-connection] button"); got != "Pause" {
		t.Errorf("the button reads %q", got)
	}
	if got := text(p, "[data-connection] .state"); got != "Live" {
		t.Errorf("after resuming the state reads %q", got)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 1)
	at := time.Now().UTC().Add(-5*time.Minute - 10*time.Second)
	room.entries[2] = entry(2, at)
	room.entries[3] = entry(3, at.Add(-30*24*time.Hour))
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	seoul := room.blog.Location()

	p := open(t, room.URL+"/live/talks", browser.InZone("Europe/London"))
	p.Live()
	if got := text(p, "#entry-2 .ago"); got != "5 min. ago" && got != "5 min ago" {
		t.Errorf("the relative time reads %q", got)
	}
	if got := text(p, "#entry-3 .ago"); got != "" {
		t.Errorf("the relative time of an entry of last month reads %q, want none", got)
	}
	local := at.In(london).Format("15:04") + " your time"
	if at.In(london).Day() != at.In(seoul).Day() {
		local = at.In(london).Format("2 Jan, 15:04") + " your time"
	}
	if got := text(p, "#entry-2 .local"); got != local {
		t.Errorf("the reader's time reads %q, want %q", got, local)
	}
	if got := text(p, "#entry-2 .clock"); got != at.In(seoul).Format("15:04") {
		t.Errorf("the venue's time reads %q", got)
	}

	p = open(t, room.URL+"/live/talks", browser.InZone("Asia/Seoul"))
	p.Live()
	if browser.Get[bool](p, `!!document.querySelector('.local')`) {
		t.Error("a reader in the venue's time zone sees the same time twice")
	}
}

// TestTimesInTheFuture checks that a session in the future shows how long it is until then, and the reader's own time.
func TestTimesInTheFuture(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 1)
	p := open(t, room.URL+"/live/talks", browser.InZone("Europe/London"))
	p.Live()
	for in, want := range map[time.Duration]string{
		-time.Minute:                 "",
		25*time.Minute - time.Second: "in 25 min.",
		90*time.Minute - time.Second: "in 1 hr.",
		30*time.Hour + time.Minute:   "in 30 hr.",
		73 * time.Hour:               "in 3 days",
	} {
		at := time.Now().Add(in).In(room.blog.Location())
		p.Run(`document.querySelector('#coming')?.remove()
			document.querySelector('main').insertAdjacentHTML('beforeend', '<p id="coming">' +
				'<time datetime="` + at.Format(time.RFC3339) + `" data-until data-local>then</time></p>')
			document.dispatchEvent(new Event('visibilitychange'))`)
		if got := text(p, "#coming .until"); got != want && got != strings.TrimSuffix(want, ".") {
			t.Errorf("a time in %v reads %q, want %q", in, got, want)
		}
		if got := text(p, "#coming .local"); !strings.HasSuffix(got, " your time") {
			t.Errorf("the reader's own time reads %q", got)
		}
	}
}
