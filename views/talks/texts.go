package talks

import (
	"net/url"
	"slices"

	"readout/liveblog"
	"readout/views"
	"readout/views/diff"
)

// TextPage is the data of the page that compares two versions of a document. If From is nil, the page shows To alone.
type TextPage struct {
	Page
	Document liveblog.Document
	From     *liveblog.DocumentVersion
	To       liveblog.DocumentVersion
}

// textQuery returns the address of a comparison of two versions, below the blog's path. From may be empty.
func textQuery(document, from, to string) string {
	q := url.Values{"to": {to}}
	if from != "" {
		q.Set("from", from)
	}
	return "/texts/" + document + "?" + q.Encode()
}

// versionBefore returns the name of the version before the named one, "" for the first.
func versionBefore(d liveblog.Document, version string) string {
	i := slices.IndexFunc(d.Versions, func(v liveblog.DocumentVersion) bool { return v.Version == version })
	if i < 1 {
		return ""
	}
	return d.Versions[i-1].Version
}

// wordsChanged says how many words a comparison shows as added and deleted.
func wordsChanged(ed views.Edition, list []diff.Passage) string {
	var added, deleted int
	for _, p := range list {
		switch p.Op {
		case diff.Inserted:
			added += countWords(p.Text)
		case diff.Deleted:
			deleted += countWords(p.Text)
		}
	}
	switch {
	case len(list) == 0 || len(list) == 1 && list[0].Op == diff.Kept:
		return ed.Say("versions-same")
	case added == 0 && deleted == 0:
		return ed.Say("versions-spaced")
	}
	return ed.Say("words-changed",
		"added", ed.Words.Count("words-added", added), "deleted", ed.Words.Count("words-deleted", deleted))
}

func countWords(text string) (n int) {
	for text != "" {
		end := diff.WordLength(text)
		if isWord(text[:end]) {
			n++
		}
		text = text[end:]
	}
	return n
}
