package partner

import (
	"context"
	"net/http"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views"
	"readout/views/feed"

	"github.com/gofiber/fiber/v2"
)

// FeedEntries is how many entries a feed holds: the newest by time, whatever is pinned.
const FeedEntries = 50

// FeedFormat is one of the formats of a blog's feed.
type FeedFormat struct {
	Name        string // the last segment of its path, such as "feed.atom"
	contentType string
	write       feedWriter
}

// feedWriter renders a feed. It also returns the time of the blog's latest change.
type feedWriter func(feed.Page) (body []byte, updated time.Time, err error)

// FeedFormats returns the formats of a blog's feed.
func FeedFormats() (formats []FeedFormat) {
	writers := map[string]feedWriter{"feed.atom": feed.Atom, "feed.rss": feed.RSS, "feed.json": feed.JSON}
	for _, link := range views.FeedLinks() {
		formats = append(formats, FeedFormat{link.Name, link.Type + "; charset=utf-8", writers[link.Name]})
	}
	return formats
}

// Feed sends a blog's feed, whose version is the blog's cursor; a claim that changes moves that too. Clients
// revalidate by ETag only, because the blog can change several times within the second that Last-Modified tells
// apart.
func (h *Handlers) Feed(f FeedFormat) fiber.Handler {
	return func(c *fiber.Ctx) error {
		slug := c.Params("slug")
		key := web.PageKey{Kind: web.FeedKind, Slug: slug, Name: f.Name}
		return h.SendAtCursor(c, key, func(ctx context.Context) (web.Page, error) {
			// A page begins with its pinned entries, which may be old. Asking for that many more makes sure that the
			// newest are there.
			p, err := h.Store.Page(ctx, liveblog.PageQuery{Slug: slug, Limit: FeedEntries + liveblog.MaxPinned})
			if err != nil {
				return web.Page{}, err
			}
			body, updated, err := f.write(
				feed.Page{Site: h.Site, Page: p, Self: "/live/" + slug + "/" + f.Name, Limit: FeedEntries})
			if err != nil {
				return web.Page{}, err
			}
			r := web.NewRepresentation(f.contentType, body)
			// RFC 9110, section 8.8.2.1: not later than Date, also if the store's clock has been set back.
			if now := h.Store.Now(); now.Before(updated) {
				updated = now
			}
			r.Modified = updated.UTC().Format(http.TimeFormat)
			return web.Page{Version: p.Head.Blog.Cursor.String(), Representation: r}, nil
		})
	}
}
