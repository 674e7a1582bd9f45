package handlers

import "github.com/gofiber/fiber/v2"

// routes is every path of the site. Fiber tries them in this order.
func (s *server) routes(app *fiber.App) {
	app.Use(s.edge)

	// Pages that anyone reads.
	app.Get("/", s.frontPage)
	app.Get("/live/:slug", s.blogPage)
	app.Get("/live/:slug/ws", s.liveSocket)
	app.Get("/live/:slug/events", s.liveEvents)
	app.Get("/live/:slug/changes", s.liveChanges)
	app.Get("/live/:slug/:number", s.entryPage)

	// Partners.
	app.Get("/embed/:slug", s.framed, s.embedPage)
	app.Get("/embed.js", s.embedScript)

	// Files and crawlers.
	app.Get("/assets/:name", s.asset)
	app.Get("/favicon.ico", s.favicon)
	app.Get("/robots.txt", s.robots)

	// Editors: the desk and the login.

	// Programs.
	api := app.Group("/api/v1", s.authenticate)
	api.Get("/blogs", s.listBlogs)
	api.Post("/blogs", s.createBlog)
	api.Get("/blogs/:slug", s.getBlog)
	api.Patch("/blogs/:slug", s.updateBlog)
	api.Get("/blogs/:slug/entries", s.listEntries)
	api.Post("/blogs/:slug/entries", s.postEntry)
	api.Get("/blogs/:slug/entries/:number", s.getEntry)
	api.Patch("/blogs/:slug/entries/:number", s.editEntry)
	api.Delete("/blogs/:slug/entries/:number", s.removeEntry)
	api.Get("/blogs/:slug/entries/:number/revisions", s.listRevisions)

	// Operations.
	app.Get("/healthz", s.healthz)
	app.Get("/readyz", s.readyz)
}
