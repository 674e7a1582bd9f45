package handlers

import (
	"strings"
	"testing"

	"readout/handlers/web"
	"readout/liveblog"
)

func TestPublicPagesCacheAndRevalidate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"`+strings.Repeat("Soybeans. ", 200)+`"}`)
	for _, path := range []string{"/", "/live/summit", "/live/summit?before=1", "/live/summit/1", "/embed/summit"} {
		first := s.do(t, "GET", path, "").want(t, 200).header(t, "Content-Type", "text/html; charset=utf-8").
			header(t, "Cache-Control", "public, max-age=0, s-maxage=1, stale-while-revalidate=10").
			header(t, "Vary", "Accept-Encoding").header(t, "Content-Encoding", "")
		tag := first.Header.Get("ETag")
		tags := map[string]bool{tag: true}
		for _, coding := range []string{"br", "gzip"} {
			a := s.do(t, "GET", path, "", "Accept-Encoding", coding).want(t, 200).header(t, "Content-Encoding", coding)
			if len(a.body) >= len(first.body) {
				t.Errorf("%s: %s has %d bytes, the plain form %d", path, coding, len(a.body), len(first.body))
			}
			tags[a.Header.Get("ETag")] = true
		}
		if len(tags) != 3 || !strings.HasPrefix(tag, `"`) {
			t.Errorf("%s: the forms have the ETags %v", path, tags)
		}
		for _, match := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			a := s.do(t, "GET", path, "", "If-None-Match", match).want(t, 304).header(t, "ETag", tag).
				header(t, "Vary", "Accept-Encoding").
				header(t, "Cache-Control", "public, max-age=0, s-maxage=1, stale-while-revalidate=10")
			if len(a.body) != 0 {
				t.Errorf("%s: a 304 has a body", path)
			}
		}
		s.do(t, "GET", path, "", "If-None-Match", tag, "Accept-Encoding", "br").want(t, 200)
		head := s.do(t, "HEAD", path, "").want(t, 200).header(t, "ETag", tag)
		if len(head.body) != 0 || head.ContentLength != int64(len(first.body)) {
			t.Errorf("%s: HEAD has a body of %d bytes and Content-Length %d, want %d", path, len(head.body),
				head.ContentLength, len(first.body))
		}
	}
}

func TestPageIsRenderedOncePerVersion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	before := s.store.pages.Load()
	tag := s.do(t, "GET", "/live/summit", "").want(t, 200).Header.Get("ETag")
	for range 5 {
		s.do(t, "GET", "/live/summit?utm_source=feed", "").header(t, "ETag", tag)
	}
	if n := s.store.pages.Load() - before; n != 1 {
		t.Errorf("one version was rendered %d times", n)
	}
	s.post(t, `{"body":"Two."}`)
	if s.do(t, "GET", "/live/summit", "").want(t, 200).Header.Get("ETag") == tag {
		t.Error("the page lacks the new entry")
	}
	tag = s.do(t, "GET", "/", "").Header.Get("ETag")
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit", `{"title":"The talks"}`).want(t, 200)
	if s.do(t, "GET", "/", "").Header.Get("ETag") == tag {
		t.Error("the front page lacks the new title")
	}
	if n := s.store.pages.Load() - before; n != 2 {
		t.Errorf("two versions were rendered %d times", n)
	}
}

func TestStatusOfPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	s.post(t, `{"body":"Two."}`)
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"Secret.","status":"draft"}`).want(t, 201)
	s.call(t, liveblog.Editor, "DELETE", "/blogs/summit/entries/2", "").want(t, 204)
	for path, want := range map[string]int{
		"/live/nowhere":               404,
		"/live/Summit":                404,
		"/live/%2e%2e":                404,
		"/live/sum%20mit":             404,
		"/live/summit%00":             404,
		"/live/summit'--":             404,
		"/embed/nowhere":              404,
		"/live/summit/2":              410,
		"/live/summit/3":              404, // a draft
		"/live/summit/9":              404,
		"/live/summit/0":              404,
		"/live/summit/01":             404,
		"/live/summit/-1":             404,
		"/live/summit/x":              404,
		"/live/summit/99999999999999": 404,
		"/live/summit?before=x":       400,
		"/live/summit?before=-1":      400,
		"/live/summit?before=99":      404,
		"/live/summit?before=2":       200, // removed, but public once
	} {
		a := s.do(t, "GET", path, "")
		if a.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, a.StatusCode, want)
		}
		if want >= 400 {
			a.header(t, "Cache-Control", "no-store").header(t, "Content-Type", "text/html; charset=utf-8")
		}
	}
	s.do(t, "GET", "/live/summit?before=x", "", "Accept", "application/json").
		problem(t, 400, liveblog.Malformed, "before")
}

func TestReadersGetCachedPagesWhileTheStoreIsUnavailable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	paths := []string{"/", "/live/summit", "/live/summit/1", "/embed/summit"}
	tags := map[string]string{}
	for _, path := range paths {
		tags[path] = s.do(t, "GET", path, "").want(t, 200).Header.Get("ETag")
	}
	s.store.down.Store(true)
	for _, path := range paths {
		s.do(t, "GET", path, "").want(t, 200).header(t, "ETag", tags[path]).header(t, "Cache-Control", "no-cache")
		s.do(t, "GET", path, "", "If-None-Match", tags[path]).want(t, 304)
	}
	s.do(t, "GET", "/live/summit?before=1", "").want(t, 503).header(t, "Retry-After", "5").
		header(t, "Content-Type", "text/html; charset=utf-8").header(t, "Cache-Control", "no-store")
	s.do(t, "GET", "/readyz", "").problem(t, 503, liveblog.Unavailable, "")
	s.do(t, "GET", "/healthz", "").want(t, 200)
	s.call(t, liveblog.Editor, "GET", "/blogs", "").header(t, "Retry-After", "5").
		problem(t, 503, liveblog.Unavailable, "")
	s.store.down.Store(false)
	s.do(t, "GET", "/live/summit", "").want(t, 200).header(t, "Cache-Control", web.CacheLive)
	s.do(t, "GET", "/readyz", "").want(t, 200)
}

// However many readers there are, the log has one line when an outage begins and one when it ends.
func TestOutageIsLoggedOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	paths := []string{"/", "/live/summit", "/embed/summit"}
	all := func() {
		for range 3 {
			for _, path := range paths {
				s.do(t, "GET", path, "").want(t, 200)
			}
		}
	}
	all()
	for outage := 1; outage <= 2; outage++ {
		s.store.down.Store(true)
		all()
		s.store.down.Store(false)
		all()
		log := s.log.String()
		if away, back := strings.Count(log, "sending cached pages"),
			strings.Count(log, "the store is available again"); away != outage || back != outage {
			t.Errorf("after outage %d the log has %d lines for the beginning and %d for the end: %s",
				outage, away, back, log)
		}
	}
}
