package reader

import (
	"bytes"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/reader"

	"github.com/gofiber/fiber/v2"
)

// PageResults is how many search results a page shows.
const PageResults = 20

// SearchPage answers a search in a blog. It does not cache the page: there are as many as there are queries, and they
// would evict pages that many people read.
func (h *Handlers) SearchPage(c *fiber.Ctx) error {
	before, err := web.QueryNumber(c, "before")
	if err != nil {
		return err
	}
	typed := c.Query("q")
	q, invalid := liveblog.ParseSearch(typed)
	if invalid != nil && web.WantsProblem(c) {
		return invalid
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	found, err := h.Store.Search(ctx, c.Params("slug"), q, before, PageResults)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	view := view.Search(view.SearchPage{Site: h.Site, Query: q, Typed: typed, TooLong: invalid != nil, Before: before,
		Found: found})
	if err := view.Render(ctx, &page); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, web.CachePoll)
	if invalid != nil {
		f := web.FailureOf(invalid)
		web.SetErrorCode(c, f.Code)
		c.Status(f.Status).Set(fiber.HeaderCacheControl, "no-store")
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return web.SendOnce(c, page.Bytes())
}
