package views

import "strings"

// FeedLink is how a page names a feed of its blog.
type FeedLink struct {
	Name, Type string
	title      string // the key of its title
}

// FeedLinks are the feeds that each blog has below its path.
func FeedLinks() []FeedLink {
	return []FeedLink{
		{"feed.atom", "application/atom+xml", "feed-atom"},
		{"feed.rss", "application/rss+xml", "feed-rss"},
		{"feed.json", "application/feed+json", "feed-json"},
	}
}

// feedsBelow returns the path of the blog that a page belongs to, with a slash at its end, "" where there is none.
func (m Meta) feedsBelow() string {
	rest, ok := strings.CutPrefix(m.Path, "/live/")
	slug, _, _ := strings.Cut(rest, "/")
	slug, _, _ = strings.Cut(slug, "?")
	if !ok || slug == "" || m.Embedded {
		return ""
	}
	return "/live/" + slug + "/"
}
