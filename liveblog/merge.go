package liveblog

import "strconv"

// mergedField is a field of an entry that two editors can change independently.
type mergedField struct {
	name string // as the API spells it
	same func(a, b Entry) bool
	copy func(to *Entry, from Entry)
	text func(Entry) string
	// join merges a field that both sides have changed, in parts. Ok is false if both have changed the same part, which
	// is mine then. It is nil if the field has no parts.
	join func(origin, theirs, mine Entry) (joined Entry, ok bool)
}

func mergedFields() []mergedField {
	return []mergedField{
		{"headline", func(a, b Entry) bool { return a.Headline == b.Headline },
			func(to *Entry, from Entry) { to.Headline = from.Headline },
			func(e Entry) string { return e.Headline }, nil},
		{"body", func(a, b Entry) bool { return a.Body == b.Body },
			func(to *Entry, from Entry) { to.Body = from.Body },
			func(e Entry) string { return e.Body }, joinBodies},
		{"key_event", func(a, b Entry) bool { return a.KeyEvent == b.KeyEvent },
			func(to *Entry, from Entry) { to.KeyEvent = from.KeyEvent },
			func(e Entry) string { return strconv.FormatBool(e.KeyEvent) }, nil},
		{"pinned", func(a, b Entry) bool { return a.Pinned == b.Pinned },
			func(to *Entry, from Entry) { to.Pinned = from.Pinned },
			func(e Entry) string { return strconv.FormatBool(e.Pinned) }, nil},
		{"summary", func(a, b Entry) bool { return a.Summary == b.Summary },
			func(to *Entry, from Entry) { to.Summary = from.Summary },
			func(e Entry) string { return strconv.FormatBool(e.Summary) }, nil},
		{"acts", func(a, b Entry) bool { return a.Acts == b.Acts },
			func(to *Entry, from Entry) { to.Acts = from.Acts },
			func(e Entry) string { return string(e.Acts) }, joinActs},
	}
}

// Merged is the result of [Merge].
type Merged struct {
	Entry     Entry
	Kept      []string // the fields that only they have changed, or parts of which
	Conflicts []string // the fields that both have changed in different ways
}

// Merge combines two changes of an entry: mine was made by somebody who saw origin, while theirs was saved. A field that
// only one side has changed has that change. Texts are merged by paragraphs, and acts by what they are about. In a
// conflict the field or the part of it is mine. The result has everything else from theirs.
func Merge(origin, theirs, mine Entry) Merged {
	m := Merged{Entry: theirs}
	for _, f := range mergedFields() {
		switch {
		case f.same(mine, origin):
			if !f.same(theirs, origin) {
				m.Kept = append(m.Kept, f.name)
			}
		case f.same(theirs, origin) || f.same(theirs, mine):
			f.copy(&m.Entry, mine)
		case f.join != nil:
			joined, ok := f.join(origin, theirs, mine)
			if ok {
				m.Kept = append(m.Kept, f.name)
			} else {
				m.Conflicts = append(m.Conflicts, f.name)
			}
			f.copy(&m.Entry, joined)
		default:
			m.Conflicts = append(m.Conflicts, f.name)
			f.copy(&m.Entry, mine)
		}
	}
	return m
}
