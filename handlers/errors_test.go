package handlers

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"readout/handlers/web"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// failing returns a site where GET /fail fails with *err after it has written part of an answer.
func failing(t *testing.T, err *error) *site {
	s := newSite(t)
	s.app.Get("/fail", func(c *fiber.Ctx) error {
		c.Set("ETag", `"of-what-was-to-be-sent"`)
		c.WriteString("half an answer")
		return *err
	})
	s.app.Get("/panic", func(c *fiber.Ctx) error { panic("SECRET went wrong") })
	return s
}

func TestErrorTable(t *testing.T) {
	t.Parallel()
	var failure error
	s := failing(t, &failure)
	stale := &web.StaleEntry{Err: liveblog.StaleRevision(4, 7), Current: 7}
	for _, tc := range []struct {
		err    error
		status int
		code   liveblog.Code
		field  string
		header string // a header and its value
	}{
		{liveblog.FieldErrorf(liveblog.Malformed, "after", "No."), 400, liveblog.Malformed, "after", ""},
		{liveblog.FieldErrorf(liveblog.Invalid, "title", "No."), 422, liveblog.Invalid, "title", ""},
		{liveblog.Errorf(liveblog.Unauthorized, "No."), 401, liveblog.Unauthorized, "",
			`Www-Authenticate: Bearer realm="readout"`},
		{liveblog.Errorf(liveblog.Forbidden, "No."), 403, liveblog.Forbidden, "", ""},
		{liveblog.Errorf(liveblog.NotFound, "No."), 404, liveblog.NotFound, "", ""},
		{liveblog.Errorf(liveblog.Gone, "No."), 410, liveblog.Gone, "", ""},
		{liveblog.FieldErrorf(liveblog.Conflict, "slug", "No."), 409, liveblog.Conflict, "slug", ""},
		{stale, 412, liveblog.Stale, "revision", `Etag: "7"`},
		{liveblog.Errorf(liveblog.KeyReused, "No."), 422, liveblog.KeyReused, "", ""},
		{liveblog.Errorf(liveblog.TooLarge, "No."), 413, liveblog.TooLarge, "", ""},
		{liveblog.Errorf(liveblog.TooMany, "No."), 429, liveblog.TooMany, "", "Retry-After: 5"},
		{liveblog.Errorf(liveblog.Unavailable, "No."), 503, liveblog.Unavailable, "", "Retry-After: 5"},
		{liveblog.Errorf(liveblog.Internal, "SECRET"), 500, liveblog.Internal, "", ""},
		{liveblog.Errorf("of_tomorrow", "SECRET"), 500, liveblog.Internal, "", ""},
		{errors.New("SECRET"), 500, liveblog.Internal, "", ""},
		{fmt.Errorf("wrapped: %w", liveblog.Errorf(liveblog.NotFound, "No.")), 404, liveblog.NotFound, "", ""},
		{fiber.ErrRequestHeaderFieldsTooLarge, 431, web.HeadersTooLarge, "", ""},
		{fiber.ErrRequestTimeout, 408, web.RequestTimeout, "", ""},
		{fiber.NewError(418, "SECRET"), 400, liveblog.Malformed, "", ""},
		{fiber.NewError(504, "SECRET"), 500, liveblog.Internal, "", ""},
	} {
		failure = tc.err
		a := s.do(t, "GET", "/fail", "", "Accept", "application/json")
		// A status that is not in the table.
		p := a.problem(t, tc.status, tc.code, tc.field)
		if name, value, ok := strings.Cut(tc.header, ": "); ok {
			a.header(t, name, value)
		}
		if tc.code != liveblog.Stale {
			a.header(t, "ETag", "")
		}
		if tc.status == 412 && p.CurrentRevision != 7 {
			t.Errorf("the problem names revision %d as the current one, want 7", p.CurrentRevision)
		}
		if strings.Contains(string(a.body), "SECRET") || strings.Contains(string(a.body), "half") {
			t.Errorf("the answer to %v shows its cause: %s", tc.err, a.body)
		}
		if logged := p.RequestID != "" && strings.Contains(s.log.String(), p.RequestID); logged != (tc.status >= 500) {
			t.Errorf("%v: request id %q, logged: %t", tc.err, p.RequestID, logged)
		}
	}
}

func TestCauseIsLoggedOnceAndNotShown(t *testing.T) {
	t.Parallel()
	var failure error = &liveblog.Error{Code: liveblog.Unavailable, Message: "The store is unavailable.",
		Err: errors.New("SECRET cause")}
	s := failing(t, &failure)
	a := s.do(t, "GET", "/fail", "", "Accept", "text/html").want(t, 503).
		header(t, "Content-Type", "text/html; charset=utf-8")
	if strings.Contains(string(a.body), "SECRET") || strings.Contains(string(a.body), "half") {
		t.Errorf("the page shows the cause: %s", a.body)
	}
	if n := strings.Count(s.log.String(), "SECRET cause"); n != 1 {
		t.Errorf("the cause is in the log %d times:\n%s", n, s.log)
	}
}

func TestPanicBecomesAnAnswer(t *testing.T) {
	t.Parallel()
	s := failing(t, new(error))
	a := s.do(t, "GET", "/panic", "", "Accept", "application/json")
	a.problem(t, 500, liveblog.Internal, "")
	if strings.Contains(string(a.body), "SECRET") || !strings.Contains(s.log.String(), "SECRET") {
		t.Errorf("the answer is %s, the log %s", a.body, s.log)
	}
	s.do(t, "GET", "/healthz", "").want(t, 200)
}

func TestWhichClientsGetAProblem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
	const page, machine = "text/html; charset=utf-8", "application/problem+json"
	for _, tc := range []struct{ path, accept, want string }{
		{"/nowhere", browser, page},
		{"/nowhere", "", page},
		{"/nowhere", "*/*", page},
		{"/nowhere", "image/avif,image/webp", page},
		{"/nowhere", "application/json", machine},
		{"/nowhere", "application/problem+json", machine},
		{"/nowhere", "text/html;q=0.5, application/json", machine},
		{"/live/nowhere", browser, page},
		{"/live/nowhere/ws", browser, machine},
		{"/live/nowhere/events", "text/event-stream", machine},
		{"/live/nowhere/changes", "*/*", machine},
		{"/live/nowhere/12", "*/*", page},
		{"/api/v1/blogs", browser, machine},
		{"/api/nowhere", browser, machine},
	} {
		a := s.do(t, "GET", tc.path, "", "Accept", tc.accept)
		if a.Header.Get("Content-Type") != tc.want || a.StatusCode < 400 {
			t.Errorf("%s for %q: %d with %s, want %s", tc.path, tc.accept, a.StatusCode,
				a.Header.Get("Content-Type"), tc.want)
		}
	}
}

func TestMethodsAndEncodings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.do(t, "POST", "/live/summit", "", "Accept", "application/json")
	a.problem(t, 405, web.MethodNotAllowed, "")
	if allow := a.Header.Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "HEAD") ||
		strings.Contains(allow, "POST") {
		t.Errorf("Allow is %q", allow)
	}
	a = s.call(t, liveblog.Editor, "PUT", "/blogs/summit/entries/1", "{}")
	a.problem(t, 405, web.MethodNotAllowed, "")
	if allow := a.Header.Get("Allow"); !strings.Contains(allow, "PATCH") || !strings.Contains(allow, "DELETE") {
		t.Errorf("Allow is %q", allow)
	}
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", "\x1f\x8b", "Content-Encoding", "gzip").
		header(t, "Accept-Encoding", "identity").problem(t, 415, web.UnsupportedMedia, "Content-Encoding")
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"Text."}`, "Content-Encoding", "identity").
		want(t, 201)
}

func TestRequestLogHidesAddresses(t *testing.T) {
	t.Parallel()
	// the peer's address in tests without a network
	s := newSite(t, func(o *Options) { o.TrustedProxies = []string{"0.0.0.0"} })
	s.do(t, "GET", "/live/summit?before=abc&q=whatIseek", "", "X-Forwarded-For", "203.0.113.77")
	line := s.log.String()
	for _, want := range []string{"method=GET", "path=/live/summit ", "status=400", "client=203.0.113.0/24",
		"code=malformed", "took="} {
		if !strings.Contains(line, want) {
			t.Errorf("the log line lacks %s: %s", want, line)
		}
	}
	for _, secret := range []string{"203.0.113.77", "whatIseek"} {
		if strings.Contains(line, secret) {
			t.Errorf("the log line contains %s: %s", secret, line)
		}
	}
}
