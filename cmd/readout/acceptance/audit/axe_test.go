package audit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"readout/liveblog"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// axeScript is axe-core, which the tests' own package.json names. Without it the test is skipped, but not in CI.
func axeScript(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("testdata/npm/node_modules/axe-core/axe.min.js")
	if errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("CI") != "" {
			t.Fatal("axe-core is not installed: run npm ci in cmd/readout/testdata/npm")
		}
		t.Skip("axe-core is not installed: run npm ci in cmd/readout/testdata/npm")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// bringAxe gives axe-core to the documents that the tab opens from now on: half a megabyte that need not be sent with each.
func (p *browser.Tab) bringAxe(t *testing.T) {
	t.Helper()
	if _, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: axeScript(t)}); err != nil {
		t.Fatal(err)
	}
}

// violations runs every rule of WCAG 2.2 A and AA, and those of good practice, on the page.
func violations(p *browser.Tab) []string {
	return browser.Get[[]string](p, `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
		violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' ') + ' – ' + n.failureSummary)))`)
}

// axePages are the pages of the talks with the stream.
var axePages = []string{
	"/live/summit", "/embed/summit", "/live/summit/board", "/live/summit/board/rare-earths", "/live/summit/positions",
	"/live/summit/claims", "/live/summit/figures", "/live/summit/board?at=2000-01-01T00:00:00Z",
	"/live/summit/agenda", "/live/summit/speakers", "/live/summit/speakers/he-lifeng", "/live/summit/readouts",
	"/live/summit/readouts/ministers", "/live/summit/texts", "/live/summit/texts/statement", "/live/summit/briefing",
	"/live/summit/search?q=controls", "/live/summit/search?q=nobody+says+this", "/live/summit/corrections", "/live/summit/1",
	"/live/summit?around=1", "/live/summit?by=key-events", "/live/summit?order=oldest", "/live/summit?author=Nobody", "/", "/live/none",
	"/live/summit/999", "/live/summit?before=1", "/live/empty", "/live/summit/search?q=" + strings.Repeat("x", 300),
}

// everyKind fills the blog with what an entry may be and hold, and adds one that has nothing.
func (n *node.Node) everyKind(t *testing.T) {
	t.Helper()
	n.CreateBlog("empty", "Nothing yet")
	n.Record()
	n.State("Everything", move("rare-earths", liveblog.InTalks), move("rare-earths", liveblog.Stalled), move("chips", liveblog.Raised), move("chips", liveblog.Collapsed),
		liveblog.Act{Kind: liveblog.ActClaim, Claim: "truce", Status: "denied", Text: "The truce is extended.", Attribution: "claim:pause"},
		liveblog.Act{Kind: liveblog.ActCite, Claim: "pause"})
	wrong := n.Post("summit", liveblog.EntryInput{Headline: "Corrected", Body: "The tariff is 55 percent.", KeyEvent: true, Pinned: true})
	right, note := "The tariff is 47 percent.", "An earlier version gave another number."
	n.Edit("summit", wrong.Number, liveblog.EntryPatch{Body: &right, Correction: &note})
	n.Post("summit", liveblog.EntryInput{Headline: "What we know", Summary: true, Body: strings.Repeat("- Both sides have *confirmed* it.\n", 30)})
	n.Post("summit", liveblog.EntryInput{Body: "# The text\n\n> They will talk.\n\n```\n" + strings.Repeat("Article1", 40) + "\n```\n\n| Side | Says |\n|---|---:|\n| " +
		strings.Repeat("Donaudampfschifffahrt", 8) + " | 1 |\n\n1. One\n2. Two\n\n[A source](https://news.example/a), ~~not~~ https://news.example/b"})
	n.Backfill("summit", 1)
	entries, err := n.Store.Page(t.Context(), liveblog.PageQuery{Slug: "summit", Order: liveblog.OldestFirst, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	n.Remove("summit", entries.Entries[0].Number)
}

// axeDesk are the desk's pages that have to do with the talks.
var axeDesk = [...]string{"/desk/summit", "/desk/summit/setup", "/desk/summit/entries/1", "/desk/summit/entries/1/remove", "/desk/summit/entries/1/history"}

func TestDeskAccessible(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	const email, password = "ana@readout.example", "a long enough one"
	if _, err := n.Accounts.AddUser(t.Context(), node.Operator(), email, "Ana Ruiz", liveblog.Editor, password); err != nil {
		t.Fatal(err)
	}
	p := browser.Blank(t)
	p.bringAxe(t)
	p.GoTo(n.BaseURL+"/login")
	at := browser.Get[string](p, fmt.Sprintf(`(() => {
		const { form } = document.querySelector('[name=password]')
		form.elements.email.value = %q
		form.elements.password.value = %q
		return fetch('/login', { method: 'POST', body: new URLSearchParams(new FormData(form)) }).then(({ url }) => url)
	})()`, email, password))
	if at != n.BaseURL+"/desk" {
		t.Fatalf("the login leads to %s", at)
	}
	for _, width := range []int64{360, 1280} {
		p.Do(browser.Size(width, 800))
		for _, path := range axeDesk {
			p.GoTo(n.BaseURL+path)
			browser.Get[any](p, `document.querySelectorAll('details').forEach((d) => { d.open = true })`)
			for _, v := range violations(p) {
				t.Errorf("%s at %d px: %s", path, width, v)
			}
			if over := browser.Get[float64](p, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s at %d px is %v px too wide", path, width, over)
			}
		}
	}
}

// record fills the pages of what is on record.
func (n *node.Node) record(t *testing.T) {
	t.Helper()
	_, talks, err := n.Store.Talks(t.Context(), "summit", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	setup := talks.Setup
	setup.Meetings = []liveblog.Meeting{{ID: "ministers", Name: "The ministers’ meeting"}}
	setup.Parties[0].Capital, setup.Parties[0].TimeZone = "Washington", "America/New_York"
	setup.Parties[1].Capital, setup.Parties[1].TimeZone = "Beijing", "Asia/Shanghai"
	if _, err := n.Desk.UpdateSetup(t.Context(), n.Editor, "summit", setup); err != nil {
		t.Fatal(err)
	}
	starts := time.Date(2025, 10, 30, 2, 40, 0, 0, time.UTC)
	n.State("On record",
		liveblog.Act{Kind: liveblog.ActQuote, Speaker: "he-lifeng", Text: "The controls stay.", Original: "管制措施不变。", Language: "zh-Hans", Translator: "Wire", Record: "on"},
		liveblog.Act{Kind: liveblog.ActReadout, Meeting: "ministers", Party: "us", Points: []string{"[tariffs] Tariffs fall.", "Soybeans are bought."}},
		liveblog.Act{Kind: liveblog.ActReadout, Meeting: "ministers", Party: "china", Points: []string{"[tariffs] Tariffs were discussed.", "The truce holds."}},
		liveblog.Act{Kind: liveblog.ActText, Document: "statement", Version: "draft 1", Body: "The two sides will talk.\n\nNothing is agreed."},
		liveblog.Act{Kind: liveblog.ActText, Document: "statement", Version: "draft 2", Body: "The two sides have talked.\n\nNothing is agreed."},
		liveblog.Act{Kind: liveblog.ActSession, Session: "leaders", Status: liveblog.UnderWay, Starts: &starts})
}

func TestTalksAccessible(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	n.EveryKind()
	// Each scheme and width, from right to left too, and in languages that the interface has no words of.
	for _, c := range []struct {
		language, scheme string
		width            int64
	}{{"en", "light", 360}, {"en", "dark", 1280}, {"de", "light", 768}, {"ar", "dark", 360}, {"he", "light", 1280}} {
		n.UpdateBlog("summit", liveblog.BlogPatch{Language: &c.language})
		p := browser.Blank(t)
		p.bringAxe(t)
		p.emulate(t, "", &emulation.MediaFeature{Name: "prefers-color-scheme", Value: c.scheme})
		p.Do(browser.Size(c.width, 800))
		check := func(what string) {
			t.Helper()
			browser.Get[any](p, `document.querySelectorAll('details').forEach((d) => { d.open = true })`)
			for _, v := range violations(p) {
				t.Errorf("%s, %s, %s at %d px: %s", what, c.language, c.scheme, c.width, v)
			}
			if over := browser.Get[float64](p, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s in %s at %d px is %v px too wide", what, c.language, c.width, over)
			}
		}
		for _, path := range axePages {
			p.GoTo(n.BaseURL+path)
			if browser.Get[bool](p, `!!document.querySelector('[data-connection]')`) {
				p.Live()
			}
			check(path)
		}
		n.axeStates(t, p, check)
	}
}

// axeStates brings the stream's page into the states that it may be in while somebody reads.
func (n *node.Node) axeStates(t *testing.T, p *browser.Tab, check func(what string)) {
	t.Helper()
	p.GoTo(n.BaseURL+"/live/summit")
	p.Live()
	browser.Get[any](p, `(() => {
		document.querySelector('[data-keep]').click()
		localStorage.setItem('readout.left.summit', JSON.stringify({ at: 1, seen: '1', summary: '' }))
		document.querySelector('[data-keep]').checked = false
		document.querySelector('[data-times]').value = 'utc'
		document.querySelector('[data-times]').dispatchEvent(new Event('change'))
	})()`)
	p.GoTo(n.BaseURL+"/live/summit")
	p.Live()
	p.Until(`document.querySelector('.away')`)
	check("since the reader left, in UTC")
	browser.Get[any](p, `document.querySelector('.away button').click()`)
	browser.Get[any](p, `scrollTo(0, document.body.scrollHeight)`)
	e := n.Post("summit", liveblog.EntryInput{Headline: "New", Body: "Text."})
	p.Until(`!document.querySelector('[data-new]').hidden`)
	check("with new updates")
	n.Remove("summit", e.Number)
	browser.Get[any](p, `document.querySelector('[data-connection] button').click()`)
	check("paused")
	browser.Get[any](p, `localStorage.clear()`)

	p.GoTo(n.BaseURL+"/live/summit?around=1")
	p.Live()
	e = n.Post("summit", liveblog.EntryInput{Headline: "Another", Body: "Text."})
	p.Until(`!document.querySelector('[data-new]').hidden`)
	browser.Get[any](p, `(() => {
		Object.defineProperty(navigator, 'share', { value: undefined })
		Object.defineProperty(navigator, 'clipboard', { value: undefined })
		document.querySelector('[data-share]').click()
	})()`)
	p.Until(`document.querySelector('.meta .link')`)
	check("with new updates on another page, and a link to copy")

	p.GoTo(fmt.Sprintf("%s/live/summit/%d", n.BaseURL, e.Number))
	p.Live()
	n.Remove("summit", e.Number)
	p.Until(`!document.querySelector('article .prose')`)
	check("an entry's page after its removal")

	browser.Get[any](p, `dispatchEvent(new Event('offline'))`)
	p.Until(`document.querySelector('[data-connection="offline"]')`)
	check("offline")
}

// testTalksByKeyboard goes through pages by the tabulator alone, and reads what a screen reader is told.
func TestTalksByKeyboard(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	focused := func(path string, presses int) string {
		p := browser.Open(t, n.BaseURL+path)
		p.Live()
		var names []string
		for range presses {
			p.Do(chromedp.KeyEvent(kb.Tab))
			names = append(names, browser.Get[string](p, `(document.activeElement.labels?.[0] ?? document.activeElement).textContent.replace(/\s+/g, ' ').trim()`))
			if browser.Get[bool](p, `document.activeElement === document.body`) {
				break // the end of the page
			}
			if !browser.Get[bool](p, `(() => { const r = document.activeElement.getBoundingClientRect(); return r.width > 0 && r.height > 0 && (document.activeElement.matches('input') || getComputedStyle(document.activeElement).outlineStyle !== 'none') })()`) {
				t.Errorf("%s: the focus on %q is not to be seen", path, names[len(names)-1])
			}
		}
		return strings.Join(names, " | ")
	}
	for path, want := range map[string][]string{
		"/live/summit": {"Where the talks stand | Tariffs | In talks ", " | Rare earths | Raised ", " | Chips | Board | Positions | Claims | Figures | Agenda | Who said what | Readouts | Texts | Briefing | ",
			" | Average tariff | "},
		"/live/summit/board/rare-earths": {" | Board | Positions | ", "| Pause | Times Venue (UTC) Your time UTC | Update 1 | Update 1 | Before (1): China | All tracks | See it at an earlier moment"},
		"/live/summit/claims":            {"| Pause | Times Venue (UTC) Your time UTC | Update 1 | See it at an earlier moment"},
	} {
		got := focused(path, 28)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: the tabulator goes through %q, want %q in it", path, got, part)
			}
		}
	}

	p := browser.Open(t, n.BaseURL+"/live/summit/board/rare-earths")
	p.Live()
	browser.Get[any](p, `document.querySelector('#before-china-rare-earths summary').focus()`)
	p.Do(chromedp.KeyEvent(kb.Enter))
	p.Until(`document.querySelector('#before-china-rare-earths').open`)

	for path, want := range map[string][]string{
		"/live/summit/board/rare-earths": {"image The way of “Rare earths” so far", "heading What the parties say", "navigation The talks", "button Show"},
		"/live/summit/positions":         {"table ", "columnheader China", "rowheader Rare earths", "columnheader Track"},
		"/live/summit/figures":           {"image Average tariff over time", "table Average tariff: values so far", "region Average tariff"},
		"/live/summit":                   {"region Where the talks stand", "region Figures", "link Rare earths"},
	} {
		p.GoTo(n.BaseURL+path)
		roles := roles(p)
		for _, w := range want {
			if !strings.Contains(roles, "\n"+w) {
				t.Errorf("%s has no %q among\n%s", path, w, roles)
			}
		}
	}
	// At the width of a phone the table is still one.
	p.Do(browser.Size(360, 800))
	p.GoTo(n.BaseURL+"/live/summit/positions")
	if roles := roles(p); !strings.Contains(roles, "\nrowheader Rare earths") {
		t.Errorf("at 360 px the table has no rows:\n%s", roles)
	}
}

// roles is what assistive technology is told: role and name of everything, a line each.
func roles(p *browser.Tab) string {
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		var role, name string
		if err := json.Unmarshal(node.Role.Value, &role); err != nil {
			t.Fatal(err)
		}
		if node.Name != nil && json.Unmarshal(node.Name.Value, &name) != nil {
			name = ""
		}
		if role != "InlineTextBox" && role != "StaticText" {
			fmt.Fprintf(&b, "\n%s %s", role, name)
		}
	}
	return b.String()
}
