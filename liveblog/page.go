package liveblog

import "time"

// PageQuery asks for the entries of one page.
//
// The first page is the zero value of everything but Slug and Limit: pinned entries first, then the others by PublishedAt
// and number, newest first. All other pages are windows of the stream, in its order of time; pinned entries, which stand on
// the first page, are only in those windows that are complete: by Order, KeyEvents or Author.
type PageQuery struct {
	Slug string
	// Number asks for only this entry. Not public: [Gone] if it once was, else [NotFound]; field "number".
	Number int

	// At most one of the three is set, each the number of an entry, public once: the page lies next to it on its older
	// side, on its newer side, or has it in its middle. No such entry: [NotFound] with the field "before", "after" or
	// "around".
	Before, After, Around int

	Order     Order
	KeyEvents bool   // only key events
	Author    string // only entries of this author; not with KeyEvents

	// Limit is how many entries the page takes at most, 1 or more. The first page has every pinned entry and one
	// other, whatever the limit, so that the next page can begin after its last.
	Limit int
}

// Order is how the entries of a page follow each other.
type Order bool

// The orders of a page.
const (
	NewestFirst Order = false
	OldestFirst Order = true
)

// Complete reports whether the windows hold pinned entries too.
func (q PageQuery) Complete() bool { return q.Order == OldestFirst || q.KeyEvents || q.Author != "" }

// First reports whether the query is for the blog's first page.
func (q PageQuery) First() bool {
	return q.Before == 0 && q.After == 0 && q.Around == 0 && !q.Complete()
}

// Page is what one page of a blog shows.
type Page struct {
	Head    Head // Head.Blog.Cursor is the page's cursor
	Talks   Talks
	Entries []Entry
	// Removed are the entries removed from among those of the page that leave a note, in the page's order and without what
	// they said; at most [MaxNotes], none where the page is of some entries alone.
	Removed []Entry
	Newer   bool // newer entries follow on another page
	Older   bool // older entries follow on another page
	// Newest is when the blog's newest entry was published, on this page or not; zero where there is none. The page of one
	// entry is without it.
	Newest time.Time

	// Activity is how busy the blog was, oldest first, without quarters of an hour in which nothing was published. The first page
	// alone has it.
	Activity []QuarterHour

	Next, Previous *Entry // of the page of one entry: the ones beside it in time; nil where there is none
}

// MaxNotes is how many notes of removed entries a page holds.
const MaxNotes = 100
