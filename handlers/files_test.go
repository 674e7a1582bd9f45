package handlers

import (
	"strings"
	"testing"

	"readout/assets"
)

func TestAssetsAreImmutable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := assets.URL("reader.js")
	a := s.do(t, "GET", path, "").want(t, 200).header(t, "Cache-Control", "public, max-age=31536000, immutable").
		header(t, "Vary", "Accept-Encoding")
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("the script is %s", a.Header.Get("Content-Type"))
	}
	s.do(t, "GET", path, "", "If-None-Match", a.Header.Get("ETag")).want(t, 304)
	for _, coding := range []string{"br", "gzip"} {
		s.do(t, "GET", path, "", "Accept-Encoding", coding).want(t, 200).header(t, "Content-Encoding", coding)
	}
	for _, path := range []string{"/assets/", "/assets/reader.js", "/assets/..%2fassets.go", "/assets/../assets.go"} {
		s.do(t, "GET", path, "").want(t, 404)
	}
}

func TestEmbedScriptIsForEveryOrigin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.do(t, "GET", "/embed.js", "", "Origin", "https://news.example").want(t, 200).
		header(t, "Access-Control-Allow-Origin", "*").header(t, "Cross-Origin-Resource-Policy", "cross-origin").
		header(t, "Cache-Control", "public, max-age=300").header(t, "Set-Cookie", "")
	s.do(t, "GET", "/embed.js", "", "If-None-Match", a.Header.Get("ETag")).want(t, 304).
		header(t, "Access-Control-Allow-Origin", "*").header(t, "Cache-Control", "public, max-age=300")
}

func TestCrawlersStayOutOfTheDesk(t *testing.T) {
	t.Parallel()
	a := newSite(t).do(t, "GET", "/robots.txt", "").want(t, 200)
	for _, line := range []string{"User-agent: *\n", "Disallow: /desk\n", "Disallow: /login\n",
		"Disallow: /account\n", "Disallow: /setup/\n"} {
		if !strings.Contains(string(a.body), line) {
			t.Errorf("robots.txt lacks %q", line)
		}
	}
}
