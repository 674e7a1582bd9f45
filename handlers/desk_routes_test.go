package handlers

import (
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"
)

// deskRow has the status that each role gets at a route of the desk. Without a session, a page redirects to the login
// (303) and a form answers 401. Fields are what a form sends besides the CSRF token.
type deskRow struct {
	method, route, path   string
	fields                url.Values
	nobody                int
	contributor           int
	editor, administrator int
}

// The rows run in order on one site: entries 1 and 2 are published by the editor, 3 is the editor's draft, 4 and 5 are
// the contributor's.
var deskRows = []deskRow{
	{"GET", "/login", "/login", nil, 200, 303, 303, 303},
	{"POST", "/login", "/login", url.Values{"email": {"x"}}, 401, 401, 401, 401},
	{"GET", "/setup/:token", "/setup/used", nil, 410, 410, 410, 410},
	{"POST", "/setup/:token", "/setup/used", url.Values{"email": {"x"}}, 410, 410, 410, 410},
	{"GET", "/account", "/account", nil, 303, 200, 200, 200},
	{"GET", "/account/pulse", "/account/pulse", nil, 401, 204, 204, 204},
	{"POST", "/account/name", "/account/name", url.Values{"name": {""}}, 401, 422, 422, 422},
	{"POST", "/account/password", "/account/password", url.Values{"current": {"x"}}, 401, 422, 422, 422},
	{"POST", "/account/sessions", "/account/sessions", url.Values{"session": {"x"}}, 401, 404, 404, 404},
	{"GET", "/desk", "/desk", nil, 303, 200, 200, 200},
	{"POST", "/desk", "/desk", url.Values{"slug": {"SLUG"}, "title": {"T"}}, 401, 403, 303, 303},
	{"GET", "/desk/:slug", "/desk/summit", nil, 303, 200, 200, 200},
	{"GET", "/desk/:slug", "/desk/nowhere", nil, 303, 404, 404, 404},
	{"POST", "/desk/:slug", "/desk/summit", url.Values{"body": {"B"}, "action": {"publish"}}, 401, 403, 303, 303},
	{"POST", "/desk/:slug", "/desk/summit", url.Values{"body": {"B"}, "action": {"draft"}}, 401, 303, 303, 303},
	{"POST", "/desk/:slug", "/desk/nowhere", url.Values{"body": {"B"}, "action": {"draft"}}, 401, 404, 404, 404},
	{"POST", "/desk/:slug/preview", "/desk/summit/preview", url.Values{"body": {"B"}}, 401, 200, 200, 200},
	{"POST", "/desk/:slug/paste", "/desk/summit/paste", url.Values{"html": {"<b>B</b>"}}, 401, 200, 200, 200},
	{"POST", "/desk/:slug/paste", "/desk/nowhere/paste", url.Values{"html": {"<b>B</b>"}}, 401, 404, 404, 404},
	{"POST", "/desk/:slug/copies", "/desk/summit/copies", copyFields("B"), 401, 200, 200, 200},
	{"POST", "/desk/:slug/copies", "/desk/nowhere/copies", copyFields("B"), 401, 404, 404, 404},
	{"POST", "/desk/:slug/copies/:copy/discard", "/desk/summit/copies/0123456789abcdef/discard", url.Values{}, 401, 303, 303,
		303},
	{"POST", "/desk/:slug/copies/:copy/discard", "/desk/summit/copies/x/discard", url.Values{}, 401, 404, 404, 404},
	{"GET", "/desk/:slug/acts.json", "/desk/summit/acts.json", nil, 401, 200, 200, 200},
	{"GET", "/desk/:slug/acts.json", "/desk/nowhere/acts.json", nil, 401, 404, 404, 404},
	{"GET", "/desk/:slug/setup", "/desk/summit/setup", nil, 303, 403, 200, 200},
	{"POST", "/desk/:slug/setup", "/desk/summit/setup", url.Values{}, 401, 403, 303, 303},
	{"POST", "/desk/:slug/setup", "/desk/nowhere/setup", url.Values{}, 401, 403, 404, 404},
	{"GET", "/desk/:slug/settings", "/desk/summit/settings", nil, 303, 403, 200, 200},
	{"POST", "/desk/:slug/settings", "/desk/summit/settings", url.Values{"title": {"The summit"}}, 401, 403, 303, 303},
	{"GET", "/desk/:slug/entries/:number", "/desk/summit/entries/1", nil, 303, 403, 200, 200},
	{"GET", "/desk/:slug/entries/:number", "/desk/summit/entries/3", nil, 303, 404, 200, 200},
	{"GET", "/desk/:slug/entries/:number", "/desk/summit/entries/4", nil, 303, 200, 200, 200},
	{"POST", "/desk/:slug/entries/:number", "/desk/summit/entries/1",
		url.Values{"body": {"One."}, "action": {"publish"}, "base": {"1"}}, 401, 403, 303, 303},
	{"POST", "/desk/:slug/entries/:number", "/desk/summit/entries/3",
		url.Values{"body": {"Three."}, "action": {"draft"}, "base": {"1"}}, 401, 404, 303, 303},
	{"POST", "/desk/:slug/entries/:number", "/desk/summit/entries/4",
		url.Values{"body": {"Mine."}, "action": {"draft"}, "base": {"1"}}, 401, 303, 303, 303},
	{"POST", "/desk/:slug/entries/:number", "/desk/summit/entries/4",
		url.Values{"body": {"Mine."}, "action": {"publish"}, "base": {"1"}}, 401, 403, 303, 303},
	{"GET", "/desk/:slug/entries/:number/history", "/desk/summit/entries/1/history", nil, 303, 200, 200, 200},
	{"GET", "/desk/:slug/entries/:number/history", "/desk/summit/entries/3/history", nil, 303, 404, 200, 200},
	{"GET", "/desk/:slug/entries/:number/remove", "/desk/summit/entries/1/remove", nil, 303, 403, 200, 200},
	{"GET", "/desk/:slug/entries/:number/remove", "/desk/summit/entries/5/remove", nil, 303, 200, 200, 200},
	{"POST", "/desk/:slug/entries/:number/remove", "/desk/summit/entries/2/remove",
		url.Values{"base": {"1"}}, 401, 403, 303, 303},
	{"POST", "/desk/:slug/entries/:number/remove", "/desk/summit/entries/3/remove",
		url.Values{"base": {"1"}}, 401, 404, 303, 303},
	{"POST", "/desk/:slug/entries/:number/remove", "/desk/summit/entries/5/remove",
		url.Values{"base": {"1"}}, 401, 303, 303, 303},
	{"GET", "/desk/:slug/entries/:number", "/desk/summit/entries/5", nil, 303, 410, 410, 410},
	{"GET", "/desk/:slug/members", "/desk/summit/members", nil, 303, 403, 403, 200},
	{"GET", "/desk/:slug/members", "/desk/nowhere/members", nil, 303, 403, 403, 404},
	{"POST", "/desk/:slug/members", "/desk/summit/members",
		url.Values{"action": {"invite"}, "email": {"new@paper.example"}, "role": {"viewer"}}, 401, 403, 403, 200},
	{"GET", "/admin/members", "/admin/members", nil, 303, 403, 403, 200},
	{"POST", "/admin/members", "/admin/members",
		url.Values{"action": {"invite"}, "email": {"new@paper.example"}, "role": {"viewer"}, "on": {"*"}},
		401, 403, 403, 200},
	{"GET", "/admin/tokens", "/admin/tokens", nil, 303, 403, 403, 200},
	{"POST", "/admin/tokens", "/admin/tokens",
		url.Values{"action": {"create"}, "name": {"Wire"}, "role": {"viewer"}, "on": {"summit"}}, 401, 403, 403, 200},
	{"GET", "/invite/:token", "/invite/nothing", nil, 410, 410, 410, 410},
	{"POST", "/invite/:token", "/invite/nothing", url.Values{"action": {"join"}}, 410, 410, 410, 410},
	{"GET", "/desk/:slug/entries/:number/purge", "/desk/summit/entries/4/purge", nil, 303, 403, 403, 200},
	{"GET", "/desk/:slug/entries/:number/purge", "/desk/summit/entries/4/purge?revision=99", nil, 303, 403, 403, 404},
	{"POST", "/desk/:slug/entries/:number/purge", "/desk/summit/entries/4/purge", url.Values{}, 401, 403, 403, 422},
	{"POST", "/desk/:slug/entries/:number/purge", "/desk/summit/entries/4/purge",
		url.Values{"reason": {"A court"}, "revision": {"99"}}, 401, 403, 403, 404},
	{"POST", "/desk/:slug/entries/:number/purge", "/desk/summit/entries/4/purge",
		url.Values{"reason": {"A court"}}, 401, 403, 403, 303},
	{"GET", "/desk/:slug/audit", "/desk/summit/audit", nil, 303, 403, 403, 200},
	{"GET", "/desk/:slug/audit.csv", "/desk/summit/audit.csv", nil, 303, 403, 403, 200},
	{"GET", "/desk/:slug/audit.json", "/desk/summit/audit.json", nil, 303, 403, 403, 200},
	{"GET", "/admin/audit", "/admin/audit", nil, 303, 403, 403, 200},
	{"GET", "/admin/audit.csv", "/admin/audit.csv", nil, 303, 403, 403, 200},
	{"GET", "/admin/audit.json", "/admin/audit.json", nil, 303, 403, 403, 200},
	{"POST", "/logout", "/logout", nil, 303, 303, 303, 303},
}

func TestDeskByRole(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	for _, e := range []struct {
		by liveblog.Role
		in liveblog.EntryInput
	}{
		{liveblog.Editor, liveblog.EntryInput{Body: "One."}},
		{liveblog.Editor, liveblog.EntryInput{Body: "Two."}},
		{liveblog.Editor, liveblog.EntryInput{Body: "Three.", Status: liveblog.Draft}},
		{liveblog.Contributor, liveblog.EntryInput{Body: "Mine.", Status: liveblog.Draft}},
		{liveblog.Contributor, liveblog.EntryInput{Body: "Mine too.", Status: liveblog.Draft}},
	} {
		s.add(t, e.by, e.in)
	}
	nobody, contributor := &browser{site: s}, s.browser(t, liveblog.Contributor)
	editor, administrator := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	for _, row := range deskRows {
		ask := func(who string, b *browser, want int) {
			t.Helper()
			if row.method == "GET" {
				if got := b.get(t, row.path).StatusCode; got != want {
					t.Errorf("GET %s by %s: %d, want %d", row.path, who, got, want)
				}
				return
			}
			fields := url.Values{}
			for name, values := range row.fields {
				fields.Set(name, strings.ReplaceAll(values[0], "SLUG", "by-"+who))
			}
			if b != nobody {
				fields.Set("csrf", b.fill(t, "/desk", ".logout", nil).Get("csrf"))
			}
			if got := b.post(t, row.path, fields); got.StatusCode != want {
				t.Errorf("POST %s by %s: %d, want %d: %s", row.path, who, got.StatusCode, want, got.body)
			}
		}
		ask("nobody", nobody, row.nobody)
		ask("contributor", contributor, row.contributor)
		ask("editor", editor, row.editor)
		ask("administrator", administrator, row.administrator)
	}
	if e := s.entry(t, 2); e.Status != liveblog.Removed || e.EditedBy != "The editor" {
		t.Errorf("entry 2 is %s by %s", e.Status, e.EditedBy)
	}
}

// TestContributorsSeeWhatTheyMayDo checks that pages offer a contributor nothing that would be refused.
func TestContributorsSeeWhatTheyMayDo(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "Public", Body: "One."})
	s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "Embargoed", Body: "Secret plan.", Status: liveblog.Draft})
	s.add(t, liveblog.Contributor, liveblog.EntryInput{Headline: "Mine", Body: "Three.", Status: liveblog.Draft})
	b := s.browser(t, liveblog.Contributor)
	list := b.get(t, "/desk")
	if list.doc(t).Find("main form").Length() != 0 {
		t.Error("the list offers a form for a new blog")
	}
	a := b.get(t, "/desk/summit")
	if strings.Contains(string(a.body), "Embargoed") || strings.Contains(string(a.body), "Secret plan") {
		t.Error("the list shows somebody else's draft")
	}
	doc := a.doc(t)
	for selector, want := range map[string]int{
		`button[value=publish]`: 0, `button[value=draft]`: 1, `a[href$="/settings"]`: 0, `a[href$="/setup"]`: 0,
		`a[href="/desk/summit/entries/1"]`: 0, `a[href="/desk/summit/entries/1/remove"]`: 0,
		`a[href="/desk/summit/entries/1/history"]`: 1,
		`a[href="/desk/summit/entries/3"]`:         1, `a[href="/desk/summit/entries/3/remove"]`: 1,
	} {
		if got := doc.Find(selector).Length(); got != want {
			t.Errorf("the page has %d of %s, want %d", got, selector, want)
		}
	}
	if n := b.get(t, "/desk/summit/entries/3").doc(t).Find("button[value=publish]").Length(); n != 0 {
		t.Error("the draft's page offers to publish it")
	}
	// Revisions from before the publication are not for everybody at the desk.
	e, err := s.desk.Edit(t.Context(), s.actor(liveblog.Editor), "summit", 2,
		liveblog.EntryPatch{Body: new("Announced plan."), Status: new(liveblog.Published)}, 1)
	if err != nil || !e.Public() {
		t.Fatal(e, err)
	}
	if strings.Contains(string(b.get(t, "/desk/summit/entries/2/history").want(t, 200).body), "Secret") {
		t.Error("the history shows a revision from before the publication")
	}
	// Once an editor has published it, a contributor can no longer change their draft. The form gives back what was
	// typed.
	fields := b.fill(t, "/desk/summit/entries/3", "#composer", url.Values{"body": {"More of it."}, "action": {"draft"}})
	if _, err := s.desk.Edit(t.Context(), s.actor(liveblog.Editor), "summit", 3,
		liveblog.EntryPatch{Status: new(liveblog.Published)}, 1); err != nil {
		t.Fatal(err)
	}
	b.post(t, "/desk/summit/entries/3", fields).want(t, 403).holds(t, "#composer", url.Values{"body": {"More of it."}})
}
