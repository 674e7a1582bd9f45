package handlers

import (
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"
)

// It fails if an admin cannot publish alone, does so without a reason, or if an editor can; if a member is not told, or
// a reader is.
func TestPublishAlone(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.postActs(t, liveblog.Editor, liveblog.Published, "/move chips → in talks")
	const reason = "The second editor is on a plane until noon."
	typed := url.Values{"body": {"A deal.\n/move chips → agreed"}, "action": {"publish"}}
	editor, admin := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	a := editor.post(t, "/desk/summit", editor.fill(t, "/desk/summit", "#composer", typed)).want(t, 409)
	if a.doc(t).Find("#entry-alone").Length() != 0 {
		t.Error("an editor is offered to publish alone")
	}
	fields := a.form(t, "#composer", url.Values{"action": {"publish"}, "alone": {reason}})
	editor.post(t, "/desk/summit", fields).want(t, 403)

	a = admin.post(t, "/desk/summit", admin.fill(t, "/desk/summit", "#composer", typed)).want(t, 409)
	fields = a.form(t, "#composer", url.Values{"action": {"publish"}, "alone": {"why not"}})
	short := admin.post(t, "/desk/summit", fields).want(t, 422)
	if short.text(t, "#entry-alone-problem") == "" {
		t.Error("the form does not say what is wrong with the reason")
	}
	short.holds(t, "#composer", url.Values{"alone": {"why not"}})
	fields = short.form(t, "#composer", url.Values{"action": {"publish"}, "alone": {reason}})
	admin.post(t, "/desk/summit", fields).want(t, 303)
	if got := s.trackState(t, "chips"); got != liveblog.Agreed {
		t.Fatalf("the track is %s", got)
	}
	for _, role := range liveblog.AllRoles() {
		b := s.browser(t, role)
		for _, path := range []string{"/desk/summit", "/desk/summit/entries/2/history"} {
			if got := b.get(t, path).text(t, ".notice-waits"); !strings.Contains(got, "The admin") ||
				!strings.Contains(got, reason) {
				t.Errorf("%s by the %s says %q", path, role, got)
			}
		}
	}
	if got := admin.get(t, "/desk/summit/audit").text(t, "main"); !strings.Contains(got, reason) {
		t.Error("the audit does not have the reason")
	}
	for _, path := range []string{"/live/summit", "/live/summit/2", "/live/summit/changes?after=0",
		"/live/summit/feed.json", "/live/summit/corrections", "/live/summit/search?q=plane"} {
		if strings.Contains(string(s.do(t, "GET", path, "").body), "on a plane") {
			t.Errorf("%s shows the reason to readers", path)
		}
	}
	// The API has the same rule.
	const move = `{"body":"B","acts":[{"kind":"move","track":"chips","to":"stalled"}]}`
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", move).want(t, 201)
	again := func(alone string) string {
		return `{"body":"B","acts":[{"kind":"move","track":"chips","to":"agreed"}],"alone":"` + alone + `"}`
	}
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", again(reason)).
		problem(t, 403, liveblog.Forbidden, "alone")
	s.call(t, liveblog.Admin, "POST", "/blogs/summit/entries", again("")).problem(t, 409, liveblog.Conflict, "acts")
	s.call(t, liveblog.Admin, "POST", "/blogs/summit/entries", again(reason)).want(t, 201)
}

// It fails if the desk does not say that a draft still waits after its state has left the list.
func TestHeldDraftAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.postActs(t, liveblog.Editor, liveblog.Published, "/move chips → in talks")
	s.postActs(t, liveblog.Editor, liveblog.Draft, "/move chips → agreed")
	free := talksSetup()
	free.Approval = nil
	if _, err := s.desk.UpdateSetup(t.Context(), s.actor(liveblog.Admin), "summit", free); err != nil {
		t.Fatal(err)
	}
	b := s.browser(t, liveblog.Editor)
	if got := b.get(t, "/desk/summit").text(t, ".row-draft .label-waits"); got != "waits for a second editor" {
		t.Errorf("the label is %q", got)
	}
	b.get(t, "/desk/summit/entries/2").text(t, ".notice-waits")
	publish := b.fill(t, "/desk/summit/entries/2", "#composer", url.Values{"action": {"publish"}})
	b.post(t, "/desk/summit/entries/2", publish).want(t, 409)
}
