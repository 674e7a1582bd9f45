package liveblog

import (
	"strconv"
	"strings"
	"time"
)

// Limits of corrections.
const (
	MaxCorrection = 500         // characters of what readers are told
	NoticedAfter  = time.Minute // an entry that was public for longer does not go without a line in the log of corrections
)

// Correction is the latest correction of an entry: an edit of which readers are told. The zero value is none. It stays with
// the entry through later edits that are none. Its JSON form is what the store keeps.
type Correction struct {
	At       time.Time `json:"at"`       // of the revision that made it; set by the store
	Revision int       `json:"revision"` // that made it
	Note     string    `json:"note"`     // one paragraph of plain text: what readers are told
	Headline string    `json:"headline"` // what the entry said before
	Body     string    `json:"body"`
}

// Corrected reports whether the entry has ever been corrected.
func (e Entry) Corrected() bool { return e.Correction.Revision > 0 }

// Corrects reports whether this revision is itself a correction.
func (e Entry) Corrects() bool { return e.Corrected() && e.Correction.Revision == e.Revision }

// Amends reports whether this revision is one that the log of corrections has: a correction, or the removal of an entry
// that had been public for longer than [NoticedAfter].
func (e Entry) Amends() bool {
	if e.Status == Removed {
		return e.LeavesNote()
	}
	return e.Corrects()
}

// correction makes the edit from prev to next a correction, or says why it is none.
func (v *invalid) correction(prev, next Entry, note string) Correction {
	const field = "correction"
	before := v.count()
	note = v.line(field, "note", note, MaxCorrection)
	switch {
	case v.count() > before:
	case !prev.Public():
		v.addf(field, "Only a published entry can be corrected: nobody has read this one yet.")
	case note == "":
		v.addf(field, "A correction needs a note that tells readers what was wrong.")
	case next.Headline == prev.Headline && next.Body == prev.Body:
		v.addf(field, "A correction changes what readers read: the headline or the text.")
	}
	return Correction{Revision: prev.Revision + 1, Note: note, Headline: prev.Headline, Body: prev.Body}
}

// RevisionID names one revision of one entry of a blog. Its text form is "number.revision", for example "142.3".
type RevisionID struct{ Number, Revision int }

// String returns the text form.
func (id RevisionID) String() string {
	return strconv.Itoa(id.Number) + "." + strconv.Itoa(id.Revision)
}

// ParseRevisionID reads the text form, and tells whether it is one.
func ParseRevisionID(s string) (id RevisionID, ok bool) {
	number, revision, _ := strings.Cut(s, ".")
	id.Number, _ = strconv.Atoi(number)
	id.Revision, _ = strconv.Atoi(revision)
	return id, id.Number > 0 && id.Revision > 0 && id.String() == s
}

// CorrectionsQuery asks for a part of a blog's log of corrections. Its lines are revisions for which [Entry.Amends] holds:
// the corrections of entries that are public now, and removals; the newest first, by time, number and revision.
type CorrectionsQuery struct {
	Slug string
	// Before is the line after which the part begins; zero: the newest one. What has been a line stays good for that, even
	// if it is shown no longer. No such line: [NotFound], field "before".
	Before RevisionID
	// Limit is how many lines it takes at most, 1 or more.
	Limit int
}

// Corrections is a part of a blog's log of corrections.
type Corrections struct {
	Blog Blog // Blog.Cursor is what the part is as of
	// Lines are corrections, each as the revision that made it, so that Correction has what the entry said before; and
	// removals, of which nothing is set but Number, Revision, Status, PublishedAt and UpdatedAt.
	Lines []Entry
	Older bool // older lines follow
}
