package handlers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views/data"
)

func TestEntryOverTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries",
		`{"headline":"Talks","body":"They *met*.","key_event":true}`).
		want(t, 201).header(t, "Location", "/api/v1/blogs/summit/entries/1").header(t, "ETag", `"1"`).
		header(t, "Content-Type", "application/json").header(t, "Cache-Control", "private, no-cache").
		header(t, "Vary", "Authorization")
	var members map[string]any
	a.json(t, &members)
	want := []string{"acts", "author", "body", "headline", "html", "key_event", "number", "pinned", "published_at",
		"revision", "status", "summary", "updated_at"}
	var got []string
	for name := range members {
		got = append(got, name)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the members of an entry are %v, want %v", got, want)
	}
	if acts, ok := members["acts"].([]any); !ok || len(acts) != 0 {
		t.Errorf("acts is %v", members["acts"])
	}
	if at, _ := members["published_at"].(string); !strings.HasSuffix(at, "Z") {
		t.Errorf("published_at is %v, want UTC", members["published_at"])
	}

	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1", "").want(t, 200).header(t, "ETag", `"1"`)
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1", "", "If-None-Match", `"1"`).want(t, 304).
		header(t, "ETag", `"1"`)

	var e data.Entry
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"body":"They parted."}`, "If-Match", `"1"`).
		want(t, 200).header(t, "ETag", `"2"`).json(t, &e)
	if e.Revision != 2 || e.Body != "They parted." || e.Headline != "Talks" || !e.KeyEvent || e.Author != "The editor" {
		t.Errorf("the edited entry is %+v", e)
	}
	p := s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"body":"Late."}`, "If-Match", `"1"`).
		header(t, "ETag", `"2"`).problem(t, 412, liveblog.Stale, "revision")
	if p.CurrentRevision != 2 {
		t.Errorf("current_revision is %d, want 2", p.CurrentRevision)
	}
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/1", "", "If-Match", `"1"`).
		problem(t, 412, liveblog.Stale, "revision")
	for _, tag := range []string{`W/"2"`, `2`, `"1","2"`, ` `} {
		for _, method := range []string{"PATCH", "DELETE"} {
			s.call(t, liveblog.Editor, method, "/blogs/summit/entries/1", `{}`, "If-Match", tag).
				problem(t, 400, liveblog.Malformed, "If-Match")
		}
	}
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"pinned":true}`, "If-Match", "*").want(t, 200).
		header(t, "ETag", `"3"`)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"pinned":false}`).want(t, 200).
		header(t, "ETag", `"4"`)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{}`).want(t, 200).header(t, "ETag", `"4"`)

	if gone := s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/1", "", "If-Match", `"4"`).
		want(t, 204); len(gone.body) != 0 {
		t.Errorf("the 204 has the body %s", gone.body)
	}
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1", "").problem(t, 410, liveblog.Gone, "number")
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"body":"x"}`).
		problem(t, 409, liveblog.Conflict, "number")
	var list struct{ Revisions []data.Entry }
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/1/revisions", "").want(t, 200).json(t, &list)
	if len(list.Revisions) != 5 || list.Revisions[0].Status != liveblog.Removed ||
		list.Revisions[4].Body != "They *met*." {
		t.Errorf("the revisions are %+v", list.Revisions)
	}
}

func TestEntriesArePaginated(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 7 {
		s.post(t, fmt.Sprintf(`{"body":"Entry %d."}`, i+1))
	}
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"Draft.","status":"draft"}`).want(t, 201)
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/5", "").want(t, 204)
	var numbers []int
	path, pages := "/blogs/summit/entries?limit=3", 0
	for path != "" {
		a := s.call(t, liveblog.Editor, "GET", path, "").want(t, 200)
		var list struct {
			Entries []data.Entry
			Older   *bool
		}
		a.json(t, &list)
		for _, e := range list.Entries {
			numbers = append(numbers, e.Number)
		}
		link := a.Header.Get("Link")
		if list.Older == nil || *list.Older != (link != "") {
			t.Fatalf("older is %v, the link %q", list.Older, link)
		}
		path, _, _ = strings.Cut(strings.TrimPrefix(link, "</api/v1"), ">")
		if pages++; pages > 5 {
			t.Fatal("there is always a next page")
		}
	}
	if want := []int{8, 7, 6, 4, 3, 2, 1}; !slices.Equal(numbers, want) {
		t.Errorf("the list is %v, want %v", numbers, want)
	}
	for _, query := range []string{"limit=101", "limit=0", "limit=x", "limit=-1", "before=x"} {
		name, _, _ := strings.Cut(query, "=")
		s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries?"+query, "").problem(t, 400, liveblog.Malformed, name)
	}
	empty := s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries?before=1", "").want(t, 200)
	if string(empty.body) != `{"entries":[],"older":false}` {
		t.Errorf("an empty list is %s", empty.body)
	}
}

// TestContributorsCannotReadDraftsOfOthers fails if a route shows a contributor somebody else's entry that is not
// public.
func TestContributorsCannotReadDraftsOfOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const draft = `{"body":"Secret.","status":"draft"}`
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", draft).want(t, 201)
	s.call(t, liveblog.Contributor, "POST", "/blogs/summit/entries", `{"body":"Mine.","status":"draft"}`).want(t, 201)
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", draft).want(t, 201)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/3", `{"body":"For all.","status":"published"}`).
		want(t, 200)
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", draft).want(t, 201)
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/4", "").want(t, 204)

	numbers := func(role liveblog.Role) (list []int) {
		var page struct{ Entries []data.Entry }
		s.call(t, role, "GET", "/blogs/summit/entries", "").want(t, 200).json(t, &page)
		for _, e := range page.Entries {
			list = append(list, e.Number)
		}
		return list
	}
	if got := numbers(liveblog.Editor); !slices.Equal(got, []int{3, 2, 1}) {
		t.Errorf("the editor reads %v", got)
	}
	if got := numbers(liveblog.Contributor); !slices.Equal(got, []int{3, 2}) {
		t.Errorf("the contributor reads %v", got)
	}
	// Somebody else's removed entry is not shown, although it was public; one's own is.
	for _, role := range []liveblog.Role{liveblog.Editor, liveblog.Contributor} {
		number := map[liveblog.Role]string{liveblog.Editor: "5", liveblog.Contributor: "6"}[role]
		s.call(t, role, "POST", "/blogs/summit/entries", `{"body":"Public once.","status":"draft"}`).want(t, 201)
		s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/"+number, `{"status":"published"}`).want(t, 200)
		s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/"+number, "").want(t, 204)
	}
	s.call(t, liveblog.Contributor, "GET", "/blogs/summit/entries/6", "").problem(t, 410, liveblog.Gone, "number")
	s.call(t, liveblog.Contributor, "GET", "/blogs/summit/entries/6/revisions", "").want(t, 200)
	for _, path := range []string{"/1", "/1/revisions", "/4", "/4/revisions", "/5", "/5/revisions",
		"/5/revisions?before=3"} {
		s.call(t, liveblog.Contributor, "GET", "/blogs/summit/entries"+path, "").
			problem(t, 404, liveblog.NotFound, "number")
	}
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries/4", "").problem(t, 410, liveblog.Gone, "number")
	s.call(t, liveblog.Contributor, "GET", "/blogs/summit/entries/2/revisions", "").want(t, 200)
	for role, want := range map[liveblog.Role]int{liveblog.Editor: 2, liveblog.Contributor: 1} {
		var history struct{ Revisions []data.Entry }
		s.call(t, role, "GET", "/blogs/summit/entries/3/revisions", "").want(t, 200).json(t, &history)
		if len(history.Revisions) != want || history.Revisions[0].Body != "For all." {
			t.Errorf("the history for the %s is %+v", role, history.Revisions)
		}
	}
}

func TestBlogOverTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.call(t, liveblog.Editor, "POST", "/blogs",
		`{"slug":"apec","title":"APEC","time_zone":"Asia/Seoul","status":"live"}`).
		want(t, 201).header(t, "Location", "/api/v1/blogs/apec")
	var b map[string]any
	a.json(t, &b)
	for name, want := range map[string]any{"slug": "apec", "title": "APEC", "standfirst": "", "status": "live",
		"time_zone": "Asia/Seoul", "language": "en", "url": testBase + "/live/apec"} {
		if b[name] != want {
			t.Errorf("%s is %v, want %v", name, b[name], want)
		}
	}
	for _, name := range []string{"cursor", "created_at", "updated_at"} {
		if text, _ := b[name].(string); text == "" {
			t.Errorf("%s is %v", name, b[name])
		}
	}
	if len(b) != 10 {
		t.Errorf("a blog has %d members: %s", len(b), a.body)
	}
	s.call(t, liveblog.Editor, "PATCH", "/blogs/apec", `{"status":"ended"}`).want(t, 200).json(t, &b)
	if b["status"] != "ended" || b["title"] != "APEC" {
		t.Errorf("the changed blog is %v", b)
	}
	s.call(t, liveblog.Editor, "GET", "/blogs/apec", "").want(t, 200).json(t, &b)
	var list struct{ Blogs []data.Blog }
	s.call(t, liveblog.Editor, "GET", "/blogs", "").want(t, 200).json(t, &list)
	if len(list.Blogs) != 2 || list.Blogs[0].Slug != "apec" || list.Blogs[0].Status != liveblog.Ended {
		t.Errorf("the blogs are %+v", list.Blogs)
	}
}

func TestInvalidRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	s.post(t, `{"body":"Two."}`)
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/2", "").want(t, 204)
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		code                     liveblog.Code
		field                    string
	}{
		{"no body", "POST", "/blogs/summit/entries", " ", 400, liveblog.Malformed, ""},
		{"not JSON", "POST", "/blogs/summit/entries", "{", 400, liveblog.Malformed, ""},
		{"an unknown field", "POST", "/blogs/summit/entries", `{"body":"x","colour":"red"}`, 400,
			liveblog.Malformed, "colour"},
		{"a read-only field", "PATCH", "/blogs/summit/entries/1", `{"number":2}`, 400, liveblog.Malformed, "number"},
		{"a wrong type", "POST", "/blogs/summit/entries", `{"body":1}`, 422, liveblog.Invalid, "body"},
		{"no text", "POST", "/blogs/summit/entries", `{"headline":" "}`, 422, liveblog.Invalid, "body"},
		{"a blank text", "POST", "/blogs/summit/entries", `{"body":" \n "}`, 422, liveblog.Invalid, "body"},
		{"a long text", "POST", "/blogs/summit/entries", `{"body":"` + strings.Repeat("x", liveblog.MaxBody+1) + `"}`,
			422, liveblog.Invalid, "body"},
		{"a table of too many cells", "POST", "/blogs/summit/entries", `{"body":"` + manyCells + `"}`, 422,
			liveblog.Invalid, "body"},
		{"a table of too many cells in an edit", "PATCH", "/blogs/summit/entries/1", `{"body":"` + manyCells + `"}`,
			422, liveblog.Invalid, "body"},
		{"an unknown status", "POST", "/blogs/summit/entries", `{"body":"x","status":"removed"}`, 422,
			liveblog.Invalid, "status"},
		{"an empty status does not publish", "POST", "/blogs/summit/entries", `{"body":"x","status":""}`, 422,
			liveblog.Invalid, "status"},
		{"back to a draft", "PATCH", "/blogs/summit/entries/1", `{"status":"draft"}`, 409, liveblog.Conflict, "status"},
		{"no such blog", "POST", "/blogs/nowhere/entries", `{"body":"x"}`, 404, liveblog.NotFound, "slug"},
		{"no such entry", "PATCH", "/blogs/summit/entries/9", `{"body":"x"}`, 404, liveblog.NotFound, "number"},
		{"a malformed number", "PATCH", "/blogs/summit/entries/x", `{"body":"x"}`, 404, liveblog.NotFound, "number"},
		{"entries of no blog", "GET", "/blogs/nowhere/entries", "", 404, liveblog.NotFound, "slug"},
		{"an entry of no blog", "GET", "/blogs/nowhere/entries/1", "", 404, liveblog.NotFound, "slug"},
		{"revisions of no entry", "GET", "/blogs/summit/entries/9/revisions", "", 404, liveblog.NotFound, "number"},
		{"removed twice", "DELETE", "/blogs/summit/entries/2", "", 409, liveblog.Conflict, "number"},
		{"a slug with strange characters", "POST", "/blogs", `{"slug":"Süd Korea","title":"x"}`, 422,
			liveblog.Invalid, "slug"},
		{"a taken slug", "POST", "/blogs", `{"slug":"summit","title":"x"}`, 409, liveblog.Conflict, "slug"},
		{"no title", "POST", "/blogs", `{"slug":"apec"}`, 422, liveblog.Invalid, "title"},
		{"a time zone that does not exist", "POST", "/blogs", `{"slug":"apec","title":"x","time_zone":"Mars/Base"}`,
			422, liveblog.Invalid, "time_zone"},
		{"an empty time zone", "POST", "/blogs", `{"slug":"apec","title":"x","time_zone":""}`, 422,
			liveblog.Invalid, "time_zone"},
		{"a time zone that does not exist in an edit", "PATCH", "/blogs/summit", `{"time_zone":"Mars/Base"}`, 422,
			liveblog.Invalid, "time_zone"},
		{"another slug", "PATCH", "/blogs/summit", `{"slug":"apec"}`, 400, liveblog.Malformed, "slug"},
		{"no such blog to change", "PATCH", "/blogs/nowhere", `{"title":"x"}`, 404, liveblog.NotFound, "slug"},
		{"no such path", "GET", "/nowhere", "", 404, liveblog.NotFound, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s.call(t, liveblog.Editor, tc.method, tc.path, tc.body).problem(t, tc.status, tc.code, tc.field)
		})
	}
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit", `{"title":"x"}`, "If-Match", `"1"`).
		problem(t, 400, liveblog.Malformed, "If-Match")
	auth := []string{"Authorization", "Bearer " + s.tokens[liveblog.Editor]}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded",
		"application/json; charset=latin1", ";"} {
		s.do(t, "POST", "/api/v1/blogs/summit/entries", `{"body":"x"}`, append(auth, "Content-Type", contentType)...).
			problem(t, 415, web.UnsupportedMedia, "Content-Type")
	}
	s.do(t, "POST", "/api/v1/blogs/summit/entries", `{"body":"x"}`,
		append(auth, "Content-Type", "application/json; charset=utf-8")...).want(t, 201)
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const body = `{"body":"Once."}`
	post := func(role liveblog.Role, body, key string) answer {
		t.Helper()
		return s.call(t, role, "POST", "/blogs/summit/entries", body, "Idempotency-Key", key)
	}
	first := post(liveblog.Editor, body, "key-1").want(t, 201).header(t, "Idempotency-Replayed", "")
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/1", `{"body":"Edited since."}`).want(t, 200)
	again := post(liveblog.Editor, body, "key-1").want(t, 201).header(t, "Idempotency-Replayed", "true").
		header(t, "Location", "/api/v1/blogs/summit/entries/1").header(t, "ETag", `"1"`)
	if string(again.body) != string(first.body) {
		t.Errorf("the repetition answers %s, the first request %s", again.body, first.body)
	}
	post(liveblog.Editor, `{"body":"Other."}`, "key-1").problem(t, 422, liveblog.KeyReused, "Idempotency-Key")
	post(liveblog.Admin, body, "key-1").want(t, 201).header(t, "Idempotency-Replayed", "") // somebody else's key
	for _, key := range []string{"", " ", "two words", "schlüssel", "tab\tbed", strings.Repeat("k", 256)} {
		post(liveblog.Editor, body, key).problem(t, 400, liveblog.Malformed, "Idempotency-Key")
	}
	post(liveblog.Editor, body, strings.Repeat("k", 255)).want(t, 201)

	var racers sync.WaitGroup
	for range 8 {
		racers.Go(func() { post(liveblog.Editor, `{"body":"Race."}`, "race").want(t, 201) })
	}
	racers.Wait()
	var list struct{ Entries []json.RawMessage }
	s.call(t, liveblog.Editor, "GET", "/blogs/summit/entries", "").json(t, &list)
	if len(list.Entries) != 4 {
		t.Errorf("there are %d entries, want 4", len(list.Entries))
	}
}
