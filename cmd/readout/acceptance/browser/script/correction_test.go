package script_test

import (
	"fmt"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

// TestCorrectionReachesAnOpenPage corrects an entry. Its earlier text, in a details element, must stay open and keep
// the focus when the entry changes again.
func TestCorrectionReachesAnOpenPage(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 5)
	p := open(t, room.URL+"/live/talks")
	p.Live()
	room.edit(4, func(e *liveblog.Entry) {
		e.Correction = liveblog.Correction{
			At: e.UpdatedAt, Revision: e.Revision, Note: "The number was wrong.", Headline: e.Headline, Body: e.Body,
		}
		e.Headline = "Headline four"
	})
	const details = `document.querySelector('#entry-4 details#correction-4')`
	p.Until(details)
	note := browser.Get[string](p, `document.querySelector('#entry-4 .corrected').textContent.replace(/\s+/g, ' ')`)
	if !strings.HasSuffix(note, " The number was wrong.") {
		t.Errorf("the note reads %q", note)
	}
	visible := func(tag string) bool {
		return browser.Get[bool](p, fmt.Sprintf(details+`.querySelector(%q).checkVisibility()`, tag))
	}
	if browser.Get[bool](p, details+`.open`) || visible("del") {
		t.Error("the details are open before the reader opens them")
	}
	p.Run(details + `.querySelector('summary').focus(); ` + details + `.querySelector('summary').click()`)
	if !visible("del") || !visible("ins") {
		t.Error("the details do not open")
	}
	stays := func(what string) {
		t.Helper()
		if !browser.Get[bool](p, details+`.open && document.activeElement === `+details+`.querySelector('summary')`) {
			t.Errorf("%s the details are open: %v, and the focus is on %s", what, browser.Get[bool](p, details+`.open`),
				browser.Get[string](p, `document.activeElement.outerHTML.slice(0, 80)`))
		}
	}
	room.edit(4, func(e *liveblog.Entry) { e.Headline = "Headline four again" })
	p.Until(`document.querySelector('#entry-4 h2').innerText === 'Headline four again'`)
	stays("after an edit")
	room.edit(4, func(e *liveblog.Entry) { e.Pinned = true })
	p.Until(`document.querySelector('article').id === 'entry-4'`)
	stays("after a move of the entry")
	p.Run(details + `.open = false`)
	room.edit(4, func(e *liveblog.Entry) { e.Headline = "Headline four, once more" })
	p.Until(`document.querySelector('#entry-4 h2').innerText === 'Headline four, once more'`)
	if browser.Get[bool](p, details+`.open`) {
		t.Error("the closed details opened by themselves")
	}
}
