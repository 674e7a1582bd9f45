package reader

import (
	"readout/liveblog"
	"readout/views"
)

// EntryHTML returns an entry's article as it stands in the stream and goes over the wire, with the claims that it cites
// as they stand in t.
func EntryHTML(b liveblog.Blog, t *liveblog.Talks, e liveblog.Entry) string {
	return views.Fragment(article(views.NewEdition(b), t, e))
}

// NoteHTML returns what stands in the place of an entry that was removed, as it goes over the wire.
func NoteHTML(b liveblog.Blog, e liveblog.Entry) string {
	return views.Fragment(removedNote(views.NewEdition(b), e))
}

// HeadHTML returns what stands above the stream, as it goes over the wire.
func HeadHTML(h liveblog.Head) string {
	return views.Fragment(head(views.NewEdition(h.Blog), h))
}
