package liveblog

import (
	"strconv"
	"time"
)

// mergedField is a field of an entry that two editors can change independently.
type mergedField struct {
	name string // as the API spells it
	same func(a, b Entry) bool
	copy func(to *Entry, from Entry)
	text func(Entry) string // of a field that is a whole; nil for others
	// command returns what a command of the entry itself says about the field, or "". It is nil if there is none.
	command func(Entry, *time.Location) string
	// join merges a field that both sides have changed, in parts. Ok is false if both have changed the same part, which
	// is mine then. It is nil if the field has no parts.
	join func(origin, theirs, mine Entry) (joined Entry, ok bool)
}

func mergedFields() []mergedField {
	mark := func(name string, of func(*Entry) *bool) mergedField {
		return mergedField{name: name, same: func(a, b Entry) bool { return *of(&a) == *of(&b) },
			copy: func(to *Entry, from Entry) { *of(to) = *of(&from) },
			text: func(e Entry) string { return strconv.FormatBool(*of(&e)) }}
	}
	return []mergedField{
		{name: "headline", same: func(a, b Entry) bool { return a.Headline == b.Headline },
			copy: func(to *Entry, from Entry) { to.Headline = from.Headline },
			text: func(e Entry) string { return e.Headline }},
		{name: "body", same: func(a, b Entry) bool { return a.Body == b.Body },
			copy: func(to *Entry, from Entry) { to.Body = from.Body }, join: joinBodies},
		mark("key_event", func(e *Entry) *bool { return &e.KeyEvent }),
		mark("pinned", func(e *Entry) *bool { return &e.Pinned }),
		mark("summary", func(e *Entry) *bool { return &e.Summary }),
		{name: "happened_at", same: func(a, b Entry) bool { return a.HappenedAt.Equal(b.HappenedAt) },
			copy: func(to *Entry, from Entry) { to.HappenedAt = from.HappenedAt }, command: happenedCommand},
		{name: "byline", same: func(a, b Entry) bool { return a.Author == b.Author && a.WrittenBy == b.WrittenBy },
			copy:    func(to *Entry, from Entry) { to.Author, to.WrittenBy = from.Author, from.WrittenBy },
			command: bylineCommand},
		{name: "acts", same: func(a, b Entry) bool { return a.Acts == b.Acts },
			copy: func(to *Entry, from Entry) { to.Acts = from.Acts }, join: joinActs},
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
