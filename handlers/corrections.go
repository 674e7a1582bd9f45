package handlers

import (
	"context"

	"readout/liveblog"
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// pageCorrections is how many lines of the log of corrections a page shows.
const pageCorrections = 20

// correctionsPage shows a blog's log of corrections, from its newest line or after the one that ?before= names.
func (h *readerHandlers) correctionsPage(c *fiber.Ctx) error {
	q := liveblog.CorrectionsQuery{Slug: c.Params("slug"), Limit: pageCorrections}
	if before := c.Query("before"); before != "" {
		var ok bool
		if q.Before, ok = liveblog.ParseRevisionID(before); !ok {
			return liveblog.FieldErrorf(liveblog.Malformed, "before", "“before” must be an entry's number and a revision, such as 142.3.")
		}
	}
	key := pageKey{kind: correctionsKind, slug: q.Slug, name: q.Before.String()}
	return h.sendAtCursor(c, key, func(ctx context.Context) (page, error) {
		log, err := h.Store.Corrections(ctx, q)
		if err != nil {
			return page{}, err
		}
		return renderPage(ctx, log.Blog.Cursor.String(), views.Corrections(views.CorrectionsPage{Site: h.Site, Log: log, Before: q.Before}))
	})
}
