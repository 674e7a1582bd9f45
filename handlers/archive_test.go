package handlers

import (
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"
)

// It fails if an archived blog takes a write, or does not say to readers and editors that it is archived, or if it
// leaves the sitemap or the feeds, or if its pages still follow the log.
func TestArchivedBlog(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	e := s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "The last word", Body: "Text."})
	editor := s.browser(t, liveblog.Editor)
	if _, err := s.desk.Archive(t.Context(), s.actor(liveblog.Editor), "summit", true); liveblog.CodeOf(err) !=
		liveblog.Forbidden {
		t.Errorf("an editor archives the blog: %v", err)
	}
	if _, err := s.desk.Archive(t.Context(), s.actor(liveblog.Admin), "summit", true); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/live/summit", "/live/summit/1", "/live/summit/board", "/live/summit/corrections"} {
		doc := editor.get(t, path).want(t, 200).doc(t)
		if doc.Find("main[data-archived]").Length() != 1 || doc.Find("main .archived").Text() == "" ||
			doc.Find(".status-live").Length() != 0 {
			t.Errorf("%s does not say that the blog is archived", path)
		}
	}
	for _, path := range []string{"/sitemap.xml", "/live/summit/feed.atom"} {
		if !strings.Contains(string(editor.get(t, path).want(t, 200).body), "/live/summit") {
			t.Errorf("%s lacks the archived blog", path)
		}
	}
	doc := editor.get(t, "/desk/summit").want(t, 200).doc(t)
	if doc.Find("main .archived").Length() != 1 || doc.Find("button[value=publish]").Length() != 0 ||
		doc.Find(`a[href="/desk/summit/entries/1"]`).Length() != 0 {
		t.Error("the desk offers to write the archived blog, or does not say that it is archived")
	}
	setup := editor.fill(t, "/desk/summit/setup", "main form", url.Values{"tracks": {"Xylophones"}})
	csrf := editor.fill(t, "/desk", ".logout", nil).Get("csrf")
	for path, fields := range map[string]url.Values{
		"/desk/summit":                  {"body": {"B"}, "action": {"publish"}},
		"/desk/summit/entries/1":        {"body": {"B"}, "action": {"publish"}, "base": {"1"}},
		"/desk/summit/entries/1/remove": {"base": {"1"}},
		"/desk/summit/settings":         {"title": {"Other"}},
		"/desk/summit/setup":            setup,
	} {
		fields.Set("csrf", csrf)
		a := editor.post(t, path, fields).want(t, 409)
		if !strings.Contains(string(a.body), "is archived") {
			t.Errorf("%s does not say why nothing was saved", path)
		}
	}
	if now := s.entry(t, e.Number); now != e {
		t.Errorf("the entry has changed: %+v", now)
	}
}
