package handlers

import (
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/handlers/desk"
	"readout/liveblog"
)

func TestLoginSetsTheCookieAndRedirectsToTheDesk(t *testing.T) {
	t.Parallel()
	for base, cookie := range map[string]string{
		testBase:                "__Host-readout=",
		"http://127.0.0.1:8080": "readout_session=",
	} {
		s := newDeskSite(t, func(o *Options) { o.Site.BaseURL = base })
		b := &browser{site: s}
		a := b.postFrom(t, "/login",
			url.Values{"email": {"EDITOR@paper.example"}, "password": {"editor@paper.example"}}, "Origin", base)
		a.want(t, 303).location(t, "/desk")
		set := strings.ToLower(a.Header.Get("Set-Cookie"))
		for _, attribute := range []string{strings.ToLower(cookie), "; path=/", "; httponly",
			"; samesite=lax", "; max-age=43200"} {
			if !strings.Contains(set, attribute) {
				t.Errorf("%s: the cookie %q lacks %q", base, set, attribute)
			}
		}
		if strings.Contains(set, "; secure") != strings.HasPrefix(base, "https") || strings.Contains(set, "domain") {
			t.Errorf("%s: the cookie is %q", base, set)
		}
		if got := b.get(t, "/desk").want(t, 200).text(t, ".user"); !strings.Contains(got, "The editor") {
			t.Errorf("the desk shows the user %q", got)
		}
	}
}

func TestEachLoginIsANewSession(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	first := b.cookie
	b.post(t, "/login", url.Values{"email": {"editor@paper.example"}, "password": {"editor@paper.example"}}).
		want(t, 303)
	if b.cookie == first {
		t.Error("the second login reuses the session of the first")
	}
	(&browser{site: s, cookie: first}).get(t, "/desk").want(t, 303).location(t, "/login?next=%2Fdesk")
	b.get(t, "/desk").want(t, 200)
	b.get(t, "/login?next=/desk/summit").want(t, 303).location(t, "/desk/summit")
}

func TestLoginRefused(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := &browser{site: s}
	for name, typed := range map[string]url.Values{
		"wrong password": {"email": {"editor@paper.example"}, "password": {"a guess"}, "next": {"/desk/summit"}},
		"unknown e-mail": {"email": {"nobody@paper.example"}, "password": {"a guess"}, "next": {"/desk/summit"}},
		"nothing":        {"email": {""}, "password": {""}},
		"not text":       {"email": {"a\x00\xffb"}, "password": {"\xff"}},
	} {
		a := b.post(t, "/login", typed).want(t, 401)
		if b.cookie != "" {
			t.Fatalf("%s: the answer sets a cookie", name)
		}
		if got := a.text(t, ".problem-message"); got != "The e-mail address or the password is not right." {
			t.Errorf("%s: the message is %q", name, got)
		}
		if name != "not text" {
			typed.Del("password")
			a.holds(t, "form", typed)
		}
		if got := a.form(t, "form", nil).Get("password"); got != "" {
			t.Errorf("%s: the page repeats the password %q", name, got)
		}
	}
}

func TestLoginWhileTheStoreIsUnavailableTakesNoTry(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.sessions.Store(true)
	b := &browser{site: s}
	typed := url.Values{"email": {"editor@paper.example"}, "password": {"editor@paper.example"}}
	for range 30 { // more than there are tries
		b.post(t, "/login", typed).want(t, 503).header(t, "Retry-After", "5")
	}
	s.sessions.Store(false)
	b.post(t, "/login", typed).want(t, 303)
}

// It fails if the limit is only that of the store, or only that of the node: the node counts by itself while the store
// does not.
func TestLoginThrottled(t *testing.T) {
	t.Parallel()
	for _, away := range []bool{false, true} {
		s := newDeskSite(t)
		s.tries.Store(away)
		checkLoginThrottled(t, s)
	}
}

func checkLoginThrottled(t *testing.T, s *deskSite) {
	t.Helper()
	b := &browser{site: s}
	typed := url.Values{"email": {"editor@paper.example"}, "password": {"a guess"}}
	for range liveblog.TriesByEmail().Burst {
		b.post(t, "/login", typed).want(t, 401)
	}
	typed.Set("password", "editor@paper.example") // correct, but throttled
	a := b.post(t, "/login", typed).want(t, 429)
	a.holds(t, "form", url.Values{"email": {"editor@paper.example"}})
	if n := atoi(t, a.Header.Get("Retry-After")); n < 1 || n > 15 {
		t.Errorf("Retry-After is %d", n)
	}
	b.post(t, "/login", url.Values{"email": {"admin@paper.example"}, "password": {"admin@paper.example"}}).want(t, 303)
}

func TestPasswordsAreHashedTwoAtATime(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	var now, most atomic.Int64
	s.hashing = func() {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		for range 1000 { // let other goroutines run meanwhile
			runtime.Gosched()
		}
		now.Add(-1)
	}
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			typed := url.Values{"email": {"editor@paper.example"}, "password": {"editor@paper.example"}}
			(&browser{site: s}).post(t, "/login", typed)
		})
	}
	all.Wait()
	if most.Load() == 0 || most.Load() > desk.MaxHashing {
		t.Errorf("%d passwords were hashed at the same time", most.Load())
	}
}

func TestLogoutEndsTheSession(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	cookie := b.cookie
	b.post(t, "/logout", url.Values{"csrf": {"not the token"}}).want(t, 403)
	b.get(t, "/desk").want(t, 200)
	b.post(t, "/logout", b.fill(t, "/desk", ".logout", nil)).want(t, 303).location(t, "/login")
	if b.cookie != "" {
		t.Error("the browser still has a cookie")
	}
	b.cookie = cookie // as if somebody had copied it
	b.get(t, "/desk").want(t, 303)
	b.post(t, "/logout", nil).want(t, 303).location(t, "/login")
}

func TestSessionExpires(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	start := *s.now.Load()
	for at := time.Duration(0); at < liveblog.SessionLifetime; at += liveblog.SessionIdle - time.Second {
		s.setNow(start.Add(at))
		b.get(t, "/desk/summit?before=4").want(t, 200)
	}
	s.setNow(start.Add(liveblog.SessionLifetime))
	b.get(t, "/desk/summit?before=4").want(t, 303).location(t, "/login?next=%2Fdesk%2Fsummit%3Fbefore%3D4")
}

func TestLoginPageKeepsNext(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := &browser{site: s}
	typed := url.Values{"email": {"editor@paper.example"}, "password": {"editor@paper.example"}}
	b.post(t, "/login", b.fill(t, "/login?next=%2Fdesk%2Fsummit%3Fbefore%3D4", "form", typed)).want(t, 303).
		location(t, "/desk/summit?before=4")
}

func TestLoginRedirectsOnlyToOwnPaths(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	for next, want := range map[string]string{
		"/desk":                              "/desk",
		"/desk/summit?before=4":              "/desk/summit?before=4",
		"/desk/summit/":                      "/desk/summit/",
		"/":                                  "/",
		"":                                   "/desk",
		"//evil.example":                     "/desk",
		"///evil.example":                    "/desk",
		"/\\evil.example":                    "/desk",
		"\\\\evil.example":                   "/desk",
		"/\t/evil.example":                   "/desk",
		"/\n/evil.example":                   "/desk",
		"/ /evil.example":                    "/desk",
		" //evil.example":                    "/desk",
		"/.//evil.example":                   "/desk",
		"/x/..//evil.example":                "/desk",
		"/%2e%2e//evil.example":              "/desk",
		"https://evil.example/":              "/desk",
		"https:/evil.example":                "/desk",
		"https:evil.example":                 "/desk",
		"javascript:alert(1)":                "/desk",
		"data:text/html,x":                   "/desk",
		"evil.example":                       "/desk",
		"@evil.example":                      "/desk",
		"?next=/desk":                        "/desk",
		"#/desk":                             "/desk",
		"/desk\r\nSet-Cookie: a=b":           "/desk",
		"/" + strings.Repeat("a", 512):       "/desk",
		"/%zz":                               "/desk",
		"/\u2028/evil.example":               "/\u2028/evil.example",
		"/desk?x=https://good.example/#frag": "/desk?x=https://good.example/#frag",
	} {
		b := &browser{site: s}
		typed := url.Values{"email": {"editor@paper.example"}, "password": {"editor@paper.example"}, "next": {next}}
		got := b.post(t, "/login", typed).want(t, 303).Header.Get("Location")
		if got != want {
			t.Errorf("after a login with next=%q the redirect is to %q, want %q", next, got, want)
		}
	}
}
