package liveblog

import (
	"strconv"
	"strings"
	"time"
)

// Limits of corrections.
const (
	MaxCorrection = 500 // characters of the note
	// NoticedAfter is how long an entry can be public before its removal appears in the log of corrections.
	NoticedAfter = time.Minute
)

// Correction is the latest correction of an entry, which is an edit with a note to readers. The zero value means none.
// It stays with the entry when later edits are not corrections. The store keeps it in its JSON form.
type Correction struct {
	At       time.Time `json:"at"`       // of the revision that made the correction; set by the store
	Revision int       `json:"revision"` // that made the correction
	Note     string    `json:"note"`     // to readers, one paragraph of plain text
	Headline string    `json:"headline"` // before the correction
	Body     string    `json:"body"`     // before the correction
}

// Corrected reports whether the entry has ever been corrected.
func (e Entry) Corrected() bool { return e.Correction.Revision > 0 }

// Corrects reports whether this revision is itself a correction.
func (e Entry) Corrects() bool { return e.Corrected() && e.Correction.Revision == e.Revision }

// Amends reports whether this revision appears in the log of corrections: it is a correction, or the removal of an
// entry that had been public for longer than [NoticedAfter].
func (e Entry) Amends() bool {
	if e.Status == Removed {
		return e.LeavesNote()
	}
	return e.Corrects()
}

// correction returns the correction that the edit from prev to next makes, and adds errors if it cannot be one.
func (v *FieldErrors) correction(prev, next Entry, note string) Correction {
	const field = "correction"
	before := v.Count()
	note = v.line(field, "note", note, MaxCorrection)
	switch {
	case v.Count() > before:
	case !prev.Public():
		v.Addf(field, "Only a published entry can be corrected; edit this one without a correction.")
	case note == "":
		v.Addf(field, "A correction needs a note that tells readers what was wrong.")
	case next.Headline == prev.Headline && next.Body == prev.Body:
		v.Addf(field, "A correction changes what readers read: the headline or the text.")
	}
	return Correction{Revision: prev.Revision + 1, Note: note, Headline: prev.Headline, Body: prev.Body}
}

// RevisionID names one revision of one entry of a blog. Its text form is "number.revision", for example "142.3".
type RevisionID struct{ Number, Revision int }

// String returns the text form.
func (id RevisionID) String() string {
	return strconv.Itoa(id.Number) + "." + strconv.Itoa(id.Revision)
}

// ParseRevisionID parses the text form.
func ParseRevisionID(s string) (id RevisionID, ok bool) {
	number, revision, _ := strings.Cut(s, ".")
	id.Number, _ = strconv.Atoi(number)
	id.Revision, _ = strconv.Atoi(revision)
	return id, id.Number > 0 && id.Revision > 0 && id.String() == s
}

// CorrectionsQuery asks for a page of a blog's log of corrections. The lines of the log are revisions for which
// [Entry.Amends] is true: corrections of entries that are public now, and removals. The order is newest first, by time,
// number and revision.
type CorrectionsQuery struct {
	Slug string
	// Before is the line after which the page begins, or zero to begin with the newest. A line that has disappeared
	// from the log remains valid here. If there never was such a line, the error is [NotFound] with the field "before".
	Before RevisionID
	// Limit is the maximum number of lines, 1 or more.
	Limit int
}

// Corrections is a page of a blog's log of corrections.
type Corrections struct {
	Blog Blog // Blog.Cursor is that of the page
	// Lines are corrections and removals. A correction is the revision that made it, whose field Correction has the
	// previous texts. A removal has only Number, Revision, Status, PublishedAt and UpdatedAt.
	Lines []Entry
	Older bool // older lines follow
}
