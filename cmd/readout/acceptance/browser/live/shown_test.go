// Package live_test is what readers see of a real node in a real browser.
package live_test

import (
	"fmt"
	"os"
	"testing"

	"readout/cmd/readout/acceptance/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// shown is a stream as a reader sees it, without what depends on the reader's clock.
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

// snapshot is a function of a document that returns a value for shown.
const snapshot = `(doc) => {
	const text = (root, selector) => (root.querySelector(selector)?.textContent ?? '').replace(/\s+/g, ' ').trim()
	return {
		Title: text(doc, '[data-title]'),
		Standfirst: text(doc, '.standfirst'),
		KeyEvents: [...doc.querySelectorAll('.key-events .what')].map((e) => e.textContent),
		Entries: [...doc.querySelectorAll('[data-stream] > article')].map((a) => ({
			Number: a.dataset.number, Revision: a.dataset.revision,
			Headline: text(a, '.headline'), Text: text(a, '.prose'), Author: text(a, '.author'), Labels: text(a, '.labels'),
			Hidden: doc === document && a.getClientRects().length === 0,
		})),
	}
}`

// shows returns what is in the page now.
func shows(p *browser.Tab) shown {
	return browser.Get[shown](p, "("+snapshot+")(document)")
}

// served returns what the server's pages of a blog say now, the older ones with it.
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
