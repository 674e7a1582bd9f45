package handlers

import (
	"readout/assets"
	"readout/liveblog"
	"readout/views"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// embedEntries is how many entries an embed shows.
const embedEntries = 10

// cacheScript: partners hold the address of /embed.js for years; a mended script should reach them within minutes.
const cacheScript = "public, max-age=300"

// partnerHandlers serve what other sites and their programs take: the embed, feeds and sitemaps.
type partnerHandlers struct {
	*keptPages
	Store liveblog.ReadStore
	Site  views.Site
}

// embedPage is what a partner's page frames.
func (h *partnerHandlers) embedPage(c *fiber.Ctx) error {
	q := liveblog.PageQuery{Slug: c.Params("slug"), Limit: embedEntries}
	return h.streamPage(c, pageKey{kind: embedKind, slug: q.Slug}, q, func(p liveblog.Page) templ.Component {
		return views.Embed(views.EmbedPage{Site: h.Site, Page: p})
	})
}

// embedScript is loaded by pages of other origins, so it says that they may.
func (h *partnerHandlers) embedScript(c *fiber.Ctx) error {
	f, ok := assets.Plain("embed.js")
	if !ok {
		return liveblog.Errorf(liveblog.NotFound, "There is no such file.")
	}
	c.Set(fiber.HeaderCacheControl, cacheScript)
	allowAnyOrigin(c)
	return fileRepresentation(f).send(c)
}
