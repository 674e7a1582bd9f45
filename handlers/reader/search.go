package reader

import (
	"bytes"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/reader"

	"github.com/gofiber/fiber/v2"
)

// PageResults is how many results of a search a page shows.
const PageResults = 20

// SearchPage answers a search in a blog. It is made anew for each, since there are as many as there are words: kept ones would
// drive out the pages that many read.
func (h *Handlers) SearchPage(c *fiber.Ctx) error {
	before, err := web.QueryNumber(c, "before")
	if err != nil {
		return err
	}
	typed := c.Query("q")
	q, wrong := liveblog.ParseSearch(typed)
	if wrong != nil && web.WantsProblem(c) {
		return wrong
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	found, err := h.Store.Search(ctx, c.Params("slug"), q, before, PageResults)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	view := view.Search(view.SearchPage{Site: h.Site, Query: q, Typed: typed, TooLong: wrong != nil, Before: before, Found: found})
	if err := view.Render(ctx, &page); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, web.CachePoll)
	if wrong != nil {
		f := web.FailureOf(wrong)
		web.SetErrorCode(c, f.Code)
		c.Status(f.Status).Set(fiber.HeaderCacheControl, "no-store")
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return web.SendOnce(c, page.Bytes())
}
