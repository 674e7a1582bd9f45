package reader

import (
	"readout/liveblog"
	"readout/views"
)

// EntryHTML returns an entry's article as it is shown in the stream and sent over the live connection. The claims that
// it cites are shown with their status in t.
func EntryHTML(b liveblog.Blog, t *liveblog.Talks, e liveblog.Entry) string {
	return views.Fragment(article(views.NewEdition(b), t, e))
}

// NoteHTML returns the note that replaces a removed entry, as it is sent over the live connection.
func NoteHTML(b liveblog.Blog, e liveblog.Entry) string {
	return views.Fragment(removedNote(views.NewEdition(b), e))
}

// HeadHTML returns the head above the stream, as it is sent over the live connection.
func HeadHTML(h liveblog.Head) string {
	return views.Fragment(head(views.NewEdition(h.Blog), h))
}
