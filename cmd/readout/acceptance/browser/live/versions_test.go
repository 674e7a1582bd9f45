package live_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
)

// A page of another version of the program, whose assets have other names, asks a node for them. It fails if the page
// is dead or without its style.
func TestPagesOfOtherVersionsAreLive(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 2)
	target, err := url.Parse(n.BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(/assets/[a-z]+\.)[0-9a-f]{10}(\.[a-z]+)`)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Set("Accept-Encoding", "identity")
		},
		ModifyResponse: func(r *http.Response) error {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			if r.Header.Get("Content-Type") == "text/html; charset=utf-8" {
				body = names.ReplaceAll(body, []byte("${1}0123456789${2}"))
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			r.Header.Set("Content-Length", strconv.Itoa(len(body)))
			return nil
		},
	}
	mux := http.NewServeMux()
	mux.Handle("/", proxy)
	mux.Handle("/live/summit/ws", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	site := httptest.NewServer(mux)
	defer site.Close()
	p := browser.Open(t, site.URL+"/live/summit")
	p.Live()
	if !browser.Get[bool](p, `[...document.styleSheets].length > 0 &&
		getComputedStyle(document.querySelector('.visually-hidden')).position === 'absolute' &&
		[...document.scripts].some((s) => s.src.includes('.0123456789.js'))`) {
		t.Error("the page has no style, or not the names of another version")
	}
	n.Fill("summit", 1)
	p.Until(`document.querySelectorAll('[data-stream] > article').length === 3`)
}
