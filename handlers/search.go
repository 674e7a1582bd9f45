package handlers

import (
	"bytes"

	"readout/liveblog"
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// pageResults is how many results of a search a page shows.
const pageResults = 20

// searchPage answers a search in a blog. It is made anew for each, since there are as many as there are words: kept ones would
// drive out the pages that many read.
func (h *readerHandlers) searchPage(c *fiber.Ctx) error {
	before, err := queryNumber(c, "before")
	if err != nil {
		return err
	}
	typed := c.Query("q")
	q, wrong := liveblog.ParseSearch(typed)
	if wrong != nil && wantsProblem(c) {
		return wrong
	}
	ctx, cancel := within(queryTimeout)
	defer cancel()
	found, err := h.Store.Search(ctx, c.Params("slug"), q, before, pageResults)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	view := views.Search(views.SearchPage{Site: h.Site, Query: q, Typed: typed, TooLong: wrong != nil, Before: before, Found: found})
	if err := view.Render(ctx, &page); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, cachePoll)
	if wrong != nil {
		f := failureOf(wrong)
		noteCode(c, f.code)
		c.Status(f.status).Set(fiber.HeaderCacheControl, "no-store")
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return sendOnce(c, page.Bytes())
}
