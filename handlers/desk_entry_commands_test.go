package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// TestBylineAndTimeOfAnEntry follows both from the form to readers and back. It fails if they are not shown, in feeds,
// data and all, if they move the entry in the stream, if saving the form unchanged loses them or deleting their lines
// does not, if the audit does not say whose name was used, or if the entry belongs to the person named.
func TestBylineAndTimeOfAnEntry(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	b := s.browser(t, liveblog.Contributor)
	const path = "/desk/summit/entries/1"
	happened := s.failingStore.Now().Add(-2 * time.Hour).UTC().Truncate(time.Minute)
	seoul := happened.In(time.FixedZone("", 9*60*60))
	b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "#composer", url.Values{"headline": {"Talks"},
		"body": {"/at " + seoul.Format("15:04") + "\n/key\nThey met.\n/as the edit"}, "action": {"draft"}})).want(t, 303)
	e := s.entry(t, 1)
	if e.Author != "The editor" || e.WrittenBy != "The contributor" || e.AuthorID != s.actor(liveblog.Contributor).ID ||
		!e.KeyEvent || !e.HappenedAt.Equal(happened) || e.Body != "They met." {
		t.Fatalf("the entry is %+v", e)
	}
	commands := "/at " + seoul.Format("2006-01-02 15:04") + "\n/as The editor"
	form := b.get(t, path).form(t, "#composer", url.Values{"action": {"draft"}}) // its own author may still change it
	if form.Get("acts") != commands || form.Get("key_event") == "" {
		t.Errorf("the form has %v", form)
	}
	b.post(t, path, form).want(t, 303)
	if got := s.entry(t, 1); got != e {
		t.Errorf("saving the form unchanged has made %+v", got)
	}
	editor := s.browser(t, liveblog.Editor)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "Meanwhile."})
	editor.post(t, path, editor.fill(t, path, "#composer", url.Values{"action": {"publish"}})).want(t, 303)

	doc := s.do(t, "GET", "/live/summit", "").want(t, 200).document(t)
	if got := doc.Find("[data-stream] article").First().AttrOr("id", ""); got != "entry-1" {
		t.Errorf("%s is first in the stream, want the entry that was published last", got)
	}
	article := doc.Find("#entry-1")
	if got := article.Find(".happened").Text(); !strings.Contains(got, "Happened at") ||
		!strings.Contains(got, seoul.Format("15:04")) {
		t.Errorf("readers are told %q", got)
	}
	if got := article.Find(".author").Text(); got != "The editor" {
		t.Errorf("the byline is %q", got)
	}
	a := s.call(t, liveblog.Viewer, "GET", "/blogs/summit/entries/1", "").want(t, 200)
	if got := string(a.body); !strings.Contains(got, `"happened_at":"`+happened.Format(time.RFC3339)+`"`) ||
		!strings.Contains(got, `"author":"The editor"`) || strings.Contains(got, "The contributor") {
		t.Errorf("the API answers with %s", got)
	}
	graph, _ := s.structuredData(t, "/live/summit/1")
	if graph[0]["datePublished"] != s.entry(t, 1).PublishedAt.UTC().Format(time.RFC3339) {
		t.Errorf("the data for search engines is %v", graph[0])
	}
	audit := string(s.browser(t, liveblog.Admin).get(t, "/desk/summit/audit").want(t, 200).body)
	if !strings.Contains(audit, "byline: The editor") {
		t.Error("the audit does not say whose name was used")
	}
	if got := editor.get(t, path+"/history").text(t, "main"); !strings.Contains(got, "/at "+seoul.Format("2006-01-02 15:04")) {
		t.Errorf("the history reads %s", got)
	}

	editor.post(t, path, editor.fill(t, path, "#composer", url.Values{"acts": {""}, "action": {"publish"}})).want(t, 303)
	if e := s.entry(t, 1); e.Author != "The contributor" || e.WrittenBy != "" || !e.HappenedAt.IsZero() {
		t.Errorf("without the commands the entry is %+v", e)
	}
}

// TestBylineAndTimeByTheAPI fails if a program cannot set what commands can, or if what it does not name changes.
func TestBylineAndTimeByTheAPI(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries",
		`{"body":"They met.","byline":"the admin","happened_at":"2025-10-30T02:00:00Z"}`).want(t, 201)
	check := func(author, happened string) {
		t.Helper()
		e := s.entry(t, 1)
		if got := e.HappenedAt.UTC().Format(time.RFC3339); e.Author != author || got != happened {
			t.Errorf("the byline is %s at %s, want %s at %s", e.Author, got, author, happened)
		}
	}
	patch := func(body string, status int) {
		t.Helper()
		s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", body).want(t, status)
	}
	check("The admin", "2025-10-30T02:00:00Z")
	patch(`{"headline":"Talks"}`, 200)
	check("The admin", "2025-10-30T02:00:00Z")
	patch(`{"byline":"The editor"}`, 200)
	check("The editor", "2025-10-30T02:00:00Z")
	patch(`{"happened_at":"2025-10-30T03:00:00+02:00"}`, 200)
	check("The editor", "2025-10-30T01:00:00Z")
	patch(`{"body":"/at 2025-10-29 10:00\nThey met."}`, 200)
	check("The editor", "2025-10-29T01:00:00Z")
	for body, field := range map[string]string{
		`{"byline":"Nobody"}`: "byline", `{"happened_at":"2125-10-30T03:00:00Z"}`: "happened_at",
		`{"happened_at":"noon"}`: "happened_at", `{"happened_at":null}`: "happened_at", `{"happened_at":7}`: "happened_at",
		`{"byline":7}`: "byline", `{"body":"/as Nobody\nB."}`: "body",
	} {
		a := s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", body)
		if a.StatusCode != 422 && a.StatusCode != 400 || !strings.Contains(string(a.body), `"`+field+`"`) {
			t.Errorf("%s is answered with %d, %s", body, a.StatusCode, a.body)
		}
	}
	check("The editor", "2025-10-29T01:00:00Z")
	patch(`{"byline":"The admin"}`, 200)
	patch(`{"byline":"","happened_at":""}`, 200)
	if e := s.entry(t, 1); e.WrittenBy != "" || e.Author != "The editor" || !e.HappenedAt.IsZero() {
		t.Errorf("taking both back has made %+v", e)
	}
}

// TestBylineOfSomebodyWhoLeft fails if an entry cannot be saved again once the person in its byline may no longer
// write, or if the name can still be given to others.
func TestBylineOfSomebodyWhoLeft(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	b := s.browser(t, liveblog.Editor)
	const path = "/desk/summit/entries/1"
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "They met.", Byline: "The contributor"})
	admin, leaver := s.actor(liveblog.Admin), s.actor(liveblog.Contributor)
	if _, err := s.server.Accounts.Disable(t.Context(), admin, leaver.ID); err != nil {
		t.Fatal(err)
	}
	b.post(t, path, b.fill(t, path, "#composer", url.Values{"body": {"They left."}, "action": {"publish"}})).want(t, 303)
	if e := s.entry(t, 1); e.Author != "The contributor" || e.Body != "They left." {
		t.Errorf("the entry is %+v", e)
	}
	b.post(t, path, b.fill(t, path, "#composer", url.Values{"acts": {""}, "action": {"publish"}})).want(t, 303)
	b.post(t, path, b.fill(t, path, "#composer", url.Values{"acts": {"/as The contributor"}, "action": {"publish"}})).
		want(t, 422)
}
