package script_test

import (
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

// A correction reaches an open page; who reads what was said before goes on reading when the entry changes again.
func TestCorrectionReachesAnOpenPage(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	room.edit(4, func(e *liveblog.Entry) {
		e.Correction = liveblog.Correction{At: e.UpdatedAt, Revision: e.Revision, Note: "The number was wrong.", Headline: e.Headline, Body: e.Body}
		e.Headline = "Headline four"
	})
	const fold = `document.querySelector('#entry-4 details#correction-4')`
	p.Until(fold)
	if got := browser.Get[string](p, `document.querySelector('#entry-4 .corrected').textContent.replace(/\s+/g, ' ')`); got[len(got)-22:] != " The number was wrong." {
		t.Errorf("the reader is told %q", got)
	}
	if browser.Get[bool](p, fold+`.open || `+fold+`.querySelector('del').checkVisibility()`) {
		t.Error("a fold is open before anybody has opened it")
	}
	p.Run(fold + `.querySelector('summary').focus(); ` + fold + `.querySelector('summary').click()`)
	if !browser.Get[bool](p, fold+`.querySelector('del').checkVisibility() && `+fold+`.querySelector('ins').checkVisibility()`) {
		t.Error("the fold does not open")
	}
	stays := func(what string) {
		t.Helper()
		if !browser.Get[bool](p, fold+`.open && document.activeElement === `+fold+`.querySelector('summary')`) {
			t.Errorf("%s the fold is open: %v, the focus is on %s", what, browser.Get[bool](p, fold+`.open`), browser.Get[string](p, `document.activeElement.outerHTML.slice(0, 80)`))
		}
	}
	room.edit(4, func(e *liveblog.Entry) { e.Headline = "Headline four again" })
	p.Until(`document.querySelector('#entry-4 h2').innerText === 'Headline four again'`)
	stays("after an edit")
	room.edit(4, func(e *liveblog.Entry) { e.Pinned = true })
	p.Until(`document.querySelector('article').id === 'entry-4'`)
	stays("after the entry has moved")
	p.Run(fold + `.open = false`)
	room.edit(4, func(e *liveblog.Entry) { e.Headline = "Headline four, once more" })
	p.Until(`document.querySelector('#entry-4 h2').innerText === 'Headline four, once more'`)
	if browser.Get[bool](p, fold+`.open`) {
		t.Error("a closed fold opens by itself")
	}
}
