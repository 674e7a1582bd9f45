package handlers

import (
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"
)

// manyCells is a table that would have 5,600,000 cells, with line ends as in JSON.
var manyCells = strings.Repeat("|", 801) + `\n` + strings.Repeat("|-", 800) + `|\n` + strings.Repeat(`|\n`, 6999)

// It fails if the desk's form or preview renders Markdown that the API refuses, or does not say why it refuses it.
func TestDeskRefusesTooMuchMarkdown(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Contributor)
	const message = "This table has 5,600,000 cells, those included that fill up short rows; " +
		"at most 5,000 fit into one entry."
	typed := url.Values{"body": {strings.ReplaceAll(manyCells, `\n`, "\n")}, "headline": {"H"}, "action": {"draft"}}
	a := b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "#composer", typed)).want(t, 422)
	a.holds(t, "#composer", typed)
	if got := a.doc(t).Find("#entry-body-problem").Text(); got != message {
		t.Errorf("the form's message is %q", got)
	}
	for _, path := range []string{"/desk/summit/preview", "/desk/summit"} {
		typed.Set("action", "preview")
		if a := b.post(t, path, b.fill(t, "/desk/summit", "#composer", typed)).
			want(t, 200); !strings.Contains(a.doc(t).Text(), message) {
			t.Errorf("the preview at %s does not say why it is refused", path)
		}
	}
}

// An old entry that exceeds today's limits must not break a page or a feed, and its other fields can be edited.
func TestOldEntriesWithTooMuchMarkdown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	old := liveblog.NewDesk(s.store, silentBroker{}, liveblog.DeskOptions{})
	admin := liveblog.Actor{ID: "u_0", Name: "Root", Role: liveblog.Admin}
	for _, body := range []string{strings.ReplaceAll(manyCells, `\n`, "\n"), strings.Repeat("[](", 21000),
		strings.Repeat(">", 60000)} {
		if _, _, err := old.Post(t.Context(), admin, "summit",
			liveblog.EntryInput{Body: body, Summary: true}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/live/summit", "/live/summit/1", "/live/summit/2", "/live/summit/feed.atom",
		"/live/summit/feed.rss", "/live/summit/feed.json",
		"/embed/summit", "/live/summit/search?q=a", "/live/summit/briefing"} {
		s.do(t, "GET", path, "").want(t, 200)
	}
	if page := s.do(t, "GET", "/live/summit/3", "").body; !strings.Contains(string(page),
		strings.Repeat("&gt;", 60000)) {
		t.Error("the page does not show the source of the entry")
	}
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"pinned":true}`).want(t, 200)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"body":"`+manyCells+`|"}`).
		problem(t, 422, liveblog.Invalid, "body")
}
