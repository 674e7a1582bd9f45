package audit_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

var axe = flag.String("axe", "some", `which pages axe-core checks in each configuration: "some" or "all"`)

// loadAxe loads axe-core, half a megabyte, into the documents that the tab opens from now on.
func loadAxe(t *testing.T, p *browser.Tab) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(tools(t, "axe-core"), "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	p.Do(browser.Ahead(string(script)))
}

// violations runs on the page the rules that axe-core enables by default: its best practices and those for WCAG 2.2 A
// and AA, except target-size. It opens all details and finishes all animations first.
func violations(p *browser.Tab) []string {
	p.Run(`document.querySelectorAll('details').forEach((d) => { d.open = true })
		for (const a of document.getAnimations()) try { a.finish() } catch { a.cancel() }`)
	return browser.Get[[]string](p, `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
		violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' ') + ' – ' + n.failureSummary)))`)
}

// overflow is how many pixels wider the page is than the viewport.
const overflow = `document.documentElement.scrollWidth - innerWidth`

// TestAxeFindsViolations checks that axe-core runs at all: it must find the faults of a faulty page.
func TestAxeFindsViolations(t *testing.T) {
	t.Parallel()
	p := browser.Blank(t)
	loadAxe(t, p)
	p.GoTo("data:text/html,<!doctype html><title>x</title><p style='color:%23aaa'>pale</p><img src='data:,'>")
	if got := violations(p); len(got) < 3 {
		t.Errorf("the violations are %q, want no language, low contrast and an image without alternative text", got)
	}
}

// TestPagesAreAccessible checks pages in both color schemes, at several widths, from right to left, and in languages
// into which the interface is not translated. Two configurations check every page and state. The others check a few
// pages, or all with -axe=all.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	few := []string{
		"/live/summit", "/embed/summit", "/live/summit/board/rare-earths", "/live/summit/positions",
		"/live/summit/search?q=controls",
	}
	for _, c := range []struct {
		language, scheme string
		width            int64
		all              bool // check every page and state
	}{
		{"ar", "dark", 360, true},
		{"en", "light", 1280, true},
		{"en", "light", 360, false},
		{"de", "dark", 768, false},
		{"he", "dark", 1280, false},
	} {
		t.Run(fmt.Sprintf("%s %s %d", c.language, c.scheme, c.width), func(t *testing.T) {
			t.Parallel()
			n := node.StartTalks(t)
			n.EveryKind()
			n.UpdateBlog("summit", liveblog.BlogPatch{Language: &c.language})
			p := browser.Blank(t)
			p.ExpectFailedRequests() // some pages are errors
			loadAxe(t, p)
			p.Do(browser.Media("", "prefers-color-scheme", c.scheme), browser.Size(c.width, 800))
			check := func(what string) {
				t.Helper()
				for _, v := range violations(p) {
					t.Errorf("%s: %s", what, v)
				}
				if over := browser.Get[float64](p, overflow); over > 0 {
					t.Errorf("%s is %v px too wide", what, over)
				}
			}
			all := c.all || *axe == "all"
			pages := few
			if all {
				pages = node.PublicPages()
			}
			for _, path := range pages {
				p.GoTo(n.BaseURL + path)
				if browser.Get[bool](p, `!!document.querySelector('[data-connection]')`) {
					p.Live()
				}
				check(path)
			}
			if all {
				checkStates(n, p, check)
			}
		})
	}
}

// checkStates brings the blog's page and an entry's page into the states that scripts give them, and checks each.
func checkStates(n *node.Node, p *browser.Tab, check func(what string)) {
	p.GoTo(n.BaseURL + "/live/summit")
	p.Live()
	browser.Get[any](p, `(() => {
		document.querySelector('[data-keep]').click()
		localStorage.setItem('readout.left.summit', JSON.stringify({ at: 1, seen: '1', summary: '' }))
		document.querySelector('[data-keep]').checked = false
		document.querySelector('[data-times]').value = 'utc'
		document.querySelector('[data-times]').dispatchEvent(new Event('change'))
	})()`)
	p.GoTo(n.BaseURL + "/live/summit")
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

	p.GoTo(n.BaseURL + "/live/summit?around=1")
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

// checkComposer brings the composer of a blog into its states and checks each: light and wide, and dark and narrow from
// right to left.
func checkComposer(t *testing.T, n *node.Node, p *browser.Tab) {
	for range liveblog.MaxPinned {
		n.Post("summit", liveblog.EntryInput{Headline: "Pinned", Body: "B.", Pinned: true, Summary: true})
	}
	for _, c := range []struct {
		language, scheme string
		width            int64
	}{{"ar", "dark", 360}, {"en", "light", 1280}} {
		n.UpdateBlog("summit", liveblog.BlogPatch{Language: &c.language})
		p.Do(browser.Media("", "prefers-color-scheme", c.scheme), browser.Size(c.width, 640))
		check := func(what string) {
			t.Helper()
			for _, v := range violations(p) {
				t.Errorf("%s, %s, %d px: %s", what, c.language, c.width, v)
			}
			if over := browser.Get[float64](p, overflow); over > 0 {
				t.Errorf("%s, %s, %d px: %v px too wide", what, c.language, c.width, over)
			}
		}
		p.GoTo(n.BaseURL + "/desk/summit")
		p.Until(`document.querySelector('[data-preview-note]').textContent`)
		check("an empty composer")
		p.Run(`const { elements } = document.querySelector('#composer')
			for (const mark of [elements.key_event, elements.pinned, elements.summary]) mark.checked = true
			elements.headline.value = 'x'.repeat(201)
			elements.body.value = 'Text.\n\n/move rare-earths → raised\n'
			elements.body.dispatchEvent(new InputEvent('input', { bubbles: true }))`)
		p.Until(`document.querySelector('#composer .refusal')`)
		check("a preview that is refused")
		p.Run(`const { headline } = document.querySelector('#composer').elements
			headline.value = 'Talks'
			headline.dispatchEvent(new InputEvent('input', { bubbles: true }))`)
		p.Until(`document.querySelector('[name=unpin]') && document.querySelector('[name=keep_summary]')`)
		p.Run(`document.querySelector('#composer button[value=publish]').click()`)
		p.Until(`document.querySelector('.problem')`)
		check("a refused pin")
		p.Run(`document.querySelector('[data-open-shortcuts]').click()`)
		check("the shortcuts")
		p.Run(`document.querySelector('[data-shortcuts]').close()
			document.querySelector('[name=unpin]').click()
			document.querySelector('#composer').elements.body.value = 'Text.'
			document.querySelector('#composer button[value=publish]').click()`)
		p.Until(`document.querySelector('#notice').textContent.includes('is published.')`)
		check("after publishing")

		e := n.Post("summit", liveblog.EntryInput{Headline: "H", Body: "One."})
		path := fmt.Sprintf("%s/desk/summit/entries/%d", n.BaseURL, e.Number)
		p.GoTo(path)
		n.Edit("summit", e.Number, liveblog.EntryPatch{Headline: new("Theirs"), Body: new("Theirs.")})
		p.Run(`const { headline, body } = document.querySelector('#composer').elements
			headline.value = 'Mine'
			body.value = 'Mine.'
			body.dispatchEvent(new InputEvent('input', { bubbles: true }))
			document.querySelector('#composer button[value=publish]').click()`)
		p.Until(`document.querySelectorAll('.passage').length === 2`)
		p.Run(`document.querySelector('.conflict details').open = true`)
		check("a conflict")
		p.GoTo(path)
		p.Until(`document.querySelector('#copied button')`)
		check("a text that is back")
		p.GoTo(n.BaseURL + "/desk")
		p.Until(`document.querySelector('#copies li')`)
		check("the desk's first page with a working copy")
		p.GoTo(path + "/history")
		p.Until(`document.querySelector('.set-aside')`)
		p.Run(`document.querySelector('.set-aside details').open = true`)
		check("a version that is set aside")
	}
	p.Do(browser.Media(""))
}

// TestDeskIsAccessible checks the desk's pages of a blog and an entry, and the composer in its states.
func TestDeskIsAccessible(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	const email, password = "ana@readout.example", "a long enough one"
	n.AddAdmin(email, password)
	p := browser.Blank(t)
	p.ExpectFailedRequests() // a form is refused
	loadAxe(t, p)
	p.GoTo(n.BaseURL + "/login")
	at := browser.Get[string](p, fmt.Sprintf(`(() => {
		const { form } = document.querySelector('[name=password]')
		form.elements.email.value = %q
		form.elements.password.value = %q
		return fetch('/login', { method: 'POST', body: new URLSearchParams(new FormData(form)) }).then(({ url }) => url)
	})()`, email, password))
	if at != n.BaseURL+"/desk" {
		t.Fatalf("the login leads to %s, want /desk", at)
	}
	checkComposer(t, n, p)
	for _, width := range []int64{360, 1280} {
		p.Do(browser.Size(width, 800))
		for _, path := range []string{
			"/desk/summit", "/desk/summit/setup", "/desk/summit/entries/1", "/desk/summit/entries/1/remove",
			"/desk/summit/entries/1/history", "/desk/summit/entries/1/purge", "/desk/summit/audit", "/admin/audit",
			"/desk/summit/members", "/admin/members", "/admin/tokens",
		} {
			p.GoTo(n.BaseURL + path)
			for _, v := range violations(p) {
				t.Errorf("%s at %d px: %s", path, width, v)
			}
			if over := browser.Get[float64](p, overflow); over > 0 {
				t.Errorf("%s at %d px is %v px too wide", path, width, over)
			}
		}
	}
}
