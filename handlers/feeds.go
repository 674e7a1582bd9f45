package handlers

import (
	"context"
	"net/http"
	"time"

	"readout/liveblog"
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// feedEntries is how many entries a feed holds: the newest by their time, wherever the page has them.
const feedEntries = 50

// feedForm is one of the forms that a blog's feed has.
type feedForm struct {
	name        string // below the blog's path
	contentType string
	write       feedWriter
}

// feedWriter returns a feed and the time of the blog's latest change.
type feedWriter func(views.FeedPage) (body []byte, updated time.Time, err error)

func feedForms() (forms []feedForm) {
	writers := map[string]feedWriter{"feed.atom": views.Atom, "feed.rss": views.RSS, "feed.json": views.JSONFeed}
	for _, link := range views.FeedLinks() {
		forms = append(forms, feedForm{link.Name, link.Type + "; charset=utf-8", writers[link.Name]})
	}
	return forms
}

// feed answers with a feed as it stands at the blog's cursor, which a claim's change moves too. Whether a
// client has it already is told only by the ETag: a second has room for several changes.
func (h *partnerHandlers) feed(f feedForm) fiber.Handler {
	return func(c *fiber.Ctx) error {
		slug := c.Params("slug")
		key := pageKey{kind: feedKind, slug: slug, name: f.name}
		return h.sendAtCursor(c, key, func(ctx context.Context) (page, error) {
			// A page begins with its pinned entries, which may be old, so it takes as many more to have the newest.
			p, err := h.Store.Page(ctx, liveblog.PageQuery{Slug: slug, Limit: feedEntries + liveblog.MaxPinned})
			if err != nil {
				return page{}, err
			}
			body, updated, err := f.write(views.FeedPage{Site: h.Site, Page: p, Self: "/live/" + slug + "/" + f.name, Limit: feedEntries})
			if err != nil {
				return page{}, err
			}
			r := represent(f.contentType, body)
			r.modified = updated.UTC().Format(http.TimeFormat)
			return page{p.Head.Blog.Cursor.String(), r}, nil
		})
	}
}
