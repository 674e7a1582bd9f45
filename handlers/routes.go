package handlers

import (
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// routes is every path of the site. Fiber tries them in this order.
func (s *server) routes(app *fiber.App) {
	rd, p, d, a := s.reader, s.partner, s.desk, s.api
	app.Use(s.edge)

	// Pages that anyone reads. Those that one answer is made for are limited by address.
	app.Use("/live/:slug", s.costly("at", "author", "from", "q", "since", "to"))
	app.Get("/", rd.frontPage)
	app.Get("/live/:slug", rd.blogPage)
	app.Get("/live/:slug/ws", s.live.liveSocket)
	app.Get("/live/:slug/events", s.live.liveEvents)
	app.Get("/live/:slug/changes", s.live.liveChanges)
	app.Get("/live/:slug/board", rd.talksPage("board", whole(views.Board)))
	app.Get("/live/:slug/board/:track", rd.talksPage("track", trackPage))
	app.Get("/live/:slug/positions", rd.talksPage("positions", whole(views.Positions)))
	app.Get("/live/:slug/claims", rd.talksPage("claims", whole(views.Claims)))
	app.Get("/live/:slug/figures", rd.talksPage("figures", whole(views.Figures)))
	app.Get("/live/:slug/agenda", rd.talksPage("agenda", whole(views.Agenda)))
	app.Get("/live/:slug/agenda.ics", rd.agendaCalendar)
	app.Get("/live/:slug/speakers", rd.talksPage("speakers", whole(views.Speakers)))
	app.Get("/live/:slug/speakers/:speaker", rd.talksPage("speaker", speakerPage))
	app.Get("/live/:slug/readouts", rd.talksPage("readouts", whole(views.Readouts)))
	app.Get("/live/:slug/readouts/:meeting", rd.talksPage("readout", readoutPage))
	app.Get("/live/:slug/texts", rd.talksPage("texts", whole(views.Texts)))
	app.Get("/live/:slug/texts/:document", rd.talksPage("text", textPage, "from", "to"))
	app.Get("/live/:slug/briefing", rd.briefingPage)
	app.Get("/live/:slug/search", rd.searchPage)
	app.Get("/live/:slug/corrections", rd.correctionsPage)
	for _, f := range feedForms() {
		app.Get("/live/:slug/"+f.name, p.feed(f))
	}
	app.Get("/live/:slug/:number", rd.entryPage)

	// Partners.
	app.Get("/embed/:slug", s.framed, p.embedPage)
	app.Get("/embed.js", p.embedScript)

	// Files and crawlers.
	app.Get("/assets/:name", s.asset)
	app.Get("/favicon.ico", s.favicon)
	app.Get("/robots.txt", s.robots)
	app.Get("/sitemap.xml", p.sitemap)
	app.Get("/sitemap-news.xml", p.newsSitemap)

	// Editors. page and form admit those with a session; a form that fails is answered with what was typed.
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
	api := app.Group("/api/v1", a.authenticate)
	api.Get("/blogs", a.listBlogs)
	api.Post("/blogs", publishes, a.takes(maxSmallBody), a.createBlog)
	api.Get("/blogs/:slug", a.getBlog)
	api.Patch("/blogs/:slug", publishes, a.takes(maxSmallBody), a.updateBlog)
	api.Get("/blogs/:slug/setup", a.getSetup)
	api.Put("/blogs/:slug/setup", publishes, a.takes(maxLargeBody), a.putSetup)
	for _, part := range talksParts {
		api.Get("/blogs/:slug/"+part.name, a.getTalks(part))
	}
	api.Get("/blogs/:slug/briefing", a.getBriefing)
	api.Get("/blogs/:slug/entries", a.listEntries)
	api.Post("/blogs/:slug/entries", a.takes(maxLargeBody), a.postEntry)
	api.Get("/blogs/:slug/entries/:number", a.getEntry)
	api.Patch("/blogs/:slug/entries/:number", a.takes(maxLargeBody), a.editEntry)
	api.Delete("/blogs/:slug/entries/:number", a.removeEntry)
	api.Get("/blogs/:slug/entries/:number/revisions", a.listRevisions)

	// Operations.
	app.Get("/healthz", s.healthz)
	app.Get("/readyz", s.readyz)
}
