package reader

import (
	"readout/liveblog"
	"readout/views"
)

// FrontPage lists the blogs.
type FrontPage struct {
	Site  views.Site
	Blogs []liveblog.Blog // newest first
}

// BlogPage is one page of a blog's stream.
type BlogPage struct {
	Site  views.Site
	Page  liveblog.Page
	Query liveblog.PageQuery // the query that Page is the result of
}

// EntryPage is one entry's own page. Page.Entries holds only that entry.
type EntryPage struct {
	Site views.Site
	Page liveblog.Page
}

// EmbedPage is the stream for an iframe on a partner's site.
type EmbedPage struct {
	Site views.Site
	Page liveblog.Page
}
