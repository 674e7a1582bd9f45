package reader

import (
	"time"

	"readout/liveblog"
	"readout/views"
	"readout/views/diff"
	"readout/views/markdown"
)

// CorrectionsPage is one page of a blog's log of corrections.
type CorrectionsPage struct {
	Site   views.Site
	Log    liveblog.Corrections
	Before liveblog.RevisionID // from the query; zero for the newest corrections
}

// path is the address of the page itself.
func (p CorrectionsPage) path(ed views.Edition) string {
	if p.Before == (liveblog.RevisionID{}) {
		return ed.CorrectionsPath()
	}
	return correctionsBefore(ed, p.Before)
}

// older is the address of the next page, which has older corrections.
func (p CorrectionsPage) older(ed views.Edition) string {
	last := p.Log.Lines[len(p.Log.Lines)-1]
	return correctionsBefore(ed, liveblog.RevisionID{Number: last.Number, Revision: last.Revision})
}

func correctionsBefore(ed views.Edition, id liveblog.RevisionID) string {
	return ed.CorrectionsPath() + "?before=" + id.String()
}

// entryDiffTime is the time that comparing the texts of one entry may take, because a page of the stream has many
// entries. A usual correction takes a thousandth of it.
const entryDiffTime = 50 * time.Millisecond

// logLine is a line of the log with what the correction changed.
type logLine struct {
	liveblog.Entry
	changes []diff.FieldChange
}

// lines compares the texts of all lines. All comparisons together get the time that a page with one comparison may
// take.
func (p CorrectionsPage) lines() []logLine {
	deadline := time.Now().Add(diff.PageTime)
	list := make([]logLine, len(p.Log.Lines))
	for i, e := range p.Log.Lines {
		list[i].Entry = e
		if e.Corrects() {
			list[i].changes = changesOf(e, time.Until(deadline))
		}
	}
	return list
}

// changesOf returns how an entry's texts differ from those before its latest correction, as readers see them. The names
// of the changes are keys of interface texts.
func changesOf(e liveblog.Entry, within time.Duration) (list []diff.FieldChange) {
	if e.Correction.Headline == "" && e.Correction.Body == "" { // the texts from before were purged
		return nil
	}
	compare := func(name, old, new string) {
		if old != new {
			list = append(list, diff.FieldChange{Name: name, Passages: diff.Shorten(diff.Words(old, new, within))})
		}
	}
	compare("correction-headline", e.Correction.Headline, e.Headline)
	old, new := markdown.Lines(e.Correction.Body), markdown.Lines(e.Body)
	if old == new { // then only the Markdown has changed, such as emphasis or the address of a link
		old, new = e.Correction.Body, e.Body
	}
	compare("correction-text", old, new)
	return list
}
