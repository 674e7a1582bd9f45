package live_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

// stateOf returns an expression for the state in the page of a track, a claim or a figure, such as "track tariffs".
func stateOf(what string) string {
	return fmt.Sprintf(
		`document.querySelector('[data-standing=%q] .state')?.textContent.replace(/\s+/g, ' ').trim()`, what)
}

// announced is the last text that the page has announced to screen readers.
const announced = `document.querySelector('[data-announce]').textContent`

func TestBoardMoves(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	var pages []*browser.Tab
	for _, path := range []string{
		"/live/summit", "/embed/summit", "/live/summit/board", "/live/summit/board/rare-earths",
	} {
		p := browser.Open(t, n.BaseURL+path)
		p.Live()
		p.Until(stateOf("track rare-earths") + ` === 'Raised'`)
		pages = append(pages, p)
	}
	track := pages[3]
	// Open details with the focus must stay open and keep the focus.
	track.Run(`const s = document.querySelector('#before-china-rare-earths > summary'); s.click(); s.focus()`)
	const boardHeight = `document.querySelector('.board').getBoundingClientRect().height`
	height := browser.Get[float64](pages[0], boardHeight)
	e := n.State("Rare earths move", node.Move("rare-earths", liveblog.InTalks),
		liveblog.Act{Kind: liveblog.ActFigure, Figure: "average-tariff", Value: "50", Unit: "%"})
	for i, p := range pages {
		p.Until(stateOf("track rare-earths") + ` === 'In talks'`)
		p.Until(announced + `.startsWith('Rare earths: in talks')`)
		if i == 0 || i == 2 {
			const link = `document.querySelector('[data-standing="track rare-earths"] a[data-entry]').dataset.entry`
			if got := browser.Get[string](p, link); got != fmt.Sprint(e.Number) {
				t.Errorf("on page %d the state links to entry %s, want %d", i, got, e.Number)
			}
		}
	}
	pages[0].Until(stateOf("figure average-tariff") + ` === '50 %'`)
	const want = "Rare earths: in talks. Average tariff: 50 %. 1 new update"
	if got := browser.Get[string](pages[0], announced); got != want {
		t.Errorf("the page announced %q, want %q", got, want)
	}
	if got := browser.Get[float64](pages[0], boardHeight); got != height {
		t.Errorf("a move changed the height of the board from %v to %v px", height, got)
	}
	if !browser.Get[bool](track, `document.activeElement.matches('#before-china-rare-earths[open] > summary')`) {
		t.Error("the open details have closed, or lost the focus")
	}
	n.Remove("summit", e.Number)
	for _, p := range pages {
		p.Until(stateOf("track rare-earths") + ` === 'Raised'`)
	}

	// When a blog gets tracks, a page without a board gets one.
	n.CreateBlog("second", "The second")
	p := browser.Open(t, n.BaseURL+"/live/second")
	p.Live()
	n.UpdateSetup("second", liveblog.Setup{Tracks: []liveblog.Track{{ID: "chips", Name: "Chips"}}})
	p.Until(stateOf("track chips") + ` === 'Not raised'`)
}

// citing is how many entries cite the claim.
const citing = 200

// watchClaim records when all copies of a claim in the page have the new status, and by how many pixels the entry that
// is read moves until then, in any frame.
const watchClaim = `new Promise((ready) => {
	const reading = document.getElementById('entry-%d')
	const top = () => reading.getBoundingClientRect().top
	if (%t) reading.scrollIntoView({ block: 'start', behavior: 'instant' })
	window.moved = window.frames_ = window.all = 0
	let start
	const sample = () => {
		start ??= top()
		window.frames_++
		window.moved = Math.max(window.moved, Math.abs(top() - start))
		const copies = [...document.querySelectorAll('[data-claim="pause"]')]
		if (!window.all && copies.length >= %d &&
			copies.every((c) => c.querySelector('.state').textContent === 'Denied')) window.all = Date.now()
		requestAnimationFrame(sample)
	}
	requestAnimationFrame(() => requestAnimationFrame(() => { sample(); ready() }))
})`

// loadAll loads older entries in place until there are none.
const loadAll = `(async () => {
	for (let link; (link = document.querySelector('a[data-older]'));) {
		const before = document.querySelectorAll('article').length
		link.click()
		while (document.querySelector('a[data-older][aria-busy]')) {
			await new Promise((next) => setTimeout(next, 10))
		}
		if (document.querySelectorAll('article').length === before) break
	}
	document.activeElement.blur()
	return document.querySelectorAll('[data-claim="pause"]').length
})()`

// TestClaimReachesAllCopies denies a claim that 200 entries cite, while a reader reads one of them in the page, and
// another in an embed.
func TestClaimReachesAllCopies(t *testing.T) {
	t.Parallel()
	n, allowed, _ := node.StartEmbedding(t, node.StartTalks)
	for i := range citing {
		n.Post("summit", liveblog.EntryInput{
			Headline: fmt.Sprintf("It rests on the pause %d", i+1),
			Body:     strings.Repeat("The delegations met again. ", 3+i%7),
			Acts:     liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActCite, Claim: "pause"}}),
		})
	}
	page := browser.Open(t, n.BaseURL+"/live/summit")
	page.Live()
	host := browser.Open(t, allowed)
	host.Until(`document.querySelector('iframe').getBoundingClientRect().height > 0`)
	inFrame, _ := host.Frame()

	const reading = 120
	if got := browser.Get[int](page, loadAll); got != citing+1 {
		t.Fatalf("the page shows the claim %d times, want %d", got, citing+1)
	}
	if got := browser.Get[int](host, loadAll, inFrame); got != citing+1 {
		t.Fatalf("the embed shows the claim %d times, want %d", got, citing+1)
	}
	browser.Get[any](page, fmt.Sprintf(watchClaim, reading, true, citing+1))
	browser.Get[any](host, fmt.Sprintf(watchClaim, reading, false, citing+1), inFrame)
	scrolled := browser.Get[float64](page, `scrollY`)
	// The partner's page scrolls, not the frame. The frame learns of that only when both documents have been drawn.
	inner := func() float64 {
		return browser.Get[float64](host,
			fmt.Sprintf(`document.getElementById('entry-%d').getBoundingClientRect().top`, reading), inFrame)
	}
	const outer = `document.querySelector('iframe').getBoundingClientRect().top`
	browser.Get[any](host, fmt.Sprintf(`(async () => {
		scrollBy({ top: %s + %v, behavior: 'instant' })
		for (let drawn = 0; drawn < 30; drawn++) await new Promise((next) => requestAnimationFrame(next))
	})()`, outer, inner()))
	position, hostScrolled := inner()+browser.Get[float64](host, outer), browser.Get[float64](host, `scrollY`)

	// The new text is longer, so that every copy above the entry that is read grows.
	const text = "The controls will be paused for a year, and licences will be issued to all who ask, " +
		"as both sides are said to have agreed at the table in Kuala Lumpur."
	n.Post("summit", liveblog.EntryInput{
		Body: "Beijing denies it.",
		Acts: liveblog.NewActs([]liveblog.Act{
			{Kind: liveblog.ActClaim, Claim: "pause", Status: "denied", Text: text},
		}),
	})
	at := time.Now()
	page.Until(`window.all`)
	host.Until(`window.all`, inFrame)
	for name, all := range map[string]int64{
		"page":  browser.Get[int64](page, `window.all`),
		"embed": browser.Get[int64](host, `window.all`, inFrame),
	} {
		t.Logf("%s: all copies had changed %v after the answer",
			name, time.UnixMilli(all).Sub(at).Round(time.Millisecond))
	}
	page.Until(`document.querySelector('#entry-203')`)
	moved, frames := browser.Get[float64](page, `window.moved`), browser.Get[int](page, `window.frames_`)
	now := browser.Get[float64](page, `scrollY`)
	t.Logf("moved by %v px at most in %d frames, while the page scrolled from %v to %v", moved, frames, scrolled, now)
	if moved >= 1 { // pages scroll by whole pixels, so less than one is rounding
		t.Errorf("the entry that is read moved by %v px", moved)
	}
	if now <= scrolled {
		t.Error("nothing above the entry that is read has grown, so the test proves nothing")
	}
	page.Until(announced + `.includes(': denied')`)
	host.Until(fmt.Sprintf(`scrollY > %v + 1000`, hostScrolled))
	if drift := inner() + browser.Get[float64](host, outer) - position; drift < -1 || drift > 1 {
		t.Errorf("in the embed the entry that is read moved by %v px", drift)
	}
}

// TestTalksCatchUp cuts readers' networks while a claim and a track change.
func TestTalksCatchUp(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	cites := n.State("It rests on the pause", liveblog.Act{Kind: liveblog.ActCite, Claim: "pause"})
	proxy := newCuttableProxy(t, n.Addr().String())
	var pages []*browser.Tab
	for _, path := range []string{
		"/live/summit", fmt.Sprintf("/live/summit/%d", cites.Number), "/live/summit/claims", "/live/summit/board",
	} {
		p := browser.Open(t, proxy.url+path)
		p.Live()
		p.Offline(true)
		pages = append(pages, p)
	}
	proxy.cut()
	for _, p := range pages {
		p.Until(`document.querySelector('[data-connection]:not([data-connection="live"])')`)
	}
	claim := liveblog.Act{Kind: liveblog.ActClaim, Claim: "pause", Status: "corroborated"}
	n.State("A second source", claim, node.Move("rare-earths", liveblog.InTalks))
	claim.Status = "confirmed"
	n.State("It is confirmed", claim, node.Move("rare-earths", liveblog.Agreed))
	if got := browser.Get[string](pages[0], stateOf("claim pause")); got != "Reported" {
		t.Fatalf("the reader was not offline: the claim is %s", got)
	}
	proxy.restore()
	for i, p := range pages {
		p.Offline(false)
		p.Live()
		if i < 3 {
			p.Until(`[...document.querySelectorAll('[data-standing="claim pause"]')]
				.every((e) => e.querySelector('.state').textContent === 'Confirmed')`)
		}
		if i == 0 || i == 3 {
			p.Until(stateOf("track rare-earths") + ` === 'Agreed'`)
		}
		p.ExpectFailedRequests()
	}
	n.Remove("summit", 1) // introduced the claim
	n.Remove("summit", 4)
	n.Remove("summit", 5)
	for _, p := range pages[:2] {
		p.Until(fmt.Sprintf(`document.querySelector('#entry-%d [data-claim] .state').textContent === 'Taken back'`,
			cites.Number))
	}
}

// TestOlderClaims loads older entries that a cache serves in an old state. A claim in them must get the status that the
// page has from a live update, or had when it was loaded.
func TestOlderClaims(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	n.State("It rests on the pause", liveblog.Act{Kind: liveblog.ActCite, Claim: "pause"})
	n.Fill("summit", 22)
	updated, reloaded := browser.Open(t, n.BaseURL+"/live/summit"), browser.Open(t, n.BaseURL+"/live/summit")
	updated.Live()
	// A cache that serves the older page in an old state and, if told to, no changes since.
	const stale = `(async () => {
		const link = document.querySelector('a[data-older]').href
		const kept = %s
		const real = window.fetch
		window.fetch = (input, init) => {
			if (String(input) === link) return Promise.resolve(new Response(kept))
			if (%t && String(input).includes('/changes')) {
				return Promise.resolve(new Response('{"changes": []}'))
			}
			return real(input, init)
		}
		return kept
	})()`
	older := browser.Get[string](updated, fmt.Sprintf(stale, "await (await fetch(link)).text()", true))
	n.State("It is confirmed", liveblog.Act{Kind: liveblog.ActClaim, Claim: "pause", Status: "confirmed"})
	updated.Until(stateOf("claim pause") + ` === 'Confirmed'`)
	reloaded.GoTo(n.BaseURL + "/live/summit")
	reloaded.Live()
	text, err := json.Marshal(older)
	if err != nil {
		t.Fatal(err)
	}
	browser.Get[any](reloaded, fmt.Sprintf(stale, text, false))
	for _, p := range []*browser.Tab{updated, reloaded} {
		browser.Get[any](p, `(() => { document.querySelector('a[data-older]').click() })()`)
		p.Until(`document.querySelector('#entry-3 [data-claim]')`)
		p.Until(`document.querySelector('#entry-3 [data-claim] .state').textContent === 'Confirmed'`)
	}
}

// TestPastDoesNotChange checks that a page of a past moment gets no live updates.
func TestPastDoesNotChange(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	p := browser.Open(t, n.BaseURL+"/live/summit/board?at=2000-01-01T00:00:00Z")
	now := browser.Open(t, n.BaseURL+"/live/summit/board")
	now.Live()
	if got := browser.Get[string](p, stateOf("track tariffs")); got != "Not raised" {
		t.Errorf("at the past moment the track is %q", got)
	}
	n.State("Tariffs are agreed", node.Move("tariffs", liveblog.Agreed))
	now.Until(stateOf("track tariffs") + ` === 'Agreed'`)
	if got := browser.Get[string](p, stateOf("track tariffs")); got != "Not raised" {
		t.Errorf("after an update the page of the past moment has %q", got)
	}
	for _, address := range p.Requests() {
		if strings.HasPrefix(address, "ws") {
			t.Errorf("the page of the past moment connected to %s", address)
		}
	}
	// The form takes the venue's time.
	browser.Get[any](now, `(() => {
		document.querySelector('.earlier input').value = '2001-02-03T04:05'
		document.querySelector('.earlier button').click()
	})()`)
	now.Until(`document.querySelector('.moment')?.textContent.includes('04:05 UTC, 3 Feb 2001')`)
}

func TestTalksWithoutScripts(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	p := browser.Blank(t)
	p.Do(browser.WithoutScripts())
	for path, want := range map[string][]string{
		"": {
			"Rare earths", "Raised", "Average tariff", "down from 57 %", "Claim reported in this update",
			"The controls will be paused.",
		},
		"/1":                 {"The controls will be paused.", "China on Rare earths"},
		"/board":             {"Rare earths", "Update 1", "Not raised"},
		"/board/rare-earths": {"From not raised to", "A pause is possible.", "He Lifeng, Vice Premier of China"},
		"/positions":         {"United States", "A pause is possible.", "Nothing yet"},
		"/claims":            {"The controls will be paused.", "According to two officials"},
		"/figures":           {"Average tariff", "57 %", "47 %"},
	} {
		p.GoTo(n.BaseURL + "/live/summit" + path)
		text := browser.Get[string](p, `document.querySelector('main').innerText.replace(/\s+/g, ' ')`)
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("without scripts the text of %q does not have %q: %s", path, part, text)
			}
		}
	}
}
