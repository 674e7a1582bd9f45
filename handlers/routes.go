package handlers

import (
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// routes is every path of the site. Fiber tries them in this order.
func (s *server) routes(app *fiber.App) {
	app.Use(s.edge)

	// Pages that anyone reads. Those that one answer is made for are limited by address.
	app.Use("/live/:slug", s.costly("at", "author", "from", "q", "since", "to"))
	app.Get("/", s.frontPage)
	app.Get("/live/:slug", s.blogPage)
	app.Get("/live/:slug/ws", s.liveSocket)
	app.Get("/live/:slug/events", s.liveEvents)
	app.Get("/live/:slug/changes", s.liveChanges)
	app.Get("/live/:slug/board", s.talksPage("board", whole(views.Board)))
	app.Get("/live/:slug/board/:track", s.talksPage("track", trackPage))
	app.Get("/live/:slug/positions", s.talksPage("positions", whole(views.Positions)))
	app.Get("/live/:slug/claims", s.talksPage("claims", whole(views.Claims)))
	app.Get("/live/:slug/figures", s.talksPage("figures", whole(views.Figures)))
	app.Get("/live/:slug/agenda", s.talksPage("agenda", whole(views.Agenda)))
	app.Get("/live/:slug/agenda.ics", s.agendaCalendar)
	app.Get("/live/:slug/speakers", s.talksPage("speakers", whole(views.Speakers)))
	app.Get("/live/:slug/speakers/:speaker", s.talksPage("speaker", speakerPage))
	app.Get("/live/:slug/readouts", s.talksPage("readouts", whole(views.Readouts)))
	app.Get("/live/:slug/readouts/:meeting", s.talksPage("readout", readoutPage))
	app.Get("/live/:slug/texts", s.talksPage("texts", whole(views.Texts)))
	app.Get("/live/:slug/texts/:document", s.talksPage("text", textPage, "from", "to"))
	app.Get("/live/:slug/briefing", s.briefingPage)
	app.Get("/live/:slug/search", s.searchPage)
	app.Get("/live/:slug/corrections", s.correctionsPage)
	for _, f := range feedForms() {
		app.Get("/live/:slug/"+f.name, s.feed(f))
	}
	app.Get("/live/:slug/:number", s.entryPage)

	// Partners.
	app.Get("/embed/:slug", s.framed, s.embedPage)
	app.Get("/embed.js", s.embedScript)

	// Files and crawlers.
	app.Get("/assets/:name", s.asset)
	app.Get("/favicon.ico", s.favicon)
	app.Get("/robots.txt", s.robots)
	app.Get("/sitemap.xml", s.sitemap)
	app.Get("/sitemap-news.xml", s.newsSitemap)

	// Editors. page and form admit those with a session; a form that fails is answered with what was typed.
	d := newDeskPages(s)
	app.Get("/login", s.private, d.loginForm)
	app.Post("/login", s.private, d.login)
	app.Post("/logout", s.private, d.logout)
	desk := app.Group("/desk", s.private)
	desk.Get("", d.page(d.blogs))
	desk.Post("", d.form(maxSmallBody, d.keepBlog, d.addBlog))
	desk.Get("/:slug", d.page(d.blog))
	desk.Post("/:slug", d.form(maxLargeBody, d.keepEntry, d.addEntry))
	desk.Post("/:slug/preview", d.form(maxLargeBody, nil, d.preview))
	desk.Get("/:slug/acts.json", d.data(d.actsData))
	desk.Get("/:slug/setup", d.page(d.setup))
	desk.Post("/:slug/setup", d.form(maxLargeBody, d.keepSetup, d.saveSetup))
	desk.Get("/:slug/settings", d.page(d.settings))
	desk.Post("/:slug/settings", d.form(maxSmallBody, d.keepBlog, d.saveSettings))
	desk.Get("/:slug/entries/:number", d.page(d.entry))
	desk.Post("/:slug/entries/:number", d.form(maxLargeBody, d.keepEntry, d.saveEntry))
	desk.Get("/:slug/entries/:number/remove", d.page(d.confirmRemoval))
	desk.Post("/:slug/entries/:number/remove", d.form(maxSmallBody, nil, d.remove))
	desk.Get("/:slug/entries/:number/history", d.page(d.history))

	// Programs.
	api := app.Group("/api/v1", s.authenticate)
	api.Get("/blogs", s.listBlogs)
	api.Post("/blogs", publishes, s.takes(maxSmallBody), s.createBlog)
	api.Get("/blogs/:slug", s.getBlog)
	api.Patch("/blogs/:slug", publishes, s.takes(maxSmallBody), s.updateBlog)
	api.Get("/blogs/:slug/setup", s.getSetup)
	api.Put("/blogs/:slug/setup", publishes, s.takes(maxLargeBody), s.putSetup)
	for _, part := range talksParts {
		api.Get("/blogs/:slug/"+part.name, s.getTalks(part))
	}
	api.Get("/blogs/:slug/briefing", s.getBriefing)
	api.Get("/blogs/:slug/entries", s.listEntries)
	api.Post("/blogs/:slug/entries", s.takes(maxLargeBody), s.postEntry)
	api.Get("/blogs/:slug/entries/:number", s.getEntry)
	api.Patch("/blogs/:slug/entries/:number", s.takes(maxLargeBody), s.editEntry)
	api.Delete("/blogs/:slug/entries/:number", s.removeEntry)
	api.Get("/blogs/:slug/entries/:number/revisions", s.listRevisions)

	// Operations.
	app.Get("/healthz", s.healthz)
	app.Get("/readyz", s.readyz)
}
