package handlers

import (
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
