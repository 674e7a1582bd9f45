// Package live_test reads the pages of a node in a browser, as readers do.
package live_test

import (
	"fmt"
	"os"
	"testing"

	"readout/cmd/readout/acceptance/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// shown is the content of a blog's page, without what depends on the reader's clock.
type shown struct {
	Title      string
	Standfirst string
	KeyEvents  []string
	Entries    []shownEntry
}

type shownEntry struct {
	Number, Revision, Headline, Text, Author, Labels string
	Hidden                                           bool
}

// snapshot is a JavaScript function that returns a [shown] for a document.
const snapshot = `(doc) => {
	const text = (root, selector) => (root.querySelector(selector)?.textContent ?? '').replace(/\s+/g, ' ').trim()
	return {
		Title: text(doc, '[data-title]'),
		Standfirst: text(doc, '.standfirst'),
		KeyEvents: [...doc.querySelectorAll('.key-events .what')].map((e) => e.textContent),
		Entries: [...doc.querySelectorAll('[data-stream] > article')].map((a) => ({
			Number: a.dataset.number, Revision: a.dataset.revision,
			Headline: text(a, '.headline'), Text: text(a, '.prose'), Author: text(a, '.author'),
			Labels: text(a, '.labels'),
			Hidden: doc === document && a.getClientRects().length === 0,
		})),
	}
}`

// shows returns the current content of the page.
func shows(p *browser.Tab) shown {
	return browser.Get[shown](p, "("+snapshot+")(document)")
}

// served returns what the server has for a blog's page and all older pages.
func served(p *browser.Tab, path string) shown {
	return browser.Get[shown](p, fmt.Sprintf(`(async () => {
		let all
		for (let address = %q; address;) {
			const html = await (await fetch(address, { cache: 'no-store' })).text()
			const doc = new DOMParser().parseFromString(html, 'text/html')
			const page = (%s)(doc)
			if (all) all.Entries.push(...page.Entries)
			else all = page
			address = doc.querySelector('a[data-older]')?.getAttribute('href')
		}
		return all
	})()`, path, snapshot))
}
