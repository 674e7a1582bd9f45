package liveblog

import (
	"slices"
	"strconv"
	"time"
)

// EntryStatus says who can see an entry.
type EntryStatus string

// The statuses of an entry. A draft may be published, and either may be removed. Neither can be undone.
const (
	Draft     EntryStatus = "draft"
	Published EntryStatus = "published"
	Removed   EntryStatus = "removed"
)

// Limits of an entry.
const (
	MaxHeadline = 200      // characters
	MaxBody     = 64 << 10 // bytes of Markdown
	MaxPinned   = 3        // published entries pinned at once in one blog
)

// Entry is one post of a blog, in the state of one revision.
type Entry struct {
	Number      int    // counts up within the blog from 1; never changes
	Revision    int    // counts up within the entry from 1
	Headline    string // one line; may be empty if there is a text
	Body        string // Markdown; may be blank if there is a headline
	Author      string // the byline: display name of the author of the first revision, or of a member named instead
	AuthorID    string
	EditedBy    string // display name of the author of this revision
	WrittenBy   string // display name of who wrote the first revision, if Author is another member; else empty
	KeyEvent    bool
	Pinned      bool
	Acts        Acts // its statements about the negotiation
	Summary     bool // sums up what is known; the head of the page shows the newest public one
	Correction  Correction
	HappenedAt  time.Time // when what it tells happened, in whole seconds; zero if that is not said
	Status      EntryStatus
	CreatedAt   time.Time
	PublishedAt time.Time // of the first publication; zero if it has never been public
	UpdatedAt   time.Time // of this revision
	Seq         int64     // of the latest change that readers saw; 0 if it has never been public
	// PurgedAt is when the text of this revision, or of an earlier one of the entry in its newest state, was deleted
	// for good; zero if none was.
	PurgedAt time.Time
}

// Public reports whether readers can see the entry.
func (e Entry) Public() bool { return e.Status == Published }

// Edited reports whether the entry was changed after its publication.
func (e Entry) Edited() bool { return e.Public() && e.UpdatedAt.After(e.PublishedAt) }

// LeavesNote reports whether the entry was removed after it had been public for longer than [NoticedAfter].
func (e Entry) LeavesNote() bool {
	return e.Status == Removed && !e.PublishedAt.IsZero() && e.UpdatedAt.Sub(e.PublishedAt) > NoticedAfter
}

// PinsTaken returns the error for one pinned entry too many, whose cause is [TakenPins]. Pinned has the numbers and
// headlines of the others.
func PinsTaken(pinned []Entry) *Error {
	slices.SortFunc(pinned, func(a, b Entry) int { return b.Number - a.Number })
	names := make([]string, len(pinned))
	for i, e := range pinned {
		if names[i] = strconv.Itoa(e.Number); e.Headline != "" {
			names[i] += " (“" + clip(e.Headline, 60) + "”)"
		}
	}
	err := FieldErrorf(Conflict, "pinned",
		"Entries %s are pinned already, and %d is the limit; unpin one of them first.", enumerated(names), MaxPinned)
	err.Err = &TakenPins{pinned}
	return err
}

// TakenPins is why an entry cannot be pinned.
type TakenPins struct {
	Entries []Entry // those that are pinned, with only their numbers and headlines; highest number first
}

// Error returns the number of entries, for the log.
func (t *TakenPins) Error() string { return strconv.Itoa(len(t.Entries)) + " entries are pinned" }

// EntryInput is the input for a new entry.
type EntryInput struct {
	Headline string
	Body     string
	KeyEvent bool
	Pinned   bool
	Summary  bool
	Acts     Acts
	Commands *string     // slash commands in place of Acts; nil for none
	Status   EntryStatus // default Published
	Alone    string      // why an admin publishes without a second editor; empty for not at all
	Copy     string      // the ID of the actor's working copy that this saves; empty for none
	// Byline names another member as the author, by an unambiguous beginning of their name; empty for the actor.
	Byline     string
	HappenedAt time.Time // when what it tells happened; zero if that is not said
}

// EntryPatch changes the fields that are not nil. Slash commands in Body add acts. Status can only publish a draft.
type EntryPatch struct {
	Headline *string
	Body     *string
	KeyEvent *bool
	Pinned   *bool
	Summary  *bool
	Acts     *Acts
	Commands *string // slash commands in place of Acts
	Status   *EntryStatus
	// Correction is a note to readers that makes the edit a [Correction]. The edit must change the headline or the body
	// of a published entry.
	Correction *string
	Alone      string     // why an admin publishes without a second editor; empty for not at all
	Copy       string     // the ID of the actor's working copy that this saves; empty for none
	Byline     *string    // as in [EntryInput]; empty for who wrote the entry
	HappenedAt *time.Time // zero to say nothing about it
}

// set returns prev with the patch applied.
func (p EntryPatch) set(prev Entry) Entry {
	e := prev
	set(&e.Headline, p.Headline)
	set(&e.Body, p.Body)
	set(&e.KeyEvent, p.KeyEvent)
	set(&e.Pinned, p.Pinned)
	set(&e.Summary, p.Summary)
	set(&e.Acts, p.Acts)
	set(&e.Status, p.Status)
	set(&e.HappenedAt, p.HappenedAt)
	if p.Byline != nil {
		e = e.signed(*p.Byline)
	}
	return e
}

// revised returns the tidied revision e of an entry, whose last one is prev, or an [Invalid] error that names each field
// at fault. With a note it is a [Correction].
func revised(prev, e Entry, note *string) (Entry, error) {
	var v FieldErrors
	e = v.entry(e)
	if note != nil {
		e.Correction = v.correction(prev, e, *note)
	}
	return e, v.err()
}

// entry checks an entry and returns it with its texts tidied.
func (v *FieldErrors) entry(e Entry) Entry {
	before := v.Count()
	e.Headline = v.line("headline", "headline", e.Headline, MaxHeadline)
	e.Body = v.text("body", "text", e.Body, MaxBody)
	if blank(e.Body) {
		e.Body = ""
	}
	if blank(e.Body) && e.Headline == "" && v.Count() == before {
		v.Addf("body", "An entry needs a headline, some text or acts.")
	}
	if e.HappenedAt = e.HappenedAt.UTC().Truncate(time.Second); !e.HappenedAt.IsZero() && !plausible(e.HappenedAt) {
		v.Addf("happened_at", "The time must be between the years 1970 and 2199.")
	}
	if e.Status = choice(e.Status, []EntryStatus{Draft, Published}); e.Status != Draft && e.Status != Published {
		v.Addf("status", "The status of an entry is draft or published; to take one back, remove it.")
	}
	return e
}
