package views

import "strings"

// FeedLink is a feed of a blog: the last element of its path and its media type.
type FeedLink struct {
	Name, Type string
	title      string // key of its title
}

// FeedLinks returns the feeds of every blog, whose paths are the blog's path, a slash and the name.
func FeedLinks() []FeedLink {
	return []FeedLink{
		{"feed.atom", "application/atom+xml", "feed-atom"},
		{"feed.rss", "application/rss+xml", "feed-rss"},
		{"feed.json", "application/feed+json", "feed-json"},
	}
}

// feedsBelow returns the path of the page's blog with a slash at the end, to which the names of feeds are appended.
// It returns "" for embeds and for pages that belong to no blog.
func (m Meta) feedsBelow() string {
	rest, ok := strings.CutPrefix(m.Path, "/live/")
	slug, _, _ := strings.Cut(rest, "/")
	slug, _, _ = strings.Cut(slug, "?")
	if !ok || slug == "" || m.Embedded {
		return ""
	}
	return "/live/" + slug + "/"
}
