package views

import (
	"time"

	"readout/liveblog"
)

// Site is what every page knows about where it stands.
type Site struct {
	Name    string // of the publication, e.g. "Readout"
	BaseURL string // scheme and host that readers use, without a slash at the end
}

// FrontPage lists the blogs.
type FrontPage struct {
	Site  Site
	Blogs []liveblog.Blog // newest first
}

// BlogPage is one page of a blog's stream.
type BlogPage struct {
	Site  Site
	Page  liveblog.Page
	Query liveblog.PageQuery // that the page answers
}

// EntryPage is one entry's own page: Page.Entries holds nothing else.
type EntryPage struct {
	Site Site
	Page liveblog.Page
}

// EmbedPage is the stream for an iframe on a partner's site.
type EmbedPage struct {
	Site Site
	Page liveblog.Page
}

// TalksPage is a page of where the talks stand.
type TalksPage struct {
	Site  Site
	Blog  liveblog.Blog
	Talks liveblog.Talks
	At    time.Time // the moment that it is of; zero for now
	Path  string    // its own, without a query
}

// ErrorPage says what went wrong and the way on.
type ErrorPage struct {
	Site    Site
	Blog    *liveblog.Blog // that the address belongs to; nil where there is none
	Status  int            // of HTTP
	Message string         // a whole sentence in English, or empty
	Field   string         // of the address that is at fault, if any
	Request string         // what to name in a report to the operator, if anything
}
