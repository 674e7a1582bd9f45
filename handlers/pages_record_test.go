package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
)

func TestRecordPages(t *testing.T) {
	t.Parallel()
	s := newRecordSite(t)
	for path, want := range map[string]string{
		"/live/summit/agenda":                "Agenda",
		"/live/summit/speakers":              "Who said what",
		"/live/summit/speakers/wu-xinbo":     "Wu Xinbo",
		"/live/summit/readouts":              "Readouts",
		"/live/summit/readouts/leaders":      "The leaders’ meeting",
		"/live/summit/texts":                 "Texts",
		"/live/summit/texts/joint-statement": "Joint statement",
		"/live/summit/briefing":              "Briefing",
	} {
		first := s.do(t, "GET", path, "").want(t, 200).header(t, "Cache-Control", web.CacheLive).
			header(t, "Content-Type", "text/html; charset=utf-8")
		doc := first.html(t)
		if got := words(doc.Find("[data-talks] > h2")); got != want {
			t.Errorf("the title of %s is %q, want %q", path, got, want)
		}
		if doc.Find("[data-talks] .stated, [data-talks] .glance, [data-talks] h3 a").Length() == 0 {
			t.Errorf("%s lacks what was stated", path)
		}
		s.do(t, "GET", path, "", "If-None-Match", first.Header.Get("ETag")).want(t, 304)
		past := s.do(t, "GET", path+"?at=2025-01-01T00:00:00Z", "")
		switch path {
		case "/live/summit/texts/joint-statement":
			past.want(t, 404)
		default:
			if got := words(past.want(t, 200).header(t, "Cache-Control", web.CachePast).html(t).
				Find(".moment")); !strings.Contains(got, "1 Jan 2025") {
				t.Errorf("%s does not show its moment: %q", path, got)
			}
			if past.html(t).Find(".stated").Length() != 0 {
				t.Errorf("%s shows what was stated later", path)
			}
		}
		s.do(t, "GET", path+"?at=yesterday", "").want(t, 400)
	}
}

func TestRecordPagesNameWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newRecordSite(t)
	for path, want := range map[string]string{
		"/live/nowhere/speakers":         "nowhere",
		"/live/nowhere/briefing":         "nowhere",
		"/live/nowhere/agenda.ics":       "nowhere",
		"/live/summit/speakers/somebody": "There is no speaker “somebody” in this blog.",
		"/live/summit/readouts/lunch":    "There is no meeting “lunch” in this blog.",
		"/live/summit/texts/treaty":      "There is no text “treaty” in this blog.",
		"/live/summit/texts/joint-statement?to=draft+9": "This text has no version “draft 9”. " +
			"It has “draft 1”, “draft 2”.",
		"/live/summit/texts/joint-statement?from=draft+0": "This text has no version “draft 0”.",
	} {
		a := s.do(t, "GET", path, "").want(t, 404).header(t, "Content-Type", "text/html; charset=utf-8")
		if got := words(a.html(t).Find("main")); !strings.Contains(got, want) {
			t.Errorf("the message at %s is %q, want %q", path, got, want)
		}
	}
	s.do(t, "GET", "/live/summit/texts/joint-statement?to=draft+9", "", "Accept", "application/json").
		problem(t, 404, liveblog.NotFound, "to")
}

func TestQueryChoosesTextVersions(t *testing.T) {
	t.Parallel()
	s := newRecordSite(t)
	for query, want := range map[string]string{
		"":                         "The two sides [added: may ] agree.",
		"?from=draft+1&to=draft+2": "The two sides [added: may ] agree.",
		"?from=draft+2&to=draft+1": "The two sides [deleted: may ] agree.",
		"?from=draft+1&to=draft+1": "The two sides agree.",
		"?to=draft+1":              "The two sides agree.",
	} {
		doc := s.do(t, "GET", "/live/summit/texts/joint-statement"+query, "").want(t, 200).html(t)
		if got := words(doc.Find(".text-body")); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
		if doc.Find("form.choose[method=get] select").Length() != 2 {
			t.Errorf("%s: the page does not offer other versions", query)
		}
	}
}

func TestBriefingShowsOneMoment(t *testing.T) {
	t.Parallel()
	s := newRecordSite(t)
	s.post(t, `{"body":"One thing.","summary":true,"key_event":true,"headline":"Known"}`)
	then := time.Now()
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/6", `{"body":"Another thing."}`, "If-Match", "*").
		want(t, 200)
	known := func(query string) string {
		return words(s.do(t, "GET", "/live/summit/briefing"+query, "").want(t, 200).html(t).Find(".known .prose"))
	}
	if got := known(""); got != "Another thing." {
		t.Errorf("now: %q", got)
	}
	if got := known("?at=" + url.QueryEscape(then.Format(time.RFC3339Nano))); got != "One thing." {
		t.Errorf("then: %q", got)
	}
}
