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

// nextPage returns the path in the Link header of a list, "" on its last page.
func nextPage(a answer) string {
	path, ok := strings.CutSuffix(a.Header.Get("Link"), `>; rel="next"`)
	if !ok {
		return ""
	}
	return strings.TrimPrefix(path, "</api/v1")
}

// TestListsAreBounded checks that no answer grows with the number of revisions or the length of entries, and that a
// client that follows the links gets each item exactly once.
func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	const edits, entries = 5, 104 // more than fit into one answer, by size and by number
	s := newDeskSite(t)
	long := strings.Repeat("&", liveblog.MaxBody-9) // sixteen times as long in JSON, where its HTML is escaped again
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
				t.Errorf("the answer to %s has %d bytes", path, len(a.body))
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
			if path = nextPage(a); page.Older != (path != "") {
				t.Fatalf("older is %t, but the next page is %q", page.Older, path)
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
			t.Errorf("the items of %s are %v", list.path, got)
		}
	}
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1/revisions?limit=101", "").
		problem(t, 400, liveblog.Malformed, "limit")
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1/revisions?before=x", "").
		problem(t, 400, liveblog.Malformed, "before")
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1/revisions?before=1", "").want(t, 200)
}

// TestHistoryIsPaginated checks that the desk shows a history in pages, each revision with its changes.
func TestHistoryIsPaginated(t *testing.T) {
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
			t.Errorf("page %d has %d links back", pages, got)
		}
		doc.Find(".revision").Each(func(_ int, r *goquery.Selection) {
			if got, _ := r.Attr("value"); got != fmt.Sprint(number) {
				t.Errorf("revision %s is shown in place of %d", got, number)
			}
			if got, want := marked(r, "del"), fmt.Sprint(number-2); number > 1 && got != want && got != want+"|draft" {
				t.Errorf("revision %d shows %q as deleted, want %q", number, got, want)
			}
			number--
		})
		path, _ = doc.Find(`.paging a[rel=next]`).Attr("href")
	}
	if number != 0 || pages != 3 {
		t.Errorf("%d pages lead to revision %d", pages, number+1)
	}
	b.get(t, first+"?before=x").want(t, 400)
}
