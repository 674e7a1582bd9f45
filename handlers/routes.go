package handlers

import (
	"readout/handlers/api"
	"readout/handlers/partner"
	"readout/handlers/reader"
	"readout/handlers/web"
	"readout/liveblog"
	"readout/views/data"
	"readout/views/talks"

	"github.com/gofiber/fiber/v2"
)

// routes registers every path of the site. Fiber matches them in this order.
func (s *server) routes(app *fiber.App) {
	rd, p, d, a := s.reader, s.partner, s.desk, s.api
	app.Use(s.edge)
	// shared registers what the programs of other sites read, in browsers too.
	shared := func(path string, handler fiber.Handler) {
		app.Get(path, web.AllowAnyOrigin, handler)
		app.Options(path, web.Preflight)
	}

	// Public pages. Those that are rendered for one answer are rate-limited by address.
	app.Use("/live/:slug", s.LimitCostly("at", "author", "from", "q", "since", "to"))
	app.Get("/", rd.FrontPage)
	app.Get("/live/:slug", rd.BlogPage)
	app.Get("/live/:slug/ws", s.live.Socket)
	shared("/live/:slug/events", s.live.Events)
	shared("/live/:slug/changes", s.live.Changes)
	app.Get("/live/:slug/board", rd.TalksPage("board", reader.TalksView(talks.Board)))
	app.Get("/live/:slug/board/:track", rd.TalksPage("track", reader.TrackPage))
	app.Get("/live/:slug/positions", rd.TalksPage("positions", reader.TalksView(talks.Positions)))
	app.Get("/live/:slug/claims", rd.TalksPage("claims", reader.TalksView(talks.Claims)))
	app.Get("/live/:slug/figures", rd.TalksPage("figures", reader.TalksView(talks.Figures)))
	app.Get("/live/:slug/agenda", rd.TalksPage("agenda", reader.TalksView(talks.Agenda)))
	shared("/live/:slug/agenda.ics", rd.AgendaCalendar)
	app.Get("/live/:slug/speakers", rd.TalksPage("speakers", reader.TalksView(talks.Speakers)))
	app.Get("/live/:slug/speakers/:speaker", rd.TalksPage("speaker", reader.SpeakerPage))
	app.Get("/live/:slug/readouts", rd.TalksPage("readouts", reader.TalksView(talks.Readouts)))
	app.Get("/live/:slug/readouts/:meeting", rd.TalksPage("readout", reader.ReadoutPage))
	app.Get("/live/:slug/texts", rd.TalksPage("texts", reader.TalksView(talks.Texts)))
	app.Get("/live/:slug/texts/:document", rd.TalksPage("text", reader.TextPage, "from", "to"))
	app.Get("/live/:slug/briefing", rd.BriefingPage)
	app.Get("/live/:slug/search", rd.SearchPage)
	app.Get("/live/:slug/corrections", rd.CorrectionsPage)
	for _, f := range partner.FeedFormats() {
		shared("/live/:slug/"+f.Name, p.Feed(f))
	}
	app.Get("/live/:slug/:number", rd.EntryPage)

	// Partners.
	app.Get("/embed/:slug", s.policies.framed, p.EmbedPage)
	shared("/embed.js", p.EmbedScript)

	// Files and crawlers.
	app.Get("/assets/:name", s.asset)
	app.Get("/favicon.ico", s.favicon)
	app.Get("/robots.txt", p.Robots)
	app.Get("/sitemap.xml", p.Sitemap)
	app.Get("/sitemap-news.xml", p.NewsSitemap)

	// Editors. Page and Form admit users with a session; Form answers a failed form with what was typed.
	app.Get("/login", s.policies.private, d.LoginForm)
	app.Post("/login", s.policies.private, d.Login)
	app.Post("/logout", s.policies.private, d.Logout)
	app.Get("/setup/:token", s.policies.private, d.FirstRunForm)
	app.Post("/setup/:token", s.policies.private, d.FinishFirstRun)
	account := app.Group("/account", s.policies.private)
	account.Get("", d.Page(d.Account))
	account.Get("/pulse", d.Pulse)
	account.Post("/name", d.Form(web.MaxSmallBody, d.TypedNameForm, d.SaveName))
	account.Post("/password", d.Form(web.MaxSmallBody, nil, d.SavePassword))
	account.Post("/sessions", d.Form(web.MaxSmallBody, nil, d.EndSession))
	desk := app.Group("/desk", s.policies.private)
	desk.Get("", d.Page(d.Blogs))
	desk.Post("", d.Form(web.MaxSmallBody, d.TypedBlogForm, d.AddBlog))
	desk.Get("/:slug", d.Page(d.Blog))
	desk.Post("/:slug", d.Form(web.MaxLargeBody, d.TypedEntryForm, d.AddEntry))
	desk.Post("/:slug/preview", d.Form(web.MaxLargeBody, nil, d.Preview))
	desk.Post("/:slug/paste", d.Form(web.MaxLargeBody, nil, d.Paste))
	desk.Post("/:slug/copies", d.Background(d.SaveCopy))
	desk.Post("/:slug/copies/:copy/discard", d.Form(web.MaxSmallBody, nil, d.DiscardCopy))
	desk.Get("/:slug/acts.json", d.Data(d.ActsData))
	desk.Get("/:slug/setup", d.Page(d.Setup))
	desk.Post("/:slug/setup", d.Form(web.MaxLargeBody, d.TypedSetupForm, d.SaveSetup))
	desk.Get("/:slug/settings", d.Page(d.Settings))
	desk.Post("/:slug/settings", d.Form(web.MaxSmallBody, d.TypedBlogForm, d.SaveSettings))
	desk.Get("/:slug/members", d.Page(d.Members))
	desk.Post("/:slug/members", d.Form(web.MaxSmallBody, nil, d.ChangeMembers))
	desk.Get("/:slug/audit", d.Page(d.Audit))
	desk.Get("/:slug/audit.csv", d.Page(d.AuditCSV))
	desk.Get("/:slug/audit.json", d.Page(d.AuditJSON))
	desk.Get("/:slug/entries/:number", d.Page(d.Entry))
	desk.Post("/:slug/entries/:number", d.Form(web.MaxLargeBody, d.TypedEntryForm, d.SaveEntry))
	desk.Get("/:slug/entries/:number/remove", d.Page(d.ConfirmRemoval))
	desk.Post("/:slug/entries/:number/remove", d.Form(web.MaxSmallBody, nil, d.Remove))
	desk.Get("/:slug/entries/:number/history", d.Page(d.History))
	desk.Get("/:slug/entries/:number/purge", d.Page(d.ConfirmPurge))
	desk.Post("/:slug/entries/:number/purge", d.Form(web.MaxSmallBody, d.TypedPurgeForm, d.Purge))

	// People.
	app.Get("/invite/:token", s.policies.private, d.Invitation)
	app.Post("/invite/:token", s.policies.private, d.FollowInvitation)
	admin := app.Group("/admin", s.policies.private)
	admin.Get("/members", d.Page(d.Members))
	admin.Post("/members", d.Form(web.MaxSmallBody, nil, d.ChangeMembers))
	admin.Get("/tokens", d.Page(d.Tokens))
	admin.Post("/tokens", d.Form(web.MaxSmallBody, nil, d.ChangeTokens))
	admin.Get("/audit", d.Page(d.Audit))
	admin.Get("/audit.csv", d.Page(d.AuditCSV))
	admin.Get("/audit.json", d.Page(d.AuditJSON))

	// Programs.
	v1 := app.Group("/api/v1", a.Authenticate)
	v1.Get("/blogs", a.ListBlogs)
	v1.Post("/blogs", api.Require(liveblog.Manage), a.JSONBody(web.MaxSmallBody), a.CreateBlog)
	v1.Get("/blogs/:slug", a.GetBlog)
	v1.Patch("/blogs/:slug", api.Require(liveblog.Manage), a.JSONBody(web.MaxSmallBody), a.UpdateBlog)
	v1.Get("/blogs/:slug/setup", api.Require(liveblog.SeeBlog), a.GetSetup)
	v1.Put("/blogs/:slug/setup", api.Require(liveblog.Manage), a.JSONBody(web.MaxLargeBody), a.PutSetup)
	for _, part := range data.Parts {
		v1.Get("/blogs/:slug/"+part.Name, a.GetTalks(part))
	}
	v1.Get("/blogs/:slug/briefing", a.GetBriefing)
	v1.Get("/blogs/:slug/entries", a.ListEntries)
	v1.Post("/blogs/:slug/entries", api.Require(liveblog.WriteDrafts), a.JSONBody(web.MaxLargeBody), a.PostEntry)
	v1.Get("/blogs/:slug/entries/:number", a.GetEntry)
	v1.Patch("/blogs/:slug/entries/:number", api.Require(liveblog.WriteDrafts), a.JSONBody(web.MaxLargeBody), a.EditEntry)
	v1.Delete("/blogs/:slug/entries/:number", api.Require(liveblog.WriteDrafts), a.RemoveEntry)
	v1.Get("/blogs/:slug/entries/:number/revisions", api.Require(liveblog.SeeBlog), a.ListRevisions)

	// Operations.
	app.Get("/healthz", s.healthz)
	app.Get("/readyz", s.readyz)
}
