package handlers

import (
	"strings"
	"testing"

	"readout/views"
)

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/", "/live/summit", "/nowhere", "/robots.txt", "/api/v1/blogs", "/healthz",
		"/live/summit/changes", "/embed.js"} {
		a := s.do(t, "GET", path, "")
		a.header(t, "X-Content-Type-Options", "nosniff").header(t, "X-Frame-Options", "DENY").
			header(t, "Referrer-Policy", "strict-origin-when-cross-origin").
			header(t, "Cross-Origin-Opener-Policy", "same-origin").
			header(t, "Strict-Transport-Security", "max-age=31536000").
			header(t, "Set-Cookie", "").header(t, "Server", "")
		csp := directives(a)
		if csp["frame-ancestors"] != "'none'" || csp["default-src"] != "'none'" || csp["script-src"] != "'self'" {
			t.Errorf("the policy of %s is %v", path, csp)
		}
		if a.Header.Get("Permissions-Policy") == "" {
			t.Errorf("%s has no Permissions-Policy", path)
		}
	}
}

func TestOnlyPartnersMayFrameTheEmbed(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.EmbedOrigins = []string{"https://news.example", "https://*.paper.example"} })
	for _, path := range []string{"/embed/summit", "/embed/nowhere"} {
		a := s.do(t, "GET", path, "").header(t, "X-Frame-Options", "").header(t, "Cross-Origin-Opener-Policy", "").
			header(t, "X-Content-Type-Options", "nosniff").header(t, "Set-Cookie", "")
		if got := directives(a)["frame-ancestors"]; got != "https://news.example https://*.paper.example" {
			t.Errorf("%s may be framed by %s", path, got)
		}
	}
	s = newSite(t, func(o *Options) { o.EmbedOrigins, o.Site.BaseURL = nil, "http://127.0.0.1:8080" })
	a := s.do(t, "GET", "/embed/summit", "").header(t, "Strict-Transport-Security", "")
	if got := directives(a)["frame-ancestors"]; got != "'none'" {
		t.Errorf("without partners the embed may be framed by %s", got)
	}
}

// directives returns the Content-Security-Policy of an answer by directive, and checks that it allows no inline code
// and no eval.
func directives(a answer) map[string]string {
	policy := a.Header.Get("Content-Security-Policy")
	m := map[string]string{}
	for d := range strings.SplitSeq(policy, ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(d), " ")
		m[name] = sources
	}
	if strings.Contains(policy, "unsafe") {
		m["default-src"] = "unsafe"
	}
	return m
}

func TestValidate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	good := Options{Store: s.store, Desk: s.desk, Hub: s.hub, Site: views.Site{BaseURL: testBase}}
	newSite(t, func(o *Options) { good.Accounts, good.Log = o.Accounts, o.Log })
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(New(good).GetRoutes()) == 0 {
		t.Error("the application has no routes")
	}
	defer func() {
		if recover() == nil {
			t.Error("New accepts what Validate refuses")
		}
	}()
	defer New(Options{})
	for name, set := range map[string]func(*Options){
		"no store":                   func(o *Options) { o.Store = nil },
		"no hub":                     func(o *Options) { o.Hub = nil },
		"no base URL":                func(o *Options) { o.Site.BaseURL = "" },
		"base URL with a slash":      func(o *Options) { o.Site.BaseURL = "https://live.example/" },
		"base URL with a path":       func(o *Options) { o.Site.BaseURL = "https://live.example/blog" },
		"base URL of another scheme": func(o *Options) { o.Site.BaseURL = "ftp://live.example" },
		"base URL without a host":    func(o *Options) { o.Site.BaseURL = "https://" },
		"an origin with a path":      func(o *Options) { o.EmbedOrigins = []string{"https://news.example/live"} },
		"an origin without scheme":   func(o *Options) { o.EmbedOrigins = []string{"news.example"} },
		"every origin":               func(o *Options) { o.EmbedOrigins = []string{"*"} },
		"a second directive":         func(o *Options) { o.EmbedOrigins = []string{"https://news.example;script-src"} },
		"two origins in one": func(
			o *Options) {
			o.EmbedOrigins = []string{"https://a.example https://b.example"}
		},
		"a proxy by name": func(o *Options) { o.TrustedProxies = []string{"proxy.example"} },
	} {
		opt := good
		set(&opt)
		if err := opt.Validate(); err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has more than one line: %v", name, err)
		}
	}
}
