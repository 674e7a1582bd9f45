package handlers

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
)

// wireClient sends and receives raw HTTP.
type wireClient struct {
	net.Conn
	r *bufio.Reader
}

func dialWire(t *testing.T, address string) *wireClient {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &wireClient{conn, bufio.NewReader(conn)}
}

func (w *wireClient) send(t *testing.T, text string) *wireClient {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	return w
}

// answer reads the answer to one request with the method.
func (w *wireClient) answer(t *testing.T, method string) answer {
	t.Helper()
	res, err := http.ReadResponse(w.r, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res, body}
}

// closed checks that the server sends nothing more and closes the connection.
func (w *wireClient) closed(t *testing.T) {
	t.Helper()
	if rest, err := io.ReadAll(w.r); len(rest) > 0 {
		t.Errorf("after the answer the server sent %q (%v)", rest, err)
	}
}

func (s *site) head(role liveblog.Role, request string, more ...string) string {
	head := request + " HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
	if role != "" {
		head += "Authorization: Bearer " + s.tokens[role] + "\r\n"
	}
	return head + strings.Join(more, "\r\n") + "\r\n\r\n"
}

// The server answers while all but the first byte of the body is missing, and takes nothing from the budgets. The
// test fails if the server reads bodies itself (StreamRequestBody, BodyLimit, HeaderReceived), or if a handler reads
// one before it knows who sends it.
func TestBodiesOfUnauthorizedRequestsAreNotRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	nothing := web.NewBudget(0, 0)
	s.server.Bodies.Known, s.server.Bodies.Lapsed, s.server.Bodies.Login = nothing, nothing, nothing
	s.server.Bodies.Wait = time.Millisecond
	address := s.serve(t)
	form := "Content-Type: application/x-www-form-urlencoded"
	contributor := "Authorization: Bearer " + s.tokens[liveblog.Contributor]
	var all sync.WaitGroup
	for _, tc := range []struct {
		request string
		status  int
		headers []string
	}{
		{"GET /", 200, nil},
		{"GET /healthz", 200, nil},
		{"HEAD /healthz", 200, nil},
		{"POST /", 405, nil},
		{"GET /live/summit", 200, nil},
		{"DELETE /live/summit/1", 405, nil},
		{"POST /nowhere", 404, nil},
		{"PROPFIND /nowhere", 501, nil},
		{"GET /api/v1/blogs", 401, nil},
		{"POST /api/v1/blogs", 401, nil},
		{"PUT /api/v1/blogs/summit/setup", 401, nil},
		{"POST /api/v1/blogs/summit/entries", 401, []string{"Authorization: Bearer guessed"}},
		{"POST /api/v1/blogs", 403, []string{contributor}},
		{"PATCH /api/v1/blogs/summit", 403, []string{contributor}},
		{"PUT /api/v1/blogs/summit/setup", 403, []string{contributor}},
		{"POST /desk/summit", 401, []string{form}},
		{"POST /desk/summit", 403, []string{form, "Origin: https://evil.example"}},
		{"POST /desk/summit", 415, []string{"Content-Type: multipart/form-data; boundary=x"}},
		{"POST /login", 403, []string{form, "Sec-Fetch-Site: cross-site"}},
		{"POST /logout", 303, []string{form, "Origin: " + testBase}},
	} {
		// A length that no route accepts, one that some routes accept, and chunks.
		for _, framing := range []string{"Content-Length: 4000000", "Content-Length: 1000000",
			"Transfer-Encoding: chunked"} {
			all.Go(func() {
				headers := append([]string{framing}, tc.headers...)
				head := tc.request + " HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n" +
					strings.Join(headers, "\r\n") + "\r\n\r\n"
				w := dialWire(t, address).send(t, head)
				if framing == "Content-Length: 1000000" {
					w.send(t, "x") // the server waits for a first byte
				}
				method, _, _ := strings.Cut(tc.request, " ")
				if a := w.answer(t, method); a.StatusCode != tc.status {
					t.Errorf("%s with %q answers %d, want %d: %.200s", tc.request, headers,
						a.StatusCode, tc.status, a.body)
				} else if !a.Close {
					t.Errorf("%s with %q: the connection stays open although a long body follows", tc.request, headers)
				}
			})
		}
	}
	all.Wait()
}

// A client that sends its whole body before it reads still receives the refusal. Without linger the connection would
// be reset.
func TestRefusalIsReadAfterTheBody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.serve(t)
	megabytes := strings.Repeat("x", 4_000_000)
	var all sync.WaitGroup
	for range 20 {
		for request, status := range map[string]int{"POST /api/v1/blogs": 401, "POST /nowhere": 404} {
			all.Go(func() {
				w := dialWire(t, address).send(t, s.head("", request, "Content-Length: 4000000")).send(t, megabytes)
				w.answer(t, "POST").want(t, status)
				w.closed(t)
			})
		}
	}
	all.Wait()
	eventually(t, "no connection lingers", func() bool { return len(s.server.Bodies.Linger.Slots) == 0 })
}

// The rest of an unread body is never taken for a request. The test fails without [web.Gate.DiscardUnread], or if
// that keeps a connection open after a body of unknown length.
func TestUnreadBodyIsNotARequest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.serve(t)
	const inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(inner), inner)
	long := strings.Repeat(inner, 1+web.MaxLargeBody/len(inner))
	for name, tc := range map[string]struct {
		head, body string
		status     int
		closes     bool // the server closes the connection
	}{
		"a short body": {s.head("", "POST /api/v1/blogs", fmt.Sprintf("Content-Length: %d", len(inner))),
			inner, 401, false},
		"a short body with a GET": {s.head("", "GET /healthz", fmt.Sprintf("Content-Length: %d", len(inner))), inner,
			200, false},
		"a body over a small limit": {s.head(liveblog.Editor, "POST /api/v1/blogs", "Content-Length: 17500"),
			strings.Repeat(inner, 500), 413, false},
		"chunks":            {s.head("", "POST /api/v1/blogs", "Transfer-Encoding: chunked"), chunked, 401, true},
		"chunks with a GET": {s.head("", "GET /healthz", "Transfer-Encoding: chunked"), chunked, 200, true},
		"a long body": {s.head("", "POST /api/v1/blogs", fmt.Sprintf("Content-Length: %d", len(long))),
			long, 401, true},
		"a long body with a HEAD": {s.head("", "HEAD /healthz", fmt.Sprintf("Content-Length: %d", len(long))), long,
			200, true},
		"a long body from an editor": {s.head(liveblog.Editor, "POST /api/v1/blogs", fmt.Sprintf("Content-Length: %d",
			len(long))), long, 413, true},
		"chunks over the limit": {s.head(liveblog.Editor, "POST /api/v1/blogs", "Transfer-Encoding: chunked"),
			fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(long), long), 413, true},
		"a malformed chunk": {s.head(liveblog.Editor, "POST /api/v1/blogs", "Transfer-Encoding: chunked"),
			"zz\r\n" + inner, 400, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := dialWire(t, address).send(t, tc.head).send(t, tc.body).
				send(t, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
			method, _, _ := strings.Cut(tc.head, " ")
			if a := w.answer(t, method).want(t, tc.status); a.Close != tc.closes {
				t.Errorf("the answer says Connection: close: %t, want %t", a.Close, tc.closes)
			}
			if tc.closes {
				w.closed(t)
			} else if a := w.answer(t, "GET").want(t, 200); string(a.body) != "ok" {
				t.Errorf("the next request is answered with %s", a.body)
			}
		})
	}
	t.Cleanup(func() {
		if strings.Contains(s.log.String(), "smuggled") {
			t.Error("a body was served as a request")
		}
	})
}

// The test fails if a route has another limit, or does not release its share of the budget.
func TestBodyLimits(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	editor := s.browser(t, liveblog.Editor)
	for _, tc := range []struct {
		request string
		limit   int
	}{
		{"POST /api/v1/blogs", web.MaxSmallBody},
		{"PATCH /api/v1/blogs/summit", web.MaxSmallBody},
		{"PUT /api/v1/blogs/summit/setup", web.MaxLargeBody},
		{"POST /api/v1/blogs/summit/entries", web.MaxLargeBody},
		{"PATCH /api/v1/blogs/summit/entries/1", web.MaxLargeBody},
		{"POST /login", web.MaxSmallBody},
		{"POST /logout", web.MaxSmallBody},
		{"POST /desk", web.MaxSmallBody},
		{"POST /desk/summit", web.MaxLargeBody},
		{"POST /desk/summit/preview", web.MaxLargeBody},
		{"POST /desk/summit/paste", web.MaxLargeBody},
		{"POST /desk/summit/copies", web.MaxLargeBody},
		{"POST /desk/summit/copies/0123456789abcdef/discard", web.MaxSmallBody},
		{"POST /desk/summit/setup", web.MaxLargeBody},
		{"POST /desk/summit/settings", web.MaxSmallBody},
		{"POST /desk/summit/entries/1", web.MaxLargeBody},
		{"POST /desk/summit/entries/1/remove", web.MaxSmallBody},
	} {
		method, path, _ := strings.Cut(tc.request, " ")
		headers := []string{"Content-Type", "application/json", "Authorization", "Bearer " + s.tokens[liveblog.Editor]}
		if !strings.HasPrefix(path, "/api/") {
			headers = []string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin",
				"Cookie", editor.cookie}
		}
		headers = append(headers, "Accept", "application/json")
		if a := s.do(t, method, path, strings.Repeat("x", tc.limit), headers...); a.StatusCode == 413 {
			t.Errorf("%s does not accept %d bytes: %s", tc.request, tc.limit, a.body)
		}
		a := s.do(t, method, path, strings.Repeat("x", tc.limit+1), headers...)
		if limit := fmt.Sprintf("%d KiB", tc.limit>>10); a.StatusCode != 413 ||
			!strings.Contains(string(a.body), limit) {
			t.Errorf("%s with one byte too many answers %d without %q: %s", tc.request, a.StatusCode, limit, a.body)
		}
	}
	for name, b := range map[string]*web.Budget{"known": s.server.Bodies.Known, "lapsed": s.server.Bodies.Lapsed,
		"login": s.server.Bodies.Login} {
		if held, owners := b.Taken(); held != 0 || owners != 0 {
			t.Errorf("in the end the budget %s holds %d bytes for %d owners", name, held, owners)
		}
	}
}

// The test fails without the deadline for a body's bytes, or if a slow body's share of the budget is not released.
func TestSlowBodiesTimeOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server.Bodies.Pace = web.Pace{Grace: 30 * time.Millisecond, Rate: 1 << 30, Total: time.Hour}
	address := s.serve(t)
	for name, request := range map[string]string{
		"of known length": s.head(liveblog.Editor, "POST /api/v1/blogs/summit/entries", "Content-Length: 100000") +
			strings.Repeat(" ", 50_000),
		"in chunks": s.head(liveblog.Editor, "POST /api/v1/blogs/summit/entries", "Transfer-Encoding: chunked") +
			"5\r\n     \r\n",
		"within a chunk": s.head(liveblog.Editor, "POST /api/v1/blogs/summit/entries", "Transfer-Encoding: chunked") +
			"5\r\n  ",
	} {
		t.Run(name, func(t *testing.T) {
			w := dialWire(t, address).send(t, request)
			w.answer(t, "POST").problem(t, 408, web.RequestTimeout, "")
			w.closed(t)
		})
	}
	eventually(t, "the whole budget is free again",
		func() bool { return s.server.Bodies.Known.TryTake("", 32<<20) == nil })
}

// Bodies that arrive slowly take no more than their sender's share and leave the rest to others. The test fails if
// bodies are read outside the budget, or if all senders share one.
func TestBodiesShareABudget(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server.Bodies.Known = web.NewBudget(64<<10, 48<<10)
	s.server.Bodies.Wait = 20 * time.Millisecond
	s.server.Bodies.Pace = web.Pace{Grace: time.Hour, Rate: 1, Total: time.Hour}
	address := s.serve(t)
	known := s.server.Bodies.Known
	held := func() int {
		n, _ := known.Taken()
		return n
	}
	entry := `{"body":"` + strings.Repeat("x", 31<<10) + `"}`
	head := func(role liveblog.Role) string {
		return s.head(role, "POST /api/v1/blogs/summit/entries", fmt.Sprintf("Content-Length: %d", len(entry)))
	}
	for range 20 {
		dialWire(t, address).send(t, head(liveblog.Admin)).send(t, "{")
	}
	eventually(t, "the token's bodies hold its whole share", func() bool { return held() == 48<<10 })
	full := dialWire(t, address).send(t, head(liveblog.Admin)).send(t, entry).answer(t, "POST")
	full.header(t, "Retry-After", "2").problem(t, 503, liveblog.Unavailable, "")
	if n := held(); n > 48<<10 {
		t.Errorf("the bodies of one token hold %d bytes", n)
	}
	s.do(t, "POST", "/login", "email=a&password=b", "Content-Type", "application/x-www-form-urlencoded").want(t, 401)
	small := `{"body":"Nobody waits for that."}`
	dialWire(t, address).send(t,
		s.head(liveblog.Editor, "POST /api/v1/blogs/summit/entries", fmt.Sprintf("Content-Length: %d", len(small)))).
		send(t, small).answer(t, "POST").want(t, 201)
}

// The test fails without [web.ExpectContinue]: the server would send "100 Continue" to every client.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.serve(t)
	const entries = "POST /api/v1/blogs/summit/entries"
	entry := `{"body":"After you."}`
	length := fmt.Sprintf("Content-Length: %d", len(entry))
	for name, tc := range map[string]struct {
		head   string
		status int
	}{
		"no token":     {s.head("", entries, length, "Expect: 100-continue"), 401},
		"a large body": {s.head(liveblog.Editor, entries, "Content-Length: 2000000", "Expect: 100-continue"), 413},
		"a body over a limit": {s.head(liveblog.Editor, "POST /api/v1/blogs", "Content-Length: 20000",
			"Expect: 100-continue"), 413},
		"an unknown path": {s.head(liveblog.Editor, "POST /nowhere", length, "Expect: 100-continue"), 404},
		"a page":          {s.head("", "GET /healthz", length, "Expect: 100-continue"), 200},
	} {
		t.Run(name, func(t *testing.T) {
			w := dialWire(t, address).send(t, tc.head)
			if a := w.answer(t, "POST").want(t, tc.status); !a.Close {
				t.Error("the connection stays open although the body may or may not follow")
			}
			w.closed(t)
		})
	}
	w := dialWire(t, address).
		send(t, s.head(liveblog.Editor, entries, length, "Expect: 100-continue", "Idempotency-Key: asked"))
	w.answer(t, "POST").want(t, 100)
	w.send(t, entry).answer(t, "POST").want(t, 201).header(t, "Idempotency-Replayed", "")
	w.send(t, s.head(liveblog.Editor, entries, "Transfer-Encoding: chunked", "Expect: 100-continue",
		"Idempotency-Key: asked"))
	w.answer(t, "POST").want(t, 100)
	w.send(t, fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(entry), entry)).answer(t, "POST").want(t, 201).
		header(t, "Idempotency-Replayed", "true")
}

// A body shorter than its announced length is an error, not a shorter entry.
func TestBodyThatEndsEarly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.serve(t)
	for name, rest := range map[string]string{
		"of known length": s.head(liveblog.Editor, "POST /api/v1/blogs/summit/entries", "Content-Length: 30") +
			`{"body":"Half."}`,
		"in chunks": s.head(liveblog.Editor, "POST /api/v1/blogs/summit/entries", "Transfer-Encoding: chunked") +
			"10\r\n{\"body\":\"Half.\"}\r\n",
	} {
		w := dialWire(t, address).send(t, rest)
		if err := w.Conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if a := w.answer(t, "POST"); a.StatusCode != 400 {
			t.Errorf("%s: the answer is %d: %s", name, a.StatusCode, a.body)
		}
	}
}

// A form from our own pages whose session has ended is read, to give back what was typed, out of a budget of its own.
func TestLapsedFormsHaveTheirOwnBudget(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.server.Bodies.Lapsed, s.server.Bodies.Wait = web.NewBudget(0, 0), time.Millisecond
	stranger := &browser{site: s}
	typed := map[string][]string{"headline": {"What was typed"}}
	stranger.post(t, "/desk/summit", typed).want(t, 503).header(t, "Retry-After", "2")
	s.browser(t, liveblog.Editor).post(t, "/desk/summit/preview", typed).want(t, 403) // read, but has no CSRF token
}
