package reader

import (
	"context"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views"
	view "readout/views/reader"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// PageEntries is how many entries a page shows.
const PageEntries = 20

// Handlers serve the public pages.
type Handlers struct {
	*web.Pages
	Store liveblog.ReadStore
	Site  views.Site
}

// FrontPage sends the page that lists all blogs.
func (h *Handlers) FrontPage(c *fiber.Ctx) error {
	key := web.PageKey{Kind: web.FrontKind}
	ctx, cancel := web.Within(h.StoreTimeout(key))
	defer cancel()
	blogs, err := h.Store.Blogs(ctx)
	if err != nil {
		return h.SendStale(c, key, err)
	}
	version := web.BlogsVersion(blogs)
	return h.SendPage(c, key, version, func(ctx context.Context) (web.Page, error) {
		return web.RenderPage(ctx, version, view.Front(view.FrontPage{Site: h.Site, Blogs: blogs}))
	})
}

// EntryPage sends the page of one entry.
func (h *Handlers) EntryPage(c *fiber.Ctx) error {
	number, err := web.PathNumber(c)
	if err != nil {
		return err
	}
	q := liveblog.PageQuery{Slug: c.Params("slug"), Number: number, Limit: 1}
	return h.SendBlogPage(c, web.PageKey{Kind: web.EntryKind, Slug: q.Slug, Number: number}, q,
		func(p liveblog.Page) templ.Component {
			return view.Entry(view.EntryPage{Site: h.Site, Page: p})
		})
}
