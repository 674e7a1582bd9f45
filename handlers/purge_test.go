package handlers

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"readout/liveblog"
)

// purgeCanary is the text that is purged.
const purgeCanary = "xylocanary"

// readerPaths are pages, feeds and answers that may have the text of entry 1.
func readerPaths() []string {
	return []string{"/", "/live/summit", "/live/summit/1", "/live/summit/claims", "/live/summit/board",
		"/live/summit/briefing", "/live/summit/corrections", "/live/summit/search?q=" + purgeCanary,
		"/live/summit/feed.atom", "/live/summit/feed.rss", "/live/summit/feed.json", "/embed/summit", "/sitemap.xml",
		"/sitemap-news.xml"}
}

// It fails if a purged entry is on a page, in a feed or in an answer that programs get, if an old cursor gets it, or
// does not learn that it has gone, or if the history and the audit do not say who purged it and why.
func TestPurgedEntryIsNowhere(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	e := s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "The " + purgeCanary, KeyEvent: true, Summary: true,
		Body: "Say " + purgeCanary + ".\n\n/claim Soy purchases reported: A " + purgeCanary})
	e, err := s.desk.Edit(t.Context(), s.actor(liveblog.Editor), "summit", e.Number,
		liveblog.EntryPatch{Body: new("Say " + purgeCanary + " again."), Correction: new("It was " + purgeCanary)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	reader, admin := &browser{site: s}, s.browser(t, liveblog.Admin)
	var seen []string
	for _, path := range readerPaths() { // which also caches them
		if strings.Contains(string(reader.get(t, path).body), purgeCanary) {
			seen = append(seen, path)
		}
	}
	if len(seen) < 7 {
		t.Fatalf("only %v have the text before", seen)
	}
	changes := "/live/summit/changes?after="
	if poll := reader.get(t, changes+s.cursorBefore(t, e)); !strings.Contains(string(poll.body), purgeCanary) {
		t.Fatalf("a poll lacks the text before: %s", poll.body)
	}
	old := s.cursorBefore(t, e)

	doc := admin.get(t, "/desk/summit/entries/1/purge").want(t, 200).doc(t)
	if text := doc.Find("main").Text(); !strings.Contains(text, "for good") || strings.Contains(text, purgeCanary) {
		t.Errorf("the page that asks says %q", text)
	}
	form := admin.fill(t, "/desk/summit/entries/1/purge", "form.purge", url.Values{"reason": {"Order of a court"}})
	admin.post(t, "/desk/summit/entries/1/purge", form).want(t, 303).
		location(t, "/desk/summit/entries/1/history?done=purged")

	now, err := s.store.Cursor(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	reader.get(t, changes+now.String()).want(t, 200) // a reader who is ahead makes the feed read the store
	for _, path := range append(readerPaths(), changes+old) {
		if body := string(reader.get(t, path).body); strings.Contains(strings.ReplaceAll(body, "?q="+purgeCanary, ""),
			purgeCanary) && !strings.Contains(path, "/search") {
			t.Errorf("%s still has the text", path)
		}
	}
	if n := reader.get(t, "/live/summit/search?q="+purgeCanary).doc(t).Find("article").Length(); n != 0 {
		t.Errorf("the search finds %d entries", n)
	}
	reader.get(t, "/live/summit/1").want(t, 410)
	if poll := string(reader.get(t, changes+old).body); !strings.Contains(poll, `"remove"`) &&
		!strings.Contains(poll, `"reload"`) {
		t.Errorf("an old cursor does not learn of the purge: %s", poll)
	}
	history := admin.get(t, "/desk/summit/entries/1/history").want(t, 200)
	if strings.Contains(string(history.body), purgeCanary) || history.doc(t).Find(".purged").Length() != 3 ||
		!strings.Contains(string(history.body), "Order of a court") {
		t.Error("the history has the text, or does not say that and why it was purged")
	}
	for _, path := range []string{"/desk/summit", "/admin/audit", "/desk/summit/audit.csv"} {
		if strings.Contains(string(admin.get(t, path).body), purgeCanary) {
			t.Errorf("%s has the text", path)
		}
	}
	if strings.Contains(s.log.String(), purgeCanary) {
		t.Error("the log has the text")
	}
}

// cursorBefore returns the cursor of a reader who has not seen an entry's newest change.
func (s *deskSite) cursorBefore(t *testing.T, e liveblog.Entry) string {
	t.Helper()
	b, err := s.store.Blog(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	return liveblog.Cursor{Epoch: b.Cursor.Epoch, Seq: e.Seq - 1}.String()
}

// It fails if the purge of an earlier revision touches the present text, or leaves the old one where it can be read.
func TestPurgeOneRevision(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	e := s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "Talks", Body: "Say " + purgeCanary + "."})
	if _, err := s.desk.Edit(t.Context(), s.actor(liveblog.Editor), "summit", e.Number,
		liveblog.EntryPatch{Body: new("A clean text."), Correction: new("We had this wrong.")}, 0); err != nil {
		t.Fatal(err)
	}
	admin := s.browser(t, liveblog.Admin)
	if !strings.Contains(string(admin.get(t, "/live/summit/corrections").body), purgeCanary) {
		t.Fatal("the log of corrections lacks the text before")
	}
	link := admin.get(t, "/desk/summit/entries/1/history").doc(t).Find(`a[href$="purge?revision=1"]`)
	if link.Length() != 1 {
		t.Fatal("the history does not offer to purge the earlier revision")
	}
	page := link.AttrOr("href", "")
	admin.post(t, "/desk/summit/entries/1/purge", admin.fill(t, page, "form.purge", url.Values{"reason": {" "}})).
		want(t, 422)
	admin.post(t, "/desk/summit/entries/1/purge", admin.fill(t, page, "form.purge",
		url.Values{"reason": {"A court"}, "revision": {strconv.Itoa(2)}})).want(t, 409)
	admin.post(t, "/desk/summit/entries/1/purge", admin.fill(t, page, "form.purge",
		url.Values{"reason": {"A court"}})).want(t, 303)
	for _, path := range append(readerPaths(), "/desk/summit/entries/1/history") {
		body := string(admin.get(t, path).body)
		if strings.Contains(body, purgeCanary) && !strings.Contains(path, "/search") {
			t.Errorf("%s still has the text", path)
		}
	}
	for _, path := range []string{"/live/summit/1", "/live/summit/corrections"} {
		if body := string(admin.get(t, path).want(t, 200).body); !strings.Contains(body, "We had this wrong.") {
			t.Errorf("%s lacks the note of the correction", path)
		}
	}
}

// It fails if a node whose store is away sends a page from before a purge.
func TestForgottenPagesDoNotComeBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"Say `+purgeCanary+`."}`)
	page := func() string { return string(s.do(t, "GET", "/live/summit", "").body) }
	if !strings.Contains(page(), purgeCanary) {
		t.Fatal("the page lacks the text")
	}
	s.store.down.Store(true)
	if !strings.Contains(page(), purgeCanary) {
		t.Fatal("the page does not come from the cache")
	}
	if n := (&App{s.app, s.server}).ForgetPages(); n != 1 {
		t.Errorf("%d pages were forgotten, want 1", n)
	}
	if strings.Contains(page(), purgeCanary) {
		t.Error("the page comes from the cache")
	}
}
