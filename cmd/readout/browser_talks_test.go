package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestBrowserTalks is how a reader sees the negotiation move, in a real browser on a real node.
func TestBrowserTalks(t *testing.T) {
	b := startBrowser(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, browser)
	}{
		{"the board changes on open pages", testBoardMoves},
		{"a claim's change reaches 200 entries", testClaimReachesAll},
		{"a reader who was away catches up", testTalksCatchUp},
		{"older pages come with claims as they stand", testOlderClaims},
		{"a page of the past stays", testPastStays},
		{"everything is there without scripts", testTalksWithoutScripts},
		{"the keyboard reaches everything", testTalksByKeyboard},
		{"no rule of accessibility is broken", testTalksAccessible},
		{"nor is one at the desk", testDeskAccessible},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, b) })
	}
}

// newTalksNode is a node whose blog "summit" has tracks, parties and an entry that says where they stand.
func newTalksNode(t *testing.T, adjust ...func(*server.Settings)) *testNode {
	t.Helper()
	n := newTestNode(t, adjust...)
	n.createBlog(t, "summit", "The summit")
	n.setUp(t)
	n.state(t, "The talks begin", liveblog.Act{Kind: liveblog.ActMove, Track: "tariffs", To: liveblog.InTalks},
		liveblog.Act{Kind: liveblog.ActMove, Track: "rare-earths", To: liveblog.Raised},
		liveblog.Act{Kind: liveblog.ActClaim, Claim: "pause", Status: "reported", Text: "The controls will be paused.", Attribution: "two officials"},
		liveblog.Act{Kind: liveblog.ActPosition, Party: "china", Track: "rare-earths", Text: "The controls stay.", Speaker: "he-lifeng"},
		liveblog.Act{Kind: liveblog.ActPosition, Party: "china", Track: "rare-earths", Text: "A pause is possible.", Speaker: "he-lifeng"},
		liveblog.Act{Kind: liveblog.ActFigure, Figure: "average-tariff", Value: "57", Unit: "%", Source: "https://news.example/a"})
	n.state(t, "The tariff falls", liveblog.Act{Kind: liveblog.ActFigure, Figure: "average-tariff", Value: "47", Unit: "%"})
	return n
}

func (n *testNode) setUp(t *testing.T) {
	t.Helper()
	leaders := time.Date(2025, 10, 30, 2, 0, 0, 0, time.UTC)
	_, err := n.Desk.UpdateSetup(t.Context(), n.editor, "summit", liveblog.Setup{
		Tracks:   []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}, {ID: "rare-earths", Name: "Rare earths"}, {ID: "chips", Name: "Chips"}},
		Parties:  []liveblog.Party{{ID: "us", Name: "United States"}, {ID: "china", Name: "China"}},
		Speakers: []liveblog.Speaker{{ID: "he-lifeng", Name: "He Lifeng", Office: "Vice Premier of China", Party: "china"}},
		Sessions: []liveblog.AgendaItem{{ID: "leaders", Name: "The leaders' meeting", Place: "Busan", Starts: leaders}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// state publishes an entry with acts.
func (n *testNode) state(t *testing.T, headline string, acts ...liveblog.Act) liveblog.Entry {
	t.Helper()
	return n.post(t, "summit", liveblog.EntryInput{Headline: headline, Body: "It was said at the table.", Acts: liveblog.NewActs(acts)})
}

func move(track string, to liveblog.TrackState) liveblog.Act {
	return liveblog.Act{Kind: liveblog.ActMove, Track: track, To: to}
}

// standing is what a page says of a track, a claim or a figure, such as "track tariffs".
func standing(what string) string {
	return fmt.Sprintf(`document.querySelector('[data-standing=%q] .state')?.textContent.replace(/\s+/g, ' ').trim()`, what)
}

const announced = `document.querySelector('[data-announce]').textContent`

func testBoardMoves(t *testing.T, b browser) {
	n := newTalksNode(t)
	var pages []*tab
	for _, path := range []string{"/live/summit", "/embed/summit", "/live/summit/board", "/live/summit/board/rare-earths"} {
		p := b.open(t, n.BaseURL+path)
		p.live(t)
		p.wait(t, standing("track rare-earths")+` === 'Raised'`)
		pages = append(pages, p)
	}
	track := pages[3]
	// A fold that is open and has the focus stays so.
	eval[any](t, track, `(() => { const s = document.querySelector('#before-china-rare-earths > summary'); s.click(); s.focus() })()`)
	height := eval[float64](t, pages[0], `document.querySelector('.board').getBoundingClientRect().height`)
	e := n.state(t, "Rare earths move", move("rare-earths", liveblog.InTalks),
		liveblog.Act{Kind: liveblog.ActFigure, Figure: "average-tariff", Value: "50", Unit: "%"})
	for i, p := range pages {
		p.wait(t, standing("track rare-earths")+` === 'In talks'`)
		p.wait(t, announced+`.startsWith('Rare earths: in talks')`)
		if i != 1 && i < 3 && eval[string](t, p, `document.querySelector('[data-standing="track rare-earths"] a[data-entry]').dataset.entry`) != fmt.Sprint(e.Number) {
			t.Errorf("page %d does not lead from the state to the entry that brought it", i)
		}
	}
	pages[0].wait(t, standing("figure average-tariff")+` === '50 %'`)
	if got, want := eval[string](t, pages[0], announced), "Rare earths: in talks. Average tariff: 50 %. 1 new update"; got != want {
		t.Errorf("the page said %q, want %q", got, want)
	}
	if got := eval[float64](t, pages[0], `document.querySelector('.board').getBoundingClientRect().height`); got != height {
		t.Errorf("the board was %v px high and is %v after a move", height, got)
	}
	if !eval[bool](t, track, `document.activeElement.matches('#before-china-rare-earths[open] > summary')`) {
		t.Error("the fold that was open has closed, or lost the focus")
	}
	n.remove(t, "summit", e.Number)
	for _, p := range pages {
		p.wait(t, standing("track rare-earths")+` === 'Raised'`)
		p.clean(t, false)
	}

	// A setup that comes later brings the board to pages that had none.
	n.createBlog(t, "second", "The second")
	p := b.open(t, n.BaseURL+"/live/second")
	p.live(t)
	if _, err := n.Desk.UpdateSetup(t.Context(), n.editor, "second", liveblog.Setup{Tracks: []liveblog.Track{{ID: "chips", Name: "Chips"}}}); err != nil {
		t.Fatal(err)
	}
	p.wait(t, standing("track chips")+` === 'Not raised'`)
	p.clean(t, false)
}

// noted says how soon a change has to be in every place, and how many places there are.
const (
	claimPromised = 2 * time.Second
	citing        = 200
)

// watchClaim notes when all places that show a claim have the status, and how far the entry being read has moved at any
// frame till then.
const watchClaim = `new Promise((ready) => {
	const reading = document.getElementById('entry-%d')
	const top = () => reading.getBoundingClientRect().top
	if (%t) reading.scrollIntoView({ block: 'start', behavior: 'instant' })
	window.moved = window.frames_ = window.all = 0
	let start
	const look = () => {
		start ??= top()
		window.frames_++
		window.moved = Math.max(window.moved, Math.abs(top() - start))
		const places = [...document.querySelectorAll('[data-claim="pause"]')]
		if (!window.all && places.length >= %d && places.every((p) => p.querySelector('.state').textContent === 'Denied')) window.all = Date.now()
		requestAnimationFrame(look)
	}
	requestAnimationFrame(() => requestAnimationFrame(() => { look(); ready() }))
})`

// loadAll loads older entries in place until there are none.
const loadAll = `(async () => {
	for (let link; (link = document.querySelector('a[data-older]'));) {
		const before = document.querySelectorAll('article').length
		link.click()
		while (document.querySelector('a[data-older][aria-busy]')) await new Promise((next) => setTimeout(next, 10))
		if (document.querySelectorAll('article').length === before) break
	}
	document.activeElement.blur()
	return document.querySelectorAll('[data-claim="pause"]').length
})()`

func testClaimReachesAll(t *testing.T, b browser) {
	var listed string
	var n *testNode
	listed = newPartner(t, func() string { return n.BaseURL })
	n = newTalksNode(t, func(s *server.Settings) { s.EmbedOrigins = []string{listed} })
	for i := range citing {
		n.post(t, "summit", liveblog.EntryInput{Headline: fmt.Sprintf("It rests on the pause %d", i+1),
			Body: strings.Repeat("The delegations met again. ", 3+i%7), Acts: liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActCite, Claim: "pause"}})})
	}
	page := b.open(t, n.BaseURL+"/live/summit")
	page.live(t)
	host := b.open(t, listed)
	host.wait(t, `document.querySelector('iframe').getBoundingClientRect().height > 0`)
	inFrame, _ := host.frame(t)

	const reading = 120
	if got := eval[int](t, page, loadAll); got != citing+1 {
		t.Fatalf("the page shows the claim %d times, want %d", got, citing+1)
	}
	if got := eval[int](t, host, loadAll, inFrame); got != citing+1 {
		t.Fatalf("the embed shows the claim %d times, want %d", got, citing+1)
	}
	eval[any](t, page, fmt.Sprintf(watchClaim, reading, true, citing+1))
	eval[any](t, host, fmt.Sprintf(watchClaim, reading, false, citing+1), inFrame)
	scrolled := eval[float64](t, page, `scrollY`)
	// On the partner's page it is the page that scrolls. The frame learns of it when both have been drawn.
	inner := func() float64 {
		return eval[float64](t, host, fmt.Sprintf(`document.getElementById('entry-%d').getBoundingClientRect().top`, reading), inFrame)
	}
	const outer = `document.querySelector('iframe').getBoundingClientRect().top`
	eval[any](t, host, fmt.Sprintf(`(async () => {
		scrollBy({ top: %s + %v, behavior: 'instant' })
		for (let drawn = 0; drawn < 30; drawn++) await new Promise((next) => requestAnimationFrame(next))
	})()`, outer, inner()))
	place, hostScrolled := inner()+eval[float64](t, host, outer), eval[float64](t, host, `scrollY`)

	// The new text is longer, so that every place above what is read grows.
	text := "The controls will be paused for a year, and licences will be issued to all who ask, as both sides are said to have agreed at the table in Kuala Lumpur."
	_, at := n.call(t, http.MethodPost, "/blogs/summit/entries", map[string]any{"body": "Beijing denies it.", "acts": []map[string]any{
		{"kind": "claim", "claim": "pause", "status": "denied", "text": text}}}, http.StatusCreated)
	page.wait(t, `window.all`)
	for name, took := range map[string]time.Duration{
		"page":  time.UnixMilli(eval[int64](t, page, `window.all`)).Sub(at),
		"embed": time.UnixMilli(eval[int64](t, host, `new Promise((done) => { const look = () => window.all ? done(window.all) : setTimeout(look, 10); look() })`, inFrame)).Sub(at),
	} {
		t.Logf("%s: all entries say so %v after the answer", name, took.Round(time.Millisecond))
		if took >= claimPromised {
			t.Errorf("in the %s the claim's change took %v, want less than %v", name, took, claimPromised)
		}
	}
	page.wait(t, `document.querySelector('#entry-203')`)
	moved, frames := eval[float64](t, page, `window.moved`), eval[int](t, page, `window.frames_`)
	now := eval[float64](t, page, `scrollY`)
	t.Logf("moved by %v px at most in %d frames, while the page scrolled from %v to %v", moved, frames, scrolled, now)
	if moved >= 1 { // layout is finer than the whole pixels that a page can be scrolled by
		t.Errorf("the entry being read moved by %v px", moved)
	}
	if now <= scrolled {
		t.Error("nothing above what is read has grown, so that nothing was put to the test")
	}
	page.wait(t, announced+`.includes(': denied')`)
	host.wait(t, fmt.Sprintf(`scrollY > %v + 1000`, hostScrolled))
	if drift := inner() + eval[float64](t, host, outer) - place; drift < -1 || drift > 1 {
		t.Errorf("in the embed the entry being read moved by %v px", drift)
	}
	page.clean(t, false)
	host.clean(t, false)
}

func testTalksCatchUp(t *testing.T, b browser) {
	n := newTalksNode(t)
	cites := n.state(t, "It rests on the pause", liveblog.Act{Kind: liveblog.ActCite, Claim: "pause"})
	line := newCuttableLine(t, n.Addr().String())
	var pages []*tab
	for _, path := range []string{"/live/summit", fmt.Sprintf("/live/summit/%d", cites.Number), "/live/summit/claims", "/live/summit/board"} {
		p := b.open(t, line.url+path)
		p.live(t)
		setOffline(t, p, true)
		pages = append(pages, p)
	}
	line.cut()
	for _, p := range pages {
		p.wait(t, `document.querySelector('[data-connection]:not([data-connection="live"])')`)
	}
	claim := liveblog.Act{Kind: liveblog.ActClaim, Claim: "pause", Status: "corroborated"}
	n.state(t, "A second source", claim, move("rare-earths", liveblog.InTalks))
	claim.Status = "confirmed"
	n.state(t, "It is confirmed", claim, move("rare-earths", liveblog.Agreed))
	if got := eval[string](t, pages[0], standing("claim pause")); got != "Reported" {
		t.Fatalf("the reader was not away: the claim is %s", got)
	}
	line.mend()
	for i, p := range pages {
		setOffline(t, p, false)
		p.live(t)
		if i < 3 {
			p.wait(t, `[...document.querySelectorAll('[data-standing="claim pause"]')].every((e) => e.querySelector('.state').textContent === 'Confirmed')`)
		}
		if i == 0 || i == 3 {
			p.wait(t, standing("track rare-earths")+` === 'Agreed'`)
		}
		p.clean(t, true)
	}
	n.remove(t, "summit", 1) // which made the claim first
	n.remove(t, "summit", 4)
	n.remove(t, "summit", 5)
	for _, p := range pages[:2] {
		p.wait(t, fmt.Sprintf(`document.querySelector('#entry-%d [data-claim] .state').textContent === 'Taken back'`, cites.Number))
	}
}

// An older page may come from a cache, and be behind what this page was told, or what it came with.
func testOlderClaims(t *testing.T, b browser) {
	n := newTalksNode(t)
	n.state(t, "It rests on the pause", liveblog.Act{Kind: liveblog.ActCite, Claim: "pause"})
	n.fill(t, "summit", 22)
	told, came := b.open(t, n.BaseURL+"/live/summit"), b.open(t, n.BaseURL+"/live/summit")
	told.live(t)
	// What a cache has of the older page, and of the changes since: none.
	const stale = `(async () => {
		const link = document.querySelector('a[data-older]').href
		const kept = %s
		const real = window.fetch
		window.fetch = (input, init) => {
			if (String(input) === link) return Promise.resolve(new Response(kept))
			if (%t && String(input).includes('/changes')) return Promise.resolve(new Response('{"changes": []}'))
			return real(input, init)
		}
		return kept
	})()`
	older := eval[string](t, told, fmt.Sprintf(stale, "await (await fetch(link)).text()", true))
	n.state(t, "It is confirmed", liveblog.Act{Kind: liveblog.ActClaim, Claim: "pause", Status: "confirmed"})
	told.wait(t, standing("claim pause")+` === 'Confirmed'`)
	came.goTo(t, n.BaseURL+"/live/summit")
	came.live(t)
	text, err := json.Marshal(older)
	if err != nil {
		t.Fatal(err)
	}
	eval[any](t, came, fmt.Sprintf(stale, text, false))
	for _, p := range []*tab{told, came} {
		eval[any](t, p, `(() => { document.querySelector('a[data-older]').click() })()`)
		p.wait(t, `document.querySelector('#entry-3 [data-claim]')`)
		p.wait(t, `document.querySelector('#entry-3 [data-claim] .state').textContent === 'Confirmed'`)
		p.clean(t, false)
	}
}

func testPastStays(t *testing.T, b browser) {
	n := newTalksNode(t)
	p := b.open(t, n.BaseURL+"/live/summit/board?at=2000-01-01T00:00:00Z")
	now := b.open(t, n.BaseURL+"/live/summit/board")
	now.live(t)
	if got := eval[string](t, p, standing("track tariffs")); got != "Not raised" {
		t.Errorf("in the past the track was %q", got)
	}
	n.state(t, "Tariffs are agreed", move("tariffs", liveblog.Agreed))
	now.wait(t, standing("track tariffs")+` === 'Agreed'`)
	if got := eval[string](t, p, standing("track tariffs")); got != "Not raised" {
		t.Errorf("the page of the past says %q", got)
	}
	for _, address := range p.requests {
		if strings.HasPrefix(address, "ws") {
			t.Errorf("the page of the past is connected to %s", address)
		}
	}
	// The form leads there by the venue's clock.
	eval[any](t, now, `(() => { document.querySelector('.earlier input').value = '2001-02-03T04:05'; document.querySelector('.earlier button').click() })()`)
	now.arrive(t, `document.querySelector('.moment')?.textContent.includes('04:05 UTC, 3 Feb 2001')`)
	now.clean(t, false)
}

// arrive waits until a condition holds while one page takes the place of another.
func (p *tab) arrive(t *testing.T, condition string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-tick.C {
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waiting until %s: %v", condition, err)
		}
	}
}

func testTalksWithoutScripts(t *testing.T, b browser) {
	n := newTalksNode(t)
	p := b.blank(t)
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"":                   {"Rare earths", "Raised", "Average tariff", "down from 57 %", "Claim reported in this update", "The controls will be paused."},
		"/1":                 {"The controls will be paused.", "China on Rare earths"},
		"/board":             {"Rare earths", "Update 1", "Not raised"},
		"/board/rare-earths": {"From not raised to", "A pause is possible.", "He Lifeng, Vice Premier of China"},
		"/positions":         {"United States", "A pause is possible.", "Nothing yet"},
		"/claims":            {"The controls will be paused.", "According to two officials"},
		"/figures":           {"Average tariff", "57 %", "47 %"},
	} {
		p.goTo(t, n.BaseURL+"/live/summit"+path)
		text := eval[string](t, p, `document.querySelector('main').innerText.replace(/\s+/g, ' ')`)
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("without scripts %q does not say %q: %s", path, part, text)
			}
		}
	}
	p.clean(t, false)
}
