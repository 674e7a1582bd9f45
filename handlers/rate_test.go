package handlers

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
)

// stopRates stops the clock of the rate limits, so that nothing comes back while a test runs slowly.
func (s *site) stopRates() {
	r := s.server.Rates
	at := time.Now()
	for _, limit := range []*web.RateLimit{r.Writes, r.Reads, r.Posts, r.Copies, r.Costly, r.CostlyFromPrivateAddr} {
		limit.Now = func() time.Time { return at }
	}
}

// The test fails if tokens are not limited, if one token uses up another's quota or reads use up writes, and if the
// headers are missing.
func TestTokensAreRateLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.Writes = 3 })
	s.stopRates()
	write := func(role liveblog.Role) answer {
		return s.call(t, role, "PATCH", "/blogs/summit", `{"title":"The summit"}`)
	}
	for left := range 3 {
		a := write(liveblog.Editor).want(t, 200).header(t, "RateLimit-Limit", "3").
			header(t, "RateLimit-Remaining", strconv.Itoa(2-left)).
			header(t, "RateLimit-Policy", `"writes";q=3;w=60`).header(t, "Retry-After", "")
		reset := a.Header.Get("RateLimit-Reset")
		a.header(t, "RateLimit", fmt.Sprintf(`"writes";r=%d;t=%s`, 2-left, reset))
		if n, err := strconv.Atoi(reset); err != nil || n < 1 || n > 60 {
			t.Errorf("RateLimit-Reset is %q", reset)
		}
	}
	a := write(liveblog.Editor).header(t, "RateLimit-Remaining", "0")
	a.problem(t, 429, liveblog.TooMany, "")
	if n, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || n < 1 || n > 20 {
		t.Errorf("Retry-After is %q", a.Header.Get("Retry-After"))
	}
	write(liveblog.Admin).want(t, 200)
	s.call(t, liveblog.Editor, "GET", "/blogs", "").want(t, 200).header(t, "RateLimit-Policy", `"reads";q=15;w=60`)
	for i := range 100 {
		s.do(t, "GET", "/api/v1/blogs", "", "Authorization", fmt.Sprintf("Bearer guess-%d", i)).want(t, 401).
			header(t, "RateLimit-Limit", "")
	}
	if n := s.server.Rates.Reads.Known() + s.server.Rates.Writes.Known(); n != 3 {
		t.Errorf("%d quotas are tracked, want those of the two tokens that wrote and the one that read", n)
	}
}

// Users of the desk who post too fast get their form back.
func TestDeskUsersAreRateLimited(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, func(o *Options) { o.Writes = 2 })
	s.stopRates()
	b := s.browser(t, liveblog.Editor)
	token := b.get(t, "/desk/summit").want(t, 200).doc(t).Find("input[name=csrf]").First().AttrOr("value", "")
	typed := url.Values{"csrf": {token}, "body": {"What was typed."}, "action": {"draft"}}
	for range 2 {
		b.post(t, "/desk/summit", typed).want(t, 303)
	}
	a := b.post(t, "/desk/summit", typed).want(t, 429)
	if a.Header.Get("Retry-After") == "" || !strings.Contains(a.text(t, "textarea[name=body]"), "What was typed.") {
		t.Errorf("the answer has Retry-After %q and the form the text %q", a.Header.Get("Retry-After"),
			a.text(t, "textarea[name=body]"))
	}
	if n := s.count(t); n != 2 {
		t.Errorf("%d entries are saved, want 2", n)
	}
}

// The test fails without LimitCostly on the readers' paths, if it counts pages that are cached, if private addresses
// have the quota of a single reader, and if the error page is not in the reader's language.
func TestCostlyPagesAreRateLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.TrustedProxies = []string{"0.0.0.0"} }) // the address of the tests' client
	s.stopRates()
	if _, err := s.desk.CreateBlog(t.Context(), liveblog.Actor{ID: "u_0", Role: liveblog.Admin},
		liveblog.NewBlog{Slug: "apec", Title: "峰会", Language: "zh"}); err != nil {
		t.Fatal(err)
	}
	at := "at=" + url.QueryEscape("2026-10-30T09:00:00Z")
	for i, path := range []string{"/live/summit/board?" + at, "/live/summit/briefing?" + at, "/live/summit/search?q=x",
		"/live/summit?author=x", "/live/summit?from=2026-10-30"} {
		reader := fmt.Sprintf("203.0.113.%d", i)
		s.server.Rates.Costly.Use(reader)
		for range web.CostlyByAddress().Burst - 2 {
			s.server.Rates.Costly.Use(reader)
		}
		if a := s.do(t, "GET", path, "", "X-Forwarded-For", reader); a.StatusCode >= 400 {
			t.Errorf("%s answers %d within the quota", path, a.StatusCode)
		}
		a := s.do(t, "GET", path, "", "X-Forwarded-For", reader).want(t, 429).header(t, "Cache-Control", "no-store")
		if a.Header.Get("Retry-After") == "" {
			t.Errorf("%s lacks Retry-After", path)
		}
		s.do(t, "GET", "/live/summit", "", "X-Forwarded-For", reader).want(t, 200)
		s.do(t, "GET", "/live/summit/board", "", "X-Forwarded-For", reader).want(t, 200).
			header(t, "RateLimit-Limit", "")
	}
	doc := s.do(t, "GET", "/live/apec/board?"+at, "", "X-Forwarded-For", "203.0.113.0").want(t, 429).html(t)
	if lang := doc.Find("html").AttrOr("lang", ""); !strings.HasPrefix(lang, "zh") {
		t.Errorf("the language of the error page is %q", lang)
	}
	s.do(t, "GET", "/live/summit/board?"+at, "", "X-Forwarded-For", "203.0.113.0", "Accept", "application/json").
		problem(t, 429, liveblog.TooMany, "")

	for range 60 { // 60 addresses in the /64 of one household
		s.server.Rates.Costly.Use("2001:db8:1:2::/64")
	}
	s.do(t, "GET", "/live/summit/board?"+at, "", "X-Forwarded-For", "2001:db8:1:2:ffff::7").want(t, 429)
	s.do(t, "GET", "/live/summit/board?"+at, "", "X-Forwarded-For", "2001:db8:1:3::7").want(t, 200)
	for _, many := range []string{"127.0.0.1", "10.1.2.3", "192.168.7.7", "fd00::1", "::1", "169.254.1.1"} {
		s.do(t, "GET", "/live/summit/board?"+at, "", "X-Forwarded-For", many).want(t, 200).
			header(t, "RateLimit-Limit", strconv.Itoa(web.CostlyByPrivateAddress().Burst))
	}
}
