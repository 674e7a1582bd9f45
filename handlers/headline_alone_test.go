package handlers

import (
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"
)

// TestHeadlineAlone posts an entry that has nothing but a headline and looks at it everywhere. It fails if a page has an
// empty text, if a feed or the data for search engines has an entry without a content, and if a correction of such an
// entry passes for one whose earlier texts were purged.
func TestHeadlineAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const said = "Talks have ended."
	s.post(t, `{"headline":"Talks have ended.","key_event":true,"summary":true}`)
	for _, path := range []string{"/live/summit", "/live/summit/1", "/embed/summit", "/live/summit/search?q=ended"} {
		doc := s.do(t, "GET", path, "").want(t, 200).document(t)
		if !strings.Contains(doc.Find("article, .results").Text(), said) {
			t.Errorf("%s lacks the entry", path)
		}
		if n := doc.Find("article .prose:empty, article p:empty").Length(); n != 0 {
			t.Errorf("%s has %d empty texts", path, n)
		}
	}
	for name := range feedNames {
		f := s.feed(t, name).read(t)
		if len(f.Items) != 1 || f.Items[0].Title != said || !strings.Contains(f.Items[0].Content, said) {
			t.Errorf("%s has %+v", name, f.Items)
		}
	}
	graph, _ := s.structuredData(t, "/live/summit/1")
	if graph[0]["headline"] != said || graph[0]["articleBody"] != said {
		t.Errorf("the data for search engines is %v", graph[0])
	}
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1",
		`{"headline":"Talks have been adjourned.","correction":"They go on."}`).want(t, 200)
	for path, rows := range map[string]string{"/live/summit/1": ".correction", "/live/summit/corrections": "main"} {
		if got := s.do(t, "GET", path, "").want(t, 200).document(t).Find(rows).Text(); !strings.Contains(got, "ended") {
			t.Errorf("%s does not say what the entry said before: %s", path, got)
		}
	}
}

// TestActsAlone fails if an entry of acts alone cannot be posted, at the desk or by the API; if it is called nothing in
// lists, feeds and titles, or something in another language than the blog's; or if an entry with nothing at all is taken.
func TestActsAlone(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	b := s.browser(t, liveblog.Editor)
	b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "#composer", url.Values{"body": {"/move rare earths → raised"},
		"acts": {"/figure tariff = 47 %"}, "action": {"publish"}})).want(t, 303)
	const said = "Tariff: 47 % · Rare earths: raised"
	if e := s.entry(t, 1); e.Headline != said || e.Body != "" || s.commands(t, 1) == "" {
		t.Errorf("the entry is %+v", e)
	}
	for _, path := range []string{"/live/summit", "/live/summit/1", "/embed/summit", "/live/summit/feed.atom", "/desk/summit"} {
		if a := s.do(t, "GET", path, "", "Cookie", b.cookies(), "Sec-Fetch-Site", "same-origin"); !strings.Contains(
			string(a.body), said) {
			t.Errorf("%s lacks %q", path, said)
		}
	}
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"acts":[{"kind":"move","track":"chips","to":"raised"}]}`).
		want(t, 201)
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"acts":[]}`).want(t, 422)
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":" "}`).want(t, 422)
	// Two people change it: what one of them says in words stays.
	form := b.fill(t, "/desk/summit/entries/1", "#composer", url.Values{"headline": {""}, "action": {"publish"},
		"acts": {"/figure tariff = 48 %\n/move rare earths → raised"}})
	if _, err := s.desk.Edit(t.Context(), s.actor(liveblog.Admin), "summit", 1, liveblog.EntryPatch{Body: new("In words.")},
		1); err != nil {
		t.Fatal(err)
	}
	b.post(t, "/desk/summit/entries/1", form).want(t, 303)
	if e := s.entry(t, 1); e.Headline != "Tariff: 48 % · Rare earths: raised" || e.Body != "In words." {
		t.Errorf("the entry is %+v", e)
	}
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit", `{"language":"zh"}`).want(t, 200)
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries",
		`{"acts":[{"kind":"move","track":"tariffs","to":"raised"}]}`).want(t, 201)
	if e := s.entry(t, 3); !strings.HasPrefix(e.Headline, "Tariffs：") || strings.Contains(e.Headline, "raised") {
		t.Errorf("in Chinese the headline is %q", e.Headline)
	}
}
