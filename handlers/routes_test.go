package handlers

import (
	"strings"
	"testing"

	"readout/liveblog"
)

// routeRow has the status that each role gets at a route. Public routes are only requested without a token.
type routeRow struct {
	method, route, path, body string
	nobody                    int // without a token and, at the API, with an invalid one
	contributor, editor       int
	admin                     int
}

// The rows run in order on one site: entries 1 and 2 are the editor's, 3 and 4 drafts of the contributor. Every role
// tries to remove an entry: each has an entry of its own to lose.
var routeRows = []routeRow{
	{"GET", "/", "/", "", 200, 0, 0, 0},
	{"GET", "/live/:slug", "/live/summit", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/ws", "/live/summit/ws", "", 426, 0, 0, 0},
	{"GET", "/live/:slug/events", "/live/nowhere/events", "", 404, 0, 0, 0},
	{"GET", "/live/:slug/changes", "/live/summit/changes", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/feed.atom", "/live/summit/feed.atom", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/feed.rss", "/live/summit/feed.rss", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/feed.json", "/live/summit/feed.json", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/board", "/live/summit/board", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/board/:track", "/live/summit/board/nothing", "", 404, 0, 0, 0},
	{"GET", "/live/:slug/positions", "/live/summit/positions", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/claims", "/live/summit/claims", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/figures", "/live/summit/figures", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/:number", "/live/summit/1", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/agenda", "/live/summit/agenda", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/agenda.ics", "/live/summit/agenda.ics", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/speakers", "/live/summit/speakers", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/speakers/:speaker", "/live/summit/speakers/nobody", "", 404, 0, 0, 0},
	{"GET", "/live/:slug/readouts", "/live/summit/readouts", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/readouts/:meeting", "/live/summit/readouts/none", "", 404, 0, 0, 0},
	{"GET", "/live/:slug/texts", "/live/summit/texts", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/texts/:document", "/live/summit/texts/none", "", 404, 0, 0, 0},
	{"GET", "/live/:slug/briefing", "/live/summit/briefing", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/search", "/live/summit/search?q=talks", "", 200, 0, 0, 0},
	{"GET", "/live/:slug/corrections", "/live/summit/corrections", "", 200, 0, 0, 0},
	{"GET", "/embed/:slug", "/embed/summit", "", 200, 0, 0, 0},
	{"GET", "/embed.js", "/embed.js", "", 200, 0, 0, 0},
	{"GET", "/assets/:name", "/assets/nothing.js", "", 404, 0, 0, 0},
	{"GET", "/favicon.ico", "/favicon.ico", "", 200, 0, 0, 0},
	{"GET", "/robots.txt", "/robots.txt", "", 200, 0, 0, 0},
	{"GET", "/sitemap.xml", "/sitemap.xml", "", 200, 0, 0, 0},
	{"GET", "/sitemap-news.xml", "/sitemap-news.xml", "", 200, 0, 0, 0},
	{"OPTIONS", "/live/:slug/events", "/live/summit/events", "", 204, 0, 0, 0},
	{"OPTIONS", "/live/:slug/changes", "/live/summit/changes", "", 204, 0, 0, 0},
	{"OPTIONS", "/live/:slug/feed.atom", "/live/summit/feed.atom", "", 204, 0, 0, 0},
	{"OPTIONS", "/live/:slug/feed.rss", "/live/summit/feed.rss", "", 204, 0, 0, 0},
	{"OPTIONS", "/live/:slug/feed.json", "/live/summit/feed.json", "", 204, 0, 0, 0},
	{"OPTIONS", "/live/:slug/agenda.ics", "/live/summit/agenda.ics", "", 204, 0, 0, 0},
	{"OPTIONS", "/embed.js", "/embed.js", "", 204, 0, 0, 0},
	{"GET", "/healthz", "/healthz", "", 200, 0, 0, 0},
	{"GET", "/readyz", "/readyz", "", 200, 0, 0, 0},

	{"GET", "/api/v1/blogs", "/api/v1/blogs", "", 401, 200, 200, 200},
	{"POST", "/api/v1/blogs", "/api/v1/blogs", `{"slug":"SLUG","title":"T"}`, 401, 403, 201, 201},
	{"GET", "/api/v1/blogs/:slug", "/api/v1/blogs/summit", "", 401, 200, 200, 200},
	{"PATCH", "/api/v1/blogs/:slug", "/api/v1/blogs/summit", `{"status":"live"}`, 401, 403, 200, 200},
	{"GET", "/api/v1/blogs/:slug/setup", "/api/v1/blogs/summit/setup", "", 401, 200, 200, 200},
	{"PUT", "/api/v1/blogs/:slug/setup", "/api/v1/blogs/summit/setup",
		`{"tracks":[{"id":"tariffs","name":"Tariffs"}]}`, 401, 403, 200, 200},
	{"GET", "/api/v1/blogs/:slug/board", "/api/v1/blogs/summit/board", "", 401, 200, 200, 200},
	{"GET", "/api/v1/blogs/:slug/positions", "/api/v1/blogs/summit/positions", "", 401, 200, 200, 200},
	{"GET", "/api/v1/blogs/:slug/claims", "/api/v1/blogs/summit/claims", "", 401, 200, 200, 200},
	{"GET", "/api/v1/blogs/:slug/agenda", "/api/v1/blogs/summit/agenda", "", 401, 200, 200, 200},
	{"GET", "/api/v1/blogs/:slug/figures", "/api/v1/blogs/summit/figures", "", 401, 200, 200, 200},
	{"GET", "/api/v1/blogs/:slug/quotes", "/api/v1/blogs/summit/quotes", "", 401, 200, 200, 200},
	{"GET", "/api/v1/blogs/:slug/readouts", "/api/v1/blogs/summit/readouts", "", 401, 200, 200, 200},
	{"GET", "/api/v1/blogs/:slug/texts", "/api/v1/blogs/summit/texts", "", 401, 200, 200, 200},
	{"GET", "/api/v1/blogs/:slug/briefing", "/api/v1/blogs/summit/briefing", "", 401, 200, 200, 200},
	{"GET", "/api/v1/blogs/:slug/entries", "/api/v1/blogs/summit/entries", "", 401, 200, 200, 200},
	{"POST", "/api/v1/blogs/:slug/entries", "/api/v1/blogs/summit/entries", `{"body":"Text."}`, 401, 403, 201, 201},
	{"GET", "/api/v1/blogs/:slug/entries/:number", "/api/v1/blogs/summit/entries/1", "", 401, 200, 200, 200},
	{"PATCH", "/api/v1/blogs/:slug/entries/:number", "/api/v1/blogs/summit/entries/1",
		`{"body":"Other."}`, 401, 403, 200, 200},
	{"DELETE", "/api/v1/blogs/:slug/entries/:number", "/api/v1/blogs/summit/entries/2", "", 401, 403, 204, 409},
	{"GET", "/api/v1/blogs/:slug/entries/:number/revisions", "/api/v1/blogs/summit/entries/4/revisions",
		"", 401, 200, 200, 200},
}

func TestRoutesByRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	s.post(t, `{"body":"Two."}`)
	for range 2 {
		s.call(t, liveblog.Contributor, "POST", "/blogs/summit/entries", `{"body":"Mine.","status":"draft"}`).
			want(t, 201)
	}
	for _, row := range routeRows {
		ask := func(who string, want int, headers ...string) {
			t.Helper()
			body := strings.ReplaceAll(row.body, "SLUG", "by-"+who)
			if body != "" {
				headers = append(headers, "Content-Type", "application/json")
			}
			a := s.do(t, row.method, row.path, body, headers...)
			if a.StatusCode != want {
				t.Errorf("%s %s by %s: %d, want %d: %s", row.method, row.path, who, a.StatusCode, want, a.body)
			}
			if a.StatusCode == 401 {
				a.header(t, "WWW-Authenticate", `Bearer realm="readout"`).problem(t, 401, liveblog.Unauthorized, "")
			}
		}
		ask("nobody", row.nobody)
		if !strings.HasPrefix(row.route, "/api/") {
			continue
		}
		ask("stranger", row.nobody, "Authorization", "Bearer readout_of-my-own-making")
		ask("stranger", row.nobody, "Authorization", "Bearer")
		ask("stranger", row.nobody, "Authorization", "Basic "+s.tokens[liveblog.Admin])
		ask("contributor", row.contributor, "Authorization", "Bearer "+s.tokens[liveblog.Contributor])
		ask("editor", row.editor, "Authorization", "bearer "+s.tokens[liveblog.Editor])
		ask("admin", row.admin, "Authorization", "Bearer "+s.tokens[liveblog.Admin])
	}
}

// TestEveryRouteHasARow fails if a route is missing in the table, or no longer exists.
func TestEveryRouteHasARow(t *testing.T) {
	t.Parallel()
	rows, routes := map[string]bool{}, map[string]bool{}
	for _, row := range routeRows {
		rows[row.method+" "+row.route] = true
	}
	for _, row := range deskRows {
		rows[row.method+" "+row.route] = true
	}
	for _, route := range newSite(t).app.GetRoutes(true) { // without middleware
		name := route.Method + " " + route.Path
		if route.Method == "HEAD" {
			name = "GET " + route.Path
		}
		if routes[name] = true; !rows[name] {
			t.Errorf("%s has no row", name)
		}
	}
	for name := range rows {
		if !routes[name] {
			t.Errorf("%s has a row but is not a route", name)
		}
	}
}
