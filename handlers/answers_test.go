package handlers

import (
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/assets"
	"readout/liveblog"
)

// publicPaths are the paths of the route tables that need no session and no token.
func publicPaths() (paths []string) {
	for _, row := range routeRows {
		if row.method == "GET" && !strings.HasPrefix(row.path, "/api/") {
			paths = append(paths, row.path)
		}
	}
	return append(paths, assets.URL("reader.js"), assets.URL("reader.css"), assets.URL("icon.svg"), "/login")
}

// Each answer with a body states its type, and each type that is text names UTF-8, so that no browser guesses either.
// It fails if an answer lacks its type, or a text its encoding.
func TestAnswersStateTheirTypes(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	editor := s.browser(t, liveblog.Editor)
	check := func(path string, a answer) {
		t.Helper()
		if len(a.body) == 0 {
			return
		}
		kind, params, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
		text := strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "/xml") || strings.HasSuffix(kind, "+xml")
		if err != nil || text && !strings.EqualFold(params["charset"], "utf-8") {
			t.Errorf("the type of %s is %q", path, a.Header.Get("Content-Type"))
		}
	}
	for _, path := range publicPaths() {
		for _, accept := range []string{"text/html", "application/json"} {
			check(path, s.do(t, "GET", path, "", "Accept", accept))
		}
	}
	for _, row := range routeRows {
		if strings.HasPrefix(row.path, "/api/") && row.method == "GET" {
			check(row.path, s.call(t, liveblog.Editor, "GET", strings.TrimPrefix(row.path, "/api/v1"), ""))
		}
	}
	for _, row := range deskRows {
		if row.method == "GET" {
			check(row.path, editor.get(t, row.path).answer)
		}
	}
}

// What needs a session is stored nowhere, and what needs a token by its own program at most. It fails if a browser may
// keep an answer of the desk, or a shared cache one of the API.
func TestPrivateAnswersAreNotStored(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "Two.", Status: liveblog.Draft})
	editor := s.browser(t, liveblog.Editor)
	for _, row := range routeRows {
		if strings.HasPrefix(row.path, "/api/") && row.method == "GET" {
			a := s.call(t, liveblog.Editor, "GET", strings.TrimPrefix(row.path, "/api/v1"), "")
			if got := a.Header.Get("Cache-Control"); got != "private, no-cache" && got != "no-store" {
				t.Errorf("the Cache-Control of %s is %q", row.path, got)
			}
		}
	}
	for _, row := range deskRows {
		if row.method == "GET" {
			editor.get(t, row.path).header(t, "Cache-Control", "no-store")
		}
	}
}

// A request that only reads changes nothing, whoever sends it. It fails if a GET, HEAD or OPTIONS writes.
func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	s.add(t, liveblog.Contributor, liveblog.EntryInput{Body: "Two.", Status: liveblog.Draft})
	admin := s.browser(t, liveblog.Admin)
	state := func() string {
		t.Helper()
		list := s.call(t, liveblog.Admin, "GET", "/blogs/summit/entries", "").want(t, 200)
		blogs := s.call(t, liveblog.Admin, "GET", "/blogs", "").want(t, 200)
		setup := s.call(t, liveblog.Admin, "GET", "/blogs/summit/setup", "").want(t, 200)
		return fmt.Sprintf("%s%s%s", list.body, blogs.body, setup.body)
	}
	before := state()
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		for _, row := range routeRows {
			if row.path != "/live/summit/events" { // would not end
				s.do(t, method, row.path, "", "Authorization", "Bearer "+s.tokens[liveblog.Admin])
			}
		}
		for _, row := range deskRows {
			fields := url.Values{"csrf": {admin.fill(t, "/desk", ".logout", nil).Get("csrf")}}
			for name, values := range row.fields {
				fields[name] = values
			}
			s.do(t, method, row.path+"?"+fields.Encode(), fields.Encode(), "Cookie", admin.cookie, "Origin", testBase,
				"Content-Type", "application/x-www-form-urlencoded")
		}
	}
	if after := state(); after != before {
		t.Errorf("reading has changed\n%s\nto\n%s", before, after)
	}
	admin.get(t, "/desk").want(t, 200) // not even the session
}

// TRACE would give scripts the headers that browsers hide from them. It fails if any path answers it.
func TestTraceIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/", "/live/summit", "/desk", "/login", "/api/v1/blogs", "/healthz", "/nowhere"} {
		a := s.do(t, "TRACE", path, "", "X-Secret", "hunter2")
		if a.StatusCode < 400 || strings.Contains(string(a.body), "hunter2") {
			t.Errorf("TRACE %s: %d, %s", path, a.StatusCode, a.body)
		}
	}
}

// Every page of the desk offers to log out. It fails if a page lacks the form.
func TestEveryDeskPageOffersLogout(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Contributor, liveblog.EntryInput{Body: "One.", Status: liveblog.Draft})
	b := s.browser(t, liveblog.Editor)
	pages := 0
	for _, row := range deskRows {
		path := strings.NewReplacer("entries/2", "entries/1", "entries/3", "entries/1", "entries/4", "entries/1",
			"entries/5", "entries/1").Replace(row.path)
		if row.method != "GET" || !strings.HasPrefix(path, "/desk") {
			continue
		}
		a := b.get(t, path)
		if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue
		}
		if pages++; a.doc(t).Find(`form[action="/logout"] [type=submit]`).Length() != 1 {
			t.Errorf("%s does not offer to log out", path)
		}
	}
	if pages < 6 {
		t.Errorf("%d pages were checked", pages)
	}
}

// Passwords are masked, and password managers may fill them in. It fails if a field of a password shows what is typed,
// or does not say whether it takes the present password or a new one.
func TestPasswordFieldsAreMasked(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	for _, path := range []string{"/login", "/login?next=/desk"} {
		a := (&browser{site: s}).get(t, path).want(t, 200)
		fields := a.doc(t).Find("input[name*=password], input[autocomplete*=password]")
		if fields.Length() == 0 {
			t.Errorf("%s has no field for a password", path)
		}
		for i := range fields.Length() {
			f := fields.Eq(i)
			if f.AttrOr("type", "") != "password" || f.Is("[readonly], [onpaste]") ||
				!slices.Contains([]string{"current-password", "new-password"}, f.AttrOr("autocomplete", "")) {
				t.Errorf("%s: the field %s is a %s for %s", path, f.AttrOr("name", ""), f.AttrOr("type", ""),
					f.AttrOr("autocomplete", ""))
			}
		}
	}
}

// A password is compared as it was sent. It fails if a login trims it, cuts it, or changes its case or its form.
func TestPasswordsAreComparedExactly(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	root := s.actor(liveblog.Admin)
	long := strings.Repeat("Ab1x9 qZ", 32) // the longest one
	for i, row := range []struct {
		password string
		wrong    []string
	}{
		{" a Space at both ends ", []string{"a Space at both ends", " a space at both ends "}},
		{"Straße nach Köln, e\u0301 und é",
			[]string{"Strasse nach Köln, e\u0301 und é", "Straße nach Köln, é und é"}},
		{"a bell \a in it", []string{"a bell \ufffd in it", "a bell  in it"}},
		{long, []string{long[:72], long[:255], long[:255] + "x", strings.ToLower(long)}},
	} {
		email := fmt.Sprintf("exact-%d@paper.example", i)
		if _, err := s.server.Accounts.AddUser(t.Context(), root, liveblog.NewUser{Email: email,
			Role: liveblog.Viewer, Password: row.password}); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range row.wrong {
			(&browser{site: s}).post(t, "/login", url.Values{"email": {email}, "password": {wrong}}).want(t, 401)
		}
		(&browser{site: s}).post(t, "/login", url.Values{"email": {email}, "password": {row.password}}).want(t, 303)
	}
}

// A client cannot write lines into the log. It fails if what a client sends ends a line, or if a line does not say when
// it was written, with the offset of the time zone.
func TestLogLinesAreOneEventEach(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/a%0Atime=x%20level=INFO", "/a%0D%0Alevel=ERROR", "/%1b%5b2J", "/live/%E2%80%A8x"} {
		s.do(t, "GET", path, "", "User-Agent", "x").want(t, 404)
	}
	lines := 0
	for line := range strings.Lines(s.log.String()) {
		lines++
		stamp, rest, _ := strings.Cut(strings.TrimPrefix(line, "time="), " ")
		if _, err := time.Parse(time.RFC3339, stamp); err != nil || !strings.HasPrefix(rest, "level=INFO ") {
			t.Errorf("the line does not begin with a time and a level: %s", line)
		}
		if strings.ContainsAny(strings.TrimSuffix(line, "\n"), "\r\x1b\u2028") {
			t.Errorf("the line has a control character: %q", line)
		}
	}
	if lines != 4 {
		t.Errorf("the log has %d lines for 4 requests:\n%s", lines, s.log)
	}
}
