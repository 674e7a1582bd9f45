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

// FeedEntries is how many entries a feed holds: the newest by their time, wherever the page has them.
const FeedEntries = 50

// feedForm is one of the forms that a blog's feed has.
type feedForm struct {
	Name        string // below the blog's path
	contentType string
	write       feedWriter
}

// feedWriter returns a feed and the time of the blog's latest change.
type feedWriter func(feed.Page) (body []byte, updated time.Time, err error)

func FeedForms() (forms []feedForm) {
	writers := map[string]feedWriter{"feed.atom": feed.Atom, "feed.rss": feed.RSS, "feed.json": feed.JSON}
	for _, link := range views.FeedLinks() {
		forms = append(forms, feedForm{link.Name, link.Type + "; charset=utf-8", writers[link.Name]})
	}
	return forms
}

// Feed answers with a feed as it stands at the blog's cursor, which a claim's change moves too. Whether a
// client has it already is told only by the ETag: a second has room for several changes.
func (h *Handlers) Feed(f feedForm) fiber.Handler {
	return func(c *fiber.Ctx) error {
		slug := c.Params("slug")
		key := web.PageKey{Kind: web.FeedKind, Slug: slug, Name: f.Name}
		return h.SendAtCursor(c, key, func(ctx context.Context) (web.Page, error) {
			// A page begins with its pinned entries, which may be old, so it takes as many more to have the newest.
			p, err := h.Store.Page(ctx, liveblog.PageQuery{Slug: slug, Limit: FeedEntries + liveblog.MaxPinned})
			if err != nil {
				return web.Page{}, err
			}
			body, updated, err := f.write(feed.Page{Site: h.Site, Page: p, Self: "/live/" + slug + "/" + f.Name, Limit: FeedEntries})
			if err != nil {
				return web.Page{}, err
			}
			r := web.NewRepresentation(f.contentType, body)
			r.Modified = updated.UTC().Format(http.TimeFormat)
			return web.Page{Version: p.Head.Blog.Cursor.String(), Representation: r}, nil
		})
	}
}
