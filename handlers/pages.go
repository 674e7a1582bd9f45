package handlers

import (
	"context"

	"readout/liveblog"
	"readout/views"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// pageEntries is how many entries a page shows.
const pageEntries = 20

// readerHandlers serve the pages that anyone reads.
type readerHandlers struct {
	*keptPages
	Store liveblog.ReadStore
	Site  views.Site
}

func (h *readerHandlers) frontPage(c *fiber.Ctx) error {
	key := pageKey{kind: frontKind}
	ctx, cancel := within(h.freshness(key))
	defer cancel()
	blogs, err := h.Store.Blogs(ctx)
	if err != nil {
		return h.sendStale(c, key, err)
	}
	version := blogsVersion(blogs)
	return h.sendPage(c, key, version, func(ctx context.Context) (page, error) {
		return renderPage(ctx, version, views.Front(views.FrontPage{Site: h.Site, Blogs: blogs}))
	})
}

func (h *readerHandlers) entryPage(c *fiber.Ctx) error {
	number, err := pathNumber(c)
	if err != nil {
		return err
	}
	q := liveblog.PageQuery{Slug: c.Params("slug"), Number: number, Limit: 1}
	return h.streamPage(c, pageKey{kind: entryKind, slug: q.Slug, number: number}, q, func(p liveblog.Page) templ.Component {
		return views.Entry(views.EntryPage{Site: h.Site, Page: p})
	})
}
