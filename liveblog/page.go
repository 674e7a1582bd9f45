package liveblog

import "time"

// PageQuery asks for the entries of one page.
//
// If only Slug and Limit are set, it asks for the first page: pinned entries first, then the others by PublishedAt and
// number, newest first. Every other page is a window of the stream, ordered by time. A window leaves out pinned
// entries, which the first page shows, unless ByTime, Order, KeyEvents or Author is set; see [PageQuery.Complete].
type PageQuery struct {
	Slug string
	// Number asks for only this entry. If it is not public, the error is [Gone] if it once was, and [NotFound]
	// otherwise, with the field "number".
	Number int

	// Before, After and Around are numbers of an entry that is or was public; at most one is set. The page has the
	// entries older than it, the entries newer than it, or the entries around it. If there is no such entry, the error
	// is [NotFound] with the field "before", "after" or "around".
	Before, After, Around int

	ByTime    bool // also pinned entries, each at its own time
	Order     Order
	KeyEvents bool   // only key events
	Author    string // only entries of this author; not with KeyEvents

	// Limit is the maximum number of entries, 1 or more. The first page may exceed it: it has every pinned entry and at
	// least one other, after which the next page begins.
	Limit int
}

// Order is the order of the entries of a page.
type Order bool

// The orders of a page.
const (
	NewestFirst Order = false
	OldestFirst Order = true
)

// Complete reports whether the query is for a window that includes pinned entries.
func (q PageQuery) Complete() bool {
	return q.ByTime || q.Order == OldestFirst || q.KeyEvents || q.Author != ""
}

// First reports whether the query is for the blog's first page.
func (q PageQuery) First() bool {
	return q.Before == 0 && q.After == 0 && q.Around == 0 && !q.Complete()
}

// Page is the content of one page of a blog.
type Page struct {
	Head    Head // Head.Blog.Cursor is the page's cursor
	Talks   Talks
	Entries []Entry
	// Removed holds the removed entries within the page's time range that leave a note, at most [MaxNotes], without
	// their texts and in the page's order. Pages of one entry, key events or one author have none.
	Removed []Entry
	Newer   bool // newer entries follow on another page
	Older   bool // older entries follow on another page
	// Newest is the publication time of the blog's newest entry, even if that is on another page. It is zero if there
	// is none, and for a page of one entry.
	Newest time.Time

	// Activity counts the blog's entries over time, oldest first, without quarters of an hour in which nothing was
	// published. Only the first page has it.
	Activity []QuarterHour

	// Next and Previous are the entry's neighbors in time, on the page of one entry; nil if there is none.
	Next, Previous *Entry
}

// MaxNotes is the maximum number of notes about removed entries on a page.
const MaxNotes = 100
