package reader

import (
	"strconv"
	"time"

	"readout/liveblog"
	"readout/views"
	"readout/views/diff"
	"readout/views/markdown"
)

// CorrectionsPage is a part of a blog's log of corrections.
type CorrectionsPage struct {
	Site   views.Site
	Log    liveblog.Corrections
	Before liveblog.RevisionID // as in the query
}

// path is the page's own address.
func (p CorrectionsPage) path(ed views.Edition) string {
	if p.Before == (liveblog.RevisionID{}) {
		return ed.CorrectionsPath()
	}
	return correctionsBefore(ed, p.Before)
}

// older leads to what follows on another page.
func (p CorrectionsPage) older(ed views.Edition) string {
	last := p.Log.Lines[len(p.Log.Lines)-1]
	return correctionsBefore(ed, liveblog.RevisionID{Number: last.Number, Revision: last.Revision})
}

func correctionsBefore(ed views.Edition, id liveblog.RevisionID) string {
	return ed.CorrectionsPath() + "?before=" + id.String()
}

// correctedPath leads to an entry among its neighbours.
func correctedPath(ed views.Edition, number int) string {
	n := strconv.Itoa(number)
	return ed.Path() + "?around=" + n + "#entry-" + n
}

// foldWithin is how long an entry's fold takes for its comparison: a page has many. What an editor corrects takes a thousandth
// of that.
const foldWithin = 50 * time.Millisecond

// logLine is a line of the log, and what it changed.
type logLine struct {
	liveblog.Entry
	changes []diff.FieldChange
}

// lines compares all lines within the time that the page of one text may take.
func (p CorrectionsPage) lines() []logLine {
	deadline := time.Now().Add(diff.PageTime)
	list := make([]logLine, len(p.Log.Lines))
	for i, e := range p.Log.Lines {
		list[i].Entry = e
		if e.Corrects() {
			list[i].changes = reworded(e, time.Until(deadline))
		}
	}
	return list
}

// reworded tells how what an entry said before its latest correction became what it says, as readers read it. Each change
// has the name of a text of the interface.
func reworded(e liveblog.Entry, within time.Duration) (list []diff.FieldChange) {
	compare := func(name, old, new string) {
		if old != new {
			list = append(list, diff.FieldChange{Name: name, Passages: diff.Shorten(diff.Words(old, new, within))})
		}
	}
	compare("correction-headline", e.Correction.Headline, e.Headline)
	old, new := markdown.Lines(e.Correction.Body), markdown.Lines(e.Body)
	if old == new { // then an emphasis or the address of a link may be another
		old, new = e.Correction.Body, e.Body
	}
	compare("correction-text", old, new)
	return list
}
