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
func (s *server) searchPage(c *fiber.Ctx) error {
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
	found, err := s.Store.Search(ctx, c.Params("slug"), q, before, pageResults)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	view := views.Search(views.SearchPage{Site: s.Site, Query: q, Typed: typed, TooLong: wrong != nil, Before: before, Found: found})
	if err := view.Render(ctx, &page); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, cachePoll)
	if wrong != nil {
		f := failureOf(wrong)
		c.Context().SetUserValue(codeKey{}, f.code)
		c.Status(f.status).Set(fiber.HeaderCacheControl, "no-store")
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return s.sendOnce(c, page.Bytes())
}

// sendOnce sends a body that is made for this answer only, compressed in passing where the client likes that.
func (s *server) sendOnce(c *fiber.Ctx, body []byte) error {
	c.Vary(fiber.HeaderAcceptEncoding)
	if negotiate(headerList(c, fiber.HeaderAcceptEncoding), gzipCoding) == gzipCoding {
		if packed := s.compressor.quick(body); packed != nil {
			c.Set(fiber.HeaderContentEncoding, string(gzipCoding))
			body = packed
		}
	}
	return c.Send(body)
}
