package partner

import (
	"context"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views"
	"readout/views/feed"

	"github.com/gofiber/fiber/v2"
)

// FeedEntries is how many entries a page of a feed holds, by time, whatever is pinned.
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

// Feed sends a blog's newest entries, or with ?before=N those older than entry N, which is the next page of the feed
// (RFC 5005, section 3). Its version is the blog's cursor; a claim that changes moves that too.
func (h *Handlers) Feed(f FeedFormat) fiber.Handler {
	return func(c *fiber.Ctx) error {
		before, err := web.QueryNumber(c, "before")
		if err != nil {
			return err
		}
		slug := c.Params("slug")
		key := web.PageKey{Kind: web.FeedKind, Slug: slug, Name: f.Name, Number: before}
		return h.SendAtCursor(c, key, func(ctx context.Context) (web.Page, error) {
			p, err := h.Store.Page(ctx,
				liveblog.PageQuery{Slug: slug, ByTime: true, Before: before, Limit: FeedEntries})
			if err != nil {
				return web.Page{}, err
			}
			body, updated, err := f.write(
				feed.Page{Site: h.Site, Page: p, Path: "/live/" + slug + "/" + f.Name, Before: before})
			if err != nil {
				return web.Page{}, err
			}
			r := web.NewRepresentation(f.contentType, body)
			// The blog can change several times within the second that Last-Modified tells apart. RFC 9110, section
			// 8.8.2.1: not later than Date, also if the store's clock has been set back.
			r.Modified, r.Ambiguous = updated, sameSecond(p.Head.Blog.ChangedBefore, updated)
			if now := h.Store.Now(); now.Before(updated) {
				r.Modified, r.Ambiguous = now, true
			}
			return web.Page{Version: p.Head.Blog.Cursor.String(), Representation: r}, nil
		})
	}
}

func sameSecond(a, b time.Time) bool { return a.Truncate(time.Second).Equal(b.Truncate(time.Second)) }
