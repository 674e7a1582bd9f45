package handlers

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"readout/liveblog"
)

// A rightRow says which right a route needs, and the statuses for who has it and who has not. In a path, {public} is a
// new published entry and {draft} a new draft, both of an admin; so the rows do not depend on each other.
type rightRow struct {
	method, route, path string
	body                string     // of the API
	fields              url.Values // of a form
	needs               liveblog.Right
	anybody             bool // every login or token suffices
	everywhere          bool // the right must be one on all blogs
	anywhere            bool // the right suffices on any blog
	ok                  int
	refused             int // for who has another role on the blog; default 403
	outside             int // for who has none; default 404 at the desk, 403 at the API
}

var rightRows = []rightRow{
	{method: "GET", route: "/api/v1/blogs", path: "/api/v1/blogs", anybody: true, ok: 200},
	{method: "POST", route: "/api/v1/blogs", path: "/api/v1/blogs", body: `{"slug":"SLUG","title":"T"}`,
		needs: liveblog.Manage, everywhere: true, ok: 201},
	{method: "GET", route: "/api/v1/blogs/:slug", path: "/api/v1/blogs/summit", anybody: true, ok: 200},
	{method: "PATCH", route: "/api/v1/blogs/:slug", path: "/api/v1/blogs/summit", body: `{"status":"live"}`,
		needs: liveblog.Manage, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/setup", path: "/api/v1/blogs/summit/setup",
		needs: liveblog.SeeBlog, ok: 200},
	{method: "PUT", route: "/api/v1/blogs/:slug/setup", path: "/api/v1/blogs/summit/setup", body: `{"tracks":[]}`,
		needs: liveblog.Manage, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/board", path: "/api/v1/blogs/summit/board", anybody: true, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/positions", path: "/api/v1/blogs/summit/positions",
		anybody: true, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/claims", path: "/api/v1/blogs/summit/claims", anybody: true, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/agenda", path: "/api/v1/blogs/summit/agenda", anybody: true, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/figures", path: "/api/v1/blogs/summit/figures", anybody: true, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/quotes", path: "/api/v1/blogs/summit/quotes", anybody: true, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/readouts", path: "/api/v1/blogs/summit/readouts",
		anybody: true, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/texts", path: "/api/v1/blogs/summit/texts", anybody: true, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/briefing", path: "/api/v1/blogs/summit/briefing",
		anybody: true, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/entries", path: "/api/v1/blogs/summit/entries", anybody: true, ok: 200},
	{method: "POST", route: "/api/v1/blogs/:slug/entries", path: "/api/v1/blogs/summit/entries", body: `{"body":"B"}`,
		needs: liveblog.Publish, ok: 201},
	{method: "POST", route: "/api/v1/blogs/:slug/entries", path: "/api/v1/blogs/summit/entries",
		body: `{"body":"B","status":"draft"}`, needs: liveblog.WriteDrafts, ok: 201},
	{method: "GET", route: "/api/v1/blogs/:slug/entries/:number", path: "/api/v1/blogs/summit/entries/{public}",
		anybody: true, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/entries/:number", path: "/api/v1/blogs/summit/entries/{draft}",
		needs: liveblog.ReadDrafts, ok: 200, refused: 404, outside: 404},
	{method: "PATCH", route: "/api/v1/blogs/:slug/entries/:number", path: "/api/v1/blogs/summit/entries/{public}",
		body: `{"body":"Other."}`, needs: liveblog.Publish, ok: 200},
	{method: "PATCH", route: "/api/v1/blogs/:slug/entries/:number", path: "/api/v1/blogs/summit/entries/{draft}",
		body: `{"body":"Other."}`, needs: liveblog.Publish, ok: 200},
	{method: "DELETE", route: "/api/v1/blogs/:slug/entries/:number", path: "/api/v1/blogs/summit/entries/{public}",
		needs: liveblog.Publish, ok: 204},
	{method: "GET", route: "/api/v1/blogs/:slug/entries/:number/revisions",
		path: "/api/v1/blogs/summit/entries/{public}/revisions", needs: liveblog.SeeBlog, ok: 200},
	{method: "GET", route: "/api/v1/blogs/:slug/entries/:number/revisions",
		path: "/api/v1/blogs/summit/entries/{draft}/revisions", needs: liveblog.ReadDrafts, ok: 200, refused: 404},

	{method: "GET", route: "/desk", path: "/desk", anybody: true, ok: 200},
	{method: "POST", route: "/desk", path: "/desk", fields: url.Values{"slug": {"SLUG"}, "title": {"T"}},
		needs: liveblog.Manage, everywhere: true, ok: 303, outside: 403},
	{method: "GET", route: "/desk/:slug", path: "/desk/summit", needs: liveblog.SeeBlog, ok: 200},
	{method: "POST", route: "/desk/:slug", path: "/desk/summit",
		fields: url.Values{"body": {"B"}, "action": {"publish"}},
		needs:  liveblog.Publish, ok: 303},
	{method: "POST", route: "/desk/:slug", path: "/desk/summit", fields: url.Values{"body": {"B"}, "action": {"draft"}},
		needs: liveblog.WriteDrafts, ok: 303},
	{method: "POST", route: "/desk/:slug/preview", path: "/desk/summit/preview", fields: url.Values{"body": {"B"}},
		needs: liveblog.SeeBlog, ok: 200},
	{method: "POST", route: "/desk/:slug/paste", path: "/desk/summit/paste", fields: url.Values{"html": {"B"}},
		needs: liveblog.SeeBlog, ok: 200},
	{method: "POST", route: "/desk/:slug/copies", path: "/desk/summit/copies", fields: copyFields("B"),
		needs: liveblog.WriteDrafts, ok: 200},
	{method: "POST", route: "/desk/:slug/copies/:copy/discard", path: "/desk/summit/copies/0123456789abcdef/discard",
		fields: url.Values{}, needs: liveblog.WriteDrafts, ok: 303},
	{method: "GET", route: "/desk/:slug/acts.json", path: "/desk/summit/acts.json", needs: liveblog.SeeBlog, ok: 200},
	{method: "GET", route: "/desk/:slug/setup", path: "/desk/summit/setup", needs: liveblog.Manage, ok: 200},
	{method: "POST", route: "/desk/:slug/setup", path: "/desk/summit/setup", fields: url.Values{},
		needs: liveblog.Manage, ok: 303},
	{method: "GET", route: "/desk/:slug/settings", path: "/desk/summit/settings", needs: liveblog.Manage, ok: 200},
	{method: "POST", route: "/desk/:slug/settings", path: "/desk/summit/settings",
		fields: url.Values{"title": {"The summit"}}, needs: liveblog.Manage, ok: 303},
	{method: "GET", route: "/desk/:slug/entries/:number", path: "/desk/summit/entries/{public}",
		needs: liveblog.Publish, ok: 200},
	{method: "GET", route: "/desk/:slug/entries/:number", path: "/desk/summit/entries/{draft}",
		needs: liveblog.Publish, ok: 200},
	{method: "POST", route: "/desk/:slug/entries/:number", path: "/desk/summit/entries/{public}",
		fields: url.Values{"body": {"B"}, "action": {"publish"}, "base": {"1"}}, needs: liveblog.Publish, ok: 303},
	{method: "POST", route: "/desk/:slug/entries/:number", path: "/desk/summit/entries/{draft}",
		fields: url.Values{"body": {"B"}, "action": {"draft"}, "base": {"1"}}, needs: liveblog.Publish, ok: 303},
	{method: "GET", route: "/desk/:slug/entries/:number/remove", path: "/desk/summit/entries/{public}/remove",
		needs: liveblog.Publish, ok: 200},
	{method: "POST", route: "/desk/:slug/entries/:number/remove", path: "/desk/summit/entries/{public}/remove",
		fields: url.Values{"base": {"1"}}, needs: liveblog.Publish, ok: 303},
	{method: "GET", route: "/desk/:slug/entries/:number/history", path: "/desk/summit/entries/{public}/history",
		needs: liveblog.SeeBlog, ok: 200},
	{method: "GET", route: "/desk/:slug/entries/:number/history", path: "/desk/summit/entries/{draft}/history",
		needs: liveblog.ReadDrafts, ok: 200, refused: 404},
	{method: "GET", route: "/desk/:slug/members", path: "/desk/summit/members", needs: liveblog.Administer, ok: 200},
	{method: "POST", route: "/desk/:slug/members", path: "/desk/summit/members",
		fields: url.Values{"action": {"invite"}, "email": {"SLUG@paper.example"}, "role": {"viewer"}},
		needs:  liveblog.Administer, ok: 200},
	{method: "GET", route: "/desk/:slug/audit", path: "/desk/summit/audit", needs: liveblog.Administer, ok: 200},
	{method: "GET", route: "/desk/:slug/audit.csv", path: "/desk/summit/audit.csv",
		needs: liveblog.Administer, ok: 200},
	{method: "GET", route: "/desk/:slug/audit.json", path: "/desk/summit/audit.json",
		needs: liveblog.Administer, ok: 200},
	{method: "GET", route: "/desk/:slug/entries/:number/purge", path: "/desk/summit/entries/{public}/purge",
		needs: liveblog.Administer, ok: 200},
	{method: "POST", route: "/desk/:slug/entries/:number/purge", path: "/desk/summit/entries/{public}/purge",
		fields: url.Values{"reason": {"A court"}}, needs: liveblog.Administer, ok: 303},
	{method: "GET", route: "/account", path: "/account", anybody: true, ok: 200},
	{method: "GET", route: "/account/pulse", path: "/account/pulse", anybody: true, ok: 204},
	{method: "POST", route: "/account/name", path: "/account/name", fields: url.Values{"name": {"A name"}},
		anybody: true, ok: 303},
	{method: "POST", route: "/account/password", path: "/account/password", fields: url.Values{"current": {"x"}},
		anybody: true, ok: 422},
	{method: "POST", route: "/account/sessions", path: "/account/sessions", fields: url.Values{"session": {"x"}},
		anybody: true, ok: 404},
	{method: "GET", route: "/admin/members", path: "/admin/members", needs: liveblog.Administer, everywhere: true,
		ok: 200, outside: 403},
	{method: "POST", route: "/admin/members", path: "/admin/members", fields: url.Values{"action": {"invite"},
		"email": {"SLUG@paper.example"}, "role": {"viewer"}, "on": {"*"}},
		needs: liveblog.Administer, everywhere: true, ok: 200, outside: 403},
	{method: "GET", route: "/admin/tokens", path: "/admin/tokens", needs: liveblog.Administer, anywhere: true,
		ok: 200, outside: 403},
	{method: "POST", route: "/admin/tokens", path: "/admin/tokens",
		fields: url.Values{"action": {"create"}, "name": {"SLUG"}, "role": {"viewer"}, "on": {"summit"}},
		needs:  liveblog.Administer, ok: 200, outside: 403},
	{method: "GET", route: "/admin/audit", path: "/admin/audit", needs: liveblog.Administer, everywhere: true,
		ok: 200, outside: 403},
	{method: "GET", route: "/admin/audit.csv", path: "/admin/audit.csv", needs: liveblog.Administer, everywhere: true,
		ok: 200, outside: 403},
	{method: "GET", route: "/admin/audit.json", path: "/admin/audit.json", needs: liveblog.Administer, everywhere: true,
		ok: 200, outside: 403},
}

// ownRoutes need no right on a blog: they are for whoever has a session or none.
var ownRoutes = []string{"GET /login", "POST /login", "POST /logout", "GET /invite/:token", "POST /invite/:token",
	"GET /setup/:token", "POST /setup/:token"}

// roleHolder is a person and a program with the same roles.
type roleHolder struct {
	name string
	role liveblog.Role
	on   map[string]liveblog.Role
}

// everybody are the kinds of people and programs that ask, with their roles.
var everybody = []roleHolder{
	{"viewer", "", map[string]liveblog.Role{"summit": liveblog.Viewer}},
	{"contributor", "", map[string]liveblog.Role{"summit": liveblog.Contributor}},
	{"editor", "", map[string]liveblog.Role{"summit": liveblog.Editor}},
	{"blog-admin", "", map[string]liveblog.Role{"summit": liveblog.Admin}},
	{"all-viewer", liveblog.Viewer, nil},
	{"all-editor", liveblog.Editor, nil},
	{"admin", liveblog.Admin, nil},
	{"other-editor", "", map[string]liveblog.Role{"other": liveblog.Editor}},
	{"other-admin", "", map[string]liveblog.Role{"other": liveblog.Admin}},
}

// enroll adds a user and a token with the same roles, logs the user in, and returns the browser and the token.
func (s *deskSite) enroll(t *testing.T, who roleHolder) (*browser, string) {
	t.Helper()
	root, email := s.actor(liveblog.Admin), who.name+"@desk.example"
	if _, err := s.server.Accounts.AddUser(t.Context(), root, liveblog.NewUser{Email: email, Name: who.name,
		Role: who.role, On: who.on, Password: asTyped + email}); err != nil {
		t.Fatal(err)
	}
	b := &browser{site: s}
	b.post(t, "/login", url.Values{"email": {email}, "password": {email}}).want(t, 303)
	token, err := s.server.Accounts.AddToken(t.Context(), root,
		liveblog.NewToken{Name: who.name, Role: who.role, On: who.on})
	if err != nil {
		t.Fatal(err)
	}
	return b, token
}

// want returns the status for an actor.
func (r rightRow) want(by liveblog.Actor) int {
	slug := "summit"
	if r.everywhere {
		slug = ""
	}
	api := strings.HasPrefix(r.route, "/api/")
	switch {
	case r.anybody || liveblog.May(by, r.needs, slug) == nil || r.anywhere && liveblog.MayAnywhere(by, r.needs):
		return r.ok
	case len(by.RolesOn("summit")) == 0 && !api:
		return cmp.Or(r.outside, 404)
	case len(by.RolesOn("summit")) == 0:
		return cmp.Or(r.outside, 403)
	case strings.Contains(r.path, "{draft}") && liveblog.May(by, liveblog.ReadDrafts, slug) != nil && !api:
		return 404
	}
	return cmp.Or(r.refused, 403)
}

// Each route is asked by everybody. It fails if a route checks another right than its row says, or none.
func TestEveryRouteForEverybody(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	root := s.actor(liveblog.Admin)
	if _, err := s.desk.CreateBlog(t.Context(), root, liveblog.NewBlog{Slug: "other", Title: "Other"}); err != nil {
		t.Fatal(err)
	}
	browsers, tokens, csrf := map[string]*browser{}, map[string]string{}, map[string]string{}
	for _, who := range everybody {
		b, token := s.enroll(t, who)
		browsers[who.name], csrf[who.name], tokens[who.name] = b, b.csrf(t), token
	}
	fresh := regexp.MustCompile(`\{(public|draft)\}`)
	for i, row := range rightRows {
		for _, who := range everybody {
			path := fresh.ReplaceAllStringFunc(row.path, func(kind string) string {
				in := liveblog.EntryInput{Body: "One."}
				if kind == "{draft}" {
					in.Status = liveblog.Draft
				}
				return fmt.Sprint(s.add(t, liveblog.Admin, in).Number)
			})
			want := row.want(liveblog.Actor{ID: who.name, Role: who.role, On: who.on})
			slug := fmt.Sprintf("by-%s-%d", who.name, i)
			var got int
			switch {
			case strings.HasPrefix(row.route, "/api/"):
				headers := []string{"Authorization", "Bearer " + tokens[who.name]}
				if row.body != "" {
					headers = append(headers, "Content-Type", "application/json")
				}
				got = s.do(t, row.method, path, strings.ReplaceAll(row.body, "SLUG", slug), headers...).StatusCode
			case row.method == "GET":
				got = browsers[who.name].get(t, path).StatusCode
			default:
				form := url.Values{"csrf": {csrf[who.name]}}
				for name, values := range row.fields {
					form[name] = values
				}
				for name := range form {
					form.Set(name, strings.ReplaceAll(form.Get(name), "SLUG", slug))
				}
				got = browsers[who.name].post(t, path, form).StatusCode
			}
			if got != want {
				t.Errorf("%s %s by %s: %d, want %d", row.method, path, who.name, got, want)
			}
		}
	}
}

// It fails if a route of the desk, of accounts or of the API has no row.
func TestEveryPrivateRouteHasARight(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, name := range ownRoutes {
		rows[name] = true
	}
	for _, row := range rightRows {
		rows[row.method+" "+row.route] = true
	}
	public := map[string]bool{}
	for _, row := range routeRows {
		public[row.method+" "+row.route] = !strings.HasPrefix(row.route, "/api/")
	}
	for _, route := range newSite(t).app.GetRoutes(true) {
		name := strings.Replace(route.Method, "HEAD", "GET", 1) + " " + route.Path
		if !rows[name] && !public[name] {
			t.Errorf("%s has no row", name)
		}
	}
}
