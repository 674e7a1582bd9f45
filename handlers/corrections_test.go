package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/handlers/reader"
	"readout/handlers/web"
	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
)

func TestCorrectionOverTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"headline":"On Monday","body":"They meet on *Monday*."}`)
	a := s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1",
		`{"body":"They meet on *Tuesday*.","correction":" The day\nwas wrong. "}`, "If-Match", `"1"`).
		want(t, 200).header(t, "ETag", `"2"`)
	var e struct {
		UpdatedAt  time.Time                  `json:"updated_at"`
		Correction map[string]json.RawMessage `json:"correction"`
	}
	check := func(a answer) {
		t.Helper()
		a.json(t, &e)
		want := map[string]string{"at": `"` + e.UpdatedAt.Format(time.RFC3339Nano) + `"`,
			"note": `"The day was wrong."`,
			"was":  `{"headline":"On Monday","body":"They meet on *Monday*."}`}
		if len(e.Correction) != len(want) {
			t.Errorf("the correction is %s", e.Correction)
		}
		for name, value := range want {
			if string(e.Correction[name]) != value {
				t.Errorf("%s of the correction is %s, want %s", name, e.Correction[name], value)
			}
		}
	}
	check(a)
	check(s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1", "").want(t, 200))
	var list struct{ Revisions []map[string]any }
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1/revisions", "").want(t, 200).json(t, &list)
	if _, ok := list.Revisions[1]["correction"]; len(list.Revisions) != 2 || ok ||
		list.Revisions[0]["correction"] == nil {
		t.Errorf("the revisions are %v", list.Revisions)
	}
	poll := s.do(t, "GET", "/live/summit/changes?format=json&after="+s.cursor(t, 1), "").want(t, 200).body
	if _, corrected, _ := strings.Cut(string(a.body), `"correction":`); corrected == "" ||
		!strings.Contains(string(poll), `"correction":`+strings.TrimSpace(corrected)) {
		t.Errorf("the poll has %s, without %s", poll, corrected)
	}

	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"headline":"On Tuesday"}`).want(t, 200).json(t, &e)
	if string(e.Correction["note"]) != `"The day was wrong."` {
		t.Errorf("after an edit that is not a correction, the correction is %s", e.Correction)
	}
}

// cursor returns the blog's cursor with another seq.
func (s *site) cursor(t *testing.T, seq int64) string {
	t.Helper()
	c, err := s.store.Store.Cursor(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	c.Seq = seq
	return c.String()
}

func TestCorrectionsRefusedByTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"A draft.","status":"draft"}`).want(t, 201)
	for _, c := range []struct {
		method, path, body string
		status             int
		code               liveblog.Code
	}{
		{"POST", "/blogs/summit/entries", `{"body":"New.","correction":"It was old."}`, 400, liveblog.Malformed},
		{"PATCH", "/blogs/summit/entries/1", `{"body":"Two.","correction":""}`, 422, liveblog.Invalid},
		{"PATCH", "/blogs/summit/entries/1", `{"body":"Two.","correction":true}`, 422, liveblog.Invalid},
		{"PATCH", "/blogs/summit/entries/1", `{"body":"Two.","correction":null}`, 422, liveblog.Invalid},
		{"PATCH", "/blogs/summit/entries/1", `{"body":"Two.","correction":"` + strings.Repeat("x", 501) + `"}`, 422,
			liveblog.Invalid},
		{"PATCH", "/blogs/summit/entries/1", `{"correction":"It was wrong."}`, 422, liveblog.Invalid},
		{"PATCH", "/blogs/summit/entries/1", `{"pinned":true,"correction":"It was wrong."}`, 422, liveblog.Invalid},
		{"PATCH", "/blogs/summit/entries/2", `{"body":"Two.","correction":"It was wrong."}`, 422, liveblog.Invalid},
		{"PATCH", "/blogs/summit/entries/2", `{"body":"Two.","status":"published","correction":"It was wrong."}`, 422,
			liveblog.Invalid},
		{"PATCH", "/blogs/summit", `{"title":"Two","correction":"It was wrong."}`, 400, liveblog.Malformed},
	} {
		s.call(t, liveblog.Editor, c.method, c.path, c.body).problem(t, c.status, c.code, "correction")
	}
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"body":"Two.","corrected":"x"}`).
		problem(t, 400, liveblog.Malformed, "corrected")
	s.call(t, liveblog.Contributor, "PATCH", "/blogs/summit/entries/1", `{"body":"Two.","correction":"It was wrong."}`).
		problem(t, 403, liveblog.Forbidden, "")
	if e, err := s.store.Store.Entry(t.Context(), "summit", 1); err != nil || e.Revision != 1 {
		t.Errorf("the entry is at revision %d, error %v", e.Revision, err)
	}
}

// correct edits an entry's text as a correction with the note.
func (s *site) correct(t *testing.T, number int, body, note string) {
	t.Helper()
	s.call(t, liveblog.Editor, "PATCH", fmt.Sprintf("/blogs/summit/entries/%d", number),
		fmt.Sprintf(`{"body":%q,"correction":%q}`, body, note)).want(t, 200)
}

func TestCorrectionsArePaginated(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const all = 2*reader.PageCorrections + 1
	s.post(t, `{"body":"Text."}`)
	s.post(t, `{"body":"Another text."}`)
	var want []string
	for i := range all {
		note := fmt.Sprintf("Note %d.", i)
		s.correct(t, 1+i%2, fmt.Sprintf("Text %d.", i), note)
		want = append(want, note)
	}
	slices.Reverse(want)
	var got []string
	for path, pages := "/live/summit/corrections", 0; path != ""; pages++ {
		a := s.do(t, "GET", path, "").want(t, 200).header(t, "Content-Type", "text/html; charset=utf-8").
			header(t, "Cache-Control", web.CacheLive).header(t, "Set-Cookie", "")
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(a.body)))
		if err != nil {
			t.Fatal(err)
		}
		doc.Find(".corrected").Each(func(_ int, p *goquery.Selection) {
			p.Find("strong").Remove()
			got = append(got, strings.TrimSpace(p.Text()))
		})
		if canonical := doc.Find("link[rel=canonical]").AttrOr("href", ""); canonical != testBase+path {
			t.Errorf("the canonical address of %s is %s", path, canonical)
		}
		if pages > 3 {
			t.Fatal("there is always a next page")
		}
		path = doc.Find(".older a[rel=next]").AttrOr("href", "")
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages list %q, want %q", got, want)
	}
}

func TestCorrectionsPageAndItsVersions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"A secret."}`)
	s.post(t, `{"body":"Text."}`)
	const path = "/live/summit/corrections"
	tag := s.do(t, "GET", path, "").want(t, 200).Header.Get("ETag")
	s.do(t, "GET", path, "", "If-None-Match", tag).want(t, 304)
	s.correct(t, 1, "Another secret.", "It was a secret.")
	a := s.do(t, "GET", path, "").want(t, 200)
	if a.Header.Get("ETag") == tag || !strings.Contains(string(a.body), "It was a secret.") ||
		!strings.Contains(string(a.body), `href="/live/summit?around=1#entry-1"`) {
		t.Errorf("the log lacks a correction: %s", a.body)
	}
	s.do(t, "GET", path+"?before=1.2", "").want(t, 200)

	// An entry that was public for less than a minute leaves no line in the log, and its corrections go with it.
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/1", "").want(t, 204)
	if a := s.do(t, "GET", path, "").want(t, 200); strings.Contains(string(a.body), "secret") ||
		strings.Contains(string(a.body), "<li id=") {
		t.Errorf("the log has a removed entry: %s", a.body)
	}
	late := liveblog.NewDesk(s.store, silentBroker{},
		liveblog.DeskOptions{Now: func() time.Time { return time.Now().Add(2 * time.Minute) }})
	s.correct(t, 2, "A last secret.", "It was no secret.")
	if _, err := late.Remove(t.Context(), liveblog.Actor{ID: "u_9", Name: "Eve", Role: liveblog.Editor},
		"summit", 2, 0); err != nil {
		t.Fatal(err)
	}
	a = s.do(t, "GET", path, "").want(t, 200)
	if strings.Contains(string(a.body), "secret") || strings.Count(string(a.body), "<li id=") != 1 ||
		!strings.Contains(string(a.body), `<li id="line-2-3">`) {
		t.Errorf("after the removal the log is %s", a.body)
	}

	for query, status := range map[string]int{"?before=1.2": 200, "?before=1.1": 404, "?before=9.1": 404,
		"?before=1": 400, "?before=01.2": 400, "?before=1.2.3": 400,
		"?before=x": 400, "?before=-1.2": 400, "?before=1.99999999999999999999": 400, "?before=": 200} {
		if a := s.do(t, "GET", path+query, "", "Accept", "application/json"); a.StatusCode != status {
			t.Errorf("%s: %d, want %d", query, a.StatusCode, status)
		} else if status >= 400 {
			a.problem(t, status, map[int]liveblog.Code{400: liveblog.Malformed, 404: liveblog.NotFound}[status],
				"before")
		}
	}
	s.do(t, "GET", "/live/nowhere/corrections", "").want(t, 404)

	kept := s.do(t, "GET", path, "").want(t, 200).Header.Get("ETag")
	s.store.down.Store(true)
	s.do(t, "GET", path, "").want(t, 200).header(t, "ETag", kept)
}

// silentBroker publishes nothing.
type silentBroker struct{ liveblog.Broker }

func (silentBroker) Publish(context.Context, liveblog.Notice) error { return nil }

func TestFeedsShowCorrections(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	s.correct(t, 1, "Two.", "It is <two>.")
	for name := range feedNames {
		item := s.feed(t, name).read(t).Items[0]
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(item.Content))
		if err != nil {
			t.Fatal(err)
		}
		first := strings.Join(strings.Fields(doc.Find("body > p").First().Text()), " ")
		if !strings.HasPrefix(first, "Correction (") || !strings.HasSuffix(first, "): It is <two>.") ||
			doc.Find("body > p").Eq(1).Text() != "Two." {
			t.Errorf("%s: the content is %s", name, item.Content)
		}
	}
}
