package liveblog

import "time"

// Address is what sitemaps list of a public entry.
type Address struct {
	Slug        string
	Language    string // of the blog
	Number      int
	Headline    string // may be empty
	Beginning   string // the first 600 characters of the body, in Markdown
	PublishedAt time.Time
	UpdatedAt   time.Time
}
