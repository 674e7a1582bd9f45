package reader

import (
	"context"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/reader"

	"github.com/gofiber/fiber/v2"
)

// PageCorrections is how many corrections a page of the log shows.
const PageCorrections = 20

// CorrectionsPage shows a blog's log of corrections, newest first, from the one that follows ?before=.
func (h *Handlers) CorrectionsPage(c *fiber.Ctx) error {
	q := liveblog.CorrectionsQuery{Slug: c.Params("slug"), Limit: PageCorrections}
	if before := c.Query("before"); before != "" {
		var ok bool
		if q.Before, ok = liveblog.ParseRevisionID(before); !ok {
			return liveblog.FieldErrorf(liveblog.Malformed, "before",
				"“before” must be an entry's number and a revision, such as 142.3.")
		}
	}
	key := web.PageKey{Kind: web.CorrectionsKind, Slug: q.Slug, Name: q.Before.String()}
	return h.SendAtCursor(c, key, func(ctx context.Context) (web.Page, error) {
		log, err := h.Store.Corrections(ctx, q)
		if err != nil {
			return web.Page{}, err
		}
		return web.RenderPage(ctx, log.Blog.Cursor.String(),
			view.Corrections(view.CorrectionsPage{Site: h.Site, Log: log, Before: q.Before}))
	})
}
