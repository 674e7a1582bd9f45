package server_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
)

// The tests of the contract check what programs outside the project rely on: paths, statuses, headers and the objects
// on the wire. They talk over the network to a whole node.

const (
	contractPatience = time.Minute // how long a request or a read may take
	partnerOrigin    = "https://partner.example"
)

// operator is an actor like the command line's.
var operator = liveblog.Actor{ID: "u_operator", Name: "The operator", Role: liveblog.Admin}

// contract is a running node with the blog "summit" and a token of each role.
type contract struct {
	url    string
	tokens map[liveblog.Role]string
	client *http.Client
	stop   func() // stops the node; more than one call is fine
}

func newContract(t *testing.T) *contract {
	t.Helper()
	n, err := server.Open(t.Context(), server.Settings{
		Listen:       "127.0.0.1:0",
		Database:     "sqlite:" + filepath.Join(t.TempDir(), "readout.db"),
		EmbedOrigins: []string{partnerOrigin, "https://*.paper.example"},
		Log:          slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx) }()
	c := &contract{url: n.BaseURL, tokens: map[liveblog.Role]string{}, stop: stop, client: &http.Client{
		Transport: &http.Transport{}, Timeout: contractPatience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(func() {
		c.client.CloseIdleConnections()
		stop()
		if err := <-served; err != nil {
			t.Errorf("the node stopped with an error: %v", err)
		}
	})
	for _, role := range []liveblog.Role{liveblog.Admin, liveblog.Editor, liveblog.Contributor} {
		if c.tokens[role], err = n.Accounts.AddToken(t.Context(), operator,
			liveblog.NewToken{Name: "The " + string(role), Role: role}); err != nil {
			t.Fatal(err)
		}
	}
	c.api(t, liveblog.Editor, "POST", "/blogs", `{"slug":"summit","title":"The summit","status":"live"}`).want(t, 201)
	return c
}

// contractAnswer is a response with its whole body.
type contractAnswer struct {
	*http.Response
	body []byte
}

// do sends a request. Headers are pairs of a name and a value.
func (c *contract) do(t *testing.T, method, path, body string, headers ...string) contractAnswer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return contractAnswer{res, b}
}

// api sends JSON to the API with the token of a role.
func (c *contract) api(t *testing.T, role liveblog.Role, method, path, body string, headers ...string) contractAnswer {
	t.Helper()
	all := []string{"Authorization", "Bearer " + c.tokens[role], "Content-Type", "application/json"}
	return c.do(t, method, "/api/v1"+path, body, append(all, headers...)...)
}

// post adds an entry and returns it as the API shows it.
func (c *contract) post(t *testing.T, body string) map[string]any {
	t.Helper()
	return c.api(t, liveblog.Editor, "POST", "/blogs/summit/entries", body).want(t, 201).object(t)
}

func (a contractAnswer) want(t *testing.T, status int) contractAnswer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s: the status is %d, want %d: %s", a.Request.Method, a.Request.URL, a.StatusCode, status, a.body)
	}
	return a
}

func (a contractAnswer) header(t *testing.T, name, want string) contractAnswer {
	t.Helper()
	if got := a.Header.Get(name); got != want {
		t.Errorf("%s %s: %s is %q, want %q", a.Request.Method, a.Request.URL, name, got, want)
	}
	return a
}

func (a contractAnswer) object(t *testing.T) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(a.body, &o); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return o
}

// problem checks that the answer is a problem as in RFC 9457 with the code and, unless field is "", that invalid field.
func (a contractAnswer) problem(t *testing.T, status int, code, field string) contractAnswer {
	t.Helper()
	a.want(t, status).header(t, "Content-Type", "application/problem+json")
	var p struct {
		Type, Title, Detail, Code string
		Status                    int
		Errors                    []struct{ Field, Message string }
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	title := http.StatusText(status)
	if p.Type != "about:blank" || p.Title != title || p.Status != status || p.Detail == "" || p.Code != code {
		t.Errorf("the problem is %s, want the code %s", a.body, code)
	}
	if field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != field || p.Errors[0].Message == "") {
		t.Errorf("the problem is %s, want one with the field %s", a.body, field)
	}
	return a
}

func TestContractOfEntries(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	a := c.api(t, liveblog.Editor, "POST", "/blogs/summit/entries",
		`{"headline":"Talks begin","body":"They *met*.","key_event":true}`).want(t, 201).
		header(t, "Location", "/api/v1/blogs/summit/entries/1").
		header(t, "ETag", `"1"`).
		header(t, "Content-Type", "application/json")
	e := a.object(t)
	for name, want := range map[string]any{
		"number": 1.0, "revision": 1.0, "headline": "Talks begin", "body": "They *met*.",
		"author": "The editor", "key_event": true, "pinned": false, "status": "published",
	} {
		if e[name] != want {
			t.Errorf("%s is %v, want %v", name, e[name], want)
		}
	}
	for _, name := range []string{"published_at", "updated_at"} {
		text, _ := e[name].(string)
		if at, err := time.Parse(time.RFC3339, text); err != nil || at.Location() != time.UTC {
			t.Errorf("%s is %v, want a time in UTC", name, e[name])
		}
	}
	if acts, ok := e["acts"].([]any); !ok || len(acts) != 0 {
		t.Errorf("acts are %v, want none", e["acts"])
	}

	const path = "/blogs/summit/entries/1"
	c.api(t, liveblog.Contributor, "GET", path, "").want(t, 200).header(t, "ETag", `"1"`)
	edited := c.api(t, liveblog.Editor, "PATCH", path, `{"body":"They parted."}`, "If-Match", `"1"`).want(t, 200).
		header(t, "ETag", `"2"`).object(t)
	if edited["revision"] != 2.0 || edited["body"] != "They parted." || edited["headline"] != "Talks begin" {
		t.Errorf("the edited entry is %v", edited)
	}
	for _, method := range []string{"PATCH", "DELETE"} {
		c.api(t, liveblog.Editor, method, path, `{"body":"Too late."}`, "If-Match", `"1"`).
			problem(t, 412, "stale_revision", "revision").header(t, "ETag", `"2"`)
	}
	if body := c.api(t, liveblog.Editor, "GET", path, "").want(t, 200).object(t)["body"]; body != "They parted." {
		t.Errorf("after refused writes the entry's text is %v", body)
	}
	if gone := c.api(t, liveblog.Editor, "DELETE", path, "", "If-Match", `"2"`).want(t, 204); len(gone.body) > 0 {
		t.Errorf("a 204 with the body %s", gone.body)
	}
	c.api(t, liveblog.Editor, "GET", path, "").problem(t, 410, "gone", "number")
	if next := c.post(t, `{"body":"Another."}`); next["number"] != 2.0 {
		t.Errorf("after a removal the next number is %v, want 2", next["number"])
	}
}

func TestContractOfIdempotencyKeys(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	post := func(body string) contractAnswer {
		t.Helper()
		return c.api(t, liveblog.Editor, "POST", "/blogs/summit/entries", body, "Idempotency-Key", "wire-2026-11-04-17")
	}
	first := post(`{"body":"Once."}`).want(t, 201).header(t, "Idempotency-Replayed", "")
	again := post(`{"body":"Once."}`).want(t, 201).
		header(t, "Idempotency-Replayed", "true").
		header(t, "ETag", `"1"`).
		header(t, "Location", "/api/v1/blogs/summit/entries/1")
	if string(again.body) != string(first.body) {
		t.Errorf("the first answer is %s, that to the repeated request %s", first.body, again.body)
	}
	post(`{"body":"Something else."}`).problem(t, 422, "key_reused", "Idempotency-Key")
	list := c.api(t, liveblog.Editor, "GET", "/blogs/summit/entries", "").want(t, 200).object(t)
	if entries, _ := list["entries"].([]any); len(entries) != 1 {
		t.Errorf("there are %d entries, want 1", len(entries))
	}
}

func TestContractOfRefusals(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	c.post(t, `{"body":"One."}`)
	const entries = "/blogs/summit/entries"
	mebibyte := `{"body":"` + strings.Repeat("x", 1<<20) + `"}`
	tooLong := `{"body":"` + strings.Repeat("x", liveblog.MaxBody+1) + `"}`
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		code, field              string
	}{
		{"an unknown field", "POST", entries, `{"body":"x","colour":"red"}`, 400, "malformed", "colour"},
		{"a field that only the server sets", "PATCH", entries + "/1", `{"number":7}`, 400, "malformed", "number"},
		{"truncated JSON", "POST", entries, `{"body":`, 400, "malformed", ""},
		{"a list for an object", "POST", entries, `[]`, 400, "malformed", ""},
		{"a request over a mebibyte", "POST", entries, mebibyte, 413, "too_large", ""},
		{"a text over its limit", "POST", entries, tooLong, 422, "invalid", "body"},
		{"no text", "POST", entries, `{"headline":" "}`, 422, "invalid", "body"},
		{"an invalid slug", "POST", "/blogs", `{"slug":"Süd Korea","title":"x"}`, 422, "invalid", "slug"},
		{"an unknown time zone", "POST", "/blogs", `{"slug":"apec","title":"x","time_zone":"Mars/Base"}`,
			422, "invalid", "time_zone"},
		{"an unknown blog", "POST", "/blogs/nowhere/entries", `{"body":"x"}`, 404, "not_found", "slug"},
		{"an unknown entry", "PATCH", entries + "/9", `{"body":"x"}`, 404, "not_found", "number"},
		{"a slug that is taken", "POST", "/blogs", `{"slug":"summit","title":"x"}`, 409, "conflict", "slug"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c.api(t, liveblog.Editor, tc.method, tc.path, tc.body).problem(t, tc.status, tc.code, tc.field)
		})
	}
	list, _ := c.api(t, liveblog.Editor, "GET", entries, "").want(t, 200).object(t)["entries"].([]any)
	if len(list) != 1 {
		t.Errorf("after refused requests there are %d entries, want 1", len(list))
	}
}

func TestContractOfRoles(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	const path = "/api/v1/blogs/summit/entries"
	for name, header := range map[string]string{
		"no token":       "",
		"a wrong token":  "Bearer readout_nobody",
		"another scheme": "Basic " + c.tokens[liveblog.Editor],
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"GET", "POST"} {
				a := c.do(t, method, path, `{"body":"x"}`, "Authorization", header, "Content-Type", "application/json").
					problem(t, 401, "unauthorized", "")
				if !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
					t.Errorf("WWW-Authenticate is %q", a.Header.Get("WWW-Authenticate"))
				}
			}
		})
	}
	c.api(t, liveblog.Contributor, "POST", "/blogs/summit/entries", `{"body":"Mine."}`).problem(t, 403, "forbidden", "")
	c.api(t, liveblog.Contributor, "POST", "/blogs", `{"slug":"apec","title":"x"}`).problem(t, 403, "forbidden", "")
	c.api(t, liveblog.Contributor, "POST", "/blogs/summit/entries", `{"body":"Mine.","status":"draft"}`).want(t, 201)
	c.do(t, "GET", "/live/summit/1", "", "Accept", "text/html").want(t, 404) // readers do not see drafts
}

func TestContractOfErrorPages(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	for _, path := range []string{
		"/live/nowhere", "/live/summit/9", "/live/summit/x", "/embed/nowhere", "/nowhere", "/assets/reader.js",
	} {
		t.Run(path, func(t *testing.T) {
			page := c.do(t, "GET", path, "", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8").want(t, 404).
				header(t, "Content-Type", "text/html; charset=utf-8")
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(page.body)))
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(doc.Find("main h1").Text()) == "" || doc.Find(`a[href="/"]`).Length() == 0 {
				t.Errorf("the page has no heading or no link to the front page:\n%s", page.body)
			}
			c.do(t, "GET", path, "", "Accept", "application/json").problem(t, 404, "not_found", "")
			c.do(t, "GET", path, "", "Accept", "application/problem+json").problem(t, 404, "not_found", "")
		})
	}
	c.api(t, liveblog.Admin, "PATCH", "/blogs/summit", `{"language":"ko"}`).want(t, 200)
	for _, path := range []string{"/live/summit/9", "/live/summit?before=x", "/live/summit/board/none"} {
		page := string(c.do(t, "GET", path, "", "Accept", "text/html").body)
		if !strings.Contains(page, `<html lang="ko"`) || !strings.Contains(page, `href="/live/summit"`) {
			t.Errorf("the answer to %s is not in the blog's language, or has no link to the blog:\n%s", path, page)
		}
	}
	for _, path := range []string{"/live/nowhere/ws", "/live/nowhere/events", "/live/nowhere/changes"} {
		c.do(t, "GET", path, "", "Accept", "*/*").problem(t, 404, "not_found", "slug")
	}
	for _, path := range []string{"/live/summit/ws", "/live/summit/events", "/live/summit/changes"} {
		for _, cursor := range []string{"1", "abc.1", "9f2c41d07ab3.-1", "9f2c41d07ab3.1.2", "%00"} {
			c.do(t, "GET", path+"?after="+cursor, "").problem(t, 400, "malformed", "after")
		}
	}
}
