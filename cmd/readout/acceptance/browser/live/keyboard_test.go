package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focusName is the label or the text of the element with the focus.
const focusName = `(document.activeElement.labels?.[0] ?? document.activeElement)
	.textContent.replace(/\s+/g, ' ').trim()`

// focusVisible reports whether the element with the focus is visible, and has an outline unless it is a field.
const focusVisible = `(() => {
	const r = document.activeElement.getBoundingClientRect()
	return r.width > 0 && r.height > 0 && (document.activeElement.matches('input') ||
		getComputedStyle(document.activeElement).outlineStyle !== 'none')
})()`

// TestTalksByKeyboard goes through pages with the Tab key, and checks what they expose to assistive technology.
func TestTalksByKeyboard(t *testing.T) {
	t.Parallel()
	n := node.StartTalks(t)
	focused := func(path string, presses int) string {
		p := browser.Open(t, n.BaseURL+path)
		p.Live()
		var names []string
		for range presses {
			p.Do(chromedp.KeyEvent(kb.Tab))
			names = append(names, browser.Get[string](p, focusName))
			if browser.Get[bool](p, `document.activeElement === document.body`) {
				break // the end of the page
			}
			if !browser.Get[bool](p, focusVisible) {
				t.Errorf("%s: the focus on %q is not visible", path, names[len(names)-1])
			}
		}
		return strings.Join(names, " | ")
	}
	for path, want := range map[string][]string{
		"/live/summit": {
			"Where the talks stand | Tariffs | In talks ",
			" | Rare earths | Raised ",
			" | Chips | Board | Positions | Claims | Figures | Agenda | Who said what | Readouts | Texts | Briefing | ",
			" | Average tariff | ",
		},
		"/live/summit/board/rare-earths": {
			" | Board | Positions | ",
			"| Pause | Times Venue (UTC) Your time UTC | Update 1 | Update 1 | Before (1): China | All tracks | " +
				"See it at an earlier moment",
		},
		"/live/summit/claims": {
			"| Pause | Times Venue (UTC) Your time UTC | Update 1 | See it at an earlier moment",
		},
	} {
		got := focused(path, 28)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: the Tab key goes through %q, want %q in it", path, got, part)
			}
		}
	}

	p := browser.Open(t, n.BaseURL+"/live/summit/board/rare-earths")
	p.Live()
	browser.Get[any](p, `document.querySelector('#before-china-rare-earths summary').focus()`)
	p.Do(chromedp.KeyEvent(kb.Enter))
	p.Until(`document.querySelector('#before-china-rare-earths').open`)

	for path, want := range map[string][]string{
		"/live/summit/board/rare-earths": {
			"image The course of “Rare earths” so far", "heading What the parties say", "navigation The talks",
			"button Show",
		},
		"/live/summit/positions": {
			"table ", "columnheader China", "rowheader Rare earths", "columnheader Track",
		},
		"/live/summit/figures": {
			"image Average tariff over time", "table Average tariff: values so far", "region Average tariff",
		},
		"/live/summit": {
			"region Where the talks stand", "region Figures", "link Rare earths",
		},
	} {
		p.GoTo(n.BaseURL + path)
		tree := roles(t, p)
		for _, w := range want {
			if !strings.Contains(tree, "\n"+w) {
				t.Errorf("%s has no %q among\n%s", path, w, tree)
			}
		}
	}
	// At the width of a phone the table still has the roles of a table.
	p.Do(browser.Size(360, 800))
	p.GoTo(n.BaseURL + "/live/summit/positions")
	if tree := roles(t, p); !strings.Contains(tree, "\nrowheader Rare earths") {
		t.Errorf("at 360 px the table has no rows:\n%s", tree)
	}
}

// roles returns the role and the name of each node in the accessibility tree, one per line.
func roles(t *testing.T, p *browser.Tab) string {
	t.Helper()
	var tree accessibility.GetFullAXTreeResult
	p.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) (err error) {
		tree, err = cdp.Call(ctx, target, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		return err
	}))
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
