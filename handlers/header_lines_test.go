package handlers

import (
	"slices"
	"strings"
	"testing"

	"readout/handlers/web"
	"readout/liveblog"
)

// A header that holds a list means the same in one line and in several. Each row fails if its header is taken out of
// the list of those that JoinLists joins.
func TestHeadersInSeveralLines(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.TrustedProxies = []string{"0.0.0.0"} })
	s.post(t, `{"body":"They met."}`)
	page := s.do(t, "GET", "/live/summit", "").want(t, 200).Header.Get("ETag")
	poll := s.do(t, "GET", "/live/summit/changes", "").want(t, 200).Header.Get("ETag")
	for name, tc := range map[string]struct {
		method, path, header string
		lines                []string
		body                 string
		status               int
		other                string // a header of the answer, and its value
		value                string
	}{
		"Accept": {"GET", "/nowhere", "Accept", []string{"text/html;q=0.1", "application/json"}, "", 404,
			"Content-Type", "application/problem+json"},
		"Accept-Encoding": {"GET", "/live/summit", "Accept-Encoding", []string{"identity;q=0.1", "br"}, "", 200,
			"Content-Encoding", "br"},
		"If-None-Match": {"GET", "/live/summit", "If-None-Match", []string{`"a, b"`, `W/"c"`, page}, "", 304,
			"ETag", page},
		"If-None-Match on the poll": {"GET", "/live/summit/changes", "If-None-Match", []string{`"a"`, poll}, "", 304,
			"ETag", poll},
		"If-Match": {"PATCH", "/api/v1/blogs/summit/entries/1", "If-Match", []string{`"1"`, `"2"`},
			`{"body":"They met again."}`, 400, "Content-Type", "application/problem+json"},
		"Content-Encoding": {"PATCH", "/api/v1/blogs/summit/entries/1", "Content-Encoding",
			[]string{"identity", "gzip"}, `{"body":"They met again."}`, 415, "Accept-Encoding", "identity"},
		"Access-Control-Request-Headers": {"OPTIONS", "/live/summit/events", "Access-Control-Request-Headers",
			[]string{"x-other", "last-event-id"}, "", 204, "Access-Control-Allow-Origin", "*"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, lines := range [][]string{{strings.Join(tc.lines, ", ")}, tc.lines} {
				headers := []string{"Content-Type", "application/json", "Authorization",
					"Bearer " + s.tokens[liveblog.Editor], "Origin", "https://app.example"}
				for _, line := range lines {
					headers = append(headers, tc.header, line)
				}
				s.do(t, tc.method, tc.path, tc.body, headers...).want(t, tc.status).header(t, tc.other, tc.value)
			}
		})
	}
}

// A proxy may add a line of its own to X-Forwarded-For: the client is the last address that no trusted proxy has. The
// test fails if only the first line is read, which the client may have made up.
func TestForwardedForInSeveralLines(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.TrustedProxies = []string{"0.0.0.0", "10.0.0.0/8"} })
	s.stopRates()
	for range web.CostlyByAddress().Burst {
		s.server.Rates.Costly.Use("203.0.113.7")
	}
	const path, name = "/live/summit?author=x", "X-Forwarded-For"
	s.do(t, "GET", path, "", name, "198.51.100.1", name, "203.0.113.7", name, "10.0.0.1").want(t, 429)
	s.do(t, "GET", path, "", name, "203.0.113.7", name, "198.51.100.1, 10.0.0.1").want(t, 200)
}

// Pages of other origins may send the headers that following a blog takes, and read what they need. Other paths give no
// origin anything. The test fails without Preflight, or if an error lacks the headers of AllowAnyOrigin.
func TestCrossOriginPrograms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	paths := []string{"/live/summit/events", "/live/summit/changes", "/live/summit/feed.atom", "/live/summit/feed.rss",
		"/live/summit/feed.json", "/live/summit/agenda.ics", "/embed.js"}
	for _, path := range paths {
		a := s.do(t, "OPTIONS", path, "", "Origin", "https://app.example", "Access-Control-Request-Method", "GET",
			"Access-Control-Request-Headers", "if-none-match,last-event-id").want(t, 204).
			header(t, "Access-Control-Allow-Origin", "*").header(t, "Access-Control-Allow-Methods", "GET, HEAD").
			header(t, "Access-Control-Allow-Credentials", "")
		allowed := strings.Split(strings.ToLower(a.Header.Get("Access-Control-Allow-Headers")), ", ")
		for _, name := range []string{"if-none-match", "last-event-id", "if-modified-since", "cache-control"} {
			if !slices.Contains(allowed, name) {
				t.Errorf("%s: the preflight allows %q, not %s", path, allowed, name)
			}
		}
		s.do(t, "HEAD", path, "", "Origin", "https://app.example").want(t, 200).
			header(t, "Access-Control-Allow-Origin", "*").
			header(t, "Access-Control-Expose-Headers", "ETag, Retry-After")
		s.do(t, "POST", path, "", "Origin", "https://app.example").want(t, 405).
			header(t, "Access-Control-Allow-Origin", "")
	}
	s.do(t, "GET", "/live/nowhere/changes", "", "Origin", "https://app.example").want(t, 404).
		header(t, "Access-Control-Allow-Origin", "*").header(t, "Access-Control-Expose-Headers", "ETag, Retry-After")
	for _, path := range []string{"/", "/live/summit", "/embed/summit", "/desk", "/login", "/api/v1/blogs", "/readyz"} {
		for _, method := range []string{"GET", "OPTIONS"} {
			a := s.do(t, method, path, "", "Origin", "https://app.example", "Access-Control-Request-Method", "GET")
			for name := range a.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s %s answers with %s", method, path, name)
				}
			}
		}
	}
}
