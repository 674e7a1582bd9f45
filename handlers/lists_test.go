package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"readout/liveblog"
	"readout/views/data"

	"github.com/PuerkitoBio/goquery"
)

// onwards is where a list goes on, by its Link header; "" at its end.
func onwards(a answer) string {
	path, ok := strings.CutSuffix(a.Header.Get("Link"), `>; rel="next"`)
	if !ok {
		return ""
	}
	return strings.TrimPrefix(path, "</api/v1")
}

// TestListsAreBounded holds that no answer grows with how often an entry was edited or how long entries are, and that whoever goes
// on as the answers say has each item once. It is red where a list is as long as what is there.
func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	const edits, entries = 5, 104 // more bytes than an answer holds, and more entries
	s := newDeskSite(t)
	long := strings.Repeat("&", liveblog.MaxBody-9) // which takes sixteen times as much as JSON and as HTML in JSON
	for number, body := range []string{long, "They met."} {
		s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "First."})
		for i := range edits {
			patch := liveblog.EntryPatch{Body: new(fmt.Sprint(body, i))}
			if _, err := s.desk.Edit(t.Context(), s.actor(liveblog.Editor), "summit", number+1, patch, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range entries - 2 {
		s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "They talk on."})
	}
	for _, list := range []struct {
		path string
		want int
	}{
		{"/blogs/summit/entries/1/revisions", edits + 1},
		{"/blogs/summit/entries/2/revisions?limit=2", edits + 1},
		{"/blogs/summit/entries?limit=100", entries},
	} {
		var got []int
		for path := list.path; path != ""; {
			a := s.call(t, liveblog.Editor, "GET", path, "").want(t, 200)
			if len(a.body) > 5<<20 {
				t.Errorf("%s answers %d bytes", path, len(a.body))
			}
			var page struct {
				Revisions, Entries []data.Entry
				Older              bool
			}
			a.json(t, &page)
			for _, e := range page.Revisions {
				got = append(got, e.Revision)
			}
			for _, e := range page.Entries {
				got = append(got, e.Number)
			}
			if path = onwards(a); page.Older != (path != "") {
				t.Fatalf("older is %t, and the next page %q", page.Older, path)
			}
			if len(got) > list.want {
				break
			}
		}
		var want []int
		for n := list.want; n > 0; n-- {
			want = append(want, n)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has %v", list.path, got)
		}
	}
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1/revisions?limit=101", "").problem(t, 400, liveblog.Malformed, "limit")
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1/revisions?before=x", "").problem(t, 400, liveblog.Malformed, "before")
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1/revisions?before=1", "").want(t, 200)
}

// TestHistoryInPages holds that the desk shows a history in parts, each revision with what it changed.
func TestHistoryInPages(t *testing.T) {
	t.Parallel()
	const edits = 44
	s := newDeskSite(t)
	s.add(t, liveblog.Contributor, liveblog.EntryInput{Body: "They met 0 times.", Status: liveblog.Draft})
	for i := range edits {
		patch := liveblog.EntryPatch{Body: new(fmt.Sprintf("They met %d times.", i+1))}
		if i == 30 {
			patch.Status = new(liveblog.Published)
		}
		if _, err := s.desk.Edit(t.Context(), s.actor(liveblog.Editor), "summit", 1, patch, 0); err != nil {
			t.Fatal(err)
		}
	}
	const first = "/desk/summit/entries/1/history"
	b := s.browser(t, liveblog.Editor)
	number, pages := edits+1, 0
	for path := first; path != ""; pages++ {
		doc := b.get(t, path).want(t, 200).doc(t)
		if got := doc.Find(`.paging a:contains("Newest")`).Length(); got != min(pages, 1) {
			t.Errorf("page %d has %d ways back", pages, got)
		}
		doc.Find(".revision").Each(func(_ int, r *goquery.Selection) {
			if got, _ := r.Attr("value"); got != fmt.Sprint(number) {
				t.Errorf("revision %s stands where %d should", got, number)
			}
			if got, want := marked(r, "del"), fmt.Sprint(number-2); number > 1 && got != want && got != want+"|draft" {
				t.Errorf("revision %d says that %q went, want %q", number, got, want)
			}
			number--
		})
		path, _ = doc.Find(`.paging a[rel=next]`).Attr("href")
	}
	if number != 0 || pages != 3 {
		t.Errorf("%d pages lead down to revision %d", pages, number+1)
	}
	b.get(t, first+"?before=x").want(t, 400)
}
