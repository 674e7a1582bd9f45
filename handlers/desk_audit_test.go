package handlers

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"
)

// It fails if the audit lacks a login, a refused login or a write, or if it has a password, a text or an address that
// nobody has.
func TestAuditPage(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "Canary headline", Body: "Canary text."})
	stranger := &browser{site: s}
	stranger.post(t, "/login", url.Values{"email": {s.users[liveblog.Editor].Email}, "password": {"canary password"}})
	stranger.post(t, "/login", url.Values{"email": {"canary@example.org"}, "password": {"canary password"}})
	admin := s.browser(t, liveblog.Admin)
	for _, path := range []string{"/admin/audit", "/admin/audit.csv", "/admin/audit.json"} {
		a := admin.get(t, path).want(t, 200)
		for _, want := range []string{"login.refused", "entry.post", "The editor"} {
			if !strings.Contains(string(a.body), want) {
				t.Errorf("%s lacks %q", path, want)
			}
		}
		if strings.Contains(strings.ToLower(string(a.body)), "canary") {
			t.Errorf("%s has what it must not: %s", path, a.body)
		}
	}
	a := admin.get(t, "/desk/summit/audit?what=entry&who=The+editor").want(t, 200)
	if rows := a.doc(t).Find("table.audit tbody tr").Length(); rows != 1 {
		t.Errorf("%d lines match the filter, want 1", rows)
	}
	for path, field := range map[string]string{"?since=yesterday": "since", "?until=2025-02-30": "until",
		"?what=ENTRY": "what", "?since=2025-10-31&until=2025-10-01": "until"} {
		problem := admin.get(t, "/admin/audit"+path).want(t, 422).doc(t).Find("#audit-" + field + "-problem").Text()
		if strings.TrimSpace(problem) == "" {
			t.Errorf("%s: the page does not say what is wrong with %s", path, field)
		}
	}
}

// It fails if pages or exports repeat lines or leave any out, if an export is not complete beyond one batch, or if a
// spreadsheet would run a name as a formula.
func TestAuditPagesAndExports(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	by := s.actor(liveblog.Editor)
	by.Name = "=HYPERLINK(1)"
	const n = liveblog.MaxAuditLines + 20
	for i := range n {
		if _, err := s.desk.UpdateBlog(t.Context(), by, "summit",
			liveblog.BlogPatch{Title: new(fmt.Sprint("Title ", i))}); err != nil {
			t.Fatal(err)
		}
	}
	admin := s.browser(t, liveblog.Admin)
	rows, err := csv.NewReader(strings.NewReader(string(admin.get(t, "/desk/summit/audit.csv?what=blog.update").
		want(t, 200).body))).ReadAll()
	if err != nil || len(rows) != n+1 {
		t.Fatalf("the CSV has %d rows, want %d: %v", len(rows), n+1, err)
	}
	if rows[1][1] != "'=HYPERLINK(1)" {
		t.Errorf("the CSV has the name %q", rows[1][1])
	}
	var list struct {
		Lines []struct{ ID string }
	}
	export := admin.get(t, "/desk/summit/audit.json?what=blog.update").want(t, 200).body
	if err := json.Unmarshal(export, &list); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, l := range list.Lines {
		ids[l.ID] = true
	}
	if len(ids) != n || len(list.Lines) != n {
		t.Errorf("the JSON has %d lines, %d of them different, want %d", len(list.Lines), len(ids), n)
	}
	seen := 0
	for path := "/desk/summit/audit?what=blog.update"; path != ""; {
		doc := admin.get(t, path).want(t, 200).doc(t)
		seen += doc.Find("table.audit tbody tr").Length()
		path = doc.Find("a[rel=next]").AttrOr("href", "")
	}
	if seen != n {
		t.Errorf("the pages have %d lines, want %d", seen, n)
	}
}

// It fails if the history of an entry does not name who published it.
func TestHistoryNamesThePublisher(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	e := s.add(t, liveblog.Contributor, liveblog.EntryInput{Body: "Mine.", Status: liveblog.Draft})
	if _, err := s.desk.Edit(t.Context(), s.actor(liveblog.Editor), "summit", e.Number,
		liveblog.EntryPatch{Status: new(liveblog.Published)}, 0); err != nil {
		t.Fatal(err)
	}
	doc := s.browser(t, liveblog.Contributor).get(t, fmt.Sprintf("/desk/summit/entries/%d/history", e.Number)).
		want(t, 200).doc(t)
	if got := doc.Find(".published-by").Text(); got != "Published by The editor." {
		t.Errorf("the history says %q", got)
	}
}
