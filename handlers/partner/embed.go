package partner

import (
	"readout/assets"
	"readout/handlers/web"
	"readout/liveblog"
	"readout/views"
	"readout/views/reader"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// EmbedEntries is how many entries an embed shows.
const EmbedEntries = 10

// cacheScript lets a fixed /embed.js reach readers within minutes: partners link to it for years.
const cacheScript = "public, max-age=300"

// Handlers serve what other sites and their programs use: the embed, feeds and sitemaps.
type Handlers struct {
	*web.Pages
	Store liveblog.ReadStore
	Site  views.Site
}

// EmbedPage sends the page that partners show in a frame.
func (h *Handlers) EmbedPage(c *fiber.Ctx) error {
	q := liveblog.PageQuery{Slug: c.Params("slug"), Limit: EmbedEntries}
	return h.SendBlogPage(c, web.PageKey{Kind: web.EmbedKind, Slug: q.Slug}, q, func(p liveblog.Page) templ.Component {
		return reader.Embed(reader.EmbedPage{Site: h.Site, Page: p})
	})
}

// EmbedScript sends the script that pages of other origins load.
func (h *Handlers) EmbedScript(c *fiber.Ctx) error {
	f, ok := assets.Plain("embed.js")
	if !ok {
		return liveblog.Errorf(liveblog.NotFound, "There is no such file.")
	}
	c.Set(fiber.HeaderCacheControl, cacheScript)
	return web.FileRepresentation(f).Send(c)
}
