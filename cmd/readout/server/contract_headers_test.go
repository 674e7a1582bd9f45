package server_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// directive returns the sources of one directive of a Content-Security-Policy.
func directive(policy, name string) (sources []string, found bool) {
	for part := range strings.SplitSeq(policy, ";") {
		if fields := strings.Fields(part); len(fields) > 0 && fields[0] == name {
			return fields[1:], true
		}
	}
	return nil, false
}

// sources checks the sources of one directive of the answer's only Content-Security-Policy.
func (a contractAnswer) sources(t *testing.T, name string, want ...string) {
	t.Helper()
	lines := a.Header.Values("Content-Security-Policy")
	if len(lines) != 1 {
		t.Fatalf("%s: there are %d policies", a.Request.URL, len(lines))
	}
	if got, found := directive(lines[0], name); !found || !slices.Equal(got, want) {
		t.Errorf("%s: %s is %q, want %q", a.Request.URL, name, got, want)
	}
}

func TestContractOfSecurityHeaders(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	c.post(t, `{"body":"One."}`)
	for _, tc := range []struct {
		path   string
		status int
	}{
		{"/", 200}, {"/live/summit", 200}, {"/live/summit/1", 200}, {"/live/summit/changes", 200}, {"/embed.js", 200},
		{"/robots.txt", 200}, {"/healthz", 200}, {"/readyz", 200},
		{"/live/nowhere", 404}, {"/live/summit?before=x", 400}, {"/api/v1/blogs", 401}, {"/live/summit/ws", 426},
	} {
		t.Run(tc.path, func(t *testing.T) {
			a := c.do(t, "GET", tc.path, "").want(t, tc.status).
				header(t, "X-Content-Type-Options", "nosniff").
				header(t, "X-Frame-Options", "DENY").
				header(t, "Referrer-Policy", "strict-origin-when-cross-origin").
				header(t, "Set-Cookie", "").
				header(t, "Server", "")
			a.sources(t, "frame-ancestors", "'none'")
			a.sources(t, "default-src", "'none'")
			a.sources(t, "script-src", "'self'")
			a.sources(t, "base-uri", "'none'")
		})
	}
}

func TestContractOfTheEmbed(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	a := c.do(t, "GET", "/embed/summit", "", "Referer", "https://other.example/").want(t, 200).
		header(t, "X-Frame-Options", "").
		header(t, "X-Content-Type-Options", "nosniff").
		header(t, "Set-Cookie", "")
	a.sources(t, "frame-ancestors", partnerOrigin, "https://*.paper.example")
	a.sources(t, "script-src", "'self'")

	script := c.do(t, "GET", "/embed.js", "").want(t, 200).
		header(t, "Content-Type", "text/javascript; charset=utf-8").
		header(t, "Access-Control-Allow-Origin", "*").
		header(t, "Cross-Origin-Resource-Policy", "cross-origin")
	if cache := script.Header.Get("Cache-Control"); strings.Contains(cache, "immutable") || len(script.body) == 0 {
		t.Errorf("embed.js has %d bytes and the Cache-Control %q; it must have content and not be immutable, "+
			"since its address stays the same when its content changes", len(script.body), cache)
	}
}

func TestContractOfAssets(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	page := c.do(t, "GET", "/live/summit", "").want(t, 200)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(page.body))
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	doc.Find("link[rel=stylesheet], link[rel=icon], script[src]").Each(func(_ int, s *goquery.Selection) {
		paths = append(paths, s.AttrOr("href", s.AttrOr("src", "")))
	})
	if len(paths) < 3 {
		t.Fatalf("the page refers to %q, want a style sheet, a script and an icon", paths)
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			if !strings.HasPrefix(path, "/assets/") {
				t.Fatalf("%s is not an asset", path)
			}
			a := c.do(t, "GET", path, "", "Accept-Encoding", "identity").want(t, 200).
				header(t, "Cache-Control", "public, max-age=31536000, immutable").
				header(t, "X-Content-Type-Options", "nosniff").
				header(t, "Content-Encoding", "")
			tag := a.Header.Get("ETag")
			if tag == "" || len(a.body) == 0 || a.Header.Get("Content-Type") == "" {
				t.Errorf("the asset has %d bytes, the ETag %q and the type %q",
					len(a.body), tag, a.Header.Get("Content-Type"))
			}
			c.do(t, "GET", path, "", "Accept-Encoding", "identity", "If-None-Match", tag).want(t, 304)
			head := c.do(t, "HEAD", path, "", "Accept-Encoding", "identity").want(t, 200).header(t, "ETag", tag)
			if len(head.body) > 0 {
				t.Error("the answer to HEAD has a body")
			}
			if strings.HasSuffix(path, ".svg") {
				return // too small to be worth compressing
			}
			packed := c.do(t, "GET", path, "", "Accept-Encoding", "br, gzip").want(t, 200).
				header(t, "Content-Encoding", "br").
				header(t, "Vary", "Accept-Encoding")
			if len(packed.body) >= len(a.body) || packed.Header.Get("ETag") == tag {
				t.Errorf("the asset has %d bytes and the ETag %s; compressed it has %d bytes and the ETag %s",
					len(a.body), tag, len(packed.body), packed.Header.Get("ETag"))
			}
		})
	}
	c.do(t, "GET", "/assets/reader.0000000000.js", "").want(t, 404).header(t, "Cache-Control", "no-store")
}
