package views

import (
	"strconv"
	"time"

	"readout/liveblog"
)

// CorrectionsPage is a part of a blog's log of corrections.
type CorrectionsPage struct {
	Site   Site
	Log    liveblog.Corrections
	Before liveblog.RevisionID // as in the query
}

// path is the page's own address.
func (p CorrectionsPage) path(ed edition) string {
	if p.Before == (liveblog.RevisionID{}) {
		return ed.correctionsPath()
	}
	return correctionsBefore(ed, p.Before)
}

// older leads to what follows on another page.
func (p CorrectionsPage) older(ed edition) string {
	last := p.Log.Lines[len(p.Log.Lines)-1]
	return correctionsBefore(ed, liveblog.RevisionID{Number: last.Number, Revision: last.Revision})
}

func correctionsBefore(ed edition, id liveblog.RevisionID) string {
	return ed.correctionsPath() + "?before=" + id.String()
}

// correctedPath leads to an entry among its neighbours.
func correctedPath(ed edition, number int) string {
	n := strconv.Itoa(number)
	return ed.path() + "?around=" + n + "#entry-" + n
}

// foldWithin is how long an entry's fold takes for its comparison: a page has many. What an editor corrects takes a thousandth
// of that.
const foldWithin = 50 * time.Millisecond

// logLine is a line of the log, and what it changed.
type logLine struct {
	liveblog.Entry
	changes []FieldChange
}

// lines compares all lines within the time that the page of one text may take.
func (p CorrectionsPage) lines() []logLine {
	deadline := time.Now().Add(compareWithin)
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
func reworded(e liveblog.Entry, within time.Duration) (list []FieldChange) {
	compare := func(name, old, new string) {
		if old != new {
			list = append(list, FieldChange{name, shorten(CompareWords(old, new, within))})
		}
	}
	compare("correction-headline", e.Correction.Headline, e.Headline)
	old, new := bodyLines(e.Correction.Body), bodyLines(e.Body)
	if old == new { // then an emphasis or the address of a link may be another
		old, new = e.Correction.Body, e.Body
	}
	compare("correction-text", old, new)
	return list
}
