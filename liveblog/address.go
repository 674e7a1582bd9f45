package liveblog

import "time"

// Address is where a public entry stands, for those who list what there is.
type Address struct {
	Slug        string
	Language    string // of the blog
	Number      int
	Headline    string // may be empty
	Beginning   string // of the body, in Markdown, some hundred characters
	PublishedAt time.Time
	UpdatedAt   time.Time
}
