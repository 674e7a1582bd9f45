package handlers

import (
	"testing"

	"readout/liveblog"
)

// TestErrorsStayAtTheDesk fails if an error at the desk leads to the readers' front page, or if the way on to the blog's
// desk is missing.
func TestErrorsStayAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "B."})
	s.call(t, liveblog.Admin, "DELETE", "/blogs/summit/entries/1", "").want(t, 204)
	b, contributor := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Contributor)
	for name, row := range map[string]struct {
		answer deskAnswer
		status int
		way    string // to the desk of the blog
	}{
		"another blog":         {b.get(t, "/desk/nowhere"), 404, ""},
		"below another blog":   {b.get(t, "/desk/nowhere/setup"), 404, "/desk/nowhere"},
		"no such entry":        {b.get(t, "/desk/summit/entries/99"), 404, "/desk/summit"},
		"no such number":       {b.get(t, "/desk/summit/entries/x"), 404, "/desk/summit"},
		"no such page":         {b.get(t, "/desk/summit/weather/today"), 404, "/desk/summit"},
		"a removed entry":      {b.get(t, "/desk/summit/entries/1"), 410, "/desk/summit"},
		"a role is missing":    {contributor.get(t, "/desk/summit/settings"), 403, "/desk/summit"},
		"a page of admins":     {b.get(t, "/admin/members"), 403, ""},
		"no such account page": {b.get(t, "/account/weather"), 404, ""},
		"a used address":       {deskAnswer{s.do(t, "GET", "/setup/abc", "")}, 410, ""},
	} {
		doc := row.answer.want(t, row.status).doc(t)
		if doc.Find(`a[href="/"]`).Length() != 0 || doc.Find(`main a[href="/desk"]`).Length() != 1 ||
			doc.Find("body.desk h1").Length() != 1 {
			t.Errorf("%s: the page is not of the desk: %s", name, row.answer.body)
		}
		if way, _ := doc.Find(`.failure-ways a[href^="/desk/"]`).Attr("href"); way != row.way {
			t.Errorf("%s: the way back is %q, want %q", name, way, row.way)
		}
	}
	if doc := s.do(t, "GET", "/desktop", "").want(t, 404).document(t); doc.Find(`a[href="/"]`).Length() == 0 {
		t.Error("the error of a reader's address does not lead to the front page")
	}
}
