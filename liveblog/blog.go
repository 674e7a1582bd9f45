package liveblog

import (
	"regexp"
	"time"
)

// BlogStatus is the stage of a blog's coverage.
type BlogStatus string

// The statuses of a blog. Any may follow any other, since talks may resume.
const (
	Upcoming BlogStatus = "upcoming"
	Live     BlogStatus = "live"
	Paused   BlogStatus = "paused"
	Ended    BlogStatus = "ended"
)

// Valid reports whether s is one of the four statuses.
func (s BlogStatus) Valid() bool {
	switch s {
	case Upcoming, Live, Paused, Ended:
		return true
	}
	return false
}

// Blog is the coverage of one event.
type Blog struct {
	Slug       string // lower-case letters, digits and single hyphens; 1 to 80 bytes; unique; never changes
	Title      string // 1 to 200 characters
	Standfirst string // the paragraph under the title; at most 600 characters
	Status     BlogStatus
	TimeZone   string // IANA name of the venue's zone, e.g. "Asia/Seoul"
	Language   string // BCP 47 tag, e.g. "en"
	Venue      string // the name of the place where the event is held; at most 120 characters, may be empty
	Address    string // its postal address, on one line; at most 400 characters; only with a venue
	Cursor     Cursor // the latest change that a reader can see
	CreatedAt  time.Time
	UpdatedAt  time.Time // of the blog's own fields, not of its entries
	// ChangedAt is the time of the latest change that a reader can see. It never goes back.
	ChangedAt time.Time
	// ChangedBefore is what ChangedAt was before that change. Both may be in the same second.
	ChangedBefore time.Time
	// StartedAt is the start of the coverage: the first publication of an entry or the time at which the blog went
	// live, whichever was earlier. It is zero before.
	StartedAt time.Time
	EndedAt   time.Time // the end of the coverage; zero until it ends, and again if it resumes
	// ArchivedAt is when the blog was archived, which makes it read-only; zero if it is not archived.
	ArchivedAt time.Time
}

// Archived reports whether the blog is read-only.
func (b Blog) Archived() bool { return !b.ArchivedAt.IsZero() }

// CheckWritable fails with [Conflict] if the blog is archived.
func (b Blog) CheckWritable() error {
	if b.Archived() {
		return Errorf(Conflict, "The blog “%s” is archived and can only be read, so nothing was saved. "+
			"An admin can take it out of the archive.", b.Slug)
	}
	return nil
}

// Covered returns b with StartedAt and EndedAt updated, where b has had its status since at.
func (b Blog) Covered(at time.Time) Blog {
	switch {
	case b.Status == Live && b.StartedAt.IsZero():
		b.StartedAt, b.EndedAt = at, time.Time{}
	case b.Status != Ended:
		b.EndedAt = time.Time{}
	case b.EndedAt.IsZero():
		b.EndedAt = at
	}
	return b
}

// Location returns the venue's time zone, or UTC if the zone is no longer in the time zone database.
func (b Blog) Location() *time.Location {
	loc, err := time.LoadLocation(b.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// NewBlog is the input for a new blog.
type NewBlog struct {
	Slug       string
	Title      string
	Standfirst string
	Status     BlogStatus // default Upcoming
	TimeZone   string     // default "UTC"
	Language   string     // default "en"
	Venue      string
	Address    string
}

// checked returns the blog that begins at a time, or an [Invalid] error that names each field at fault.
func (in NewBlog) checked(at time.Time) (Blog, error) {
	b := Blog{Slug: in.Slug, Title: in.Title, Standfirst: in.Standfirst, Status: in.Status, TimeZone: in.TimeZone,
		Language: in.Language, Venue: in.Venue, Address: in.Address, CreatedAt: at, UpdatedAt: at}
	fill(&b.Status, Upcoming)
	fill(&b.TimeZone, "UTC")
	fill(&b.Language, "en")
	return b.checked()
}

// BlogPatch changes the fields that are not nil.
type BlogPatch struct {
	Title      *string
	Standfirst *string
	Status     *BlogStatus
	TimeZone   *string
	Language   *string
	Venue      *string
	Address    *string
}

// Apply returns b with the patch applied, or an [Invalid] error that names each field at fault.
func (p BlogPatch) Apply(b Blog) (Blog, error) {
	set(&b.Title, p.Title)
	set(&b.Standfirst, p.Standfirst)
	set(&b.Status, p.Status)
	set(&b.TimeZone, p.TimeZone)
	set(&b.Language, p.Language)
	set(&b.Venue, p.Venue)
	set(&b.Address, p.Address)
	return b.checked()
}

const (
	maxSlug       = 80
	maxTitle      = 200
	maxStandfirst = 600
)

var (
	slugPattern     = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	languagePattern = regexp.MustCompile(`^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$`)
)

// isSlug reports whether s can be a blog's slug or the id of an item.
func isSlug(s string) bool { return len(s) <= maxSlug && slugPattern.MatchString(s) }

// checked returns b with its texts tidied, or an [Invalid] error that names each field at fault.
func (b Blog) checked() (Blog, error) {
	var v FieldErrors
	if !isSlug(b.Slug) {
		v.Addf("slug", "The slug takes lower-case letters, digits and single hyphens between them, %d at most.",
			maxSlug)
	}
	b.Title = v.line("title", "title", b.Title, maxTitle)
	if b.Title == "" {
		v.Addf("title", "A blog needs a title.")
	}
	b.Standfirst = v.line("standfirst", "standfirst", b.Standfirst, maxStandfirst)
	if b.Status = choice(b.Status, []BlogStatus{Upcoming, Live, Paused, Ended}); !b.Status.Valid() {
		v.Addf("status", "The status is one of upcoming, live, paused and ended.")
	}
	// LoadLocation accepts "" and "Local", which name no zone of a venue.
	if _, err := time.LoadLocation(b.TimeZone); err != nil || b.TimeZone == "" || b.TimeZone == "Local" {
		v.Addf("time_zone", "“%s” is not a time zone; use an IANA name such as Asia/Seoul.", clip(b.TimeZone, 60))
	}
	if !languagePattern.MatchString(b.Language) {
		v.Addf("language", "“%s” is not a language tag; use one such as en or zh-Hans.", clip(b.Language, 60))
	}
	b.Venue = v.line("venue", "venue", b.Venue, maxItemName)
	b.Address = v.line("address", "address", b.Address, maxItemText)
	if b.Address != "" && b.Venue == "" {
		v.Addf("venue", "An address needs the name of the venue.")
	}
	return b, v.err()
}

func set[T any](dst *T, src *T) {
	if src != nil {
		*dst = *src
	}
}
