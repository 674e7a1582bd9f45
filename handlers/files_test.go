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

// During an upgrade a page of one version asks a node of another. It fails if the page gets no script, or one that a
// cache keeps under the name of the other version.
func TestAssetsOfOtherVersions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, name := range []string{"reader.js", "reader.css", "talks.css", "desk.js", "desk.css", "icon.svg",
		"card.png"} {
		want := s.do(t, "GET", assets.URL(name), "").want(t, 200)
		kind, ext, _ := strings.Cut(name, ".")
		path := "/assets/" + kind + ".0123456789." + ext
		for _, coding := range []string{"identity", "br", "gzip"} {
			a := s.do(t, "GET", path, "", "Accept-Encoding", coding).want(t, 200).
				header(t, "Cache-Control", "no-store").header(t, "Content-Type", want.Header.Get("Content-Type"))
			if coding == "identity" && string(a.body) != string(want.body) {
				t.Errorf("%s is another file than %s", path, assets.URL(name))
			}
		}
	}
	for _, path := range []string{"/assets/none.0123456789.js", "/assets/reader.0123456.js", "/assets/reader.0000000000.js",
		"/assets/reader.0123456789",
		"/assets/reader.01234567xy.js", "/assets/reader.0123456789.css.br", "/assets/reader.js.0123456789.js",
		"/assets/..%2fassets.0123456789.go"} {
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
		"Disallow: /account\n", "Disallow: /setup/\n", "Disallow: /admin\n", "Disallow: /invite/\n"} {
		if !strings.Contains(string(a.body), line) {
			t.Errorf("robots.txt lacks %q", line)
		}
	}
}
